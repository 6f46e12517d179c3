"""What a reply does to a request: the user's own, and a colleague's."""

from __future__ import annotations

from collections.abc import Collection

from mailwatch.domain.addressing import person
from mailwatch.domain.message import Message
from mailwatch.domain.people import Directory, User
from mailwatch.domain.reading import Reading, ReplyKind
from mailwatch.domain.request import EventKind
from mailwatch.domain.subject import read_subject

_BY_REPLY = {
    ReplyKind.ANSWER: EventKind.ANSWERED,
    ReplyKind.ACKNOWLEDGEMENT: EventKind.ACKNOWLEDGED,
    ReplyKind.QUESTION: EventKind.ASKED_BACK,
    ReplyKind.DECLINE: EventKind.ANSWERED,
    ReplyKind.REDIRECT: EventKind.DELEGATED,
    ReplyKind.RENEGOTIATION: EventKind.ACKNOWLEDGED,
    ReplyKind.THANKS: EventKind.ACKNOWLEDGED,
    ReplyKind.WITHDRAWAL: EventKind.ANSWERED,
}
SETTLING = frozenset({EventKind.ANSWERED, EventKind.DELEGATED})


def what_reply(reading: Reading) -> ReplyKind:
    """What a message is as a reply, with all that was read of it taken together.

    An "answer" that holds back is an acknowledgement; thanks around a question are the question's; who declines
    one date and promises or offers another renegotiates.
    """
    reply = reading.reply
    if reply is ReplyKind.ANSWER and reading.holding:
        return ReplyKind.ACKNOWLEDGEMENT
    if reply is ReplyKind.THANKS and reading.request:
        return ReplyKind.QUESTION
    if reply is ReplyKind.DECLINE and reading.promise_deadline:
        return ReplyKind.RENEGOTIATION
    return reply


def reply_of_user(
    message: Message, requester: Collection[str], user: User, directory: Directory, known: Collection[str]
) -> EventKind:
    """What the user's message is to one requester whom it reaches; `known` took part in the conversation before.

    `requester` are the persons to whom a reply to the requester goes: themselves, and whom their Reply-To names. The
    request is handed over by a forward to a colleague, or by putting somebody new into To and the requester into Cc.
    """
    to, kind = message.headers.to, _BY_REPLY[what_reply(message.reading)]
    colleagues = [
        person(one)
        for one in to
        if person(one) not in requester and directory.is_coworker(one.addr_spec) and not user.is_me(one.addr_spec)
    ]
    if not colleagues:
        return kind
    if read_subject(message.headers.subject).forward:
        return EventKind.DELEGATED
    if all(person(one) not in requester for one in to):
        if any(one not in known for one in colleagues):
            return EventKind.DELEGATED
        if kind is EventKind.ASKED_BACK:
            # The question is put to a colleague; the requester only sees that somebody is at it.
            return EventKind.ACKNOWLEDGED
    return kind


def colleague_takes_it(reading: Reading) -> bool:
    """Whether a colleague's reply means that somebody has it: not if they decline, thank, or point at the user."""
    reply = what_reply(reading)
    if reply in (ReplyKind.REDIRECT, ReplyKind.QUESTION) and reading.names_reader:
        return False
    return not reading.points_at_reader and reply not in (ReplyKind.DECLINE, ReplyKind.THANKS)
