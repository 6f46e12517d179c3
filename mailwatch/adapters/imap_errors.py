"""Turns whatever goes wrong between us and an IMAP server into the error, and the sentence, that a person needs."""

from __future__ import annotations

import imaplib
import re
import socket
import ssl
from collections.abc import Iterable

from mailwatch.domain.cleaning import clean
from mailwatch.domain.wording import counted
from mailwatch.errors import (
    AccessRefused,
    BackOff,
    CertificateRefused,
    LoginRefused,
    MailwatchError,
    ProtocolBroken,
    ProviderError,
    Unreachable,
)

_SUGGESTED = re.compile(r"Suggested Back-?off Time: {0,9}(\d{1,9}) {0,9}milliseconds", re.IGNORECASE)
_WAIT = re.compile(
    r"\[(?:UNAVAILABLE|INUSE|LIMIT|OVERQUOTA|THROTTLED)\]|throttled|too many (?:simultaneous )?connections"
    r"|maximum number of connections|exceeded (?:command or )?bandwidth|rate limit|try again later",
    re.IGNORECASE,
)
_TAGGED_BAD = re.compile(r"command error: (?:BAD|NO) ")
_BROKEN = ("got more than", "unexpected response", "unexpected tagged response", "unterminated line")


class Refused(ProtocolBroken):
    """The server answered NO or BAD to a command; `text` is what it said. The connection is still good."""

    def __init__(self, message: str, text: str) -> None:
        super().__init__(message)
        self.text = text


def _said(text: str) -> str:
    """What a server or a library said, fit to stand inside a sentence of ours."""
    return clean(text).rstrip(". ")


def words_of(data: Iterable[object]) -> str:
    """What a server said beside its OK, NO or BAD."""
    return " ".join(_decoded(part) for part in data if part)


def wait_wanted(where: str, text: str) -> BackOff | None:
    """The BackOff that a server's words ask for (RFC 5530, Microsoft 365, Gmail), or None."""
    suggested = _SUGGESTED.search(text)
    if suggested:
        seconds = int(suggested[1]) / 1000
        wait = counted(round(seconds), "second")
        return BackOff(f"{where} asks to wait {wait}; mailwatch tries again after that.", seconds)
    if _WAIT.search(text):
        return BackOff(f"{where} asks to wait: {_said(text)}. mailwatch tries again later.")
    return None


def refused(where: str, command: str, text: str) -> ProviderError:
    """The error for a tagged NO or BAD."""
    waiting = wait_wanted(where, text)
    if waiting:
        return waiting
    if "authenticated but not connected" in text.lower():
        return AccessRefused(
            f"{where} knows the name but gives no mailbox: {_said(text)}. Check that the token or password is for "
            "this mailbox and that IMAP is allowed for it."
        )
    return Refused(f"{where} refused {command}: {_said(text)}.", text)


def login_refused(where: str, user: str, text: str) -> ProviderError:
    """The error for a login that was not taken."""
    waiting = wait_wanted(where, text)
    if waiting:
        return waiting
    return LoginRefused(
        f"{where} refused the login of {user}: {_said(text) or 'no reason given'}. Check user and password; "
        "many providers want an app password for IMAP."
    )


def translated(error: Exception, where: str) -> MailwatchError:
    """The error of ours for an exception that a connection raised; `where` names the server."""
    if isinstance(error, MailwatchError):
        return error
    if isinstance(error, ssl.SSLCertVerificationError):
        return CertificateRefused(
            f"The certificate of {where} could not be verified: {_said(error.verify_message)}. Check the host; "
            "if a company's own authority signed it, name its file as ca_file."
        )
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return Unreachable(f"The connection to {where} was lost within TLS. mailwatch connects again.")
    if isinstance(error, ssl.SSLError):
        reason = getattr(error, "reason", None) or str(error)
        return Unreachable(
            f"{where} does not speak TLS as expected ({_said(reason)}). Check port and security: "
            '"tls" is usually port 993, "starttls" port 143.'
        )
    if isinstance(error, socket.gaierror):
        return Unreachable(f"{where} cannot be found ({_said(error.strerror or '')}). Check the host's name.")
    if isinstance(error, TimeoutError):
        return Unreachable(f"{where} did not answer in time. Check host and port, and that no firewall is between.")
    if isinstance(error, OSError):
        return Unreachable(
            f"{where} cannot be reached: {_said(error.strerror or str(error))}. Check host and port, and the network."
        )
    if isinstance(error, imaplib.IMAP4.error):
        return _of_imaplib(error, where)
    # What else comes out of reading an answer (ValueError, MemoryError, UnicodeError) is the answer's fault.
    return ProtocolBroken(f"{where} sent an answer that cannot be read ({type(error).__name__}).")


def _of_imaplib(error: imaplib.IMAP4.error, where: str) -> ProviderError:
    text = words_of(error.args)
    waiting = wait_wanted(where, text)
    if waiting:
        return waiting
    if any(words in text for words in _BROKEN):
        return ProtocolBroken(f"{where} sent what is no IMAP: {_said(text)}. Check host, port and security.")
    if isinstance(error, imaplib.IMAP4.abort):
        return Unreachable(f"The connection to {where} was lost: {_said(text)}. mailwatch connects again.")
    if _TAGGED_BAD.search(text):
        return refused(where, "a command", text)
    return ProtocolBroken(f"{where} does not speak IMAP as expected: {_said(text)}. Check host, port and security.")


def _decoded(part: object) -> str:
    return part.decode("utf-8", "replace") if isinstance(part, bytes) else str(part)
