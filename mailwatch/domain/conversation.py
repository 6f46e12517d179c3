"""Conversations: which messages answer each other, by their headers, else by subject, people and time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mailwatch.domain.fulfilment import fulfilments
from mailwatch.domain.message import Headers, Message
from mailwatch.domain.namesakes import PEOPLE_LIMIT, pairs
from mailwatch.domain.ordering import ancestors, each_once, in_order
from mailwatch.domain.people import Address, User
from mailwatch.domain.subject import Subject, base_subject, read_subject

__all__ = ["Conversation", "base_subject", "link", "subjects"]


@dataclass(frozen=True, slots=True)
class Conversation:
    """Messages that answer each other, each once, in order of time; `id` is the key of the earliest."""

    id: str
    messages: tuple[Message, ...]


def link(messages: Sequence[Message], user: User | None = None) -> tuple[Conversation, ...]:
    """Sorts the messages of a user into conversations; the order in which they are given does not matter.

    Two messages belong together if one names the other in In-Reply-To or References, or both name the same
    third one, held or not. A reply that names none that is held goes by base subject, people and time; that all
    messages went to the user is then no sign of anything. A new mail of the user goes to what its subject tells that
    it brings. A program's mail stays alone and joins nobody.
    """
    once = each_once(messages)
    marks = [read_subject(message.headers.subject) for message in once]
    forest = _Forest(len(once))
    people = [at for at, message in enumerate(once) if not message.headers.automatic]
    orphans = _link_by_names(once, marks, people, forest)
    for at, other in pairs([message.headers for message in once], marks, orphans, user.is_me if user else None):
        forest.join(at, other)
        orphans.discard(at)
    if user:
        for at, other in fulfilments(once, marks, orphans, user):
            forest.join(at, other)
    members: defaultdict[int, list[Message]] = defaultdict(list)
    for at, message in enumerate(once):
        members[forest.root(at)].append(message)
    found = [in_order(some) for some in members.values()]
    found.sort(key=lambda some: (some[0][0], some[0][1].headers.key))
    return tuple(Conversation(some[0][1].headers.key, tuple(message for _, message in some)) for some in found)


def subjects(headers: Headers) -> tuple[str, str]:
    """The base subjects of what a message can belong to: its own, and the one that it was changed from or ""."""
    found = read_subject(headers.subject)
    return found.base, found.was


class _Forest:
    """Disjoint sets of messages (union by path halving)."""

    def __init__(self, size: int) -> None:
        self._parent = list(range(size))

    def root(self, at: int) -> int:
        parent = self._parent
        while parent[at] != at:
            parent[at] = parent[parent[at]]
            at = parent[at]
        return at

    def join(self, one: int, other: int) -> None:
        one, other = self.root(one), self.root(other)
        self._parent[max(one, other)] = min(one, other)


def _link_by_names(
    messages: Sequence[Message], subjects: Sequence[Subject], people: Sequence[int], forest: _Forest
) -> set[int]:
    """Joins what names each other; returns the messages that name none that is held."""
    bearers: defaultdict[str, list[int]] = defaultdict(list)
    for at in people:
        if name := messages[at].headers.message_id:
            bearers[name].append(at)
    # Some programs use a Message-ID again and again: then it counts only together with subject and author.
    doubtful: dict[tuple[str, str, str], int] = {}
    for name, some in bearers.items():
        if len(some) > 1:
            for at in some:
                mark = (name, subjects[at].base, _author(messages[at].headers))
                forest.join(at, doubtful.setdefault(mark, at))
    strangers: dict[str, int] = {}
    orphans: set[int] = set()
    for at in people:
        headers = messages[at].headers
        named = False
        for name in ancestors(headers):
            held = bearers.get(name, ())
            if len(held) > 1:
                marks = ((name, subjects[at].base, address.addr_spec) for address in _everyone(headers))
                found = {doubtful[mark] for mark in marks if mark in doubtful}
            elif held:
                found = set(held) - {at}
            else:
                found = set()
                if _is_name(name, headers):
                    forest.join(at, strangers.setdefault(name, at))
            for other in found:
                named = True
                forest.join(at, other)
        if not named:
            orphans.add(at)
    return orphans


def _is_name(name: str, headers: Headers) -> bool:
    """Whether it can be the Message-ID of a message not held: old programs wrote words or an address there."""
    if "@" not in name or len(name) > 998 or any(sign.isspace() for sign in name):
        return False
    return name.lower() not in {address.addr_spec for address in _everyone(headers)}


def _author(headers: Headers) -> str:
    return headers.author.addr_spec if headers.author else ""


def _everyone(headers: Headers) -> Iterator[Address]:
    if headers.author:
        yield headers.author
    yield from headers.reply_to[:PEOPLE_LIMIT]
    yield from headers.recipients[:PEOPLE_LIMIT]
