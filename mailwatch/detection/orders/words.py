"""The words of command of all languages, from one table each: verbs, times, and small words that change nothing."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from mailwatch.detection.orders.tokens import Token, tokens_of
from mailwatch.domain.command import Verb

LANGUAGES = ("en", "de", "fr", "es")
SMALL = ("all", "and", "item", "is", "have", "how", "mails", "polite", "filler", "until", "to", "not")
"""The kinds of words in the table [words]; each file says what they are for."""

TIMES = (
    "relative",
    "weekday",
    "month",
    "unit",
    "count",
    "in",
    "next",
    "coming",
    "this",
    "end_of",
    "at",
    "on",
    "part",
)
"""The kinds of words in the table [time]; a list of lists numbers its entries from 0 on."""

_VERBS = frozenset(str(verb) for verb in Verb if verb is not Verb.UNCLEAR)

Phrase = tuple[tuple[str, ...], int | str]


@dataclass(frozen=True)
class Words:
    """Phrases by kind and first word, longest first, each with its value."""

    phrases: Mapping[str, Mapping[str, tuple[Phrase, ...]]]

    def at(self, kind: str, tokens: Sequence[Token], place: int) -> tuple[int | str, int] | None:
        """The value of the longest phrase of a kind that begins at a place, and how many tokens it has."""
        if place >= len(tokens):
            return None
        for words, value in self.phrases[kind].get(tokens[place].text, ()):
            if tuple(token.text for token in tokens[place : place + len(words)]) == words:
                return value, len(words)
        return None

    def verb_at(self, tokens: Sequence[Token], place: int) -> tuple[Verb, int] | None:
        """The verb that begins at a place."""
        found = self.at("verbs", tokens, place)
        return (Verb(str(found[0])), found[1]) if found else None


@cache
def all_words() -> Words:
    """The words of every language together: who writes German mails answers "done" all the same."""
    return from_tables([table_of(language) for language in LANGUAGES])


def table_of(language: str) -> dict[str, Any]:
    """The table of one language."""
    return tomllib.loads(resources.files(__package__).joinpath(f"{language}.toml").read_text("utf-8"))


def from_tables(tables: Sequence[Mapping[str, Any]]) -> Words:
    """Puts tables together. Raises ValueError for a kind that nothing knows, and for a verb that means two things."""
    found: dict[str, dict[str, dict[tuple[str, ...], int | str]]] = {kind: {} for kind in ("verbs", *SMALL, *TIMES)}

    def add(kind: str, phrase: str, value: int | str) -> None:
        words = tuple(token.text for token in tokens_of(phrase))
        known = found[kind].setdefault(words[0], {}).setdefault(words, value)
        if known != value:
            raise ValueError(f"{phrase!r} stands in the table {kind} as {known} and as {value}.")

    for table in tables:
        for verb, phrases in table["verbs"].items():
            if verb not in _VERBS:
                raise ValueError(f"The table [verbs] has {verb!r}; known are {', '.join(sorted(_VERBS))}.")
            for phrase in phrases:
                add("verbs", phrase, verb)
        for kinds, name in ((SMALL, "words"), (TIMES, "time")):
            for kind, entry in table[name].items():
                if kind not in kinds:
                    raise ValueError(f"The table [{name}] has {kind!r}; known are {', '.join(kinds)}.")
                for number, row in enumerate(entry):
                    for phrase in [row] if isinstance(row, str) else row:
                        add(kind, phrase, 0 if isinstance(row, str) else number)
    ordered = {
        kind: {first: tuple(sorted(rows.items(), key=lambda row: -len(row[0]))) for first, rows in by_first.items()}
        for kind, by_first in found.items()
    }
    return Words(ordered)
