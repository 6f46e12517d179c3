"""One year of working time as prefix sums over spans in UTC, exact across every change of the clocks."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

SECOND = 1_000_000  # All numbers here are whole microseconds since 1970, of UTC or of a wall clock.
DAY = 86_400 * SECOND
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = EPOCH.toordinal()
_LOOK_EVERY = 24 * 3600  # No zone changes its offset twice within this many seconds.

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class WorkYear:
    """The spans of one UTC year in order, not overlapping; `sums[i]` is the time worked by the end of span i."""

    starts: array[int]
    ends: array[int]
    sums: array[int]

    @property
    def total(self) -> int:
        """The working time of the whole year."""
        return self.sums[-1] if self.sums else 0

    def worked_by(self, moment: int) -> int:
        """The time worked from the start of the year until a moment in it."""
        index = bisect_right(self.starts, moment) - 1
        return self.sums[index] - max(0, self.ends[index] - moment) if index >= 0 else 0

    def moment_of(self, worked: int) -> int:
        """The earliest moment by which so much of the year's time (more than none, at most all) is worked."""
        index = bisect_left(self.sums, worked)
        return self.ends[index] - (self.sums[index] - worked)

    def next_moment(self, moment: int) -> int | None:
        """The moment itself if it is worked, else the start of the next span, or None if this year has none."""
        index = bisect_right(self.starts, moment) - 1
        if index >= 0 and moment < self.ends[index]:
            return moment
        return self.starts[index + 1] if index + 1 < len(self.starts) else None


def midnight(day: int) -> int:
    """The wall clock's 00:00 of the day with this ordinal."""
    return (day - _EPOCH_DAY) * DAY


def new_year(year: int) -> int:
    """The start of a year in UTC."""
    return midnight(date(year, 1, 1).toordinal())


@lru_cache(maxsize=512)
def offsets(zone: ZoneInfo, year: int) -> tuple[tuple[int, int, int], ...]:
    """The stretches of a UTC year with one offset each, as (from, to, offset)."""

    def offset(second: int) -> int:
        off = (EPOCH + timedelta(seconds=second)).astimezone(zone).utcoffset() or timedelta()
        return off // timedelta(seconds=1)

    begin, end = new_year(year) // SECOND, new_year(year + 1) // SECOND
    stretches = []
    since, seen = begin, offset(begin)
    for second in range(begin, end + 1, _LOOK_EVERY):
        if offset(second) != seen:
            change = second - _LOOK_EVERY + bisect_left(range(_LOOK_EVERY), True, key=_differs(offset, second, seen))
            stretches.append((since * SECOND, change * SECOND, seen * SECOND))
            since, seen = change, offset(change)
    stretches.append((since * SECOND, end * SECOND, seen * SECOND))
    return tuple(stretches)


def _differs(offset: Callable[[int], int], second: int, seen: int) -> Callable[[int], bool]:
    return lambda step: offset(second - _LOOK_EVERY + step) != seen


def build_year(zone: ZoneInfo, year: int, spans_of: Callable[[int], tuple[Pair, ...]]) -> WorkYear:
    """The working time of a UTC year; `spans_of` tells the spans of a local day (an ordinal) from its midnight.

    A moment is worked if the wall clock then stands within a span. So a span whose bounds the clocks skip or
    repeat needs no rule of its own: it holds just those moments at which the clock shows a time inside.
    """
    first, last = date(year, 1, 1).toordinal() - 2, date(year + 1, 1, 1).toordinal() + 1
    local = _merged([(midnight(d) + a, midnight(d) + b) for d in range(first, last + 1) for a, b in spans_of(d)])
    starts, ends, sums, total = array("q"), array("q"), array("q"), 0
    for since, until, offset in offsets(zone, year) if local else ():
        for a, b in local:
            start, end = max(a - offset, since), min(b - offset, until)
            if start < end:
                total += end - start
                starts.append(start)
                ends.append(end)
                sums.append(total)
    return WorkYear(starts, ends, sums)


def _merged(pairs: list[Pair]) -> list[Pair]:
    merged: list[Pair] = []
    for start, end in sorted(pairs):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
