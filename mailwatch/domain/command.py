"""What the user tells mailwatch: of an item (done, snooze, …), and of its mails (stop, pause, start, help)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum


class Verb(StrEnum):
    """The user's own words; the first seven are about a request or a promise, the others about our mails.

    MORE_TIME puts an item off like SNOOZE, and says that its `until` is when the user wants to be ready. REOPEN says
    that an item is open after all: it takes back what the user said of it before, and what settled it until then.
    UNCLEAR is what was said and not understood, kept only until it is answered.
    """

    DONE = "done"
    SNOOZE = "snooze"
    MORE_TIME = "more_time"
    DISMISS = "dismiss"
    DELEGATE = "delegate"
    MUTE = "mute"
    REOPEN = "reopen"
    STOP = "stop"
    PAUSE = "pause"
    START = "start"
    HELP = "help"
    UNCLEAR = "unclear"


SHELL = "shell:"
"""How the source of a command from the shell begins."""

ABOUT_MAILS = frozenset({Verb.STOP, Verb.PAUSE, Verb.START, Verb.HELP})
"""What is said about our mails and not about an item; it is answered at once, for no digest may follow."""

STANDING = frozenset({Verb.STOP, Verb.PAUSE, Verb.START})
"""What holds until something else is said."""


SETTLES = frozenset({Verb.DONE, Verb.DELEGATE, Verb.DISMISS})
"""What is said of an item for which nobody waits any more."""

FINAL = SETTLES | {Verb.MUTE}
"""After these nothing is heard of an item any more."""


class Why(StrEnum):
    """Why words were not understood."""

    UNKNOWN = "unknown"  # no command that is known
    WHICH = "which"  # no number, and the mail named several items
    NO_SUCH = "no_such"  # a number or an id that the mail did not name
    NO_REPLY = "no_reply"  # numbers, and the mail answers none of ours
    WHEN = "when"  # no time, one that is past, or one that is not understood
    BELOW = "below"  # all that was written stands below the quoted mail


@dataclass(frozen=True, slots=True)
class Command:
    """One command of a user, once.

    `item` is the id of a request or promise, or empty if the command is about our mails. `until` ends a snooze or
    a pause (UTC). `to` is whom it was given to. `source` makes it idempotent: the message and line that it was read
    from, or a random word from the shell. `words` are the user's own, kept only where they were not understood,
    with the reason in `why`.
    """

    user: str
    item: str
    verb: Verb
    at: datetime
    source: str
    until: datetime | None = None
    to: str | None = None
    words: str = ""
    why: Why | None = None

    def without_words(self) -> Command:
        """The command without the words that were not understood."""
        return replace(self, words="")


def in_force(said: Iterable[Command]) -> list[Command]:
    """What the user said of one item, in order of time, but for what a later REOPEN took back, and that itself."""
    held: list[Command] = []
    for command in sorted(said, key=lambda one: (one.at, one.source)):
        if command.verb is Verb.REOPEN:
            held.clear()
        else:
            held.append(command)
    return held


@dataclass(frozen=True, slots=True)
class Word:
    """What the user's own words make of an item; both moments in UTC.

    `settled` is when they first said that it is done, delegated or none; `reopened` until when nothing settled it.
    """

    settled: datetime | None = None
    reopened: datetime | None = None


def word_of(said: Iterable[Command]) -> Word:
    """The user's word on one item, by all that they said of it."""
    known = list(said)
    return Word(
        min((command.at for command in in_force(known) if command.verb in SETTLES), default=None),
        max((command.at for command in known if command.verb is Verb.REOPEN), default=None),
    )


@dataclass(frozen=True, slots=True)
class Silence:
    """The user wants no mail of ours: until a moment, or until they say "start"."""

    since: datetime
    until: datetime | None = None


def silence_of(commands: Iterable[Command], now: datetime) -> Silence | None:
    """The silence that holds at a moment, by the last word about it; None if mails may be sent."""
    said = [command for command in commands if command.verb in STANDING and command.at <= now]
    last = max(said, key=lambda command: (command.at, command.source), default=None)
    if last is None or last.verb is Verb.START:
        return None
    if last.verb is Verb.STOP:
        return Silence(last.at)
    return Silence(last.at, last.until) if last.until and last.until > now else None
