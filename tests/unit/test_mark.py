"""Marks follow the requests: set and taken away by their state, once, never another's; failures are told and pass."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from servers.fake_marker import FakeMarker

from mailwatch.adapters.ledger import SqlLedger
from mailwatch.domain.command import Command, Verb
from mailwatch.domain.marking import Mark, MarkState
from mailwatch.domain.message import Headers, Message, Role
from mailwatch.domain.people import Address
from mailwatch.domain.request import Request
from mailwatch.errors import BackOff, LoginRefused, SettingsError, Unreachable
from mailwatch.services.mark import mark
from mailwatch.testing import FakeAccount, mail

ANN, BOB = "ann@example.com", Address("bob@example.com")
NOW = datetime(2026, 11, 10, 12, tzinfo=UTC)
NAME = "Awaiting my reply"


class Office:
    """Ann's mailbox with messages that ask, the ledger that read them, and the door to marks."""

    def __init__(self, count: int = 2) -> None:
        self.account = FakeAccount((Role.INBOX, Role.SENT, Role.ARCHIVE))
        self.ledger = SqlLedger.open("sqlite:///:memory:")
        self.marker = FakeMarker(self.account)
        self.opened = 0
        self.now = NOW
        self.keys: list[str] = []
        provider = self.account.provider()
        for number in range(count):
            message = mail(sender="bob@example.com", to=ANN, subject=f"m{number}", message_id=f"m{number}@x")
            self.account.deliver(Role.INBOX, message, NOW - timedelta(hours=1))
        inbox = provider.mailboxes()[0]
        changes = provider.changes(inbox, None, NOW - timedelta(days=1))
        found = [each for each in provider.headers(inbox, changes.created) if isinstance(each, Headers)]
        found.sort(key=lambda each: each.subject)
        self.keys = [each.key for each in found]
        messages = [Message(each) for each in found]
        self.ledger.record(ANN, inbox.id, changes.state, messages, [], NOW, since=None, counted=count)
        asked = [
            Request(f"r{n}", ANN, key, f"m{n}@x", BOB, f"m{n}", NOW - timedelta(hours=1))
            for n, key in enumerate(self.keys)
        ]
        self.ledger.save_triage(ANN, [(f"c{n}", [key]) for n, key in enumerate(self.keys)], asked, [])

    def open_marker(self) -> FakeMarker:
        self.opened += 1
        return self.marker

    def cycle(self, name: str = NAME, after: timedelta = timedelta(minutes=5)) -> tuple[str, ...]:
        """One pass, some time after the one before."""
        self.now += after
        return mark(self.ledger, self.open_marker, ANN, name, self.now)

    def say(self, number: int, verb: Verb) -> None:
        self.ledger.save_command(Command(ANN, f"r{number}", verb, self.now, f"{number} {verb}"))

    def flags(self, mailbox: str = "inbox") -> list[tuple[str, ...]]:
        return [each.flags for each in self.account.boxes[mailbox].messages]

    def states(self) -> list[MarkState]:
        known = {each.key: each.state for each in self.ledger.marks(ANN)}
        return [known[key] for key in self.keys if key in known]


@pytest.fixture
def office() -> Iterator[Office]:
    made = Office()
    yield made
    made.ledger.close()


def test_what_waits_is_marked_and_what_was_done_is_no_more(office: Office) -> None:
    assert office.cycle() == ()
    assert office.flags() == [(NAME,), (NAME,)]
    office.say(0, Verb.DONE)
    assert office.cycle() == ()
    assert office.flags() == [(), (NAME,)]
    assert office.states() == [MarkState.SET]
    assert office.marker.written == ["put", "put", "take"]


def test_where_nothing_changed_no_door_is_opened(office: Office) -> None:
    office.cycle()
    asked = list(office.marker.asked)
    for _ in range(3):
        assert office.cycle() == ()
    assert (office.opened, office.marker.asked) == (1, asked)
    assert office.marker.closed == 1


def test_turned_off_from_the_start_nothing_is_opened_and_nothing_stored(office: Office) -> None:
    assert office.cycle("") == ()
    assert (office.opened, office.ledger.marks(ANN)) == (0, [])


