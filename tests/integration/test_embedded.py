"""The embedded mail server over real sockets: what SMTP takes, IMAP shows; what goes wrong on purpose does."""

from __future__ import annotations

import imaplib
import smtplib
import socket
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

pytest.importorskip("pymap", reason="the embedded server is an extra")

from mailwatch.adapters.embedded import MAILBOXES, EmbeddedServer
from mailwatch.adapters.embedded_smtp import Fault
from mailwatch.errors import UsageError

ANN = "ann@harbour.example"
NOON = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
MESSAGE = b"From: Bo <bo@harbour.example>\r\nTo: ann@harbour.example\r\nSubject: Keys\r\n\r\n.Where are they?\r\n"


@pytest.fixture
def server() -> Iterator[EmbeddedServer]:
    with EmbeddedServer({ANN: "secret", "bo@harbour.example": "other"}, now=lambda: NOON) as running:
        yield running


@pytest.fixture
def mail(server: EmbeddedServer) -> Iterator[imaplib.IMAP4]:
    with imaplib.IMAP4("127.0.0.1", server.imap_port) as client:
        client.login(ANN, "secret")
        yield client


@pytest.fixture
def smtp(server: EmbeddedServer) -> Iterator[smtplib.SMTP]:
    client = smtplib.SMTP("127.0.0.1", server.smtp_port, timeout=10)
    yield client
    client.close()


def count(mail: imaplib.IMAP4, mailbox: str = "INBOX") -> int:
    return int((mail.select(mailbox, readonly=True)[1][0] or b"0").decode())


def test_every_user_has_the_usual_mailboxes(mail: imaplib.IMAP4) -> None:
    listed = b"\n".join(line for line in mail.list()[1] if isinstance(line, bytes)).decode()
    assert [name for name in MAILBOXES if name not in listed] == []


def test_a_wrong_password_is_refused(server: EmbeddedServer) -> None:
    with imaplib.IMAP4("127.0.0.1", server.imap_port) as client, pytest.raises(imaplib.IMAP4.error):
        client.login(ANN, "other")


def test_an_appended_message_keeps_its_bytes_flags_and_receive_time(
    server: EmbeddedServer, mail: imaplib.IMAP4
) -> None:
    server.append(ANN, "Sent", MESSAGE, datetime(2026, 11, 2, 9, 30, tzinfo=UTC), [r"\Seen"])
    assert count(mail, "Sent") == 1
    answer = mail.fetch("1", "(FLAGS INTERNALDATE BODY.PEEK[])")[1][0]
    assert isinstance(answer, tuple)
    assert answer[1] == MESSAGE
    assert b'INTERNALDATE "02-Nov-2026 09:30:00 +0000"' in answer[0]
    assert rb"\Seen" in answer[0]


def test_what_smtp_takes_is_in_the_inbox_at_once(
    server: EmbeddedServer, mail: imaplib.IMAP4, smtp: smtplib.SMTP
) -> None:
    smtp.sendmail("bo@harbour.example", [ANN], MESSAGE)
    assert count(mail) == 1
    answer = mail.fetch("1", "(INTERNALDATE BODY.PEEK[])")[1][0]
    assert isinstance(answer, tuple)
    assert answer[1].endswith(MESSAGE)
    assert answer[1].startswith(b"Return-Path: <bo@harbour.example>\r\nReceived: ")
    assert b'"18-Nov-2026 12:00:00 +0000"' in answer[0]


def test_a_subaddress_reaches_its_user_and_a_stranger_is_refused(mail: imaplib.IMAP4, smtp: smtplib.SMTP) -> None:
    smtp.sendmail("bo@harbour.example", ["Ann+lists@harbour.example"], MESSAGE)
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        smtp.sendmail("bo@harbour.example", ["nobody@harbour.example"], MESSAGE)
    assert count(mail) == 1


@pytest.mark.parametrize(
    ("fault", "raised", "delivered"),
    [
        (Fault.REFUSE_RECIPIENT, smtplib.SMTPRecipientsRefused, 0),
        (Fault.GREYLIST, smtplib.SMTPRecipientsRefused, 0),
        (Fault.REFUSE_MESSAGE, smtplib.SMTPDataError, 0),
        (Fault.LOSE_REPLY, (smtplib.SMTPServerDisconnected, ConnectionError), 1),
        (Fault.DROP, (smtplib.SMTPServerDisconnected, ConnectionError), 0),
    ],
)
def test_a_fault_happens_once_and_does_what_it_says(
    server: EmbeddedServer,
    mail: imaplib.IMAP4,
    smtp: smtplib.SMTP,
    fault: Fault,
    raised: type[Exception] | tuple[type[Exception], ...],
    delivered: int,
) -> None:
    server.faults.append(fault)
    with pytest.raises(raised):
        smtp.sendmail("bo@harbour.example", [ANN], MESSAGE)
    assert count(mail) == delivered
    with smtplib.SMTP("127.0.0.1", server.smtp_port, timeout=10) as again:
        again.sendmail("bo@harbour.example", [ANN], MESSAGE)
    assert count(mail) == delivered + 1


def test_shutdown_is_quiet_though_clients_are_connected(capfd: pytest.CaptureFixture[str]) -> None:
    with EmbeddedServer({ANN: "secret"}) as server:
        idle = imaplib.IMAP4("127.0.0.1", server.imap_port)
        idle.login(ANN, "secret")
        idle.select("INBOX", readonly=True)
        idle.send(b"A1 IDLE\r\n")
        assert idle.readline().startswith(b"+")
        speaking = smtplib.SMTP("127.0.0.1", server.smtp_port, timeout=10)
        speaking.ehlo()
    idle.shutdown()
    speaking.close()
    assert capfd.readouterr() == ("", "")
    assert not [thread for thread in threading.enumerate() if thread.name == "embedded mail server"]
    with pytest.raises(ConnectionError):
        socket.create_connection(("127.0.0.1", server.imap_port), timeout=5)


def test_misuse_is_told_in_a_sentence(server: EmbeddedServer) -> None:
    with pytest.raises(UsageError, match=r"no user zoe@harbour\.example"):
        server.append("zoe@harbour.example", "INBOX", MESSAGE, NOON)
    with pytest.raises(UsageError, match="no mailbox Spam"):
        server.append(ANN, "Spam", MESSAGE, NOON)
    with pytest.raises(ValueError, match="no zone"):
        server.append(ANN, "INBOX", MESSAGE, NOON.replace(tzinfo=None))
    with pytest.raises(UsageError, match="not running"):
        EmbeddedServer({ANN: "secret"}).append(ANN, "INBOX", MESSAGE, NOON)


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "aiosmtpd.smtp", None)
    with pytest.raises(UsageError, match=r"pip install 'mailwatch\[demo\]'"), EmbeddedServer({ANN: "secret"}):
        pass
