"""Three weeks of mail in a small office, for the demo and for tests: who asks Ann what, and what becomes of it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from email.utils import parseaddr
from functools import cache
from importlib import resources
from typing import Any
from zoneinfo import ZoneInfo

from mailwatch.domain.people import Address, User
from mailwatch.domain.promise import PromiseState
from mailwatch.domain.request import RequestState
from mailwatch.runtime.office_build import Letter, build

ZONE = ZoneInfo("Europe/Berlin")
OWNER = User(Address("ann@bellbird.example", "Ann Keller"), frozenset({"a.keller@bellbird.example"}))
GROUP = "team@bellbird.example"
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class OfficeMail:
    """One mail of the office: where it lies, when the server received it (UTC), and its bytes.

    At `told_at`, the request that it makes is to be in the state `expect`, and the promise that it makes in the
    state `promise`; None says that it makes none. `overdue` is of the request.
    """

    mailbox: str
    received_at: datetime
    message: bytes
    message_id: str
    expect: RequestState | None = None
    overdue: bool = False
    promise: PromiseState | None = None


def told_at(now: datetime) -> datetime:
    """The moment at which the story is told: nine o'clock of the last Monday that has come by then, in UTC."""
    local = now.astimezone(ZONE)
    monday = local.date() - timedelta(days=local.weekday())
    moment = datetime.combine(monday, time(9), ZONE)
    return (moment if moment <= now else datetime.combine(monday - timedelta(days=7), time(9), ZONE)).astimezone(UTC)


def office(now: datetime) -> list[OfficeMail]:
    """All mail of the three weeks before `told_at(now)`, in order of time; `now` is aware."""
    monday = told_at(now).astimezone(ZONE).date()
    story = _story()
    people = {name: _address(words) for name, words in story["people"].items()}
    letters: dict[str, Letter] = {}
    mails: list[tuple[datetime, OfficeMail]] = []
    for entry in story["mail"]:
        week, day, clock = entry["at"].split()
        on = monday + timedelta(days=7 * int(week) + _DAYS.index(day))
        at = datetime.combine(on, time.fromisoformat(clock), ZONE)
        letter = letters[entry["id"]] = _letter(entry, people, letters, at)
        mailbox = entry.get("in") or ("Sent" if OWNER.is_me(letter.author.addr_spec) else "INBOX")
        mails.append(
            (
                at,
                OfficeMail(
                    mailbox=mailbox,
                    received_at=at.astimezone(UTC),
                    message=build(letter, delivered=mailbox != "Sent"),
                    message_id=letter.message_id,
                    expect=RequestState(entry["expect"]) if "expect" in entry else None,
                    overdue=entry.get("overdue", False),
                    promise=PromiseState(entry["promise"]) if "promise" in entry else None,
                ),
            )
        )
    return [mail for _, mail in sorted(mails, key=lambda pair: pair[0])]


def _letter(
    entry: Mapping[str, Any], people: Mapping[str, Address], letters: Mapping[str, Letter], at: datetime
) -> Letter:
    answers = letters[entry["re"]] if "re" in entry else None
    return Letter(
        id=entry["id"],
        author=people[entry["from"]],
        to=tuple(people[name] for name in entry["to"]),
        cc=tuple(people[name] for name in entry.get("cc", ())),
        at=at,
        subject=entry.get("subject") or f"Re: {answers.subject if answers else ''}",
        text=entry["text"].strip() + "\n",
        answers=answers,
        quote=entry.get("quote", ""),
        style=entry.get("style", "plain"),
        kind=entry.get("kind", ""),
        headers=entry.get("headers", {}),
    )


def _address(words: str) -> Address:
    name, addr_spec = parseaddr(words)
    return Address(addr_spec, name)


@cache
def _story() -> dict[str, Any]:
    return tomllib.loads(resources.files("mailwatch.runtime").joinpath("office_mail.toml").read_text("utf-8"))