def test_turned_off_again_it_takes_away_what_it_set_and_nothing_else(office: Office) -> None:
    office.account.boxes["inbox"].messages[1].flags = (NAME, "\\Seen")
    office.cycle()
    assert office.states() == [MarkState.SET, MarkState.THEIRS]
    office.cycle("")
    assert office.flags() == [(), (NAME, "\\Seen")]
    assert office.ledger.marks(ANN) == []
    office.cycle("")
    assert office.opened == 2


def test_another_name_takes_the_place_of_the_first(office: Office) -> None:
    office.cycle()
    office.cycle("Open")
    assert office.flags() == [("Open",), ("Open",)]
    assert {each.name for each in office.ledger.marks(ANN)} == {"Open"}


def test_a_mark_that_the_user_took_away_stays_away(office: Office) -> None:
    office.cycle()
    office.account.boxes["inbox"].messages[0].flags = ()
    office.cycle()
    assert office.flags()[0] == ()
    office.say(0, Verb.DONE)
    office.cycle()
    assert office.flags() == [(), (NAME,)]


def test_a_message_that_was_archived_after_the_answer_loses_its_mark_there(office: Office) -> None:
    office.cycle()
    first = office.account.boxes["inbox"].messages.pop(0)
    office.account.deliver(Role.ARCHIVE, first.message, first.received_at, first.flags)
    office.say(0, Verb.DONE)
    office.cycle()
    assert office.flags("archive") == [()]


def test_a_message_that_is_gone_is_told_once_and_stops_nothing(office: Office) -> None:
    del office.account.boxes["inbox"].messages[0]
    (told,) = office.cycle()
    assert "no mark" in told
    assert office.flags() == [(NAME,)]
    assert office.cycle() == ()
    assert office.opened == 1
    assert report_of(office) == (told,)
    office.say(0, Verb.DONE)
    office.cycle()
    assert report_of(office) == ()


def report_of(office: Office) -> tuple[str, ...]:
    office.ledger.report_sync(ANN, office.now, None)
    return office.ledger.reports()[0].not_marked


def test_a_mailbox_that_may_not_be_written_is_told_once_and_asked_no_more_often_than_need_be(office: Office) -> None:
    office.marker.read_only.add("inbox")
    (told,) = office.cycle()
    assert told == "The mailbox inbox is for reading only."
    assert office.marker.asked == ["bears", "put"]
    assert office.cycle() == ()
    assert office.marker.asked == ["bears", "put"]
    assert office.cycle(after=timedelta(minutes=15)) == ()
    assert report_of(office) == (told,)
    office.marker.read_only.clear()
    assert office.cycle(after=timedelta(minutes=15)) == ()
    assert office.flags() == [(NAME,), (NAME,)]
    assert report_of(office) == ()


def test_what_one_mailbox_refuses_is_set_in_another() -> None:
    office = Office(1)
    message = mail(sender="bob@example.com", to=ANN, subject="other", message_id="other@x")
    office.account.deliver(Role.ARCHIVE, message, NOW)
    provider = office.account.provider()
    archive = next(each for each in provider.mailboxes() if each.role is Role.ARCHIVE)
    (found,) = provider.headers(archive, provider.changes(archive, None, NOW - timedelta(days=1)).created)
    assert isinstance(found, Headers)
    office.ledger.record(ANN, archive.id, "s", [Message(found)], [], NOW, since=None, counted=1)
    asked = Request("r9", ANN, found.key, "other@x", BOB, "other", NOW)
    office.ledger.save_triage(ANN, [("c9", [found.key])], [asked], [])
    office.marker.read_only.add("archive")
    assert len(office.cycle()) == 1
    assert (office.flags(), office.flags("archive")) == ([(NAME,)], [()])


