"""How requests, promises and commands stand in rows of the ledger, and what a user's command does to an item."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from mailwatch.adapters.rows import (
    SUBJECT_LIMIT,
    Json,
    address_json,
    address_of,
    deadline_json,
    deadline_of,
    from_json,
    moment_json,
    moment_of,
    to_json,
    word,
)
from mailwatch.domain.command import Command, Verb, Why
from mailwatch.domain.people import Address
from mailwatch.domain.promise import Promise, PromiseEnd
from mailwatch.domain.reading import EVIDENCE_LIMIT
from mailwatch.domain.request import Event, EventKind, Request, settles

_EVENT_OF = {
    Verb.DONE: EventKind.DONE,
    Verb.SNOOZE: EventKind.SNOOZED,
    Verb.MORE_TIME: EventKind.SNOOZED,
    Verb.DISMISS: EventKind.DISMISSED,
    Verb.DELEGATE: EventKind.DELEGATED,
    Verb.MUTE: EventKind.MUTED,
}
_END_OF = {
    Verb.DONE: PromiseEnd.KEPT,
    Verb.DISMISS: PromiseEnd.WITHDRAWN,
    Verb.DELEGATE: PromiseEnd.WITHDRAWN,
    Verb.MUTE: PromiseEnd.WITHDRAWN,
}
_NOBODY = Address("")


def _facts(item: Request | Promise) -> Json:
    facts: Json = {"subject": item.subject[:SUBJECT_LIMIT]}
    if item.message_id:
        facts["message_id"] = item.message_id
    if item.evidence:
        facts["evidence"] = item.evidence[:EVIDENCE_LIMIT]
    if item.deadline:
        facts["deadline"] = deadline_json(item.deadline)
    if item.references:
        facts["references"] = item.references
    return facts


def _event_json(event: Event) -> Json:
    found: Json = {"kind": event.kind.value, "at": moment_json(event.at)}
    if event.message_id:
        found["message_id"] = event.message_id
    if event.by:
        found["by"] = address_json(event.by)
    if event.until:
        found["until"] = moment_json(event.until)
    return found


def _event_of(found: Json) -> Event | None:
    kind = word(EventKind, found.get("kind", ""))
    at = moment_of(found.get("at"))
    if kind is None or at is None:
        return None  # A newer version wrote it; this one does not know what it means.
    return Event(kind, at, found.get("message_id"), address_of(found.get("by")), moment_of(found.get("until")))


def request_row(request: Request, conversation: str) -> Json:
    """The row of a request in `requests`; `settled` counts the events alone, not yet the user's commands."""
    facts = _facts(request) | {"requester": address_json(request.requester)}
    if request.urgency:
        facts["urgency"] = request.urgency
    if request.target_group:
        facts["target_group"] = request.target_group
    if request.joint:
        facts["joint"] = True
    if request.events:
        facts["events"] = [_event_json(event) for event in request.events]
    return {
        "user_address": request.user,
        "id": request.id,
        "key": request.key,
        "conversation": conversation,
        "received_at": request.received_at,
        "facts": to_json(facts),
        "settled": is_settled(request),
        "dropped": False,
    }


def request_of(row: Any) -> Request:
    """The request of a row in `requests`, without the user's commands."""
    facts: Json = from_json(row.facts)
    return Request(
        id=row.id,
        user=row.user_address,
        key=row.key,
        message_id=facts.get("message_id"),
        requester=address_of(facts.get("requester")) or _NOBODY,
        subject=facts.get("subject", ""),
        received_at=row.received_at,
        evidence=facts.get("evidence", ""),
        deadline=deadline_of(facts.get("deadline")),
        urgency=facts.get("urgency"),
        target_group=facts.get("target_group"),
        joint=bool(facts.get("joint")),
        references=tuple(facts.get("references", ())),
        events=tuple(event for found in facts.get("events", ()) if (event := _event_of(found))),
    )


def promise_row(promise: Promise, conversation: str) -> Json:
    """The row of a promise in `promises`; `settled` counts its own end alone, not yet the user's commands."""
    facts = _facts(promise) | {"to": address_json(promise.to)}
    if promise.end:
        facts["end"] = promise.end.value
    if promise.ended_at:
        facts["ended_at"] = moment_json(promise.ended_at)
    if promise.ended_by:
        facts["ended_by"] = promise.ended_by
    return {
        "user_address": promise.user,
        "id": promise.id,
        "key": promise.key,
        "conversation": conversation,
        "made_at": promise.made_at,
        "facts": to_json(facts),
        "settled": promise.end is not None,
        "dropped": False,
    }


def promise_of(row: Any) -> Promise:
    """The promise of a row in `promises`, without the user's commands."""
    facts: Json = from_json(row.facts)
    return Promise(
        id=row.id,
        user=row.user_address,
        key=row.key,
        message_id=facts.get("message_id"),
        to=address_of(facts.get("to")) or _NOBODY,
        subject=facts.get("subject", ""),
        made_at=row.made_at,
        evidence=facts.get("evidence", ""),
        deadline=deadline_of(facts.get("deadline")),
        references=tuple(facts.get("references", ())),
        end=word(PromiseEnd, facts["end"]) if facts.get("end") else None,
        ended_at=moment_of(facts.get("ended_at")),
        ended_by=facts.get("ended_by"),
    )


def command_of(row: Any) -> Command | None:
    """The command of a row in `commands`; None if its verb is of another version."""
    verb = word(Verb, row.verb)
    if verb is None:
        return None
    why = word(Why, row.why) if row.why else None
    return Command(row.user_address, row.item, verb, row.at, row.source, row.until, row.to, row.words or "", why)


def is_settled(request: Request) -> bool:
    """Whether nobody waits any more."""
    return any(settles(event.kind) for event in request.events)


def last_event(request: Request) -> datetime:
    """When anything last happened to a request, its coming included."""
    return max((event.at for event in request.events), default=request.received_at)


def told_request(request: Request, commands: Iterable[Command]) -> Request:
    """The request with the user's commands among its events, none before it was received."""
    events = [
        Event(_EVENT_OF[command.verb], max(command.at, request.received_at), until=command.until)
        for command in commands
        if command.verb in _EVENT_OF
    ]
    return request.with_events(*events) if events else request


def told_promise(promise: Promise, commands: Iterable[Command]) -> Promise:
    """The promise with the end that the user gave it, if that came before any other."""
    for command in sorted(commands, key=lambda one: one.at):
        end = _END_OF.get(command.verb)
        at = max(command.at, promise.made_at)
        if end and (promise.end is None or (promise.ended_at and at < promise.ended_at)):
            promise = replace(promise, end=end, ended_at=at, ended_by=None)
        elif command.verb in (Verb.SNOOZE, Verb.MORE_TIME):
            promise = replace(promise, snoozed_until=command.until)
    return promise
