"""The rules and words of a language, as they are loaded from its TOML file."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from typing import Any

from mailwatch.detection.cues import Cue, WordClass, compile_cue
from mailwatch.detection.sentences import folded

PACKAGE = "mailwatch.detection.lexicon"
COMMON = 10
"""How many telling words a common one weighs when the rarest group of a cue is looked for."""


@dataclass(frozen=True)
class Rule:
    """A named reason: `act` is what the sentence does if one of the cues matches, `score` how sure that is.

    `firm` says that nothing in the sentence weakens it.
    """

    language: str
    name: str
    act: str
    score: float
    description: str
    cues: tuple[Cue, ...]
    firm: bool = False

    @cached_property
    def full_name(self) -> str:
        """The name with its language: en.request.can-you."""
        return f"{self.language}.{self.name}"


@dataclass(frozen=True, slots=True)
class Entry:
    """A cue in its place; `needs` has a bit for each group of words of which the sentence must hold one."""

    rule: Rule
    cue: Cue
    place: int
    needs: int
    first: frozenset[str] | None


class Lexicon:
    """All that is known of one language."""

    def __init__(
        self,
        language: str,
        classes: Mapping[str, WordClass],
        rules: Sequence[Rule],
        time: Mapping[str, Any],
        words: Mapping[str, Any],
    ) -> None:
        self.language = language
        self.classes = classes
        self.rules = tuple(rules)
        self.time = time
        self.function_words = frozenset(listed(words, "function"))
        """The small words that tell the language."""
        self.first_person = frozenset(listed(words, "first_person"))
        """The words by which a writer speaks of themselves."""
        self.urgent = frozenset(listed(words, "urgent"))
        self.negation = frozenset(listed(words, "negation"))
        self.for_now = frozenset(listed(words, "for_now"))
        """Words that make a no a no for the present."""
        self._entries: list[Entry] = []
        self.opening = frozenset(listed(words, "opening"))
        """The words that may stand before the first clause of a sentence."""
        self._filed: dict[str, tuple[int, tuple[int, ...]]] = {}
        self._build()

    def _build(self) -> None:
        """Gives each group of words a bit, and files each cue under the words of its rarest group."""
        common = self.function_words | frozenset("?,!:;-.")
        numbers: dict[frozenset[str], int] = {}
        index: dict[str, list[int]] = {}
        for rule in self.rules:
            for place, cue in enumerate(rule.cues):
                needs = 0
                for group in cue.anchors:
                    needs |= 1 << numbers.setdefault(group, len(numbers))
                rarest = min(
                    cue.anchors, key=lambda group: (len(group & common) * COMMON, len(group)), default=("^",)
                )
                for word in rarest:
                    index.setdefault(word, []).append(len(self._entries))
                self._entries.append(Entry(rule, cue, place, needs, cue.first))
        bits: dict[str, int] = {}
        for group, number in numbers.items():
            for word in group:
                bits[word] = bits.get(word, 0) | 1 << number
        self._filed = {word: (bits.get(word, 0), tuple(index.get(word, ()))) for word in {*bits, *index}}

    def possible(self, tokens: Sequence[str]) -> list[Entry]:
        """The cues that a sentence may match by its words, in order of the file."""
        filed = self._filed
        held, always = filed.get("^", (0, ()))
        places = set(always)
        for word in set(tokens):
            found = filed.get(word)
            if found is not None:
                held |= found[0]
                places.update(found[1])
        entries = self._entries
        first = tokens[0] if tokens else ""
        return [
            entry
            for place in sorted(places)
            if (entry := entries[place]).needs & held == entry.needs and (entry.first is None or first in entry.first)
        ]


def listed(words: Mapping[str, Any], name: str) -> list[str]:
    """The words of a row of the [words] table, folded."""
    return folded(str(words.get(name, ""))).split()


def lexicon_of(document: Mapping[str, Any]) -> Lexicon:
    """Builds a lexicon from a parsed TOML document. Raises ValueError or KeyError where it is wrong."""
    language = document["language"]
    words = document.get("words", {})
    joining = "|".join(re.escape(word) for word in listed(words, "joining"))
    classes: dict[str, WordClass] = {}
    for name, row in document.get("classes", {}).items():
        members = tuple(dict.fromkeys(folded(row["words"]).split()))
        classes[name] = WordClass(name, members, (row["cue"], row["hit"], row["miss"]))
    rules = []
    for row in document.get("rules", []):
        name = row["name"]
        cues = tuple(compile_cue(cue, classes, joining) for cue in row["cues"])
        act, score, firm = name.partition(".")[0], row.get("score", 0.0), row.get("firm", False)
        rules.append(Rule(language, name, act, score, row["description"], cues, firm))
    return Lexicon(language, classes, rules, document.get("time", {}), words)


@cache
def load(language: str) -> Lexicon:
    """The lexicon of a language that has one, read once."""
    source = resources.files(PACKAGE).joinpath(f"{language}.toml")
    return lexicon_of(tomllib.loads(source.read_text("utf-8")))


@cache
def languages() -> tuple[str, ...]:
    """The languages that have a lexicon; English first, since it is the best known."""
    names = (entry.name for entry in resources.files(PACKAGE).iterdir())
    found = [name[:-5] for name in names if name.endswith(".toml") and len(name) == len("en.toml")]
    return tuple(sorted(found, key=lambda code: (code != "en", code)))
