"""Tells the time that a reply offers from the one that it says cannot be kept: not by Wednesday, but on Friday."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from mailwatch.detection.deadlines import Mention, order_of
from mailwatch.detection.lexicons import Lexicon
from mailwatch.detection.speechacts import Sentence
from mailwatch.detection.timewords import BEFORE
from mailwatch.domain.reading import Deadline

ANOTHER_TIME = "renegotiation"
REFUSALS = frozenset(("decline", ANOTHER_TIME))
"""What a sentence of a reply does in which a time may stand that cannot be kept."""
_A_WEEKDAY = frozenset(("weekday",))
_WEEK = timedelta(weeks=1)
_NEAR = 4  # tokens
_NOT_BEFORE = f"by {BEFORE}"
"""Who cannot before a day offers that day."""
_ENDS = frozenset(",;:.!?-")


def refuses(sentence: Sentence) -> bool:
    """Whether a sentence of a reply says no or not yet."""
    return not REFUSALS.isdisjoint(sentence.acts)


def offered(named: Sequence[tuple[Mention, Sentence]], lexicon: Lexicon, sent_on: date) -> Deadline | None:
    """The latest time that a reply which puts off names in the place of an earlier one, if there is any.

    `named` are all its times in order, each with its sentence. Where words of denial stand beside a time in its
    clause, or "instead of" before it, it is the one that cannot be kept; else the earliest is. A bare weekday that
    is offered for a later day is that of the week after: "not by Friday, but Tuesday works"; who cannot by the
    weekday of `sent_on`, on which they write, means that day itself. The only time is offered by a sentence that
    asks for another: "could I have till Tuesday?", "make that Friday".
    """
    denied = [one for one, _ in named if _is_denied(one, lexicon)]
    if not denied and not any(refuses(sentence) for _, sentence in named):
        return None
    if len(named) == 1 and (not denied or denied[0].cue == _NOT_BEFORE):
        only, sentence = named[0]
        return only.deadline if sentence.best(ANOTHER_TIME) else None
    refused = denied or [one for one, said in named if refuses(said)]
    given_up = min((_given_up(one, sent_on) for one in refused), key=order_of)
    offers: list[Deadline] = []
    for one, _ in named:
        if one in denied:
            continue
        deadline = one.deadline
        if denied and deadline.day <= given_up.day < date.max - _WEEK and _A_WEEKDAY.issuperset(one.kinds):
            deadline = replace(deadline, day=deadline.day + _WEEK)
        if deadline.day > given_up.day:
            offers.append(deadline)
    return max(offers, key=order_of, default=None)


def _given_up(mention: Mention, sent_on: date) -> Deadline:
    """The time that cannot be kept, if it is a bare weekday the coming one or today."""
    deadline = mention.deadline
    today = deadline.day - sent_on == _WEEK and _A_WEEKDAY.issuperset(mention.kinds)
    return replace(deadline, day=sent_on) if today else deadline


def _is_denied(mention: Mention, lexicon: Lexicon) -> bool:
    """Whether a word of denial stands in the same clause as a time, or "instead of" before it."""
    tokens, atoms = mention.tokens, mention.atoms

    def ends(place: int) -> bool:
        atom = atoms[place]
        return tokens[place] in _ENDS or (atom is not None and atom.kind == "clause")

    start, end = mention.start, mention.end
    before = f" {' '.join(tokens[max(0, start - _NEAR) : start])} "
    if any(f" {phrase} " in before for phrase in lexicon.in_place_of):
        return True
    while start and not ends(start - 1):
        start -= 1
    while end < len(tokens) and not ends(end):
        end += 1
    return not lexicon.denial.isdisjoint(tokens[start:end])
