"""What a new mail of the user brings, under a subject of its own."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailwatch.domain.conversation import link
from mailwatch.domain.fulfilment import LONGEST, fulfilments, owed_since
from mailwatch.domain.message import Headers, Message, Role
from mailwatch.domain.people import Address, User
from mailwatch.domain.reading import NOTHING_READ, Deadline, Evidence, Finding, Reading
from mailwatch.domain.subject import read_subject

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
ANN = User(Address("ann@example.com"))
_numbers = itertools.count()


def said(words: str) -> Finding:
    return Finding(0.9, Evidence("rule", words))


ASKED = Reading(request=said("Could you send me the load test figures of last week?"))
PROMISED = Reading(promise=said("I'll make diagrams of them for you."))
PROMISED_LATE = Reading(promise=PROMISED.promise, promise_deadline=Deadline(date(2026, 3, 31), None, "by the 31st"))
PROMISED_NEXT_YEAR = Reading(
    promise=PROMISED.promise, promise_deadline=Deadline(date(2027, 3, 31), None, "in a year")
)


def mail(
    who: str, to: str, subject: str, reading: Reading = NOTHING_READ, *, days: float = 0, **more: object
) -> Message:
    number, at = next(_numbers), MONDAY + timedelta(days=days)
    headers = Headers(
        provider_id=str(number),
        received_at=at,
        sent_at=at,
        role=Role.SENT if who == "ann" else Role.INBOX,
        message_id=f"{number}@mail",
        author=Address(f"{who}@example.com"),
        to=tuple(Address(f"{name}@example.com") for name in to.split()),
        subject=subject,
        **more,  # type: ignore[arg-type]
    )
    return Message(headers, reading)


def together(owed: Message, new: Message) -> bool:
    return len(link([owed, new], ANN)) == 1


ASK = mail("bob", "ann", "Capacity of the cache", ASKED)
PROMISE = mail("ann", "bob", "Re: Capacity of the cache", PROMISED)


@pytest.mark.parametrize(
    ("owed", "new"),
    [
        (ASK, mail("ann", "bob", "Load test figures", days=1)),
        (ASK, mail("ann", "bob", "figures, load test", days=14)),
        (ASK, mail("ann", "bob", "Load test figures and costs", days=1)),
        (ASK, mail("ann", "carl bob", "Cache capacity", days=1)),
        (PROMISE, mail("ann", "bob", "Diagrams", days=1)),
        (PROMISE, mail("ann", "bob", "your diagram", days=14)),
        (mail("ann", "bob", "Cache", PROMISED_LATE), mail("ann", "bob", "Diagrams", days=40)),
        (
            mail("bob", "ann", "Shop", Reading(request=said("Is the new logo done?"))),
            mail("ann", "bob", "new logo", days=1),
        ),
    ],
)
def test_a_new_mail_brings_what_its_subject_tells_of(owed: Message, new: Message) -> None:
    assert together(owed, new)


@pytest.mark.parametrize(
    ("why", "owed", "new"),
    [
        ("words of its own", ASK, mail("ann", "bob", "Figures, costs and test rooms", days=1)),
        ("one word for what was only asked", ASK, mail("ann", "bob", "Figures", days=1)),
        ("no word", ASK, mail("ann", "bob", "", days=1)),
        ("no word that tells anything", PROMISE, mail("ann", "bob", "I, of", days=1)),
        ("to somebody else", ASK, mail("ann", "carl", "Load test figures", days=1)),
        ("by somebody else", ASK, mail("carl", "bob", "Load test figures", days=1)),
        ("too late", ASK, mail("ann", "bob", "Load test figures", days=15)),
        ("before it", ASK, mail("ann", "bob", "Load test figures", days=-1)),
        ("a question", ASK, mail("ann", "bob", "Load test figures", ASKED, days=1)),
        ("a reply to something else", ASK, mail("ann", "bob", "Re: Load test figures", days=1)),
        ("by a program", ASK, mail("ann", "bob", "Load test figures", days=1, automatic="auto-submitted")),
        ("nothing is owed", mail("bob", "ann", "Load test figures"), mail("ann", "bob", "Test figures", days=1)),
        ("a promise of a year", mail("ann", "bob", "", PROMISED_NEXT_YEAR), mail("ann", "bob", "Diagrams", days=61)),
    ],
)
def test_a_new_mail_stands_alone(why: str, owed: Message, new: Message) -> None:
    assert not together(owed, new), why


@pytest.mark.parametrize("day", [date.min, date(9999, 12, 18), date.max])
def test_a_due_day_may_lie_at_the_end_of_time(day: date) -> None:
    promised = replace(PROMISED, promise_deadline=Deadline(day, None, f"by {day}"))
    assert together(mail("ann", "bob", "Cache", promised), mail("ann", "bob", "Diagrams", days=1))


@pytest.mark.parametrize("at", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
def test_a_mail_may_say_that_it_is_from_the_end_of_time(at: datetime) -> None:
    heap = [
        mail(who, to, "Diagrams", reading) for who, to, reading in (("bob", "ann", ASKED), ("ann", "bob", PROMISED))
    ]
    old = [replace(one, headers=replace(one.headers, received_at=at, sent_at=None)) for one in heap]
    assert link([*heap, *old], ANN)
    assert owed_since(old, ANN)


def test_of_several_things_owed_the_latest_is_brought() -> None:
    later = mail("ann", "bob", "Diagrams again", PROMISED, days=1)
    new = mail("ann", "bob", "Diagrams", days=2)
    assert {len(one.messages) for one in link([PROMISE, later, new], ANN)} == {1, 2}
    assert next(one for one in link([PROMISE, later, new], ANN) if len(one.messages) == 2).messages == (later, new)


_WORDS = st.lists(st.sampled_from(["diagram", "diagrams", "load", "7", "of"]), max_size=3).map(" ".join)
_MAILS = st.builds(
    mail,
    st.sampled_from(["ann", "bob", "carl"]),
    st.sampled_from(["ann", "bob", "bob carl", ""]),
    _WORDS,
    st.sampled_from([NOTHING_READ, ASKED, PROMISED, PROMISED_LATE]),
    days=st.floats(0, 90),
)


@given(st.lists(_MAILS, max_size=12))
def test_what_is_brought_was_owed_before_to_whom_it_goes(heap: list[Message]) -> None:
    for at, other in fulfilments(heap, [read_subject(one.headers.subject) for one in heap], range(len(heap)), ANN):
        new, owed = heap[at], heap[other]
        assert new.headers.role is Role.SENT
        assert timedelta(0) <= new.headers.received_at - owed.headers.received_at <= LONGEST
        people = {owed.headers.author} if owed.reading.request else set(owed.headers.to)
        assert people & set(new.headers.to)
