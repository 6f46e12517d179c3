"""What a message is as a reply: an answer, or one of the things that are none."""

from __future__ import annotations

from collections.abc import Sequence

from mailwatch.detection.reply_opinion import ReplyOpinion
from mailwatch.detection.speechacts import Sentence
from mailwatch.domain.reading import ReplyKind

SURE_ENOUGH = 0.5
WILL_DO = 0.5
"""A promise of so much is at least an acknowledgement, if nothing is answered."""
STILL_TO_COME = 0.9
"""Whoever says so plainly that the answer is still to come has given none, whoever else is named."""
FOR_NOW = 0.85
"""What is left of a no that is a no for the present, so that a later time in the same reply weighs more."""
SMALL_TALK = 4
"""A sentence of so few tokens that no rule knows is a greeting, a name or the like."""
CANNOT_WAIT = 0.9
"""Who asks a question of so much needs its answer first, however much is said besides."""
MUCH_ELSE = 2
"""So many sentences that no rule knows are an answer, whatever else is said."""
TRUST = 0.8
"""How much the rules add to the kind that they see, beside the second opinion (by cross-validation)."""
IN_SO_MANY_WORDS = 2.1
"""The same where it is a turn that people take in set words: a no, another person, another time, a withdrawal."""
HELD_BY = ("holding", "promise")
"""What a sentence does that shows that the answer is still to come."""
UNHEARD = 0.2
"""So much surer must the second opinion be that a reply holds if no rule hears it hold or promise."""
FAR_MORE_ELSE = 4
"""So many are one even if something is still to come."""
_KNOWN = ("holding", "thanks", "promise", "question", "renegotiation", "decline", "redirect", "withdrawal")
_OF_REPLIES = frozenset(_KNOWN)
_FIRST = (
    ("withdrawal", ReplyKind.WITHDRAWAL),
    ("renegotiation", ReplyKind.RENEGOTIATION),
    ("redirect", ReplyKind.REDIRECT),
    ("decline", ReplyKind.DECLINE),
)
"""These stand whatever else is answered; the surest counts, and of two alike the first."""


def kind_of(
    found: Sequence[Sentence],
    for_now: frozenset[str] = frozenset(),
    opinion: ReplyOpinion | None = None,
    *,
    promised_by: bool = False,
) -> ReplyKind:
    """The kind of reply that the sentences make, by the rules and a second opinion.

    Who sends what was asked for, or says that it is done, has answered, whatever they ask besides. Who only promises
    something by a time, which `promised_by` says, or promises it later than it was promised before, has not.
    """
    said = _without_courtesy(found)
    ruled, trust = by_rules(said, for_now)
    scores = opinion.scores(said) if opinion else {}
    if scores and not any(act in one.acts for one in said for act in HELD_BY):
        scores = {**scores, ReplyKind.ACKNOWLEDGEMENT: scores[ReplyKind.ACKNOWLEDGEMENT] - UNHEARD}
    kind = max(scores, key=lambda kind: scores[kind] + trust * (kind is ruled), default=ruled)
    doubtful = kind is ReplyKind.QUESTION or (kind is ReplyKind.ACKNOWLEDGEMENT is not ruled)
    if doubtful and any(one.best("delivered") and not _is_question(one) for one in said):
        return ReplyKind.ANSWER
    if kind is ReplyKind.REDIRECT is not ruled and (promised_by or any("://" in one.words for one in said)):
        # What is said of a date or a page is not said of another person.
        return ReplyKind.ACKNOWLEDGEMENT if promised_by else ReplyKind.ANSWER
    if promised_by and kind is ReplyKind.ANSWER and not any(one.best("delivered") for one in said):
        if ruled is ReplyKind.RENEGOTIATION:
            return ruled
        if not _tells_figures(said):
            return ReplyKind.ACKNOWLEDGEMENT
        if scores.get(ReplyKind.ACKNOWLEDGEMENT, 0.0) > scores.get(ReplyKind.ANSWER, 0.0):
            return ReplyKind.ACKNOWLEDGEMENT
    return kind


