"""Finds the day and clock time that a time expression means for a message sent at a given moment."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime, time, timedelta, tzinfo

from mailwatch.detection.moments import CLOCKS, OF_A_DAY, Moment
from mailwatch.domain.reading import Deadline

LATELY = timedelta(days=60)
"""So long ago a day without a year is past; one before that is next year's."""
MONTHS = 3
"""In so many months a day of the month is looked for."""
FRIDAY = 4
SATURDAY = 5
Due = tuple[date, time | None]
"""A day, and a clock time on it if one is known."""
_DAYS = {"day": 1, "week": 7, "fortnight": 14}
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_STEPS = {"next": 1, "coming": 1, "after_next": 2}
"""How many weeks, months and so on a word leads ahead."""
_OF_WEEK = {"start": 0, "middle": 2, "end": FRIDAY}


def resolve(
    moment: Moment,
    sent: datetime,
    named: Deadline | None = None,
    *,
    before: bool = False,
    clocks_in: tzinfo | None = None,
) -> Due | None:
    """The local day and clock time that a moment means; None if there is no such day.

    `sent` is aware and in the zone in which days are counted, `clocks_in` the zone of clock times if that is another.
    `named` is what the text named last before it, from which "the day before" counts, and on whose day a clock time
    is that comes before its own. `before` says that the cue was "before", which makes a weekend its Friday and a
    month the day before its first. A bare weekday is the next one after the day of sending; a day and month without
    a year are the next such day, unless it was lately; the end of a week is its Friday; a bare clock time that is
    over is tomorrow's.
    """
    try:
        if moment.earlier:
            return _earlier(moment, named, sent.date()) if named else None
        if moment.from_now:
            return _counted(moment, sent, clocks_in)
        if moment.only_clock and moment.clock is not None:
            if named is not None and _goes_before(moment.clock, named, sent.date()):
                return named.day, moment.clock
            zone = moment.zone or clocks_in
            return _next_clock(moment.clock, sent.astimezone(zone) if zone else sent)
        day = _day(moment, sent.date(), before)
        if day is not None and moment.counted:
            today = moment.weekday == sent.weekday() and not moment.hence
            day = _later(sent.date() if today else day, moment.count or 0, moment.counted)
    except (ValueError, OverflowError):
        return None
    return None if day is None else (day, moment.clock)


def last_named(kinds: Collection[str], due: Deadline, named: Deadline | None) -> Deadline | None:
    """What "by then" and "the day before" go back to behind a time: its day, or the one that its clock time is of."""
    if not OF_A_DAY.isdisjoint(kinds):
        return due
    if CLOCKS.issuperset(kinds):
        return replace(named, clock=due.clock, zone=due.zone) if named else due
    return named


def _goes_before(clock: time, named: Deadline, today: date) -> bool:
    """Whether a clock time is on the later day that was named last, since it comes before what happens there.

    The call is on Monday at 9:30. Please have the numbers ready by 8:30.
    """
    return named.clock is not None and named.day > today and clock < named.clock


def _next_clock(clock: time, sent: datetime) -> Due:
    over = clock < sent.time().replace(tzinfo=None)
    return sent.date() + timedelta(days=over), clock


def _counted(moment: Moment, sent: datetime, clocks_in: tzinfo | None) -> Due:
    """So many units of calendar time after the message was sent."""
    if moment.counted in ("minute", "hour"):
        due = (sent.astimezone(clocks_in) if clocks_in else sent) + timedelta(
            minutes=(moment.count or 0) * (60 if moment.counted == "hour" else 1)
        )
        return due.date(), due.time().replace(second=0, microsecond=0, tzinfo=None)
    return _later(sent.date(), moment.count or 0, moment.counted or "day"), moment.clock


def _later(day: date, count: int, unit: str) -> date:
    """So many days, working days, weeks or months after a day."""
    if unit == "workday":
        while count:
            day += timedelta(days=1)
            count -= day.weekday() <= FRIDAY
        return day
    if unit in _MONTHS:
        return _add_months(day, count * _MONTHS[unit])
    return day + timedelta(days=count * _DAYS.get(unit, 0))


def _earlier(moment: Moment, named: Deadline, today: date) -> Due | None:
    """The time that was named, or so many days, weeks or months before it, or the last such weekday before it."""
    if moment.then:
        return named.day, named.clock
    day, count, unit = named.day, moment.count or 1, moment.counted or "day"
    if moment.weekday is not None:
        day -= timedelta(days=(day.weekday() - moment.weekday - 1) % 7 + 1)
    elif unit in _MONTHS:
        day = _add_months(day, -count * _MONTHS[unit])
    elif unit in _DAYS:
        day -= timedelta(days=count * _DAYS[unit])
    else:
        return None
    return (day, moment.clock) if day >= today else None


