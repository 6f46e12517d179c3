"""Weighs what the sentences of a message do against the kind of message they stand in."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, zip_longest

from mailwatch.detection.deadlines import Mention
from mailwatch.detection.filing import Hit
from mailwatch.detection.replies import HELD_BY
from mailwatch.detection.second_opinion import LONG_TEXT, NO_OPINION, NO_SHARES, Opinion, Shares
from mailwatch.detection.speechacts import ANSWERED, PROMISE, REQUEST, Sentence
from mailwatch.domain.reading import EVIDENCE_LIMIT, Evidence, Finding, ReplyKind

SURE_ENOUGH = 0.5
NOT_DELIVERED = ("question", "proposal", "suggestion")
CROWD = 2
"""So many sentences of an announcement make the message one."""
TO_A_CROWD = 0.55
TO_CUSTOMERS = 0.3
"""What is left of what a crowd, or a firm's customers, are asked."""
WHILE_AWAY = 0.55
CONDUCT = 0.45
"""What is left of how all are to behave: none of them owes an answer."""
EVEN_DATED = 0.9
"""So sure is it of how all are to behave that a day by when changes nothing."""
LEAST_RULE, SUREST_RULE = 0.1, 0.97
"""How sure the rules can make it, beside a second opinion, that a sentence asks nothing, or something."""
LIKELY = 0.8
"""So likely by the second opinion, a promise is one and a request may have due times, whatever the rules say."""
UNRULED = 0.75
"""The share of such a promise's likelihood that is the least of its score."""
REQUEST_OPINION = "second-opinion.request"
PROMISE_OPINION = "second-opinion.promise"
HOLDING_OPINION = "second-opinion.holding"
WITH_A_DATE = 0.95
WITH_A_TIME = 0.05
DATED_NEED = 0.62
TOO_WEAK = 0.46
HOLDING_WITHIN = 8
NOT_ONLY = 0.4
PUTS_OFF = (ReplyKind.ACKNOWLEDGEMENT, ReplyKind.RENEGOTIATION)
NO_REPLY = 0.55
SHARES = ((0.0, 0.0), (0.45, 0.25), (0.53, 0.5), (0.75, 0.8), (0.85, 0.93), (1.0, 0.97))
"""Score of the surest sentence of a longer message, and how often such a message asked for something."""
IMPERSONAL = 0.9
ANSWERS_ITSELF = 0.4
"""What is left of a question that the writer answers in the next sentence."""
SHORT = 45
STEPS = 4
"""So many plain imperatives are instructions how to do something."""
IMPERATIVE = ".imperative"
ADVERT, GREETING = ".advert", ".to-customers"
"""How the rules end that hear a firm speak to its customers; the second greets them, and is enough alone."""


@dataclass(slots=True)
class Spoken:
    """A sentence with the second opinion on it, if any, its due times, and whether it speaks to the reader.

    `mentions` are all the times that it names, None if none have been found yet; `dues` those that are due
    times by the rules, which may stand in a short sentence after it.
    """

    # Nothing changes it, but a frozen one takes three times as long to make, and every sentence has one.
    sentence: Sentence
    opinion: Opinion | None = None
    mentions: tuple[Mention, ...] | None = None
    dues: tuple[Mention, ...] = ()
    to_reader: bool = True

    @property
    def dated(self) -> bool:
        """Whether it names a due time beyond doubt."""
        return any(due.sure for due in self.dues)

    def owns(self, due: Mention, act: str) -> bool:
        """Whether a due time in the sentence is one of what it asks or promises.

        A sure one needs any sign of it; a bare time needs something to be delivered, not a question.
        """
        hit, likely = self.sentence.best(act), is_likely(self.opinion, act)
        if due.sure:
            return likely or hit is not None
        if hit is not None and hit.rule.endswith(NOT_DELIVERED):
            return False
        return likely or (hit is not None and hit.score >= SURE_ENOUGH)


_Best = tuple[float, str, Spoken | None]
"""The surest sentence so far: its score, by what rule, and the sentence itself."""


def is_likely(opinion: Opinion | None, act: str) -> bool:
    """Whether the second opinion is so sure of an act that no rule is needed."""
    return opinion is not None and (opinion.request if act == REQUEST else opinion.promise) >= LIKELY


def blended(rule_score: float, probability: float, share: float) -> float:
    """The score of a sentence by the rules, moved towards the second opinion by its share, as the odds of the two."""
    ruled = LEAST_RULE if rule_score < LEAST_RULE else min(SUREST_RULE, rule_score)
    likely = max(1e-4, min(1 - 1e-4, probability))
    odds = (1 - share) * math.log(ruled / (1 - ruled)) + share * math.log(likely / (1 - likely))
    return 1 / (1 + math.exp(-odds))


def calibrated(score: float) -> float:
    """The share of messages with such a score in which people saw a request, by hand from the development sets."""
    for (low, low_share), (high, high_share) in pairwise(SHARES):
        if score <= high:
            return low_share + (score - low) * (high_share - low_share) / (high - low)
    return SHARES[-1][1]


def strongest(spoken: Iterable[Spoken], act: str) -> Finding:
    """The surest hit of an act, as it stands."""
    best: _Best = (0.0, "", None)
    for one in spoken:
        hit = one.sentence.acts.get(act)
        if hit is not None and hit.score > best[0]:
            best = (round(hit.score, 3), hit.rule, one)
    return _finding(best)


