"""Replies to outsiders: nothing is kept of them, unless a coworker can have got them by their Reply-To."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from mailwatch.adapters.ledger import SqlLedger
from mailwatch.domain.people import Address, Directory, User
from mailwatch.domain.policy import Policy
from mailwatch.domain.request import RequestState, state_of
from mailwatch.domain.workcalendar import WorkCalendar
from mailwatch.services.sync import sync
from mailwatch.services.triage import triage
from mailwatch.testing import FakeAccount, mail

ANN, BOB = "ann@example.com", "Bob <bob@example.com>"
POLICY = Policy(User(Address(ANN, "Ann Smith")), WorkCalendar(ZoneInfo("UTC")))
DIRECTORY = Directory(domains=frozenset({"example.com"}))
MONDAY = datetime(2026, 3, 9, 10, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Ann:
    """Ann's mailbox and what mailwatch keeps of it."""

    def __init__(self, ledger: SqlLedger) -> None:
        self.ledger, self.account = ledger, FakeAccount()

    def asked(self, id: str, **fields: str) -> None:
        named = {name.replace("_", "-"): value for name, value in fields.items()}
        message = mail(sender=BOB, to=ANN, sent_at=MONDAY, message_id=id, fields=named)
        self.account.deliver("inbox", message, MONDAY)

    def replied(self, id: str, to: str, answers: str, subject: str = "Re: A question") -> None:
        words = {"subject": subject, "text": "Here they are: 12 and 14.", "in_reply_to": answers, "message_id": id}
        message = mail(sender=ANN, to=to, sent_at=MONDAY + HOUR, **words)  # type: ignore[arg-type]
        self.account.deliver("sent", message, MONDAY + HOUR)

    def read(self) -> None:
        now = MONDAY + 2 * HOUR
        sync(self.account.provider(), self.ledger, POLICY, DIRECTORY, now, look_back=timedelta(days=30))
        triage(self.ledger, POLICY, DIRECTORY, now)

    @property
    def stored(self) -> set[str]:
        return {str(row["message_id"]) for name, row in self.ledger.export(ANN) if name in ("messages", "mentions")}


@pytest.fixture
def ann() -> Iterator[Ann]:
    ledger = SqlLedger.open("sqlite://")
    yield Ann(ledger)
    ledger.close()


def test_nothing_is_kept_of_a_reply_to_an_outsider(ann: Ann) -> None:
    ann.asked("asked@x")
    ann.replied("private@x", "doctor@clinic.example", "results@clinic.example", subject="Re: Your test results")
    ann.read()
    assert ann.stored == {"asked@x"}
    assert "clinic" not in repr(list(ann.ledger.export(ANN)))
    assert not ann.ledger.untriaged(ANN)
    ann.read()
    assert ann.stored == {"asked@x"}


@pytest.mark.parametrize("reads", [1, 2])
def test_a_reply_that_reaches_a_coworker_by_their_reply_to_still_answers(ann: Ann, reads: int) -> None:
    ann.asked("asked@x", Reply_To="bob@private.example")
    if reads == 2:
        ann.read()
    ann.replied("answer@x", "bob@private.example", "asked@x")
    ann.read()
    (asked,) = ann.ledger.requests(ANN, MONDAY - HOUR)
    assert state_of(asked, MONDAY + 2 * HOUR) is RequestState.ANSWERED
    assert ann.stored == {"asked@x", "answer@x"}
