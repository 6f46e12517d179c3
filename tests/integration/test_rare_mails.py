"""The welcome on the first day, and the mail that says that mail cannot be read: each once, to the user alone."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from mailwatch.adapters.ledger import SqlLedger
from mailwatch.bootstrap.desks import sample_renderer
from mailwatch.domain.command import Command, Verb
from mailwatch.domain.people import Address, Directory, User
from mailwatch.domain.policy import Policy
from mailwatch.domain.workcalendar import WorkCalendar
from mailwatch.errors import (
    LoginPaused,
    LoginRefused,
    ProviderError,
    SubmissionDeferred,
    SubmissionUncertain,
    Unreachable,
)
from mailwatch.ports import OutboxState
from mailwatch.runtime.cycle import Watch, cycle
from mailwatch.runtime.once import run_once
from mailwatch.services.compose import Desk
from mailwatch.testing import FakeAccount, FakeProvider, FrozenClock

ANN = "ann@example.com"
MONDAY = datetime(2026, 3, 9, 10, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@dataclass
class MailSystem:
    """Takes every mail, unless it is down."""

    taken: list[tuple[str, EmailMessage]] = field(default_factory=list)
    down: bool = False
    loses_replies: bool = False

    def submit(self, sender: str, recipient: str, message: bytes) -> None:
        if self.down:
            raise SubmissionDeferred("the mail system is down")
        self.taken.append((recipient, email.message_from_bytes(message, policy=email.policy.default)))  # type: ignore[arg-type]
        if self.loses_replies:
            raise SubmissionUncertain("no reply came")

    @property
    def kinds(self) -> list[str]:
        return [str(message["X-Mailwatch"]) for _, message in self.taken]


class Failing(FakeProvider):
    """A provider whose mailbox cannot be read as long as there is a fault."""

    fault: Exception | None = None
    looks = 0

    def holds(self, message_id: str) -> bool:
        self.looks += 1
        return super().holds(message_id)

    def mailboxes(self):  # type: ignore[no-untyped-def]
        if self.fault:
            raise self.fault
        return super().mailboxes()


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[SqlLedger]:
    opened = SqlLedger.open(f"sqlite:///{tmp_path}/ledger.db")
    yield opened
    opened.close()


@pytest.fixture
def mails() -> MailSystem:
    return MailSystem()


@pytest.fixture
def watch(mails: MailSystem) -> Watch:
    return Watch(
        policy=Policy(User(Address(ANN, "Ann Smith")), WorkCalendar(ZoneInfo("UTC")), language="de"),
        directory=Directory(domains=frozenset({"example.com"})),
        provider=Failing(FakeAccount()),
        submitter=mails,
        desk=Desk(sample_renderer(), Address("mailwatch@example.com", "mailwatch")),
        look_back=timedelta(days=30),
        settle=timedelta(minutes=15),
        welcomes=True,
    )


def run(watch: Watch, ledger: SqlLedger, at: datetime) -> None:
    cycle(watch, ledger, FrozenClock(at))


def fails(watch: Watch, ledger: SqlLedger, at: datetime, fault: ProviderError) -> None:
    assert isinstance(watch.provider, Failing)
    watch.provider.fault = fault
    with pytest.raises(type(fault)):
        run(watch, ledger, at)
    watch.provider.fault = None


def only_to_ann(mails: MailSystem) -> None:
    for recipient, message in mails.taken:
        assert recipient == ANN
        assert [address.addr_spec for address in message["To"].addresses] == [ANN]
        assert message["Cc"] is None
        assert message["Bcc"] is None


def test_a_new_user_is_welcomed_once_in_their_language(watch: Watch, ledger: SqlLedger, mails: MailSystem) -> None:
    for n in range(4):
        run(watch, ledger, MONDAY + n * timedelta(minutes=5))
    assert mails.kinds == ["welcome"]
    text = mails.taken[0][1].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "example.com" in text
    assert "400 Tagen" in text
    assert "Antworte „stopp“" in text
    only_to_ann(mails)


def test_the_welcome_waits_for_working_hours(watch: Watch, ledger: SqlLedger, mails: MailSystem) -> None:
    run(watch, ledger, MONDAY - timedelta(days=1))
    run(watch, ledger, MONDAY.replace(hour=3))
    assert mails.kinds == []
    run(watch, ledger, MONDAY.replace(hour=9))
    assert mails.kinds == ["welcome"]


def test_the_welcome_does_not_come_again_when_old_mails_are_pruned(
    watch: Watch, ledger: SqlLedger, mails: MailSystem
) -> None:
    run(watch, ledger, MONDAY)
    ledger.prune(MONDAY + 500 * DAY)
    run(watch, ledger, MONDAY + 500 * DAY)
    run(watch, ledger, MONDAY + 504 * DAY)
    assert mails.kinds.count("welcome") == 1


def test_who_is_erased_and_comes_back_is_welcomed_again(watch: Watch, ledger: SqlLedger, mails: MailSystem) -> None:
    run(watch, ledger, MONDAY)
    ledger.erase(ANN)
    run(watch, ledger, MONDAY + DAY)
    assert mails.kinds == ["welcome", "welcome"]


def test_nobody_is_welcomed_where_the_settings_say_so(watch: Watch, ledger: SqlLedger, mails: MailSystem) -> None:
    run(replace(watch, welcomes=False), ledger, MONDAY)
    assert mails.kinds == []


def test_that_mail_cannot_be_read_is_told_after_a_day_and_once(
    watch: Watch, ledger: SqlLedger, mails: MailSystem
) -> None:
    run(watch, ledger, MONDAY)
    for hours in range(1, 60):
        fails(watch, ledger, MONDAY + hours * timedelta(hours=1), Unreachable("imap.example.com does not answer"))
    assert mails.kinds == ["welcome", "unreadable"]
    message = mails.taken[1][1]
    assert message["Date"].datetime == MONDAY + timedelta(hours=25)
    told = " ".join(message.get_body(("plain",)).get_content().split())  # type: ignore[union-attr]
    assert "Der Mailserver ist nicht zu erreichen." in told
    assert "auf Englisch: „imap.example.com does not answer“" in told
    only_to_ann(mails)


def test_a_fault_of_mailwatch_itself_is_told_after_a_day_and_once_without_words_of_mail(
    watch: Watch, ledger: SqlLedger, mails: MailSystem
) -> None:
    run(watch, ledger, MONDAY)
    assert isinstance(watch.provider, Failing)
    watch.provider.fault = KeyError("The salary of Carol")
    failed = []
    for hours in range(1, 60):
        clock = FrozenClock(MONDAY + hours * timedelta(hours=1))
        run_once([watch], ledger, clock, lambda _, error: failed.append(error))
    assert len(list(filter(None, failed))) == 59
    assert mails.kinds == ["welcome", "unreadable"]
    told = " ".join(mails.taken[1][1].get_body(("plain",)).get_content().split())  # type: ignore[union-attr]
    assert "mailwatch selbst hat einen Fehler; bitte melde ihn." in told
    assert "(KeyError in mailwatch/services/sync.py:" in told
    assert "Carol" not in told
    only_to_ann(mails)


def test_a_fault_in_the_mail_that_tells_of_a_fault_ends_no_other_watch(
    watch: Watch, ledger: SqlLedger, mails: MailSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumbles(*given: object) -> bool:
        raise ZeroDivisionError

    monkeypatch.setattr("mailwatch.runtime.cycle.warn", stumbles)
    assert isinstance(watch.provider, Failing)
    watch.provider.fault = KeyError("The salary of Carol")
    fine = replace(watch, policy=replace(watch.policy, user=User(Address("ben@example.com"))))
    fine = replace(fine, provider=FakeAccount().provider())
    for day in range(3):
        assert run_once([watch, fine], ledger, FrozenClock(MONDAY + day * DAY), lambda _, error: None) == 1


def test_a_second_time_of_failing_is_told_anew(watch: Watch, ledger: SqlLedger, mails: MailSystem) -> None:
    fault = Unreachable("imap.example.com does not answer")
    fails(watch, ledger, MONDAY, fault)
    fails(watch, ledger, MONDAY + DAY, fault)
    run(watch, ledger, MONDAY + DAY + timedelta(hours=1))
    fails(watch, ledger, MONDAY + 2 * DAY, fault)
    fails(watch, ledger, MONDAY + 3 * DAY, fault)
    assert mails.kinds.count("unreadable") == 2


def test_nothing_is_told_at_night_and_nothing_of_a_short_failure(
    watch: Watch, ledger: SqlLedger, mails: MailSystem
) -> None:
    fault = Unreachable("imap.example.com does not answer")
    fails(watch, ledger, MONDAY, fault)
    fails(watch, ledger, MONDAY + timedelta(hours=23), fault)
    fails(watch, ledger, MONDAY + DAY + timedelta(hours=12), fault)
    assert mails.kinds == []
    fails(watch, ledger, MONDAY + 2 * DAY, fault)
    assert mails.kinds == ["unreadable"]


def test_a_mailbox_that_is_given_up_after_refused_logins_is_told_of_at_once(
    watch: Watch, ledger: SqlLedger, mails: MailSystem
) -> None:
    for n in range(3):
        assert mails.kinds == []
        fails(watch, ledger, MONDAY + n * timedelta(minutes=1), LoginRefused("imap.example.com refused the login"))
    assert mails.kinds == ["unreadable"]


@pytest.mark.parametrize(("step", "kind"), [("remind", "reminder"), ("summarize", "weekly-summary")])
def test_what_waits_in_the_outbox_leaves_though_the_next_mail_cannot_be_written(
    watch: Watch, ledger: SqlLedger, mails: MailSystem, monkeypatch: pytest.MonkeyPatch, step: str, kind: str
) -> None:
    def stumbles(*given: object) -> bool:
        raise ZeroDivisionError

    monkeypatch.setattr(f"mailwatch.runtime.cycle.{step}", stumbles)
    mails.down = True
    run(watch, ledger, MONDAY)  # The welcome waits in the outbox.
    mails.down = False
    due = ledger.due_at(kind, ANN)
    assert due
    with pytest.raises(ZeroDivisionError):
        run(watch, ledger, max(due, due.replace(hour=10)))
    assert mails.kinds == ["welcome"]


def test_no_login_asks_for_a_warning_that_may_have_arrived_while_logins_wait(
    watch: Watch, ledger: SqlLedger, mails: MailSystem
) -> None:
    mails.loses_replies = True
    for n in range(3):
        fails(watch, ledger, MONDAY + n * timedelta(minutes=1), LoginRefused("imap.example.com refused the login"))
    assert [mail.state for mail in ledger.outbox(ANN)] == [OutboxState.SENDING]
    assert isinstance(watch.provider, Failing)
    for minutes in range(20, 300, 5):
        with pytest.raises(LoginPaused):
            cycle(watch, ledger, FrozenClock(MONDAY + timedelta(minutes=minutes)), heed_refusals=True)
    assert watch.provider.looks == 0
    assert [mail.state for mail in ledger.outbox(ANN)] == [OutboxState.SENDING]
    assert mails.kinds == ["unreadable"]
    run(replace(watch, welcomes=False), ledger, MONDAY + timedelta(hours=6))
    assert watch.provider.looks == 1
    assert list(ledger.outbox(ANN)) == []


def test_nothing_else_leaves_while_mail_cannot_be_read(watch: Watch, ledger: SqlLedger, mails: MailSystem) -> None:
    mails.down = True
    run(watch, ledger, MONDAY)  # The welcome waits in the outbox.
    mails.down = False
    fault = Unreachable("imap.example.com does not answer")
    fails(watch, ledger, MONDAY + DAY, fault)
    fails(watch, ledger, MONDAY + 2 * DAY, fault)
    assert mails.kinds == ["unreadable"]


def test_the_warning_does_not_leave_once_mail_can_be_read(watch: Watch, ledger: SqlLedger, mails: MailSystem) -> None:
    fault = Unreachable("imap.example.com does not answer")
    mails.down = True
    fails(watch, ledger, MONDAY, fault)
    fails(watch, ledger, MONDAY + DAY, fault)
    mails.down = False
    run(replace(watch, welcomes=False), ledger, MONDAY + DAY + timedelta(hours=2))
    assert mails.kinds == []


def test_who_wants_no_mails_gets_none_of_these(watch: Watch, ledger: SqlLedger, mails: MailSystem) -> None:
    ledger.save_command(Command(ANN, "", Verb.STOP, MONDAY - DAY, "mail 1"))
    fault = Unreachable("imap.example.com does not answer")
    fails(watch, ledger, MONDAY, fault)
    fails(watch, ledger, MONDAY + DAY, fault)
    assert mails.kinds == []
