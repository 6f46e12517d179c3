"""A promise in the user's own sent mail, and whether it was kept, early or late."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from mailwatch.domain.duetime import DueTime, due_by_deadline
from mailwatch.domain.people import Address
from mailwatch.domain.policy import Policy
from mailwatch.domain.reading import Deadline, wordless
from mailwatch.domain.workcalendar import in_utc


class PromiseState(StrEnum):
    """The words of state of a promise."""

    OPEN = "open"
    KEPT_EARLY = "kept_early"
    KEPT = "kept"
    KEPT_LATE = "kept_late"
    RENEGOTIATED = "renegotiated"
    MISSED = "missed"
    WITHDRAWN = "withdrawn"


class PromiseEnd(StrEnum):
    """How a promise ended, as a fact."""

    KEPT = "kept"
    RENEGOTIATED = "renegotiated"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Promise:
    """What the user committed to towards a coworker; `deadline` is None if no date was named, and
    `snoozed_until` until when the user does not want to be reminded of it."""

    id: str
    user: str
    key: str
    message_id: str | None
    to: Address
    subject: str
    made_at: datetime
    evidence: str = ""
    deadline: Deadline | None = None
    references: tuple[str, ...] = ()
    end: PromiseEnd | None = None
    ended_at: datetime | None = None
    ended_by: str | None = None
    snoozed_until: datetime | None = None

    def without_words(self) -> Promise:
        """The promise without a sentence of the mail."""
        return replace(self, evidence="", deadline=wordless(self.deadline))


def due_at(promise: Promise, policy: Policy) -> datetime | None:
    """When the promise falls due, in UTC: a bare day means the end of the user's working day on it.

    A bare day that is free for the user means the end of the last working day before it, so that the promise can
    be kept, unless it was made after that. None if no date was named.
    """
    due = _due(promise, policy)
    return due.at if due else None


def state_of(promise: Promise, policy: Policy, now: datetime) -> PromiseState:
    """The state of a promise at a moment; early is at least a working day before it was due.

    A bare day is kept until it is over, a clock time until then; what is open after that is missed, and late if
    it is kept after all. A promise without a date is open until it is kept. An end after `now` does not count.
    """
    now, due = in_utc(now), _due(promise, policy)
    ended_at = in_utc(promise.ended_at) if promise.ended_at else None
    if promise.end is None or (ended_at and ended_at > now):
        return PromiseState.MISSED if due and due.missed_at(now) else PromiseState.OPEN
    if promise.end is not PromiseEnd.KEPT:
        return PromiseState(promise.end.value)
    if due is None or ended_at is None:
        return PromiseState.KEPT
    if due.missed_at(ended_at):
        return PromiseState.KEPT_LATE
    day_before = policy.calendar.working_day_before(policy.calendar.local(due.at).date())
    early = policy.calendar.local(ended_at).date() <= day_before
    return PromiseState.KEPT_EARLY if early else PromiseState.KEPT


def _due(promise: Promise, policy: Policy) -> DueTime | None:
    deadline, calendar = promise.deadline, policy.calendar
    if deadline is None:
        return None
    due = due_by_deadline(deadline, calendar)
    if deadline.clock or calendar.is_working_day(deadline.day):
        return due
    sooner = due_by_deadline(replace(deadline, day=calendar.working_day_before(deadline.day)), calendar)
    return replace(due, at=sooner.at) if sooner.at > in_utc(promise.made_at) else due
