"""Builds the time words of a language from the [time] table of its lexicon."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from mailwatch.detection import lexicons
from mailwatch.detection.folding import Accents, folded, forms
from mailwatch.detection.timewords import (
    BARE,
    DAY_BEFORE,
    HENCE,
    LATEST,
    OWNING,
    UNTIL,
    Atom,
    Phrase,
    Telltales,
    TimeWords,
)

_KINDS = """weekday month nth count relative part noon lunch end_of edge shift unit weekend quarter calendar_week
hence am pm hours at on dated ordinal zone by due within belonging filler block event busy past change denied deliver
hand clause repeat nothing earlier to_hour past_hour span prefix date half"""
KINDS = frozenset(_KINDS.split())
"""What a [time] table may hold; docs/howto/add-a-language.md says what each means."""
HALVES = ("the first half of the day", "the second")
ARTICLE = "l'"
_TELLING = ("weekday", "relative", "lunch", "end_of", "unit", "weekend", "edge", "quarter", "calendar_week", "span")


@cache
def words_of(language: str) -> TimeWords:
    """The time words of a language that has a lexicon."""
    lexicon = lexicons.load(language)
    return from_table(lexicon.time, lexicon.accents)


def from_table(table: Mapping[str, Any], accents: Accents = None) -> TimeWords:
    """Builds the phrases from a [time] table: a string is one kind, a list numbers its entries from 0 on.

    Raises ValueError for a kind that nothing knows, and for one half of the day without the other.
    """
    phrases: dict[str, list[Phrase]] = {}
    telling: set[tuple[str, ...]] = set()
    marking: set[tuple[str, ...]] = set()
    dated = frozenset(folded(table.get("dated", "")).split())
    if unknown := table.keys() - KINDS:
        raise ValueError(f"The [time] table has {min(unknown)!r}; known are {', '.join(sorted(KINDS))}.")
    listed = {kind: [entry] if isinstance(entry, str) else entry for kind, entry in table.items()}
    if len(listed.get("half", HALVES)) != len(HALVES):
        raise ValueError(f"In the [time] table half has not {len(HALVES)} rows, which are {' and '.join(HALVES)}.")
    for kind, entries in listed.items():
        if kind in ("dated", "prefix", "date", "half"):
            continue
        for number, row in enumerate(entries):
            for phrase in forms(row, accents):
                words = tuple(phrase.split("_"))
                atom = Atom(kind, number, len(words))
                phrases.setdefault(words[0], []).append((words, atom))
                if kind in _TELLING or atom.stands_in("earlier", DAY_BEFORE):
                    telling.add(words)
                elif kind in ("by", "due") or (kind == "within" and number != HENCE):
                    marking.add(words)
    endings = folded(table.get("ordinal", "")).split()
    for word in dated:
        for day in range(1, 32):
            for words in ((word, str(day)), *((word, str(day), ending) for ending in endings)):
                phrases.setdefault(word, []).append((words, Atom("nth", day - 1, len(words))))
    plain = {first: atom for first, rows in phrases.items() for words, atom in reversed(rows) if len(words) == 1}
    times = forms(f"{table.get('part', '')} {' '.join(table.get('noon', ()))}")
    joined = {day + part: (day, part) for row in listed.get("weekday", ()) for day in forms(row) for part in times}
    latest = frozenset(
        tuple(phrase.split("_")) for row in listed.get("by", [])[LATEST : LATEST + 1] for phrase in forms(row)
    )
    leading = [row for kind in ("on", "at") for row in listed.get(kind, [])[BARE : BARE + 1]]
    # French writes the article and the unit as one word: dans l'heure.
    apart = {ARTICLE + word: (ARTICLE, word) for word in forms(" ".join(table.get("unit", ())))}
    named = {word for rows in phrases.values() for words, _ in rows for word in words}
    if ARTICLE in named:
        joined |= {word: parts for word, parts in apart.items() if word not in named}
    owning = [words[0] for words in telling if len(words) == 1]
    joined |= {word + OWNING: (word, OWNING) for word in owning if word + OWNING not in phrases}
    telling.update((word,) for word in joined)
    hands = "hand" in table
    clocks = forms(f"{table.get('hours', '')} {' '.join(table.get('noon', ()))}") if hands else ()
    return TimeWords(
        plain,
        _longer(phrases),
        Telltales.of(telling),
        Telltales.of(marking),
        delivers="deliver" in table and len(listed.get("by", [])) <= UNTIL,
        hands=hands,
        prefixes=frozenset(forms(table.get("prefix", ""))),
        joined=joined,
        latest=latest,
        dates=frozenset(forms(table.get("date", ""))) | dated,
        leads=frozenset(phrase.rpartition("_")[2] for phrase in forms(" ".join(leading))),
        clocked=frozenset(clocks),
        halves=tuple(frozenset(forms(row, accents)) for row in listed.get("half", ())),
    )


def _longer(phrases: Mapping[str, Sequence[Phrase]]) -> dict[str, dict[str, tuple[Phrase, ...]]]:
    """The phrases of two words and more by their first and second word, longest first."""
    longer: dict[str, dict[str, tuple[Phrase, ...]]] = {}
    for first, rows in phrases.items():
        for row in sorted((row for row in rows if len(row[0]) > 1), key=lambda row: -len(row[0])):
            seconds = longer.setdefault(first, {})
            seconds[row[0][1]] = (*seconds.get(row[0][1], ()), row)
    return longer
