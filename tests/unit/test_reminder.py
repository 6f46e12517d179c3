"""Which items a digest names, at which step, and when mailwatch may write at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailwatch.domain.people import Address, User
from mailwatch.domain.policy import Manners, Policy, Target, Targets
from mailwatch.domain.promise import Promise, PromiseEnd
from mailwatch.domain.reading import Deadline
from mailwatch.domain.reminder import (
    MOST_PROMISES,
    MOST_REQUESTS,
    Reminder,
    compose,
)
from mailwatch.domain.request import Event, EventKind, Request
from mailwatch.domain.slots import due_slot, last_summary, may_write, next_slot, next_summary, slot_is_still_good
from mailwatch.domain.workcalendar import WorkCalendar

ZONE = ZoneInfo("Europe/Berlin")
POLICY = Policy(
    User(Address("ann@example.com", "Ann Smith")),
    WorkCalendar(ZONE, holidays=frozenset({date(2026, 5, 25)}), leave=((date(2026, 5, 18), date(2026, 5, 22)),)),
)


def at(text: str) -> datetime:
    """2026-05 in Berlin: '04 09:30' is Monday the fourth, half past nine."""
    return datetime.fromisoformat(f"2026-05-{text}").replace(tzinfo=ZONE).astimezone(UTC)


def asked(id: str = "r1", when: str = "04 10:00", *events: Event) -> Request:
    return Request(
        id=id,
        user="ann@example.com",
        key=f"key-{id}",
        message_id=f"{id}@example.com",
        requester=Address("bob@example.com"),
        subject="Figures",
        received_at=at(when),
    ).with_events(*events)


def on(kind: str, text: str, until: str | None = None) -> Event:
    return Event(EventKind(kind), at(text), until=at(until) if until else None)


def promised(id: str = "p1", by: int | None = 8, made: str = "04 10:00") -> Promise:
    return Promise(
        id=id,
        user="ann@example.com",
        key=f"key-{id}",
        message_id=f"{id}@example.com",
        to=Address("cleo@example.com"),
        subject="Offer",
        made_at=at(made),
        deadline=Deadline(date(2026, 5, by), None, "as written") if by else None,
    )


def told(
    now: str,
    requests: list[Request] | None = None,
    promises: list[Promise] | None = None,
    sent: dict[str, int] | None = None,
    policy: Policy = POLICY,
) -> Reminder | None:
    return compose(policy, at(now), requests or [], promises or [], sent or {})


def named(reminder: Reminder | None) -> dict[str, int]:
    if reminder is None:
        return {}
    steps = {item.request.id: item.step for item in reminder.requests}
    return steps | {item.promise.id: item.step for item in reminder.promises}


# ---------------------------------------------------------------- steps


@pytest.mark.parametrize(
    ("now", "step"),
    [
        ("04 11:59", 0),
        ("04 12:00", 1),
        ("04 14:00", 1),  # Due now, and not over.
        ("04 14:01", 2),
        ("05 09:00", 2),  # Two o'clock had passed the slot, so the next morning is the first to tell.
        ("06 09:00", 3),
        ("07 09:00", 4),
        ("08 09:00", 5),
        ("11 09:00", 5),
    ],
)
def test_a_request_is_named_at_half_and_all_of_its_target_and_then_each_working_day(now: str, step: int) -> None:
    assert named(told(now, [asked()])).get("r1", 0) == step


def test_a_request_whose_target_ends_with_the_day_is_named_as_overdue_the_next_morning() -> None:
    friday = asked(when="08 13:00")
    assert named(told("11 09:00", [friday])) == {"r1": 2}
    assert named(told("12 09:00", [friday])) == {"r1": 3}


def test_days_of_leave_and_holidays_are_no_steps() -> None:
    assert named(told("26 09:00", [asked(when="15 11:00")], sent={"r1": 1})) == {"r1": 2}
    assert named(told("26 09:00", [asked(when="15 09:00")], sent={"r1": 2})) == {"r1": 3}


def test_nothing_is_said_of_a_step_that_was_said_before() -> None:
    assert told("04 14:00", [asked()], sent={"r1": 1}) is None
    assert told("05 09:00", [asked()], sent={"r1": 2}) is None
    assert told("06 09:00", [asked()], sent={"r1": 2}) is not None


def test_what_was_named_before_is_listed_beside_what_is_new() -> None:
    reminder = told("05 14:00", [asked(), asked("r2", "05 11:30")], sent={"r1": 2})
    assert named(reminder) == {"r1": 2, "r2": 1}


def test_what_is_not_half_way_and_was_never_named_is_not_listed() -> None:
    assert named(told("05 14:00", [asked(), asked("r2", "05 13:30")], sent={"r1": 1})) == {"r1": 2}


def test_after_five_steps_a_request_is_left_to_the_weekly_summary() -> None:
    assert told("12 09:00", [asked()], sent={"r1": 5}) is None
    beside = told("12 14:00", [asked(), asked("r2", "12 11:00")], sent={"r1": 5})
    assert named(beside) == {"r2": 1}
    assert beside is not None
    assert beside.quiet == 1


def test_a_user_s_own_number_of_steps_holds() -> None:
    once = replace(POLICY, manners=Manners(max_steps=1))
    assert named(told("08 09:00", [asked()], policy=once)) == {"r1": 1}
    assert told("08 09:00", [asked()], sent={"r1": 1}, policy=once) is None
    assert told("08 09:00", [asked()], policy=replace(POLICY, manners=Manners(max_steps=0))) is None


def test_after_the_acknowledgement_the_answer_has_steps_of_its_own() -> None:
    request = asked("r1", "04 10:00", on("acknowledged", "04 12:30"))
    assert told("04 13:59", [request], sent={"r1": 1}) is None
    assert named(told("04 14:00", [request], sent={"r1": 1})) == {"r1": 2}
    assert named(told("05 14:00", [request], sent={"r1": 2})) == {"r1": 3}


def test_a_request_that_was_given_a_date_is_left_to_that_promise_until_it_is_missed() -> None:
    given = Event(EventKind.ACKNOWLEDGED, at("04 12:30"), message_id="p1@example.com")
    request, promise = asked("r1", "04 10:00", given), promised("p1", by=8, made="04 12:30")
    assert told("05 14:00", [request], [promise]) is None
    assert named(told("07 09:00", [request], [promise])) == {"p1": 1}
    assert named(told("12 09:00", [request], [promise])) == {"r1": 5, "p1": 4}
    kept = replace(promise, end=PromiseEnd.KEPT, ended_at=at("05 10:00"))
    assert named(told("05 14:00", [request], [kept])) == {"r1": 3}


@pytest.mark.parametrize(
    ("now", "step"),
    [("06 09:00", 0), ("07 09:00", 1), ("08 09:00", 2), ("08 18:00", 2), ("11 09:00", 3), ("13 09:00", 5)],
)
def test_a_promise_is_named_the_working_day_before_and_on_the_day_and_then_each_working_day(
    now: str, step: int
) -> None:
    assert named(told(now, promises=[promised()])).get("p1", 0) == step


def test_a_promise_for_monday_is_named_on_friday() -> None:
    assert named(told("08 09:00", promises=[promised(by=11)])) == {"p1": 1}
    assert told("07 09:00", promises=[promised(by=11)]) is None


def test_a_promise_is_overdue_when_it_is_missed() -> None:
    on_the_day, after = told("08 09:00", promises=[promised()]), told("11 09:00", promises=[promised()])
    assert on_the_day is not None
    assert after is not None
    assert not on_the_day.promises[0].overdue
    assert after.promises[0].overdue
    assert after.promises[0].due_at == at("08 17:00")


# ---------------------------------------------------------------- what is left out


@pytest.mark.parametrize(
    "event",
    [
        on("answered", "04 11:00"),
        on("answered_by_colleague", "04 11:00"),
        on("asked_back", "04 11:00"),
        on("snoozed", "04 11:00", "30 09:00"),
        on("withdrawn", "04 11:00"),
        on("muted", "04 11:00"),
        on("dismissed", "04 11:00"),
    ],
)
def test_what_needs_nothing_of_the_user_is_not_named(event: Event) -> None:
    assert told("06 09:00", [asked("r1", "04 10:00", event)]) is None


def test_a_snoozed_promise_is_named_again_when_its_time_has_come() -> None:
    asleep = replace(promised(by=8), snoozed_until=at("08 09:00"))
    assert told("07 14:00", promises=[asleep]) is None
    assert named(told("08 09:00", promises=[asleep])) == {"p1": 3}


def test_promises_that_ended_or_have_no_date_are_not_named() -> None:
    kept = replace(promised(), end=PromiseEnd.KEPT, ended_at=at("06 10:00"))
    assert told("08 09:00", promises=[kept, promised("p2", by=None)]) is None


def test_what_happens_later_is_not_known_yet() -> None:
    assert told("04 09:00", [asked(when="06 10:00")], [promised(made="06 10:00", by=5)]) is None


def test_who_stopped_the_reminders_gets_none() -> None:
    assert told("06 09:00", [asked()], policy=replace(POLICY, manners=Manners(reminders=False))) is None


def test_nothing_to_say_means_nothing_is_said() -> None:
    assert told("06 09:00") is None


# ---------------------------------------------------------------- order


def test_the_worst_stands_first_and_the_numbers_run_over_requests_and_promises() -> None:
    loose = asked("loose", "05 16:00")
    reminder = told(
        "06 10:30",
        [asked("fresh", "06 08:00"), loose, asked("worst", "04 10:00"), asked("bad", "05 10:00")],
        [promised("later", by=7), promised("sooner", by=6)],
        sent={"fresh": 1},
    )
    assert reminder is not None
    assert [(item.number, item.request.id) for item in reminder.requests] == [
        (1, "worst"),
        (2, "bad"),
        (3, "loose"),
        (4, "fresh"),
    ]
    assert [(item.number, item.promise.id) for item in reminder.promises] == [(5, "sooner"), (6, "later")]


def test_a_digest_names_the_worst_and_counts_the_others() -> None:
    many = [asked(f"r{n:02}", f"04 10:{n:02}") for n in range(20)]
    reminder = told("05 09:00", many, [promised(f"p{n}", by=6) for n in range(6)])
    assert reminder is not None
    assert [item.request.id for item in reminder.requests] == [f"r{n:02}" for n in range(MOST_REQUESTS)]
    assert [item.number for item in reminder.promises] == [9, 10, 11, 12]
    assert (reminder.more_requests, reminder.more_promises) == (20 - MOST_REQUESTS, 6 - MOST_PROMISES)


def test_what_found_no_room_has_its_turn_in_the_next_digests() -> None:
    many = [asked(f"r{n:02}", f"04 10:{n:02}") for n in range(20)]
    sent: dict[str, int] = {}
    for slot, first in (("05 09:00", 0), ("05 14:00", 8), ("06 09:00", 0)):
        reminder = told(slot, many, sent=sent)
        assert reminder is not None
        assert reminder.requests[0].request.id == f"r{first:02}"
        sent |= named(reminder)
    assert len(sent) == 16


def test_a_digest_knows_that_something_is_overdue_which_it_does_not_name() -> None:
    late = asked("late", "04 10:00")
    fresh = [asked(f"r{n}", "05 09:30") for n in range(MOST_REQUESTS)]
    without_room = told("05 12:00", [late, *fresh], sent={"late": 2})
    heard_often = told("05 12:00", [late, fresh[0]], sent={"late": 5})
    for reminder in (without_room, heard_often):
        assert reminder is not None
        assert reminder.more_overdue
        assert not any(item.figures.overdue for item in reminder.requests)
    named_itself = told("05 12:00", [late, fresh[0]], sent={"late": 2})
    assert named_itself is not None
    assert not named_itself.more_overdue
    missed = told("11 12:00", [], [promised("p1"), promised("p2", by=12)], sent={"p1": 5})
    assert missed is not None
    assert missed.more_overdue


def test_what_is_new_goes_before_what_is_worse_and_was_named_already() -> None:
    many = [asked(f"r{n:02}", f"04 10:{n:02}") for n in range(12)]
    before = {request.id: 2 for request in many}
    reminder = told("05 14:00", [*many, asked("new", "05 11:30")], sent=before)
    assert reminder is not None
    assert len(reminder.requests) == MOST_REQUESTS
    assert reminder.requests[-1].request.id == "new"


days = st.integers(0, 27)


@given(
    st.lists(st.tuples(days, st.integers(0, 23)), max_size=20),
    st.lists(st.tuples(days, days), max_size=8),
    st.integers(1, 6),
)
@settings(deadline=None, max_examples=40)
def test_over_a_month_of_slots_steps_only_rise_and_no_item_is_named_more_often_than_allowed(
    asks: list[tuple[int, int]], makes: list[tuple[int, int]], most: int
) -> None:
    policy = replace(POLICY, manners=Manners(max_steps=most))
    begin = at("01 00:00")
    requests = [
        replace(asked(f"r{n}"), received_at=begin + timedelta(days=day, hours=hour))
        for n, (day, hour) in enumerate(asks)
    ]
    promises = [
        replace(promised(f"p{n}", by=due + 1), made_at=begin + timedelta(days=made))
        for n, (made, due) in enumerate(makes)
    ]
    sent: dict[str, int] = {}
    times: dict[str, int] = {}
    now = begin
    while (now := next_slot(policy, now)) < begin + timedelta(days=45):
        reminder = compose(policy, now, requests, promises, sent)
        if reminder is None:
            continue
        steps = named(reminder)
        risen = [id for id, step in steps.items() if step > sent.get(id, 0)]
        assert risen
        assert all(1 <= step <= most and step >= sent.get(id, 0) for id, step in steps.items())
        for id in risen:
            times[id] = times.get(id, 0) + 1
        sent |= steps
        numbers = [item.number for item in (*reminder.requests, *reminder.promises)]
        assert numbers == list(range(1, len(steps) + 1))
    assert all(count <= most for count in times.values())
    assert set(times) == {request.id for request in requests} | {promise.id for promise in promises}


# ---------------------------------------------------------------- when


@pytest.mark.parametrize(
    ("after", "slot"),
    [
        ("04 08:59", "04 09:00"),
        ("04 09:00", "04 14:00"),
        ("04 14:00", "05 09:00"),
        ("08 14:00", "11 09:00"),
        ("15 14:00", "26 09:00"),  # A week of leave and a holiday.
    ],
)
def test_the_next_slot_is_a_local_time_on_a_working_day(after: str, slot: str) -> None:
    assert next_slot(POLICY, at(after)) == at(slot)


def test_slots_keep_their_local_time_over_both_changes_of_the_clocks() -> None:
    for friday in (datetime(2026, 3, 27, 20, tzinfo=UTC), datetime(2026, 10, 23, 20, tzinfo=UTC)):
        assert POLICY.calendar.local(next_slot(POLICY, friday)).time() == time(9)


def test_a_slot_that_the_clocks_skip_comes_after_the_change() -> None:
    sundays = replace(
        POLICY,
        calendar=WorkCalendar(ZONE, {6: ((time(1), time(6)),)}),
        manners=Manners(slots=(time(2, 30),)),
    )
    slot = next_slot(sundays, datetime(2026, 3, 28, 12, tzinfo=UTC))
    assert sundays.calendar.local(slot).isoformat() == "2026-03-29T03:30:00+02:00"


@pytest.mark.parametrize(
    ("slot", "now", "good"),
    [
        ("04 09:00", "04 09:00", True),
        ("04 09:00", "04 08:59", False),
        ("04 09:00", "04 13:00", True),
        ("04 14:00", "04 17:30", False),
        ("04 14:00", "05 09:00", False),
        ("25 09:00", "25 09:00", False),
        ("09 09:00", "09 09:00", False),
    ],
)
def test_a_late_slot_is_used_on_its_day_in_working_hours(slot: str, now: str, good: bool) -> None:
    assert slot_is_still_good(POLICY, at(slot), at(now)) is good


def test_a_slot_before_the_working_hours_is_used_if_it_is_almost_on_time() -> None:
    assert slot_is_still_good(POLICY, at("04 07:30"), at("04 07:50"))
    assert not slot_is_still_good(POLICY, at("04 07:30"), at("04 08:30"))


@pytest.mark.parametrize(
    ("now", "slot"),
    [("04 08:00", None), ("04 09:00", "04 09:00"), ("04 15:00", "04 14:00"), ("04 22:00", None), ("09 10:00", None)],
)
def test_the_slot_that_is_due_is_the_last_of_today(now: str, slot: str | None) -> None:
    assert due_slot(POLICY, at(now)) == (at(slot) if slot else None)


@pytest.mark.parametrize(
    ("after", "due"),
    [
        ("04 08:29", "04 08:30"),
        ("04 08:30", "11 08:30"),
        ("11 08:30", "26 08:30"),  # A week of leave has none, and Whit Monday gives it to the Tuesday.
        ("25 12:00", "26 08:30"),
    ],
)
def test_the_summary_moves_past_free_days_within_its_week(after: str, due: str) -> None:
    assert next_summary(POLICY, at(after)) == at(due)


@pytest.mark.parametrize(
    ("weekday", "now", "monday"),
    [
        (0, "04 08:30", 27),  # Late or not, it tells the last whole week before its own day.
        (0, "04 08:29", 20),
        (0, "08 17:00", 27),
        (4, "08 08:30", 27),
        (4, "09 12:00", 27),
        (4, "15 08:29", 27),
        (6, "05 09:00", 20),  # That of Sunday the third is due on Monday the fourth.
        (0, "26 08:30", 18),
    ],
)
def test_a_summary_tells_the_last_whole_week_before_its_own_day(weekday: int, now: str, monday: int) -> None:
    policy = replace(POLICY, manners=replace(POLICY.manners, summary_weekday=weekday))
    assert (told := last_summary(policy, at(now)))
    assert told[1].day == monday


@pytest.mark.parametrize(
    ("now", "due"), [("11 08:30", "11 08:30"), ("18 08:29", "11 08:30"), ("18 08:30", None), ("26 08:29", None)]
)
def test_a_week_after_a_summary_it_is_too_late_for_it(now: str, due: str | None) -> None:
    last = last_summary(POLICY, at(now))  # The week of the eighteenth is one of leave.
    assert (last[0] if last else None) == (at(due) if due else None)


@given(
    st.integers(0, 6),
    st.dates(date(2026, 1, 1), date(2027, 1, 1)),
    st.sets(st.dates(date(2026, 1, 1), date(2027, 6, 1)), max_size=40),
)
def test_no_week_is_told_twice(weekday: int, first: date, free: set[date]) -> None:
    policy = replace(
        POLICY,
        calendar=WorkCalendar(ZONE, holidays=frozenset(free)),
        manners=replace(POLICY.manners, summary_weekday=weekday),
    )
    now, told = datetime(first.year, first.month, first.day, tzinfo=UTC), []
    for _ in range(6):
        now = next_summary(policy, now)
        if last := last_summary(policy, now):
            assert last[0] == now
            told.append(last[1])
    assert all(one.weekday() == 0 and one < now.date() for one in told)
    assert all(later - one >= timedelta(days=7) for one, later in pairwise(told))


@pytest.mark.parametrize("calendar", [WorkCalendar(ZONE, {}), WorkCalendar(ZONE, leave=((date.min, date.max),))])
def test_who_never_works_is_asked_about_again_in_a_year_and_never_written_to(calendar: WorkCalendar) -> None:
    never = replace(POLICY, calendar=calendar)
    slot = next_slot(never, at("04 09:00"))
    assert slot == next_summary(never, at("04 09:00")) == at("04 09:00") + timedelta(days=366)
    assert not slot_is_still_good(never, slot, slot)
    assert due_slot(never, at("04 09:00")) is None
    assert compose(never, at("04 09:00"), [asked()], [], {}) is None


def test_a_day_has_a_cap() -> None:
    assert may_write(POLICY, 1)
    assert not may_write(POLICY, 2)
    assert not may_write(replace(POLICY, manners=Manners(reminders=False)), 0)


def test_the_end_of_a_snooze_is_a_step_of_its_own() -> None:
    generous = replace(POLICY, targets=Targets(Target(timedelta(hours=30), timedelta(hours=60))))
    asleep = asked("r1", "04 10:00", on("snoozed", "06 10:00", "07 09:00"))
    assert named(told("06 14:00", [asleep], sent={"r1": 1}, policy=generous)) == {}
    assert named(told("07 09:00", [asleep], sent={"r1": 1}, policy=generous)) == {"r1": 2}
    assert named(told("07 14:00", [asleep], sent={"r1": 2}, policy=generous)) == {}


def test_who_asks_to_be_reminded_is_reminded_though_all_steps_are_used_up() -> None:
    asleep = asked("r1", "04 10:00", on("snoozed", "11 10:00", "12 09:00"))
    assert named(told("12 09:00", [asleep], sent={"r1": 5})) == {"r1": 6}
    assert named(told("13 09:00", [asleep], sent={"r1": 6})) == {}