def put_off(kind: ReplyKind, found: Sequence[Sentence]) -> ReplyKind:
    """The kind of a reply that offers another time in set words: no answer, unless it brings what was asked for."""
    acts = {act for one in found for act in one.acts}
    offers = "renegotiation" in acts and acts.isdisjoint(("delivered", "decline"))
    if kind is ReplyKind.ANSWER and offers:
        return ReplyKind.RENEGOTIATION
    return kind


def by_rules(found: Sequence[Sentence], for_now: frozenset[str] = frozenset()) -> tuple[ReplyKind, float]:
    """The kind of reply that the rules see, and how far to trust them: not in an answer for want of another."""
    strength = _strengths(found)
    kind = _kind(found, strength, for_now)
    if kind is ReplyKind.ANSWER and strength["answer"] < SURE_ENOUGH:
        return kind, 0.0
    return kind, IN_SO_MANY_WORDS if any(kind is turn for _, turn in _FIRST) else TRUST


def _kind(found: Sequence[Sentence], strength: dict[str, float], for_now: frozenset[str]) -> ReplyKind:
    if strength["decline"] and any(
        sentence.best("decline") and not for_now.isdisjoint(sentence.tokens) for sentence in found
    ):
        strength["decline"] *= FOR_NOW
    if strength["promise"] >= WILL_DO:
        strength["holding"] = max(strength["holding"], strength["promise"])
    rest = _rest(found)
    answered = strength["answer"] >= SURE_ENOUGH or rest >= MUCH_ELSE
    surest, kind = max(((strength[act], kind) for act, kind in _FIRST), key=lambda row: row[0])
    still_to_come = strength["holding"] >= STILL_TO_COME and rest < FAR_MORE_ELSE
    if still_to_come and surest <= strength["holding"] and kind in (ReplyKind.DECLINE, ReplyKind.REDIRECT):
        return ReplyKind.ACKNOWLEDGEMENT
    holding = strength["holding"] if still_to_come or not answered else 0.0
    if surest >= SURE_ENOUGH and (surest >= holding or kind is not ReplyKind.DECLINE):
        return kind
    if holding >= WILL_DO:
        return ReplyKind.ACKNOWLEDGEMENT
    asks_which = strength["question"] >= CANNOT_WAIT and strength["answer"] < SURE_ENOUGH
    if asks_which or (strength["question"] >= SURE_ENOUGH and not answered):
        return ReplyKind.QUESTION
    if strength["thanks"] >= SURE_ENOUGH and not answered and not rest:
        return ReplyKind.THANKS
    return ReplyKind.ANSWER


def _without_courtesy(found: Sequence[Sentence]) -> Sequence[Sentence]:
    """The sentences without polite questions at the end, if something else is said than thanks and greetings."""
    said = [one for one in found if "courtesy" not in one.acts]
    return said if len(said) < len(found) and any(_says(one) for one in said) else found


def _says(sentence: Sentence) -> bool:
    return bool(sentence.acts.keys() - {"thanks", "opening"}) or len(sentence.tokens) > SMALL_TALK


def _tells_figures(said: Sequence[Sentence]) -> bool:
    """Whether a sentence beside those that promise holds a figure, as most answers do that leave a rest for later."""
    return any("promise" not in one.acts and any(token[0].isdigit() for token in one.tokens) for one in said)


def _is_question(sentence: Sentence) -> bool:
    return sentence.words.rstrip()[-1:] == "?"


def _strengths(found: Sequence[Sentence]) -> dict[str, float]:
    """The surest score of each act over all sentences; a question is no answer, nor is a yes that only promises."""
    strengths = dict.fromkeys((*_KNOWN, "answer"), 0.0)
    for sentence in found:
        for act, hit in sentence.acts.items():
            if hit.score > strengths.get(act, 1.0) and (act != "answer" or _may_answer(sentence)):
                strengths[act] = hit.score
    return strengths


def _may_answer(sentence: Sentence) -> bool:
    promised = sentence.best("promise")
    return not _is_question(sentence) and (promised is None or promised.score < WILL_DO)


def _rest(found: Sequence[Sentence]) -> int:
    """How many sentences say something that no rule of replies knows."""
    return sum([len(one.tokens) > SMALL_TALK and _OF_REPLIES.isdisjoint(one.acts) for one in found])
