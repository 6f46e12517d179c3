"""Nobody is reminded of what is answered: an answer between a poll and a slot is seen before anything is sent."""

from __future__ import annotations

import imaplib
import itertools
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from program import imap_mailbox, needs_dovecot, settings_file
from servers.dovecot import PASSWORD, Dovecot, append

from mailwatch.adapters.embedded import EmbeddedServer
from mailwatch.adapters.embedded_smtp import Fault
from mailwatch.bootstrap.ledgers import open_ledger
from mailwatch.bootstrap.watches import watches
from mailwatch.errors import LoginRefused, ProviderError, SettingsError, Unreachable
from mailwatch.runtime.cycle import cycle
from mailwatch.settings import load
from mailwatch.testing import FrozenClock, mail

ANN = "ann@example.com"
ASKED = datetime(2026, 3, 9, 9, 30, tzinfo=UTC)  # A Monday.
POLL = datetime(2026, 3, 9, 13, 0, tzinfo=UTC)
ANSWER = datetime(2026, 3, 9, 13, 40, tzinfo=UTC)
SLOT = datetime(2026, 3, 9, 14, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
_names = itertools.count(1)


class Office:
    """Ann's mailbox on a real server, the mail system that takes our mails, and mailwatch over both of them.

    The connections are kept from one cycle to the next, as the daemon keeps them.
    """

    def __init__(self, folder: Path, mail_system: EmbeddedServer, port: int, login: str) -> None:
        self.secret = folder / "secret"
        self.secret.touch(0o600)
        self.secret.write_text(PASSWORD)
        mailbox = imap_mailbox(port, login, password_file=str(self.secret))
        self.settings = load(settings_file(folder, {ANN: mailbox}, smtp_port=mail_system.smtp_port), {})
        self.mail_system = mail_system
        self._port, self._login = port, login
        self._client = self.client()
        self.clock = FrozenClock(POLL)
        self.ledger = open_ledger(self.settings)
        (self.watch,) = watches(self.settings, POLL)

    def client(self) -> imaplib.IMAP4:
        """Another mail program of Ann's."""
        client = imaplib.IMAP4("127.0.0.1", self._port, timeout=30)
        client.login(self._login, PASSWORD)
        return client

    def deliver(self, mailbox: str, message: bytes, received_at: datetime) -> None:
        """Puts a message where the mail system or another mail program would."""
        append(self._client, mailbox, message, received_at)

    def cycle(self, moment: datetime) -> None:
        """One cycle at a moment."""
        self.clock.set(moment)
        cycle(self.watch, self.ledger, self.clock)

    def reminders(self) -> int:
        """How many reminders the mail system has delivered to Ann."""
        client = imaplib.IMAP4("127.0.0.1", self.mail_system.imap_port, timeout=30)
        client.login(ANN, PASSWORD)
        client.select("INBOX", readonly=True)
        _, (found, *_) = client.search(None, "HEADER", "X-Mailwatch", "reminder")
        client.logout()
        return len(found.split())

    def close(self) -> None:
        """Ends what was opened."""
        self.watch.provider.close()
        self.ledger.close()
        self._client.shutdown()


@pytest.fixture(scope="module")
def dovecot() -> Iterator[Dovecot]:
    server = Dovecot()
    yield server
    server.close()


@pytest.fixture
def mail_system() -> Iterator[EmbeddedServer]:
    with EmbeddedServer({ANN: PASSWORD}, now=lambda: SLOT) as server:
        yield server


@pytest.fixture(params=[pytest.param("dovecot", marks=needs_dovecot), "embedded"])
def office(request: pytest.FixtureRequest, tmp_path: Path, mail_system: EmbeddedServer) -> Iterator[Office]:
    """Ann's mailbox on each kind of server; the embedded one is her mail system as well."""
    port, login = mail_system.imap_port, ANN
    if request.param == "dovecot":
        server: Dovecot = request.getfixturevalue("dovecot")
        port, login = server.port, f"ann{next(_names)}"
        server.client(login).create("Sent")
    opened = Office(tmp_path, mail_system, port, login)
    yield opened
    opened.close()


def request(**other: str) -> bytes:
    """Dana asks Ann."""
    usual = {"sender": "Dana Fox <dana@example.com>", "to": f"Ann Smith <{ANN}>", "subject": "Figures for the board"}
    text = "Hi Ann,\n\ncould you please send me the sales figures for the board?\n\nDana\n"
    return mail(**{**usual, **other}, text=text, sent_at=ASKED, message_id="figures@mail.example.com")


def answer(sender: str, **other: str) -> bytes:
    """Somebody gives Dana what she asked for."""
    return mail(
        sender=sender,
        to="Dana Fox <dana@example.com>",
        subject="Re: Figures for the board",
        text="Hi Dana,\n\nthe figures are attached: 41 in January, 57 in February.\n\nBest\n",
        sent_at=ANSWER,
        in_reply_to="figures@mail.example.com",
        fields=other,
    )


def the_day(office: Office, between: Callable[[], None] = lambda: None, asked: bytes | None = None) -> None:
    """A poll that sees the request, then what happens between, then the slot and what comes after it."""
    office.deliver("INBOX", asked or request(), ASKED)
    office.cycle(POLL)
    (waiting,) = office.ledger.open_requests(ANN)
    assert waiting.message_id == "figures@mail.example.com"
    between()
    for minutes in (0, 5, 20):
        office.cycle(SLOT + minutes * MINUTE)


def test_without_an_answer_exactly_one_reminder_comes(office: Office) -> None:
    the_day(office)
    assert office.reminders() == 1


def test_an_answer_between_poll_and_slot_stops_the_reminder(office: Office) -> None:
    the_day(office, lambda: office.deliver("Sent", answer(f"Ann Smith <{ANN}>"), ANSWER))
    assert office.reminders() == 0
    assert office.ledger.open_requests(ANN) == []


def test_an_answer_from_an_alias_stops_the_reminder(office: Office) -> None:
    the_day(office, lambda: office.deliver("Sent", answer(f"a.{ANN}"), ANSWER))
    assert office.reminders() == 0


def test_an_answer_without_references_stops_the_reminder(office: Office) -> None:
    bare = answer(ANN).replace(b"In-Reply-To: <figures@mail.example.com>\n", b"")
    bare = bare.replace(b"References: <figures@mail.example.com>\n", b"")
    assert b"figures@mail" not in bare
    the_day(office, lambda: office.deliver("Sent", bare, ANSWER))
    assert office.reminders() == 0


def test_a_colleague_who_was_asked_too_and_copies_the_user_stops_the_reminder(office: Office) -> None:
    joint = request(to=f"Ann Smith <{ANN}>, Bob Lee <bob@example.com>")
    reply = answer("Bob Lee <bob@example.com>", Cc=f"Ann Smith <{ANN}>")
    the_day(office, lambda: office.deliver("INBOX", reply, ANSWER), joint)
    assert office.reminders() == 0


def test_an_answer_to_somebody_else_stops_nothing(office: Office) -> None:
    elsewhere = answer(ANN).replace(b"To: Dana Fox <dana@example.com>", b"To: Bob Lee <bob@example.com>")
    the_day(office, lambda: office.deliver("Sent", elsewhere, ANSWER))
    assert office.reminders() == 1


def test_a_laptop_that_slept_over_slots_tells_in_the_morning_what_is_due(office: Office) -> None:
    office.deliver("INBOX", request(), ASKED)
    office.cycle(ASKED + timedelta(minutes=10))  # Plans the afternoon's slot, and then the lid is closed.
    office.cycle(SLOT + timedelta(minutes=40))
    assert office.reminders() == 1
    office.cycle(SLOT + timedelta(minutes=50))
    assert office.reminders() == 1


def test_nothing_to_say_means_nothing_sent(office: Office) -> None:
    letter = mail(
        sender="news@shop.example", to=ANN, text="Could you resist these offers?", fields={"List-Id": "<n.shop>"}
    )
    office.deliver("INBOX", letter, ASKED)
    office.deliver("INBOX", mail(sender="eve@elsewhere.example", to=ANN), ASKED)
    for moment in (POLL, SLOT, SLOT + timedelta(days=1)):
        office.cycle(moment)
    assert office.reminders() == 0
    assert office.ledger.outbox(ANN) == []


def test_a_mailbox_whose_login_is_refused_at_the_slot_gets_its_reminder_once_it_can_be_read(office: Office) -> None:
    def lock_out() -> None:
        office.watch.provider.close()
        office.secret.write_text("yesterday's password")
        with pytest.raises(LoginRefused):
            office.cycle(SLOT)
        assert office.reminders() == 0
        office.secret.write_text(PASSWORD)

    the_day(office, lock_out)
    assert office.reminders() == 1


def test_an_answer_given_while_the_mailbox_could_not_be_read_stops_the_reminder(office: Office) -> None:
    def lock_out() -> None:
        office.watch.provider.close()
        office.secret.write_text("yesterday's password")
        with pytest.raises(LoginRefused):
            office.cycle(SLOT)
        office.deliver("Sent", answer(ANN), SLOT + MINUTE)
        office.secret.write_text(PASSWORD)

    the_day(office, lock_out)
    assert office.reminders() == 0


def test_a_reminder_that_could_not_leave_does_not_leave_after_the_answer(office: Office) -> None:
    office.mail_system.faults.append(Fault.GREYLIST)
    office.deliver("INBOX", request(), ASKED)
    office.cycle(POLL)
    office.cycle(SLOT)
    assert len(office.ledger.outbox(ANN)) == 1
    office.deliver("Sent", answer(ANN), SLOT + MINUTE)
    office.cycle(SLOT + 5 * MINUTE)
    assert office.reminders() == 0
    assert office.ledger.outbox(ANN) == []


def test_a_mail_system_that_comes_back_at_night_brings_no_reminder_before_the_morning(office: Office) -> None:
    office.mail_system.faults.append(Fault.GREYLIST)
    office.deliver("INBOX", request(), ASKED)
    for moment in (POLL, SLOT, SLOT + timedelta(hours=8)):
        office.cycle(moment)
    assert office.reminders() == 0
    for moment in (SLOT + timedelta(hours=19), SLOT + timedelta(hours=20)):
        office.cycle(moment)
    assert office.reminders() == 1


def test_a_secret_that_cannot_be_had_is_noted_like_any_other_failure_to_read(office: Office) -> None:
    office.secret.chmod(0o644)
    with pytest.raises(SettingsError, match="chmod 600"):
        office.cycle(POLL)
    (report,) = office.ledger.reports()
    assert "chmod 600" in (report.error or "")


@pytest.mark.parametrize("office", [pytest.param("dovecot", marks=needs_dovecot)], indirect=True)
@pytest.mark.parametrize(
    ("back_at", "reminders"),
    [
        pytest.param(SLOT + timedelta(hours=1), 1, id="while the slot is good"),
        pytest.param(SLOT + timedelta(hours=6), 0, id="at night"),
    ],
)
def test_a_server_that_is_down_at_the_slot_delays_the_reminder(
    office: Office, dovecot: Dovecot, back_at: datetime, reminders: int
) -> None:
    def go_down() -> None:
        dovecot.kill()
        for minutes in (0, 5):
            with pytest.raises(ProviderError) as raised:
                office.cycle(SLOT + minutes * MINUTE)
            assert isinstance(raised.value, Unreachable)
        (report,) = office.ledger.reports()
        assert report.failing_since == SLOT
        dovecot.start()

    office.deliver("INBOX", request(), ASKED)
    office.cycle(POLL)
    go_down()
    for minutes in (0, 5):
        office.cycle(back_at + minutes * MINUTE)
    assert office.reminders() == reminders
    (report,) = office.ledger.reports()
    assert report.error is None
