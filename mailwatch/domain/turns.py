"""Whose turn it is: follows a conversation from its messages to requests, promises and what happened to them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, time

from mailwatch.domain.addressing import NOT_READ, Addressed, by_user, how_addressed, person, reached, spoken_to
from mailwatch.domain.command import Word
from mailwatch.domain.commitments import Commitments
from mailwatch.domain.conversation import Conversation
from mailwatch.domain.identifying import promise_id, reply_chain, request_id
from mailwatch.domain.message import Headers, Message
from mailwatch.domain.openrequest import OpenRequest
from mailwatch.domain.ordering import each_once, in_order
from mailwatch.domain.people import Address, Directory
from mailwatch.domain.policy import Policy
from mailwatch.domain.promise import Promise
from mailwatch.domain.reading import Deadline
from mailwatch.domain.replying import SETTLING, colleague_takes_it, reply_of_user
from mailwatch.domain.request import EventKind, Request
from mailwatch.domain.samepeople import same_people
from mailwatch.domain.subject import read_subject

__all__ = ["follow", "promise_id", "request_id"]


def follow(
    conversation: Conversation,
    policy: Policy,
    directory: Directory,
    *,
    told: Mapping[str, Word] | None = None,
) -> tuple[tuple[Request, ...], tuple[Promise, ...]]:
    """The requests and promises of one user in a conversation, in order of time, with their events.

    `told` is the user's own word on items, by their id: what a requester asks after the user settled a request is a
    new one and not a chaser, and no message settles what the user opened again after it.
    """
    requests = _Requests(policy, directory, told or {}, _same_people(conversation, policy, directory))
    promises = Commitments(policy, directory, told or {})
    seen: set[tuple[str, datetime, str]] = set()
    for at, message in in_order(each_once(conversation.messages)):
        headers = message.headers
        if headers.automatic or headers.role in NOT_READ:
            continue
        if headers.message_id and headers.sent_at:
            # A list may have changed the subject of a further copy, and so its key.
            copy = (headers.message_id, headers.sent_at, headers.author.addr_spec if headers.author else "")
            if copy in seen:
                continue
            seen.add(copy)
        if by_user(headers, policy.user):
            waiting = requests.hear_user(at, message)
            promises.hear_user(at, message, waiting)
        elif headers.author and directory.is_coworker(headers.author.addr_spec):
            requests.hear_coworker(at, message, headers.author)
            promises.hear_coworker(at, message, headers.author)
        requests.meet(headers)
    return requests.all(), promises.all()


def _same_people(conversation: Conversation, policy: Policy, directory: Directory) -> Mapping[str, frozenset[str]]:
    return same_people(
        (one.headers for one in conversation.messages if not one.headers.automatic),
        lambda one: directory.is_coworker(one) and not policy.user.is_me(one),
    )


class _Requests:
    """The requests to one user while a conversation is read in order of time; a requester has one open at most."""

    def __init__(
        self, policy: Policy, directory: Directory, told: Mapping[str, Word], same: Mapping[str, frozenset[str]]
    ) -> None:
        self._policy, self._directory, self._told, self._same = policy, directory, told, same
        self._open: dict[str, OpenRequest] = {}
        self._by_address: dict[str, dict[str, None]] = {}
        self._closed: list[Request] = []
        self._settled: dict[str, OpenRequest] = {}
        self._known: set[str] = set()

    def all(self) -> tuple[Request, ...]:
        """Every request, the earliest first."""
        found = [*self._closed, *(held.done() for held in self._open.values())]
        return tuple(sorted(found, key=lambda request: (request.received_at, request.key)))

    def meet(self, headers: Headers) -> None:
        """Remembers who has taken part in the conversation so far; a forward alone brings nobody into it."""
        if not read_subject(headers.subject).forward:
            self._known.update(person(a) for a in (headers.author, *headers.recipients) if a)

    def hear_user(self, at: datetime, message: Message) -> tuple[str, ...]:
        """Lets the user's own message answer the requesters who wait and to whom it speaks; returns them.

        Who asked a question and is told a time has their answer, and is not returned; who asked to have something
        done knows by when it will be.
        """
        spoken = spoken_to(message, self._by_address, self._directory)
        waiting = self._requesters(at, (*spoken, *self._whose_ask_it_answers(message)))
        self._pass_on(at, message.headers)
        by = message.headers.author or self._policy.user.address
        told_a_time: list[str] = []
        for requester in waiting:
            held = self._open[requester]
            kind = reply_of_user(message, held.reach, self._policy.user, self._directory, self._known)
            if message.reading.only_a_time and not held.asks_to_do and kind is EventKind.ACKNOWLEDGED:
                kind = EventKind.ANSWERED
                told_a_time.append(requester)
            if kind in SETTLING and self._is_open_still(held, at):
                kind = EventKind.ACKNOWLEDGED
            held.note(kind, at, message, by)
            if kind in SETTLING:
                self._close(requester)
        return tuple(one for one in waiting if one not in told_a_time)

    def _whose_ask_it_answers(self, message: Message) -> Iterator[str]:
        """Those of whom it reaches whose own ask or chaser it replies to, unless it calls others by name."""
        if message.reading.calls_others:
            return
        names = message.headers.in_reply_to
        for one in reached(message.headers.recipients, self._by_address, self._directory):
            if any(not self._open[requester].asks.isdisjoint(names) for requester in self._by_address[one]):
                yield one

    def _pass_on(self, at: datetime, headers: Headers) -> None:
        """Lets those to whom the user forwards the conversation answer what it asks, as if they had been asked."""
        if read_subject(headers.subject).forward:
            for requester in tuple(self._open):
                if held := self._held(requester, at):
                    held.asked.update(person(one) for one in headers.to)

    def hear_coworker(self, at: datetime, message: Message, author: Address) -> None:
        """Lets a coworker's message settle what others asked, then ask, chase, tell or withdraw in its own right."""
        reading, asker = message.reading, self._one(author)
        if colleague_takes_it(reading):
            addresses = reached(message.headers.recipients, self._by_address, self._directory)
            for requester in self._requesters(at, addresses):
                held = self._open[requester]
                if requester != asker and self._was_asked(author, held) and not self._is_open_still(held, at):
                    held.note(EventKind.ANSWERED_BY_COLLEAGUE, at, message, author)
                    self._close(requester)
        own = self._held(asker, at)
        asks = self._asks(message)
        if own is None:
            settled = self._settled.get(asker)
            if asks and not (settled and settled.was_crossed_by(message.headers)):
                self._open_request(message, author)
        elif reading.withdrawal and not self._is_open_still(own, at):
            own.note(EventKind.WITHDRAWN, at, message, author)
            self._close(asker)
            if asks and reading.request.score > reading.withdrawal.score:
                self._open_request(message, author)
        elif own.asked_back:
            own.note(EventKind.TOLD, at, message, author)
        elif asks:
            own.note(EventKind.CHASED, at, message, author)
            self._widen(own, message)

    def _asks(self, message: Message) -> bool:
        if not message.reading.request:
            return False
        how, _ = how_addressed(message.headers, self._policy.user, self._directory)
        return message.reading.names_reader if how is Addressed.CC else how is not Addressed.NOT_AT_ALL

    def _open_request(self, message: Message, author: Address) -> None:
        headers, reading = message.headers, message.reading
        user = self._policy.user.address.addr_spec
        evidence = reading.request.evidence if self._policy.keep_evidence else None
        held = OpenRequest(
            Request(
                id=request_id(user, headers.key),
                user=user,
                key=headers.key,
                message_id=headers.message_id,
                requester=author,
                subject=headers.subject,
                received_at=headers.received_at,
                evidence=evidence.words if evidence else "",
                target_group=how_addressed(headers, self._policy.user, self._directory)[1],
                references=reply_chain(headers),
            )
        )
        self._open[self._one(author)] = held
        self._widen(held, message)

    def _widen(self, held: OpenRequest, message: Message) -> None:
        """Takes over what the asking message, or a chaser, says: who else is asked, where to reply, by when."""
        headers, reading, user = message.headers, message.reading, self._policy.user
        request, requester = held.request, self._one(held.request.requester)
        if headers.message_id:
            held.asks.add(headers.message_id)
        asked = {a.addr_spec for a in headers.to if person(a) != requester and not user.is_me(a.addr_spec)}
        if reading.asked_apart or how_addressed(headers, user, self._directory)[0] is Addressed.CC:
            # Called by name in Cc, or apart from those in To, the user alone is meant.
            asked = set()
        held.asked |= asked
        held.asks_to_do = held.asks_to_do or reading.asks_to_do
        for address in (request.requester, *headers.reply_to):
            if not user.is_me(address.addr_spec):
                held.reach |= self._same.get(person(address), {person(address)})
        for one in held.reach:
            self._by_address.setdefault(one, {})[requester] = None
        held.request = replace(
            request,
            joint=request.joint or any(self._is_others(address, requester) for address in asked),
            deadline=_earlier(request.deadline, reading.request_deadline),
            urgency=request.urgency or reading.urgency,
        )

    def _is_others(self, addr_spec: str, requester: str) -> bool:
        members = self._directory.groups.get(addr_spec)
        if members is None:
            return True
        return any(one != requester and not self._policy.user.is_me(one) for one in members)

    def _was_asked(self, colleague: Address, held: OpenRequest) -> bool:
        names = {colleague.addr_spec, person(colleague)}
        if names & held.asked:
            return True
        groups = self._directory.groups
        return any(not names.isdisjoint(groups[one]) for one in held.asked if one in groups)

    def _one(self, address: Address) -> str:
        """What stands for a person whichever of their addresses they use."""
        return min(self._same.get(person(address), (person(address),)))

    def _held(self, requester: str, at: datetime) -> OpenRequest | None:
        """The open request of a requester, unless the user's own command has settled it by then."""
        held = self._open.get(requester)
        settled = self._word(held).settled if held else None
        if settled and settled < at:
            self._close(requester)
            return None
        return held

    def _is_open_still(self, held: OpenRequest, at: datetime) -> bool:
        """Whether the user said after this moment that a request is open."""
        reopened = self._word(held).reopened
        return reopened is not None and at <= reopened

    def _word(self, held: OpenRequest) -> Word:
        return self._told.get(held.request.id, Word())

    def _requesters(self, at: datetime, addresses: Iterable[str]) -> tuple[str, ...]:
        """The requesters with an open request whom some addresses reach."""
        requesters = dict.fromkeys(one for address in addresses for one in self._by_address[address])
        return tuple(one for one in requesters if self._held(one, at))

    def _close(self, requester: str) -> None:
        held = self._open.pop(requester)
        self._closed.append(held.done())
        self._settled[requester] = held
        for address in held.reach:
            self._by_address[address].pop(requester, None)
            if not self._by_address[address]:
                del self._by_address[address]


def _earlier(one: Deadline | None, other: Deadline | None) -> Deadline | None:
    dates = [date for date in (one, other) if date]
    return min(dates, key=lambda date: (date.day, date.clock or time.max), default=None)
