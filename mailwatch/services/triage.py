"""Triage: turns the messages that a sync brought into requests, promises and what happened to them."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from mailwatch.domain import conversation, fulfilment, turns
from mailwatch.domain.candidate import is_aside
from mailwatch.domain.fault import NOT_OF_A_MESSAGE, sentence_of
from mailwatch.domain.message import Message
from mailwatch.domain.people import Directory
from mailwatch.domain.policy import Policy
from mailwatch.domain.promise import Promise
from mailwatch.domain.request import Request
from mailwatch.ports import Ledger

log = logging.getLogger("mailwatch")


def triage(ledger: Ledger, policy: Policy, directory: Directory, now: datetime) -> int:
    """Follows every conversation that a new message belongs to, afresh and as a whole; how often it followed one.

    One of nothing but the user's replies to outsiders is forgotten: no coworker can have got one by a Reply-To.
    A message with which its conversation cannot be followed is set aside, and the conversation stays as it was.
    """
    fresh = ledger.untriaged(policy.user.address.addr_spec)
    return _triage(ledger, policy, directory, now, fresh) if fresh else 0


def _triage(ledger: Ledger, policy: Policy, directory: Directory, now: datetime, fresh: Sequence[Message]) -> int:
    """Follows what some new messages belong to; where that fails, what each half of them belongs to, down to one."""
    try:
        return _follow(ledger, policy, directory, fresh)
    except NOT_OF_A_MESSAGE:
        raise
    except Exception as error:
        if len(fresh) == 1:
            user = policy.user.address.addr_spec
            ledger.put_aside(user, fresh[0].headers.key, sentence_of(error), now)
            log.warning("%s: a message cannot be followed and is set aside: %s", user, sentence_of(error))
            return 0
    half = len(fresh) // 2
    return sum(_triage(ledger, policy, directory, now, some) for some in (fresh[:half], fresh[half:]))


def _follow(ledger: Ledger, policy: Policy, directory: Directory, fresh: Sequence[Message]) -> int:
    user = policy.user.address.addr_spec
    mentioned = {name for message in fresh for name in _message_ids(message)}
    subjects = {one for message in fresh for one in conversation.subjects(message.headers)}
    owed_since = fulfilment.owed_since(fresh, policy.user)
    messages = {m.headers.key: m for m in (*ledger.neighbours(user, mentioned, subjects, owed_since), *fresh)}
    followed: list[tuple[str, tuple[str, ...]]] = []
    requests: list[Request] = []
    promises: list[Promise] = []
    told = ledger.words_of_user(user)
    forgotten: list[str] = []
    for one in conversation.link(tuple(messages.values()), policy.user):
        if all(is_aside(message, policy, directory) for message in one.messages):
            forgotten += (message.headers.key for message in one.messages)
            continue
        asked, promised = turns.follow(one, policy, directory, told=told)
        followed.append((one.id, tuple(m.headers.key for m in one.messages)))
        requests += asked
        promises += promised
    ledger.save_triage(user, followed, requests, promises, forgotten)
    return len(followed)


def _message_ids(message: Message) -> tuple[str, ...]:
    own = message.headers.message_id
    return (*message.headers.ancestors, own) if own else message.headers.ancestors
