"""A coworker's request: the facts that happened to it, and its state and figures computed from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from mailwatch.domain.duetime import DueTime, due_by_deadline, due_by_target
from mailwatch.domain.lifecycle import Event, EventKind, Pause, RequestState, is_open, is_users_turn, life_of, settles
from mailwatch.domain.people import Address
from mailwatch.domain.policy import Policy, Target
from mailwatch.domain.reading import Deadline, wordless
from mailwatch.domain.workcalendar import WorkCalendar, in_utc

__all__ = [
    "Event",
    "EventKind",
    "Figures",
    "Request",
    "RequestState",
    "Span",
    "figures_of",
    "is_open",
    "is_users_turn",
    "settles",
    "state_of",
    "target_of",
]


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

    def without_words(self) -> Request:
        """The request without a sentence of the mail."""
        return replace(self, evidence="", deadline=wordless(self.deadline))

    def until(self, moment: datetime) -> Request:
        """The request as it was known at a moment: without what happened later."""
        return replace(self, events=tuple(event for event in self.events if event.at <= moment))


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
    """The state of a request at a moment; what happened after that moment does not count.

    The first event that settles it decides, but for the user's word that it never was a request. A question back
    holds until the requester writes again, a snooze until its end; of several snoozes the last one counts.
    """
    return life_of(request.events, request.received_at, now).state


def target_of(request: Request, policy: Policy) -> Target:
    """The target that holds for a request: of its urgent word, its sender, its group, else the default.

    For the sender the exact address goes before @domain, and that before the domains around it. If more than one
    of word, sender and group has a target, the one with the shortest time to answer holds.
    """
    targets = policy.targets
    found = (
        targets.urgent.get((request.urgency or "").lower()),
        next((targets.senders[key] for key in _sender_keys(request.requester) if key in targets.senders), None),
        targets.groups.get((request.target_group or "").lower()),
    )
    tightest = min((t for t in found if t), key=lambda t: (t.answer, t.acknowledge), default=None)
    return tightest or targets.default


def figures_of(request: Request, policy: Policy, now: datetime) -> Figures:
    """What the user's own clock says of a request at a moment (metric rules: README).

    A deadline counts only if it lies after the user's first working moment since the asking; one that was over
    before could not be kept. It does not move with the pauses of the answer clock. While the user waits for the
    requester nothing is overdue. `elapsed` is calendar time from the receiving on, pauses included.
    """
    life = life_of(request.events, request.received_at, now)
    calendar, target = policy.calendar, target_of(request, policy)
    asked, stop = in_utc(request.received_at), life.ended_at or in_utc(now)
    start = calendar.next_working_moment(asked)

    def span(end: datetime) -> Span:
        paused = sum((calendar.worked(a, min(b or end, end)) for a, b in life.pauses), timedelta())
        return Span(calendar.worked(asked, end) - paused, max(end - asked, timedelta()))

    waited = span(stop)
    answer_due = _due_with_pauses(calendar, start, target.answer, life.pauses, stop)
    clocks = [_RunningClock(answer_due, waited.working, target.answer)]
    if request.deadline:
        deadline = due_by_deadline(request.deadline, calendar)
        if deadline.at > start:
            clocks.append(_RunningClock(deadline, calendar.worked(start, stop), calendar.worked(start, deadline.at)))
    to_answer = min(clocks, key=lambda clock: clock.due.at)
    acknowledge_due = due_by_target(calendar, start, target.acknowledge)
    to_respond = _RunningClock(acknowledge_due, waited.working, target.acknowledge)
    to_respond = min(to_respond, to_answer, key=lambda clock: clock.due.at)
    counts = to_answer if life.responded_at else to_respond
    return Figures(
        state=life.state,
        due_at=counts.due.at,
        overdue=life.ended_at is None and not life.asks_back and counts.due.missed_at(stop),
        answered_late=bool(
            (life.responded_at and to_respond.due.missed_at(life.responded_at))
            or (life.handled_at and to_answer.due.missed_at(life.handled_at))
        ),
        first_response=span(life.responded_at) if life.responded_at else None,
        answer=span(life.answered_at) if life.answered_at else None,
        waited=waited,
        share=counts.share,
    )


@dataclass(frozen=True, slots=True)
class _RunningClock:
    """One clock of a request: when it is due, the working time it has run, and the time it may run."""

    due: DueTime
    ran: timedelta
    allowed: timedelta

    @property
    def share(self) -> float:
        return self.ran / self.allowed if self.allowed else 1.0


def _due_with_pauses(
    calendar: WorkCalendar,
    start: datetime,
    working: timedelta,
    pauses: Sequence[Pause],
    now: datetime,
) -> DueTime:
    for since, until in pauses:
        before = calendar.worked(start, since)
        if before >= working:
            break
        start, working = until or now, working - before
    return due_by_target(calendar, start, working)


def _sender_keys(sender: Address) -> list[str]:
    labels = sender.domain.split(".")
    return [sender.addr_spec, *("@" + ".".join(labels[n:]) for n in range(len(labels)))]
