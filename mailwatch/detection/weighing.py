"""Weighs what the sentences of a message do against the kind of message they stand in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from mailwatch.detection.deadlines import Due
from mailwatch.detection.second_opinion import SecondOpinion
from mailwatch.detection.speechacts import PROMISE, REQUEST, Sentence
from mailwatch.domain.reading import EVIDENCE_LIMIT, Evidence, Finding, ReplyKind

SURE_ENOUGH = 0.5
NOT_DELIVERED = ("question", "proposal", "suggestion")
CROWD = 2
"""So many sentences of an announcement make the message one."""
TO_A_CROWD = 0.55
WHILE_AWAY = 0.55
OPINION = {1: 0.9, 2: 0.4, 3: 0.2}
"""The share of the second opinion in a text of one, two, three or more sentences."""
OF_POLITENESS = 0.4
SURE_RULE = 0.8
KEPT = 0.8
OPINION_RULE = "second-opinion.request"
HOLDING_RULE = "second-opinion.holding"
LONG_TEXT = 3
UNSURE = (0.48, 0.8)
WITH_A_DATE = 0.95
WITH_A_TIME = 0.05
DATED_NEED = 0.62
TOO_WEAK = 0.46
HOLDING_WITHIN = 8
NOT_ONLY = 0.4
NO_REPLY = 0.55
SHARES = ((0.0, 0.0), (0.45, 0.2), (0.6, 0.5), (0.75, 0.8), (0.9, 0.93), (1.0, 0.98))
"""Score of the surest sentence of a longer message, and how often such a message asked for something."""
IMPERSONAL = 0.9
SHORT = 45
STEPS = 4
"""So many plain imperatives are instructions how to do something."""
IMPERATIVE = ".imperative"


@dataclass(frozen=True, slots=True)
class Spoken:
    """A sentence with the due times in it, and whether it speaks to the reader or only to somebody else."""

    sentence: Sentence
    dues: tuple[Due, ...] = ()
    to_reader: bool = True

    @property
    def dated(self) -> bool:
        """Whether it names a due time beyond doubt."""
        return any(due.sure for due in self.dues)

    def owns(self, due: Due, act: str) -> bool:
        """Whether a due time in the sentence is one of what it asks or promises.

        A sure one needs any sign of it; a bare time needs something to be delivered, not a question.
        """
        hit = self.sentence.best(act)
        if due.sure:
            return hit is not None
        return hit is not None and hit.score >= SURE_ENOUGH and not hit.rule.endswith(NOT_DELIVERED)


def blended(rule_score: float, probability: float, sentences: int, polite: bool = False) -> float:
    """The score of a sentence by the rules, moved towards the second opinion.

    The opinion counts most in a text of one sentence. The more sentences there are, the more chances for a false
    alarm there would be if it counted as much. It cannot make a sure rule much less sure, and it counts less where
    the rules found nothing but politeness, which it knows little of.
    """
    share = OPINION.get(sentences, OPINION[max(OPINION)])
    if polite and not rule_score:
        share = min(share, OF_POLITENESS)
    mixed = (1 - share) * rule_score + share * probability
    return max(mixed, rule_score * KEPT) if rule_score >= SURE_RULE else mixed


def informs(sentence: Sentence) -> bool:
    """Whether a polite word only points at something to read, or offers help."""
    return any(rule.endswith((".pointer", ".offer")) for rule in sentence.left_out)


def calibrated(score: float) -> float:
    """The share of messages with such a score in which people saw a request, by hand from the development sets."""
    for (low, low_share), (high, high_share) in pairwise(SHARES):
        if score <= high:
            return low_share + (score - low) * (high_share - low_share) / (high - low)
    return SHARES[-1][1]


def strongest(spoken: Iterable[Spoken], act: str) -> Finding:
    """The surest hit of an act, as it stands."""
    best = Finding()
    for one in spoken:
        hit = one.sentence.best(act)
        if hit is not None and hit.score > best.score:
            best = _finding(hit.score, hit.rule, one)
    return best


def request_of(
    spoken: Sequence[Spoken],
    opinion: SecondOpinion | None = None,
    subject: Sentence | None = None,
    *,
    personal: bool = True,
    named: bool = False,
) -> Finding:
    """How sure it is that the reader is asked for something.

    What is said to a crowd, or by somebody who only says that they are away, asks less; a due time in the same
    sentence shows that it is meant. A second opinion is heard on short texts, and where the rules are unsure.
    """
    everything = [one.sentence for one in spoken] + ([subject] if subject else [])
    # Whoever greets the reader by name speaks to no crowd, whatever the words are about.
    crowd = not named and sum(sentence.best("mass") is not None for sentence in everything) >= CROWD
    away = _is_away(spoken)
    steps = sum(_is_imperative(one.sentence) for one in spoken) >= STEPS
    impersonal = not personal and sum(len(one.sentence.tokens) for one in spoken) > SHORT
    best = Finding()
    for one in spoken:
        if not one.to_reader:
            continue
        hit = one.sentence.best(REQUEST)
        score = hit.score if hit else 0.0
        rule = hit.rule if hit else OPINION_RULE
        if hit and one.dated:
            score = max(hit.full * WITH_A_DATE, DATED_NEED if hit.full > TOO_WEAK else 0.0)
        elif (crowd or (away and one.sentence.best("reroute"))) or (steps and rule.endswith(IMPERATIVE)):
            score *= TO_A_CROWD
        elif opinion and (len(spoken) < LONG_TEXT or UNSURE[0] <= score < UNSURE[1]):
            politeness = informs(one.sentence)
            score = blended(score, opinion.probability(one.sentence), len(spoken), politeness)
        if impersonal and not one.dated:
            score *= IMPERSONAL
        if len(spoken) >= LONG_TEXT:
            score = calibrated(score)
        if score > best.score:
            best = _finding(score, rule, one)
    return best


def promise_of(spoken: Sequence[Spoken]) -> Finding:
    """How sure it is that the sender commits to something; who is away promises little."""
    away = WHILE_AWAY if _is_away(spoken) else 1.0
    best = Finding()
    for one in spoken:
        hit = one.sentence.best(PROMISE)
        score = hit.score * away if hit else 0.0
        if hit and (one.dated or (one.dues and hit.score >= SURE_ENOUGH)):
            score = min(hit.score + WITH_A_TIME, 1.0)
        if hit and score > best.score:
            best = _finding(score, hit.rule, one)
    return best


def holding_of(spoken: Sequence[Spoken], kind: ReplyKind, is_reply: bool) -> Finding:
    """How sure it is that the message only holds: it must be an acknowledgement, and one of a few sentences.

    A message that is not known to be a reply has to begin like one, and to ask for nothing itself.
    """
    found = max(strongest(spoken, "holding"), strongest(spoken, PROMISE), key=lambda one: one.score)
    if kind is ReplyKind.ACKNOWLEDGEMENT and not found and spoken:
        found = _finding(SURE_ENOUGH, HOLDING_RULE, spoken[-1])
    if kind is not ReplyKind.ACKNOWLEDGEMENT or len(spoken) > HOLDING_WITHIN:
        return Finding(round(found.score * NOT_ONLY, 3), found.evidence)
    begun = any(one.sentence.best("opening") for one in spoken[:2])
    if is_reply or (begun and not strongest(spoken, REQUEST) and not _is_away(spoken)):
        return found
    return Finding(round(found.score * NO_REPLY, 3), found.evidence)


def _is_imperative(sentence: Sentence) -> bool:
    hit = sentence.best(REQUEST)
    return hit is not None and hit.rule.endswith(IMPERATIVE)


def _is_away(spoken: Sequence[Spoken]) -> bool:
    """Whether the message is mostly about the sender's absence."""
    away = sum(one.sentence.best("away") is not None for one in spoken)
    return away > 0 and len(spoken) <= 6 * away


def _finding(score: float, rule: str, one: Spoken) -> Finding:
    return Finding(round(score, 3), Evidence(rule, one.sentence.words[:EVIDENCE_LIMIT]))
