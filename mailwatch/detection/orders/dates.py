"""The days that words of time mean, counted from the day on which they were written."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

HOURS, DAYS, WEEKS, MONTHS, WORKDAYS = range(5)
"""The units of time, in the order in which the tables of words have them."""

FRIDAY = 4


def weekday(today: date, wanted: int, *, in_next_week: bool) -> date:
    """The first such weekday after today, or the one in the week that follows."""
    if in_next_week:
        return today + timedelta(days=7 - today.weekday() + wanted)
    return today + timedelta(days=(wanted - today.weekday() - 1) % 7 + 1)


def next_unit(today: date, unit: int) -> date:
    """The next Monday, the first of the next month, or tomorrow."""
    if unit == WEEKS:
        return today + timedelta(days=7 - today.weekday())
    return add_months(today.replace(day=1), 1) if unit == MONTHS else today + timedelta(days=1)


def end_of(today: date, unit: int) -> date:
    """The next Friday, the last day of the month, or today."""
    if unit == WEEKS:
        return weekday(today, FRIDAY, in_next_week=False)
    return today.replace(day=monthrange(today.year, today.month)[1]) if unit == MONTHS else today


def in_figures(today: date, text: str, *, month_first: bool) -> date:
    """The day of 12.3., 12.3.2026, 12/3 or 3/12: with points the day stands first. Raises ValueError."""
    sign = "/" if "/" in text else "."
    first, second, *rest = (int(part) for part in text.split(sign) if part)
    year = (rest[0] + 2000 if rest[0] < 100 else rest[0]) if rest else None
    swapped = sign == "/" and first <= 12 and (second > 12 or month_first)
    return dated(today, second, first, year) if swapped else dated(today, first, second, year)


def dated(today: date, day: int, month: int, year: int | None) -> date:
    """The next such day, unless the year is named. Raises ValueError if there is none."""
    found = date(year or today.year, month, day)
    return found.replace(year=found.year + 1) if year is None and found < today else found


def day_of_month(today: date, day: int) -> date:
    """The next day with this number. Raises ValueError if there is none."""
    found = today.replace(day=day)
    return found if found > today else add_months(today.replace(day=1), 1).replace(day=day)


def add_months(day: date, count: int) -> date:
    """So many months later, on the last day of the month where that is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def add_workdays(day: date, count: int) -> date:
    """So many days later, Saturdays and Sundays not counted."""
    while count:
        day += timedelta(days=1)
        count -= day.weekday() <= FRIDAY
    return day
