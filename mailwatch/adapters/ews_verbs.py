"""Replies that left no copy in the sent items: what Exchange notes on a message when it is replied to.

The notes are MAPI properties (MS-OXOMSG 2.2.1.51 and 52): the last verb, and its time. They tell that a reply went
out, and neither to whom nor what it said.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from mailwatch.domain.message import Headers, Role, Text
from mailwatch.domain.people import Address
from mailwatch.domain.reading import ReplyKind

VERB, VERB_TIME, IN_REPLY_TO = "0x1081", "0x1082", "0x1042"
_REPLIES = frozenset({"102", "103"})  # to the sender, to all; 104 is a forward, which the sender does not see
_MARK = "replied"


def replied_id(verb: str | None, at: datetime | None, id: str) -> str | None:
    """The id of the stand-in for a reply to a message, if the last verb is one."""
    if verb is None or verb.strip() not in _REPLIES or at is None:
        return None
    return f"{_MARK} {at.isoformat()} {id}"


def replied_to(provider_id: str) -> tuple[datetime, str] | None:
    """When a reply was made, and to which message; None if the id is not that of a stand-in."""
    mark, _, rest = provider_id.partition(" ")
    at, _, id = rest.partition(" ")
    return (datetime.fromisoformat(at), id) if mark == _MARK else None


def apart(ids: Sequence[str]) -> tuple[list[str], dict[str, tuple[str, datetime]]]:
    """The ids of messages, and for each message that was replied to the id of the stand-in and the time."""
    stand_ins = {found[1]: (each, found[0]) for each in ids if (found := replied_to(each))}
    return [each for each in ids if replied_to(each) is None], stand_ins


def stand_in(asked: Headers, provider_id: str, at: datetime, user: str) -> Headers | None:
    """What is known of a reply to a message; None if nobody could be told that it is one."""
    if asked.author is None or asked.message_id is None or asked.automatic:
        return None
    return Headers(
        provider_id=provider_id,
        received_at=at,
        sent_at=at,
        role=Role.SENT,
        in_reply_to=(asked.message_id,),
        references=(*asked.references, asked.message_id),
        author=Address(user),
        to=asked.reply_to or (asked.author,),
        subject=asked.subject if asked.subject.lower().startswith("re:") else f"Re: {asked.subject}",
    )


def unknown_words(provider_id: str) -> Text:
    """The text of a stand-in: none, and that it holds as an acknowledgement."""
    return Text(provider_id, "", reply=ReplyKind.ACKNOWLEDGEMENT)
