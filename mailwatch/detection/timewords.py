"""Turns tokens into the atoms of a time expression, with the words of one language."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from mailwatch.detection import lexicons
from mailwatch.detection.sentences import folded

_KINDS = """weekday month nth count relative part noon lunch end_of edge shift unit weekend quarter calendar_week
hence am pm hours at on dated ordinal zone by due within belonging filler block event busy past change denied deliver
hand clause repeat nothing"""
KINDS = frozenset(_KINDS.split())
"""What a [time] table may hold; docs/howto/add-a-language.md says what each means."""

OWNING = "'s"
ARTICLE = "l'"
HENCE = 2
"""The row of `within` that also joins the parts of a time: in."""
_TELLING = ("weekday", "relative", "lunch", "end_of", "unit", "weekend", "edge", "quarter", "calendar_week")
_NONE: Mapping[str, tuple[tuple[tuple[str, ...], Atom], ...]] = {}
_DIGITS = re.compile(r"\d{1,4}$")
_PARTS = re.compile(r"(\d{1,4})([:/.\-])(\d{1,2})(?:\2(\d{1,2}|\d{4}))?$")


@dataclass(frozen=True, slots=True)
class Atom:
    """A piece of time: its kind, a number that goes with it, and how many tokens it took.

    `figures` and `sign` are the numbers of a date or clock time in figures and what stands between them.
    """

    kind: str
    number: int = 0
    width: int = 1
    figures: tuple[int, ...] = ()
    sign: str = ""


@dataclass(frozen=True)
class TimeWords:
    """The words of a language in `plain`, and its longer phrases by their first and second word, longest first.

    `telling` are words that begin a time by themselves, `cues` those that begin a cue. `delivers` says that the
    language names the verbs behind which "until" is "by". `joined` parts what is written as one word, a weekday
    and a time of day or "Monday's"; `latest` are the phrases that may follow a time; `hinting` are noon and
    the times of day. `dated` are the words that make a number behind them the day of a month: le 25.
    `clocked` are the words beside a clock time, in a language that names the verbs of handing over.
    """

    plain: Mapping[str, Atom]
    phrases: Mapping[str, Mapping[str, tuple[tuple[tuple[str, ...], Atom], ...]]]
    telling: frozenset[str]
    cues: frozenset[str]
    delivers: bool = False
    joined: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    latest: frozenset[tuple[str, ...]] = frozenset()
    hinting: frozenset[str] = frozenset()
    dated: frozenset[str] = frozenset()
    clocked: frozenset[str] = frozenset()

    def atoms(self, tokens: Sequence[str]) -> list[Atom | None]:
        """For each token the atom that begins at it, if any."""
        plain, longer = self.plain, self.phrases
        return [
            self._at(tokens, place) if token in longer or token[0].isdigit() else plain.get(token)
            for place, token in enumerate(tokens)
        ]

    def knows(self, token: str) -> bool:
        """Whether a word begins a phrase."""
        return token in self.plain or token in self.phrases

    def _at(self, tokens: Sequence[str], place: int) -> Atom | None:
        token = tokens[place]
        second = tokens[place + 1] if place + 1 < len(tokens) else ""
        for words, atom in self.phrases.get(token, _NONE).get(second, ()):
            if len(words) == 2 or tuple(tokens[place : place + len(words)]) == words:
                return atom
        return self.plain.get(token) or (_figures(token) if token[0].isdigit() else None)

    def ends_late(self, tokens: Sequence[str], place: int) -> bool:
        """Whether a phrase such as "at the latest" stands at a place."""
        return any(tuple(tokens[place : place + len(phrase)]) == phrase for phrase in self.latest)

    def any_in(self, tokens: Sequence[str], *, behind_a_cue: bool) -> bool:
        """Whether there is a word or figure that could be a due time; most sentences have none.

        `behind_a_cue` asks for a word such as "by" as well.
        """
        cued = not self.cues.isdisjoint(tokens)
        if behind_a_cue and not cued:
            return False
        if not self.telling.isdisjoint(tokens) or not (behind_a_cue or self.clocked.isdisjoint(tokens)):
            return True
        if cued:
            return any(token[0].isdigit() or self.knows(token) for token in tokens)
        if not self.dated.isdisjoint(tokens) and any(token[0].isdigit() for token in tokens):
            return True
        return any("-" in token and not self.telling.isdisjoint(token.split("-")) for token in tokens)

    def may_name(self, tokens: Sequence[str]) -> bool:
        """Whether there is any word or figure with which a time could be named."""
        if not (self.telling.isdisjoint(tokens) and self.cues.isdisjoint(tokens) and self.hinting.isdisjoint(tokens)):
            return True
        return any(
            token[0].isdigit() or ("-" in token and self.any_in((token,), behind_a_cue=False)) for token in tokens
        )

    def parted(self, tokens: Sequence[str]) -> Sequence[str]:
        """The tokens with joined time words taken apart: mid-june, end-of-month, monday's."""
        if self.joined.keys().isdisjoint(tokens) and "-" not in " ".join(tokens):
            return tokens
        found: list[str] = []
        for token in tokens:
            if token in self.joined:
                found += self.joined[token]
            elif "-" in token and not token[0].isdigit() and not self.knows(token):
                parts = [part for part in token.split("-") if part]
                found += parts if any(self.knows(part) for part in parts) else [token]
            else:
                found.append(token)
        return found


