"""Turns tokens into the atoms of a time expression, with the words of one language."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from typing import Any

from mailwatch.detection import lexicons
from mailwatch.detection.sentences import folded, forms

_KINDS = """weekday month nth count relative part noon lunch end_of edge shift unit weekend quarter calendar_week
hence am pm hours at on dated ordinal zone by due within belonging filler block event busy past change denied deliver
hand clause repeat nothing to_hour prefix date"""
KINDS = frozenset(_KINDS.split())
"""What a [time] table may hold; docs/howto/add-a-language.md says what each means."""

OWNING = "'s"
NAMES_DAY = 1
"""The row of `on` and of `belonging` whose words make a bare number behind them a day of the month."""
UNTIL = 4
"""The row of `by` that needs a verb of delivery; without it that of "until" does, if there are such verbs."""
ARTICLE = "l'"
HENCE = 2
"""The row of `within` that also joins the parts of a time: in."""
_TELLING = ("weekday", "relative", "lunch", "end_of", "unit", "weekend", "edge", "quarter", "calendar_week")
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


_Phrase = tuple[tuple[str, ...], Atom]
"""The words of a phrase and what they are."""
_NONE: Mapping[str, tuple[_Phrase, ...]] = {}


@dataclass(frozen=True)
class TimeWords:
    """The words of a language in `plain`, and its longer phrases by their first and second word, longest first.

    `telling` are words that begin a time by themselves, `cues` those that begin a cue. `delivers` says that the
    language names the verbs behind which "until" is "by", `hands` those of handing over, behind which a clock time is
    enough, `spoken` that a number in words behind "by" may be the hour. `prefixes` are parts of verbs, which mean
    nothing at the end of a clause. `joined` parts what is written as one word, a weekday and a time of day or
    "Monday's"; `latest` are the phrases that may follow a time. Of the words before a date `dates` need no other cue,
    `dated` make a number the day of a month (le 25), and `leads` a bare one a day or an hour (el 25, a las 11).
    `clocked` are the words beside a clock time, where `hands` needs them.
    """

    plain: Mapping[str, Atom]
    phrases: Mapping[str, Mapping[str, tuple[_Phrase, ...]]]
    telling: frozenset[str]
    cues: frozenset[str]
    delivers: bool = False
    hands: bool = False
    spoken: bool = False
    prefixes: frozenset[str] = frozenset()
    joined: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    latest: frozenset[tuple[str, ...]] = frozenset()
    dates: frozenset[str] = frozenset()
    dated: frozenset[str] = frozenset()
    leads: frozenset[str] = frozenset()
    clocked: frozenset[str] = frozenset()

    def atoms(self, tokens: Sequence[str]) -> list[Atom | None]:
        """For each token the atom that begins at it, if any."""
        plain, longer = self.plain, self.phrases
        found = [
            self._at(tokens, place) if token in longer or token[0].isdigit() else plain.get(token)
            for place, token in enumerate(tokens)
        ]
        if not self.prefixes.isdisjoint(tokens):
            for place, token in enumerate(tokens):
                if token in self.prefixes and self._ends(tokens, place + 1):
                    found[place] = None
        return found

    def _ends(self, tokens: Sequence[str], place: int) -> bool:
        """Whether a clause ends before a place."""
        if place >= len(tokens) or tokens[place] in ".,;!?":
            return True
        atom = self.plain.get(tokens[place])
        return atom is not None and atom.kind == "clause"

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

    def _counts(self, token: str) -> bool:
        return token[0].isdigit() or (token in self.plain and self.plain[token].kind == "count")

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
        if self.leads and any(one in self.leads and self._counts(two) for one, two in pairwise(tokens)):
            return True
        if not self.dates.isdisjoint(tokens) and any(token[0].isdigit() for token in tokens):
            return True
        if cued:
            return any(token[0].isdigit() or self.knows(token) for token in tokens)
        if not self.dated.isdisjoint(tokens) and any(token[0].isdigit() for token in tokens):
            return True
        return any("-" in token and not self.telling.isdisjoint(token.split("-")) for token in tokens)

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
    lexicon = lexicons.load(language)
    return from_table(lexicon.time, lexicon.accents)


def from_table(table: Mapping[str, Any], accents: str = "") -> TimeWords:
    """Builds the phrases from a [time] table: a string is one kind, a list numbers its entries from 0 on.

    Raises ValueError for a kind that nothing knows.
    """
    phrases: dict[str, list[_Phrase]] = {}
    telling: set[str] = set()
    marking: set[str] = set()
    dated = frozenset(folded(table.get("dated", "")).split())
    if unknown := table.keys() - KINDS:
        raise ValueError(f"The [time] table has {min(unknown)!r}; known are {', '.join(sorted(KINDS))}.")
    listed = {kind: [entry] if isinstance(entry, str) else entry for kind, entry in table.items()}
    for kind, entries in listed.items():
        if kind in ("dated", "prefix", "date"):
            continue
        for number, row in enumerate(entries):
            for phrase in forms(row, accents):
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
    times = forms(f"{table.get('part', '')} {' '.join(table.get('noon', ()))}")
    joined = {day + part: (day, part) for row in listed.get("weekday", ()) for day in forms(row) for part in times}
    latest = frozenset(tuple(phrase.split("_")) for row in listed.get("by", [])[1:2] for phrase in forms(row))
    leading = [row for kind in ("on", "at") for row in listed.get(kind, [])[1:2]]
    # French writes the article and the unit as one word: dans l'heure.
    apart = {ARTICLE + word: (ARTICLE, word) for word in forms(" ".join(table.get("unit", ())))}
    named = {word for rows in phrases.values() for words, _ in rows for word in words}
    if ARTICLE in named:
        joined |= {word: parts for word, parts in apart.items() if word not in named}
    joined |= {word + OWNING: (word, OWNING) for word in telling if word + OWNING not in phrases}
    telling.update(joined)
    hands = "hand" in table
    clocks = forms(f"{table.get('hours', '')} {' '.join(table.get('noon', ()))}") if hands else ()
    return TimeWords(
        plain,
        _longer(phrases),
        frozenset(telling),
        frozenset(marking),
        delivers="deliver" in table and len(listed.get("by", [])) <= UNTIL,
        hands=hands,
        spoken="to_hour" in table,
        prefixes=frozenset(forms(table.get("prefix", ""))),
        joined=joined,
        latest=latest,
        dates=frozenset(forms(table.get("date", ""))),
        dated=dated,
        leads=frozenset(phrase.rpartition("_")[2] for phrase in forms(" ".join(leading))),
        clocked=frozenset(clocks),
    )


def _longer(phrases: Mapping[str, Sequence[_Phrase]]) -> dict[str, dict[str, tuple[_Phrase, ...]]]:
    """The phrases of two words and more by their first and second word, longest first."""
    longer: dict[str, dict[str, tuple[_Phrase, ...]]] = {}
    for first, rows in phrases.items():
        for row in sorted((row for row in rows if len(row[0]) > 1), key=lambda row: -len(row[0])):
            seconds = longer.setdefault(first, {})
            seconds[row[0][1]] = (*seconds.get(row[0][1], ()), row)
    return longer
