"""What happens to a request, as facts, and the state that they fold into."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from mailwatch.domain.people import Address
from mailwatch.domain.workcalendar import in_utc

Pause = tuple[datetime, datetime | None]


class EventKind(StrEnum):
    """What can happen to a request after it was asked."""

    CHASED = "chased"
    ACKNOWLEDGED = "acknowledged"
    ASKED_BACK = "asked_back"
    TOLD = "told"  # the requester replied to the question that the user asked back
    ANSWERED = "answered"
    ANSWERED_BY_COLLEAGUE = "answered_by_colleague"
    DELEGATED = "delegated"
    WITHDRAWN = "withdrawn"
    DONE = "done"
    DISMISSED = "dismissed"
    MUTED = "muted"
    SNOOZED = "snoozed"


class RequestState(StrEnum):
    """The words of state; overdue is computed beside it."""

    WAITING = "waiting"
    ACKNOWLEDGED = "acknowledged"
    ASKED_BACK = "asked_back"
    SNOOZED = "snoozed"
    ANSWERED = "answered"
    ANSWERED_BY_COLLEAGUE = "answered_by_colleague"
    DELEGATED = "delegated"
    WITHDRAWN = "withdrawn"
    DONE = "done"
    DISMISSED = "dismissed"
    MUTED = "muted"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to a request, at a moment in UTC.

    `message_id` is the message that did it, or None for the user's own word; `by` is whose message;
    `until` is when a snooze ends.
    """

    kind: EventKind
    at: datetime
    message_id: str | None = None
    by: Address | None = None
    until: datetime | None = None


_SETTLED_BY: Mapping[EventKind, RequestState] = MappingProxyType(
    {
        EventKind.ANSWERED: RequestState.ANSWERED,
        EventKind.ANSWERED_BY_COLLEAGUE: RequestState.ANSWERED_BY_COLLEAGUE,
        EventKind.DELEGATED: RequestState.DELEGATED,
        EventKind.WITHDRAWN: RequestState.WITHDRAWN,
        EventKind.DONE: RequestState.DONE,
        EventKind.DISMISSED: RequestState.DISMISSED,
        EventKind.MUTED: RequestState.MUTED,
    }
)
_OPEN = frozenset(RequestState) - frozenset(_SETTLED_BY.values())
_USERS_TURN = frozenset({RequestState.WAITING, RequestState.ACKNOWLEDGED})
_RETURNS_THE_TURN = frozenset({EventKind.TOLD, EventKind.CHASED})
_ANSWERS = frozenset({EventKind.ANSWERED, EventKind.DONE})
_HANDLES = _ANSWERS | {EventKind.DELEGATED}
_RESPONSES = _HANDLES | {EventKind.ACKNOWLEDGED, EventKind.ASKED_BACK}


@dataclass(frozen=True, slots=True)
class Life:
    """The events of a request until a moment, folded; times in UTC, None for what did not happen.

    `handled_at` is when the user answered, said so, or handed it over. `asks_back` says that it is the requester's
    turn, snoozed or not; a pause without an end is going on.
    """

    state: RequestState
    ended_at: datetime | None
    asks_back: bool
    responded_at: datetime | None
    answered_at: datetime | None
    handled_at: datetime | None
    pauses: tuple[Pause, ...]


def life_of(events: Sequence[Event], asked: datetime, now: datetime) -> Life:
    """The life of a request that was received at `asked`, by its events in order of time, until `now`.

    An event from before the asking (two servers, two clocks) counts as of the asking.
    """
    asked, now = in_utc(asked), in_utc(now)
    state, settled = RequestState.WAITING, None
    ended_at = responded_at = answered_at = handled_at = until = None
    pauses: list[Pause] = []
    for event in events:
        if event.at > now:
            continue
        at, kind = max(in_utc(event.at), asked), event.kind
        if kind is EventKind.DISMISSED:  # The user's word that it never was a request goes over what it came to.
            settled, ended_at = RequestState.DISMISSED, ended_at or at
        elif settled:
            continue
        elif kind in _SETTLED_BY:
            settled, ended_at = _SETTLED_BY[kind], at
            handled_at = at if kind in _HANDLES else None
            answered_at = at if kind in _ANSWERS else None
        elif kind is EventKind.ASKED_BACK and state is not RequestState.ASKED_BACK:
            state = RequestState.ASKED_BACK
            pauses.append((at, None))
        elif kind in _RETURNS_THE_TURN and state is RequestState.ASKED_BACK:
            state = RequestState.WAITING
            pauses[-1] = (pauses[-1][0], at)
        elif kind is EventKind.ACKNOWLEDGED and state is RequestState.WAITING:
            state = RequestState.ACKNOWLEDGED
        elif kind is EventKind.SNOOZED:
            until = event.until
        if kind in _RESPONSES:
            responded_at = responded_at or at
    asks_back = state is RequestState.ASKED_BACK
    if until and now < in_utc(until):
        state = RequestState.SNOOZED
    return Life(settled or state, ended_at, asks_back, responded_at, answered_at, handled_at, tuple(pauses))


def is_open(state: RequestState) -> bool:
    """Whether nothing has settled a request in this state."""
    return state in _OPEN


def is_users_turn(state: RequestState) -> bool:
    """Whether a request in this state is open and the next step is the user's: neither asleep nor asked back."""
    return state in _USERS_TURN


def settles(kind: EventKind) -> bool:
    """Whether nobody waits any more after such an event."""
    return kind in _SETTLED_BY
