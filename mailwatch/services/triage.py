"""Triage: turns the messages that a sync brought into requests, promises and what happened to them."""

from __future__ import annotations

from mailwatch.domain import conversation, fulfilment, turns
from mailwatch.domain.candidate import is_aside
from mailwatch.domain.message import Message
from mailwatch.domain.people import Directory
from mailwatch.domain.policy import Policy
from mailwatch.domain.promise import Promise
from mailwatch.domain.request import Request
from mailwatch.ports import Ledger


def triage(ledger: Ledger, policy: Policy, directory: Directory) -> int:
    """Follows every conversation that a new message belongs to, afresh and as a whole; how many it followed.

    One of nothing but the user's replies to outsiders is forgotten: no coworker can have got one by a Reply-To.
    """
    user = policy.user.address.addr_spec
    fresh = ledger.untriaged(user)
    if not fresh:
        return 0
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
