"""What becomes of a sync when somebody changes the ledger under it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from mailwatch.adapters.ledger import SqlLedger
from mailwatch.domain.message import Role
from mailwatch.domain.people import Address, Directory, User
from mailwatch.domain.policy import Policy
from mailwatch.domain.workcalendar import WorkCalendar
from mailwatch.errors import CannotCalculateChanges
from mailwatch.services.sync import Progress, SyncOutcome, sync
from mailwatch.testing import FakeAccount, mail

ANN = "ann@example.com"
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


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