def request_of(
    spoken: Sequence[Spoken],
    subject: Sentence | None = None,
    shares: Shares = NO_SHARES,
    *,
    personal: bool = True,
    named: bool = False,
) -> Finding:
    """How sure it is that the reader is asked for something.

    What is said to a crowd, or by somebody who only says that they are away, asks less, and so does what all are
    told of how to behave; a due time in the same sentence shows that it is meant, but not in an advertisement. On all
    others the second opinion is heard as far as `shares` say.
    """
    told = [one.sentence.acts for one in spoken if one.sentence.acts]
    # Whoever greets the reader by name speaks to no crowd, whatever the words are about.
    left = 1.0 if named else _of_a_crowd((*told, subject.acts if subject else {}))
    away = _is_away(spoken)
    to_all = not named and any("everyone" in acts for acts in told)
    steps = sum([REQUEST in acts and acts[REQUEST].rule.endswith(IMPERATIVE) for acts in told]) >= STEPS
    impersonal = not personal and sum([len(one.sentence.tokens) for one in spoken]) > SHORT
    best: _Best = (0.0, "", None)
    share = shares.of_requests(len(spoken))
    for one, after in zip_longest(spoken, spoken[1:]):
        hit = one.sentence.acts.get(REQUEST)
        if not one.to_reader or (hit is None and one.opinion is NO_OPINION):
            continue
        score = hit.score if hit else 0.0
        rule = hit.rule if hit else REQUEST_OPINION
        if hit and one.dated and left > TO_CUSTOMERS:
            score = max(hit.full * WITH_A_DATE, DATED_NEED if hit.full > TOO_WEAK else 0.0)
        elif left < 1.0:
            score *= left
        elif (away and one.sentence.best("reroute")) or (steps and rule.endswith(IMPERATIVE)):
            score *= TO_A_CROWD
        if impersonal and not one.dated:
            score *= IMPERSONAL
        if one.opinion and not (hit and one.dated):
            score = blended(score, one.opinion.request, share)
            if len(spoken) >= LONG_TEXT:
                score = calibrated(score)
        if to_all and (conduct := one.sentence.best("conduct")) and (conduct.score >= EVEN_DATED or not one.dated):
            score *= CONDUCT
        if after is not None and one.sentence.tokens[-1:] == ["?"] and after.sentence.best(ANSWERED):
            score *= ANSWERS_ITSELF  # The opinion hears each sentence by itself.
        if score > best[0]:
            best = (round(score, 3), rule, one)
    return _finding(best)


def _of_a_crowd(heard: Iterable[Mapping[str, Hit]]) -> float:
    """What is left of a request by how many sentences sound as if they were said to a crowd."""
    rules = [acts["mass"].rule for acts in heard if "mass" in acts]
    if any(rule.endswith(GREETING) for rule in rules):
        return TO_CUSTOMERS
    if len(rules) < CROWD:
        return 1.0
    return TO_CUSTOMERS if any(rule.endswith(ADVERT) for rule in rules) else TO_A_CROWD


def promise_of(spoken: Sequence[Spoken], shares: Shares = NO_SHARES) -> Finding:
    """How sure it is that the sender commits to something; who is away promises little."""
    away = WHILE_AWAY if _is_away(spoken) else 1.0
    best: _Best = (0.0, "", None)
    for one in spoken:
        hit = one.sentence.acts.get(PROMISE)
        if hit is None and one.opinion is NO_OPINION:
            continue
        score = hit.score * away if hit else 0.0
        if hit and (one.dated or (one.dues and hit.score >= SURE_ENOUGH)):
            score = min(hit.score + WITH_A_TIME, 1.0)
        if one.opinion:
            likely = one.opinion.promise * away
            score = blended(score, likely, shares.promises)
            if likely >= LIKELY:
                score = max(score, likely * UNRULED)
        if score > best[0]:
            best = (round(score, 3), hit.rule if hit else PROMISE_OPINION, one)
    return _finding(best)


def holding_of(spoken: Sequence[Spoken], kind: ReplyKind, is_reply: bool) -> Finding:
    """How sure it is that the message only holds: it must be an acknowledgement, and one of a few sentences.

    A message that is not known to be a reply has to begin like one, and to ask for nothing itself.
    """
    found = max(strongest(spoken, "holding"), strongest(spoken, PROMISE), key=lambda one: one.score)
    if kind in PUTS_OFF and not found and is_reply and spoken:
        # No rule says which sentence it is; the longest says most.
        found = _finding((SURE_ENOUGH, HOLDING_OPINION, max(spoken, key=lambda one: len(one.sentence.tokens))))
    if kind is not ReplyKind.ACKNOWLEDGEMENT or len(spoken) > HOLDING_WITHIN:
        return Finding(round(found.score * NOT_ONLY, 3), found.evidence)
    begun = any(one.sentence.best("opening") for one in spoken[:2])
    if is_reply or (begun and not strongest(spoken, REQUEST) and not _is_away(spoken)):
        return found
    return Finding(round(found.score * NO_REPLY, 3), found.evidence)


def held(found: Sequence[Sentence], likely: float) -> Finding:
    """The finding that a text only holds, as likely as an opinion on the whole of it says."""
    hits = [(one.acts[act].score, one.acts[act].rule, one) for one in found for act in HELD_BY if act in one.acts]
    longest = max(found, key=lambda one: len(one.tokens))
    _, rule, sentence = max(hits, key=lambda row: row[0], default=(0.0, HOLDING_OPINION, longest))
    return Finding(round(likely, 3), Evidence(rule, sentence.words[:EVIDENCE_LIMIT]))


def _is_away(spoken: Sequence[Spoken]) -> bool:
    """Whether the message is mostly about the sender's absence."""
    away = sum(["away" in one.sentence.acts for one in spoken])
    return away > 0 and len(spoken) <= 6 * away


def _finding(best: _Best) -> Finding:
    score, rule, one = best
    return Finding(score, Evidence(rule, one.sentence.words[:EVIDENCE_LIMIT])) if one else Finding()
