"""What stands out in a week: its shape as bars, a coworker who waits longer, who was helped, one suggestion."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from mailwatch.domain.people import Address
from mailwatch.domain.policy import Policy
from mailwatch.domain.reminder import RequestItem
from mailwatch.domain.request import RequestState
from mailwatch.domain.survival import Wait, at_least, quantile
from mailwatch.domain.tally import Case
from mailwatch.domain.weekfigures import WeekFigures

SPEEDS = ("within 1 h", "within 4 h", "within 8 h", "within 16 h", "later", "none yet")
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_LIMITS = tuple(timedelta(hours=hours) for hours in (1, 4, 8, 16))

_ASKED_BY_ONE, _ASKED_BY_OTHERS = 3, 5  # Fewer say nothing about a difference.
_LONGER_BY = timedelta(hours=1)  # Twice as long as a few minutes is no difference that anybody feels.
_NAMED = 6
_STRETCH = 2  # Hours that one bar of the day stands for: by single hours a week is too thin.


class Suggestion(StrEnum):
    """What might help next week; the rules are tried in this order, and the first that holds is given."""

    OLDEST_FIRST = "oldest_first"
    """Somebody has waited at least twice the time that was aimed at."""
    FINISH_ACKNOWLEDGED = "finish_acknowledged"
    """Two or more requests were acknowledged, and their answer is overdue."""
    PROMISE_LATER = "promise_later"
    """Promises missed or kept late: two or more, or as many as were kept in time."""
    SAME_FOR_EVERYONE = "same_for_everyone"
    """One coworker waits clearly longer than the others."""
    SAY_WHEN = "say_when"
    """Fewer than four in five of at least three requests were in time: a line with a date would have done."""
    KEEP_TIME_FREE = "keep_time_free"
    """Half or more of at least eight requests came on one weekday."""


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


def by_speed(cases: Sequence[Case]) -> tuple[Bar, ...]:
    """How many first responses came how fast, in working hours; the labels are SPEEDS."""
    counts = [0] * len(SPEEDS)
    for wait in filter(None, (case.wait for case in cases)):
        time, ended = wait
        counts[sum(time > limit for limit in _LIMITS) if ended else -1] += 1
    return _bars(SPEEDS, counts)


def by_weekday(policy: Policy, cases: Sequence[Case]) -> tuple[Bar, ...]:
    """How many requests came on which local weekday; a day without hours is shown only if some came on it."""
    counts = Counter(policy.calendar.local(case.request.received_at).weekday() for case in cases)
    days = [day for day in range(7) if counts[day] or policy.calendar.hours.get(day)]
    return _bars([WEEKDAYS[day] for day in days], [counts[day] for day in days])


def by_hour(policy: Policy, cases: Sequence[Case]) -> tuple[Bar, ...]:
    """How many requests came in which two hours of the local day; labels are such as "08–10".

    Shown is the stretch from the first to the last two hours that are worked in or in which some came.
    """
    calendar = policy.calendar
    counts = Counter(calendar.local(case.request.received_at).hour // _STRETCH for case in cases)
    if not counts:
        return ()
    worked = {hour for spans in calendar.hours.values() for span in spans for hour in _stretches(*span)}
    shown = range(min(worked | set(counts)), max(worked | set(counts)) + 1)
    labels = [f"{_STRETCH * n:02}–{_STRETCH * (n + 1):02}" for n in shown]
    return _bars(labels, [counts[n] for n in shown])


def uneven(cases: Sequence[Case]) -> CoworkerWait | None:
    """The coworker who waits longest in the median, if that is twice as long as the others, and an hour longer.

    At least three requests of that coworker and five of others are needed. Where most of somebody's requests
    still wait, the median is at least what they have waited until now, and that is taken.
    """
    waits: defaultdict[Address, list[Wait]] = defaultdict(list)
    for case in cases:
        if case.wait:
            waits[case.request.requester].append(case.wait)
    found = []
    for who, own in waits.items():
        others = [wait for other, theirs in waits.items() if other != who for wait in theirs]
        median, usual = _median(own), _median(others)
        if len(own) < _ASKED_BY_ONE or len(others) < _ASKED_BY_OTHERS or median is None or usual is None:
            continue
        if median >= 2 * usual and median - usual >= _LONGER_BY:
            found.append(CoworkerWait(who, len(own), median, usual))
    return max(found, key=lambda wait: (wait.median, wait.asked), default=None)


def helped(cases: Sequence[Case], start: datetime, end: datetime) -> tuple[tuple[Address, int], ...]:
    """Whom the user answered in a stretch of time and how often, the most first; six names at most."""
    counts: Counter[Address] = Counter()
    for case in cases:
        answered = case.answered_at
        if answered and start <= answered < end:
            counts[case.request.requester] += 1
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0].addr_spec))
    return tuple(ranked[:_NAMED])


def suggest(
    figures: WeekFigures,
    waiting: Sequence[RequestItem],
    weekdays: Sequence[Bar],
    longer: CoworkerWait | None,
) -> Suggestion | None:
    """The first suggestion whose rule holds; None in a week that needs none."""
    overdue = [item.figures for item in waiting if item.figures.overdue]
    broken, kept = figures.missed + figures.kept_late, figures.kept + figures.kept_early
    if any(one.share >= 2 for one in overdue):
        return Suggestion.OLDEST_FIRST
    if sum(one.state is RequestState.ACKNOWLEDGED for one in overdue) >= 2:
        return Suggestion.FINISH_ACKNOWLEDGED
    if broken >= 2 or (broken and broken >= kept):
        return Suggestion.PROMISE_LATER
    if longer:
        return Suggestion.SAME_FOR_EVERYONE
    if figures.asked >= 3 and figures.on_time is not None and figures.on_time < 0.8:
        return Suggestion.SAY_WHEN
    if figures.asked >= 8 and any(2 * bar.count >= figures.asked for bar in weekdays):
        return Suggestion.KEEP_TIME_FREE
    return None


def _stretches(start: time, end: time) -> Iterable[int]:
    """The stretches that a span of work touches; one that ends before it starts goes past midnight."""
    first, last = start.hour // _STRETCH, (end.hour * 60 + end.minute - 1) // 60 // _STRETCH
    if end > start:
        return range(first, last + 1)
    return (*range(first, 24 // _STRETCH), *range(last + 1))


def _median(waits: Sequence[Wait]) -> timedelta | None:
    median = quantile(waits, 0.5)
    return at_least(waits) if median is None else median


def _bars(labels: Sequence[str], counts: Sequence[int]) -> tuple[Bar, ...]:
    longest = max(counts, default=0) or 1
    return tuple(Bar(label, count, count / longest) for label, count in zip(labels, counts, strict=True))