def _figures(token: str) -> Atom | None:
    if _DIGITS.match(token):
        return Atom("number", int(token))
    if found := _PARTS.match(token):
        numbers = tuple(int(part) for part in found.group(1, 3, 4) if part)
        return Atom("clock" if found[2] == ":" else "figures", figures=numbers, sign=found[2])
    return None


@cache
def words_of(language: str) -> TimeWords:
    """The time words of a language that has a lexicon."""
    return from_table(lexicons.load(language).time)


def from_table(table: Mapping[str, Any]) -> TimeWords:
    """Builds the phrases from a [time] table: a string is one kind, a list numbers its entries from 0 on.

    Raises ValueError for a kind that nothing knows.
    """
    phrases: dict[str, list[tuple[tuple[str, ...], Atom]]] = {}
    telling: set[str] = set()
    marking: set[str] = set()
    dated = frozenset(folded(table.get("dated", "")).split())
    for kind, entry in table.items():
        if kind not in KINDS:
            raise ValueError(f"The [time] table has {kind!r}; known are {', '.join(sorted(KINDS))}.")
        if kind == "dated":
            continue
        for number, row in enumerate([entry] if isinstance(entry, str) else entry):
            for phrase in folded(row).split():
                words = tuple(phrase.split("_"))
                phrases.setdefault(words[0], []).append((words, Atom(kind, number, len(words))))
                # The longest word of a phrase is the one that fewest other sentences hold.
                if kind in _TELLING:
                    telling.add(max(words, key=len))
                elif kind in ("by", "due") or (kind == "within" and number != HENCE):
                    marking.add(max(words, key=len))
    endings = folded(table.get("ordinal", "")).split()
    for word in dated:
        for day in range(1, 32):
            for words in ((word, str(day)), *((word, str(day), ending) for ending in endings)):
                phrases.setdefault(word, []).append((words, Atom("nth", day - 1, len(words))))
    plain = {first: atom for first, rows in phrases.items() for words, atom in reversed(rows) if len(words) == 1}
    longer: dict[str, dict[str, tuple[tuple[tuple[str, ...], Atom], ...]]] = {}
    for first, rows in phrases.items():
        for row in sorted((row for row in rows if len(row[0]) > 1), key=lambda row: -len(row[0])):
            seconds = longer.setdefault(first, {})
            seconds[row[0][1]] = (*seconds.get(row[0][1], ()), row)
    times = folded(f"{table.get('part', '')} {' '.join(table.get('noon', ()))}").split()
    joined = {
        day + part: (day, part) for row in table.get("weekday", ()) for day in folded(row).split() for part in times
    }
    # French writes the article and the unit as one word: dans l'heure.
    apart = {ARTICLE + word: (ARTICLE, word) for word in folded(" ".join(table.get("unit", ()))).split()}
    named = {word for rows in phrases.values() for words, _ in rows for word in words}
    if ARTICLE in named:
        joined |= {word: parts for word, parts in apart.items() if word not in named}
    latest = frozenset(tuple(phrase.split("_")) for row in table.get("by", ())[1:2] for phrase in folded(row).split())
    joined |= {word + OWNING: (word, OWNING) for word in telling if word + OWNING not in phrases}
    telling.update(joined)
    clocks = folded(f"{table.get('hours', '')} {' '.join(table.get('noon', ()))}").split()
    clocked = frozenset(clocks if "hand" in table else ())
    hinting = frozenset(word for phrase in times for word in phrase.split("_"))
    return TimeWords(
        plain,
        longer,
        frozenset(telling),
        frozenset(marking),
        "deliver" in table,
        joined,
        latest,
        hinting,
        dated,
        clocked,
    )
