"""A coworker's mail with harmful words in name, subject and text: both our mails still come, and are harmless."""

from __future__ import annotations

import email
import email.policy
import re
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from poison import POISON

from mailwatch.adapters.ledger import SqlLedger
from mailwatch.bootstrap.desks import sample_renderer
from mailwatch.domain.people import Address, Directory, User
from mailwatch.domain.policy import Policy
from mailwatch.domain.workcalendar import WorkCalendar
from mailwatch.runtime.cycle import Watch, cycle
from mailwatch.services.compose import Desk
from mailwatch.testing import FakeAccount, FrozenClock

ANN = "ann@example.com"
FRIDAY = datetime(2026, 3, 6, 9, 30, tzinfo=UTC)
MONDAY = datetime(2026, 3, 9, 9, 0, tzinfo=UTC)


@dataclass
class MailSystem:
    """Takes every mail, and keeps to whom it went."""

    taken: list[tuple[str, bytes]] = field(default_factory=list)

    def submit(self, sender: str, recipient: str, message: bytes) -> None:
        self.taken.append((recipient, message))


def octets(words: str) -> bytes:
    """The words in UTF-8; a lone surrogate as a hostile program would write it."""
    return words.encode("utf-8", "surrogatepass")


def encoded(words: str) -> bytes:
    """A header value as encoded words (RFC 2047), each of a few octets."""
    whole = octets(words)[:3000]
    pieces = [whole[at : at + 45] for at in range(0, len(whole), 45)] or [b""]
    return b"\r\n ".join(b"=?utf-8?B?" + b64encode(piece) + b"?=" for piece in pieces)


def poisoned_mail(words: str) -> bytes:
    """A request whose every part a hostile coworker chose."""
    return (
        b"From: "
        + encoded(words)
        + b" <eve@example.com>\r\nTo: ann@example.com\r\nSubject: "
        + encoded(words)
        + b"\r\n"
        b"Date: Fri, 06 Mar 2026 09:30:00 +0000\r\nMessage-ID: <1@example.com>\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + b64encode(b"Hi Ann,\n\ncould you please send me the figures by Monday? " + octets(words) + b"\n\nEve\n")
        + b"\r\n"
    )


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[SqlLedger]:
    opened = SqlLedger.open(f"sqlite:///{tmp_path}/ledger.db")
    yield opened
    opened.close()


@pytest.mark.parametrize("name", POISON)
def test_both_mails_come_and_go_to_the_user_alone(name: str, ledger: SqlLedger) -> None:
    account, mails = FakeAccount(), MailSystem()
    account.deliver("inbox", poisoned_mail(POISON[name]), FRIDAY)
    watch = Watch(
        policy=Policy(User(Address(ANN, "Ann Smith")), WorkCalendar(ZoneInfo("UTC"))),
        directory=Directory(domains=frozenset({"example.com"})),
        provider=account.provider(),
        submitter=mails,
        desk=Desk(sample_renderer(), Address("mailwatch@example.com", "mailwatch")),
        look_back=timedelta(days=30),
        settle=timedelta(minutes=15),
    )
    for at in (FRIDAY, FRIDAY + timedelta(days=2), MONDAY - timedelta(minutes=30), MONDAY):
        cycle(watch, ledger, FrozenClock(at))
    assert [recipient for recipient, _ in mails.taken] == [ANN, ANN]
    for _, raw in mails.taken:
        message = email.message_from_bytes(raw, policy=email.policy.default)
        assert [address.addr_spec for address in message["To"].addresses] == [ANN]
        assert message["Cc"] is None
        assert message["Bcc"] is None
        text, page = (message.get_body((kind,)).get_content() for kind in ("plain", "html"))  # type: ignore[union-attr]
        assert "eve@example.com" in text
        assert "could not be shown" not in text
        assert not re.search("<(script|img|svg|iframe|form|input|base|link)", page)
        assert not re.search(r"https?:|//[a-z]", page.partition("</head>")[2])
