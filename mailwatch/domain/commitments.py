"""Promises while a conversation is read: how the user's own mail opens, keeps and renegotiates them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

from mailwatch.domain.addressing import person, spoken_to
from mailwatch.domain.command import Word
from mailwatch.domain.identifying import promise_id, reply_chain
from mailwatch.domain.message import Headers, Message
from mailwatch.domain.people import Address, Directory
from mailwatch.domain.policy import Policy
from mailwatch.domain.promise import Promise, PromiseEnd
from mailwatch.domain.reading import Deadline, Reading, ReplyKind
from mailwatch.domain.replying import what_reply

_HOLDS = frozenset({ReplyKind.ACKNOWLEDGEMENT, ReplyKind.RENEGOTIATION})
_NOT_YET = _HOLDS | {ReplyKind.QUESTION, ReplyKind.THANKS}
_NOT_ANY_MORE = frozenset({ReplyKind.DECLINE, ReplyKind.REDIRECT})


class Commitments:
    """The promises of one user in one conversation; towards a person one is open at most."""

    def __init__(self, policy: Policy, directory: Directory, told: Mapping[str, Word]) -> None:
        self._policy, self._directory, self._told = policy, directory, told
        self._open: dict[str, Promise] = {}
        self._ended: list[Promise] = []

    def all(self) -> tuple[Promise, ...]:
        """Every promise, the earliest first."""
        return tuple(sorted((*self._ended, *self._open.values()), key=lambda one: (one.made_at, one.key)))

    def hear_user(self, at: datetime, message: Message, waiting: Collection[str]) -> None:
        """Lets the user's own message end the promises to those to whom it speaks, and make a new one.

        `waiting` are the requesters with open requests to whom it speaks: a promise is made to them first.
        """
        new = self._promise(at, message, waiting)
        for one in spoken_to(message, self._open, self._directory):
            anew = new if new and person(new.to) == one else None
            end = _end(self._open[one], anew, message.reading)
            if end and (anew or not self._is_open_still(self._open[one], at)):
                self._end(one, end, at, message)
        if new:
            # What is promised again without a new date is the same promise.
            self._open.setdefault(person(new.to), new)

    def hear_coworker(self, at: datetime, message: Message, author: Address) -> None:
        """Lets a coworker release the user from a promise by withdrawing what was asked."""
        held = self._open.get(person(author))
        if held and message.reading.withdrawal and not self._is_open_still(held, at):
            self._end(person(author), PromiseEnd.WITHDRAWN, at, message)

    def _is_open_still(self, promise: Promise, at: datetime) -> bool:
        """Whether the user said after this moment that a promise is open."""
        reopened = self._told.get(promise.id, Word()).reopened
        return reopened is not None and at <= reopened

    def _end(self, to: str, end: PromiseEnd, at: datetime, message: Message) -> None:
        promise = self._open.pop(to)
        self._ended.append(replace(promise, end=end, ended_at=at, ended_by=message.headers.message_id))

    def _promise(self, at: datetime, message: Message, waiting: Collection[str]) -> Promise | None:
        headers, reading = message.headers, message.reading
        to = self._to(headers, waiting)
        if to is None:
            return None
        deadline = reading.promise_deadline or (_put_off_to(reading) if person(to) in waiting else None)
        if not reading.promise:
            # Another day for a lunch that nobody was promised is a proposal.
            owed = person(to) in waiting or person(to) in self._open
            if not (owed and deadline and _puts_off(reading)):
                return None
        if deadline is None and person(to) in waiting and _puts_off(reading):
            # The request that is acknowledged stays open and says all that a promise without a date could say.
            return None
        user = self._policy.user.address.addr_spec
        evidence = (reading.promise.evidence or reading.holding.evidence) if self._policy.keep_evidence else None
        return Promise(
            id=promise_id(user, headers.key),
            user=user,
            key=headers.key,
            message_id=headers.message_id,
            to=to,
            subject=headers.subject,
            made_at=at,
            evidence=evidence.words if evidence else "",
            deadline=deadline,
            references=reply_chain(headers),
        )

    def _to(self, headers: Headers, waiting: Collection[str]) -> Address | None:
        """Whom a message promises something: a requester in To, else the first coworker or known group there."""
        groups, user = self._directory.groups, self._policy.user
        people = [
            one
            for one in headers.to
            if (one.addr_spec in groups or self._directory.is_coworker(one.addr_spec))
            and not user.is_me(one.addr_spec)
        ]
        return next((one for one in people if person(one) in waiting), people[0] if people else None)


def _put_off_to(reading: Reading) -> Deadline | None:
    """The date to which somebody who waits is put off; one in what the user asks of them in turn is theirs."""
    return reading.request_deadline if _puts_off(reading) and not reading.request else None


def _puts_off(reading: Reading) -> bool:
    """Whether the message only puts the reader off, so that a date in it is that of the answer."""
    return what_reply(reading) in _HOLDS


def _end(old: Promise, new: Promise | None, reading: Reading) -> PromiseEnd | None:
    """How the user's message ends a promise to somebody whom it reaches; None if it stays open."""
    if new and new.deadline:
        moved = old.deadline is None or str(new.deadline) != str(old.deadline)
        return PromiseEnd.RENEGOTIATED if moved else None
    reply = what_reply(reading)
    if reply in _NOT_ANY_MORE:
        return PromiseEnd.RENEGOTIATED
    return None if reply in _NOT_YET else PromiseEnd.KEPT
