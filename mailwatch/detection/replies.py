"""What a message is as a reply: an answer, or one of the things that are none."""

from __future__ import annotations

from collections.abc import Sequence

from mailwatch.detection.speechacts import Sentence
from mailwatch.domain.reading import ReplyKind

SURE_ENOUGH = 0.5
WILL_DO = 0.45
"""A promise of so much is at least an acknowledgement, if nothing is answered."""
FOR_NOW = 0.85
"""What is left of a no that is a no for the present, so that a later time in the same reply weighs more."""
SMALL_TALK = 4
"""A sentence of so few tokens that no rule knows is a greeting, a name or the like."""
MUCH_ELSE = 2
"""So many sentences that no rule knows are an answer, whatever else is said."""
_KNOWN = ("holding", "thanks", "promise", "question", "renegotiation", "decline", "redirect", "withdrawal")
_FIRST = (
    ("withdrawal", ReplyKind.WITHDRAWAL),
    ("renegotiation", ReplyKind.RENEGOTIATION),
    ("redirect", ReplyKind.REDIRECT),
    ("decline", ReplyKind.DECLINE),
)
"""These stand whatever else is answered; the surest counts, and of two alike the first."""


def kind_of(found: Sequence[Sentence], for_now: frozenset[str] = frozenset()) -> ReplyKind:
    """The kind of reply that the sentences make; ANSWER when nothing says otherwise."""
    strength = _strengths(found)
    if any(sentence.best("decline") and not for_now.isdisjoint(sentence.tokens) for sentence in found):
        strength["decline"] *= FOR_NOW
    if strength["promise"] >= WILL_DO:
        strength["holding"] = max(strength["holding"], strength["promise"])
    rest = _rest(found)
    answered = strength["answer"] >= SURE_ENOUGH or rest >= MUCH_ELSE
    surest, kind = max(((strength[act], kind) for act, kind in _FIRST), key=lambda row: row[0])
    holding = strength["holding"] if not answered else 0.0
    if surest >= SURE_ENOUGH and (surest >= holding or kind is not ReplyKind.DECLINE):
        return kind
    if holding >= WILL_DO:
        return ReplyKind.ACKNOWLEDGEMENT
    if strength["question"] >= SURE_ENOUGH and not answered:
        return ReplyKind.QUESTION
    if strength["thanks"] >= SURE_ENOUGH and not answered and not rest:
        return ReplyKind.THANKS
    return ReplyKind.ANSWER


def _strengths(found: Sequence[Sentence]) -> dict[str, float]:
    """The surest score of each act over all sentences; a question is no answer."""
    strengths = dict.fromkeys((*_KNOWN, "answer"), 0.0)
    for sentence in found:
        for act, hit in sentence.acts.items():
            if hit.score > strengths.get(act, 1.0) and (act != "answer" or sentence.words.rstrip()[-1:] != "?"):
                strengths[act] = hit.score
    return strengths


def _rest(found: Sequence[Sentence]) -> int:
    """How many sentences say something that no rule of replies knows."""
    return sum(len(one.tokens) > SMALL_TALK and not any(hit.act in _KNOWN for hit in one.hits) for one in found)
