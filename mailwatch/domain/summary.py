"""The weekly summary: how timely a user was, counted so that nobody looks better by not answering."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from mailwatch.domain.people import Address
from mailwatch.domain.policy import Policy
from mailwatch.domain.promise import Promise, PromiseState
from mailwatch.domain.reminder import MOST_PROMISES, MOST_REQUESTS, PromiseItem, RequestItem, in_order
from mailwatch.domain.request import Request, is_users_turn
from mailwatch.domain.tally import Case, Outcome, cases_of, outcomes_of
from mailwatch.domain.weekfigures import (
    WeekFigures,
    bounds,
    count_week,
    figures_between,
    figures_of_weeks,
    monday_of,
)
from mailwatch.domain.weekfindings import (
    Bar,
    CoworkerWait,
    Suggestion,
    by_hour,
    by_speed,
    by_weekday,
    helped,
    suggest,
    uneven,
)
from mailwatch.domain.workcalendar import in_utc

__all__ = [
    "Bar",
    "CoworkerWait",
    "Suggestion",
    "WeekFigures",
    "WeeklySummary",
    "figures_between",
    "figures_of_weeks",
    "summarize_week",
]

WEEKS_BEFORE = 8
_WEEKS_COMPARED = 4  # Over how many weeks coworkers are compared, this one included: one week is too few requests.


@dataclass(frozen=True, slots=True)
class WeeklySummary:
    """One week of one user, as the mail tells it; `week` is its Monday, `at` the moment of counting (UTC).

    `before` ends with the oldest of the eight weeks in which there was anything. `waiting` and `promises` are what
    is open now, numbered through; snoozed and asked-back requests and promises without a date are not among them.
    Labels of bars are English words for the template to translate, of SPEEDS and WEEKDAYS in `weekfindings`.
    """

    policy: Policy
    at: datetime
    week: date
    figures: WeekFigures
    before: tuple[WeekFigures, ...]  # last week first, then the seven before it
    waiting: tuple[RequestItem, ...]
    promises: tuple[PromiseItem, ...]
    by_speed: tuple[Bar, ...]  # first responses within 1, 4, 8, 16 working hours, later, and none yet
    by_weekday: tuple[Bar, ...]
    uneven: CoworkerWait | None
    helped: tuple[tuple[Address, int], ...]
    early: tuple[Promise, ...]
    suggestion: str | None  # the value of a Suggestion, which the template words
    by_hour: tuple[Bar, ...] = ()  # by two hours of the local day

    @property
    def shown(self) -> tuple[tuple[RequestItem, ...], tuple[PromiseItem, ...]]:
        """The worst of what is open, numbered as the mail does: there is no room for more."""
        return in_order(self.waiting[:MOST_REQUESTS], self.promises[:MOST_PROMISES])

    @property
    def came_since(self) -> bool:
        """Whether some of those who wait asked after the week."""
        _, end = bounds(self.policy, self.week)
        return any(item.request.received_at >= end for item in self.waiting)

    @property
    def perfect(self) -> bool:
        """Whether all that was asked and promised went in time, and nobody waits past their time."""
        figures = self.figures
        broken = figures.missed or figures.kept_late or figures.on_time not in (None, 1.0)
        late = any(item.figures.overdue for item in self.waiting) or any(item.overdue for item in self.promises)
        return not broken and not late and bool(figures.on_time or figures.kept or figures.kept_early)


def summarize_week(
    policy: Policy, now: datetime, week: date, requests: Sequence[Request], promises: Sequence[Promise]
) -> WeeklySummary | None:
    """The summary of the week that begins on the Monday `week`; None if there is nothing to say of it.

    All weeks are counted as they are known now. There is nothing to say if nothing was asked, answered, promised
    or due in the week and nothing is open, or if the user has stopped the summaries.
    """
    if not policy.manners.summaries:
        return None
    week = monday_of(week)
    start, end = bounds(policy, week)
    cases, outcomes = cases_of(policy, now, requests), outcomes_of(policy, now, promises)
    own = [case for case in cases if start <= case.request.received_at < end]
    figures = count_week(policy, week, cases, outcomes)
    waiting, open_promises = in_order(_waiting(cases), _open(outcomes))
    thanked = helped(cases, start, end)
    if not (_anything(figures) or waiting or open_promises or thanked):
        return None
    since, _ = bounds(policy, week - timedelta(weeks=_WEEKS_COMPARED - 1))
    longer = uneven([case for case in cases if since <= case.request.received_at < end])
    weekdays = by_weekday(policy, own)
    return WeeklySummary(
        policy=policy,
        at=in_utc(now),
        week=week,
        figures=figures,
        before=_before(policy, week, cases, outcomes),
        waiting=waiting,
        promises=open_promises,
        by_speed=by_speed(own),
        by_weekday=weekdays,
        uneven=longer,
        helped=thanked,
        early=tuple(
            outcome.promise
            for outcome in outcomes
            if outcome.state is PromiseState.KEPT_EARLY and outcome.at and start <= outcome.at < end
        ),
        suggestion=suggest(figures, waiting, weekdays, longer),
        by_hour=by_hour(policy, own),
    )


def _waiting(cases: Sequence[Case]) -> list[RequestItem]:
    return [RequestItem(0, case.request, case.figures, 0) for case in cases if is_users_turn(case.figures.state)]


def _open(outcomes: Sequence[Outcome]) -> list[PromiseItem]:
    return [
        PromiseItem(0, outcome.promise, outcome.due_at, outcome.state is PromiseState.MISSED, 0)
        for outcome in outcomes
        if outcome.due_at and outcome.state in (PromiseState.OPEN, PromiseState.MISSED)
    ]


def _before(
    policy: Policy, week: date, cases: Sequence[Case], outcomes: Sequence[Outcome]
) -> tuple[WeekFigures, ...]:
    weeks = [count_week(policy, week - timedelta(weeks=n), cases, outcomes) for n in range(1, WEEKS_BEFORE + 1)]
    while weeks and not _anything(weeks[-1]):
        weeks.pop()
    return tuple(weeks)


def _anything(figures: WeekFigures) -> bool:
    promised = figures.promises_made, figures.kept, figures.kept_early, figures.kept_late
    return any((figures.asked, *promised, figures.renegotiated, figures.missed))
