"""The order of messages in time: each once, and an answer never before what it answers, whatever the clocks say."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from mailwatch.domain.message import Headers, Message, Role
from mailwatch.domain.reading import NOTHING_READ

# Of a list of thousands of Message-IDs only the nearest and the root tell anything.
NEAREST = 50
FURTHEST = 10

HELD_UP = timedelta(days=7)
FAST = timedelta(minutes=5)
"""A Date so long before the receive time, or after it, may be true."""


def ancestors(headers: Headers) -> tuple[str, ...]:
    """The Message-IDs that a message answers, nearest first, each once, and no more than 70 of them."""
    nearest, root = headers.references[-NEAREST:], headers.references[:FURTHEST]
    return tuple(dict.fromkeys((*headers.in_reply_to[:FURTHEST], *reversed(nearest), *root)))


def written_at(headers: Headers) -> datetime:
    """When a message took its place in time: the server's receive time, never the sender's claim.

    A message in the sent mailbox is the user's own, and its receive time may be that of a later move or
    restore, so the earlier of its two times counts.
    """
    if headers.role is Role.SENT and headers.sent_at is not None:
        return min(headers.sent_at, headers.received_at)
    return headers.received_at


def sent_about(headers: Headers) -> datetime:
    """When a message was sent, for what its author says of time: its Date, if the mail can have taken so long.

    It may have been held up for a week, and the author's clock may be fast by a few minutes.
    """
    received, sent = written_at(headers), headers.sent_at
    return sent if sent and -FAST <= received - sent <= HELD_UP else received


def each_once(messages: Iterable[Message]) -> list[Message]:
    """One copy of each message, whatever order they come in; a copy from the sent mailbox wins."""
    best: dict[str, Message] = {}
    for message in messages:
        key = message.headers.key
        held = best.get(key)
        if held is None:
            best[key] = message
            continue
        first, second = sorted((held, message), key=_preference)
        if first.reading == NOTHING_READ:
            first = replace(first, reading=second.reading)
        best[key] = first
    return [best[key] for key in sorted(best)]


def _preference(message: Message) -> tuple[object, ...]:
    headers = message.headers
    unread = message.reading == NOTHING_READ
    return headers.role is not Role.SENT, headers.received_at, unread, headers.role.value, headers.provider_id


def in_order(messages: Sequence[Message]) -> list[tuple[datetime, Message]]:
    """Messages, each given once, in order of time, with the time that counts (UTC).

    What a message names as its ancestor came before it, so a message takes at least the time of the latest
    ancestor among those given: a clock that is slow cannot put an answer before its question. Ancestors that
    go round in a circle are lies, and are not believed.
    """
    places = _places(messages)
    children: list[list[int]] = [[] for _ in messages]
    missing = [0] * len(messages)
    for at, message in enumerate(messages):
        for parent in {places[name] for name in ancestors(message.headers) if name in places} - {at}:
            children[parent].append(at)
            missing[at] += 1
    # `steps` counts how many messages in a row had to take over the time of the one they answer.
    when = [(written_at(message.headers), 0) for message in messages]
    latest: list[tuple[datetime, int] | None] = [None] * len(messages)
    ready = deque(at for at, count in enumerate(missing) if count == 0)
    while ready:
        at = ready.popleft()
        after = latest[at]
        if after is not None and when[at] <= after:
            when[at] = (after[0], after[1] + 1)
        for child in children[at]:
            known = latest[child]
            latest[child] = when[at] if known is None else max(known, when[at])
            missing[child] -= 1
            if missing[child] == 0:
                ready.append(child)
    order = sorted(range(len(messages)), key=lambda at: (*when[at], *_tie(messages[at].headers)))
    return [(when[at][0], messages[at]) for at in order]


def _places(messages: Sequence[Message]) -> dict[str, int]:
    """Which message bears a Message-ID; one that several bear names none of them."""
    places: dict[str, int] = {}
    reused: set[str] = set()
    for at, message in enumerate(messages):
        name = message.headers.message_id
        if name and places.setdefault(name, at) != at:
            reused.add(name)
    return {name: at for name, at in places.items() if name not in reused}


def _tie(headers: Headers) -> tuple[bool, str]:
    # At the same moment the user's own mail is the later one: it may answer, and cannot be answered yet.
    return headers.role is Role.SENT, headers.key
