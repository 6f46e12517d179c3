"""Finds what a reply without its parent's Message-ID answers: by base subject, people and time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from mailwatch.domain.message import Headers, Role
from mailwatch.domain.ordering import sent_about
from mailwatch.domain.people import Address
from mailwatch.domain.subject import Subject

GAP = timedelta(days=14)
"""How long after a message a reply to it may come that does not name it."""

OVERTAKEN = timedelta(hours=12)
"""How long a message may take longer than the reply to it, when they come by different ways."""

SHORT_GAP = timedelta(days=3)
"""The same where nothing but the subject shows it."""

_TELLING_WORDS = 3
_REPEATED_WORDS = 2
PEOPLE_LIMIT = 100
OWNER = ""
"""Stands for the mailbox's owner, who wrote what lies in the sent mailbox and received all the rest."""

_Place = tuple[str, str]
_Seen = tuple[datetime, int]


def pairs(
    headers: Sequence[Headers],
    subjects: Sequence[Subject],
    orphans: Iterable[int],
    is_owner: Callable[[str], bool] | None = None,
) -> Iterator[tuple[int, int]]:
    """Which messages belong together, as pairs of their places in `headers`; mail from programs has no part in it.

    `orphans` are the places of those that name no message which is held; only they are linked. One that is no reply
    or forward by its subject or by naming an unknown message is one only if it goes back, within three days, to
    somebody who began with a message of the same subject to its author, or if its author asks again. One that is
    belongs to the latest message of the same base subject (or of the one that it was changed from) within 14 days
    before it with whose author it has to do: which it goes to and whose recipient it comes from, else which it goes
    to. If there is none, one that went to another address in common will do, if that is not the owner's, for
    everything that is here went to the owner; and within three days any one, if the subject has three words or more.
    Where neither says whom it went to, as in the archive of a list, people cannot tell: then the subject alone does
    for three days, for a message of another author even without a mark of replying, which such archives take away
    too. A reply that overtook its question is found by the question, within twelve hours.

    `is_owner` tells the owner's addresses; without it they are those that wrote what lies in the sent mailbox.
    The time is linear in the messages and their recipients, but for sorting.
    """
    own = _owners(headers, is_owner)
    search = _Search(own)
    without = frozenset(orphans)
    moments = [sent_about(one) for one in headers]
    order = sorted(range(len(headers)), key=lambda at: (moments[at], headers[at].role is Role.SENT, at))
    for at in order:
        mail, subject = headers[at], subjects[at]
        if mail.automatic or not subject.base:
            continue
        marked = subject.reply or subject.forward or bool(subject.was)
        answers = at in without and (marked or bool(mail.ancestors))
        found = search.answered(mail, subject, moments[at]) if answers else None
        if at in without and not answers:
            found = search.returned(mail, subject, moments[at])
            if found is not None and subjects[found].reply:
                found = None
            if found is None:
                found = search.repeated(mail, subject, moments[at])
        if found is None and at in without:
            found = search.without_people(mail, subject, moments[at], answers=answers)
        if found is None and not marked:
            found = search.overtaken(mail, subject, moments[at])
        if found is not None:
            yield at, found
        search.note(mail, subject, (moments[at], at), waits=answers and found is None)


def _owners(headers: Sequence[Headers], is_owner: Callable[[str], bool] | None) -> frozenset[str]:
    own = {mail.author.addr_spec for mail in headers if mail.role is Role.SENT and mail.author}
    if is_owner:
        seen = {address.addr_spec for mail in headers for address in mail.recipients[:PEOPLE_LIMIT]}
        own.update(spec for spec in seen if is_owner(spec))
    return frozenset(own)


