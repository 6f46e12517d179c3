"""Marks in the shipped fake account, where they are flags."""

from __future__ import annotations

from typing import Any

from mailwatch.domain.marking import Place
from mailwatch.errors import MailwatchError, MarkRefused
from mailwatch.testing import FakeAccount


class FakeMarker:
    """A Marker over a FakeAccount.

    `read_only` names mailboxes whose messages cannot be marked, `failure` is raised by whatever is asked next;
    `asked` tells the questions, and `written` the marks that were set and taken away.
    """

    def __init__(self, account: FakeAccount) -> None:
        self._account = account
        self.read_only: set[str] = set()
        self.failure: MailwatchError | None = None
        self.asked: list[str] = []
        self.written: list[str] = []
        self.closed = 0

    def bears(self, place: Place, name: str) -> bool | None:
        there = self._find(place, "bears")
        return None if there is None else name in there[1].flags

    def put(self, place: Place, name: str) -> bool:
        there = self._find(place, "put")
        if there is not None and name not in there[1].flags:
            self._write("put", *there, (*there[1].flags, name))
        return there is not None

    def take(self, place: Place, name: str) -> None:
        there = self._find(place, "take")
        if there is not None and name in there[1].flags:
            self._write("take", *there, tuple(flag for flag in there[1].flags if flag != name))

    def probe(self, name: str, sample: Place | None) -> str:
        if self.read_only:
            raise MarkRefused(f"The mailbox {min(self.read_only)} is for reading only.")
        return f"flag {name}"

    def close(self) -> None:
        self.closed += 1

    def _find(self, place: Place, question: str) -> tuple[str, Any] | None:
        self.asked.append(question)
        if self.failure is not None:
            raise self.failure
        everything = [(name, box, each) for name, box in self._account.boxes.items() for each in box.messages]
        for name, box, each in everything:
            if f"{name}/{box.validity}/{each.number}" == place.provider_id:
                return name, each
        sought = f"Message-ID: <{place.message_id}>".encode()
        found = [(name, each) for name, _, each in everything if sought in each.message.splitlines()]
        return found[0] if len(found) == 1 else None

    def _write(self, what: str, mailbox: str, stored: Any, flags: tuple[str, ...]) -> None:
        if mailbox in self.read_only:
            raise MarkRefused(f"The mailbox {mailbox} is for reading only.")
        stored.flags = flags
        self.written.append(what)
