"""A request while its conversation is read: what is known of it until something settles it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from mailwatch.domain.message import Headers, Message
from mailwatch.domain.ordering import ancestors
from mailwatch.domain.people import Address
from mailwatch.domain.request import Event, EventKind, Request

ON_ITS_WAY = timedelta(hours=1)
"""So long a mail may be on its way for its Date to tell that it crossed another; else a clock may be wrong."""


@dataclass(slots=True)
class OpenRequest:
    """A request and its events so far; `asked` are the persons and groups that it was put to in To.

    `asks` are the Message-IDs of what asked for it and chased it, `reach` the persons to whom a reply to its
    requester goes.
    """

    request: Request
    asks: set[str] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)
    reach: set[str] = field(default_factory=set)
    events: list[Event] = field(default_factory=list)
    asked_back: bool = False
    asks_to_do: bool = False

    def done(self) -> Request:
        """The request with its events."""
        return replace(self.request, events=tuple(self.events))

    def note(self, kind: EventKind, at: datetime, message: Message, by: Address) -> None:
        """Adds what a message did to it."""
        self.events.append(Event(kind, at, message.headers.message_id, by))
        if kind is not EventKind.ACKNOWLEDGED:
            # "I'm on it" does not take a question back that the requester has not answered yet.
            self.asked_back = kind is EventKind.ASKED_BACK

    def was_crossed_by(self, headers: Headers) -> bool:
        """Whether a message was on its way while this was settled: it answers the ask, and not what settled it."""
        sent, names = headers.sent_at, ancestors(headers)
        if sent is None or headers.received_at - sent > ON_ITS_WAY or self.asks.isdisjoint(names):
            return False
        return bool(self.events) and sent < self.events[-1].at and self.events[-1].message_id not in names
