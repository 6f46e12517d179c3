"""A small linear model that gives a second opinion on whether a sentence asks for something or promises something.

Features are one to three words in a row with all content words masked (Carvalho and Cohen 2006), the rules that
fired, and where in the message the sentence stands. The weights were trained by benchmarks/train_second_opinion.py
on mails written for this project and on Parakweet's sentences, and are read from a JSON file beside the lexicon; a
language without such a file has no second opinion.
"""

from __future__ import annotations

import math
import re
import sys
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from mailwatch.detection import lexicons
from mailwatch.detection.speechacts import PROMISE, REQUEST, Sentence

MAX_TOKENS = 60
STEPS = (0.3, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9)
LENGTHS = (4, 8, 15, 26)
COUNTS = (2, 3, 6, 11)
ASKS = 0.5
EVEN = 0.5
"""The share of an opinion that counts as much as the rules."""
LONG_TEXT = 3
"""A message of so many sentences is a longer one."""
_NAME = re.compile(r" (?<=[\w,;:)] )([A-Z][a-z]+)")
_ACTS = frozenset((REQUEST, PROMISE, "mass", "reroute", "away"))
_REACHED = {act: tuple(f"~{act} {step}" for step in STEPS) for act in (REQUEST, PROMISE)}
_LONG = tuple(f"~length {step}" for step in (0, *LENGTHS))
_COUNTED = tuple(f"~of {step}" for step in (0, *COUNTS))
_COLUMN = 21
_HALF = 1 << (_COLUMN - 1)
_WHOLE = (1 << _COLUMN) - 1


Feature = str | tuple[str, ...]
"""One by its name, or the words in a row themselves: to join them would take longer than all sums."""


@dataclass(slots=True)
class Opinion:
    """How likely a sentence is a request, and how likely it is a promise, 0 to 1."""

    # Nothing changes it, but a frozen one takes three times as long to make, and every sentence has one.
    request: float = 0.0
    promise: float = 0.0


NO_OPINION = Opinion()


@dataclass(frozen=True, slots=True)
class Shares:
    """How much an opinion counts beside the rules, 0 to 1.

    `requests` are its shares in a text of one, of two, and of three or more sentences; `promises` is the same in all.
    """

    requests: tuple[float, float, float]
    promises: float

    def of_requests(self, sentences: int) -> float:
        """Its share on requests in a text of so many sentences."""
        return self.requests[min(sentences, len(self.requests)) - 1]


NO_SHARES = Shares((0.0, 0.0, 0.0), 0.0)


def mask(tokens: Iterable[str], vocabulary: Collection[str], names: Collection[str] = ()) -> list[str]:
    """The tokens between ^ and $, with words outside the vocabulary as x, names as Xx and numbers as #."""
    masked = ["^"]
    for token in tokens:
        if token in vocabulary:
            masked.append(token)
        elif token[0].isalpha():
            masked.append("Xx" if token in names else "x")
        else:
            masked.append("#" if token[0].isdigit() else token)
    masked.append("$")
    return masked


def features(
    found: Sequence[Sentence], vocabulary: Collection[str], first_person: frozenset[str] = frozenset()
) -> Iterator[set[str]]:
    """The features of each sentence of a message: words in a row, rules, and with a ~ what else is true of it.

    A sentence of a longer message has none if no rule fired on it and it has no `first_person`, where these words
    are given: it hardly ever asks or promises, and many sentences are such.
    """
    for seen in _features(found, vocabulary, first_person):
        yield {name if isinstance(name, str) else " ".join(name) for name in seen}


