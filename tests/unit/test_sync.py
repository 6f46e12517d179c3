"""What becomes of a sync when the ledger changes under it, and when one message is too much for the reader."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from mailwatch.adapters.ledger import SqlLedger
from mailwatch.domain.candidate import Interest, interest
from mailwatch.domain.message import Headers, Role, Text
from mailwatch.domain.people import Address, Directory, User
from mailwatch.domain.policy import Policy
from mailwatch.domain.workcalendar import WorkCalendar
from mailwatch.errors import CannotCalculateChanges, LedgerError
from mailwatch.services.sync import Progress, SyncOutcome, sync
from mailwatch.testing import FakeAccount, mail

ANN = "ann@example.com"
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
POLICY = Policy(User(Address(ANN)), WorkCalendar(ZoneInfo("UTC")))
DIRECTORY = Directory(domains=frozenset({"example.com"}))


def read_all(account: FakeAccount, ledger: SqlLedger, policy: Policy = POLICY) -> SyncOutcome:
    return sync(account.provider(), ledger, policy, DIRECTORY, NOW, look_back=timedelta(days=30))


@pytest.fixture
def ledger() -> Iterator[SqlLedger]:
    opened = SqlLedger.open("sqlite:///:memory:")
    yield opened
    opened.close()


@pytest.fixture
def account() -> FakeAccount:
    """Three mails of which the second one will be too much for the reader."""
    filled = FakeAccount()
    for number, words in enumerate(
        ("Could you call me today?", "Boom: the salary of Carol", "Please send the plan.")
    ):
        message = mail(sender="bob@example.com", to=ANN, subject=f"m{number}", message_id=f"m{number}@x", text=words)
        filled.deliver(Role.INBOX, message, NOW - timedelta(hours=number + 1))
    return filled


def test_an_erase_in_the_middle_of_the_first_round_loses_nothing_of_what_is_in_the_mailbox() -> None:
    account = FakeAccount()
    for number in range(6):
        message = mail(sender="bob@example.com", to=ANN, subject=f"m{number}", message_id=f"m{number}@x")
        account.deliver(Role.INBOX, message, NOW - timedelta(hours=number + 1))
    ledger = SqlLedger.open("sqlite:///:memory:")
    policy = Policy(User(Address(ANN)), WorkCalendar(ZoneInfo("UTC")))
    provider = account.provider(batch=2)

    def read(progress: Progress | None = None) -> SyncOutcome:
        directory = Directory(domains=frozenset({"example.com"}))
        return sync(provider, ledger, policy, directory, NOW, look_back=timedelta(days=30), progress=progress)

    def erase_once(name: str, done: int, remaining: int) -> None:
        if remaining == 4:
            ledger.erase(ANN)

    with pytest.raises(CannotCalculateChanges, match="erased or changed"):
        read(erase_once)
    assert list(ledger.untriaged(ANN)) == []
    read()
    assert len(ledger.untriaged(ANN)) == 6
    ledger.close()


@pytest.mark.parametrize(
    "step", ["mailwatch.detection.reader.quotation.parts_of", "mailwatch.services.sync.second_look"]
)
def test_a_text_at_which_the_reading_fails_is_set_aside_and_the_others_are_read(
    step: str, account: FakeAccount, ledger: SqlLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    module, _, name = step.rpartition(".")
    true_step = pkgutil.resolve_name(step)

    def stumbles(headers: Headers, text: Text) -> object:
        if "Boom" in text.words:
            raise KeyError(text.words)
        return true_step(headers, text)

    monkeypatch.setattr(pkgutil.resolve_name(module), name, stumbles)
    assert read_all(account, ledger) == SyncOutcome(3, 3, 1)
    assert {m.headers.subject: bool(m.reading.request) for m in ledger.untriaged(ANN)} == {
        "m0": True,
        "m1": False,
        "m2": True,
    }
    [aside] = ledger.set_aside(ANN)
    assert aside.provider_id
    assert "KeyError in mailwatch/" in aside.reason
    assert "Carol" not in aside.reason
    assert read_all(account, ledger) == SyncOutcome()


def test_a_header_at_which_the_reading_fails_is_set_aside_and_the_others_are_read(
    account: FakeAccount, ledger: SqlLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumbles(headers: Headers, policy: Policy, directory: Directory) -> Interest:
        if headers.subject == "m1":
            raise IndexError(headers.subject)
        return interest(headers, policy, directory)

    monkeypatch.setattr("mailwatch.services.sync.interest", stumbles)
    assert read_all(account, ledger) == SyncOutcome(3, 2, 1)
    assert [m.headers.subject for m in ledger.untriaged(ANN)] == ["m2", "m0"]
    assert len(ledger.set_aside(ANN)) == 1


@pytest.mark.parametrize(
    "fault", [LedgerError("the ledger is locked"), OSError("too many open files"), MemoryError()]
)
def test_what_no_message_is_to_blame_for_sets_none_aside(
    fault: Exception, account: FakeAccount, ledger: SqlLedger
) -> None:
    def hear(headers: Headers, text: Text) -> bool:
        raise fault

    account.deliver(Role.SENT, mail(sender=ANN, to="mw@example.com", text="done"), NOW)
    with pytest.raises(type(fault)):
        sync(
            account.provider(),
            ledger,
            POLICY,
            DIRECTORY,
            NOW,
            look_back=timedelta(days=30),
            hear=hear,
            command_addresses=frozenset({"mw@example.com"}),
        )
    assert list(ledger.set_aside(ANN)) == []
