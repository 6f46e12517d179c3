"""How messages stand in a row of the ledger: small JSON by hand, tolerant of keys of other versions."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from enum import StrEnum
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from mailwatch.adapters.column_types import storable
from mailwatch.adapters.tables import ID_LIMIT
from mailwatch.domain.conversation import base_subject
from mailwatch.domain.message import Headers, Message, Role
from mailwatch.domain.people import Address
from mailwatch.domain.reading import (
    EVIDENCE_LIMIT,
    NOTHING_READ,
    Deadline,
    Evidence,
    Finding,
    Reading,
    ReplyKind,
)
from mailwatch.domain.workcalendar import in_utc

SUBJECT_LIMIT = 200
MENTIONS_LIMIT = 100
"""How many Message-IDs of one message are noted for linking: the nearest; a long chain names its near ends again."""

Json = dict[str, Any]
Word = TypeVar("Word", bound=StrEnum)

to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
from_json = json.loads

_FINDINGS = ("request", "promise", "holding", "withdrawal")
_DEADLINES = ("request_deadline", "promise_deadline")
_FLAGS = (
    "names_reader",
    "asked_apart",
    "points_at_reader",
    "calls_others",
    "asks_to_do",
    "only_a_time",
    "empty",
)
_PEOPLE = ("reply_to", "to", "cc", "bcc")
_NAMES = ("in_reply_to", "references")


@dataclass(frozen=True, slots=True)
class StoredHeaders(Headers):
    """Headers whose subject was cut or cleaned on the way into the ledger: the key is that of the whole."""

    stored_key: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", self.stored_key)


# ---------------------------------------------------------------- small values


def word(kind: type[Word], value: str) -> Word | None:
    """A word of an enumeration; None for one that this version does not know."""
    try:
        return kind(value)
    except ValueError:
        return None


def moment_json(moment: datetime) -> str:
    """ISO 8601 in UTC. Raises ValueError for a naive time."""
    return in_utc(moment).isoformat()


def moment_of(value: object) -> datetime | None:
    """The time that moment_json wrote."""
    return in_utc(datetime.fromisoformat(value)) if isinstance(value, str) else None


def address_json(address: Address) -> str | list[str]:
    """The addr-spec, with the display name if there is one."""
    return [address.addr_spec, address.display_name] if address.display_name else address.addr_spec


def address_of(value: Any) -> Address | None:
    """The address that address_json wrote."""
    if not value:
        return None
    return Address(value) if isinstance(value, str) else Address(*value[:2])


def addresses_of(values: Iterable[Any]) -> tuple[Address, ...]:
    """Several addresses."""
    return tuple(address for value in values if (address := address_of(value)))


def _zone_json(zone: tzinfo) -> str | None:
    if isinstance(zone, ZoneInfo):
        return zone.key
    offset = zone.utcoffset(None)
    return None if offset is None else f"{offset / timedelta(minutes=1):+.0f}"


def _zone_of(name: object) -> tzinfo | None:
    if not isinstance(name, str):
        return None
    try:
        if name[:1] in "+-":
            return timezone(timedelta(minutes=int(name))) if int(name) else UTC
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        return None  # This machine does not know the zone: the reader's own is the next best.


def deadline_json(deadline: Deadline) -> Json:
    """A deadline with its words, cut like evidence; the zone by its name, or as minutes east of UTC."""
    found: Json = {"day": deadline.day.isoformat(), "words": deadline.words[:EVIDENCE_LIMIT]}
    if deadline.clock is not None:
        found["clock"] = deadline.clock.replace(tzinfo=None).isoformat()
    if deadline.zone is not None and (zone := _zone_json(deadline.zone)):
        found["zone"] = zone
    return found


def deadline_of(found: Mapping[str, Any] | None) -> Deadline | None:
    """The deadline that deadline_json wrote."""
    if not found:
        return None
    clock = time.fromisoformat(found["clock"]) if found.get("clock") else None
    return Deadline(date.fromisoformat(found["day"]), clock, found.get("words", ""), _zone_of(found.get("zone")))


# ---------------------------------------------------------------- what the new words say


def reading_json(reading: Reading) -> str | None:
    """A reading without what is as usual; None if nothing was read."""
    if reading == NOTHING_READ:
        return None
    row: Json = {}
    for name in _FINDINGS:
        finding: Finding = getattr(reading, name)
        if finding.evidence:
            row[name] = [finding.score, finding.evidence.rule, finding.evidence.words[:EVIDENCE_LIMIT]]
        elif finding.score:
            row[name] = [finding.score]
    for name in _DEADLINES:
        if deadline := getattr(reading, name):
            row[name] = deadline_json(deadline)
    if reading.reply is not ReplyKind.ANSWER:
        row["reply"] = reading.reply.value
    row |= {name: True for name in _FLAGS if getattr(reading, name)}
    if reading.names_others:
        row["names_others"] = reading.names_others
    if reading.urgency:
        row["urgency"] = reading.urgency
    if reading.language != "und":
        row["language"] = reading.language
    return to_json(row)


def _finding(found: list[Any]) -> Finding:
    return Finding(found[0], Evidence(found[1], found[2]) if len(found) > 2 else None)


def reading_of(text: str | None) -> Reading:
    """The reading that reading_json wrote."""
    if not text:
        return NOTHING_READ
    row: Json = from_json(text)
    found: Json = {name: _finding(row[name]) for name in _FINDINGS if name in row}
    found |= {name: deadline_of(row[name]) for name in _DEADLINES if name in row}
    found |= {name: bool(row.get(name)) for name in _FLAGS}
    return Reading(
        **found,
        reply=word(ReplyKind, row.get("reply", ReplyKind.ANSWER)) or ReplyKind.ANSWER,
        names_others=tuple(row.get("names_others", ())),
        urgency=row.get("urgency"),
        language=row.get("language", "und"),
    )


# ---------------------------------------------------------------- messages


def message_row(user: str, mailbox: str, message: Message) -> Json:
    """The row of a message in `messages`; the subject is cut to 200 characters."""
    headers = message.headers
    fields: Json = {}
    if headers.author:
        fields["author"] = address_json(headers.author)
    for name in _PEOPLE:
        if people := getattr(headers, name):
            fields[name] = [address_json(one) for one in people]
    for name in _NAMES:
        if ids := getattr(headers, name):
            fields[name] = ids
    if headers.sent_at:
        fields["sent_at"] = moment_json(headers.sent_at)
    if headers.sent_offset:
        fields["sent_offset"] = headers.sent_offset // timedelta(minutes=1)
    if headers.automatic:
        fields["automatic"] = headers.automatic
    subject = headers.subject[:SUBJECT_LIMIT]
    return {
        "user_address": user,
        "key": headers.key,
        "mailbox": mailbox,
        "provider_id": headers.provider_id,
        "role": headers.role.value,
        "received_at": headers.received_at,
        "message_id": headers.message_id,
        "subject": subject,
        "base_subject": base_subject(subject)[:SUBJECT_LIMIT],
        "fields": to_json(fields),
        "reading": reading_json(message.reading),
        "conversation": None,
        "triaged": False,
    }


def mentioned(headers: Headers) -> Iterable[str]:
    """The Message-IDs that `mentions` notes: the message's own and those that it answers, each once."""
    own = (headers.message_id,) if headers.message_id else ()
    ids = (*own, *headers.ancestors[:MENTIONS_LIMIT])
    return dict.fromkeys(storable(one[:ID_LIMIT]) for one in ids if one)


def message_of(row: Any) -> Message:
    """The message of a row in `messages`."""
    fields: Json = from_json(row.fields)
    values: Json = {
        "provider_id": row.provider_id,
        "received_at": row.received_at,
        "role": word(Role, row.role) or Role.OTHER,
        "message_id": row.message_id,
        "author": address_of(fields.get("author")),
        "subject": row.subject,
        "sent_at": moment_of(fields.get("sent_at")),
        "sent_offset": timedelta(minutes=fields["sent_offset"]) if "sent_offset" in fields else None,
        "automatic": fields.get("automatic"),
    }
    values |= {name: addresses_of(fields[name]) for name in _PEOPLE if name in fields}
    values |= {name: tuple(fields[name]) for name in _NAMES if name in fields}
    headers = Headers(**values)
    if headers.key != row.key:
        headers = StoredHeaders(**values, stored_key=row.key)
    return Message(headers, reading_of(row.reading))
