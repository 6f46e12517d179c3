"""Reads one message for one user: takes the quotes away and asks the detector what the new words say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timezone

from mailwatch.detection import addressing, detector, sentences
from mailwatch.detection.sidebyside import Steps, alone, together
from mailwatch.domain import quotation
from mailwatch.domain.addressing import person
from mailwatch.domain.message import Headers, Role, Text
from mailwatch.domain.ordering import sent_about
from mailwatch.domain.policy import Policy
from mailwatch.domain.reading import Reading, without_words

NAMES_LIMIT = 20
"""So many recipients are looked for by name; who writes to more calls nobody in particular."""


def read_message(headers: Headers, text: Text, policy: Policy) -> Reading:
    """What the sender's own words in a message say to this user; pure, capped and linear in the text."""
    return alone(steps(headers, text, policy))


def read_messages(messages: Iterable[tuple[Headers, Text]], policy: Policy) -> list[Reading]:
    """What each of some messages says to this user, in their order."""
    return together(steps(headers, text, policy) for headers, text in messages)


def steps(headers: Headers, text: Text, policy: Policy) -> Steps[Reading]:
    """The same in steps, so that many messages can be read side by side."""
    if text.reply is not None:
        return Reading(reply=text.reply, empty=True)
    user = policy.user
    others = tuple(a for a in headers.to if not user.is_me(a.addr_spec))
    other_names = tuple(name for one in others if (name := one.first_name))
    reader_names = user.names
    if len(others) == len(headers.to) and any(user.is_me(a.addr_spec) for a in headers.cc):
        # In Cc, who is called Ann is another Ann if one stands in To.
        reader_names = tuple(name for name in reader_names if name not in other_names)
    context = detector.Context(
        sent_at=sent_about(headers),
        sender_zone=timezone(headers.sent_offset) if headers.sent_offset else None,
        zone=policy.calendar.zone,
        reader_names=reader_names,
        other_names=other_names,
        subject=headers.subject,
        is_reply=bool(headers.in_reply_to or headers.references),
        own=headers.role is Role.SENT or (headers.author is not None and user.is_me(headers.author.addr_spec)),
        order=policy.date_order,
        urgent=tuple(policy.targets.urgent),
    )
    yield
    parts = quotation.parts_of(headers, text)
    yield
    reading = yield from detector.steps(parts.new, context)
    if parts.forwarded and reading.request and not (context.own or reading.request_deadline):
        # Who asks the reader to see to another's mail asks what stands in it, by the time that stands in it.
        passed_on = yield from detector.steps(parts.forwarded, context)
        reading = replace(reading, request_deadline=passed_on.request_deadline)
    if context.own and 1 < len(headers.recipients) <= NAMES_LIMIT:
        said = sentences.split(parts.new)
        people = {person(one): one.first_name for one in headers.recipients if not user.is_me(one.addr_spec)}
        calls = addressing.calls_one_of(said, tuple(people.values()))
        reading = replace(reading, names_others=addressing.named_in(said, people), calls_others=calls)
    return reading if policy.keep_evidence else without_words(reading)
