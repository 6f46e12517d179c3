"""A mail whose answer was lost: looked for, sent once more, and then set aside."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from mailwatch.adapters.ledger import SqlLedger
from mailwatch.errors import ProviderError, SubmissionDeferred, SubmissionUncertain
from mailwatch.ports import OutboxMail, OutboxState
from mailwatch.services.submit import MAY_HAVE_ARRIVED, submit

ANN = "ann@example.com"
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
SETTLE = timedelta(minutes=15)
LOST, LATER = SubmissionUncertain("no reply came"), SubmissionDeferred("4.2.0 greylisted")


class MailSystem:
    """Counts what it is given, and answers each try with what the script says next."""

    def __init__(self) -> None:
        self.given = 0
        self.script: list[Exception | None] = []

    def submit(self, sender: str, recipient: str, message: bytes) -> None:
        self.given += 1
        if fault := self.script.pop(0) if self.script else LOST:
            raise fault


@pytest.fixture
def ledger() -> Iterator[SqlLedger]:
    opened = SqlLedger.open("sqlite:///:memory:")
    message = f"To: {ANN}\r\nSubject: x\r\n\r\nwords\r\n".encode()
    opened.enqueue(OutboxMail(ANN, "reminder", "2026-03-10T12:00", "m@example.com", message, NOON))
    yield opened
    opened.close()


@pytest.fixture
def mails() -> MailSystem:
    return MailSystem()


def looks(
    ledger: SqlLedger, mails: MailSystem, count: int, holds: Callable[[str], bool] = lambda message_id: False
) -> list[str]:
    """What was said in so many cycles, sixteen minutes between two of them."""
    told: list[str] = []
    for number in range(count):
        now = NOON + number * (SETTLE + timedelta(minutes=1))
        told += submit(ledger, mails, holds, ANN, now, sender="mailwatch@example.com", settle=SETTLE)
    return told


def test_a_mail_whose_answers_are_lost_is_sent_twice_and_then_set_aside(ledger: SqlLedger, mails: MailSystem) -> None:
    told = looks(ledger, mails, 9)
    assert mails.given == 2
    (mail,) = ledger.outbox(ANN)
    assert mail.state is OutboxState.SET_ASIDE
    assert mail.error == f"no reply came {MAY_HAVE_ARRIVED}"
    assert told[-1].startswith(mail.error.rstrip("."))
    assert len(told) == 3


def test_the_second_copy_is_looked_for_too(ledger: SqlLedger, mails: MailSystem) -> None:
    looks(ledger, mails, 4, lambda message_id: mails.given == 2)
    assert mails.given == 2
    assert ledger.outbox(ANN) == []


def test_a_mailbox_that_cannot_be_searched_sets_nothing_aside(ledger: SqlLedger, mails: MailSystem) -> None:
    def broken(message_id: str) -> bool:
        raise ProviderError("not now")

    looks(ledger, mails, 9, broken)
    assert mails.given == 1
    assert ledger.outbox(ANN)[0].state is OutboxState.SENDING


def test_a_server_that_is_busy_at_the_second_try_is_asked_again_after_another_look(
    ledger: SqlLedger, mails: MailSystem
) -> None:
    mails.script = [LOST, LATER, LATER, None]
    looked: list[int] = []
    looks(ledger, mails, 5, lambda message_id: bool(looked.append(mails.given)))
    assert looked == [1, 2, 3]
    assert mails.given == 4
    assert ledger.outbox(ANN) == []


@pytest.mark.parametrize(("seconds", "waits"), [(None, 1), (10, 1), (600, 10), (3600, 60), (1e300, 60)])
def test_a_mail_is_not_tried_again_before_the_time_that_the_server_asked_for(
    ledger: SqlLedger, mails: MailSystem, seconds: float | None, waits: int
) -> None:
    mails.script = [SubmissionDeferred("throttled", seconds), None]
    given = []
    for minute in (0, waits - 1, waits):
        now = NOON + timedelta(minutes=minute)
        submit(ledger, mails, lambda id: False, ANN, now, sender="mailwatch@example.com", settle=SETTLE)
        given.append(mails.given)
    assert given == [1, 1, 2]


def test_a_second_try_that_is_put_off_waits_as_long_as_the_server_asked(ledger: SqlLedger, mails: MailSystem) -> None:
    mails.script = [LOST, SubmissionDeferred("throttled", 3600), None]
    looks(ledger, mails, 5)  # 64 minutes, of which the server wanted none in the last 48
    assert mails.given == 2
    looks(ledger, mails, 7)
    assert mails.given == 3


def test_a_server_that_was_busy_before_counts_for_no_lost_answer(ledger: SqlLedger, mails: MailSystem) -> None:
    mails.script = [LATER, LATER, LATER, LOST, None]
    looks(ledger, mails, 6)
    assert mails.given == 5
    assert ledger.outbox(ANN) == []
