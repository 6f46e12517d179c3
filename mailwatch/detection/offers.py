"""Tells the time that a reply offers from the one that it says cannot be kept: not by Wednesday, but on Friday."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import replace
from datetime import timedelta

from mailwatch.detection.deadlines import Mention, order_of
from mailwatch.detection.speechacts import Sentence
from mailwatch.domain.reading import Deadline

REFUSALS = frozenset(("decline", "renegotiation"))
"""What a sentence of a reply does in which a time may stand that cannot be kept."""
_A_WEEKDAY = frozenset(("weekday",))
_WEEK = timedelta(weeks=1)
_ENDS = frozenset(",;:.!?-")


def refuses(sentence: Sentence) -> bool:
    """Whether a sentence of a reply says no or not yet."""
    return not REFUSALS.isdisjoint(sentence.acts)


def offered(named: Sequence[tuple[Mention, bool]], denial: Set[str]) -> Deadline | None:
    """The latest time that a reply which puts off names in the place of an earlier one, if there is any.

    `named` are all its times in order, each with whether its sentence refuses. Where words of denial stand beside a
    time in its clause, it is the one that cannot be kept; else the earliest is. A bare weekday that is offered for a
    later day is that of the week after: "not by Friday, but Tuesday works". The only time is offered if a question
    asks for it: "could I have till Tuesday?"
    """
    denied = [one for one, _ in named if _is_denied(one, denial)]
    if len(named) == 1 and not denied:
        only, refuses_it = named[0]
        return only.deadline if refuses_it and only.tokens[-1:] == ["?"] else None
    if not denied and not any(refuses_it for _, refuses_it in named):
        return None
    given_up = min((one.deadline for one in denied or [one for one, refuses_it in named if refuses_it]), key=order_of)
    offers: list[Deadline] = []
    for one, _ in named:
        if one in denied:
            continue
        deadline = one.deadline
        if denied and deadline.day <= given_up.day and _A_WEEKDAY.issuperset(one.kinds):
            deadline = replace(deadline, day=deadline.day + _WEEK)
        if deadline.day > given_up.day:
            offers.append(deadline)
    return max(offers, key=order_of, default=None)


def _is_denied(mention: Mention, denial: Set[str]) -> bool:
    """Whether a word of denial stands in the same clause as a time."""
    tokens, atoms = mention.tokens, mention.atoms

    def ends(place: int) -> bool:
        atom = atoms[place]
        return tokens[place] in _ENDS or (atom is not None and atom.kind == "clause")

    start, end = mention.start, mention.end
    while start and not ends(start - 1):
        start -= 1
    while end < len(tokens) and not ends(end):
        end += 1
    return not denial.isdisjoint(tokens[start:end])
