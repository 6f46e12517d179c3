"""Files the cues of rules under their words, so that a sentence meets only those that it may match."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from mailwatch.detection.cues import Cue

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
class Hit:
    """A rule that fired on a sentence; `score` is what is left of the rule's own, `full`, after what weakens it."""

    rule: str
    act: str
    score: float
    full: float
    cue: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """A cue of a rule, which fires as `hit` if nothing weakens it.

    `first`, `name`, `act` and `bare` are the cue's and the rule's, once more since they are asked of every sentence.
    """

    rule: Rule
    cue: Cue
    first: frozenset[str] | None
    hit: Hit
    name: str
    act: str
    bare: bool


class CueIndex:
    """The cues of some rules by the words that a sentence must hold for them."""

    def __init__(self, rules: Sequence[Rule], common: frozenset[str]) -> None:
        """Gives each group of words a bit, and files each cue under the words of its rarest group.

        With it goes a number with a bit for each group of which a sentence must hold a word.
        """
        self._entries: list[Entry] = []
        numbers: dict[frozenset[str], int] = {}
        index: dict[str, list[tuple[int, int]]] = {}
        for rule in rules:
            for place, cue in enumerate(rule.cues):
                needs = 0
                for group in cue.anchors:
                    needs |= 1 << numbers.setdefault(group, len(numbers))
                rarest = min(
                    cue.anchors, key=lambda group: (len(group & common) * COMMON, len(group)), default=("^",)
                )
                for word in rarest:
                    index.setdefault(word, []).append((needs, len(self._entries)))
                hit = Hit(rule.full_name, rule.act, rule.score, rule.score, place)
                self._entries.append(Entry(rule, cue, cue.first, hit, rule.name, rule.act, cue.bare))
        bits: dict[str, int] = {}
        for group, number in numbers.items():
            for word in group:
                bits[word] = bits.get(word, 0) | 1 << number
        self._filed = {word: (bits.get(word, 0), tuple(index.get(word, ()))) for word in {*bits, *index}}

    def possible(self, tokens: Sequence[str]) -> list[Entry]:
        """The cues that a sentence may match by its words, in order of the file."""
        filed = self._filed
        held, always = filed.get("^", (0, ()))
        candidates = [always]
        for word in filed.keys() & tokens:
            bits, found = filed[word]
            held |= bits
            candidates.append(found)
        # Few of many are left after this, so that only these are put in order.
        places = {place for found in candidates for needs, place in found if needs & held == needs}
        entries = self._entries
        first = tokens[0] if tokens else ""
        return [entry for place in sorted(places) if (entry := entries[place]).first is None or first in entry.first]