def _features(
    found: Sequence[Sentence], vocabulary: Collection[str], first_person: frozenset[str]
) -> Iterator[set[Feature]]:
    first_person = first_person if len(found) >= LONG_TEXT else frozenset()
    asking = [(hit := sentence.acts.get(REQUEST)) is not None and hit.score >= ASKS for sentence in found]
    asked = sum(asking)
    last = len(found) - 1
    of = _COUNTED[bisect_right(COUNTS, len(found))]
    for place, sentence in enumerate(found):
        tokens = sentence.tokens
        if first_person and not sentence.hits and first_person.isdisjoint(tokens):
            yield set()
            continue
        words = mask(tokens[:MAX_TOKENS], vocabulary, _names(sentence.words))
        seen: set[Feature] = {
            *words,
            *pairwise(words),
            *zip(words, words[1:], words[2:], strict=False),
            of,
            _LONG[bisect_right(LENGTHS, len(tokens))],
            "~asks" if sentence.words.endswith("?") else "~tells",
            "~first" if not place else "~last" if place == last else "~between",
            *sentence.left_out,
            *sentence.weakened,
        }
        if sentence.hits:
            seen.update([hit.rule for hit in sentence.hits if hit.act in _ACTS])
            for act, reached in _REACHED.items():
                if (hit := sentence.acts.get(act)) is not None:
                    seen.update(reached[: bisect_right(STEPS, hit.score)])
        if asked > asking[place]:
            seen.add("~another asks")
        if place:
            seen.add("~after asking" if asking[place - 1] else "~after telling")
            if before := found[place - 1].tokens:
                seen.add(f"~after {before[-1]}")
        if place < last and (after := found[place + 1].tokens):
            seen.add(f"~before {after[0] if after[0] in vocabulary else 'x'}")
        yield seen


def _names(words: str) -> Collection[str]:
    """The words of a sentence that look like names, in lower case."""
    # Most sentences have no capital behind the first one, which is told quicker.
    return () if words[1:].islower() else set(map(str.lower, _NAME.findall(words)))


@dataclass(frozen=True)
class SecondOpinion:
    """The weights of one language: of each feature for requests, for promises, and for a text of one sentence.

    The last are for requests too, but as wide as Parakweet's: nothing around such a sentence tells more.
    Weights are whole hundredths, `bias` goes with every sentence, and `vocabulary` holds the words not to be masked.
    `shares` say how much it counts.
    """

    bias: Sequence[int]
    weights: Mapping[Feature, int]
    vocabulary: frozenset[str]
    shares: Shares

    @classmethod
    def of_rows(
        cls, bias: Sequence[int], rows: Mapping[str, Sequence[int]], vocabulary: Iterable[str], shares: Shares
    ) -> SecondOpinion:
        """With the weights of each feature side by side in one number: one sum adds up all columns, in any order."""
        weights = {
            _feature(name): one + (two << _COLUMN) + (three << 2 * _COLUMN)
            for name, (one, two, three) in rows.items()
        }
        return cls(tuple(bias), weights, frozenset(vocabulary), shares)

    def of(self, found: Sequence[Sentence], first_person: frozenset[str] = frozenset()) -> list[Opinion]:
        """What each sentence of a message is likely to be, as far as the training mails tell; see `features`.

        None is passed over where the opinion counts as much as the rules: it may be the only one to see a request.
        """
        if self.shares.requests[-1] >= EVEN:
            first_person = frozenset()
        weight_of = self.weights.get
        opinions = []
        for seen in _features(found, self.vocabulary, first_person):
            if not seen:
                opinions.append(NO_OPINION)
                continue
            total = sum(filter(None, map(weight_of, seen)))
            request = ((total + _HALF) & _WHOLE) - _HALF
            total = (total - request) >> _COLUMN
            promise = ((total + _HALF) & _WHOLE) - _HALF
            alone = (total - promise) >> _COLUMN
            asked = self.bias[2] + alone if len(found) == 1 else self.bias[0] + request
            opinions.append(Opinion(_probability(asked), _probability(self.bias[1] + promise)))
        return opinions


def _feature(name: str) -> Feature:
    """What `features` names so; only a link is a word with a ~. All features share the same few words."""
    in_a_row = " " in name and (name[0] != "~" or name.startswith("~link "))
    return tuple(map(sys.intern, name.split(" "))) if in_a_row else name


def _probability(hundredths: int) -> float:
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, hundredths / 100))))


@cache
def load(language: str) -> SecondOpinion | None:
    """The second opinion of a language, read once; None if it has none."""
    document = lexicons.trained(language, "weights")
    if document is None:
        return None
    *requests, promises = document["shares"]
    shares = Shares(tuple(requests), promises)
    return SecondOpinion.of_rows(document["bias"], document["weights"], document["vocabulary"], shares)
