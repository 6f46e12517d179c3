"""What a reply to one of our mails says, line by line, before it is known which items it means."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mailwatch.domain.command import Verb, Why


@dataclass(frozen=True, slots=True)
class Order:
    """Something that the user wants done; `line` counts from 1 in the words that were read.

    `numbers` are those of items in the mail that is answered, `ids` item ids in brackets; `every` says "all of
    them". None of the three means the only item of the mail. `until` is in UTC.
    """

    line: int
    verb: Verb
    numbers: tuple[int, ...] = ()
    ids: tuple[str, ...] = ()
    every: bool = False
    until: datetime | None = None
    to: str | None = None
    words: str = ""

    @property
    def names_items(self) -> bool:
        """Whether it says which items it is about."""
        return bool(self.numbers or self.ids or self.every)


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """Words that are no order, as they were written, and why."""

    line: int
    words: str
    why: Why
