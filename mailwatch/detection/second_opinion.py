"""A small linear model that gives a second opinion on whether a sentence asks for something.

Features are n-grams of the sentence's tokens with all content words masked (Carvalho and Cohen 2006) and the rules
that fired. The weights were trained by benchmarks/train_second_opinion.py and are read from a JSON file beside the
lexicon; a language without such a file has no second opinion.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources

from mailwatch.detection import lexicons
from mailwatch.detection.lexicons import Lexicon
from mailwatch.detection.speechacts import Sentence

MAX_TOKENS = 60
STEPS = (0.3, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9)
_NAME = re.compile(r"(?<=[\w,;:)] )[A-Z][a-z]+")
_ACTS = ("request", "promise", "mass", "reroute", "away")
_VOCABULARY_ACTS = ("request", "promise", "void", "void-promise", "damp", "damp-promise")
_PLAIN_WORD = re.compile(r"[a-z']+")


def vocabulary_of(lexicon: Lexicon) -> frozenset[str]:
    """The words that are not masked: function words, and all that the lexicon's rules for requests name."""
    words = set(lexicon.function_words)
    for word_class in lexicon.classes.values():
        words.update(_PLAIN_WORD.findall(" ".join(word_class.words).replace("_", " ")))
    for rule in lexicon.rules:
        if rule.act in _VOCABULARY_ACTS:
            for cue in rule.cues:
                words.update(_PLAIN_WORD.findall(cue.text.replace("_", " ")))
    return frozenset(words)


def mask(tokens: Iterable[str], vocabulary: frozenset[str], names: Collection[str] = ()) -> list[str]:
    """The tokens between ^ and $, with words outside the vocabulary as x, names as Xx and numbers as #."""
    masked = ["^"]
    for token in tokens:
        if token in vocabulary:
            masked.append(token)
        elif token[0].isdigit():
            masked.append("#")
        elif token[0].isalpha():
            masked.append("Xx" if token in names else "x")
        else:
            masked.append(token)
    masked.append("$")
    return masked


def features(sentence: Sentence, vocabulary: frozenset[str]) -> Iterator[str]:
    """The names of the features that a sentence has; some may come twice."""
    for hit in sentence.hits:
        if hit.act in _ACTS:
            yield "rule " + hit.rule
    for rule in sentence.left_out:
        yield "rule " + rule
    for rule in sentence.weakened:
        yield "rule " + rule
    best = sentence.best("request")
    if best is not None:
        for step in STEPS:
            if best.score >= step:
                yield f"score {step}"
    names = {name.lower() for name in _NAME.findall(sentence.words)}
    masked = mask(sentence.tokens[:MAX_TOKENS], vocabulary, names)
    previous = before = ""
    for token in masked:
        yield token
        if previous:
            yield f"{previous} {token}"
            if before:
                yield f"{before} {previous} {token}"
        before, previous = previous, token


@dataclass(frozen=True)
class SecondOpinion:
    """The weights of one language."""

    bias: float
    weights: Mapping[str, float]
    language: str

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """The words that are not masked."""
        return vocabulary_of(lexicons.load(self.language))

    def probability(self, sentence: Sentence) -> float:
        """How likely the sentence is a request, 0 to 1, as far as the training sentences tell."""
        weights = self.weights
        present = dict.fromkeys(features(sentence, self.vocabulary))  # In order, so that every run adds up alike.
        total = self.bias + sum(weights.get(name, 0.0) for name in present)
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, total))))


@cache
def load(language: str) -> SecondOpinion | None:
    """The second opinion of a language, read once; None if it has none."""
    source = resources.files("mailwatch.detection.lexicon").joinpath(f"{language}.weights.json")
    if not source.is_file():
        return None
    document = json.loads(source.read_text("utf-8"))
    return SecondOpinion(document["bias"], document["weights"], language)
