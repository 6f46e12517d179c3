"""Turns tokens into the atoms of a time expression, with the words of one language."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from mailwatch.detection import cues

_DIGITS = re.compile(r"\d{1,4}$")
_CLOCK = re.compile(r"(\d{1,2})[:.](\d{2})(?::\d{2})?$")
_FIGURES = re.compile(r"(\d{1,4})([/.\-])(\d{1,2})(?:\2(\d{1,4}))?$")


@dataclass(frozen=True, slots=True)
class Atom:
    """A piece of time: its kind, a number that goes with it, and how many tokens it took."""

    kind: str
    number: int = 0
    width: int = 1
    figures: tuple[int, ...] = ()
    sign: str = ""


@dataclass(frozen=True)
class TimeWords:
    """The phrases of a language by their first word, longest first."""

    phrases: Mapping[str, tuple[tuple[tuple[str, ...], Atom], ...]]

    def at(self, tokens: Sequence[str], place: int) -> Atom | None:
        """The atom that begins at a place, if any."""
        token = tokens[place]
        for words, atom in self.phrases.get(token, ()):
            if len(words) == 1 or tuple(tokens[place : place + len(words)]) == words:
                return atom
        if token[0].isdigit():
            return _figures(token)
        return None

    def any_in(self, tokens: Sequence[str]) -> bool:
        """Whether there is a word or figure that could begin a due time; most sentences have none."""
        return any(token in self.phrases for token in tokens)


def _figures(token: str) -> Atom | None:
    if _DIGITS.match(token):
        return Atom("number", int(token))
    if clock := _CLOCK.match(token):
        return Atom("clock", figures=(int(clock[1]), int(clock[2])))
    if found := _FIGURES.match(token):
        return Atom("figures", figures=tuple(int(part) for part in found.group(1, 3, 4) if part), sign=found[2])
    return None


@cache
def words_of(language: str) -> TimeWords:
    """The time words of a language that has a lexicon."""
    return from_table(cues.load(language).time)


def from_table(table: Mapping[str, Any]) -> TimeWords:
    """Builds the phrases from the [time] table: a string is one kind, a list counts its entries from 0 on."""
    phrases: dict[str, list[tuple[tuple[str, ...], Atom]]] = {}

    def add(phrase: str, kind: str, number: int) -> None:
        words = tuple(phrase.split("_"))
        phrases.setdefault(words[0], []).append((words, Atom(kind, number, len(words))))

    for kind, entry in table.items():
        if isinstance(entry, str):
            for phrase in entry.split():
                add(phrase, kind, 0)
        elif isinstance(entry, list):
            for number, row in enumerate(entry):
                for phrase in row.split():
                    add(phrase, kind, number)
    return TimeWords({first: tuple(sorted(rows, key=lambda row: -len(row[0]))) for first, rows in phrases.items()})
