"""Working time: when a person works, and how much of that lies between two moments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from mailwatch.domain.workyear import DAY, EPOCH, SECOND, Pair, WorkYear, build_year, new_year, offsets

Span = tuple[time, time]
NINE_TO_FIVE: Mapping[int, tuple[Span, ...]] = {day: ((time(9), time(17)),) for day in range(5)}

LOOK_AHEAD = timedelta(days=3653)
"""How far working time is looked for: ten years. Past that a calendar counts as one without working time."""

_FIRST_YEAR, _LAST_YEAR = 2, 9997  # Zones cannot be asked at the very ends of what a datetime can say.
_EARLIEST = datetime(_FIRST_YEAR, 1, 1, tzinfo=UTC)
_LATEST = datetime(_LAST_YEAR, 12, 31, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_FIVE_O_CLOCK = 17 * 3600 * SECOND


def in_utc(moment: datetime) -> datetime:
    """A moment in UTC. Raises ValueError if it is naive; one at the very ends of time is moved to year 2 or 9997."""
    if moment.tzinfo is UTC and _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        return moment
    if moment.utcoffset() is None:
        raise ValueError(f"The time {moment.isoformat()} has no zone; times need one (such as +00:00).")
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        return _EARLIEST if moment.year < _FIRST_YEAR else _LATEST
    return min(max(moment.astimezone(UTC), _EARLIEST), _LATEST)


def shifted(moment: datetime, span: timedelta) -> datetime:
    """A moment so much later, or earlier (UTC). Raises ValueError if it is naive; the ends are those of `in_utc`."""
    since = in_utc(moment)
    return since + min(max(span, _EARLIEST - since), _LATEST - since)


def at_local(zone: tzinfo, day: date, clock: time) -> datetime:
    """The moment (UTC) when a zone's clock shows a time on a day: the first if it does so twice.

    A time that the clocks skip counts on from before the change: 02:30 is then what is called 03:30.
    """
    day = min(max(day, _EARLIEST.date() + timedelta(days=2)), _LATEST.date() - timedelta(days=2))
    return datetime.combine(day, clock.replace(tzinfo=None, fold=0), tzinfo=zone).astimezone(UTC)


@dataclass(frozen=True)
class WorkCalendar:
    """The working hours of one person in their own time zone.

    `hours` maps a weekday (Monday is 0) to its spans; a day that is not named is free. A span whose end is
    not after its start reaches into the next day; it belongs to the day on which it starts, so a night shift
    into a holiday counts whole and one that would start on a holiday not at all. Spans that overlap count once.
    `holidays` are days without work; `leave` are ranges of days, both ends included. All arguments and results
    that are datetimes are aware; naive ones raise ValueError; results are in UTC.

    A calendar can be shared by threads: years are summed up when they are first needed and kept, and two
    threads that sum up the same year do the same work twice and no harm.
    """

    zone: ZoneInfo
    hours: Mapping[int, tuple[Span, ...]] = field(default_factory=lambda: NINE_TO_FIVE)
    holidays: frozenset[date] = frozenset()
    leave: tuple[tuple[date, date], ...] = ()
    _week: tuple[tuple[Pair, ...], ...] = field(init=False, repr=False, compare=False)
    _free: frozenset[int] = field(init=False, repr=False, compare=False)
    _away: tuple[Pair, ...] = field(init=False, repr=False, compare=False)
    _years: dict[int, WorkYear] = field(init=False, repr=False, compare=False, default_factory=dict)
    _totals: dict[int, int] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        week = tuple(tuple(_since_midnight(span) for span in self.hours.get(day, ())) for day in range(7))
        object.__setattr__(self, "_week", week)
        object.__setattr__(self, "_free", frozenset(day.toordinal() for day in self.holidays))
        object.__setattr__(self, "_away", tuple((a.toordinal(), b.toordinal()) for a, b in self.leave))

    def worked(self, start: datetime, end: datetime) -> timedelta:
        """The working time between two moments; zero if `end` is not after `start`."""
        since, until = in_utc(start), in_utc(end)
        if until <= since:
            return timedelta()
        total = self._year(until.year).worked_by(_number(until)) - self._year(since.year).worked_by(_number(since))
        for year in range(since.year, until.year):
            total += self._total(year)
        return timedelta(microseconds=total)

    def after(self, start: datetime, working: timedelta) -> datetime:
        """The earliest moment by which `working` has been worked since `start`; `start` itself if that is no time.

        If so much is not worked within LOOK_AHEAD, the moment that is LOOK_AHEAD away: a clock without working
        time is never due, and asking it neither fails nor takes for ever.
        """
        since = in_utc(start)
        horizon = shifted(since, LOOK_AHEAD)
        wanted = working // _MICROSECOND
        if wanted <= 0:
            return since
        wanted += self._year(since.year).worked_by(_number(since))
        for year in range(since.year, horizon.year + 1):
            if wanted <= self._total(year):
                return min(_moment(self._year(year).moment_of(wanted)), horizon)
            wanted -= self._total(year)
        return horizon

    def next_working_moment(self, moment: datetime) -> datetime:
        """The moment itself if it is in working hours, else the start of the next span.

        If there is none within LOOK_AHEAD, the moment that is LOOK_AHEAD away.
        """
        since = in_utc(moment)
        horizon = shifted(since, LOOK_AHEAD)
        for year in range(since.year, horizon.year + 1):
            found = self._year(year).next_moment(max(_number(since), new_year(year)))
            if found is not None:
                return min(_moment(found), horizon)
        return horizon

    def is_working_day(self, day: date) -> bool:
        """Whether a span starts on a local day: it has hours and is neither a holiday nor leave."""
        return bool(self._spans(day.toordinal()))

    def end_of_day(self, day: date) -> datetime:
        """The end of the last span that starts on a local day; of a free day, the same moment as on a usual day.

        The usual end of a holiday is that of its weekday, of a weekday without hours the one most common in the
        week, and 17:00 in a week without hours.
        """
        day = min(max(day, _EARLIEST.date() + timedelta(days=2)), _LATEST.date() - timedelta(days=2))
        spans = self._week[day.weekday()]
        wall = max(end for _, end in spans) if spans else self._usual_end()
        clock = datetime.combine(day, time()) + timedelta(microseconds=wall)
        first, second = (clock.replace(tzinfo=self.zone, fold=fold).astimezone(UTC) for fold in (0, 1))
        if first <= second:
            return second  # The clock shows this time twice, and up to the second time it stands within the span.
        return _moment(max(since for since, _, _ in offsets(self.zone, first.year) if since <= _number(first)))

    def working_day_before(self, day: date) -> date:
        """The last working day before a local day; the day before it if there is none within LOOK_AHEAD."""
        return self._neighbour(day, -1)

    def working_day_after(self, day: date) -> date:
        """The next working day after a local day; the day after it if there is none within LOOK_AHEAD."""
        return self._neighbour(day, 1)

    def working_days_between(self, after: date, until: date) -> int:
        """How many working days come after one local day, until and with another; at most those of LOOK_AHEAD."""
        first, last = after.toordinal() + 1, until.toordinal()
        return sum(bool(self._spans(day)) for day in range(max(first, last - LOOK_AHEAD.days), last + 1))

    def local(self, moment: datetime) -> datetime:
        """A moment in the person's zone."""
        return in_utc(moment).astimezone(self.zone)

    def _spans(self, day: int) -> tuple[Pair, ...]:
        spans = self._week[(day + 6) % 7]  # The day with ordinal 1 was a Monday.
        if not spans or day in self._free or any(first <= day <= last for first, last in self._away):
            return ()
        return spans

    def _year(self, year: int) -> WorkYear:
        found = self._years.get(year)
        if found is None:
            found = self._years[year] = build_year(self.zone, year, self._spans)
            self._totals[year] = found.total
        return found

    def _total(self, year: int) -> int:
        # A year that lies between two moments is only summed up, so that a mail from the year 100 fills no memory.
        found = self._totals.get(year)
        if found is None:
            found = self._totals[year] = build_year(self.zone, year, self._spans).total
        return found

    def _neighbour(self, day: date, step: int) -> date:
        here = day.toordinal()
        last = min(max(here + step * LOOK_AHEAD.days, 1), date.max.toordinal())
        for other in range(here + step, last, step):
            if self._spans(other):
                return date.fromordinal(other)
        return date.fromordinal(min(max(here + step, 1), date.max.toordinal()))

    def _usual_end(self) -> int:
        ends = Counter(max(end for _, end in spans) for spans in self._week if spans)
        return ends.most_common(1)[0][0] if ends else _FIVE_O_CLOCK


def _since_midnight(span: Span) -> Pair:
    start, end = ((t.hour * 3600 + t.minute * 60 + t.second) * SECOND + t.microsecond for t in span)
    return (start, end if end > start else end + DAY)


def _number(moment: datetime) -> int:
    return (moment - EPOCH) // _MICROSECOND


def _moment(number: int) -> datetime:
    return EPOCH + timedelta(microseconds=number)
