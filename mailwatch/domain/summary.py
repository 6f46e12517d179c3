"""The weekly summary: how timely a user was, counted so that nobody looks better by not answering."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from mailwatch.domain.people import Address
from mailwatch.domain.policy import Policy
from mailwatch.domain.promise import Promise
from mailwatch.domain.reminder import PromiseItem, RequestItem
from mailwatch.domain.request import Request


@dataclass(frozen=True, slots=True)
class WeekFigures:
    """The numbers of one week (Monday to Sunday, local); times are working time, None where there is no value.

    `asked` counts the requests received in the week that were not dismissed, muted or withdrawn; `answered` those
    of them that have an answer. Medians and p90 treat the open ones as censored (Kaplan-Meier); `on_time` is the
    share (0 to 1) of those whose time is up that met both targets, open ones past their target counted as missed.
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


@dataclass(frozen=True, slots=True)
class CoworkerWait:
    """How long one coworker waits in the median, beside everybody else (working time)."""

    who: Address
    asked: int
    median: timedelta
    others: timedelta


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of a bar chart made of table cells: `share` is 0 to 1 of the longest."""

    label: str
    count: int
    share: float


@dataclass(frozen=True, slots=True)
class WeeklySummary:
    """One week of one user, as the mail tells it; `week` is its Monday, `at` the moment of counting (UTC)."""

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
    suggestion: str | None  # the name of a suggestion that the template words


def summarize_week(
    policy: Policy, now: datetime, week: date, requests: Sequence[Request], promises: Sequence[Promise]
) -> WeeklySummary | None:
    """The summary of the week that begins on the Monday `week`; None if there is nothing to say of it."""
    raise NotImplementedError
