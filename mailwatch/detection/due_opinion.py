"""A small linear model that tells by when something is due from the other times that a message names.

Features are the words around a time with all content words masked, how the rules see it, what its sentence and its
neighbours do, and how far away the day is. The weights were trained by benchmarks/train_due_opinion.py on mails
written for this project and on Parakweet's sentences, and are read from a JSON file beside the lexicon; in a language
without one the rules alone decide.
"""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources

from mailwatch.detection.deadlines import Mention
from mailwatch.detection.speechacts import PROMISE, REQUEST
from mailwatch.detection.weighing import Spoken

STEPS = (0.05, 0.15, 0.3, 0.5, 0.7, 0.85)
DAYS = (0, 1, 2, 8, 32)
QUIET = 0.3
"""A sentence that asks and promises no surer than this may name the due time of the one beside it."""
SHORT = 12
BEFORE, AFTER, FAR = 8, 5, 12
"""So many words before and after a time are looked at; telling ones from a little farther."""
_TIMES = frozenset(("weekday", "month", "relative", "number", "clock", "figures", "unit", "part", "count"))
_TELLING = frozenset(("event", "busy", "past", "denied", "deliver", "clause", "block", "change"))


@dataclass(frozen=True, slots=True)
class Found:
    """What the rules found in a message: how surely it asks and promises, and whether that is enough."""

    request: float
    promise: float
    asks: bool
    promises: bool


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


def features(
    mention: Mention,
    place: int,
    spoken: Sequence[Spoken],
    found: Found,
    sent_on: date,
    vocabulary: Collection[str],
    *,
    owned: bool,
) -> set[str]:
    """The features of a time in the sentence at a place; `owned` says that by the rules something is due then."""
    one = spoken[place]
    sentence = one.sentence
    how = mention.standing.name
    said = {how, f"cue {mention.cue}", f"{how} cue {mention.cue}", f"kinds {' '.join(mention.kinds)}"}
    said.update(f"kind {kind}" for kind in mention.kinds)
    said.add(f"days {bisect_right(DAYS, (mention.deadline.day - sent_on).days)}")
    said.add("clock" if mention.deadline.clock else "day")
    if owned:
        said.update(("owned", f"owned {how}", f"owned {mention.cue}"))
    said.add(f"message {found.asks} {found.promises}")
    said.update(f"request {step}" for step in _reached(found.request))
    said.update(f"promise {step}" for step in _reached(found.promise))
    rules = [hit.rule for hit in (sentence.best(REQUEST), sentence.best(PROMISE)) if hit] or ["no rule"]
    act = acting(one)
    own = [*(f"act {step}" for step in _reached(act))]
    if one.opinion:
        own += [f"asks {step}" for step in _reached(one.opinion.request)]
        own += [f"promises {step}" for step in _reached(one.opinion.promise)]
    said.update(rules, own, (f"{how} {name}" for name in (*rules, *own)))
    for name, other in (("before", place - 1), ("after", place + 1)):
        reached = _reached(acting(spoken[other])) if 0 <= other < len(spoken) else ("nothing",)
        said.update(f"{name} {step}" for step in reached)
        if act < QUIET:
            said.update(f"quiet, {name} {step}" for step in reached)
    if len(sentence.tokens) <= SHORT:
        said.add("short")
    if sentence.words.endswith("?"):
        said.add("?")
    return said | _around(mention, vocabulary)


def _around(mention: Mention, vocabulary: Collection[str]) -> set[str]:
    """The features of the words in the time and around it."""
    atoms, start, end = mention.atoms, mention.start, mention.end
    words = [
        f"<{atom.kind}>" if atom is not None and atom.kind in _TIMES else _shape(token, vocabulary)
        for token, atom in zip(mention.tokens, atoms, strict=True)
    ]
    led, followed = ["^", "^", *words[:start]], [*words[end:], "$", "$"]
    said = {f"-1 {led[-1]}", f"-2 {' '.join(led[-2:])}", f"-3 {' '.join(led[-3:])}"}
    said.update((f"+1 {followed[0]}", f"+2 {' '.join(followed[:2])}"))
    said.update((f"in {' '.join(words[start:end][:4])}", f"is {' '.join(mention.tokens[start:end][:3])}"))
    said.update(f"- {word}" for word in led[2:][-BEFORE:])
    said.update(f"+ {word}" for word in followed[:AFTER])
    kinds = [atom.kind if atom is not None else "" for atom in atoms]
    near = [kind for kind in kinds[max(0, start - FAR) : start] if kind in _TELLING]
    said.add(f"near {near[-1] if near else 'nothing'}")
    said.update(f"led by {kind}" for kind in kinds[:start] if kind in _TELLING)
    said.update(f"followed by {kind}" for kind in kinds[end : end + BEFORE] if kind in _TELLING)
    return said


def _shape(token: str, vocabulary: Collection[str]) -> str:
    """A word of the vocabulary and a mark as they are, another word as x, a number as #."""
    if token in vocabulary:
        return token
    return "#" if token[0].isdigit() else "x" if token[0].isalpha() else token


def _reached(value: float) -> Sequence[float]:
    return STEPS[: bisect_left(STEPS, value)]


@dataclass(frozen=True)
class DueOpinion:
    """The weights of one language, whole hundredths; `bias` goes with every time."""

    bias: int
    weights: Mapping[str, int]
    vocabulary: frozenset[str]

    def of(self, said: Collection[str]) -> float:
        """How much speaks for a time with these features being a due time: the logarithm of the odds."""
        return (self.bias + sum(filter(None, map(self.weights.get, said)))) / 100


@cache
def load(language: str) -> DueOpinion | None:
    """The opinion of a language on due times, read once; None if it has none."""
    source = resources.files("mailwatch.detection.lexicon").joinpath(f"{language}.due.json")
    if not source.is_file():
        return None
    document = json.loads(source.read_text("utf-8"))
    return DueOpinion(document["bias"], document["weights"], frozenset(document["vocabulary"]))
