"""Working time against an oracle that walks the clock minute by minute, and against its own laws."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from threading import Thread
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailwatch.domain.workcalendar import LOOK_AHEAD, WorkCalendar, shifted

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def t(text: str) -> time:
    return time.fromisoformat(text)


def week(days: str, *spans: str) -> dict[int, tuple[tuple[time, time], ...]]:
    pairs = tuple((t(span.split("-")[0]), t(span.split("-")[1])) for span in spans)
    return {int(day): pairs for day in days}


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


HOLIDAYS = frozenset(map(date.fromisoformat, ["2025-10-03", "2025-12-25", "2025-12-26", "2026-01-01", "2026-04-03"]))
LEAVE = ((date(2025, 12, 27), date(2026, 1, 6)), (date(2026, 3, 30), date(2026, 4, 2)))

BERLIN = WorkCalendar(ZoneInfo("Europe/Berlin"), week("01234", "09:00-12:30", "13:00-17:00"), HOLIDAYS, LEAVE)
NIGHTS = WorkCalendar(ZoneInfo("America/New_York"), week("0356", "22:00-06:00", "12:00-13:15"), HOLIDAYS, LEAVE)
LORD_HOWE = WorkCalendar(ZoneInfo("Australia/Lord_Howe"), week("0123456", "01:45-02:15", "08:00-16:20"), HOLIDAYS)
KOLKATA = WorkCalendar(ZoneInfo("Asia/Kolkata"), week("12345", "10:00-19:00", "18:00-20:00"), HOLIDAYS, LEAVE)
LONDON = WorkCalendar(ZoneInfo("Europe/London"), week("6", "00:30-01:30", "20:00-20:00"), HOLIDAYS, LEAVE)
CALENDARS = {"berlin": BERLIN, "nights": NIGHTS, "lord_howe": LORD_HOWE, "kolkata": KOLKATA, "london": LONDON}


def clock_shows_work(calendar: WorkCalendar, wall: datetime) -> bool:
    """The oracle: what a person with a wall clock, the list of hours and a list of free days would say."""

    def starts(day: date) -> list[tuple[time, time]]:
        free = day in calendar.holidays or any(first <= day <= last for first, last in calendar.leave)
        return [] if free else list(calendar.hours.get(day.weekday(), ()))

    today = any(a <= wall.time() and (wall.time() < b or b <= a) for a, b in starts(wall.date()))
    return today or any(b <= a and wall.time() < b for a, b in starts(wall.date() - timedelta(days=1)))


@pytest.mark.parametrize("name", CALENDARS)
def test_two_thousand_random_intervals_in_each_of_five_zones_equal_a_walk_minute_by_minute(name: str) -> None:
    calendar = CALENDARS[name]
    first, last = utc("2025-09-15"), utc("2026-04-20")  # Both changes of the clocks, north and south.
    minutes = (last - first) // MINUTE
    walls = ((first + step * MINUTE).astimezone(calendar.zone).replace(tzinfo=None) for step in range(minutes))
    counted = [0, *accumulate(clock_shows_work(calendar, wall) for wall in walls)]
    assert counted[-1] > 0
    chance = random.Random(name)
    for _ in range(2000):
        a = chance.randrange(minutes)
        b = min(minutes, a + chance.choice([90, 1500, 20_000, minutes]) * chance.randrange(1, 100) // 100)
        worked = calendar.worked(first + a * MINUTE, first + b * MINUTE)
        assert worked == (counted[b] - counted[a]) * MINUTE, (first + a * MINUTE, first + b * MINUTE)


moments = st.timedeltas(timedelta(), timedelta(days=1825)).map(lambda since: utc("2023-01-01") + since)
calendars = st.sampled_from(list(CALENDARS.values()))


@given(calendars, moments, moments, moments)
@settings(deadline=None)
def test_two_parts_of_an_interval_add_up_to_the_whole(
    calendar: WorkCalendar, a: datetime, b: datetime, c: datetime
) -> None:
    a, b, c = sorted((a, b, c))
    assert calendar.worked(a, b) + calendar.worked(b, c) == calendar.worked(a, c)
    assert timedelta() <= calendar.worked(a, b) <= b - a


@given(calendars, moments, st.timedeltas(timedelta(), 600 * HOUR))
@settings(deadline=None)
def test_what_is_worked_until_the_due_moment_is_what_was_asked_and_not_a_moment_sooner(
    calendar: WorkCalendar, start: datetime, working: timedelta
) -> None:
    due = calendar.after(start, working)
    assert calendar.worked(start, due) == working
    if due > start:
        assert calendar.worked(start, due - timedelta(microseconds=1)) < working


@given(calendars, moments, st.timedeltas(timedelta(), 200 * HOUR), st.timedeltas(timedelta(), 200 * HOUR))
@settings(deadline=None)
def test_more_work_or_a_later_start_is_never_due_earlier(
    calendar: WorkCalendar, start: datetime, working: timedelta, more: timedelta
) -> None:
    assert calendar.after(start, working) <= calendar.after(start, working + more)
    assert calendar.after(start, working) <= calendar.after(start + more, working) or working == timedelta()
    assert calendar.next_working_moment(start) <= calendar.next_working_moment(start + more)


@given(calendars, moments)
@settings(deadline=None)
def test_no_work_lies_before_the_next_working_moment_and_some_right_after_it(
    calendar: WorkCalendar, moment: datetime
) -> None:
    begin = calendar.next_working_moment(moment)
    assert begin >= moment
    assert calendar.worked(moment, begin) == timedelta()
    assert calendar.worked(begin, begin + timedelta(microseconds=1)) > timedelta()
    assert calendar.next_working_moment(begin) == begin


@given(calendars, st.dates(date(2023, 1, 1), date(2027, 12, 31)))
def test_neighbouring_working_days_find_each_other(calendar: WorkCalendar, day: date) -> None:
    after, before = calendar.working_day_after(day), calendar.working_day_before(day)
    assert before < day < after
    assert calendar.is_working_day(after)
    assert calendar.is_working_day(before)
    assert calendar.working_days_between(before, after) == 1 + calendar.is_working_day(day)
    assert calendar.working_day_before(after) == (day if calendar.is_working_day(day) else before)


@pytest.mark.parametrize(
    ("calendar", "start", "end", "hours"),
    [
        pytest.param(BERLIN, "2026-03-27T15:00", "2026-03-30T08:00", 1, id="a weekend in which an hour is lost"),
        pytest.param(NIGHTS, "2026-03-08T05:00", "2026-03-08T12:00", 5, id="the end of a night that lost an hour"),
        pytest.param(NIGHTS, "2026-11-01T17:00", "2026-11-02T12:00", 9.25, id="a noon and a night after it"),
        pytest.param(LONDON, "2026-03-28T12:00", "2026-03-29T12:00", 0.5, id="half of the span is skipped"),
        pytest.param(LONDON, "2025-10-25T12:00", "2025-10-26T12:00", 1.5, id="half of the span comes twice"),
    ],
)
def test_the_clock_that_is_read_decides_when_the_clocks_change(
    calendar: WorkCalendar, start: str, end: str, hours: float
) -> None:
    assert calendar.worked(utc(start), utc(end)) == hours * HOUR


def test_a_night_shift_over_the_change_lasts_seven_or_nine_hours() -> None:
    sunday_nights = WorkCalendar(ZoneInfo("America/New_York"), week("5", "22:00-06:00"))
    assert sunday_nights.worked(utc("2026-03-07T12:00"), utc("2026-03-08T23:00")) == 7 * HOUR
    assert sunday_nights.worked(utc("2026-10-31T12:00"), utc("2026-11-01T23:00")) == 9 * HOUR


def test_a_night_shift_into_a_holiday_counts_whole_and_one_from_a_holiday_not_at_all() -> None:
    nights = WorkCalendar(ZoneInfo("UTC"), week("0123456", "22:00-06:00"), frozenset({date(2026, 5, 1)}))
    assert nights.worked(utc("2026-04-30T12:00"), utc("2026-05-01T12:00")) == 8 * HOUR
    assert nights.worked(utc("2026-05-01T12:00"), utc("2026-05-02T12:00")) == timedelta()


def test_spans_that_overlap_count_once_even_over_midnight() -> None:
    double = WorkCalendar(ZoneInfo("UTC"), week("0123456", "22:00-06:00", "05:00-09:00", "08:00-08:30"))
    assert double.worked(utc("2026-05-04T12:00"), utc("2026-05-06T12:00")) == 22 * HOUR


def test_a_span_that_ends_when_it_starts_is_a_whole_day() -> None:
    always = WorkCalendar(ZoneInfo("Asia/Kolkata"), week("0123456", "00:00-00:00"))
    assert always.worked(utc("2025-12-30T03:21"), utc("2026-01-04T03:21")) == 120 * HOUR


def test_an_interval_that_is_empty_or_turned_round_holds_no_work() -> None:
    assert BERLIN.worked(utc("2026-05-06T12:00"), utc("2026-05-06T12:00")) == timedelta()
    assert BERLIN.worked(utc("2026-05-06T12:00"), utc("2026-05-05T12:00")) == timedelta()


def test_two_moments_in_one_zone_on_both_sides_of_the_repeated_hour_are_told_apart() -> None:
    zone = ZoneInfo("Europe/Berlin")
    always = WorkCalendar(zone, week("0123456", "00:00-00:00"))
    first = datetime(2026, 10, 25, 2, 30, tzinfo=zone, fold=0)
    second = datetime(2026, 10, 25, 2, 30, tzinfo=zone, fold=1)
    assert always.worked(first, second) == HOUR


def test_due_at_the_end_of_a_span_is_that_end_and_not_the_next_morning() -> None:
    assert BERLIN.after(utc("2026-05-04T07:00"), 3.5 * HOUR) == utc("2026-05-04T10:30")
    assert BERLIN.next_working_moment(utc("2026-05-04T10:30")) == utc("2026-05-04T11:00")


def test_a_due_time_moves_over_weekend_holiday_and_leave() -> None:
    assert BERLIN.after(utc("2025-12-24T15:00"), 2 * HOUR) == utc("2026-01-07T09:00")
    assert BERLIN.after(utc("2025-12-24T15:00"), timedelta()) == utc("2025-12-24T15:00")


@pytest.mark.parametrize(
    ("calendar", "day", "end"),
    [
        (BERLIN, "2026-05-04", "2026-05-04T15:00"),
        (BERLIN, "2025-12-25", "2025-12-25T16:00"),  # A holiday: as on a usual Thursday.
        (BERLIN, "2026-05-09", "2026-05-09T15:00"),  # A Saturday without hours: as on most days.
        (NIGHTS, "2026-05-04", "2026-05-05T10:00"),
        (WorkCalendar(ZoneInfo("UTC"), {}), "2026-05-04", "2026-05-04T17:00"),
        (WorkCalendar(ZoneInfo("Europe/London"), week("6", "00:30-01:30")), "2026-03-29", "2026-03-29T01:00"),
        (WorkCalendar(ZoneInfo("Europe/London"), week("6", "00:30-01:30")), "2025-10-26", "2025-10-26T01:30"),
    ],
)
def test_the_end_of_a_day(calendar: WorkCalendar, day: str, end: str) -> None:
    assert calendar.end_of_day(date.fromisoformat(day)) == utc(end)


NEVER = [WorkCalendar(ZoneInfo("Europe/Berlin"), {}), replace(BERLIN, leave=((date.min, date.max),))]


@pytest.mark.parametrize("never", NEVER)
def test_who_never_works_is_never_due_and_nothing_hangs(never: WorkCalendar) -> None:
    now = utc("2026-05-04T07:00")
    assert never.after(now, HOUR) == now + LOOK_AHEAD
    assert never.next_working_moment(now) == now + LOOK_AHEAD
    assert never.worked(now, now + 2 * LOOK_AHEAD) == timedelta()
    assert not never.is_working_day(date(2026, 5, 4))
    assert never.working_day_before(date(2026, 5, 4)) == date(2026, 5, 3)
    assert never.working_day_after(date(2026, 5, 4)) == date(2026, 5, 5)


@pytest.mark.parametrize("year", [1, 2, 100, 1900, 2500, 9997, 9998, 9999])
def test_any_year_may_be_asked_about(year: int) -> None:
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
        calendar = replace(BERLIN, zone=ZoneInfo(zone))
        for moment in (datetime(year, 1, 1, tzinfo=calendar.zone), datetime(year, 12, 31, 23, tzinfo=UTC)):
            assert calendar.worked(moment, moment + timedelta(hours=0)) == timedelta()
            assert calendar.after(moment, HOUR).tzinfo is UTC
            assert calendar.next_working_moment(moment).tzinfo is UTC
            assert calendar.local(moment).tzinfo is calendar.zone
        calendar.end_of_day(date(year, 1, 1))
        calendar.working_day_before(date(year, 1, 1))
        calendar.working_day_after(date(year, 12, 31))


def test_a_moment_is_moved_no_farther_than_to_the_ends_of_time() -> None:
    now = utc("2026-05-04T07:00")
    assert shifted(now, HOUR) == now + HOUR
    assert shifted(now, -HOUR) == now - HOUR
    assert shifted(now, timedelta.max) == shifted(utc("9999-12-31T23:00"), HOUR) == utc("9997-12-31T00:00")
    assert shifted(now, timedelta.min) == shifted(utc("0001-01-01T01:00"), -HOUR) == utc("0002-01-01T00:00")


def test_a_mail_from_a_distant_year_costs_sums_and_no_memory() -> None:
    calendar = replace(BERLIN)
    assert calendar.worked(utc("1801-01-01T00:00"), utc("2026-05-04T07:00")) > timedelta(days=17_000)
    assert len(calendar._years) <= 2


def test_a_naive_time_is_refused_with_a_sentence() -> None:
    naive = datetime(2026, 5, 4, 9)  # noqa: DTZ001 - a naive time is the point of this test
    for ask in (
        lambda: BERLIN.worked(naive, utc("2026-05-04T07:00")),
        lambda: BERLIN.worked(utc("2026-05-04T07:00"), naive),
        lambda: BERLIN.after(naive, HOUR),
        lambda: BERLIN.next_working_moment(naive),
        lambda: BERLIN.local(naive),
    ):
        with pytest.raises(ValueError, match="2026-05-04T09:00:00 has no zone"):
            ask()


def test_results_are_in_utc_whatever_zone_was_asked_in() -> None:
    asked = datetime(2026, 5, 4, 9, tzinfo=ZoneInfo("America/New_York"))
    assert BERLIN.after(asked, HOUR) == utc("2026-05-04T14:00")
    assert BERLIN.after(asked, HOUR).tzinfo is UTC
    assert BERLIN.local(asked).isoformat() == "2026-05-04T15:00:00+02:00"


def test_threads_share_a_calendar() -> None:
    shared = replace(BERLIN)
    start = utc("2020-01-01T00:00")
    results: list[list[timedelta]] = []

    def ask() -> None:
        results.append([shared.worked(start, start + timedelta(days=100 * n)) for n in range(1, 30)])

    threads = [Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [results[0]] * 8
    assert shared == BERLIN
