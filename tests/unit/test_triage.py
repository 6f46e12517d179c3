"""What becomes of the other conversations, and of its own, when one message cannot be followed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from mailwatch.adapters.ledger import SqlLedger
from mailwatch.domain import conversation, turns
from mailwatch.domain.command import Word
from mailwatch.domain.message import Message
from mailwatch.domain.people import Address, Directory, User
from mailwatch.domain.policy import Policy
from mailwatch.domain.promise import Promise
from mailwatch.domain.request import Request
from mailwatch.domain.workcalendar import WorkCalendar
from mailwatch.errors import LedgerError
from mailwatch.services.sync import sync
from mailwatch.services.triage import triage
from mailwatch.testing import FakeAccount, mail

ANN, BOB = "ann@example.com", "bob@example.com"
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
POLICY = Policy(User(Address(ANN)), WorkCalendar(ZoneInfo("UTC")))
DIRECTORY = Directory(domains=frozenset({"example.com"}))
TOO_MUCH = "The salary of Carol"


class Mailbox:
    """A mailbox and what is known of it; `come` brings a mail from Bob and has it read, `answer` one from Ann."""

    def __init__(self, ledger: SqlLedger) -> None:
        self.ledger = ledger
        self.account = FakeAccount()
        self.minutes = 0

    def come(self, subject: str, *, to: str = "", role: str = "inbox") -> None:
        self.minutes += 1
        sender, recipient = (BOB, ANN) if role == "inbox" else (ANN, BOB)
        message = mail(
            sender=sender,
            to=recipient,
            subject=subject,
            message_id=f"{self.minutes}@example.com",
            in_reply_to=f"{to}@example.com" if to else None,
            text="Could you send me the figures?" if role == "inbox" else "Here they are: 1, 2 and 3.",
        )
        self.account.deliver(role, message, NOW - timedelta(days=1) + timedelta(minutes=self.minutes))

    def poll(self) -> int:
        sync(self.account.provider(), self.ledger, POLICY, DIRECTORY, NOW, look_back=timedelta(days=30))
        return triage(self.ledger, POLICY, DIRECTORY, NOW)

    @property
    def open(self) -> list[str]:
        return [asked.subject for asked in self.ledger.open_requests(ANN)]


@pytest.fixture
def box() -> Iterator[Mailbox]:
    opened = SqlLedger.open("sqlite:///:memory:")
    yield Mailbox(opened)
    opened.close()


@pytest.fixture(params=["link", "follow"])
def stumbles(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets one of the two steps of following fail for the message that is too much."""
    true_link, true_follow = conversation.link, turns.follow

    def fail_at(messages: tuple[Message, ...]) -> None:
        for message in messages:
            if message.headers.subject == TOO_MUCH:
                raise KeyError(message.headers.subject)

    def link(messages: tuple[Message, ...], user: User | None = None) -> tuple[conversation.Conversation, ...]:
        fail_at(messages)
        return true_link(messages, user)

    def follow(
        one: conversation.Conversation, policy: Policy, directory: Directory, *, told: Mapping[str, Word]
    ) -> tuple[tuple[Request, ...], tuple[Promise, ...]]:
        fail_at(one.messages)
        return true_follow(one, policy, directory, told=told)

    module, step = {"link": (conversation, link), "follow": (turns, follow)}[request.param]
    monkeypatch.setattr(module, request.param, step)


@pytest.mark.usefixtures("stumbles")
def test_a_message_that_cannot_be_followed_is_set_aside_once_and_the_others_are_followed(
    box: Mailbox, caplog: pytest.LogCaptureFixture
) -> None:
    for subject in ("Figures", TOO_MUCH, "Plans", "Rooms", "Menu"):
        box.come(subject)
    box.poll()
    assert sorted(box.open) == ["Figures", "Menu", "Plans", "Rooms"]
    [aside] = box.ledger.set_aside(ANN)
    assert "(KeyError in mailwatch/services/triage.py:" in aside.reason
    assert aside.reason in caplog.text
    assert "Carol" not in caplog.text
    assert box.poll() == 0
    assert [report.set_aside for report in box.ledger.reports()] == [1]


@pytest.mark.usefixtures("stumbles")
def test_the_conversation_goes_on_without_the_message_that_cannot_be_followed(box: Mailbox) -> None:
    box.come("Figures")
    box.poll()
    box.come(TOO_MUCH, to="1")
    box.poll()
    assert box.open == ["Figures"]
    box.come("Re: Figures", to="1", role="sent")
    box.poll()
    assert box.open == []
    assert len(box.ledger.set_aside(ANN)) == 1


def test_a_ledger_that_fails_sets_no_message_aside(box: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(user: str) -> Mapping[str, Word]:
        raise LedgerError("the ledger is locked")

    box.come("Figures")
    with monkeypatch.context() as patched:
        patched.setattr(box.ledger, "words_of_user", locked)
        with pytest.raises(LedgerError):
            box.poll()
    assert list(box.ledger.set_aside(ANN)) == []
    box.poll()
    assert box.open == ["Figures"]
