"""Finds the words that make a request urgent: the reader's own, and those of the language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from mailwatch.detection.folding import Accents, forms
from mailwatch.detection.sentences import tokens

NEGATED_WITHIN = 3
Words = Mapping[str, Sequence[tuple[list[str], str]]]
"""By its first token, what else a word consists of, and the word as it was given."""


@lru_cache(maxsize=256)
def words_of(given: tuple[str, ...], accents: Accents) -> Words:
    """Words (or several as one: "high priority") as they are looked for, in all ways in which people type them."""
    found: dict[str, list[tuple[list[str], str]]] = {}
    for word in given:
        for form in forms("_".join(word.split()), accents):
            if parts := tokens(form.replace("_", " "), accents):
                found.setdefault(parts[0], []).append((parts[1:], word))
    return found


def urgent_word(sentences: Iterable[Sequence[str]], words: Words, negation: frozenset[str]) -> str | None:
    """The first of the words in sentences of tokens, unless it is negated: "nothing urgent"."""
    for sentence in sentences:
        if words.keys().isdisjoint(sentence):
            continue
        for place, token in enumerate(sentence):
            for rest, word in words.get(token, ()):
                behind = place + 1
                if sentence[behind : behind + len(rest)] == rest and negation.isdisjoint(
                    sentence[max(0, place - NEGATED_WITHIN) : place]
                ):
                    return word
    return None
