"""Each thing that can go wrong on a connection has one error, whose sentence names the server and what to do."""

from __future__ import annotations

import imaplib
import socket
import ssl

import pytest

from mailwatch.adapters.imap_errors import Refused, login_refused, refused, translated, wait_wanted
from mailwatch.errors import BackOff, LoginRefused, ProtocolBroken, SettingsError, Unreachable

WHERE = "mail.example.com:993"


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ConnectionRefusedError(111, "Connection refused"), Unreachable),
        (socket.gaierror(-2, "Name or service not known"), Unreachable),
        (TimeoutError("timed out"), Unreachable),
        (ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number"), Unreachable),
        (ssl.SSLEOFError(8, "EOF occurred"), Unreachable),
        (imaplib.IMAP4.abort("socket error: EOF"), Unreachable),
        (imaplib.IMAP4.abort("command: UID => System shutting down"), Unreachable),
        (imaplib.IMAP4.abort("unexpected response: b'HTTP/1.1 400'"), ProtocolBroken),
        (imaplib.IMAP4.abort("[ALERT] Account exceeded command or bandwidth limits."), BackOff),
        (imaplib.IMAP4.error("got more than 1000000 bytes"), ProtocolBroken),
        (imaplib.IMAP4.error("UID command error: BAD [b'no']"), Refused),
        (imaplib.IMAP4.error(b"* BYE disconnected"), ProtocolBroken),
        (ValueError("x"), ProtocolBroken),
        (MemoryError(), ProtocolBroken),
    ],
)
def test_every_exception_has_its_error(error, kind):
    found = translated(error, WHERE)
    assert type(found) is kind
    assert WHERE in str(found)
    assert str(found).endswith((".", ")"))


def test_an_error_of_ours_stays_what_it_is():
    error = SettingsError("x")
    assert translated(error, WHERE) is error


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("Request is throttled. Suggested Backoff Time: 277770 milliseconds", 277.77),
        ("[THROTTLED] slow down", None),
        ("[UNAVAILABLE] Temporary authentication failure", None),
        ("[ALERT] Too many simultaneous connections. (Failure)", None),
        ("Maximum number of connections from user+IP exceeded", None),
    ],
)
def test_a_wish_to_wait_is_understood(text, seconds):
    found = wait_wanted(WHERE, text)
    assert isinstance(found, BackOff)
    assert found.seconds == seconds


def test_a_single_second_is_said_in_the_singular():
    assert "asks to wait 1 second;" in str(wait_wanted(WHERE, "Suggested Backoff Time: 1000 milliseconds"))


@pytest.mark.parametrize("text", ["", "[AUTHENTICATIONFAILED] no", "Suggested Backoff Time: soon", "x" * 100_000])
def test_other_words_ask_for_no_wait(text):
    assert wait_wanted(WHERE, text) is None


def test_a_refused_login_says_whose_and_what_to_check():
    found = login_refused(WHERE, "ann", "[AUTHENTICATIONFAILED] Invalid credentials\x1b[0m")
    assert isinstance(found, LoginRefused)
    assert str(found).startswith(f"{WHERE} refused the login of ann: [AUTHENTICATIONFAILED] Invalid credentials[0m.")


def test_a_refused_command_is_named():
    assert str(refused(WHERE, 'EXAMINE "Sent"', "no such mailbox")) == (
        f'{WHERE} refused EXAMINE "Sent": no such mailbox.'
    )