class _Search:
    """What was seen of each base subject so far: the latest message from, to and between people."""

    def __init__(self, own: frozenset[str]) -> None:
        self._own = own
        self._between: dict[tuple[str, str, str], _Seen] = {}
        self._wrote: dict[_Place, _Seen] = {}
        self._got: dict[_Place, _Seen] = {}
        self._waiting: dict[_Place, _Seen] = {}
        self._met: set[int] = set()
        self._latest: dict[str, _Seen] = {}
        self._unaddressed: dict[str, tuple[Address | None, _Seen, _Seen | None]] = {}

    def answered(self, mail: Headers, subject: Subject, moment: datetime) -> int | None:
        """The message before this one that it most likely answers."""
        authors, receivers = _authors(mail), _receivers(mail)
        others = [one for one in receivers if one and one not in self._own]
        for base in (subject.base, subject.was):
            if not base:
                continue
            between = [(base, one, other) for one in receivers for other in authors]
            between += [(base, one, other) for one in authors for other in receivers if other != OWNER]
            for found in (
                max((self._between[place] for place in between if place in self._between), default=None),
                max((self._wrote[base, one] for one in receivers if (base, one) in self._wrote), default=None),
                max((self._got[base, one] for one in others if (base, one) in self._got), default=None),
            ):
                if found and moment - found[0] <= GAP:
                    return found[1]
        return None

    def returned(self, mail: Headers, subject: Subject, moment: datetime) -> int | None:
        """The message that a new mail of the same subject goes back for: from whom it goes to, to whom it is from."""
        places = [(subject.base, one, other) for one in _receivers(mail) for other in _authors(mail)]
        found = max((self._between[place] for place in places if place in self._between), default=None)
        return found[1] if found and moment - found[0] <= SHORT_GAP else None

    def repeated(self, mail: Headers, subject: Subject, moment: datetime) -> int | None:
        """The message that its author repeats in a new mail to the same people.

        A reminder says so itself. Else the owner got both and wrote nothing in between, and the subject has two
        words or more: what is asked every week by the same subject is answered every week.
        """
        authors, receivers = _authors(mail), _receivers(mail) - {OWNER}
        if not subject.reminder:
            receivers &= self._own
            if subject.base.count(" ") < _REPEATED_WORDS - 1 or not self._own.isdisjoint(authors):
                return None
        places = [(subject.base, one, other) for one in authors for other in receivers]
        found = max((self._between[place] for place in places if place in self._between), default=None)
        if found is None or moment - found[0] > (GAP if subject.reminder else SHORT_GAP):
            return None
        written = [
            self._wrote[subject.base, one] for one in (OWNER, *self._own) if (subject.base, one) in self._wrote
        ]
        return found[1] if subject.reminder or max(written, default=found) <= found else None

    def without_people(self, mail: Headers, subject: Subject, moment: datetime, *, answers: bool) -> int | None:
        """The latest message of the subject, where nobody in common is needed or can be known."""
        latest = None
        if not mail.recipients and (found := self._unaddressed.get(subject.base)):
            author, last, by_another = found
            latest = last if answers or author != mail.author else by_another
        if latest is None and answers and subject.base.count(" ") >= _TELLING_WORDS - 1:
            latest = self._latest.get(subject.base)
        return latest[1] if latest and moment - latest[0] <= SHORT_GAP else None

    def overtaken(self, mail: Headers, subject: Subject, moment: datetime) -> int | None:
        """A reply that came before this message, and found nothing that it could answer."""
        people = {*_authors(mail), *(one for one in _receivers(mail) if one and one not in self._own)}
        found = max(
            (self._waiting[subject.base, one] for one in people if (subject.base, one) in self._waiting), default=None
        )
        if found is None or found[1] in self._met or moment - found[0] > OVERTAKEN:
            return None
        self._met.add(found[1])
        return found[1]

    def note(self, mail: Headers, subject: Subject, seen: _Seen, *, waits: bool) -> None:
        """Remembers a message; one that `waits` is a reply to something that may still come."""
        base, authors, receivers = subject.base, _authors(mail), _receivers(mail)
        self._latest[base] = seen
        if not mail.recipients:
            author, last, by_another = self._unaddressed.get(base, (mail.author, None, None))
            self._unaddressed[base] = mail.author, seen, by_another if author == mail.author else last
        for one in authors:
            self._wrote[base, one] = seen
        for other in receivers:
            self._got[base, other] = seen
            for one in authors:
                self._between[base, one, other] = seen
            if waits:
                self._waiting[base, other] = seen


def _authors(headers: Headers) -> tuple[str, ...]:
    own = (OWNER,) if headers.role is Role.SENT else ()
    return (*own, headers.author.addr_spec) if headers.author else own


def _receivers(headers: Headers) -> set[str]:
    own = () if headers.role is Role.SENT else (OWNER,)
    return {*own, *(address.addr_spec for address in headers.recipients[:PEOPLE_LIMIT])}
