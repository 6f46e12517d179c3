"""What a message is as a reply: an answer, or one of the things that are none."""

from __future__ import annotations

from collections.abc import Sequence

from mailwatch.detection.speechacts import Sentence
from mailwatch.domain.reading import ReplyKind

SURE_ENOUGH = 0.5
SMALL_TALK = 4
"""A sentence of so few tokens that no rule knows is a greeting, a name or the like."""
MUCH_ELSE = 2
"""So many sentences that no rule knows are an answer, whatever else is said."""
_KNOWN = ("holding", "thanks", "promise", "question", "renegotiation", "decline", "redirect", "withdrawal")


def kind_of(found: Sequence[Sentence]) -> ReplyKind:
    """The kind of reply that the sentences make; ANSWER when nothing says otherwise."""
    strength = {act: _strongest(found, act) for act in (*_KNOWN, "answer")}
    answered = strength["answer"] >= SURE_ENOUGH or _rest(found) >= MUCH_ELSE
    if strength["withdrawal"] >= SURE_ENOUGH:
        return ReplyKind.WITHDRAWAL
    if strength["renegotiation"] >= SURE_ENOUGH:
        return ReplyKind.RENEGOTIATION
    if strength["redirect"] >= SURE_ENOUGH:
        return ReplyKind.REDIRECT
    if strength["decline"] >= SURE_ENOUGH and strength["holding"] <= strength["decline"]:
        return ReplyKind.DECLINE
    if strength["holding"] >= SURE_ENOUGH and not answered:
        return ReplyKind.ACKNOWLEDGEMENT
    if strength["question"] >= SURE_ENOUGH and not answered:
        return ReplyKind.QUESTION
    if strength["thanks"] >= SURE_ENOUGH and not answered and not _rest(found):
        return ReplyKind.THANKS
    return ReplyKind.ANSWER


def _strongest(found: Sequence[Sentence], act: str) -> float:
    return max((hit.score for sentence in found if (hit := sentence.best(act))), default=0.0)


def _rest(found: Sequence[Sentence]) -> int:
    """How many sentences say something that no rule of replies knows."""
    return sum(len(one.tokens) > SMALL_TALK and not any(hit.act in _KNOWN for hit in one.hits) for one in found)
