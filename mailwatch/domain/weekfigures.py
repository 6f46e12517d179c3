"""The numbers of a week, or of any stretch of time, counted from requests and promises."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from mailwatch.domain.policy import Policy
from mailwatch.domain.promise import Promise, PromiseState
from mailwatch.domain.request import Request
from mailwatch.domain.survival import quantile
from mailwatch.domain.tally import Case, Outcome, cases_of, outcomes_of
from mailwatch.domain.workcalendar import at_local


@dataclass(frozen=True, slots=True)
class WeekFigures:
    """The numbers of one week (Monday to Sunday, local); times are working time, None where there is no value.

    `asked` counts the requests received in the week that were not dismissed, muted or withdrawn; `answered` those
    of them that have an answer, a colleague's too, or were handed over. A request that only a colleague answered
    is in no median and no share. Medians and p90 treat the open ones as censored (Kaplan-Meier); `on_time` is the
    share (0 to 1) of those whose time is up that met both targets, open ones past their target counted as missed.
    Promises are counted in the week in which they ended, missed ones in that in which they fell due; `kept` are
    those kept in time but not early.
    """

    week: date
    asked: int
    answered: int
    median_first_response: timedelta | None
    p90_first_response: timedelta | None
    on_time: float | None
    promises_made: int
    kept: int
    kept_early: int
    kept_late: int
    renegotiated: int
    missed: int


def monday_of(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def bounds(policy: Policy, week: date) -> tuple[datetime, datetime]:
    """The first moment of a week and that after its last, by the user's clock (UTC)."""
    zone, monday = policy.calendar.zone, monday_of(week)
    return at_local(zone, monday, time()), at_local(zone, monday + timedelta(weeks=1), time())


def figures_of_weeks(
    policy: Policy, now: datetime, weeks: int, requests: Sequence[Request], promises: Sequence[Promise]
) -> list[WeekFigures]:
    """The figures of the last weeks as they are known now; the week that is going on stands first."""
    cases, outcomes = cases_of(policy, now, requests), outcomes_of(policy, now, promises)
    this = monday_of(policy.calendar.local(now).date())
    return [count_week(policy, this - timedelta(weeks=n), cases, outcomes) for n in range(weeks)]


def figures_between(
    policy: Policy,
    now: datetime,
    start: datetime,
    end: datetime,
    requests: Sequence[Request],
    promises: Sequence[Promise],
) -> WeekFigures:
    """The figures, as known now, of what came from `start` on and before `end`; `week` is that of `start`."""
    cases, outcomes = cases_of(policy, now, requests), outcomes_of(policy, now, promises)
    return count(monday_of(policy.calendar.local(start).date()), start, end, cases, outcomes)


def count_week(policy: Policy, week: date, cases: Sequence[Case], outcomes: Sequence[Outcome]) -> WeekFigures:
    """The figures of one week."""
    return count(monday_of(week), *bounds(policy, week), cases, outcomes)


def count(
    week: date, start: datetime, end: datetime, cases: Sequence[Case], outcomes: Sequence[Outcome]
) -> WeekFigures:
    """The figures of the requests received in a stretch of time, and of the promises made, ended or missed in it."""
    own = [case for case in cases if start <= case.request.received_at < end]
    waits = [case.wait for case in own if case.wait]
    verdicts = [case.in_time for case in own if case.in_time is not None]
    states = Counter(outcome.state for outcome in outcomes if outcome.at and start <= outcome.at < end)
    return WeekFigures(
        week=week,
        asked=len(own),
        answered=sum(case.settled for case in own),
        median_first_response=quantile(waits, 0.5),
        p90_first_response=quantile(waits, 0.9),
        on_time=sum(verdicts) / len(verdicts) if verdicts else None,
        promises_made=sum(start <= outcome.promise.made_at < end for outcome in outcomes),
        kept=states[PromiseState.KEPT],
        kept_early=states[PromiseState.KEPT_EARLY],
        kept_late=states[PromiseState.KEPT_LATE],
        renegotiated=states[PromiseState.RENEGOTIATED],
        missed=states[PromiseState.MISSED],
    )
