"""A small linear model that gives a second opinion on what a short reply does.

Features are the words and pairs of words of its sentences with all content words masked. The weights were trained by
benchmarks/train_reply_opinion.py on replies written for this project, and are read from a JSON file beside the
lexicon; a language without such a file has no second opinion.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from mailwatch.detection import lexicons, second_opinion
from mailwatch.detection.speechacts import Sentence
from mailwatch.domain.reading import ReplyKind

LONGEST = 100
"""A reply of more tokens is left to the rules: the model has seen short ones only."""
MOST_SENTENCES = 5
NAME = 2
"""A line of so few words without a mark is a greeting or a signature."""


def features(found: Sequence[Sentence], vocabulary: frozenset[str]) -> Iterator[str]:
    """The names of the features that a reply has; some may come twice."""
    said = what_is_said(found)
    yield f"sentences {min(MOST_SENTENCES, len(said))}"
    for sentence in said:
        yield from words_and_pairs(sentence, vocabulary)


def what_is_said(found: Sequence[Sentence]) -> Sequence[Sentence]:
    """The sentences without greetings and names, if there are others."""
    return [one for one in found if len(one.tokens) > NAME or not one.words[-1].isalpha()] or found


def words_and_pairs(sentence: Sentence, vocabulary: frozenset[str]) -> Iterator[str]:
    """The words of a sentence, and each with the next one, with all content words masked."""
    masked = second_opinion.mask(sentence.tokens, vocabulary)
    yield from masked[1:-1]
    for one, other in pairwise(masked):
        yield f"{one} {other}"


@dataclass(frozen=True)
class ReplyOpinion:
    """The weights of one language: for each feature one weight for each of the kinds."""

    kinds: tuple[ReplyKind, ...]
    weights: Mapping[str, Sequence[float]]
    vocabulary: frozenset[str]

    def scores(self, found: Sequence[Sentence]) -> Mapping[ReplyKind, float]:
        """How much the words speak for each kind, as logarithms; nothing for a long reply."""
        if sum(len(sentence.tokens) for sentence in found) > LONGEST:
            return {}
        weights = self.weights
        # Each once and in order: sums of a set would differ in their last digit from one run to the next.
        rows = [weights[name] for name in dict.fromkeys(features(found, self.vocabulary)) if name in weights]
        return dict(zip(self.kinds, map(sum, zip(*rows, strict=True)), strict=True)) if rows else {}


@cache
def load(language: str) -> ReplyOpinion | None:
    """The second opinion of a language on replies, read once; None if it has none."""
    document = lexicons.trained(language, "replies")
    if document is None:
        return None
    kinds = tuple(ReplyKind(kind) for kind in document["kinds"])
    return ReplyOpinion(kinds, document["weights"], frozenset(document["vocabulary"]))
