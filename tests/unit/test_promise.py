"""When a promise falls due, and what became of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import pytest

from mailwatch.domain.people import Address, User
from mailwatch.domain.policy import Policy
from mailwatch.domain.promise import Promise, PromiseEnd, due_at, state_of
from mailwatch.domain.reading import Deadline
from mailwatch.domain.workcalendar import WorkCalendar

ZONE = ZoneInfo("Europe/Berlin")
POLICY = Policy(
    User(Address("ann@example.com", "Ann Smith")),
    WorkCalendar(ZONE, holidays=frozenset({date(2026, 5, 1)}), leave=((date(2026, 5, 18), date(2026, 5, 22)),)),
)


def at(text: str) -> datetime:
    """2026-05 in Berlin: '04 09:30' is Monday the fourth, half past nine."""
    return datetime.fromisoformat(f"2026-05-{text}").replace(tzinfo=ZONE).astimezone(UTC)


def promised(by: str | None, made: str = "04 10:00") -> Promise:
    deadline = None
    if by:
        day, _, clock = by.partition(" ")
        deadline = Deadline(date(2026, 5, int(day)), time.fromisoformat(clock) if clock else None, "as written")
    return Promise(
        id="p1",
        user="ann@example.com",
        key="k1",
        message_id="m1@example.com",
        to=Address("bob@example.com"),
        subject="Figures",
        made_at=at(made),
        deadline=deadline,
    )


def ended(promise: Promise, how: str, when: str | None) -> Promise:
    return replace(promise, end=PromiseEnd(how), ended_at=at(when) if when else None)


@pytest.mark.parametrize(
    ("by", "made", "due"),
    [
        pytest.param("8", "04 10:00", "08 17:00", id="a working day"),
        pytest.param("8 12:00", "04 10:00", "08 12:00", id="a clock time"),
        pytest.param("10", "04 10:00", "08 17:00", id="a Sunday is due on the Friday before"),
        pytest.param("20", "04 10:00", "15 17:00", id="a day of leave is due before the leave"),
        pytest.param("10", "09 10:00", "10 17:00", id="made at the weekend for the weekend"),
        pytest.param("10 12:00", "04 10:00", "10 12:00", id="a clock time on a Sunday was meant so"),
    ],
)
def test_a_bare_day_is_due_at_the_end_of_the_last_working_day_that_keeps_it(by: str, made: str, due: str) -> None:
    assert due_at(promised(by, made), POLICY) == at(due)


def test_a_promise_without_a_date_is_never_due() -> None:
    promise = promised(None)
    assert due_at(promise, POLICY) is None
    assert state_of(promise, POLICY, at("29 10:00")) == "open"
    assert state_of(ended(promise, "kept", "06 10:00"), POLICY, at("29 10:00")) == "kept"


def test_a_day_in_another_zone_is_the_working_day_s_end_there() -> None:
    new_york = Deadline(date(2026, 5, 8), None, "Friday in New York", ZoneInfo("America/New_York"))
    assert due_at(replace(promised("8"), deadline=new_york), POLICY) == at("08 23:00")


@pytest.mark.parametrize(
    ("by", "how", "when", "state"),
    [
        ("8", "kept", "04 10:05", "kept_early"),
        ("8", "kept", "07 23:00", "kept_early"),
        ("8", "kept", "08 09:00", "kept"),
        ("8", "kept", "08 20:00", "kept"),  # It is still Friday.
        ("8", "kept", "09 00:30", "kept_late"),
        ("8 12:00", "kept", "08 12:00", "kept"),
        ("8 12:00", "kept", "08 12:01", "kept_late"),
        ("11", "kept", "08 23:00", "kept_early"),
        ("11", "kept", "09 10:00", "kept"),
        ("10", "kept", "09 10:00", "kept"),  # The word was Sunday, though the Friday before is told as due.
        ("10", "kept", "11 08:00", "kept_late"),
        ("8", "kept", None, "kept"),
        ("8", "renegotiated", "06 10:00", "renegotiated"),
        ("8", "withdrawn", "06 10:00", "withdrawn"),
    ],
)
def test_what_became_of_a_promise(by: str, how: str, when: str | None, state: str) -> None:
    assert state_of(ended(promised(by), how, when), POLICY, at("29 10:00")) == state


@pytest.mark.parametrize(
    ("now", "state"),
    [
        ("04 10:00", "open"),
        ("08 17:01", "open"),
        ("08 23:59", "open"),
        ("09 00:01", "missed"),
        ("29 10:00", "missed"),
    ],
)
def test_an_open_promise_is_missed_when_its_day_is_over(now: str, state: str) -> None:
    assert state_of(promised("8"), POLICY, at(now)) == state


def test_a_promise_that_ends_later_is_still_open_as_of_before() -> None:
    late = ended(promised("8"), "kept", "12 10:00")
    assert state_of(late, POLICY, at("05 10:00")) == "open"
    assert state_of(late, POLICY, at("11 10:00")) == "missed"
    assert state_of(late, POLICY, at("13 10:00")) == "kept_late"


@pytest.mark.parametrize("day", [date.min, date.max])
@pytest.mark.parametrize("zone", [None, ZoneInfo("Pacific/Kiritimati"), timezone(timedelta(hours=-12))])
@pytest.mark.parametrize("clock", [None, time(23, 59)])
def test_a_day_at_the_end_of_time_breaks_nothing(day: date, zone: tzinfo | None, clock: time | None) -> None:
    promise = replace(promised("8"), deadline=Deadline(day, clock, "as written", zone))
    state = state_of(promise, POLICY, at("29 10:00"))
    assert state == ("missed" if day is date.min else "open")
    assert state_of(ended(promise, "kept", "29 09:00"), POLICY, at("29 10:00")) in ("kept_late", "kept_early")
