"""Turns tokens into the atoms of a time expression, with the words of one language."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

OWNING = "'s"
STRICT, LATEST, SOFT, BEFORE, UNTIL = range(5)
"""The rows of `by`: plain ones, those that may follow the time, those that also mean "until" or "for", "before".

The last needs a verb of delivery; without it the one of "until" does, if there are such verbs.
"""
EITHER, HENCE = 1, 2
"""The rows of `within` that may also stand before a day, and that also join the parts of a time: in."""
DAY_BEFORE, COUNTING, THEN = range(3)
"""The rows of `earlier`: words for the day before the one named last, those that count back from it, "by then"."""
FROM = 1
"""The row of `hence` that needs a day behind it; the other, "from now", ends a time."""
REACHING = 0
"""The row of `block` that spoils a time a few words behind it; the other spoils only the next one: last Monday."""
BARE = 1
"""The row of `on` and of `belonging` with a bare day of the month behind it, and of `at` with an hour and no day."""
MEAL = 1
"""The row of `lunch` that is a time behind a cue only: by lunch, but "I will bring lunch"."""
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

    def stands_in(self, kind: str, *rows: int) -> bool:
        """Whether it is of a kind, in one of some rows of its list."""
        return self.kind == kind and self.number in rows


Phrase = tuple[tuple[str, ...], Atom]
"""The words of a phrase and what they are."""
_NONE: Mapping[str, tuple[Phrase, ...]] = {}


@dataclass(frozen=True)
class Telltales:
    """Words and phrases by which a sentence is told from most others; each phrase stands under its longest word."""

    words: frozenset[str]
    phrases: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, signs: Collection[Sequence[str]]) -> Telltales:
        """Files signs, each given by its words."""
        phrases: dict[str, tuple[str, ...]] = {}
        for words in signs:
            if len(words) > 1:
                # Fewest other sentences hold the longest word.
                longest = max(words, key=len)
                phrases[longest] = (*phrases.get(longest, ()), f" {' '.join(words)} ")
        return cls(frozenset(words[0] for words in signs if len(words) == 1), phrases)

    def among(self, tokens: Sequence[str]) -> bool:
        """Whether one of them stands among some tokens."""
        if not self.words.isdisjoint(tokens):
            return True
        if self.phrases.keys().isdisjoint(tokens):
            return False
        text = f" {' '.join(tokens)} "
        return any(phrase in text for token in tokens for phrase in self.phrases.get(token, ()))


@dataclass(frozen=True)
class TimeWords:
    """The words of a language in `plain`, and its longer phrases by their first and second word, longest first.

    `telling` are signs of a time by themselves, `cues` those of a cue. `delivers` says that the
    language names the verbs behind which "until" is "by", `hands` those of handing over, behind which a clock time is
    enough. `prefixes` are parts of verbs, which mean
    nothing at the end of a clause. `joined` parts what is written as one word, a weekday and a time of day or
    "Monday's"; `latest` are the phrases that may follow a time. Of the words before a figure `dates` need no other
    cue (am 3. Dezember, le 25), and `leads` make a bare one a day or an hour (el 25, a las 11). `clocked` are the
    words beside a clock time, where `hands` needs them; `halves` those of the first half of the day and of the
    second.
    """

    plain: Mapping[str, Atom]
    phrases: Mapping[str, Mapping[str, tuple[Phrase, ...]]]
    telling: Telltales
    cues: Telltales
    delivers: bool = False
    hands: bool = False
    prefixes: frozenset[str] = frozenset()
    joined: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    latest: frozenset[tuple[str, ...]] = frozenset()
    dates: frozenset[str] = frozenset()
    leads: frozenset[str] = frozenset()
    clocked: frozenset[str] = frozenset()
    halves: tuple[frozenset[str], ...] = ()

    @property
    def verbs_last(self) -> bool:
        """Whether parted verbs end a clause, so that what takes place may stand behind its time."""
        return bool(self.prefixes)

    def atoms(self, tokens: Sequence[str]) -> list[Atom | None]:
        """For each token the atom that begins at it, if any."""
        plain, longer = self.plain, self.phrases
        found = list(map(plain.get, tokens))
        for place, token in enumerate(tokens):
            if token in longer or token[0].isdigit():
                found[place] = self._at(tokens, place)
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
        if second == "%":
            return None  # The 20 % of a price are no day.
        for words, atom in self.phrases.get(token, _NONE).get(second, ()):
            if len(words) == 2 or tuple(tokens[place : place + len(words)]) == words:
                return atom
        return self.plain.get(token) or (_figures(token) if token[0].isdigit() else None)

    def _tells_number(self, token: str) -> bool:
        """Whether a word is a number, in figures or not, or tells the time with the one behind it: 4, four, halb."""
        return token[0].isdigit() or (token in self.plain and self.plain[token].kind in ("count", "to_hour"))

    def ends_late(self, tokens: Sequence[str], place: int) -> bool:
        """Whether a phrase such as "at the latest" stands at a place."""
        return any(tuple(tokens[place : place + len(phrase)]) == phrase for phrase in self.latest)

    def any_in(self, tokens: Sequence[str], *, behind_a_cue: bool) -> bool:
        """Whether there is a word or figure that could be a due time; most sentences have none.

        `behind_a_cue` asks for a word such as "by" as well.
        """
        cued = self.cues.among(tokens)
        if behind_a_cue and not cued:
            return False
        if self.telling.among(tokens) or not (behind_a_cue or self.clocked.isdisjoint(tokens)):
            return True
        if self.leads and any(one in self.leads and self._tells_number(two) for one, two in pairwise(tokens)):
            return True
        figures = [place for place, token in enumerate(tokens) if token[0].isdigit()]
        if figures and (cued or not self.dates.isdisjoint(tokens)):
            return True
        if cued:
            return any(map(self.knows, tokens))
        if any(self._is_written_out(tokens, place) for place in figures):
            return True
        return any("-" in token and self.telling.among(token.split("-")) for token in tokens)

    def _is_written_out(self, tokens: Sequence[str], place: int) -> bool:
        """Whether a figure is a date or a clock time by its signs or a month beside it: 1/31, 7:15, 12 June."""
        figure = tokens[place]
        if "/" in figure or ":" in figure or figure.count(".") > 1:
            return True
        around = (*tokens[max(0, place - 1) : place], *tokens[place + 1 : place + 3])
        return any((atom := self.plain.get(word)) is not None and atom.kind == "month" for word in around)

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
