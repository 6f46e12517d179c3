"""Working time: when a person works, and how much of that lies between two moments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

Span = tuple[time, time]
NINE_TO_FIVE: Mapping[int, tuple[Span, ...]] = {day: ((time(9), time(17)),) for day in range(5)}


@dataclass(frozen=True)
class WorkCalendar:
    """The working hours of one person in their own time zone.

    `hours` maps a weekday (Monday is 0) to its spans; a day that is not named is free. A span whose end is
    not after its start reaches into the next day. `holidays` are days without work; `leave` are ranges of
    days, both ends included. All arguments and results that are datetimes are aware; naive ones raise
    ValueError; results are in UTC.
    """

    zone: ZoneInfo
    hours: Mapping[int, tuple[Span, ...]] = field(default_factory=lambda: NINE_TO_FIVE)
    holidays: frozenset[date] = frozenset()
    leave: tuple[tuple[date, date], ...] = ()

    def worked(self, start: datetime, end: datetime) -> timedelta:
        """The working time between two moments; zero if `end` is not after `start`."""
        raise NotImplementedError

    def after(self, start: datetime, working: timedelta) -> datetime:
        """The earliest moment by which `working` has been worked since `start`."""
        raise NotImplementedError

    def next_working_moment(self, moment: datetime) -> datetime:
        """The moment itself if it is in working hours, else the start of the next span."""
        raise NotImplementedError

    def is_working_day(self, day: date) -> bool:
        """Whether the person works at all on a local day."""
        raise NotImplementedError

    def end_of_day(self, day: date) -> datetime:
        """The end of the last span that starts on a local day; of a free day, the same moment as on a usual day."""
        raise NotImplementedError

    def working_day_before(self, day: date) -> date:
        """The last working day before a local day."""
        raise NotImplementedError

    def working_day_after(self, day: date) -> date:
        """The next working day after a local day."""
        raise NotImplementedError

    def local(self, moment: datetime) -> datetime:
        """A moment in the person's zone."""
        raise NotImplementedError
