"""A mail system that was down: what waited leaves in the user's working hours, and no summary comes twice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from mailwatch.adapters.ledger import SqlLedger
from mailwatch.bootstrap.desks import sample_renderer
from mailwatch.domain.command import Command, Verb
from mailwatch.domain.people import Address, Directory, User
from mailwatch.domain.policy import Manners, Policy
from mailwatch.domain.request import Request
from mailwatch.domain.workcalendar import WorkCalendar
from mailwatch.errors import SubmissionDeferred, SubmissionRefused, SubmissionUncertain
from mailwatch.ports import OutboxState
from mailwatch.runtime.cycle import Watch, cycle
from mailwatch.services.compose import Desk
from mailwatch.testing import FakeAccount, FakeProvider, FrozenClock

ANN = "ann@example.com"
MONDAY = datetime(2026, 3, 9, 8, 30, tzinfo=UTC)  # The time of the summary, half an hour before work begins.
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@dataclass
class MailSystem:
    """Takes every mail, unless there is a fault."""

    taken: list[bytes] = field(default_factory=list)
    fault: Exception | None = None

    def submit(self, sender: str, recipient: str, message: bytes) -> None:
        if self.fault:
            raise self.fault
        self.taken.append(message)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[SqlLedger]:
    opened = SqlLedger.open(f"sqlite:///{tmp_path}/ledger.db")
    asked = Request(
        "r1", ANN, "k1", "1@example.com", Address("dana@example.com", "Dana"), "Figures", MONDAY - 4 * DAY
    )
    opened.save_triage(ANN, [(asked.key, [asked.key])], [asked], [])
    yield opened
    opened.close()


@pytest.fixture
def mails() -> MailSystem:
    return MailSystem()


@pytest.fixture
def account() -> FakeAccount:
    return FakeAccount()


@pytest.fixture
def watch(mails: MailSystem, account: FakeAccount) -> Watch:
    return Watch(
        policy=Policy(User(Address(ANN, "Ann Smith")), WorkCalendar(ZoneInfo("UTC"))),
        directory=Directory(domains=frozenset({"example.com"})),
        provider=FakeProvider(account),
        submitter=mails,
        desk=Desk(sample_renderer(), Address("mailwatch@example.com", "mailwatch")),
        look_back=30 * DAY,
        settle=timedelta(minutes=15),
    )


def run(watch: Watch, ledger: SqlLedger, at: datetime) -> None:
    cycle(watch, ledger, FrozenClock(at))


def kinds(mails: MailSystem) -> list[str]:
    names = (b"reminder", b"weekly-summary", b"receipt")
    return [name.decode() for mail in mails.taken for name in names if b"X-Mailwatch: " + name in mail]


def write_the_summary(watch: Watch, ledger: SqlLedger, mails: MailSystem, fault: Exception) -> None:
    """Plans, and then composes the summary on Monday at its time; the mail system does not take it."""
    run(watch, ledger, MONDAY - 2 * DAY)
    assert mails.taken == []
    mails.fault = fault
    run(watch, ledger, MONDAY)
    mails.fault = None
    assert mails.taken == []


def test_the_summary_leaves_at_its_own_time_before_work_begins(
    watch: Watch, ledger: SqlLedger, mails: MailSystem
) -> None:
    run(watch, ledger, MONDAY - 2 * DAY)
    run(watch, ledger, MONDAY)
    assert kinds(mails) == ["weekly-summary"]


@pytest.mark.parametrize(
    ("after", "leaves"),
    [
        (timedelta(minutes=5), True),  # Almost on time.
        (timedelta(minutes=45), True),  # In working hours.
        (8 * HOUR, True),
        (9 * HOUR, False),  # 17:30
        (17 * HOUR, False),  # In the night.
        (24 * HOUR, False),  # On the next morning before work.
        (25 * HOUR, True),
    ],
)
@pytest.mark.parametrize("fault", [SubmissionDeferred("later"), SubmissionUncertain("no reply came")])
def test_a_summary_that_had_to_wait_leaves_in_working_hours_alone(
    watch: Watch, ledger: SqlLedger, mails: MailSystem, after: timedelta, leaves: bool, fault: Exception
) -> None:
    write_the_summary(watch, ledger, mails, fault)
    at = max(after, timedelta(minutes=20)) if isinstance(fault, SubmissionUncertain) else after
    run(watch, ledger, MONDAY + at)
    assert ("weekly-summary" in kinds(mails)) is leaves


@pytest.mark.parametrize(
    ("up", "leaves", "week"),
    [
        (timedelta(hours=2), timedelta(hours=2), b"2 to 8 March"),
        (timedelta(hours=10), timedelta(hours=24.5), b"2 to 8 March"),  # In the evening.
        (timedelta(days=5, hours=15), timedelta(days=7), b"9 to 15 March"),  # On Saturday, near midnight.
        (timedelta(days=6, hours=23), timedelta(days=7), b"9 to 15 March"),  # An hour before the next one is due.
        (timedelta(days=22), timedelta(days=22, hours=0.5), b"23 to 29 March"),
    ],
)
def test_a_summary_that_nothing_ran_for_waits_for_working_hours_and_tells_the_last_week(
    watch: Watch, ledger: SqlLedger, mails: MailSystem, up: timedelta, leaves: timedelta, week: bytes
) -> None:
    run(watch, ledger, MONDAY - 2 * DAY)
    at = MONDAY + up
    while at <= MONDAY + leaves:
        assert "weekly-summary" not in kinds(mails)
        run(watch, ledger, at)
        at += timedelta(minutes=30)
    (summary,) = [mail for mail in mails.taken if b"X-Mailwatch: weekly-summary" in mail]
    assert week in summary.replace(b"=20", b" ")


def test_a_week_that_ended_long_ago_is_not_told_after_a_leave(
    watch: Watch, ledger: SqlLedger, mails: MailSystem
) -> None:
    run(watch, ledger, MONDAY - 2 * DAY)
    away = WorkCalendar(ZoneInfo("UTC"), leave=((MONDAY.date(), (MONDAY + 13 * DAY).date()),))
    watch = replace(watch, policy=replace(watch.policy, calendar=away))
    for hours in range(0, 16 * 24, 4):
        run(watch, ledger, MONDAY + hours * HOUR)
    (summary,) = [mail for mail in mails.taken if b"X-Mailwatch: weekly-summary" in mail]
    assert b"16 to 22 March" in summary.replace(b"=20", b" ")


def test_a_machine_that_boots_in_the_wrong_year_sends_no_further_summary(
    watch: Watch, ledger: SqlLedger, mails: MailSystem
) -> None:
    run(watch, ledger, MONDAY - 2 * DAY)
    run(watch, ledger, MONDAY)
    run(watch, ledger, datetime(2000, 1, 3, 6, 0, tzinfo=UTC))
    run(watch, ledger, MONDAY + 2 * DAY + 2 * HOUR)
    assert kinds(mails).count("weekly-summary") == 1
    run(watch, ledger, MONDAY + 7 * DAY)
    assert kinds(mails).count("weekly-summary") == 2


def test_a_clock_that_was_ahead_silences_no_item(watch: Watch, ledger: SqlLedger, mails: MailSystem) -> None:
    monday = MONDAY + HOUR
    run(watch, ledger, monday - 3 * DAY)
    run(watch, ledger, monday + 35 * DAY)
    assert "reminder" in kinds(mails)
    sent = len(mails.taken)
    run(watch, ledger, monday)
    run(watch, ledger, monday + timedelta(hours=4, minutes=30))
    assert kinds(mails)[sent:] == ["reminder"]
    run(watch, ledger, monday + timedelta(hours=4, minutes=40))
    assert len(mails.taken) == sent + 1


@pytest.mark.parametrize("fault", [SubmissionDeferred("later"), SubmissionUncertain("no reply came")])
def test_a_mail_on_its_way_is_not_stuck_by_a_clock_that_was_ahead(
    watch: Watch, ledger: SqlLedger, mails: MailSystem, fault: Exception
) -> None:
    monday = MONDAY + timedelta(hours=1)
    run(watch, ledger, monday)
    ledger.save_command(Command(ANN, "", Verb.STOP, monday + 35 * DAY, "mail 1"))
    mails.fault = fault
    run(watch, ledger, monday + 35 * DAY)
    mails.fault = None
    run(watch, ledger, monday + HOUR)
    # A mail that may have been taken settles anew: how long ago it was sent, nobody knows.
    assert kinds(mails) == ([] if isinstance(fault, SubmissionUncertain) else ["receipt"])
    run(watch, ledger, monday + HOUR + timedelta(minutes=16))
    assert kinds(mails) == ["receipt"]


def test_the_log_says_what_became_of_each_mail_and_nothing_of_what_is_in_it(
    watch: Watch, ledger: SqlLedger, mails: MailSystem, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    run(watch, ledger, MONDAY - 2 * DAY)
    run(watch, ledger, MONDAY)
    mails.fault = SubmissionRefused("550 5.7.1 no.")
    outcome = cycle(watch, ledger, FrozenClock(MONDAY + timedelta(minutes=30)))
    handed_over, set_aside = caplog.messages[-1], outcome.not_sent[0]
    assert re.fullmatch(
        r"ann@example.com: handed over: weekly-summary of 2026-03-02, Message-ID <[^@ ]+@example.com>", handed_over
    )
    assert set_aside.startswith("550 5.7.1 no; set aside: reminder of 2026-03-09T09:00:00+00:00, Message-ID <")
    assert "Dana" not in caplog.text + set_aside


def test_what_arrived_after_all_is_noted_even_at_night(
    watch: Watch, account: FakeAccount, ledger: SqlLedger, mails: MailSystem
) -> None:
    write_the_summary(watch, ledger, mails, SubmissionUncertain("no reply came"))
    (waiting,) = [mail for mail in ledger.outbox(ANN) if mail.kind == "weekly-summary"]
    assert waiting.state is OutboxState.SENDING
    account.deliver("inbox", waiting.message, MONDAY)
    run(watch, ledger, MONDAY + 16 * HOUR)
    assert ledger.sent_mail(ANN, [waiting.message_id]) is not None
    assert all(mail.kind != "weekly-summary" for mail in ledger.outbox(ANN))
    assert "weekly-summary" not in kinds(mails)


def test_a_summary_that_waited_for_a_week_makes_room_for_the_next(
    watch: Watch, ledger: SqlLedger, mails: MailSystem
) -> None:
    write_the_summary(watch, ledger, mails, SubmissionDeferred("later"))
    run(watch, ledger, MONDAY + 7 * DAY)
    run(watch, ledger, MONDAY + 7 * DAY + HOUR)  # Now the user works, and the old one could leave.
    assert kinds(mails).count("weekly-summary") == 1
    assert b"9 to 15 March" in mails.taken[0].replace(b"=20", b" ")


def test_slots_that_were_moved_to_an_earlier_time_hold_from_the_same_day(
    watch: Watch, ledger: SqlLedger, mails: MailSystem
) -> None:
    def with_slot(hour: int) -> Watch:
        return replace(watch, policy=replace(watch.policy, manners=Manners(slots=(time(hour),), summaries=False)))

    run(with_slot(16), ledger, MONDAY)
    run(with_slot(10), ledger, MONDAY + HOUR)
    run(with_slot(10), ledger, MONDAY + 2 * HOUR)
    assert kinds(mails) == ["reminder"]


def test_a_summary_that_was_moved_to_an_earlier_day_comes_on_it(
    watch: Watch, ledger: SqlLedger, mails: MailSystem
) -> None:
    def on_weekday(day: int) -> Watch:
        manners = Manners(reminders=False, summary_weekday=day)
        return replace(watch, policy=replace(watch.policy, manners=manners))

    run(on_weekday(4), ledger, MONDAY)
    run(on_weekday(2), ledger, MONDAY + HOUR)
    run(on_weekday(2), ledger, MONDAY + 2 * DAY)
    assert kinds(mails) == ["weekly-summary"]


def test_what_a_refused_digest_named_is_told_at_the_next_slot(
    watch: Watch, ledger: SqlLedger, mails: MailSystem
) -> None:
    run(watch, ledger, MONDAY)
    mails.fault, mails.taken = SubmissionRefused("550 no"), []
    run(watch, ledger, MONDAY + HOUR)
    mails.fault = None
    run(watch, ledger, MONDAY + 2 * HOUR)
    assert mails.taken == []
    run(watch, ledger, MONDAY + 6 * HOUR)
    run(watch, ledger, MONDAY + 7 * HOUR)
    assert kinds(mails) == ["reminder"]


def test_an_address_that_takes_no_mail_is_not_tried_for_ever(
    watch: Watch, ledger: SqlLedger, mails: MailSystem
) -> None:
    watch = replace(watch, policy=replace(watch.policy, manners=Manners(summaries=False)))
    mails.fault = SubmissionRefused("550 no")
    for hours in range(0, 60 * 24, 2):
        run(watch, ledger, MONDAY + hours * HOUR)
    assert len(ledger.outbox(ANN)) == 5


def test_what_answers_the_users_own_words_leaves_at_any_time(
    watch: Watch, ledger: SqlLedger, mails: MailSystem
) -> None:
    night = MONDAY + 14 * HOUR
    ledger.save_command(Command(ANN, "", Verb.STOP, night, "mail 1"))
    mails.fault = SubmissionDeferred("later")
    run(watch, ledger, night)
    mails.fault = None
    run(watch, ledger, night + HOUR)
    assert kinds(mails) == ["receipt"]
