"""Values that the tests of the ledger's contract share."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from mailwatch.adapters.ledger import SqlLedger
from mailwatch.domain.command import Command, Verb
from mailwatch.domain.message import Headers, Message, Role
from mailwatch.domain.people import Address
from mailwatch.domain.promise import Promise
from mailwatch.domain.request import Request
from mailwatch.ports import Ledger, OutboxMail

ANN = "ann@example.com"
BEN = "ben@example.com"
BOB = Address("bob@example.com")
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def open_ledger(url: str) -> SqlLedger:
    """A further connection to the ledger under test, as another program would have."""
    return SqlLedger.open(url)


def sync_state(ledger: Ledger, user: str, mailbox: str) -> str | None:
    """Where the last committed batch of one mailbox ended."""
    return ledger.sync_states(user, [mailbox]).get(mailbox)


def message(number: int, *, role: Role = Role.INBOX, **values: object) -> Message:
    """The same message for the same number; later ones were received later."""
    fields: dict = {
        "provider_id": str(number),
        "received_at": NOW + timedelta(minutes=number),
        "role": role,
        "message_id": f"{number}@example.com",
        "author": BOB,
        "to": (Address(ANN),),
        "subject": f"Subject {number}",
        "sent_at": NOW + timedelta(minutes=number, seconds=-5),
    }
    return Message(Headers(**(fields | values)))


def request(number: int, **values: object) -> Request:
    """Request r<number> in the message with key k<number>."""
    fields: dict = {
        "id": f"r{number}",
        "user": ANN,
        "key": f"k{number}",
        "message_id": f"{number}@example.com",
        "requester": BOB,
        "subject": "Numbers",
        "received_at": NOW + timedelta(minutes=number),
    }
    return Request(**(fields | values))


def promise(number: int, **values: object) -> Promise:
    """Promise p<number> in the message with key k<number>."""
    fields: dict = {
        "id": f"p{number}",
        "user": ANN,
        "key": f"k{number}",
        "message_id": f"{number}@example.com",
        "to": BOB,
        "subject": "Numbers",
        "made_at": NOW + timedelta(minutes=number),
    }
    return Promise(**(fields | values))


def command(item: str, verb: Verb, **values: object) -> Command:
    """A command of Ann's an hour later, from a source of its own for each item and verb."""
    fields: dict = {
        "user": ANN,
        "item": item,
        "verb": verb,
        "at": NOW + timedelta(hours=1),
        "source": f"{item} {verb}",
    }
    return Command(**(fields | values))


def mail(period: str, **values: object) -> OutboxMail:
    """A reminder to Ann."""
    fields: dict = {"user": ANN, "kind": "reminder", "period": period, "message": b"Hello", "created_at": NOW}
    fields |= values
    fields.setdefault("message_id", f"{fields['kind']}-{period}@example.com")
    return OutboxMail(**fields)
