"""Reading a message for a user: quotes do not speak, the reader's name counts, and words can be left unkept."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from mailwatch.detection.reader import read_message
from mailwatch.domain.message import Headers, Role, Text
from mailwatch.domain.people import Address, User
from mailwatch.domain.policy import Policy, Target, Targets
from mailwatch.domain.workcalendar import WorkCalendar

ANN, BOB, CARL = (
    Address("ann@example.com", "Ann Smith"),
    Address("bob@example.com", "Bob Jones"),
    Address("carl@example.com", "Carl Weiss"),
)
POLICY = Policy(User(ANN), WorkCalendar(ZoneInfo("UTC")))
HEADERS = Headers(
    "1", datetime(2026, 3, 9, 10, tzinfo=UTC), author=BOB, to=(ANN,), subject="Figures", message_id="1@example.com"
)


def test_what_is_quoted_asks_nothing() -> None:
    text = Text("1", "Thanks, that was all.\n\nOn Monday Ann Smith wrote:\n> Could you send me the figures?\n")
    assert not read_message(HEADERS, text, POLICY).request


def test_a_question_to_somebody_else_by_name_is_not_the_readers() -> None:
    both = replace(HEADERS, to=(ANN, CARL))
    assert not read_message(both, Text("1", "Carl, could you send me the figures?"), POLICY).request
    assert read_message(both, Text("1", "Ann, could you send me the figures?"), POLICY).request


@pytest.mark.parametrize(
    ("addr_spec", "display_name", "first_name"),
    [
        ("carl@example.com", "Carl Weiss", "carl"),
        ("carl@example.com", "Weiss, Carl", "carl"),
        ("c1@example.com", "Dr. Carl Weiss", "carl"),
        ("carl.weiss@example.com", "", "carl"),
        ("c.weiss@example.com", "", "weiss"),
        ("all-staff@example.com", "", ""),
        ("all@example.com", "All", ""),
        ("c1@example.com", "", ""),
    ],
)
def test_other_recipients_are_known_by_their_first_name(addr_spec: str, display_name: str, first_name: str) -> None:
    assert Address(addr_spec, display_name).first_name == first_name


ANN_BROWN = Address("ann.brown@example.com", "Ann Brown")


@pytest.mark.parametrize(
    ("to", "cc", "words", "named"),
    [
        ((ANN_BROWN,), (ANN,), "Hi Ann,\n\ncould you send me the plan?", False),
        ((ANN_BROWN,), (ANN,), "Ann, could you send me the plan?", False),
        ((ANN_BROWN,), (ANN,), "Smith, could you send me the plan?", True),
        ((CARL,), (ANN, ANN_BROWN), "Ann, could you send me the plan?", True),
        ((ANN_BROWN, ANN), (), "Ann, could you send me the plan?", True),
        ((ANN,), (ANN_BROWN,), "Ann, could you send me the plan?", True),
    ],
)
def test_who_is_in_cc_is_not_called_by_the_first_name_of_somebody_in_to(
    to: tuple[Address, ...], cc: tuple[Address, ...], words: str, named: bool
) -> None:
    assert read_message(replace(HEADERS, to=to, cc=cc), Text("1", words), POLICY).names_reader is named


DORA, TEAM = Address("dora@example.com", "Dora Lind"), Address("team@example.com")


@pytest.mark.parametrize(
    ("words", "named", "calls"),
    [
        ("Bob: four at most.", "bob", True),
        ("Hi Bob,\n\nfour at most.", "bob", True),
        ("Hi Bob,\n\nfour at most.\n\nDora, yours is in the safe.", "bob dora", True),
        ("Bob, Carl and Dora: four at most.", "bob carl dora", True),
        ("Four at most, Carl knows why.", "carl", False),
        ("Four at most.", "", False),
        ("Erik: four at most.", "", False),
    ],
)
def test_own_mail_calls_and_names_those_to_whom_it_goes(words: str, named: str, calls: bool) -> None:
    to_all = replace(HEADERS, role=Role.SENT, author=ANN, to=(BOB, TEAM), cc=(CARL, DORA, ANN))
    reading = read_message(to_all, Text("1", words), POLICY)
    assert set(reading.names_others) == {f"{one}@example.com" for one in (*named.split(), "team")}, (
        "a team has no name"
    )
    assert reading.calls_others is calls


def test_own_mail_to_one_person_speaks_to_them_by_whatever_name() -> None:
    to_bob = replace(HEADERS, role=Role.SENT, author=ANN, to=(BOB,))
    reading = read_message(to_bob, Text("1", "Robert: four at most."), POLICY)
    assert (reading.names_others, reading.calls_others) == ((), False)


def test_an_urgent_word_that_has_a_target_is_looked_for() -> None:
    policy = replace(POLICY, targets=Targets(urgent={"blocker": Target(answer=timedelta(hours=1))}))
    text = Text("1", "This is a blocker. Could you send me the figures?")
    assert read_message(HEADERS, text, policy).urgency == "blocker"


def test_own_mail_from_the_sent_mailbox_promises() -> None:
    own = replace(HEADERS, author=ANN, to=(BOB,), role=Role.SENT)
    reading = read_message(own, Text("1", "I'll send you the figures by Friday."), POLICY)
    assert reading.promise
    assert str(reading.promise_deadline) == "2026-03-13"


def test_with_evidence_turned_off_no_word_of_the_message_is_kept() -> None:
    text = Text("1", "Ann, could you send me the turquoise figures by Friday? I'll send you mine tomorrow.")
    silent = read_message(HEADERS, text, replace(POLICY, keep_evidence=False))
    assert silent.request
    assert str(silent.request_deadline) == "2026-03-13"
    assert "turquoise" not in repr(silent)
    assert "Friday" not in repr(silent)
    assert "turquoise" in repr(read_message(HEADERS, text, POLICY))


def test_a_date_in_figures_is_read_in_the_users_order_unless_the_mail_shows_its_own() -> None:
    text = Text("1", "Could you please send me the figures by 5/4?")
    assert str(read_message(HEADERS, text, replace(POLICY, date_order="dmy")).deadline) == "2026-04-05"
    assert str(read_message(HEADERS, text, replace(POLICY, date_order="mdy")).deadline) == "2026-05-04"
    american = Text("1", "We met on 2/17. Could you please send me the figures by 5/4?")
    assert str(read_message(HEADERS, american, replace(POLICY, date_order="dmy")).deadline) == "2026-05-04"


NEW_YORK, INDIA = timedelta(hours=-4), timedelta(hours=5, minutes=30)
IN_BERLIN = replace(POLICY, calendar=WorkCalendar(ZoneInfo("Europe/Berlin")))


@pytest.mark.parametrize(
    ("sent", "offset", "words", "due"),
    [
        # Thursday 4 June 23:00 in New York is Friday 05:00 in Berlin.
        ("2026-06-05T03:00", NEW_YORK, "by Friday", "2026-06-05"),
        ("2026-06-05T03:00", None, "by Friday", "2026-06-12"),
        ("2026-06-05T03:00", NEW_YORK, "by tomorrow", "2026-06-05"),
        ("2026-06-05T03:00", NEW_YORK, "within two days", "2026-06-06"),
        # Monday 1 June 00:30 in India is Sunday 21:00 in Berlin.
        ("2026-05-31T19:00", INDIA, "by tomorrow", "2026-06-02"),
        ("2026-05-31T19:00", INDIA, "today", "2026-06-01"),
        # Clock times are the reader's.
        ("2026-06-01T13:30", NEW_YORK, "by 5 pm", "2026-06-01T17:00"),
        ("2026-06-01T13:30", NEW_YORK, "by 11 am", "2026-06-02T11:00"),
        ("2026-06-01T13:30", NEW_YORK, "by 11 am tomorrow", "2026-06-02T11:00"),
        ("2026-06-01T13:30", NEW_YORK, "within two hours", "2026-06-01T17:30"),
    ],
)
def test_days_are_those_of_the_sender_and_clock_times_those_of_the_reader(
    sent: str, offset: timedelta | None, words: str, due: str
) -> None:
    at = datetime.fromisoformat(sent).replace(tzinfo=UTC)
    headers = replace(HEADERS, received_at=at, sent_at=at, sent_offset=offset)
    reading = read_message(headers, Text("1", f"Could you send me the plan {words}?"), IN_BERLIN)
    assert (str(reading.request_deadline), reading.request_deadline and reading.request_deadline.zone) == (due, None)


@pytest.mark.parametrize(
    "words",
    [
        "Could you send me the plan by 11am my time?",
        "Could you send me the plan by 11:00 (my local time)?",
        "Kannst du mir den Plan bis 11 Uhr meiner Zeit schicken?",
        "Could you send me the plan today by 11am?",
    ],
)
def test_a_clock_time_of_the_senders_is_in_the_senders_zone(words: str) -> None:
    at = datetime(2026, 6, 1, 13, 30, tzinfo=UTC)
    headers = replace(HEADERS, received_at=at, sent_at=at, sent_offset=NEW_YORK)
    deadline = read_message(headers, Text("1", words), IN_BERLIN).request_deadline
    assert str(deadline) == "2026-06-01T11:00"
    assert deadline is not None
    assert deadline.zone == timezone(NEW_YORK)


def test_my_time_of_a_sender_whose_zone_nobody_knows_is_the_readers() -> None:
    deadline = read_message(HEADERS, Text("1", "Could you send it by 5pm my time?"), IN_BERLIN).request_deadline
    assert str(deadline) == "2026-03-09T17:00"


@pytest.mark.parametrize(
    ("sent", "due"),
    [
        (datetime(2003, 1, 1, 9, tzinfo=UTC), "2026-03-10"),
        (datetime(2026, 3, 1, 10, tzinfo=UTC), "2026-03-10"),
        (datetime(2027, 3, 9, 10, tzinfo=UTC), "2026-03-10"),
        (None, "2026-03-10"),
        (datetime(2026, 3, 6, 9, tzinfo=UTC), "2026-03-07"),
        (datetime(2026, 3, 9, 10, 4, tzinfo=UTC), "2026-03-10"),
    ],
)
def test_a_date_that_cannot_be_true_decides_no_deadline(sent: datetime | None, due: str) -> None:
    reading = read_message(replace(HEADERS, sent_at=sent), Text("1", "Could you send it by tomorrow?"), POLICY)
    assert str(reading.request_deadline) == due


FORWARDED = """---------- Forwarded message ---------
From: Rose Ito <rose@example.net>
Date: Mon, 9 Mar 2026 at 08:11
Subject: The hinge
To: Bob Jones <bob@example.com>

Hello Bob,

could you please send somebody for the hinge before Friday?

Rose
"""


@pytest.mark.parametrize(
    "note", ["Can you handle this?", "See below, over to you.", "One for you.", "Please answer her directly."]
)
def test_who_forwards_with_a_request_asks_what_stands_in_the_forward_and_by_its_time(note: str) -> None:
    forward = replace(HEADERS, subject="Fwd: The hinge")
    reading = read_message(forward, Text("1", f"{note}\n\nBob\n\n{FORWARDED}"), POLICY)
    assert reading.request
    assert reading.request.evidence is not None
    assert reading.request.evidence.words == note
    assert str(reading.request_deadline) == "2026-03-13"


@pytest.mark.parametrize("note", ["", "FYI.", "For your information, I have taken care of it."])
def test_a_forward_without_a_word_that_asks_is_no_request(note: str) -> None:
    forward = replace(HEADERS, subject="Fwd: The hinge")
    reading = read_message(forward, Text("1", f"{note}\n\n{FORWARDED}"), POLICY)
    assert not reading.request
    assert reading.deadline is None