@pytest.mark.parametrize(
    ("failure", "wait"),
    [
        (Unreachable("The server is away."), timedelta(minutes=15)),
        (LoginRefused("The token was refused."), timedelta(minutes=15)),
        (BackOff("Wait 2 seconds.", 2), timedelta(minutes=15)),
        (BackOff("Wait an hour.", 3600), timedelta(hours=1)),
        (BackOff("Wait."), timedelta(minutes=15)),
    ],
    ids=lambda value: str(value),
)
def test_a_failure_ends_the_pass_and_is_tried_again_later(
    failure: Exception, wait: timedelta, office: Office
) -> None:
    office.marker.failure = failure  # type: ignore[assignment]
    assert office.cycle() == (str(failure),)
    assert len(office.marker.asked) == 1
    office.marker.failure = None
    assert office.cycle(after=wait - timedelta(seconds=1)) == ()
    assert office.flags() == [(), ()]
    assert office.cycle(after=timedelta(seconds=1)) == ()
    assert office.flags() == [(NAME,), (NAME,)]
    assert report_of(office) == ()


def test_a_door_that_cannot_be_made_is_told_as_well(office: Office) -> None:
    def no_door() -> FakeMarker:
        raise SettingsError("A Maildir has no marks.")

    assert mark(office.ledger, no_door, ANN, NAME, NOW) == ("A Maildir has no marks.",)
    assert mark(office.ledger, no_door, ANN, NAME, NOW + timedelta(hours=1)) == ()
    assert report_of(office) == ("A Maildir has no marks.",)


class Killed(BaseException):
    """What a SIGKILL is to the code that it ends."""


@pytest.mark.parametrize("before", ["note", "put", "take", "forget"])
@pytest.mark.parametrize("at", [1, 2, 3, 4])
def test_a_kill_between_any_two_steps_leaves_no_mark_lost_or_left_over(
    before: str, at: int, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = 0

    def killing(name: str, work):  # type: ignore[no-untyped-def]
        def step(*arguments):  # type: ignore[no-untyped-def]
            nonlocal count
            if name == before:
                count += 1
                if count == at:
                    raise Killed
            return work(*arguments)

        return step

    with monkeypatch.context() as patched:
        patched.setattr(office.ledger, "note_mark", killing("note", office.ledger.note_mark), raising=False)
        patched.setattr(office.ledger, "forget_mark", killing("forget", office.ledger.forget_mark), raising=False)
        patched.setattr(office.marker, "put", killing("put", office.marker.put))
        patched.setattr(office.marker, "take", killing("take", office.marker.take))
        ended = 0
        try:
            office.cycle()
            office.say(0, Verb.DONE)
            office.say(1, Verb.DONE)
            office.cycle()
        except Killed:
            ended = 1
        # Two marks are noted four times, and set, taken away and forgotten twice.
        assert ended == (before == "note" or at <= 2)
    office.cycle()
    waiting = {request.key for request in office.ledger.open_requests(ANN)}
    assert office.flags() == [(NAME,) if key in waiting else () for key in office.keys]
    office.say(0, Verb.DONE)
    office.say(1, Verb.DONE)
    office.cycle()
    assert office.flags() == [(), ()]
    assert office.ledger.marks(ANN) == []


def test_a_mark_from_before_a_crash_is_ours_and_one_from_before_the_look_is_not(office: Office) -> None:
    office.ledger.note_mark(ANN, Mark(office.keys[0], NAME, MarkState.SETTING))
    office.account.boxes["inbox"].messages[0].flags = (NAME,)
    office.account.boxes["inbox"].messages[1].flags = (NAME,)
    office.cycle()
    assert office.states() == [MarkState.SET, MarkState.THEIRS]
    office.cycle("")
    assert office.flags() == [(), (NAME,)]


def test_an_error_does_not_forget_that_a_mark_was_about_to_be_set(office: Office) -> None:
    class Breaks(FakeMarker):
        def put(self, place, name):  # type: ignore[no-untyped-def]
            super().put(place, name)
            raise Unreachable("The answer was lost.")

    office.marker = Breaks(office.account)
    assert office.cycle() == ("The answer was lost.",)
    assert office.flags() == [(NAME,), ()]
    office.marker = FakeMarker(office.account)
    office.cycle("", after=timedelta(hours=1))
    assert office.flags() == [(), ()]
    assert office.ledger.marks(ANN) == []
