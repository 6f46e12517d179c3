"""The reminder: which items a digest names at a slot, in what order, and which step each has reached."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from mailwatch.domain.policy import Policy
from mailwatch.domain.promise import Promise, PromiseState, due_at, state_of
from mailwatch.domain.receipt import Receipt
from mailwatch.domain.request import EventKind, Figures, Request, figures_of, is_users_turn
from mailwatch.domain.slots import next_slot
from mailwatch.domain.workcalendar import in_utc

MOST_REQUESTS, MOST_PROMISES = 8, 4
"""How many a mail names: nobody reads more at once, and Gmail cuts off what is longer than 102 KB."""

Item = TypeVar("Item")

_UNKEPT = (PromiseState.OPEN, PromiseState.MISSED)


@dataclass(frozen=True, slots=True)
class RequestItem:
    """An open request in a digest; `number` is how the user names it in a reply."""

    number: int
    request: Request
    figures: Figures
    step: int


@dataclass(frozen=True, slots=True)
class PromiseItem:
    """An open promise in a digest; `due_at` in UTC."""

    number: int
    promise: Promise
    due_at: datetime
    overdue: bool
    step: int


@dataclass(frozen=True, slots=True)
class Reminder:
    """One digest for one user at one slot; all its items are still open at `at` (UTC).

    `quiet` counts the open items that have had all their steps and are left to the weekly summary; `more_requests`
    and `more_promises` those for which there is no room; `more_overdue` says that one of all these is overdue.
    `receipts` confirm what the user has said since the last mail.
    """

    policy: Policy
    at: datetime
    requests: tuple[RequestItem, ...]
    promises: tuple[PromiseItem, ...]
    quiet: int = 0
    receipts: tuple[Receipt, ...] = ()
    more_requests: int = 0
    more_promises: int = 0
    more_overdue: bool = False


def compose(
    policy: Policy,
    now: datetime,
    requests: Sequence[Request],
    promises: Sequence[Promise],
    steps_sent: Mapping[str, int],
) -> Reminder | None:
    """The reminder that is due at a slot, or None if there is nothing new to say.

    `steps_sent` maps an item's id to the last step that it was named at. An item is named when it has reached
    a further step: 50 % of its target, 100 %, then each working day, at most `Manners.max_steps`; a promise
    on the working day before it is due, on the day, then each working day. When one item is named, the open
    items that were named before are listed with it, so that a digest is always the whole list, but for those that
    have had all their steps. After the acknowledgement the steps are one higher, so that a reminder of that does
    not use up the one before the answer is due. Snoozed and asked-back items wait for their turn; the end of a
    snooze is a step of its own, since the user has asked to be told then. An item whose
    steps passed while nobody looked (mailwatch was down, or is new) is named once at the step it has reached.
    A request whose acknowledgement named a date is left to that promise for as long as it can be kept.
    There is room for MOST_REQUESTS and MOST_PROMISES: those that have reached a further step go first, so that
    each has its turn, and the worst of them before the others.
    """
    if not policy.manners.reminders:
        return None
    most = policy.manners.max_steps
    asked, promised, quiet, overdue = [], [], 0, 0
    given_a_date = _messages_of_keepable(promises, policy, now)
    for request in requests:
        figures = figures_of(request, policy, now)
        if request.received_at > now or not is_users_turn(figures.state):
            continue
        if any(event.message_id in given_a_date for event in request.events if event.kind is EventKind.ACKNOWLEDGED):
            continue
        before, woken = steps_sent.get(request.id, 0), _snoozes_over(request, now)
        step = _step_to_name(before, _request_step(policy, figures, now) + woken, most + woken)
        quiet += before >= most + woken
        overdue += figures.overdue
        if step:
            asked.append(RequestItem(0, request, figures, step))
    for promise in promises:
        due, state = due_at(promise, policy), state_of(promise, policy, now)
        asleep = promise.snoozed_until is not None and promise.snoozed_until > now
        if due is None or asleep or promise.made_at > now or state not in _UNKEPT:
            continue
        before, woken = steps_sent.get(promise.id, 0), int(promise.snoozed_until is not None)
        step = _step_to_name(before, _promise_step(policy, due, now) + woken, most + woken)
        quiet += before >= most + woken
        overdue += state is PromiseState.MISSED
        if step:
            promised.append(PromiseItem(0, promise, due, state is PromiseState.MISSED, step))
    worst, soonest = in_order(asked, promised)
    new_asks = [item for item in worst if item.step > steps_sent.get(item.request.id, 0)]
    new_promises = [item for item in soonest if item.step > steps_sent.get(item.promise.id, 0)]
    if not (new_asks or new_promises):
        return None
    named = in_order(_with_room(new_asks, worst, MOST_REQUESTS), _with_room(new_promises, soonest, MOST_PROMISES))
    left = len(worst) - len(named[0]), len(soonest) - len(named[1])
    late = sum(item.figures.overdue for item in named[0]) + sum(item.overdue for item in named[1])
    return Reminder(
        policy,
        in_utc(now),
        *named,
        quiet,
        more_requests=left[0],
        more_promises=left[1],
        more_overdue=overdue > late,
    )


def _with_room(first: Sequence[Item], others: Sequence[Item], most: int) -> list[Item]:
    """The first ones, then the others, as many as there is room for."""
    rest = (item for item in others if item not in first)
    return [*first, *rest][:most]


def _messages_of_keepable(promises: Sequence[Promise], policy: Policy, now: datetime) -> frozenset[str]:
    """The Message-IDs of the messages that made a dated promise which is still open and not missed."""
    return frozenset(
        promise.message_id
        for promise in promises
        if promise.message_id and promise.made_at <= now and due_at(promise, policy)
        if state_of(promise, policy, now) is PromiseState.OPEN
    )


def _snoozes_over(request: Request, now: datetime) -> int:
    return sum(e.kind is EventKind.SNOOZED and e.until is not None and e.until <= now for e in request.events)


def _step_to_name(before: int, reached: int, most: int) -> int:
    """The step at which an item is listed, if others are named or it is new; 0 if it is left out."""
    return min(max(before, reached), most) if before < most else 0


def in_order(
    requests: Iterable[RequestItem], promises: Iterable[PromiseItem]
) -> tuple[tuple[RequestItem, ...], tuple[PromiseItem, ...]]:
    """The items worst first, numbered from 1 over requests and then promises.

    The overdue come first, by how far they are over, then what falls due first; promises by their due time.
    """
    worst = sorted(requests, key=lambda item: badness(item.figures, item.request))
    soonest = sorted(promises, key=lambda item: (item.due_at, item.promise.made_at))
    return (
        tuple(replace(item, number=n) for n, item in enumerate(worst, start=1)),
        tuple(replace(item, number=n) for n, item in enumerate(soonest, start=len(worst) + 1)),
    )


def badness(figures: Figures, request: Request) -> tuple[bool, float, datetime, datetime]:
    """By what requests are sorted, the worst first."""
    return (not figures.overdue, -figures.share if figures.overdue else 0.0, figures.due_at, request.received_at)


def _request_step(policy: Policy, figures: Figures, now: datetime) -> int:
    later = figures.first_response is not None
    if figures.overdue:
        # The step of the due time belongs to the first slot at which it has passed; days count from there.
        first = policy.calendar.local(next_slot(policy, figures.due_at)).date()
        return 2 + later + policy.calendar.working_days_between(first, policy.calendar.local(now).date())
    return 1 + later if figures.share >= 0.5 else 0


def _promise_step(policy: Policy, due: datetime, now: datetime) -> int:
    calendar = policy.calendar
    day, today = calendar.local(due).date(), calendar.local(now).date()
    if today < day:
        return int(today >= calendar.working_day_before(day))
    return 2 + calendar.working_days_between(day, today)
