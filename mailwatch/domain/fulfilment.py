"""Finds which new mail of the user brings what they were asked for or have promised, by the words of its subject."""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from mailwatch.domain.addressing import by_user, person
from mailwatch.domain.message import Message
from mailwatch.domain.ordering import written_at
from mailwatch.domain.people import User
from mailwatch.domain.reading import Finding
from mailwatch.domain.subject import Subject, read_subject
from mailwatch.domain.workcalendar import shifted

GAP = timedelta(days=14)
"""How long after a request, a promise or its due day a new mail may bring what it was about."""

LONGEST = timedelta(days=60)
"""How long after what is owed was asked or promised it is looked for at all."""

OWED_LIMIT = 20
"""So many of the latest things owed to one person are compared."""

PROMISED, ASKED = 1, 2
"""So many telling words are enough for what the user promised, and for what they were only asked."""

_WORD = re.compile(r"[^\W_]+")
_LONG, _TELLING, _SHORT = 5, 4, 3
_ENDING = 2
"""By so many letters a word may be longer than another and still be a form of it."""


@dataclass(frozen=True, slots=True)
class _Owed:
    """A message that asks the user for something, or in which they promise it, and the words that it is told by."""

    at: int
    moment: datetime
    until: datetime
    words: frozenset[str]
    enough: int


def fulfilments(
    messages: Sequence[Message], subjects: Sequence[Subject], fresh: Iterable[int], user: User
) -> Iterator[tuple[int, int]]:
    """Which of the user's `fresh` mails bring what is owed, as pairs of places in `messages`.

    Such a mail goes to whom it is owed, asks nothing itself, and comes within 14 days of the ask or the due day. All
    long words of its subject stand in the subject or in the evidence of the message by which it is owed, or most of
    its telling ones and two at least. Mail from programs has no part in it.
    """
    candidates = frozenset(fresh)
    owed: defaultdict[str, deque[_Owed]] = defaultdict(lambda: deque(maxlen=OWED_LIMIT))
    moments = [written_at(one.headers) for one in messages]
    for at in sorted(range(len(messages)), key=lambda at: (moments[at], at)):
        message, subject, moment = messages[at], subjects[at], moments[at]
        headers = message.headers
        if headers.automatic:
            continue
        own = by_user(headers, user)
        if at in candidates and _may_fulfil(message, subject, user):
            words = [word for word in _WORD.findall(subject.base.casefold()) if len(word) >= _SHORT or word.isdigit()]
            found = [
                one for to in headers.to for one in owed[person(to)] if moment <= one.until and _tell_of(words, one)
            ]
            if found:
                yield at, max(found, key=lambda one: (one.moment, one.at)).at
        if own and message.reading.promise:
            for to in headers.to:
                owed[person(to)].append(_promised(at, moment, message, subject))
        elif not own and message.reading.request and headers.author:
            asked = _words(subject, message.reading.request)
            owed[person(headers.author)].append(_Owed(at, moment, shifted(moment, GAP), asked, ASKED))


def owed_since(fresh: Iterable[Message], user: User) -> datetime | None:
    """Since when that is owed which some new messages may bring; None if none of them can bring anything."""
    bringing = [
        written_at(message.headers)
        for message in fresh
        if _may_fulfil(message, read_subject(message.headers.subject), user)
    ]
    return shifted(min(bringing), -LONGEST) if bringing else None


def _may_fulfil(message: Message, subject: Subject, user: User) -> bool:
    """Whether it can bring what is owed: the user's own new mail with a subject, which asks for nothing."""
    marked = subject.reply or subject.forward or subject.was or subject.reminder
    return by_user(message.headers, user) and not marked and bool(subject.base) and not message.reading.request


def _promised(at: int, moment: datetime, message: Message, subject: Subject) -> _Owed:
    due = message.reading.promise_deadline
    until = max(moment, datetime.combine(due.day, time.min, UTC)) if due else moment
    until = min(shifted(until, GAP), shifted(moment, LONGEST))
    return _Owed(at, moment, until, _words(subject, message.reading.promise), PROMISED)


def _words(subject: Subject, found: Finding) -> frozenset[str]:
    said = found.evidence.words if found.evidence else ""
    return frozenset(_WORD.findall(f"{subject.base} {said}".casefold()))


def _tell_of(words: Sequence[str], owed: _Owed) -> bool:
    """Whether the words of a subject tell of what is owed: all long ones and numbers, or most of the telling ones."""
    common = {word for word in words if _stands_in(word, owed.words)}
    long = [word for word in words if len(word) >= _LONG or word.isdigit()]
    telling = [word for word in words if not long or len(word) >= _TELLING or word.isdigit()]
    count = sum([word in common for word in telling])
    if common.issuperset(long or words):
        return count >= owed.enough
    return count >= ASKED and count * 2 > len(telling)


def _stands_in(word: str, words: frozenset[str]) -> bool:
    """Whether a word, or another form of it, is among others: Diagramm, Diagramme."""
    if word in words:
        return True
    return len(word) >= _LONG and any(
        abs(len(one) - len(word)) <= _ENDING and (one.startswith(word) or word.startswith(one))
        for one in words
        if len(one) >= _LONG
    )
