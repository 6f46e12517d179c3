"""Reads what an Exchange server tells of one message: its properties first, its Internet headers for the rest."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from mailwatch.domain.addresslist import MOST_ADDRESSES
from mailwatch.domain.datefield import read_date
from mailwatch.domain.fields import FIELD_LIMIT
from mailwatch.domain.message import Headers, Role, Text
from mailwatch.domain.mime import HEADER_FIELDS, headers_of, read_part
from mailwatch.errors import UnreadableMessage

TYPES = "{http://schemas.microsoft.com/exchange/services/2006/types}"

HEADERS_ASKED = (
    "item:ItemClass",
    "item:Subject",
    "item:DateTimeReceived",
    "item:DateTimeSent",
    "item:DateTimeCreated",
    "item:InReplyTo",
    "item:InternetMessageHeaders",
    "message:From",
    "message:Sender",
    "message:ToRecipients",
    "message:CcRecipients",
    "message:BccRecipients",
    "message:ReplyTo",
    "message:InternetMessageId",
    "message:References",
)
"""What to ask for to read headers. The Internet headers alone would not do: sent mail has none."""

TEXT_ASKED = ("item:Body",)
TEXT_READ = 1 << 20  # characters of a text that are looked at

_WANTED = frozenset((*(name.lower() for name in HEADER_FIELDS), "received"))
_MOST_VALUES = 50
_RECIPIENTS = {
    "from": "From",
    "sender": "Sender",
    "to": "ToRecipients",
    "cc": "CcRecipients",
    "bcc": "BccRecipients",
    "reply-to": "ReplyTo",
}
_WORDS = {
    "subject": "Subject",
    "message-id": "InternetMessageId",
    "in-reply-to": "InReplyTo",
    "references": "References",
}
# Exchange's own automatic replies, and what its telephony files as mail.
_PROGRAMS = ("IPM.NOTE.RULES.", "IPM.NOTE.MICROSOFT.")
_TIME = re.compile(r"\s*(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:[.,]\d{1,40})?(?:(Z)|[+-]\d\d:\d\d)?\s*\Z")


def told(elem: Any, name: str) -> str | None:
    """The text of a child of an element, or None."""
    text = elem.findtext(TYPES + name)
    return str(text) if text is not None else None


def own_id(elem: Any, name: str) -> str:
    """The Id of a child such as ItemId, or an empty string."""
    child = elem.find(TYPES + name)
    return str(child.get("Id") or "") if child is not None else ""


def is_mail(item_class: str | None) -> bool:
    """Whether items of this class are messages, and not meetings, tasks or reports; an unknown class is looked at."""
    return not item_class or f"{item_class.upper()}.".startswith("IPM.NOTE.")


def moment(value: str | None) -> datetime | None:
    """A time as EWS writes it, to the second and in UTC, or None if it cannot be read.

    Servers write fractions of up to nine digits, which `fromisoformat` and exchangelib refuse.
    """
    match = _TIME.match(value or "")
    if match is None or value is None:
        return None
    zone = "+00:00" if match[7] or value.strip()[-6] not in "+-" else value.strip()[-6:]
    try:
        return datetime.fromisoformat("{}-{}-{}T{}:{}:{}".format(*match.groups()[:6]) + zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def read_item(elem: Any, provider_id: str, role: Role) -> Headers | None:
    """The headers of a message; None if it turns out to be something else. Raises UnreadableMessage."""
    item_class = told(elem, "ItemClass")
    if not is_mail(item_class):
        return None
    fields = _internet_headers(elem)
    received_at = moment(told(elem, "DateTimeReceived")) or _stamped(fields) or moment(told(elem, "DateTimeCreated"))
    if received_at is None:
        raise UnreadableMessage("The server tells no receive time that can be read.")
    for name, tag in _RECIPIENTS.items():
        addresses, complete = _addresses(elem.find(TYPES + tag))
        # The name of somebody who has left may be known by no Internet address; then the header may be better.
        if addresses and (complete or name not in fields):
            fields[name] = [", ".join(addresses)]
    for name, tag in _WORDS.items():
        if words := told(elem, tag):
            fields[name] = [words[:FIELD_LIMIT]]
    if not fields:
        raise UnreadableMessage("The message has no header field that can be read.")
    if (item_class or "").upper().startswith(_PROGRAMS):
        fields["auto-submitted"] = ["auto-generated"]
    headers = headers_of(fields, provider_id=provider_id, role=role, received_at=received_at)
    return replace(headers, sent_at=moment(told(elem, "DateTimeSent")) or headers.sent_at)


def read_words(elem: Any, provider_id: str) -> Text:
    """The text of a message, as the server wrote it from whatever form it came in."""
    body = elem.find(f"{TYPES}Body")
    words = str(body.text or "") if body is not None else ""
    kind = "html" if body is not None and body.get("BodyType") == "HTML" else "plain"
    text = read_part(
        f"Content-Type: text/{kind}; charset=utf-8\r\n".encode(),
        words[:TEXT_READ].encode("utf-8", "replace"),
        provider_id=provider_id,
        truncated=len(words) > TEXT_READ,
    )
    return text or Text(provider_id, "")


def _internet_headers(elem: Any) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    for header in elem.iterfind(f"{TYPES}InternetMessageHeaders/{TYPES}InternetMessageHeader"):
        name = str(header.get("HeaderName") or "").strip().lower()
        if name in _WANTED:
            values = fields.setdefault(name, [])
            if len(values) < _MOST_VALUES:
                words = str(header.text or "")[:FIELD_LIMIT]
                values.append(words.replace("\r", "").replace("\n", "").replace("\t", " ").strip())
    return fields


def _stamped(fields: dict[str, list[str]]) -> datetime | None:
    """The moment of the topmost Received field (RFC 5321 4.4), which the user's own server wrote."""
    stamps = fields.get("received")
    return read_date(stamps[0].rpartition(";")[2].strip()) if stamps else None


def _addresses(elem: Any) -> tuple[list[str], bool]:
    """The mailboxes of a property, as a header field has them, and whether all of them could be told."""
    if elem is None:
        return [], False
    found = list(_mailboxes(elem))
    known = [each for each in found if each]
    return known, len(known) == len(found)


def _mailboxes(elem: Any) -> Iterator[str]:
    for count, mailbox in enumerate(elem.iterfind(f"{TYPES}Mailbox")):
        if count >= MOST_ADDRESSES:
            return
        spec = (told(mailbox, "EmailAddress") or "").strip()
        internet = (told(mailbox, "RoutingType") or "SMTP").upper() == "SMTP"
        if not internet or "@" not in spec or len(spec) > 320 or set(spec) & set(' <>,;"\r\n\t'):
            yield ""
            continue
        name = " ".join((told(mailbox, "Name") or "").replace('"', " ").replace("\\", " ").split())[:200]
        yield f'"{name}" <{spec}>' if name and name.lower() != spec.lower() else spec
