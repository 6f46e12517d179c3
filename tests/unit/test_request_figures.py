"""The life of a request and the clock beside it, case by case."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailwatch.domain.people import Address, User
from mailwatch.domain.policy import Policy, Target, Targets
from mailwatch.domain.reading import Deadline
from mailwatch.domain.request import (
    Event,
    EventKind,
    Figures,
    Request,
    RequestState,
    figures_of,
    is_open,
    state_of,
    target_of,
)
from mailwatch.domain.workcalendar import WorkCalendar

HOUR = timedelta(hours=1)
ZONE = ZoneInfo("Europe/Berlin")
POLICY = Policy(
    User(Address("ann@example.com", "Ann Smith")),
    WorkCalendar(ZONE, holidays=frozenset({date(2026, 5, 1)}), leave=((date(2026, 5, 18), date(2026, 5, 22)),)),
)


def at(text: str) -> datetime:
    """2026-05 in Berlin: '04 09:30' is Monday the fourth, half past nine."""
    return datetime.fromisoformat(f"2026-05-{text}").replace(tzinfo=ZONE).astimezone(UTC)


def asked(
    text: str = "04 10:00",
    *events: Event,
    deadline: str | None = None,
    written: Deadline | None = None,
    **more: object,
) -> Request:
    day, _, clock = (deadline or "").partition(" ")
    if day:
        written = Deadline(date(2026, 5, int(day)), time.fromisoformat(clock) if clock else None, "as written")
    request = Request(
        id="r1",
        user="ann@example.com",
        key="k1",
        message_id="m1@example.com",
        requester=Address("bob@example.com"),
        subject="Figures",
        received_at=at(text),
        deadline=written,
    )
    return replace(request, **more).with_events(*events)  # type: ignore[arg-type]


def on(kind: str, text: str, until: str | None = None) -> Event:
    return Event(EventKind(kind), at(text), until=at(until) if until else None)


def figures(request: Request, now: str, policy: Policy = POLICY) -> Figures:
    return figures_of(request, policy, at(now))


# ---------------------------------------------------------------- states


@pytest.mark.parametrize(
    ("events", "now", "state"),
    [
        ([], "04 11:00", "waiting"),
        ([("chased", "04 11:00")], "04 12:00", "waiting"),
        ([("acknowledged", "04 11:00")], "04 12:00", "acknowledged"),
        ([("acknowledged", "04 11:00"), ("chased", "04 12:00")], "04 13:00", "acknowledged"),
        ([("asked_back", "04 11:00")], "04 12:00", "asked_back"),
        ([("asked_back", "04 11:00"), ("told", "04 12:00")], "04 13:00", "waiting"),
        ([("asked_back", "04 11:00"), ("chased", "04 12:00")], "04 13:00", "waiting"),
        ([("asked_back", "04 11:00"), ("acknowledged", "04 12:00")], "04 13:00", "asked_back"),
        ([("acknowledged", "04 11:00"), ("asked_back", "04 12:00"), ("told", "04 13:00")], "04 14:00", "waiting"),
        ([("told", "04 11:00")], "04 12:00", "waiting"),
        ([("answered", "04 11:00")], "04 12:00", "answered"),
        ([("answered", "04 11:00")], "04 10:30", "waiting"),
        ([("answered", "04 11:00"), ("chased", "05 11:00")], "05 12:00", "answered"),
        ([("answered", "04 11:00"), ("withdrawn", "04 11:30")], "04 12:00", "answered"),
        ([("answered", "04 11:00"), ("muted", "04 11:30")], "04 12:00", "answered"),
        ([("answered", "04 11:00"), ("dismissed", "04 11:30")], "04 12:00", "dismissed"),
        ([("withdrawn", "04 11:00"), ("answered", "04 11:30")], "04 12:00", "withdrawn"),
        ([("answered_by_colleague", "04 11:00"), ("answered", "04 11:30")], "04 12:00", "answered_by_colleague"),
        ([("delegated", "04 11:00")], "04 12:00", "delegated"),
        ([("done", "04 11:00")], "04 12:00", "done"),
        ([("muted", "04 11:00")], "04 12:00", "muted"),
        ([("snoozed", "04 11:00", "05 09:00")], "04 12:00", "snoozed"),
        ([("snoozed", "04 11:00", "05 09:00")], "05 09:00", "waiting"),
        ([("snoozed", "04 11:00", "06 09:00"), ("snoozed", "04 12:00", "04 13:00")], "04 14:00", "waiting"),
        ([("asked_back", "04 10:30"), ("snoozed", "04 11:00", "05 09:00")], "05 10:00", "asked_back"),
        ([("snoozed", "04 11:00", "05 09:00"), ("answered", "04 11:30")], "04 12:00", "answered"),
        ([("snoozed", "04 11:00")], "04 12:00", "waiting"),
    ],
)
def test_the_state_is_a_fold_of_what_happened_until_now(events: list[tuple[str, ...]], now: str, state: str) -> None:
    request = asked("04 10:00", *(on(*event) for event in events))
    assert state_of(request, at(now)) == state
    assert is_open(RequestState(state)) == (state in {"waiting", "acknowledged", "asked_back", "snoozed"})


def test_a_naive_now_is_refused() -> None:
    with pytest.raises(ValueError, match="has no zone"):
        state_of(asked(), datetime(2026, 5, 4, 9))  # noqa: DTZ001 - a naive time is the point of this test


# ---------------------------------------------------------------- targets

STRICT, LOOSE, MIDDLE = Target(HOUR, 2 * HOUR), Target(8 * HOUR, 40 * HOUR), Target(2 * HOUR, 4 * HOUR)


@pytest.mark.parametrize(
    ("targets", "expected"),
    [
        (Targets(), Target()),
        (Targets(senders={"bob@example.com": LOOSE}), LOOSE),
        (Targets(senders={"@example.com": LOOSE}), LOOSE),
        (Targets(senders={"@com": LOOSE, "@example.com": STRICT}), STRICT),
        (Targets(senders={"bob@example.com": LOOSE, "@example.com": STRICT}), LOOSE),
        (Targets(groups={"sales@example.com": LOOSE}), LOOSE),
        (Targets(urgent={"urgent": STRICT}, senders={"bob@example.com": LOOSE}), STRICT),
        (Targets(urgent={"urgent": LOOSE}, groups={"sales@example.com": MIDDLE}), MIDDLE),
        (Targets(urgent={"asap": STRICT}), Target()),
    ],
)
def test_the_tightest_target_that_matches_holds_and_else_the_default(targets: Targets, expected: Target) -> None:
    request = asked(urgency="urgent", target_group="sales@example.com")
    assert target_of(request, replace(POLICY, targets=targets)) == expected


# ---------------------------------------------------------------- the clock


@pytest.mark.parametrize(
    ("received", "due"),
    [
        pytest.param("04 10:00", "04 14:00", id="within the day"),
        pytest.param("04 15:00", "05 11:00", id="over night"),
        pytest.param("08 15:00", "11 11:00", id="over a weekend"),
        pytest.param("09 12:00", "11 13:00", id="asked at the weekend"),
        pytest.param("15 16:00", "25 12:00", id="over a leave"),
        pytest.param("01 12:00", "04 13:00", id="asked on a holiday"),
    ],
)
def test_an_acknowledgement_is_due_after_four_hours_of_the_user_s_own_time(received: str, due: str) -> None:
    assert figures(asked(received), received).due_at == at(due)


def test_after_the_acknowledgement_the_answer_is_due_counted_from_the_asking() -> None:
    result = figures(asked("04 10:00", on("acknowledged", "04 11:00")), "04 12:00")
    assert result.due_at == at("05 10:00")
    assert result.first_response is not None
    assert result.first_response.working == HOUR
    assert result.answer is None
    assert result.share == 0.25


def test_a_chaser_does_not_restart_the_clock() -> None:
    chased = asked("04 10:00", on("chased", "04 13:00"), on("chased", "05 09:00"))
    assert figures(chased, "05 10:00") == figures(asked("04 10:00"), "05 10:00")


def test_asked_and_answered_off_hours_is_no_working_time() -> None:
    result = figures(asked("09 12:00", on("answered", "10 20:00")), "11 12:00")
    assert result.first_response is not None
    assert result.first_response.working == timedelta()
    assert result.first_response.elapsed == 32 * HOUR
    assert not result.answered_late


def test_the_answer_clock_stands_still_while_the_requester_is_asked_back() -> None:
    events = on("asked_back", "04 11:00"), on("told", "06 11:00")
    result = figures(asked("04 10:00", *events, on("answered", "06 12:00")), "07 09:00")
    assert result.answer is not None
    assert result.answer.working == 2 * HOUR
    assert result.answer.elapsed == 50 * HOUR
    assert figures(asked("04 10:00", *events), "06 11:30").due_at == at("07 10:00")


def test_while_the_requester_is_asked_back_nothing_is_due_from_the_user() -> None:
    request = asked("04 10:00", on("asked_back", "04 11:00"), deadline="6")
    result = figures(request, "15 11:00")
    assert not result.overdue
    assert result.waited.working == HOUR


def test_time_runs_on_while_a_request_is_snoozed() -> None:
    result = figures(asked("04 10:00", on("snoozed", "04 10:30", "07 09:00")), "05 11:00")
    assert result.state == "snoozed"
    assert result.overdue
    assert result.share > 1


def test_two_pauses_move_the_answer_s_due_time_by_both() -> None:
    pauses = (
        on("asked_back", "04 11:00"),
        on("told", "04 13:00"),
        on("asked_back", "04 15:00"),
        on("told", "05 10:00"),
    )
    assert figures(asked("04 10:00", *pauses), "05 11:00").due_at == at("05 15:00")


def test_a_question_after_the_due_time_does_not_make_it_good() -> None:
    request = asked("04 10:00", on("acknowledged", "04 11:00"), on("asked_back", "06 11:00"), on("told", "06 12:00"))
    result = figures(request, "06 13:00")
    assert result.due_at == at("05 10:00")
    assert result.overdue


@pytest.mark.parametrize(
    ("received", "deadline", "due"),
    [
        pytest.param("04 10:00", "04 12:00", "04 12:00", id="a clock time before the target"),
        pytest.param("04 10:00", "8", "04 14:00", id="a later day leaves the target"),
        pytest.param("04 15:00", "4", "04 17:00", id="a day is the end of the working day"),
        pytest.param("08 15:00", "9", "09 17:00", id="a free day has the usual end"),
        pytest.param("09 12:00", "9 18:00", "11 13:00", id="over before the first working moment"),
        pytest.param("04 10:00", "1", "04 14:00", id="a day that is past"),
    ],
)
def test_a_deadline_counts_if_it_is_earlier_and_can_be_met(received: str, deadline: str, due: str) -> None:
    assert figures(asked(received, deadline=deadline), received).due_at == at(due)


def test_a_deadline_is_read_in_the_zone_it_names() -> None:
    new_york = Deadline(date(2026, 5, 4), time(8), "8 am in New York", ZoneInfo("America/New_York"))
    assert figures(asked("04 13:00", written=new_york), "04 13:00").due_at == at("04 14:00")
    whole_day = replace(new_york, clock=None)
    assert figures(asked("04 16:00", written=whole_day), "04 16:00").due_at == at("04 23:00")


def test_the_share_of_a_deadline_is_that_of_the_working_time_until_it() -> None:
    assert figures(asked("04 10:00", deadline="4 12:00"), "04 11:00").share == 0.5


# ---------------------------------------------------------------- late


@pytest.mark.parametrize(
    ("events", "late"),
    [
        ([("answered", "04 13:59")], False),
        ([("answered", "04 14:00")], False),
        ([("answered", "04 14:01")], True),
        ([("acknowledged", "04 11:00"), ("answered", "05 10:00")], False),
        ([("acknowledged", "04 11:00"), ("answered", "05 10:01")], True),
        ([("acknowledged", "04 15:00"), ("answered", "04 15:30")], True),
        ([("delegated", "04 15:00")], True),
        ([("done", "04 13:00")], False),
        ([("answered_by_colleague", "06 15:00")], False),
        ([("withdrawn", "06 15:00")], False),
    ],
)
def test_late_is_a_first_response_or_an_answer_after_its_time(events: list[tuple[str, ...]], late: bool) -> None:
    assert figures(asked("04 10:00", *(on(*event) for event in events)), "07 09:00").answered_late is late


def test_a_target_that_runs_out_at_the_end_of_the_day_is_met_that_evening() -> None:
    evening = asked("04 13:00", on("answered", "04 20:00"))
    assert figures(evening, "05 12:00").due_at == at("05 13:00")
    assert not figures(evening, "05 12:00").answered_late
    assert not figures(asked("04 13:00"), "04 20:00").overdue
    assert figures(asked("04 13:00"), "05 09:00").overdue
    assert figures(asked("04 13:00", on("answered", "05 09:01")), "05 12:00").answered_late


def test_a_day_that_was_named_lasts_until_midnight() -> None:
    friday = asked("08 15:00", on("answered", "08 20:00"), deadline="8")
    assert not figures(friday, "11 12:00").answered_late
    saturday = asked("08 15:00", on("answered", "09 10:00"), deadline="8")
    assert figures(saturday, "11 12:00").answered_late
    assert figures(asked("08 15:00", deadline="8"), "09 00:00").overdue


def test_a_colleague_s_answer_stops_the_clock_without_a_response_of_the_user() -> None:
    result = figures(asked("04 10:00", on("answered_by_colleague", "04 12:00")), "08 12:00")
    assert result.first_response is None
    assert result.answer is None
    assert result.waited.working == 2 * HOUR
    assert not result.overdue


def test_done_is_the_user_s_word_that_it_was_answered_by_then() -> None:
    result = figures(asked("04 10:00", on("done", "04 12:00")), "08 12:00")
    assert result.answer == result.first_response
    assert result.answer is not None
    assert result.answer.working == 2 * HOUR


def test_handing_over_is_a_response_and_no_answer() -> None:
    result = figures(asked("04 10:00", on("delegated", "04 12:00")), "08 12:00")
    assert result.first_response is not None
    assert result.answer is None


def test_a_sent_copy_that_is_older_than_the_asking_counts_as_at_once() -> None:
    result = figures(asked("04 10:00", on("answered", "04 09:59")), "04 12:00")
    assert result.answer is not None
    assert (result.answer.working, result.answer.elapsed) == (timedelta(), timedelta())


def test_figures_as_of_an_earlier_moment_leave_out_what_came_later() -> None:
    request = asked("04 10:00", on("acknowledged", "04 11:00"), on("answered", "04 16:00"))
    assert figures(request, "04 10:30").state == "waiting"
    assert figures(request, "04 10:30").due_at == at("04 14:00")
    assert figures(request, "04 12:00").state == "acknowledged"


def test_who_never_works_is_never_late() -> None:
    never = replace(POLICY, calendar=WorkCalendar(ZONE, {}))
    result = figures(asked("04 10:00", deadline="5"), "29 10:00", never)
    assert not result.overdue
    assert result.share == 0
    assert result.waited.working == timedelta()


def test_a_target_of_no_time_is_due_at_once() -> None:
    at_once = replace(POLICY, targets=Targets(Target(timedelta(), timedelta())))
    result = figures(asked("04 10:00"), "04 10:01", at_once)
    assert result.overdue
    assert result.share == 1


minutes = st.integers(0, 60 * 24 * 24)
kinds = st.sampled_from(list(EventKind))


@given(minutes, st.lists(st.tuples(kinds, minutes, minutes), max_size=6), minutes)
@settings(deadline=None)
def test_whatever_happens_an_open_request_is_overdue_just_when_an_answer_now_would_be_late(
    received: int, happened: list[tuple[EventKind, int, int]], now: int
) -> None:
    begin = at("01 00:00")
    events = (
        Event(kind, begin + minute * HOUR / 60, until=begin + until * HOUR / 60) for kind, minute, until in happened
    )
    request = replace(asked(), received_at=begin + received * HOUR / 60).with_events(*events)
    moment = max(begin + now * HOUR / 60, request.received_at)
    result = figures_of(request, POLICY, moment)
    assert result.waited.working >= timedelta()
    assert result.waited.elapsed >= result.waited.working
    assert result.share >= 0
    if is_open(result.state):
        answered = figures_of(request.with_events(Event(EventKind.ANSWERED, moment)), POLICY, moment)
        if result.overdue:
            assert answered.answered_late
        elif not result.answered_late and not _turn_is_the_requester_s(request, moment):
            assert not answered.answered_late
    else:
        assert not result.overdue


def _turn_is_the_requester_s(request: Request, moment: datetime) -> bool:
    awake = replace(request, events=tuple(e for e in request.events if e.kind is not EventKind.SNOOZED))
    return state_of(awake, moment) is RequestState.ASKED_BACK
