"""Finds the day and clock time that a time expression means for a message sent at a given moment."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from mailwatch.detection.moments import Moment

FRIDAY = 4
SATURDAY = 5


def resolve(moment: Moment, sent: datetime, *, before: bool = False) -> tuple[date, time | None] | None:
    """The local day and clock time that a moment means; None if there is no such day.

    `sent` is aware and in the zone in which days are counted. `before` says that the cue was "before", which
    makes a weekend its Friday. A bare weekday is the next one after the day of sending; a day and month without
    a year are the next such day; the end of a week is its Friday.
    """
    try:
        if moment.count is not None and moment.unit:
            return _counted(moment, sent)
        day = _day(moment, sent.date(), before)
    except (ValueError, OverflowError):
        return None
    return None if day is None else (day, moment.clock)


def _counted(moment: Moment, sent: datetime) -> tuple[date, time | None]:
    """So many units of calendar time after the message was sent."""
    count, today = moment.count or 0, sent.date()
    if moment.unit in ("minute", "hour"):
        due = sent + timedelta(minutes=count * (60 if moment.unit == "hour" else 1))
        return due.date(), due.time().replace(second=0, microsecond=0, tzinfo=None)
    if moment.unit == "workday":
        while count:
            today += timedelta(days=1)
            count -= today.weekday() <= FRIDAY
        return today, moment.clock
    if moment.unit in ("month", "quarter", "year"):
        return _add_months(today, count * {"month": 1, "quarter": 3, "year": 12}[moment.unit]), moment.clock
    return today + timedelta(days=count * (7 if moment.unit == "week" else 1)), moment.clock


def _day(moment: Moment, today: date, before: bool) -> date | None:
    if moment.day is not None:
        return _calendar_day(moment, today)
    if moment.weekday is not None:
        return _weekday(moment, today)
    if moment.month is not None:
        year = moment.year or today.year + (moment.month < today.month)
        first = date(year, moment.month, 1)
        found = _in_months(first, 1, moment.edge or "start")
        return found if found >= today or moment.year else _in_months(first, 1, "end")
    if moment.relative is not None:
        return today + timedelta(days=moment.relative)
    monday = today - timedelta(days=today.weekday())
    later = 7 if moment.shift == "next" else 0
    if moment.weekend:
        day = monday + timedelta(days=later + (FRIDAY if before else SATURDAY))
        return day if day >= today else today
    if moment.unit:
        return _unit(moment, today, monday)
    return today


def _calendar_day(moment: Moment, today: date) -> date:
    day = moment.day or 1
    if moment.month is None:
        this = _day_of(today, day)
        return this if this >= today else _day_of(_add_months(today.replace(day=1), 1), day)
    found = date(moment.year or today.year, moment.month, day)
    if moment.year is None and found < today:
        found = date(today.year + 1, moment.month, day)
    return found


def _day_of(month: date, day: int) -> date:
    return month.replace(day=day)


def _weekday(moment: Moment, today: date) -> date:
    wanted = moment.weekday or 0
    ahead = (wanted - today.weekday() - 1) % 7 + 1
    if moment.shift == "next":
        return today + timedelta(days=7 - today.weekday() + wanted)
    if moment.shift == "this" and ahead == 7:
        return today
    return today + timedelta(days=ahead)


def _unit(moment: Moment, today: date, monday: date) -> date | None:
    step = 1 if moment.shift in ("next", "coming") else 0
    edge = moment.edge or "end"
    if moment.unit in ("day", "workday"):
        return today + timedelta(days=step)
    if moment.unit == "week":
        day = monday + timedelta(days=7 * step + {"start": 0, "middle": 2, "end": FRIDAY}[edge])
        return max(day, today)
    months = {"month": 1, "quarter": 3, "year": 12}.get(moment.unit or "")
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
