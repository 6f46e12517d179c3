"""A small linear model that tells a holding reply by its words alone, where nothing else says that it is a reply.

Features are those of reply_opinion, those of the first sentence once more by themselves, for there a reply begins,
and the rules that fired. The weights were trained by benchmarks/train_holding_opinion.py on mails and replies written
for this project, and are read from a JSON file beside the lexicon; a language without one has no such opinion.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from mailwatch.detection import lexicons, reply_opinion
from mailwatch.detection.speechacts import Sentence


def features(found: Sequence[Sentence], vocabulary: frozenset[str]) -> Iterator[str]:
    """The names of the features that a text has, its sentences read as those of a reply; some may come twice."""
    yield from reply_opinion.features(found, vocabulary)
    for name in reply_opinion.words_and_pairs(reply_opinion.what_is_said(found)[0], vocabulary):
        yield f"first {name}"
    for sentence in found:
        for hit in sentence.hits:
            yield hit.rule


def is_short(found: Sequence[Sentence]) -> bool:
    """Whether a text is no longer than those from which the model has learnt."""
    return sum([len(sentence.tokens) for sentence in found]) <= reply_opinion.LONGEST


@dataclass(frozen=True)
class HoldingOpinion:
    """The weights of one language: how much each feature speaks for a holding reply, and `bias` if none does."""

    weights: Mapping[str, float]
    bias: float
    vocabulary: frozenset[str]

    def of(self, found: Sequence[Sentence]) -> float:
        """How likely a short text is a holding reply, 0 to 1."""
        weights = self.weights
        # Each once and in order: sums of a set would differ in their last digit from one run to the next.
        odds = self.bias + sum([weights.get(name, 0.0) for name in dict.fromkeys(features(found, self.vocabulary))])
        return 1 / (1 + math.exp(-odds))


@cache
def load(language: str) -> HoldingOpinion | None:
    """The opinion of a language, read once; None if it has none."""
    document = lexicons.trained(language, "holding")
    if document is None:
        return None
    return HoldingOpinion(document["weights"], document["bias"], frozenset(document["vocabulary"]))
