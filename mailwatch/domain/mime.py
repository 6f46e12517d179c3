"""Reads the headers and the text of one raw message, however broken or hostile it is (RFC 5322, RFC 2045 to 2047)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from mailwatch.domain.addresslist import MOST_ADDRESSES, read_addresses
from mailwatch.domain.automatic import MARKER_FIELD, why_automatic
from mailwatch.domain.bodytext import text_of_message, text_of_part
from mailwatch.domain.cleaning import one_line
from mailwatch.domain.datefield import read_date, read_offset
from mailwatch.domain.encodedword import decode_words
from mailwatch.domain.fields import BLOCK_LIMIT, read_fields, split_message
from mailwatch.domain.message import Headers, Role, Text
from mailwatch.domain.people import Address
from mailwatch.errors import UnreadableMessage

__all__ = ["HEADER_FIELDS", "headers_of", "read_headers", "read_part", "read_text", "received_at", "split_message"]

_FIELDS = """
    From Sender Reply-To To Cc Bcc Subject Date Message-ID In-Reply-To References Auto-Submitted Precedence List-Id
    List-Post List-Unsubscribe Feedback-ID Return-Path X-Auto-Response-Suppress X-Autoreply X-Autorespond X-Loop
    Content-Type Content-Class X-MS-Exchange-Calendar-Originator-Id X-MS-Exchange-Calendar-Series-Instance-Id
"""
HEADER_FIELDS: Final[tuple[str, ...]] = (*_FIELDS.split(), MARKER_FIELD)
"""The names of the header fields that `read_headers` needs: what to ask a server for."""

SUBJECT_LIMIT: Final = 300
MOST_REFERENCES: Final = 50
_ID_LIMIT = 998
_WANTED = frozenset(name.lower() for name in HEADER_FIELDS)
_IN_ANGLES = re.compile(r"<([^<>]++)>")


def read_headers(raw: bytes, *, provider_id: str, role: Role, received_at: datetime) -> Headers:
    """The headers of a message, from a header block or from the whole message.

    `received_at` is the server's receive time and must be aware. Raises UnreadableMessage if not one field that
    matters was found, or if the header is over 1 MB and its author was not in it; nothing else.
    """
    fields = read_fields(raw, _WANTED)
    if not fields:
        raise UnreadableMessage("The message has no header field that can be read.")
    if "from" not in fields and len(raw) > BLOCK_LIMIT and len(split_message(raw)[0]) > BLOCK_LIMIT:
        raise UnreadableMessage("The header is larger than 1 MB and its beginning names no author.")
    return headers_of(fields, provider_id=provider_id, role=role, received_at=received_at)


def headers_of(
    fields: Mapping[str, Sequence[str]], *, provider_id: str, role: Role, received_at: datetime
) -> Headers:
    """The headers of a message whose fields are known (names in lower case, values unfolded).

    Raises ValueError if `received_at` is naive, which is a fault of the caller; nothing else.
    """
    if received_at.tzinfo is None:
        raise ValueError("received_at has no time zone; give the server's receive time with one.")
    authors = _addresses(fields, "from") or _addresses(fields, "sender")
    author = authors[0] if authors else None
    subject = one_line(decode_words(_first(fields, "subject")), SUBJECT_LIMIT)
    ids = _message_ids(_first(fields, "message-id")) if "message-id" in fields else ()
    date = _first(fields, "date")
    return Headers(
        provider_id=provider_id,
        received_at=received_at,
        role=role,
        message_id=ids[0] if ids else None,
        in_reply_to=_message_ids(_first(fields, "in-reply-to")) if "in-reply-to" in fields else (),
        references=_message_ids(_first(fields, "references")) if "references" in fields else (),
        author=author,
        reply_to=_addresses(fields, "reply-to"),
        to=_addresses(fields, "to"),
        cc=_addresses(fields, "cc"),
        bcc=_addresses(fields, "bcc"),
        subject=subject,
        sent_at=read_date(date) if date else None,
        sent_offset=read_offset(date) if date else None,
        automatic=why_automatic({**fields, "subject": (subject,)}, author),
    )


def received_at(raw: bytes) -> datetime | None:
    """The moment that the topmost Received field names (RFC 5321 4.4), aware and in UTC, or None."""
    values = read_fields(raw, ("received",)).get("received", ())
    return read_date(values[0].rpartition(";")[2].strip()) if values else None


def read_text(raw_message: bytes, *, provider_id: str) -> Text:
    """The readable text of a whole message, quotes and all, capped at 256 K characters.

    At most the first 1 MB is read. Encrypted mail, and mail without a text, has empty words. Never raises.
    """
    return text_of_message(raw_message, provider_id)


def read_part(mime_header: bytes, body: bytes, *, provider_id: str, truncated: bool = False) -> Text | None:
    """The text of IMAP's BODY[1.MIME] and BODY[1], the body perhaps cut short.

    A part that is itself a multipart is read from what was fetched. None if no words were found in it, so that
    the caller looks at the structure of the message and asks for another part. Never raises.
    """
    return text_of_part(mime_header, body, provider_id, truncated)


def _first(fields: Mapping[str, Sequence[str]], name: str) -> str:
    values = fields.get(name)
    return values[0] if values else ""


def _addresses(fields: Mapping[str, Sequence[str]], name: str) -> tuple[Address, ...]:
    values = fields.get(name)
    if not values:
        return ()
    if len(values) == 1:
        return read_addresses(values[0])
    return tuple(address for value in values[:8] for address in read_addresses(value))[:MOST_ADDRESSES]


def _message_ids(value: str) -> tuple[str, ...]:
    """The Message-IDs of a field without angle brackets, the last fifty; a broken one is kept as it can be."""
    if "=?" in value:
        # Exchange encodes long References as if they were words.
        value = decode_words(value)
    found = _IN_ANGLES.findall(value)
    if not found:
        found = [word for word in value.replace("<", " ").replace(">", " ").split() if "@" in word]
    if not found and value.strip("<> \t"):
        found = value.strip("<> \t").split(None, 1)[:1]
    return tuple(each for each in map(_plain_id, found[-MOST_REFERENCES:]) if each)


def _plain_id(value: str) -> str:
    """A Message-ID without the spaces that folding left in it, and without control characters."""
    if value.isascii() and value.isprintable() and " " not in value and len(value) <= _ID_LIMIT:
        return value
    return "".join(one_line(value, _ID_LIMIT).split())
