"""A coworker's request: the facts that happened to it, and its state and figures computed from them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from mailwatch.domain.people import Address
from mailwatch.domain.policy import Policy, Target
from mailwatch.domain.reading import Deadline


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


@dataclass(frozen=True, slots=True)
class Request:
    """What one coworker asks of one user, in one conversation; `events` are in order of time.

    `id` is short and stable; `key` is the asking message's key. `target_group` is the configured group
    it was addressed to, if the user was not addressed themselves. `joint` says that several people were asked.
    """

    id: str
    user: str
    key: str
    message_id: str | None
    requester: Address
    subject: str
    received_at: datetime
    evidence: str = ""
    deadline: Deadline | None = None
    urgency: str | None = None
    target_group: str | None = None
    joint: bool = False
    references: tuple[str, ...] = ()
    events: tuple[Event, ...] = ()

    def with_events(self, *events: Event) -> Request:
        """The request with further events, kept in order of time."""
        return replace(self, events=tuple(sorted((*self.events, *events), key=lambda e: e.at)))


@dataclass(frozen=True, slots=True)
class Span:
    """A time that something took: in the user's working hours, and on the clock."""

    working: timedelta
    elapsed: timedelta


@dataclass(frozen=True, slots=True)
class Figures:
    """What the clock says of a request at a moment.

    `first_response` and `answer` are None as long as there is none; `waited` runs until the answer or now.
    `due_at` is the next due time that counts: of the acknowledgement until there is a first response, then
    of the answer; a sender's deadline counts if it is earlier. `share` is waited time over target time.
    """

    state: RequestState
    due_at: datetime
    overdue: bool
    answered_late: bool
    first_response: Span | None
    answer: Span | None
    waited: Span
    share: float


def state_of(request: Request, now: datetime) -> RequestState:
    """The state of a request at a moment."""
    raise NotImplementedError


def target_of(request: Request, policy: Policy) -> Target:
    """The target that holds for a request: of its urgent word, its sender, its group, else the default."""
    raise NotImplementedError


def figures_of(request: Request, policy: Policy, now: datetime) -> Figures:
    """What the user's own clock says of a request at a moment (metric rules: README)."""
    raise NotImplementedError
