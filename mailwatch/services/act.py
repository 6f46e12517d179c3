"""Act: does what the user says about an item or about our mails, from the shell or in reply to a mail of ours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from mailwatch.detection.orders.reading import read_orders
from mailwatch.domain import quotation
from mailwatch.domain.command import ABOUT_MAILS, Command, Verb, Why
from mailwatch.domain.message import Headers, Role, Text
from mailwatch.domain.order import NotUnderstood, Order
from mailwatch.domain.policy import Policy
from mailwatch.domain.subject import read_subject
from mailwatch.domain.workcalendar import WorkCalendar, at_local
from mailwatch.errors import UsageError
from mailwatch.ports import Ledger, OutboxMail

MOST_ANCESTORS = 20
FRESH = timedelta(days=3)
"""What was not understood is answered while the user may still remember it."""

Said = tuple[Order | NotUnderstood, ...]


def item_of(ledger: Ledger, prefix: str) -> tuple[str, str]:
    """(user, id) of the one item whose id begins so. Raises UsageError if none or several do."""
    found = ledger.find_item(prefix)
    if not found:
        raise UsageError(f"there is no item {prefix!r}; `mailwatch status` shows the ids of what is open")
    if len(found) > 1:
        near = ", ".join(id for _, id in found[:5])
        raise UsageError(f"{prefix!r} could be {near}; give more of the id")
    return found[0]


def act(ledger: Ledger, command: Command) -> bool:
    """Records a command; false if it was recorded before, for each command counts once."""
    return ledger.save_command(command)


def next_morning(calendar: WorkCalendar, now: datetime) -> datetime:
    """Until when something sleeps if nothing else is said: the start of the next working day."""
    day = calendar.working_day_after(calendar.local(now).date())
    return calendar.next_working_moment(at_local(calendar.zone, day, time(0)))


def time_in_words(words: str, policy: Policy, now: datetime) -> datetime | None:
    """Until when something sleeps, as a reply by mail may say it; None if these words could not stand there."""
    said = read_orders(f"snooze 1 until {words}", now, policy.calendar, language=policy.language)
    return said[0].until if len(said) == 1 and isinstance(said[0], Order) else None


@dataclass(frozen=True, slots=True)
class Hearing:
    """Listens for the user's orders in their own sent mail to mailwatch, as a sync reads it.

    `addresses` are those at which mailwatch is answered; by default that is the user's own.
    """

    ledger: Ledger
    policy: Policy
    addresses: frozenset[str]
    now: datetime

    def hear(self, headers: Headers, text: Text) -> bool:
        """Does what a message says, if it is one to mailwatch alone; whether it was one.

        It must lie in the user's sent mailbox, be written by them and not by a program, and go to nobody else: what
        a colleague sends, gets in copy or passes on is no order. It answers one of our mails to this user, or names
        an item of theirs by its id, as our links do where a mail program drops In-Reply-To. Only words above the
        quote count. Each order is recorded once, however often the message is read.
        """
        if not self._is_to_us_alone(headers):
            return False
        answered = self._answered(headers)
        to_own_address = any(self.policy.user.is_me(address) for address in self.addresses)
        parts = quotation.parts_of(headers, text)
        if read_subject(headers.subject).forward or parts.forwarded:
            return not to_own_address
        said = self._said(parts, headers)
        if answered is None and to_own_address:
            # A note to oneself is nobody's business, unless it comes from one of our links.
            said = tuple(one for one in said if isinstance(one, Order) and (one.ids or _is_stop_link(one, headers)))
            if not said:
                return False
        for entry, one in enumerate(said):
            for number, command in enumerate(self._commands(one, answered, headers)):
                self._save(command, headers, f"{one.line}.{entry}.{number}")
        return True

    def _is_to_us_alone(self, headers: Headers) -> bool:
        user = self.policy.user
        return (
            headers.role is Role.SENT
            and headers.automatic is None
            and headers.author is not None
            and user.is_me(headers.author.addr_spec)
            and any(address.addr_spec in self.addresses for address in headers.to)
            and all(a.addr_spec in self.addresses or user.is_me(a.addr_spec) for a in headers.recipients)
        )

    def _answered(self, headers: Headers) -> OutboxMail | None:
        """The mail of ours that a message answers, by the nearest of its ancestors."""
        user = self.policy.user.address.addr_spec
        nearest = headers.ancestors[:MOST_ANCESTORS]
        return next((mail for id in nearest if (mail := self.ledger.sent_mail(user, [id]))), None)

    def _said(self, parts: quotation.Parts, headers: Headers) -> Said:
        said = self._read(parts.above, headers)
        if said:
            return said
        if self._read(parts.new, headers):
            return (NotUnderstood(1, " ".join(parts.new.split())[:200], Why.BELOW),)
        if parts.new.strip() or parts.quoted.strip():
            return ()
        # Mail programs leave by an empty mail with this subject (RFC 2369 3.2).
        return tuple(
            one
            for one in self._read(headers.subject, headers)
            if isinstance(one, Order) and one.verb is Verb.STOP and not read_subject(headers.subject).reply
        )

    def _read(self, words: str, headers: Headers) -> Said:
        policy = self.policy
        return read_orders(
            words, headers.received_at, policy.calendar, language=policy.language, names=policy.user.names
        )

    def _commands(
        self, one: Order | NotUnderstood, answered: OutboxMail | None, headers: Headers
    ) -> Iterator[Command]:
        user, at = self.policy.user.address.addr_spec, min(headers.received_at, self.now)

        def unclear(why: Why) -> Command:
            words = one.words if self.policy.keep_evidence else ""
            return Command(user, "", Verb.UNCLEAR, at, "", words=words[:200], why=why)

        if isinstance(one, NotUnderstood):
            yield unclear(one.why)
            return
        if one.to and self.policy.user.is_me(one.to):
            yield unclear(Why.UNKNOWN)
            return
        if one.verb in ABOUT_MAILS:
            yield Command(user, "", one.verb, at, "", one.until)
            return
        items, why = self._items(one, answered)
        until = one.until
        if one.verb is Verb.SNOOZE and until is None:
            until = next_morning(self.policy.calendar, at)
        for item in items:
            yield Command(user, item, one.verb, at, "", until, one.to)
        if why is not None:
            yield unclear(why)

    def _items(self, order: Order, answered: OutboxMail | None) -> tuple[tuple[str, ...], Why | None]:
        """The items that an order means, and what is wrong with it, if anything is."""
        user = self.policy.user.address.addr_spec
        there = answered.items if answered else {}
        if not order.names_items:
            return (tuple(there.values()), None) if len(there) == 1 else ((), Why.WHICH if there else Why.NO_REPLY)
        if order.every and not there:
            return (), Why.NO_REPLY
        own = [id for id in order.ids if (user, id) in self.ledger.find_item(id)]
        named = [there[number] for number in order.numbers if number in there]
        missing = len(own) + len(named) < len(order.ids) + len(order.numbers)
        found = dict.fromkeys((*own, *named, *(there.values() if order.every else ())))
        if not missing:
            return tuple(found), None
        return tuple(found), Why.NO_SUCH if there or order.ids else Why.NO_REPLY

    def _save(self, command: Command, headers: Headers, place: str) -> None:
        if command.verb is Verb.UNCLEAR and command.at < self.now - FRESH:
            return
        # The key is the same for every copy of a message, and in every round of reading it.
        act(self.ledger, replace(command, source=f"{headers.key}:{place}"))


def _is_stop_link(order: Order, headers: Headers) -> bool:
    """Whether an order is the one of our link, which puts the same word into the subject."""
    return order.verb is Verb.STOP and headers.subject.strip().lower() == order.words.strip(" .!").lower()
