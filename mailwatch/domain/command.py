"""What the user tells mailwatch about an item: done, snooze, not a request, delegated, muted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Verb(StrEnum):
    """The user's own words about a request or a promise."""

    DONE = "done"
    SNOOZE = "snooze"
    DISMISS = "dismiss"
    DELEGATE = "delegate"
    MUTE = "mute"


@dataclass(frozen=True, slots=True)
class Command:
    """One command of a user about one item, once.

    `item` is the id of a request or promise. `until` ends a snooze (UTC). `to` is whom it was given to.
    `source` makes it idempotent: the message and line that it was read from, or a random word from the shell.
    """

    user: str
    item: str
    verb: Verb
    at: datetime
    source: str
    until: datetime | None = None
    to: str | None = None
