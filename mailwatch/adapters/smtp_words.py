"""Says in words what a submission server answered, and why it could not be talked to."""

from __future__ import annotations

import smtplib
import socket
import ssl

from mailwatch.adapters.smtpwire import NO_REPLY


def words_of(code: int, text: bytes | str) -> str:
    """A reply of the server, in words that can be shown."""
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    clean = "".join(sign if sign.isprintable() else " " for sign in words[:200]).strip()
    return f"{code} {clean}".strip() if code != NO_REPLY else f"what is no SMTP reply ({clean!r})"


def reason_of(error: BaseException) -> str:
    """Why a connection came to an end."""
    if isinstance(error, smtplib.SMTPResponseException):
        return f"it said {words_of(error.smtp_code, error.smtp_error)}"
    if isinstance(error, TimeoutError):
        return "there was no answer in time"
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def why_not_open(error: BaseException) -> str:
    """Why no connection came about, and what to do."""
    if isinstance(error, smtplib.SMTPResponseException):
        return f"does not talk to us now: {words_of(error.smtp_code, error.smtp_error)}"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"has a certificate that cannot be verified ({error.verify_message}); for one of your own set ca_file"
    if isinstance(error, ssl.SSLError):
        return f'cannot begin TLS ({error.reason}); check port, and security ("tls" or "starttls")'
    if isinstance(error, (socket.gaierror, UnicodeError)):
        return f"cannot be found ({reason_of(error)}); check the host"
    return f"cannot be reached ({reason_of(error)}); check host and port, and the network"
