"""Reads a message as Graph describes it: as header fields for the domain's own reader, and as text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, Final

from mailwatch.domain.cleaning import many_lines, one_line
from mailwatch.domain.fields import FIELD_LIMIT
from mailwatch.domain.html import to_text
from mailwatch.domain.message import Headers, Mailbox, SetAside, Text
from mailwatch.domain.mime import HEADER_FIELDS, read_headers
from mailwatch.errors import UnreadableMessage

Resource = Mapping[str, Any]
"""A message as JSON; every value may be missing, None, or of another type than it should be."""

SELECT: Final = (
    "receivedDateTime,sentDateTime,subject,from,sender,replyTo,toRecipients,ccRecipients,bccRecipients,"
    "internetMessageId,internetMessageHeaders,isDraft,parentFolderId"
)
"""What decisions need, and nothing else."""

_CLASS, _REFERENCES, _IN_REPLY_TO = 0x001A, 0x1039, 0x1042
EXPAND: Final = "singleValueExtendedProperties($filter={})".format(
    " or ".join(f"id eq 'String 0x{tag:04X}'" for tag in (_CLASS, _REFERENCES, _IN_REPLY_TO))
)
"""MAPI properties (MS-OXPROPS): PidTagMessageClass, PidTagInternetReferences, PidTagInReplyToId.

A message in the sent mailbox has no internetMessageHeaders: these tell what it answers.
"""

TEXT_LIMIT: Final = 256 << 10
_MOST_HEADERS = 2000
_MOST_RECIPIENTS = 500
_WANTED = frozenset(name.lower() for name in HEADER_FIELDS)
_ADDRESS = re.compile(r'[^\s<>"(),;\\\x00-\x20\x7f]{1,256}@[^\s<>"(),;\\@\x00-\x20\x7f]{1,255}')


def read_resource(resource: Resource, provider_id: str, mailbox: Mailbox) -> Headers | SetAside:
    """The headers of a message, or why they cannot be read. Never raises."""
    received = moment(resource.get("receivedDateTime"))
    if received is None:
        return SetAside(provider_id, "The server tells no receive time that can be read.")
    try:
        return read_headers(header_block(resource), provider_id=provider_id, role=mailbox.role, received_at=received)
    except UnreadableMessage as error:
        return SetAside(provider_id, str(error))


def read_body(resource: Resource, provider_id: str) -> Text:
    """The text of a message whose body was asked for, capped at 256 K characters. Never raises."""
    body = _object(resource.get("body"))
    content = _word(body.get("content"))
    # Some messages come as HTML although text was preferred.
    words = to_text(content) if _word(body.get("contentType")).lower() == "html" else many_lines(content)
    return Text(provider_id, words[:TEXT_LIMIT])


def moment(value: object) -> datetime | None:
    """A time as Graph writes it, in UTC, or None."""
    try:
        told = datetime.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        return None
    return told.astimezone(UTC) if told.tzinfo else told.replace(tzinfo=UTC)


def header_block(resource: Resource) -> bytes:
    """The header fields of a message: those it came with, and from its properties those that it lacks."""
    lines: list[tuple[str, str]] = []
    for each in _objects(resource.get("internetMessageHeaders"), _MOST_HEADERS):
        name, value = _word(each.get("name")), _word(each.get("value"))
        if name.lower() in _WANTED and value:
            lines.append((name, value))
    there = {name.lower() for name, _ in lines}
    lines += [(name, value) for name, value in _from_properties(resource) if value and name.lower() not in there]
    # A line end within a value would begin a field of the sender's choice.
    flat = (f"{name}: {' '.join(value[:FIELD_LIMIT].splitlines())}\r\n" for name, value in lines)
    return "".join(flat).encode("utf-8", "replace")


def has_no_threading(resource: Resource) -> bool:
    """Whether neither the header fields nor the MAPI properties came, though one of them always should."""
    return not resource.get("internetMessageHeaders") and not resource.get("singleValueExtendedProperties")


def _from_properties(resource: Resource) -> Iterable[tuple[str, str]]:
    mapi = _mapi(resource)
    yield "From", _people([resource.get("from")])
    yield "Sender", _people([resource.get("sender")]) if resource.get("sender") != resource.get("from") else ""
    yield "Reply-To", _people(resource.get("replyTo"))
    yield "To", _people(resource.get("toRecipients"))
    yield "Cc", _people(resource.get("ccRecipients"))
    yield "Bcc", _people(resource.get("bccRecipients"))
    yield "Subject", _word(resource.get("subject"))
    yield "Message-ID", _word(resource.get("internetMessageId"))
    sent = moment(resource.get("sentDateTime"))
    yield "Date", format_datetime(sent) if sent else ""
    yield "In-Reply-To", mapi.get(_IN_REPLY_TO, "")
    yield "References", mapi.get(_REFERENCES, "")
    kind = mapi.get(_CLASS, "").lower()
    if kind.startswith("ipm.schedule.") or "eventMessage" in _word(resource.get("@odata.type")):
        yield "Content-Class", "urn:content-classes:calendarmessage"
    elif kind.startswith("report."):
        receipt = kind.endswith((".ipnrn", ".ipnnrn"))
        report = "disposition-notification" if receipt else "delivery-status"
        yield "Content-Type", f"multipart/report; report-type={report}"
    elif kind.startswith("ipm.note.rules.ooftemplate"):
        yield "Auto-Submitted", "auto-replied"


def _mapi(resource: Resource) -> dict[int, str]:
    """MAPI properties by their number; Graph writes `0x1A` for what was asked as `0x001A`."""
    found: dict[int, str] = {}
    for each in _objects(resource.get("singleValueExtendedProperties"), 20):
        tag = _word(each.get("id")).lower().rpartition("0x")[2]
        if re.fullmatch("[0-9a-f]{1,8}", tag):
            found[int(tag, 16)] = _word(each.get("value"))
    return found


def _people(value: object) -> str:
    """Recipients as the value of an address field; one without an address that SMTP knows is left out."""
    people = []
    for each in _objects(value, _MOST_RECIPIENTS):
        email = _object(each.get("emailAddress"))
        address = _word(email.get("address")).strip()
        name = one_line(_word(email.get("name")), 200).replace("\\", "").replace('"', "")
        if _ADDRESS.fullmatch(address):
            people.append(f'"{name}" <{address}>' if name and name != address else f"<{address}>")
    return ", ".join(people)


def _objects(value: object, limit: int) -> list[Resource]:
    found: Sequence[object] = value if isinstance(value, list) else []
    return [each for each in found[:limit] if isinstance(each, dict)]


def _object(value: object) -> Resource:
    return value if isinstance(value, dict) else {}


def _word(value: object) -> str:
    return value if isinstance(value, str) else ""
