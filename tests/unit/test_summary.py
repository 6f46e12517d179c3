"""The week in figures: what is counted, how open requests count, and what is said of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailwatch.domain.people import Address, User
from mailwatch.domain.policy import Manners, Policy
from mailwatch.domain.promise import Promise, PromiseEnd
from mailwatch.domain.reading import Deadline
from mailwatch.domain.request import Event, EventKind, Request
from mailwatch.domain.summary import (
    WeekFigures,
    WeeklySummary,
    figures_between,
    figures_of_weeks,
    summarize_week,
)
from mailwatch.domain.survival import Wait, at_least, quantile
from mailwatch.domain.weeklabels import promise_rows
from mailwatch.domain.wording import Wording
from mailwatch.domain.workcalendar import WorkCalendar

HOUR = timedelta(hours=1)
ZONE = ZoneInfo("Europe/Berlin")
POLICY = Policy(User(Address("ann@example.com", "Ann Smith")), WorkCalendar(ZONE))
WEEK = date(2026, 5, 4)
BOB, CLEO, DAN = (Address(f"{name}@example.com") for name in ("bob", "cleo", "dan"))


def at(text: str) -> datetime:
    """2026-05 in Berlin: '04 09:30' is Monday the fourth, half past nine."""
    return datetime.fromisoformat(f"2026-05-{text}").replace(tzinfo=ZONE).astimezone(UTC)


MONDAY_AFTER = at("11 08:30")


def asked(when: str, *events: tuple[str, str], by: Address = BOB, weeks_ago: int = 0) -> Request:
    earlier = timedelta(weeks=weeks_ago)
    return Request(
        id=f"r-{by.addr_spec}-{when}-{weeks_ago}",
        user="ann@example.com",
        key="k",
        message_id=None,
        requester=by,
        subject="Figures",
        received_at=at(when) - earlier,
    ).with_events(*(Event(EventKind(kind), at(moment) - earlier) for kind, moment in events))


def promised(by: int, end: str | None = None, ended: str | None = None, made: str = "04 09:00") -> Promise:
    return Promise(
        id=f"p-{by}-{end}-{ended}",
        user="ann@example.com",
        key="k",
        message_id=None,
        to=CLEO,
        subject="Offer",
        made_at=at(made),
        deadline=Deadline(date(2026, 5, by), None, "as written"),
        end=PromiseEnd(end) if end else None,
        ended_at=at(ended) if ended else None,
    )


def told(
    requests: list[Request],
    promises: list[Promise] | None = None,
    now: datetime = MONDAY_AFTER,
    policy: Policy = POLICY,
) -> WeeklySummary:
    summary = summarize_week(policy, now, WEEK, requests, promises or [])
    assert summary is not None
    return summary


def figures(requests: list[Request], promises: list[Promise] | None = None) -> WeekFigures:
    return told(requests, promises).figures


def answered_after(hours: float, day: int = 4, by: Address = BOB, weeks_ago: int = 0) -> Request:
    """Asked at nine on a day of May and answered so many hours (eight at most) later."""
    moment = datetime(2026, 5, day, 9) + hours * HOUR  # noqa: DTZ001 - at() puts it into Berlin
    return asked(f"{day:02d} 09:00", ("answered", f"{moment:%d %H:%M}"), by=by, weeks_ago=weeks_ago)


# ---------------------------------------------------------------- Kaplan and Meier


def waits(*told: str) -> list[Wait]:
    """'3' ended after three hours, '3+' lasts longer."""
    return [(float(one.rstrip("+")) * HOUR, not one.endswith("+")) for one in told]


# Weeks of remission under 6-MP (Freireich 1963), the example of many textbooks, where the median is 23 weeks.
REMISSIONS = "6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+"


@pytest.mark.parametrize(
    ("given_waits", "share", "hours"),
    [
        ([], 0.5, None),
        (["3"], 0.5, 3),
        (["3+"], 0.5, None),
        (["0", "0", "0+"], 0.5, 0),
        (["1", "2", "3"], 0.5, 2),
        (["1", "2", "3", "4"], 0.5, 2),
        (["1", "2", "3+", "4+"], 0.5, 2),
        (["1", "2+", "3+", "4+"], 0.5, None),
        (["1+", "2+", "3", "4"], 0.5, 3),
        (["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"], 0.9, 9),
        (["1", "2", "3", "4", "5", "6", "7", "8", "9+", "10"], 0.9, 10),
        (REMISSIONS.split(), 0.5, 23),
    ],
)
def test_open_waits_count_as_longer_than_they_are_known_to_be(
    given_waits: list[str], share: float, hours: float | None
) -> None:
    assert quantile(waits(*given_waits), share) == (None if hours is None else hours * HOUR)


@given(st.lists(st.integers(0, 50), min_size=1), st.floats(0.01, 1))
def test_without_open_waits_it_is_the_plain_order_statistic(hours: list[int], share: float) -> None:
    expected = next(h for n, h in enumerate(sorted(hours), start=1) if n / len(hours) >= share - 1e-9)
    assert quantile([(h * HOUR, True) for h in hours], share) == expected * HOUR


@given(st.lists(st.tuples(st.integers(0, 50), st.booleans()), min_size=1), st.data())
def test_nobody_looks_better_by_not_answering(told_waits: list[tuple[int, bool]], data: st.DataObject) -> None:
    given_waits = [(hours * HOUR, ended) for hours, ended in told_waits]
    chosen = data.draw(st.integers(0, len(given_waits) - 1))
    unanswered = [(time, ended and n != chosen) for n, (time, ended) in enumerate(given_waits)]
    before, after = quantile(given_waits, 0.5), quantile(unanswered, 0.5)
    assert after is None or (before is not None and after >= before)
    bound = at_least(given_waits)
    assert bound is not None
    assert before is None or bound <= before


# ---------------------------------------------------------------- figures


def test_a_week_is_counted_by_when_it_was_asked() -> None:
    requests = [asked("03 23:59"), asked("04 00:00"), asked("10 23:59"), asked("11 00:00")]
    assert figures(requests).asked == 2


def test_median_and_p90_are_working_time_to_the_first_response() -> None:
    result = figures([answered_after(1), answered_after(2, 5), asked("09 12:00", ("answered", "10 12:00"))])
    assert result.median_first_response == HOUR
    assert result.p90_first_response == 2 * HOUR


def test_asked_and_answered_at_the_weekend_is_no_time_and_counts() -> None:
    result = figures([asked("09 12:00", ("answered", "10 12:00"))])
    assert (result.asked, result.answered, result.median_first_response) == (1, 1, timedelta())
    assert result.on_time == 1


def test_open_requests_past_their_target_are_missed_and_those_with_time_left_are_not_counted_yet() -> None:
    result = figures([answered_after(1), asked("05 09:00"), asked("10 20:00")])
    assert result.on_time == 0.5
    assert (result.asked, result.answered) == (3, 1)


def test_an_acknowledgement_in_time_is_not_yet_an_answer_in_time() -> None:
    waiting = asked("08 15:00", ("acknowledged", "08 16:00"))
    late = asked("04 09:00", ("acknowledged", "04 10:00"), ("answered", "06 10:00"))
    assert figures([waiting]).on_time is None
    assert figures([waiting, late]).on_time == 0
    assert figures([late]).median_first_response == HOUR


def test_what_a_colleague_answered_is_neither_to_the_user_s_credit_nor_to_their_blame() -> None:
    result = figures([answered_after(1), asked("04 09:00", ("answered_by_colleague", "07 09:00"))])
    assert (result.asked, result.answered, result.on_time, result.median_first_response) == (2, 2, 1, HOUR)


@pytest.mark.parametrize("kind", ["dismissed", "muted", "withdrawn"])
def test_what_was_no_request_is_not_counted(kind: str) -> None:
    assert figures([answered_after(1), asked("04 09:00", (kind, "07 09:00"))]).asked == 1


def test_promises_are_counted_when_they_end_and_missed_ones_when_they_were_due() -> None:
    result = figures(
        [],
        [
            promised(8, "kept", "05 10:00"),
            promised(8, "kept", "08 10:00"),
            promised(5, "kept", "08 10:00"),
            promised(8, "renegotiated", "06 10:00"),
            promised(8, "withdrawn", "06 10:00"),
            promised(7),
            promised(29),
            promised(8, "kept", "07 10:00", made="01 10:00"),
        ],
    )
    assert (result.kept_early, result.kept, result.kept_late) == (2, 1, 1)
    assert (result.renegotiated, result.missed, result.promises_made) == (1, 1, 6)


def test_a_promise_is_told_as_overdue_or_as_open_and_never_as_both() -> None:
    summary = told([], [promised(7), promised(29)])
    rows = promise_rows(summary, Wording(MONDAY_AFTER, ZONE))
    assert rows == (("Made", "2"), ("Overdue", "1"), ("Open", "1"))
    assert promise_rows(told([], [promised(7)]), Wording(MONDAY_AFTER, ZONE)) == (("Made", "1"), ("Overdue", "1"))


def test_the_report_begins_with_the_week_at_hand() -> None:
    requests = [answered_after(1), answered_after(2, weeks_ago=1), asked("11 08:00")]
    weeks = figures_of_weeks(POLICY, MONDAY_AFTER, 3, requests, [])
    assert [week.week for week in weeks] == [date(2026, 5, 11), WEEK, date(2026, 4, 27)]
    assert [week.asked for week in weeks] == [1, 1, 1]


def test_any_stretch_of_time_can_be_counted() -> None:
    requests = [answered_after(1), answered_after(2, weeks_ago=1), asked("11 08:00")]
    result = figures_between(POLICY, MONDAY_AFTER, datetime(1970, 1, 1, tzinfo=UTC), at("11 00:00"), requests, [])
    assert (result.asked, result.answered) == (2, 2)


# ---------------------------------------------------------------- the summary


def test_an_empty_week_is_not_told() -> None:
    assert summarize_week(POLICY, MONDAY_AFTER, WEEK, [], []) is None
    answered_before = [answered_after(1, weeks_ago=1)]
    assert summarize_week(POLICY, MONDAY_AFTER, WEEK, answered_before, []) is None


def test_who_stopped_the_summaries_gets_none() -> None:
    silent = replace(POLICY, manners=Manners(summaries=False))
    assert summarize_week(silent, MONDAY_AFTER, WEEK, [answered_after(1)], []) is None


def test_what_waits_from_earlier_is_told_in_a_week_without_anything_new() -> None:
    summary = told([asked("04 09:00", weeks_ago=2)])
    assert summary.figures.asked == 0
    assert [item.number for item in summary.waiting] == [1]


def test_what_is_open_is_listed_worst_first_with_numbers() -> None:
    summary = told(
        [
            asked("08 16:30"),
            asked("04 09:00"),
            asked("05 09:00", ("asked_back", "05 10:00")),
            asked("06 09:00", ("answered", "06 10:00")),
        ],
        [promised(14), promised(7)],
    )
    assert [(item.number, item.request.received_at) for item in summary.waiting] == [
        (1, at("04 09:00")),
        (2, at("08 16:30")),
    ]
    assert [(item.number, item.due_at, item.overdue) for item in summary.promises] == [
        (3, at("07 17:00"), True),
        (4, at("14 17:00"), False),
    ]


def test_the_weeks_before_end_with_the_oldest_in_which_there_was_anything() -> None:
    assert told([answered_after(1)]).before == ()
    before = told([answered_after(1), answered_after(2, weeks_ago=3), answered_after(2, weeks_ago=9)]).before
    assert [week.asked for week in before] == [0, 0, 1]
    assert before[0].week == date(2026, 4, 27)


def test_a_week_over_the_change_of_the_clocks_has_its_own_sunday() -> None:
    now = datetime(2026, 3, 30, 6, 30, tzinfo=UTC)
    late_on_sunday = replace(asked("04 09:00"), received_at=datetime(2026, 3, 29, 21, 59, tzinfo=UTC))
    on_monday = replace(asked("04 09:00"), received_at=datetime(2026, 3, 29, 22, 0, tzinfo=UTC))
    summary = summarize_week(POLICY, now, date(2026, 3, 23), [late_on_sunday, on_monday], [])
    assert summary is not None
    assert summary.figures.asked == 1


def test_first_responses_are_told_by_speed() -> None:
    summary = told(
        [
            answered_after(0.5),
            answered_after(1, 5),
            answered_after(3, 6),
            asked("04 09:00", ("answered", "05 09:01")),
            asked("04 09:00", ("answered", "08 09:01")),
            asked("05 09:00"),
            asked("05 09:00", ("answered_by_colleague", "06 09:00")),
        ]
    )
    assert {bar.label: bar.count for bar in summary.by_speed} == {
        "within 1 h": 2,
        "within 4 h": 1,
        "within 8 h": 0,
        "within 16 h": 1,
        "later": 1,
        "none yet": 1,
    }
    assert [bar.share for bar in summary.by_speed] == [1, 0.5, 0, 0.5, 0.5, 0.5]


def test_a_free_day_is_shown_only_if_something_came_on_it() -> None:
    assert [bar.label for bar in told([answered_after(1)]).by_weekday][-1] == "Friday"
    assert [bar.label for bar in told([answered_after(1), asked("09 12:00")]).by_weekday][-1] == "Saturday"


def test_who_waits_twice_as_long_as_the_others_is_named() -> None:
    others = [answered_after(1, day, by=who) for day in (4, 5, 6) for who in (BOB, CLEO)]
    slow = [answered_after(4, day, by=DAN) for day in (4, 5, 6)]
    longer = told(others + slow).uneven
    assert longer is not None
    assert (longer.who, longer.asked, longer.median, longer.others) == (DAN, 3, 4 * HOUR, HOUR)


def test_who_is_never_answered_waits_at_least_as_long_as_until_now() -> None:
    others = [answered_after(1, day, by=who) for day in (4, 5, 6) for who in (BOB, CLEO)]
    longer = told(others + [asked(f"0{day} 09:00", by=DAN) for day in (4, 5, 6)]).uneven
    assert longer is not None
    assert longer.median == 32 * HOUR


@pytest.mark.parametrize(
    ("others", "own"),
    [
        pytest.param([1, 1, 1, 1], [4, 4, 4], id="too few others"),
        pytest.param([1, 1, 1, 1, 1], [4, 4], id="too few of their own"),
        pytest.param([2, 2, 2, 2, 2], [3.5, 3.5, 3.5], id="less than twice"),
        pytest.param([0.25, 0.25, 0.25, 0.25, 0.25], [1, 1, 1], id="less than an hour longer"),
    ],
)
def test_a_difference_that_says_nothing_is_not_told(others: list[float], own: list[float]) -> None:
    requests = [answered_after(hours, 4 + n, by=BOB) for n, hours in enumerate(others)]
    requests += [answered_after(hours, 4 + n, by=DAN) for n, hours in enumerate(own)]
    assert told(requests).uneven is None


def test_coworkers_are_compared_over_four_weeks() -> None:
    requests = [answered_after(1, 4 + n, weeks_ago=3) for n in range(5)]
    requests += [answered_after(5, by=DAN, weeks_ago=n) for n in range(3)]
    assert told(requests).uneven is not None
    long_ago = [answered_after(1, 4 + n, weeks_ago=4) for n in range(5)] + requests[5:]
    assert told(long_ago).uneven is None


def test_whom_the_user_helped_is_named_by_how_often() -> None:
    summary = told(
        [
            answered_after(1),
            answered_after(1, 5, by=CLEO),
            answered_after(1, 6, by=CLEO),
            asked("04 09:00", ("answered_by_colleague", "04 10:00"), by=DAN),
            asked("08 16:00", ("answered", "04 09:30"), by=DAN, weeks_ago=1),
        ]
    )
    assert summary.helped == ((CLEO, 2), (BOB, 1))


def test_an_answer_counts_as_help_in_the_week_it_was_given() -> None:
    late = asked("08 16:00", ("answered", "12 09:30"), by=DAN, weeks_ago=1)
    assert told([late]).helped == ((DAN, 1),)


def test_promises_kept_early_are_thanked_for() -> None:
    early = promised(8, "kept", "05 10:00")
    assert told([], [early, promised(8, "kept", "08 10:00")]).early == (early,)


# ---------------------------------------------------------------- perfect, and one suggestion


@pytest.mark.parametrize(
    ("requests", "promises", "perfect"),
    [
        ([answered_after(1)], [], True),
        ([answered_after(1)], [promised(8, "kept", "05 10:00"), promised(29)], True),
        ([answered_after(1), asked("10 20:00")], [], True),
        ([], [promised(8, "kept", "05 10:00")], True),
        ([asked("10 20:00")], [], False),
        ([answered_after(5)], [], False),
        ([answered_after(1), asked("04 09:00")], [], False),
        ([answered_after(1), asked("04 09:00", weeks_ago=1)], [], False),
        ([answered_after(1)], [promised(7)], False),
        ([answered_after(1)], [promised(5, "kept", "08 10:00")], False),
    ],
)
def test_a_perfect_week_is_one_in_which_nobody_waited_too_long(
    requests: list[Request], promises: list[Promise], perfect: bool
) -> None:
    assert told(requests, promises).perfect is perfect


ACKNOWLEDGED = [asked(f"08 0{n}:00", ("acknowledged", "08 10:00")) for n in (7, 8)]


@pytest.mark.parametrize(
    ("requests", "promises", "suggestion"),
    [
        ([answered_after(1)], [], None),
        ([asked("04 09:00")], [promised(7), promised(6)], "oldest_first"),
        (ACKNOWLEDGED, [], "finish_acknowledged"),
        ([answered_after(1)], [promised(7)], "promise_later"),
        ([answered_after(1)], [promised(7), promised(8, "kept", "05 10:00"), promised(7, "kept", "05 10:00")], None),
        (
            [answered_after(1, 4 + n) for n in range(5)] + [answered_after(4, 4 + n, by=DAN) for n in range(3)],
            [],
            "same_for_everyone",
        ),
        ([answered_after(5), answered_after(5, 5), answered_after(1, 6)], [], "say_when"),
        ([answered_after(1, 4 + n // 5) for n in range(8)], [], "keep_time_free"),
        ([answered_after(1, 4 + n // 2) for n in range(8)], [], None),
    ],
)
def test_one_suggestion_is_given_by_the_first_rule_that_holds(
    requests: list[Request], promises: list[Promise], suggestion: str | None
) -> None:
    now = at("11 09:30") if requests is ACKNOWLEDGED else MONDAY_AFTER
    assert told(requests, promises, now).suggestion == suggestion
