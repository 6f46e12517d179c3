"""The tables of mailwatch.toml, as frozen and checked values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from mailwatch.settings.kinds import (
    Clock,
    Domain,
    Duration,
    HoursSpan,
    Leave,
    LedgerUrl,
    MailAddress,
    NotCoworker,
    Security,
    Weekday,
    Zone,
)


class _Table(BaseModel):
    # Inputs are hidden in errors because one of them may be a password.
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, populate_by_name=True)


class Program(_Table):
    """[mailwatch]: what holds for the program as a whole."""

    zone: Zone | None = None
    language: str = Field(default="en", pattern=r"^[a-z]{2}$")
    ledger: LedgerUrl = "sqlite:///~/.local/state/mailwatch/ledger.db"
    look_back: Duration = timedelta(days=30)
    poll: Duration = timedelta(minutes=5)
    threads: int = Field(default=8, ge=1, le=256)
    evidence: bool = True
    retention: Duration = timedelta(days=400)
    templates: Path | None = None


class Hours(_Table):
    """[calendar.hours]: spans of work by weekday; a day that is not named is free."""

    mon: tuple[HoursSpan, ...] = ()
    tue: tuple[HoursSpan, ...] = ()
    wed: tuple[HoursSpan, ...] = ()
    thu: tuple[HoursSpan, ...] = ()
    fri: tuple[HoursSpan, ...] = ()
    sat: tuple[HoursSpan, ...] = ()
    sun: tuple[HoursSpan, ...] = ()


class Calendar(_Table):
    """[calendar] and [users.calendar]: working hours, holidays and leave."""

    hours: Hours | None = None
    holidays: tuple[str, ...] | None = None
    leave: tuple[Leave, ...] | None = None


class Coworkers(_Table):
    """[coworkers]: who the internal customers are."""

    domains: tuple[Domain, ...] = ()
    addresses: tuple[MailAddress, ...] = ()
    except_: tuple[NotCoworker, ...] = Field(default=(), alias="except")
    file: Path | None = None
    groups: Mapping[MailAddress, tuple[MailAddress, ...]] = Field(default_factory=dict)


class TargetTable(_Table):
    """A target: working time until the acknowledgement and until the answer."""

    acknowledge: Duration | None = None
    answer: Duration | None = None


class TargetsTable(TargetTable):
    """[targets] and [users.targets]: the default target, and those of senders, groups and urgent words."""

    senders: Mapping[str, TargetTable] = Field(default_factory=dict)
    groups: Mapping[str, TargetTable] = Field(default_factory=dict)
    urgent: Mapping[str, TargetTable] = Field(default_factory=dict)


class Reminders(_Table):
    """[reminders] and [users.reminders]: when and how often a digest may come."""

    enabled: bool | None = None
    slots: tuple[Clock, ...] | None = None
    max_steps: int | None = Field(default=None, ge=1, le=20)
    max_per_day: int | None = Field(default=None, ge=1, le=10)


class Summary(_Table):
    """[summary] and [users.summary]: when the weekly summary comes."""

    enabled: bool | None = None
    weekday: Weekday | None = None
    time: Clock | None = None


class Secret(_Table):
    """Where a password comes from: exactly one of these."""

    password: SecretStr | None = None
    password_file: Path | None = None
    password_command: str | None = None
    password_env: str | None = None
    password_credential: str | None = None

    @model_validator(mode="after")
    def _at_most_one(self) -> Secret:
        if len(self.secret_fields()) > 1:
            raise ValueError(f"only one of {', '.join(self.secret_fields())} may be given")
        return self

    def secret_fields(self) -> tuple[str, ...]:
        """The names of the secret's keys that are set."""
        return tuple(name for name in Secret.model_fields if getattr(self, name) is not None)


class MailboxTable(Secret):
    """[users.mailbox]: how the user's mail is read."""

    kind: Literal["imap", "maildir"] = "imap"
    host: str | None = None
    port: int | None = Field(default=None, ge=1, le=65535)
    security: Security = "tls"
    user: str | None = None
    ca_file: Path | None = None
    allow_plaintext: bool = False
    timeout: Duration = timedelta(seconds=30)
    path: Path | None = None
    also: tuple[str, ...] = ()
    roles: Mapping[Literal["inbox", "sent", "archive", "all"], str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _complete(self) -> MailboxTable:
        if self.kind == "imap" and not self.host:
            raise ValueError('host is missing, such as host = "imap.example.com"')
        if self.kind == "imap" and not self.secret_fields():
            raise ValueError('a secret is missing, such as password_file = "/etc/mailwatch/ann.secret"')
        if self.kind == "maildir" and not self.path:
            raise ValueError('path is missing, such as path = "/home/ann/Maildir"')
        return self


class Submit(Secret):
    """[submit]: how reminders and summaries are handed to the mail system."""

    kind: Literal["smtp"] = "smtp"
    host: str | None = None
    port: int | None = Field(default=None, ge=1, le=65535)
    security: Security = "starttls"
    user: str | None = None
    ca_file: Path | None = None
    allow_plaintext: bool = False
    sender: MailAddress | None = Field(default=None, alias="from")
    settle: Duration = timedelta(minutes=15)


class UserTable(_Table):
    """[[users]]: one watched person; what is left out comes from the file's top."""

    address: MailAddress
    name: str = ""
    aliases: tuple[MailAddress, ...] = ()
    zone: Zone | None = None
    language: str | None = Field(default=None, pattern=r"^[a-z]{2}$")
    calendar: Calendar = Calendar()
    targets: TargetsTable = TargetsTable()
    reminders: Reminders = Reminders()
    summary: Summary = Summary()
    mailbox: MailboxTable


class Settings(_Table):
    """The whole file."""

    mailwatch: Program = Program()
    calendar: Calendar = Calendar()
    coworkers: Coworkers = Coworkers()
    targets: TargetsTable = TargetsTable()
    reminders: Reminders = Reminders()
    summary: Summary = Summary()
    submit: Submit = Submit()
    users: tuple[UserTable, ...] = ()

    @model_validator(mode="after")
    def _one_table_a_user(self) -> Settings:
        seen: set[str] = set()
        for user in self.users:
            for address in (user.address, *user.aliases):
                if address in seen:
                    raise ValueError(f"users: {address} stands twice; every address belongs to one user")
                seen.add(address)
        return self
