"""Answering over real sockets: a reminder comes, the reply is saved in Sent, the next poll acts, a mail confirms."""

from __future__ import annotations

import email
import email.policy
import imaplib
import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import unquote

import pytest
from program import imap_mailbox, json_of, mailwatch, needs_dovecot, settings_file
from servers.dovecot import PASSWORD, Dovecot, append

from mailwatch.adapters.embedded import EmbeddedServer
from mailwatch.bootstrap.ledgers import open_ledger
from mailwatch.bootstrap.watches import watches
from mailwatch.runtime.cycle import cycle
from mailwatch.settings import load
from mailwatch.testing import FrozenClock, mail

ANN, OURS = "ann@example.com", "mailwatch@example.com"
ASKED = datetime(2026, 3, 9, 9, 30, tzinfo=UTC)  # A Monday.
SLOT = datetime(2026, 3, 9, 14, 0, tzinfo=UTC)
TUESDAY = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
FRIDAY = datetime(2026, 3, 13, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
_names = itertools.count(1)


class Office:
    """Ann's mailbox on a real server, the mail system that takes our mails, and mailwatch over both of them."""

    def __init__(self, folder: Path, mail_system: EmbeddedServer, port: int, login: str) -> None:
        self.folder, self.mail_system, self.login = folder, mail_system, login
        self._client = imaplib.IMAP4("127.0.0.1", port, timeout=30)
        self._client.login(login, PASSWORD)
        self.file = settings_file(folder, {ANN: imap_mailbox(port, login)}, smtp_port=mail_system.smtp_port)
        self.settings = load(self.file, {})
        self.clock = FrozenClock(ASKED)
        self.ledger = open_ledger(self.settings)
        (self.watch,) = watches(self.settings, ASKED)
        self._told = 0

    def deliver(self, mailbox: str, message: bytes, received_at: datetime) -> None:
        """Puts a message where the mail system or another mail program would."""
        append(self._client, mailbox, message, received_at)

    def cycle(self, moment: datetime) -> None:
        """One cycle at a moment, and one an hour before that plans its slot."""
        before = moment - timedelta(hours=1)
        for at in (before, moment) if before > self.clock.now() else (moment,):
            self.clock.set(at)
            cycle(self.watch, self.ledger, self.clock)

    def asks(self, number: int) -> None:
        """A coworker asks Ann for something."""
        who = ("Dana Fox <dana@example.com>", "Alex Ray <alex@example.com>", "Kim Orr <kim@example.com>")[number - 1]
        message = mail(
            sender=who,
            to=f"Ann Smith <{ANN}>",
            subject=f"Figures {number}",
            text="Hi Ann,\n\ncould you please send me the sales figures?\n",
            sent_at=ASKED + number * MINUTE,
            message_id=f"figures{number}@mail.example.com",
        )
        self.deliver("INBOX", message, ASKED + number * MINUTE)

    def mails(self) -> list[EmailMessage]:
        """The mails of ours that the mail system has delivered to Ann, oldest first, without the welcome."""
        client = imaplib.IMAP4("127.0.0.1", self.mail_system.imap_port, timeout=30)
        client.login(ANN, PASSWORD)
        client.select("INBOX", readonly=True)
        _, (found, *_) = client.search(None, "HEADER", "X-Mailwatch", "e")
        raw = [client.fetch(number, "(BODY.PEEK[])")[1][0][1] for number in found.decode().split()]
        client.logout()
        found = [email.message_from_bytes(one, policy=email.policy.default) for one in raw]
        return [message for message in found if message["X-Mailwatch"] != "welcome"]

    def new_mail(self) -> EmailMessage:
        """The one mail that has come since this was asked last."""
        (new,) = self.mails()[self._told :]
        self._told += 1
        return new

    def nothing_new(self) -> bool:
        """Whether no mail has come since `new_mail`."""
        return len(self.mails()) == self._told

    def reply(self, words: str, at: datetime, to: EmailMessage | None = None, mailbox: str = "Sent") -> None:
        """Ann answers one of our mails as mail programs do, or writes anew."""
        fields, quoted = {}, ""
        if to is not None:
            fields = {"In-Reply-To": str(to["Message-ID"]), "References": str(to["Message-ID"])}
            text = str(to.get_body(("plain",)).get_content())  # type: ignore[union-attr]
            quoted = f"\n\nOn Mon, 9 Mar 2026 at 14:00, mailwatch <{OURS}> wrote:\n\n" + "".join(
                f"> {line}\n" for line in text.splitlines()
            )
        subject = f"Re: {to['Subject']}" if to is not None else "Figures"
        message = mail(
            sender=f"Ann Smith <{ANN}>",
            to=f"mailwatch <{OURS}>",
            subject=subject,
            text=words + quoted,
            sent_at=at,
            fields=fields,
        )
        self.deliver(mailbox, message, at)

    def open(self) -> list[str]:
        """The subjects of Ann's open requests."""
        return [asked.subject for asked in self.ledger.open_requests(ANN)]

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


def reminded(office: Office, requests: int = 3) -> EmailMessage:
    """The reminder of so many requests."""
    for number in range(1, requests + 1):
        office.asks(number)
    office.cycle(ASKED + timedelta(hours=1))
    office.cycle(SLOT)
    reminder = office.new_mail()
    assert len(office.open()) == requests
    return reminder


def words_of(message: EmailMessage) -> str:
    """The text of a mail in one line."""
    return " ".join(str(message.get_body(("plain",)).get_content()).split())  # type: ignore[union-attr]


def test_a_reply_is_obeyed_by_the_next_poll_and_confirmed_in_the_next_digest(office: Office) -> None:
    reminder = reminded(office)
    office.reply("done 1\nsnooze 3 until Friday\n\nThanks, Ann", SLOT + 10 * MINUTE, reminder)
    office.cycle(SLOT + 15 * MINUTE)
    assert office.open() == ["Figures 2", "Figures 3"]
    assert office.nothing_new(), "what was said of items is confirmed in the next digest"
    office.cycle(TUESDAY)
    digest = office.new_mail()
    told = words_of(digest)
    assert digest["Subject"] == "Alex has waited since yesterday"
    assert "NOTED" in told
    assert "- Figures 1 (Dana): done." in told
    assert "- Figures 3 (Kim): snoozed until Friday 09:00." in told
    html = digest.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert "Figures 1 (Dana): done." in html
    office.cycle(TUESDAY + timedelta(days=1))
    assert "NOTED" not in words_of(office.new_mail()), "each is confirmed once"
    office.cycle(FRIDAY)
    assert "Figures 3" in words_of(office.new_mail()), "what slept wakes"


def test_a_click_whose_mail_program_drops_the_reply_headers_is_obeyed(office: Office) -> None:
    reminder = reminded(office)
    html = str(reminder.get_body(("html",)).get_content())  # type: ignore[union-attr]
    links = [unquote(part.split('"')[0]) for part in html.split('href="mailto:')[1:]]
    (done,) = [link.rpartition("body=")[2] for link in links if "done 2 [" in link]
    office.reply(done, SLOT + 10 * MINUTE)
    office.cycle(SLOT + 15 * MINUTE)
    assert office.open() == ["Figures 1", "Figures 3"]


def test_stop_is_confirmed_at_once_and_holds_until_start(office: Office) -> None:
    reminder = reminded(office)
    office.reply("stop", SLOT + 10 * MINUTE, reminder)
    office.cycle(SLOT + 15 * MINUTE)
    receipt = office.new_mail()
    assert receipt["Subject"] == "No more mails from mailwatch"
    assert "Start these mails again: answer “start”." in words_of(receipt)
    status = json_of(mailwatch("--config", office.file, "status", "--json", home=office.folder))
    assert status["users"][0]["silence"] == {"since": "2026-03-09T14:10:00Z", "until": None}
    assert "wants no mails" in mailwatch("--config", office.file, "status", home=office.folder).stdout
    for days in range(1, 9):
        office.cycle(TUESDAY + timedelta(days=days))  # The Monday's summary is among them.
    assert office.nothing_new()
    back = TUESDAY + timedelta(days=9)
    office.reply("Start again, please", back - 30 * MINUTE, receipt)
    office.cycle(back - 20 * MINUTE)
    assert office.new_mail()["Subject"] == "mailwatch writes to you again"
    office.cycle(back)
    assert len(office.mails()) == 4


def test_a_pause_ends_by_itself(office: Office) -> None:
    office.reply("pause until Wednesday", SLOT + 10 * MINUTE, reminded(office))
    office.cycle(SLOT + 15 * MINUTE)
    assert office.new_mail()["Subject"] == "No mails from mailwatch until Wednesday 00:00"
    office.cycle(TUESDAY)
    assert office.nothing_new()
    office.cycle(TUESDAY + timedelta(days=1))
    assert "Figures 1" in words_of(office.new_mail())


def test_what_is_not_understood_is_answered_once_at_the_next_slot(office: Office) -> None:
    reminder = reminded(office, requests=1)
    office.reply("done\n", SLOT + 10 * MINUTE, reminder)
    office.reply("tell her I am on it", SLOT + 11 * MINUTE, reminder)
    office.cycle(SLOT + 15 * MINUTE)
    assert office.open() == []
    assert office.nothing_new()
    office.cycle(TUESDAY)
    receipt = office.new_mail()
    told = words_of(receipt)
    assert receipt["Subject"] == "mailwatch did not understand you"
    assert "“tell her I am on it”: this was not understood, so nothing was done." in told
    assert "Figures 1 (Dana): done." in told
    assert "snooze 1 until tomorrow" in told
    for hours in (5, 24, 29):
        office.cycle(TUESDAY + timedelta(hours=hours))
    assert office.nothing_new()


def test_nobody_delegates_to_themselves(office: Office) -> None:
    reminder = reminded(office)
    office.reply(f"delegate 1 to {ANN}\ndelegate 2 to bob@example.com", SLOT + 10 * MINUTE, reminder)
    office.cycle(SLOT + 15 * MINUTE)
    assert office.open() == ["Figures 1", "Figures 3"]
    office.cycle(TUESDAY)
    assert f"“delegate 1 to {ANN}”: this was not understood, so nothing was done." in words_of(office.new_mail())


def test_a_round_that_is_read_again_acts_once(office: Office) -> None:
    reminder = reminded(office)
    office.reply("done 1 and 2", SLOT + 10 * MINUTE, reminder)
    office.cycle(SLOT + 15 * MINUTE)
    before = [row for table, row in office.ledger.export(ANN) if table == "commands"]
    assert len(before) == 2
    for mailbox in office.watch.provider.mailboxes():
        office.ledger.forget_sync_state(ANN, mailbox.id)
    office.cycle(SLOT + 20 * MINUTE)
    assert [row for table, row in office.ledger.export(ANN) if table == "commands"] == before
    assert office.open() == ["Figures 3"]


def test_a_copy_in_the_inbox_is_no_order(office: Office) -> None:
    reminder = reminded(office)
    office.reply("done 1", SLOT + 10 * MINUTE, reminder, mailbox="INBOX")
    office.reply("stop", SLOT + 11 * MINUTE, reminder, mailbox="INBOX")
    office.cycle(SLOT + 15 * MINUTE)
    assert len(office.open()) == 3
    assert office.nothing_new()


def test_no_order_is_stored_as_mail(office: Office) -> None:
    reminder = reminded(office)
    office.reply("done 1, it was a secret of hers", SLOT + 10 * MINUTE, reminder)
    office.cycle(SLOT + 15 * MINUTE)
    assert "secret" not in str(list(office.ledger.export(ANN)))
    assert not [row for table, row in office.ledger.export(ANN) if table == "messages" and row["role"] == "sent"]
