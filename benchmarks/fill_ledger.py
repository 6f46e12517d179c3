"""Fills a ledger with as many requests as wanted, nearly all of them settled, for timing what reads it."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from mailwatch.adapters.ledger import SqlLedger
from mailwatch.domain.message import Headers, Message, Role
from mailwatch.domain.people import Address
from mailwatch.domain.reading import Evidence, Finding, Reading
from mailwatch.domain.request import Event, EventKind, Request
from mailwatch.ports import Ledger

USER = "ann@example.com"
WORDS = "Could you send me the figures for the report by Friday?"
BATCH = 10000


def fill(
    ledger: Ledger, requests: int, now: datetime, *, user: str = USER, open_requests: int = 200, messages: bool = True
) -> None:
    """Adds requests, one an hour back from `now`, each in a conversation of its own; the newest ones are open.

    With `messages` the asking mails are recorded too, which takes half of the time.
    """
    me = Address(user)
    for first in range(0, requests, BATCH):
        asked = list(_asked(range(first, min(first + BATCH, requests)), me, now))
        if messages:
            since, found = ledger.sync_states(user, ["INBOX"]).get("INBOX"), [one for one, _ in asked]
            ledger.record(user, "INBOX", str(first), found, [], now, since=since, counted=len(asked))
        ledger.save_triage(
            user,
            [(f"c{message.headers.key}", [message.headers.key]) for message, _ in asked],
            [_request(message, number, me, is_open=number < open_requests) for message, number in asked],
            [],
        )
    ledger.report_sync(user, now, None)


def _asked(numbers: range, me: Address, now: datetime) -> Iterator[tuple[Message, int]]:
    reading = Reading(request=Finding(0.9, Evidence("question", WORDS)), language="en")
    for number in numbers:
        at = now - timedelta(hours=number + 1)
        headers = Headers(
            provider_id=str(number),
            received_at=at,
            role=Role.INBOX,
            message_id=f"{number}@example.com",
            author=Address(f"coworker{number % 50}@example.com", f"Coworker {number % 50}"),
            to=(me,),
            subject=f"Figures {number}",
            sent_at=at,
        )
        yield Message(headers, reading), number


def _request(message: Message, number: int, me: Address, *, is_open: bool) -> Request:
    headers = message.headers
    answered = Event(EventKind.ANSWERED, headers.received_at + timedelta(minutes=30), f"a{number}@example.com", me)
    return Request(
        id=headers.key[:8] + f"{number:x}",
        user=me.addr_spec,
        key=headers.key,
        message_id=headers.message_id,
        requester=headers.author or me,
        subject=headers.subject,
        received_at=headers.received_at,
        evidence=WORDS,
        events=() if is_open else (answered,),
    )


def main() -> None:
    """Fills a ledger from the shell and says how long it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url", help="such as sqlite:////tmp/ledger.db")
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--open", type=int, default=200)
    parser.add_argument("--user", default=USER)
    given = parser.parse_args()
    began = time.perf_counter()
    ledger = SqlLedger.open(given.url)
    fill(ledger, given.requests, datetime.now(UTC), user=given.user, open_requests=given.open)
    ledger.close()
    print(f"{given.requests} requests in {time.perf_counter() - began:.1f} s")


if __name__ == "__main__":
    main()
