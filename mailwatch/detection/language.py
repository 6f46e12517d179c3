"""Finds the language of a message cheaply, from its function words."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources

from mailwatch.detection import cues
from mailwatch.detection.sentences import folded

UNKNOWN = "und"
ENOUGH_WORDS = 5
SAMPLE = 300
SHARE = 0.12
"""A language is taken for found if at least this share of the words are its function words."""


@cache
def _by_word() -> Mapping[str, tuple[str, ...]]:
    """Each function word with the languages that have it: the lexicons' own, and those of others.toml."""
    lists: dict[str, str] = {}
    for code in cues.languages():
        source = resources.files("mailwatch.detection.lexicon").joinpath(f"{code}.toml").read_text("utf-8")
        head = source.partition("\n[[")[0].partition("\n[classes")[0].partition("\n[time")[0]
        lists[code] = tomllib.loads(head)["words"]["function"]
    others = resources.files("mailwatch.detection.lexicon").joinpath("other_languages.toml")
    if others.is_file():
        lists.update(tomllib.loads(others.read_text("utf-8")))
    by_word: dict[str, list[str]] = {}
    for code, words in lists.items():
        for word in set(folded(words).split()):
            by_word.setdefault(word, []).append(code)
    return {word: tuple(codes) for word, codes in by_word.items()}


def language_of(tokens: Sequence[str], allowed: Sequence[str] = ()) -> str:
    """The ISO 639-1 code of the language with most function words; `und` if none has enough.

    A text too short to tell is in the first allowed language, or in English.
    """
    by_word = _by_word()
    counts: Counter[str] = Counter()
    words = [token for token in tokens[:SAMPLE] if token[0].isalpha()]
    for word in words:
        for code in by_word.get(word, ()):
            counts[code] += 1
    if allowed:
        counts = Counter({code: number for code, number in counts.items() if code in allowed})
    first = allowed[0] if allowed else "en"
    if counts:
        most = max(counts.values())
        best = first if counts[first] == most else min(code for code, number in counts.items() if number == most)
        if most >= max(1, SHARE * len(words)):
            return best
    if len(words) < ENOUGH_WORDS:
        return first
    return UNKNOWN
