"""What the user said counts: an ask after `done` is a new request, and not a chaser of the one that is settled."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from mailwatch.adapters.ledger import SqlLedger
from mailwatch.domain.command import Command, Verb
from mailwatch.domain.message import Headers, Message
from mailwatch.domain.people import Address, Directory, User
from mailwatch.domain.policy import Policy
from mailwatch.domain.reading import Evidence, Finding, Reading
from mailwatch.domain.workcalendar import WorkCalendar
from mailwatch.runtime.upkeep import upkeep
from mailwatch.services.act import act
from mailwatch.services.triage import triage
from mailwatch.testing import FrozenClock

ANN, BOB = Address("ann@example.com", "Ann Smith"), Address("bob@example.com", "Bob Jones")
POLICY = Policy(User(ANN), WorkCalendar(ZoneInfo("UTC")))
DIRECTORY = Directory(domains=frozenset({"example.com"}))
MONDAY = datetime(2026, 3, 9, 10, 0, tzinfo=UTC)
ASKS = Reading(request=Finding(0.9, Evidence("test", "Could you send it?")))


def asked(number: int, at: datetime) -> Message:
    references = ("1@mail.example.com",) if number > 1 else ()
    return Message(
        Headers(
            provider_id=str(number),
            received_at=at,
            sent_at=at,
            message_id=f"{number}@mail.example.com",
            references=references,
            author=BOB,
            to=(ANN,),
            subject="Figures",
        ),
        ASKS,
    )


@pytest.fixture
def ledger() -> Iterator[SqlLedger]:
    opened = SqlLedger.open("sqlite://")
    yield opened
    opened.close()


def see(ledger: SqlLedger, message: Message) -> None:
    at = message.headers.received_at
    since = ledger.sync_states(ANN.addr_spec, ["INBOX"]).get("INBOX")
    ledger.record(ANN.addr_spec, "INBOX", at.isoformat(), [message], [], at, since=since, counted=1)
    triage(ledger, POLICY, DIRECTORY, at)


def test_an_ask_after_done_is_a_new_request(ledger: SqlLedger) -> None:
    see(ledger, asked(1, MONDAY))
    (first,) = ledger.open_requests(ANN.addr_spec)
    act(ledger, Command(ANN.addr_spec, first.id, Verb.DONE, MONDAY + timedelta(hours=1), "shell:1"))
    assert not ledger.open_requests(ANN.addr_spec)
    see(ledger, asked(2, MONDAY + timedelta(hours=2)))
    (second,) = ledger.open_requests(ANN.addr_spec)
    assert second.id != first.id


def test_an_ask_before_any_word_is_a_chaser(ledger: SqlLedger) -> None:
    see(ledger, asked(1, MONDAY))
    see(ledger, asked(2, MONDAY + timedelta(hours=2)))
    (only,) = ledger.open_requests(ANN.addr_spec)
    assert [str(event.kind) for event in only.events] == ["chased"]


def test_upkeep_prunes_once_a_day_and_keeps_what_is_open(ledger: SqlLedger) -> None:
    see(ledger, asked(1, MONDAY))
    (only,) = ledger.open_requests(ANN.addr_spec)
    late, year = FrozenClock(MONDAY + timedelta(days=500)), timedelta(days=400)
    assert upkeep(ledger, late, year) == 0
    act(ledger, Command(ANN.addr_spec, only.id, Verb.DONE, MONDAY + timedelta(hours=1), "shell:1"))
    assert upkeep(ledger, late, year) == 0, "the day's upkeep is done"
    assert upkeep(ledger, FrozenClock(late.now() + timedelta(days=1)), year) > 0
    assert not ledger.requests(ANN.addr_spec, MONDAY - timedelta(days=1))


def test_a_clock_that_jumped_ahead_prunes_nothing_before_a_day_is_over(ledger: SqlLedger) -> None:
    see(ledger, asked(1, MONDAY))
    (only,) = ledger.open_requests(ANN.addr_spec)
    act(ledger, Command(ANN.addr_spec, only.id, Verb.DONE, MONDAY + timedelta(hours=1), "shell:1"))
    year, hour = timedelta(days=400), timedelta(hours=1)
    assert upkeep(ledger, FrozenClock(MONDAY + 2 * hour), year) == 0
    wrong = MONDAY + timedelta(days=3000)
    assert upkeep(ledger, FrozenClock(wrong), year) == 0
    assert upkeep(ledger, FrozenClock(wrong + hour), year) == 0
    assert upkeep(ledger, FrozenClock(MONDAY + timedelta(days=2)), year) == 0, "put right, it goes on as before"
    assert ledger.requests(ANN.addr_spec, MONDAY - timedelta(days=1))
    assert upkeep(ledger, FrozenClock(MONDAY + timedelta(days=500)), year) == 0
    assert upkeep(ledger, FrozenClock(MONDAY + timedelta(days=501)), year) > 0, "a long pause costs a day"


def test_who_runs_seldom_has_the_ledger_pruned_at_every_other_run(ledger: SqlLedger) -> None:
    pruned = []
    for week in range(6):
        now = MONDAY + timedelta(weeks=week)
        see(ledger, asked(2 * week + 1, now - timedelta(days=11)))
        for only in ledger.open_requests(ANN.addr_spec):
            act(ledger, Command(ANN.addr_spec, only.id, Verb.DONE, now - timedelta(days=11), f"shell:{week}"))
        pruned.append(upkeep(ledger, FrozenClock(now), timedelta(days=10)) > 0)
    assert pruned == [True, False, True, False, True, False]
