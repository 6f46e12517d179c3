"""What an Exchange server notes of a reply whose copy is not in the sent items, and how far that note is believed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from servers.fake_ews import READS
from servers.fake_ews_office import ANN, BOB, NOON, Office, office

from mailwatch.domain.people import Address, Directory, User
from mailwatch.domain.policy import Policy
from mailwatch.domain.request import EventKind, Request
from mailwatch.domain.workcalendar import WorkCalendar
from mailwatch.services.triage import triage
from mailwatch.testing import mail

POLICY = Policy(User(Address(ANN)), WorkCalendar(ZoneInfo("UTC")))
COWORKERS = Directory(domains=frozenset({"example.com"}))
LATER = NOON + timedelta(hours=1)


@pytest.fixture
def one() -> Iterator[Office]:
    with office() as opened:
        yield opened
        assert opened.server.violations == []
        assert set(opened.server.asked) <= READS


def asked(one: Office) -> str:
    """Bob asks Ann something; the id of his message at the server."""
    raw = mail(sender=BOB, to=ANN, subject="Figures", message_id="asked@x", sent_at=NOON)
    return one.store.add(one.store.folder("inbox"), raw, NOON).id


def copy_of_reply(one: Office, words: str) -> None:
    raw = mail(
        sender=ANN, to=BOB, subject="Re: Figures", text=words, message_id="r@x", sent_at=LATER, in_reply_to="asked@x"
    )
    one.store.add(one.store.folder("sentitems"), raw, LATER)


def followed(one: Office) -> Request:
    one.poll()
    triage(one.ledger, POLICY, COWORKERS, LATER)
    (request,) = one.ledger.requests(ANN, NOON - timedelta(days=9))
    return request


def events(request: Request) -> list[tuple[EventKind, bool]]:
    return [(event.kind, event.at == LATER) for event in request.events]


@pytest.mark.parametrize("verb", [102, 103], ids=["reply", "reply to all"])
@pytest.mark.parametrize("known_before", [True, False], ids=["after the first round", "in the first round"])
def test_a_reply_without_a_copy_stops_the_first_clock_and_settles_nothing(
    verb: int, known_before: bool, one: Office
) -> None:
    id = asked(one)
    if known_before:
        assert events(followed(one)) == []
    one.store.note_verb(id, verb, LATER)
    request = followed(one)
    assert events(request) == [(EventKind.ACKNOWLEDGED, True)]
    assert request.events[0].by == Address(ANN)
    assert [each.id for each in one.ledger.open_requests(ANN)] == [request.id]
    assert events(followed(one)) == [(EventKind.ACKNOWLEDGED, True)]


def test_a_reply_that_has_its_copy_is_read_there_alone(one: Office) -> None:
    id = asked(one)
    one.store.note_verb(id, 102, LATER)
    copy_of_reply(one, "They are attached: 41 in the north, 17 in the south.")
    assert events(followed(one)) == [(EventKind.ANSWERED, True)]
    assert len(one.ledger.neighbours(ANN, ["asked@x", "r@x"], [])) == 2


def test_a_copy_that_comes_late_says_what_the_note_could_not(one: Office) -> None:
    id = asked(one)
    one.store.note_verb(id, 102, LATER - timedelta(seconds=1))
    assert [event.kind for event in followed(one).events] == [EventKind.ACKNOWLEDGED]
    copy_of_reply(one, "They are attached: 41 in the north, 17 in the south.")
    assert [event.kind for event in followed(one).events][-1] is EventKind.ANSWERED
    assert list(one.ledger.open_requests(ANN)) == []


@pytest.mark.parametrize("verb", [104, 0, 516], ids=["forward", "nothing", "a meeting"])
def test_what_is_no_reply_is_no_sign_of_one(verb: int, one: Office) -> None:
    one.store.note_verb(asked(one), verb, LATER)
    assert events(followed(one)) == []


def test_an_old_message_that_is_filed_or_flagged_does_not_come_as_new(one: Office) -> None:
    raw = mail(sender=BOB, to=ANN, message_id="old@x", sent_at=NOON)
    old = one.store.add(one.store.folder("inbox"), raw, NOON - timedelta(days=200))
    one.poll()
    one.store.change(old.id, categories=("Red",))
    one.store.note_verb(old.id, 102, LATER)
    one.poll()
    assert one.known() == []


def test_a_reply_to_a_program_is_no_news(one: Office) -> None:
    raw = mail(sender="builds@example.com", to=ANN, message_id="b@x", sent_at=NOON, fields={"Auto-Submitted": "auto"})
    one.store.note_verb(one.store.add(one.store.folder("inbox"), raw, NOON).id, 102, LATER)
    one.poll()
    assert one.known() == []
