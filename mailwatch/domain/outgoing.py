"""Turns the words of one of our mails into the exact bytes that go out, the same bytes every time."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from email.charset import SHORTEST, Charset
from email.header import Header
from email.quoprimime import body_encode
from email.utils import format_datetime
from hashlib import blake2b

from mailwatch.domain.automatic import MARKER_FIELD
from mailwatch.domain.cleaning import clean
from mailwatch.domain.links import mailto
from mailwatch.domain.people import Address, normal_domain

_ATEXT = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_DOT_ATOM = re.compile(rf"{_ATEXT}(?:\.{_ATEXT})*\Z")
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\Z")
_PLAIN_PHRASE = re.compile(rf"{_ATEXT}(?: {_ATEXT})*\Z")
_LONGEST_LINE = 78  # RFC 5322 2.1.1
_QP_LINE = 76  # RFC 2045 6.7

_UTF8 = Charset("utf-8")
_UTF8.header_encoding = SHORTEST  # European words stay readable in the raw message, all others stay short.


def new_message_id(token: str, domain: str) -> str:
    """A Message-ID without angle brackets (RFC 5322 3.6.4); `token` must be unique, and hard to guess.

    Signs that a dot-atom may not hold are left out. Raises ValueError if nothing is left of either part.
    """
    left = ".".join(filter(None, "".join(s for s in token if s == "." or _DOT_ATOM.match(s)).split(".")))
    right = _ascii_domain(domain)
    if not left:
        raise ValueError(f"{clean(token)!r} cannot begin a Message-ID: give letters and digits.")
    return f"{left[:128]}@{right}"


def compose_message(
    *,
    sender: Address,
    recipient: Address,
    subject: str,
    text: str,
    html: str,
    message_id: str,
    date: datetime,
    kind: str,
) -> bytes:
    """A whole message (RFC 5322, CRLF line ends, seven-bit) to exactly one recipient.

    `date` is aware. `kind` is "reminder", "weekly-summary" and so on. The same arguments give the same bytes, in
    every version of Python.

    List-Unsubscribe (RFC 2369) is a mail to the sender; the one-click form of RFC 8058 needs https and a server.
    The mail says that a program wrote it (RFC 3834 5) and asks Exchange for no automatic reply. There is no
    Precedence field: it was never standardized, and RFC 3834 2 warns that programs read it in different ways.

    Raises ValueError for an address or a Message-ID that cannot stand in a header, and for a naive date.
    """
    if date.tzinfo is None or date.utcoffset() is None:
        raise ValueError("The date of a message needs a time zone.")
    identity = message_id.strip().removeprefix("<").removesuffix(">")
    if not re.fullmatch(r"[\x21-\x3b\x3d\x3f-\x7e]{1,250}", identity) or "@" not in identity:
        raise ValueError(f"{clean(identity)!r} is not a Message-ID.")
    stop = mailto(sender.addr_spec, "stop")
    fields = [
        ("From", _mailbox(sender)),
        ("To", _mailbox(recipient)),
        ("Subject", _words(clean(subject) or "mailwatch", "Subject")),
        ("Date", format_datetime(date)),
        ("Message-ID", f"<{identity}>"),
        ("Auto-Submitted", "auto-generated"),
        ("X-Auto-Response-Suppress", "All"),
        (MARKER_FIELD, _token(kind)),
        ("List-Unsubscribe", f"<{stop}>" if stop else None),
        ("MIME-Version", "1.0"),
    ]
    parts = [_part("plain", text), _part("html", html)]
    boundary = _boundary(identity, parts)
    head = [f"{name}: {value}" for name, value in fields if value]
    head.append(f'Content-Type: multipart/alternative; boundary="{boundary}"')
    body = "".join(f"--{boundary}\r\n{part}\r\n" for part in parts) + f"--{boundary}--\r\n"
    return ("\r\n".join(head) + "\r\n\r\n" + body).encode("ascii")


def _part(subtype: str, words: str) -> str:
    """A body part, in seven bits: as it is where every line is short ASCII, else quoted-printable."""
    whole = words.encode("utf-8", "replace").decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    lines = [line.rstrip(" \t") for line in whole.rstrip("\n").split("\n")]
    if all(_goes_as_it_is(line) for line in lines):
        encoding = "7bit"
    else:
        encoding = "quoted-printable"
        octets = "\n".join(lines).encode("utf-8").decode("latin-1")
        lines = body_encode(octets, maxlinelen=_QP_LINE, eol="\n").split("\n")
    return (
        f'Content-Type: text/{subtype}; charset="utf-8"\r\n'
        f"Content-Transfer-Encoding: {encoding}\r\n\r\n" + "\r\n".join(lines)
    )


def _goes_as_it_is(line: str) -> bool:
    """Whether a line needs no encoding; a leading "From " is quoted by programs that write mbox files."""
    return len(line) <= _LONGEST_LINE and line.isascii() and "\0" not in line and not line.startswith("From ")


def _boundary(identity: str, parts: Iterable[str]) -> str:
    """A boundary that follows from the Message-ID and stands in no part (RFC 2046 5.1.1)."""
    whole = "\n".join(parts)
    seed = identity
    while True:
        seed = blake2b(seed.encode(), digest_size=12).hexdigest()
        # "=_" cannot come out of quoted-printable.
        if (boundary := f"=_mailwatch_{seed}") not in whole:
            return boundary


def mailable(addr_spec: str) -> str:
    """An addr-spec as it stands in the fields of our mails. Raises ValueError if they cannot go to it everywhere.

    Local parts in quotation marks, and those that need SMTPUTF8 (RFC 6531), are refused: few servers take them.
    """
    local, _, domain = addr_spec.rpartition("@")
    if not _DOT_ATOM.match(local) or len(local) > 64:
        raise ValueError(f"{clean(addr_spec)!r} is not an address that mail can be sent to.")
    return f"{local}@{_ascii_domain(domain)}"


def _mailbox(address: Address) -> str:
    """name <addr-spec>, with a name that can break out of nothing (RFC 5322 3.4, RFC 2047 5)."""
    spec = mailable(address.addr_spec)
    name = clean(address.display_name, 80)
    if not name or name.lower() == address.addr_spec:
        return spec
    if "=?" not in name and _PLAIN_PHRASE.match(name):
        phrase = name
    elif "=?" not in name and name.isascii():
        phrase = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    else:
        phrase = _words(name, "From")
    joint = "\r\n " if len(phrase.rsplit("\n", 1)[-1]) + len(spec) > 60 else " "
    return f"{phrase}{joint}<{spec}>"


def _words(words: str, name: str) -> str:
    """Cleaned words as the value of a header field: ASCII as it is, all else as encoded words (RFC 2047)."""
    plain = words.isascii() and "=?" not in words
    header = Header(words, "us-ascii" if plain else _UTF8, header_name=name, maxlinelen=_QP_LINE)
    return header.encode(splitchars=" ", linesep="\r\n")


def _ascii_domain(domain: str) -> str:
    """A domain in its one form. Raises ValueError if that is not valid."""
    plain = normal_domain(domain.strip().rstrip("."))
    if not _DOMAIN.match(plain):
        raise ValueError(f"{clean(domain)!r} is not a domain that mail can be sent to.")
    return plain


def _token(words: str) -> str:
    """A word of a structured field: letters, digits, dot, hyphen and underscore."""
    return re.sub(r"[^A-Za-z0-9._-]", "", words)[:64] or "mailwatch"
