"""Which messages should bear the mark "Awaiting my reply", and what is to be done about those that do and do not."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from mailwatch.domain.lifecycle import life_of
from mailwatch.domain.request import Request, is_open


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message was when it was last read: its key, the mailbox's and the provider's id, its Message-ID."""

    key: str
    mailbox: str
    provider_id: str
    message_id: str | None = None


class MarkState(StrEnum):
    """What we know of a mark on one message."""

    WANTED = "wanted"  # it has not come about yet
    SETTING = "setting"  # the message was bare, and we were about to set it: what it bears now is ours
    SET = "set"  # we set it
    THEIRS = "theirs"  # the message bore it before; we leave it alone
    GONE = "gone"  # the message is no longer where we look


OURS = frozenset({MarkState.SETTING, MarkState.SET})
_UNDONE = frozenset({MarkState.WANTED, MarkState.SETTING})


@dataclass(frozen=True, slots=True)
class Mark:
    """The mark called `name` on the message with this key, as the ledger remembers it; `error` is what went wrong."""

    key: str
    name: str
    state: MarkState = MarkState.WANTED
    error: str | None = None


@dataclass(frozen=True, slots=True)
class MarkPlan:
    """What is to be done: marks to set, marks of ours to take away, and notes on others that are out of date."""

    to_set: tuple[Mark, ...] = ()
    to_clear: tuple[Mark, ...] = ()
    to_forget: tuple[Mark, ...] = ()


def awaiting(requests: Iterable[Request], now: datetime) -> frozenset[str]:
    """The keys of the messages that asked, of the requests in which it is the user's turn, snoozed or not."""
    lives = ((request.key, life_of(request.events, request.received_at, now)) for request in requests)
    return frozenset(key for key, life in lives if is_open(life.state) and not life.asks_back)


def plan_marks(wanted: Collection[str], known: Iterable[Mark], name: str) -> MarkPlan:
    """What makes the messages with the `wanted` keys, and no others of ours, bear the mark called `name`.

    Without a name nothing is to be marked. A mark under an earlier name is taken away like one that is not wanted.
    """
    wanted = set(wanted) if name else set()
    marks = tuple(known)
    stays = {mark.key: mark for mark in marks if mark.name == name and mark.key in wanted}
    over = [mark for mark in marks if stays.get(mark.key) is not mark]
    return MarkPlan(
        to_set=tuple(mark for key in sorted(wanted) if (mark := stays.get(key, Mark(key, name))).state in _UNDONE),
        to_clear=tuple(mark for mark in over if mark.state in OURS),
        to_forget=tuple(mark for mark in over if mark.state not in OURS),
    )
