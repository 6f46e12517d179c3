"""Writes the office's letters as its people's mail programs would: plain, HTML, quoted in five ways, and worse."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.headerregistry import Address as HeaderAddress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from mailwatch.domain.people import Address


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail before it has bytes; `at` is local to its writer, `quote` names the mail program that quotes."""

    id: str
    author: Address
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    at: datetime
    subject: str
    text: str
    answers: Letter | None = None
    quote: str = ""
    style: str = "plain"
    kind: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def message_id(self) -> str:
        """The Message-ID, without angle brackets."""
        return f"{self.id}.{self.at:%y%m%d}@{self.author.domain}"


def build(letter: Letter, *, delivered: bool) -> bytes:
    """The letter's bytes (RFC 5322); one that was `delivered` bears the trace of the server that received it."""
    trace = _trace(letter) if delivered else b""
    if letter.kind in ("hostile", "bounce"):
        return trace + (_hostile(letter) if letter.kind == "hostile" else _bounce(letter))
    message = EmailMessage(policy=SMTP)
    message["From"] = _written(letter.author)
    message["To"] = tuple(_written(one) for one in letter.to)
    if letter.cc:
        message["Cc"] = tuple(_written(one) for one in letter.cc)
    message["Subject"] = letter.subject
    message["Date"] = letter.at
    message["Message-ID"] = f"<{letter.message_id}>"
    if letter.answers:
        message["In-Reply-To"] = f"<{letter.answers.message_id}>"
        message["References"] = " ".join(f"<{one}>" for one in _ancestors(letter))
    for name, value in letter.headers.items():
        message[name] = value
    _fill(message, letter)
    if message.is_multipart():
        # Else the library draws one by lot, and the same story would have other bytes each time.
        message.set_boundary(f"=_{letter.id}_")
    return trace + message.as_bytes()


def _fill(message: EmailMessage, letter: Letter) -> None:
    words = letter.text + _quoted(letter)
    if letter.kind == "calendar":
        message.set_content(words)
        message.add_alternative(_event(letter), subtype="calendar", params={"method": "REQUEST"})
    elif letter.style == "html only":
        message.set_content(_html(letter), subtype="html")
    else:
        message.set_content(words)
        if letter.style == "html":
            message.add_alternative(_html(letter), subtype="html")


def _quoted(letter: Letter) -> str:
    if not letter.answers or not letter.quote:
        return ""
    old = letter.answers
    lines = [f"> {line}".rstrip() for line in old.text.splitlines()]
    who, at = f"{old.author.display_name} <{old.author.addr_spec}>", old.at
    match letter.quote:
        case "gmail":
            lead = [f"On {at:%a}, {at.day} {at:%b %Y} at {at:%H:%M}, {who}", "wrote:", ""]
        case "apple":
            lead = [f"> On {at.day}. {at:%b %Y}, at {at:%H:%M}, {old.author.display_name} wrote:", ">"]
        case "thunderbird":
            lead = [f"Am {at:%d.%m.%y} um {at:%H:%M} schrieb {old.author.display_name}:"]
        case _:
            to = "; ".join(one.display_name for one in old.to)
            lead = ["-----Original Message-----", f"From: {who}", f"Sent: {at:%A, %B} {at.day}, {at:%Y} {at:%H:%M}"]
            lead += [f"To: {to}", f"Subject: {old.subject}", ""]
            lines = old.text.splitlines()
    return "\n" + "\n".join([*lead, *lines]) + "\n"


def _html(letter: Letter) -> str:
    paragraphs = "".join(
        f'<p class="MsoNormal" style="margin:0 0 12pt 0">{html.escape(part).replace(chr(10), "<br>")}</p>'
        for part in letter.text.strip().split("\n\n")
    )
    old = letter.answers if letter.quote else None
    quoted = (
        f'<div class="gmail_quote">On {old.at:%d %b %Y}, {html.escape(old.author.name)} wrote:<br>'
        f"<blockquote>{html.escape(old.text)}</blockquote></div>"
        if old
        else ""
    )
    return (
        "<html><head><style>p.MsoNormal { font-family: Calibri, sans-serif; color: #1f3864 }</style></head>"
        f'<body lang="EN-GB">{paragraphs}{quoted}</body></html>\n'
    )


def _event(letter: Letter) -> str:
    start = letter.at + timedelta(days=5, hours=1)
    return (
        f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:{letter.message_id}\r\n"
        f"DTSTART:{start:%Y%m%dT%H%M%S}\r\nSUMMARY:{letter.subject}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )


def _hostile(letter: Letter) -> bytes:
    """A mail that trips naive readers: nested comments, line ends in an encoded subject, no such charset, no end."""
    head = (
        f"From: {'(' * 700}{')' * 700} =?x-martian?q?caf=E9?= <{letter.author.addr_spec}>\r\n"
        f"To: {letter.to[0].addr_spec}\r\n"
        "Subject: =?utf-8?q?hello=0D=0ABcc=3A_everyone=40bellbird.example?=\r\n"
        f"Date: 31 Jun {letter.at:%Y} 99:99:99 +99999\r\n"
        f"Message-ID: <{letter.message_id}>\r\n"
        'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="x"\r\n\r\n--x\r\n'
        "Content-Type: text/plain; charset=x-martian\r\n\r\n"
    )
    return head.encode("ascii") + letter.text.replace("\n", "\r\n").encode() + b"\xff\xfe \xed\xa0\x80\r\n"


def _bounce(letter: Letter) -> bytes:
    """A delivery status notification (RFC 3464)."""
    return (
        "Return-Path: <>\r\n"
        f"From: {letter.author.display_name} <{letter.author.addr_spec}>\r\nTo: {letter.to[0].addr_spec}\r\n"
        f"Subject: {letter.subject}\r\nDate: {format_datetime(letter.at)}\r\nMessage-ID: <{letter.message_id}>\r\n"
        "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="r"\r\n\r\n'
        "--r\r\nContent-Type: text/plain\r\n\r\n" + letter.text.replace("\n", "\r\n") + "\r\n"
        "--r\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.bellbird.example\r\n\r\n"
        "Final-Recipient: rfc822; orders@cartons.example\r\nAction: failed\r\nStatus: 5.2.2\r\n\r\n--r--\r\n"
    ).encode("ascii")


def _trace(letter: Letter) -> bytes:
    return (
        f"Received: from mail.{letter.author.domain} by mx.bellbird.example with ESMTPS;\r\n"
        f"\t{format_datetime(letter.at)}\r\n"
    ).encode("ascii")


def _ancestors(letter: Letter) -> list[str]:
    found: list[str] = []
    while letter.answers:
        letter = letter.answers
        found.insert(0, letter.message_id)
    return found


def _written(address: Address) -> HeaderAddress:
    return HeaderAddress(address.display_name, addr_spec=address.addr_spec)
