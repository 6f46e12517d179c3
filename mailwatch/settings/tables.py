"""The tables of mailwatch.toml, as frozen and checked values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from mailwatch.settings.doors import Google, MailboxTable, Microsoft, Submit, Table
from mailwatch.settings.kinds import (
    Clock,
    Domain,
    Duration,
    HoursSpan,
    Language,
    Leave,
    LedgerUrl,
    MailAddress,
    Mark,
    NotCoworker,
    OwnAddress,
    PerDay,
    Poll,
    Sender,
    Steps,
    Threads,
    UrgentWord,
    Weekday,
    Zone,
)

DateOrder = Literal["auto", "dmy", "mdy"]


class Program(Table):
    """[mailwatch]: what holds for the program as a whole."""

    zone: Zone | None = None
    language: Language = "en"
    date_order: DateOrder = "auto"
    ledger: LedgerUrl = "sqlite:///~/.local/state/mailwatch/ledger.db"
    look_back: Duration = timedelta(days=30)
    poll: Poll = timedelta(minutes=5)
    threads: Threads = 8
    evidence: bool = True
    retention: Duration = timedelta(days=400)
    templates: Path | None = None
    welcome: bool = True


class Hours(Table):
    """[calendar.hours]: spans of work by weekday; a day that is not named is free."""

    mon: tuple[HoursSpan, ...] = ()
    tue: tuple[HoursSpan, ...] = ()
    wed: tuple[HoursSpan, ...] = ()
    thu: tuple[HoursSpan, ...] = ()
    fri: tuple[HoursSpan, ...] = ()
    sat: tuple[HoursSpan, ...] = ()
    sun: tuple[HoursSpan, ...] = ()


class Calendar(Table):
    """[calendar] and [users.calendar]: working hours, holidays and leave."""

    hours: Hours | None = None
    holidays: tuple[str, ...] | None = None
    leave: tuple[Leave, ...] | None = None


class Coworkers(Table):
    """[coworkers]: who the internal customers are."""

    domains: tuple[Domain, ...] = ()
    addresses: tuple[MailAddress, ...] = ()
    except_: tuple[NotCoworker, ...] = Field(default=(), alias="except")
    file: Path | None = None
    groups: Mapping[MailAddress, tuple[MailAddress, ...]] = Field(default_factory=dict)


def _hours(time: timedelta) -> str:
    return f"{time / timedelta(hours=1):g}h"


class TargetTable(Table):
    """A target: working time until the acknowledgement and until the answer."""

    acknowledge: Duration | None = None
    answer: Duration | None = None

    @model_validator(mode="after")
    def _an_answer_acknowledges(self) -> TargetTable:
        if self.acknowledge and self.answer and self.answer < self.acknowledge:
            raise ValueError(
                f'answer = "{_hours(self.answer)}" is less than acknowledge = "{_hours(self.acknowledge)}"; '
                "it must be as long or longer, for an answer acknowledges too"
            )
        return self


class TargetsTable(TargetTable):
    """[targets] and [users.targets]: the default target, and those of senders, groups and urgent words."""

    senders: Mapping[Sender, TargetTable] = Field(default_factory=dict)
    groups: Mapping[MailAddress, TargetTable] = Field(default_factory=dict)
    urgent: Mapping[UrgentWord, TargetTable] = Field(default_factory=dict)


class Reminders(Table):
    """[reminders] and [users.reminders]: when and how often a digest may come."""

    enabled: bool | None = None
    slots: tuple[Clock, ...] | None = None
    max_steps: Steps | None = None
    max_per_day: PerDay | None = None


class Summary(Table):
    """[summary] and [users.summary]: when the weekly summary comes."""

    enabled: bool | None = None
    weekday: Weekday | None = None
    time: Clock | None = None


class WriteBack(Table):
    """[write_back] and [users.write_back]: whether, and by which name, messages are marked in the user's mailbox."""

    enabled: bool | None = None
    mark: Mark | None = None


class UserTable(Table):
    """[[users]]: one watched person; what is left out comes from the file's top."""

    address: OwnAddress
    name: str = ""
    aliases: tuple[MailAddress, ...] = ()
    zone: Zone | None = None
    language: Language | None = None
    date_order: DateOrder | None = None
    calendar: Calendar = Calendar()
    targets: TargetsTable = TargetsTable()
    reminders: Reminders = Reminders()
    summary: Summary = Summary()
    write_back: WriteBack = WriteBack()
    mailbox: MailboxTable


class Settings(Table):
    """The whole file."""

    mailwatch: Program = Program()
    calendar: Calendar = Calendar()
    coworkers: Coworkers = Coworkers()
    targets: TargetsTable = TargetsTable()
    reminders: Reminders = Reminders()
    summary: Summary = Summary()
    write_back: WriteBack = WriteBack()
    submit: Submit = Submit()
    microsoft: Microsoft = Microsoft()
    google: Google = Google()
    users: tuple[UserTable, ...] = ()

    @model_validator(mode="after")
    def _logins_have_their_tables(self) -> Settings:
        doors = [("submit", self.submit), *((f"users[{n}].mailbox", u.mailbox) for n, u in enumerate(self.users, 1))]
        for where, door in doors:
            if door.signs_in_at_microsoft and not (self.microsoft.tenant and self.microsoft.client):
                raise ValueError(f"{where} signs in at Microsoft, so tenant and client are needed under [microsoft]")
            if door.login == "google" and self.google.key_file is None:
                raise ValueError(f"{where} signs in at Google, so key_file is needed under [google]")
        return self

    @model_validator(mode="after")
    def _one_table_a_user(self) -> Settings:
        seen: set[str] = set()
        for user in self.users:
            for address in (user.address, *user.aliases):
                if address in seen:
                    raise ValueError(f"users: {address} stands twice; every address belongs to one user")
                seen.add(address)
        return self