def _day(moment: Moment, today: date, before: bool) -> date | None:
    if moment.day is not None:
        return _calendar_day(moment, today)
    if moment.relative is not None and moment.weekday is not None:
        day = today + timedelta(days=moment.relative)
        return day if day.weekday() == moment.weekday else _weekday(moment, today)
    if moment.weekday is not None:
        return _weekday(moment, today)
    if moment.month is not None:
        year = moment.year or today.year + (moment.month < today.month)
        first = date(year, moment.month, 1)
        if before and moment.edge is None and first > today:
            return first - timedelta(days=1)
        found = _in_months(first, 1, moment.edge or "start")
        return found if found >= today or moment.year else _in_months(first, 1, "end")
    if moment.relative is not None:
        return today + timedelta(days=moment.relative)
    monday = today - timedelta(days=today.weekday())
    later = 7 * _STEPS.get(moment.shift or "", 0) if moment.shift != "coming" else 0
    if moment.weekend:
        day = monday + timedelta(days=later + (FRIDAY if before else SATURDAY))
        return day if day >= today else today
    if moment.number is not None:
        return _numbered(moment, today)
    if moment.unit:
        return _unit(moment, today, monday)
    return today


def _calendar_day(moment: Moment, today: date) -> date | None:
    day = moment.day or 1
    if moment.month is None:
        first = today.replace(day=1)
        if moment.unit == "month" and moment.shift:
            return _add_months(first, moment.shift != "this").replace(day=day)
        if moment.weekday is not None and moment.beside:
            return _next_day(day, today, moment.weekday) or _weekday(moment, today)
        return _next_day(day, today)
    found = _dated(moment, moment.month, day, today)
    if moment.turned and moment.weekday not in (None, found.weekday()):
        # The weekday beside it tells the order of day and month.
        other = _dated(moment, day, moment.month, today)
        found = other if other.weekday() == moment.weekday else found
    if moment.year is None and today - LATELY <= found.replace(year=today.year) < today:
        return None
    return found


def _next_day(day: int, today: date, weekday: int | None = None) -> date | None:
    """The next such day of a month, which may have to fall on a weekday: the 31st, Friday the 18th."""
    for months in range(MONTHS):
        start = _add_months(today.replace(day=1), months)
        found = start + timedelta(days=day - 1)
        if found.month == start.month and found >= today and weekday in (None, found.weekday()):
            return found
    return None


def _dated(moment: Moment, month: int, day: int, today: date) -> date:
    found = date(moment.year or today.year, month, day)
    return found.replace(year=today.year + 1) if moment.year is None and found < today else found


def _weekday(moment: Moment, today: date) -> date:
    wanted = moment.weekday or 0
    ahead = (wanted - today.weekday() - 1) % 7 + 1
    if moment.shift in ("next", "after_next") or (moment.unit == "week" and moment.shift == "coming"):
        return today + timedelta(days=7 * _STEPS[moment.shift] - today.weekday() + wanted)
    if moment.unit == "week" and moment.shift is None:
        return today + timedelta(days=ahead + 7)
    if moment.shift == "this" and ahead == 7:
        return today
    return today + timedelta(days=ahead)


def _numbered(moment: Moment, today: date) -> date:
    """A quarter or a week by its number, the next such if this year's is over."""
    number, edge = moment.number or 1, moment.edge or "end"
    for year in (moment.year or today.year, (moment.year or today.year) + 1):
        if moment.unit == "quarter":
            day = _in_months(date(year, 3 * number - 2, 1), 3, edge)
        else:
            day = date.fromisocalendar(year, number, _OF_WEEK[edge] + 1)
        if moment.year or day >= today:
            break
    return day


def _unit(moment: Moment, today: date, monday: date) -> date | None:
    step = _STEPS.get(moment.shift or "", 0)
    edge = moment.edge or "end"
    if moment.unit in ("day", "workday"):
        return _later(today, step, moment.unit)
    if moment.unit == "week":
        day = monday + timedelta(days=7 * step + _OF_WEEK[edge])
        return max(day, today)
    months = _MONTHS.get(moment.unit or "")
    if months is None:
        return None
    first = date(today.year, (today.month - 1) // months * months + 1, 1)
    return max(_in_months(_add_months(first, months * step), months, edge), today)


def _in_months(first: date, months: int, edge: str) -> date:
    """The start, middle or end of a span of months."""
    if edge == "start":
        return first
    if edge == "middle":
        return first + timedelta(days=14 if months == 1 else 15 * months)
    return _add_months(first, months) - timedelta(days=1)


def _add_months(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = (date(year + month // 11, (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last))
