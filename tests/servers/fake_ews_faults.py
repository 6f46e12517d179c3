"""What can go wrong with an Exchange server, by name: each fault answers a request in its own bad way."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

LOGIN_PAGE = b"<!DOCTYPE html><html><head><title>Outlook</title></head><body><form>Sign in</form></body></html>"


@dataclass
class Asked:
    """One request that waits for its answer: the way to send one, and the good one."""

    send: Callable[..., None]
    """send(status, body, headers): an answer of HTTP."""
    write: Callable[[bytes], None]
    """Bytes onto the connection as they are."""
    drop: Callable[[], None]
    """Ends the connection."""
    answer: Callable[[], bytes]
    """Does what was asked and returns the envelope."""
    refuse: Callable[[str], bytes]
    """An envelope in which the operation answers with a response code."""
    ended: threading.Event
    """Set when the server ends."""


@dataclass
class Fault:
    """A fault that is to happen: at which operation (None for any), how often, and not before `after` requests."""

    name: str
    operation: str | None = None
    times: int = 1
    after: int = 0


def soap_fault(code: str, text: str, more: str = "") -> bytes:
    """A SOAP fault as Exchange writes it."""
    return (
        '<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
        '<s:Fault><faultcode xmlns:a="http://schemas.microsoft.com/exchange/services/2006/types">a:'
        f'{code}</faultcode><faultstring xml:lang="en-US">{text}</faultstring><detail>'
        f'<e:ResponseCode xmlns:e="http://schemas.microsoft.com/exchange/services/2006/errors">{code}</e:ResponseCode>'
        f'<e:Message xmlns:e="http://schemas.microsoft.com/exchange/services/2006/errors">{text}</e:Message>{more}'
        "</detail></s:Fault></s:Body></s:Envelope>"
    ).encode()


def _busy(asked: Asked) -> None:
    wait = (
        '<t:MessageXml xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types">'
        '<t:Value Name="BackOffMilliseconds">95000</t:Value></t:MessageXml>'
    )
    asked.send(500, soap_fault("ErrorServerBusy", "The server cannot service this request right now.", wait))


def _code(code: str) -> Callable[[Asked], None]:
    return lambda asked: asked.send(200, asked.refuse(code))


def _status(status: int, body: bytes = b"", **headers: str) -> Callable[[Asked], None]:
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda asked: asked.send(status, body, told)


def _hang(asked: Asked) -> None:
    asked.ended.wait()


def _drip(asked: Asked) -> None:
    asked.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 100000\r\n\r\n")
    while not asked.ended.wait(0.05):
        asked.write(b" ")


def _lost_reply(asked: Asked) -> None:
    asked.answer()
    asked.drop()


def _cut(asked: Asked) -> None:
    body = asked.answer()
    asked.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n" % len(body))
    asked.write(body[: len(body) // 2])
    asked.drop()


def _cut_without_a_length(asked: Asked) -> None:
    body = asked.answer()
    # Right behind a whole element, so that a forgiving parser sees nothing wrong.
    middle = body.index(b">", len(body) // 2) + 1
    asked.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nConnection: close\r\n\r\n" + body[:middle])
    asked.drop()


def _control_characters(asked: Asked) -> None:
    asked.send(200, asked.answer().replace(b"</t:Subject>", b"&#x1F;\x01&#0;</t:Subject>"))


def _broken_xml(asked: Asked) -> None:
    asked.send(200, asked.answer().replace(b"<t:ItemId ", b"<t:ItemId <", 1))


def _huge(asked: Asked) -> None:
    asked.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 9000000\r\n\r\n<Envelope>")
    for _ in range(9):
        asked.write(b" " * 1_000_000)


def _stands_still(asked: Asked) -> None:
    body = asked.answer()
    asked.send(200, body.replace(b"LastItemInRange>true", b"LastItemInRange>false"))


def _twice(asked: Asked) -> None:
    body = asked.answer()
    first = body.find(b"<t:Create>")
    if first >= 0:
        end = body.index(b"</t:Create>") + len(b"</t:Create>")
        body = body[:end] + body[first:end] + body[end:]
    asked.send(200, body)


FAULTS: Mapping[str, Callable[[Asked], Any]] = {
    "busy": _busy,
    "busy without a time": lambda asked: asked.send(500, soap_fault("ErrorServerBusy", "Busy.")),
    "too many objects": _code("ErrorTooManyObjectsOpened"),
    "too many connections": _code("ErrorExceededConnectionCount"),
    "invalid sync state": _code("ErrorInvalidSyncStateData"),
    "folder is gone": _code("ErrorSyncFolderNotFound"),
    "store is away": _code("ErrorMailboxStoreUnavailable"),
    "mailbox is moving": _code("ErrorMailboxMoveInProgress"),
    "inner error": _code("ErrorInternalServerError"),
    "timed out inside": _code("ErrorTimeoutExpired"),
    "access denied": _code("ErrorAccessDenied"),
    "may not impersonate": lambda asked: asked.send(500, soap_fault("ErrorImpersonateUserDenied", "Denied.")),
    "no such mailbox": lambda asked: asked.send(500, soap_fault("ErrorNonExistentMailbox", "None.")),
    "unknown code": _code("ErrorNeverHeardOf"),
    "schema": lambda asked: asked.send(500, soap_fault("ErrorSchemaValidation", "The request failed validation.")),
    "401": _status(401, b"", WWW_Authenticate='Basic realm="exchange"'),
    "403": _status(403, b"Forbidden"),
    "404": _status(404, b"not here"),
    "429": _status(429, b"", Retry_After="77"),
    "503": _status(503, b"Service Unavailable"),
    "502": _status(502, b"<html>Bad gateway</html>"),
    "500 without soap": _status(500, b"Server Error in '/EWS' Application"),
    "login page": _status(200, LOGIN_PAGE),
    "redirect": _status(302, b"", Location="/owa/auth/logon.aspx"),
    "empty answer": _status(200, b""),
    "hang": _hang,
    "drip": _drip,
    "drop": lambda asked: asked.drop(),
    "lost reply": _lost_reply,
    "cut": _cut,
    "cut without a length": _cut_without_a_length,
    "control characters": _control_characters,
    "broken xml": _broken_xml,
    "huge": _huge,
    "stands still": _stands_still,
    "told twice": _twice,
    "send as denied": _code("ErrorSendAsDenied"),
    "no such recipient": _code("ErrorInvalidRecipients"),
    "too large": _code("ErrorMessageSizeExceeded"),
    "quota": _code("ErrorQuotaExceeded"),
}
