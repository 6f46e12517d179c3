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


def offered(refused: Sequence[Mention], other: Sequence[Mention], denial: Set[str]) -> Deadline | None:
    """The latest time that is named in the place of an earlier one, if there is any.

    `refused` are the times of sentences that refuse, in order, `other` those of the rest. Where words of denial stand
    beside a time in its clause, it is the one that cannot be kept; else the earliest is. A bare weekday that is
    offered for a later day is that of the week after: "not by Friday, but Tuesday works". The only time of a question
    that is not denied is offered too: "could I have till Tuesday?"
    """
    if not refused:
        return None
    denied = [one for one in refused if _is_denied(one, denial)]
    if not (denied or other) and len(refused) == 1 and refused[0].tokens[-1:] == ["?"]:
        return refused[0].deadline
    given_up = min((one.deadline for one in denied or refused), key=order_of)
    offers: list[Deadline] = []
    for one in (*refused, *other):
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
