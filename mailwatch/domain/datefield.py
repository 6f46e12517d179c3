"""Reads the date of a Date or Received field (RFC 5322 3.3, and what is found instead)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_tz

FURTHEST = timedelta(hours=14)
"""No place's clock is further from UTC."""
_LIMIT = 120
_MONTH_NAMES = "jan feb mar apr may jun jul aug sep oct nov dec"
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES.split(), start=1)}
_USUAL = re.compile(
    r"\s*+(?:[A-Za-z]{3},?\s++)?(\d{1,2})\s++([A-Za-z]{3})\s++(\d{4})\s++(\d{1,2}):(\d\d)(?::(\d\d))?\s++"
    r"(?:([+-])(\d\d)([0-5]\d)|GMT|UT|UTC|Z)\s*+(?:\(|\Z)"
)


def read_date(value: str) -> datetime | None:
    """The moment a date field names, aware and in UTC; None if it names none. A missing zone is taken for UTC."""
    match = _USUAL.match(value[:_LIMIT])
    try:
        if match is None:
            return _read_slowly(value[:_LIMIT])
        day, month, year, hour, minute, second, sign, off_hours, off_minutes = match.groups()
        ahead = 0
        if sign:
            ahead = int(off_hours) * 60 + int(off_minutes)
            ahead = -ahead if sign == "-" else ahead
        number = _MONTHS.get(month.lower())
        if number is None or abs(ahead) >= 24 * 60:
            return None
        # A leap second (60) is the last one that datetime knows.
        moment = datetime(int(year), number, int(day), int(hour), int(minute), min(int(second or 0), 59), tzinfo=UTC)
        return moment - timedelta(minutes=ahead) if ahead else moment
    except (ValueError, OverflowError):
        return None


def read_offset(value: str) -> timedelta | None:
    """How far the clock of who wrote a date field is ahead of UTC; None if it is not, or if nobody can tell."""
    match = _USUAL.match(value[:_LIMIT])
    if match is None or not match[7]:
        return None
    ahead = timedelta(hours=int(match[8]), minutes=int(match[9]))
    return (-ahead if match[7] == "-" else ahead) if timedelta(0) < ahead <= FURTHEST else None


def _read_slowly(value: str) -> datetime | None:
    try:
        found = parsedate_tz(value)
    except Exception:
        # The standard parser was never meant for hostile input; whatever it trips over is no date.
        return None
    if found is None:
        return None
    year, month, day, hour, minute, second = found[:6]
    ahead = found[9] or 0
    if abs(ahead) >= 24 * 3600:
        return None
    return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC) - timedelta(seconds=ahead)
