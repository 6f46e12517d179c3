"""Finds the language of a message cheaply, from its function words."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import resources
from itertools import islice

from mailwatch.detection import lexicons
from mailwatch.detection.folding import forms

UNKNOWN = "und"
ENOUGH_WORDS = 5
SAMPLE = 40
MARGIN = 1.5
"""A language without a lexicon must have so many words more."""
SHARE = 0.2
"""A language is taken for found if at least this share of the words are its function words."""
_LAST_OF_LATIN = "\u036f"
"""All letters behind this one are of other scripts."""


@cache
def _by_word() -> Mapping[str, tuple[str, ...]]:
    """Each function word with the languages that have it: the lexicons' own, and those of other_languages.toml."""
    lists: dict[str, str] = {}
    for code in lexicons.languages():
        source = resources.files("mailwatch.detection.lexicon").joinpath(f"{code}.toml").read_text("utf-8")
        head = source.partition("\n[[")[0].partition("\n[classes")[0].partition("\n[time")[0]
        lists[code] = tomllib.loads(head)["words"]["function"]
    others = resources.files("mailwatch.detection.lexicon").joinpath("other_languages.toml")
    if others.is_file():
        lists.update(tomllib.loads(others.read_text("utf-8")))
    by_word: dict[str, list[str]] = {}
    for code, words in lists.items():
        for word in set(forms(words)):
            by_word.setdefault(word, []).append(code)
    return {word: tuple(codes) for word, codes in by_word.items()}


def language_of(tokens: Iterable[str], allowed: Sequence[str] = ()) -> str:
    """The ISO 639-1 code of the language with most function words; `und` if none has enough.

    A text too short to tell is in the first allowed language, or in English, unless it is in another script.
    """
    by_word = _by_word()
    counts: dict[str, float] = {}
    words = [token for token in islice(tokens, SAMPLE) if token[0].isalpha() or token in "¿¡"]
    parted = [_by_part(word, by_word) for word in words if ("'" in word or "-" in word) and word not in by_word]
    for codes, times in Counter([*filter(None, map(by_word.get, words)), *parted]).items():
        for code in codes:
            counts[code] = counts.get(code, 0.0) + times * (1.0 + 1.0 / len(codes))
    if allowed:
        counts = {code: number for code, number in counts.items() if code in allowed}
    first = allowed[0] if allowed else "en"
    if counts:
        known = lexicons.languages()
        best = max(counts, key=lambda code: (counts[code] - MARGIN * (code not in known), code == first, code))
        if counts[best] >= max(1.0, SHARE * len(words)):
            return best
    foreign = sum([word[0] > _LAST_OF_LATIN for word in words])
    return first if len(words) < ENOUGH_WORDS and 2 * foreign <= len(words) else UNKNOWN


def _by_part(word: str, by_word: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The languages of the first part of an elision (l', qu') or the last part of a hyphened word (-moi)."""
    part = word.partition("'")[0] + "'" if "'" in word else "-" + word.rpartition("-")[2]
    return by_word.get(part, ())
