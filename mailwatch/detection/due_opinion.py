"""A small linear model that tells by when something is due from the other times that a message names.

Features are the words around a time with all content words masked, how the rules see it, what its sentence and the
one before it do, and how far away the day is. The weights were trained by benchmarks/train_due_opinion.py on mails
written for this project and on Parakweet's sentences, and are read from a JSON file beside the lexicon; in a language
without one the rules alone decide.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from mailwatch.detection import lexicons, second_opinion
from mailwatch.detection.deadlines import Mention
from mailwatch.detection.speechacts import PROMISE, REQUEST
from mailwatch.detection.weighing import Spoken

STEPS = (0.05, 0.15, 0.3, 0.5, 0.7, 0.85)
DAYS = (0, 1, 2, 8, 32)
QUIET = 0.15
"""In a sentence that asks and promises no surer than this only a cue makes a due time."""
OWNED = "owned"
"""The feature of a due time by the rules."""
SHORT = 12
WORDS_BEFORE, WORDS_AFTER = 8, 5
"""So many words before and after a time are looked at."""
_TIMES = frozenset(("weekday", "month", "relative", "number", "clock", "figures", "unit", "part", "count"))
_TELLING = frozenset(("event", "busy", "past", "denied", "deliver", "clause", "block", "change"))


def acting(one: Spoken) -> float:
    """How surely a sentence asks or promises, 0 to 1, by the rules or by the second opinion, whichever says more."""
    return max(asking(one), promising(one))


def asking(one: Spoken) -> float:
    """How surely a sentence asks, by the rules or by the second opinion."""
    hit = one.sentence.best(REQUEST)
    return max(hit.score if hit else 0.0, one.opinion.request if one.opinion else 0.0)


def promising(one: Spoken) -> float:
    """How surely a sentence promises, by the rules or by the second opinion."""
    hit = one.sentence.best(PROMISE)
    return max(hit.score if hit else 0.0, one.opinion.promise if one.opinion else 0.0)


def of_sentence(spoken: Sequence[Spoken], place: int) -> set[str]:
    """The features that all times in the sentence at a place share; a ~ stands before those of what it does."""
    one = spoken[place]
    sentence = one.sentence
    said = {f"~{hit.rule}" for hit in (sentence.best(REQUEST), sentence.best(PROMISE)) if hit} or {"~no rule"}
    if one.opinion:
        said.update([f"~asks {step}" for step in _reached(one.opinion.request)])
        said.update([f"~promises {step}" for step in _reached(one.opinion.promise)])
    said.update([f"before {step}" for step in (_reached(acting(spoken[place - 1])) if place else ("nothing",))])
    if len(sentence.tokens) <= SHORT:
        said.add("short")
    if sentence.words.endswith("?"):
        said.add("?")
    return said


def features(
    mention: Mention, shared: Collection[str], sent_on: date, vocabulary: Collection[str], *, owned: bool
) -> set[str]:
    """The features of a time, with those that it shares; `owned` says that by the rules something is due then."""
    how = mention.standing.name
    said = {how, f"cue {mention.cue}", f"{how} cue {mention.cue}", f"kinds {' '.join(mention.kinds)}"}
    said.update([f"kind {kind}" for kind in mention.kinds])
    said.add(f"days {bisect_right(DAYS, (mention.deadline.day - sent_on).days)}")
    said.add("clock" if mention.deadline.clock else "day")
    if owned:
        said.add(OWNED)
    said.update(shared, [how + name for name in shared if name[0] == "~"])
    _look_around(mention, vocabulary, said)
    return said


def _look_around(mention: Mention, vocabulary: Collection[str], said: set[str]) -> None:
    """Adds the features of the words in a time and around it."""
    atoms, start, end = mention.atoms, mention.start, mention.end
    words = [
        f"<{atom.kind}>" if atom is not None and atom.kind in _TIMES else masked
        for masked, atom in zip(second_opinion.mask(mention.tokens, vocabulary)[1:-1], atoms, strict=True)
    ]
    led, followed = ["^", *words[:start]], [*words[end:], "$", "$"]
    said.update((f"-1 {led[-1]}", f"-2 {' '.join(led[-2:])}", f"+1 {followed[0]}", f"+2 {' '.join(followed[:2])}"))
    said.update([f"- {word}" for word in led[1:][-WORDS_BEFORE:]])
    said.update([f"+ {word}" for word in followed[:WORDS_AFTER]])
    said.update([f"led by {atom.kind}" for atom in atoms[:start] if atom is not None and atom.kind in _TELLING])


def _reached(value: float) -> Sequence[float]:
    return STEPS[: bisect_left(STEPS, value)]


@dataclass(frozen=True)
class DueOpinion:
    """The weights of one language, whole hundredths; `bias` goes with every time.

    `least` is how much must speak for a time that is a due time by the rules, and for another, as logarithms of the
    odds.
    """

    bias: int
    weights: Mapping[str, int]
    vocabulary: frozenset[str]
    least: tuple[float, float]

    def of(self, said: Collection[str]) -> float:
        """How much speaks for a time with these features being a due time: the logarithm of the odds."""
        return (self.bias + sum(filter(None, map(self.weights.get, said)))) / 100


@cache
def load(language: str) -> DueOpinion | None:
    """The opinion of a language on due times, read once; None if it has none."""
    document = lexicons.trained(language, "due")
    if document is None:
        return None
    owned, other = document["least"]
    return DueOpinion(document["bias"], document["weights"], frozenset(document["vocabulary"]), (owned, other))
