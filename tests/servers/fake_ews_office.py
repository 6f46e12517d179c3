"""An office on the fake Exchange server: mail that counts, a provider that reads it, and the real sync."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from servers.fake_ews import PASSWORD, READS, USER, FakeEws
from servers.fake_ews_store import Item

from mailwatch.adapters.ews import EwsAccount, EwsProvider
from mailwatch.adapters.ledger import SqlLedger
from mailwatch.domain.people import Address, Directory, User
from mailwatch.domain.policy import Policy
from mailwatch.domain.workcalendar import WorkCalendar
from mailwatch.services.sync import sync
from mailwatch.testing import mail

ANN, BOB = "ann@example.com", "bob@example.com"
NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)


class Office:
    """Ann's mailbox, what mailwatch knows of it, and what it should know."""

    def __init__(self, server: FakeEws, address: str = ANN, **options: Any) -> None:
        self.server, self.address = server, address
        self.store = server.mailboxes[address]
        self.ledger = SqlLedger.open("sqlite:///:memory:")
        self.expected: list[str] = []
        self.account = ews_account(server, address, **options)
        self.provider = EwsProvider(self.account)

    def deliver(self, count: int, folder: str = "inbox", **told: str | None) -> list[Item]:
        """Puts numbered messages into a folder, a minute between two of them."""
        items = []
        sender, to = (self.address, BOB) if folder == "sentitems" else (BOB, self.address)
        for _ in range(count):
            number = len(self.expected)
            name = f"m{number}@x"
            message = mail(sender=sender, to=to, subject=f"m{number}", message_id=name, sent_at=NOON)
            moment = NOON + timedelta(minutes=number)
            items.append(self.store.add(self.store.folder(folder), message, moment, told=told))
            self.expected.append(name)
        return items

    def poll(self) -> None:
        """What one cycle reads. Raises ProviderError."""
        zone = ZoneInfo("UTC")
        calendar = WorkCalendar(zone, {})
        policy = Policy(User(Address(self.address)), calendar)
        directory = Directory(domains=frozenset({"example.com"}))
        sync(self.provider, self.ledger, policy, directory, NOON, look_back=timedelta(days=30))

    def be_patient(self) -> None:
        """From now on an answer has the usual time, which a busy machine may need."""
        self.provider.close()
        self.provider = EwsProvider(replace(self.account, timeout=30))

    def known(self) -> list[str | None]:
        """The Message-IDs in the ledger."""
        return [message.headers.message_id for message in self.ledger.untriaged(self.address)]

    def nothing_is_lost_or_doubled(self) -> bool:
        """Whether the ledger holds each message once, and each was read without a trace."""
        assert set(self.server.asked) <= READS
        assert self.server.violations == [], self.server.violations
        return Counter(self.known()) == Counter(self.expected)

    def close(self) -> None:
        """Ends what was opened."""
        self.provider.close()
        self.ledger.close()


def ews_account(server: FakeEws, address: str = ANN, **options: Any) -> EwsAccount:
    """How to reach a mailbox of the fake."""
    settings = {"user": USER, "auth": "basic", "secret": lambda: PASSWORD} | options
    return EwsAccount(server.url, address, **settings)


@contextmanager
def office(**options: Any) -> Iterator[Office]:
    """Ann's office, as long as the block runs."""
    server = FakeEws(ANN)
    opened = Office(server, **options)
    try:
        yield opened
    finally:
        opened.close()
        server.close()
