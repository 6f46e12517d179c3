"""Files the cues of rules under their words, so that a sentence meets only those that it may match."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import or_

from mailwatch.detection.cues import Cue

COMMON = 10
"""How many telling words a common one weighs when the rarest groups of a cue are looked for."""
PARTS = 4
"""Of so many groups of a cue a sentence must hold a word before it is matched; `possible` folds just four."""
_Groups = dict[frozenset[str], int]


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


@dataclass(frozen=True, slots=True)
class Entry:
    """A cue of a rule, which fires as `hit` if nothing weakens it.

    `name`, `act` and `bare` are the rule's and the cue's, once more since they are asked of every sentence.
    """

    rule: Rule
    cue: Cue
    hit: Hit
    name: str
    act: str
    bare: bool


class CueIndex:
    """The cues of some rules by the words that a sentence must hold for them.

    A set of cues is a number in which each cue has a bit, so that all of them are narrowed down at once.
    """

    def __init__(self, rules: Sequence[Rule], common: frozenset[str]) -> None:
        """Gives each word a number that tells which cues it serves.

        The number has four parts, each with a bit for every cue: the first part for the words of a cue's rarest
        group of anchors, the second for those of the next, and so on. Where a cue has fewer groups, or more, nothing
        is asked.
        """
        self._entries = [
            Entry(rule, cue, Hit(rule.full_name, rule.act, rule.score, rule.score), rule.name, rule.act, cue.bare)
            for rule in rules
            for cue in rule.cues
        ]
        self._width = len(self._entries)
        self._unasked = (1 << PARTS * self._width) - 1
        served: _Groups = {}
        first: _Groups = {}
        leading: _Groups = {}
        for place, entry in enumerate(self._entries):
            cue = entry.cue
            rarest = sorted(dict.fromkeys(cue.anchors), key=lambda group: (len(group & common) * COMMON, len(group)))
            for part, group in enumerate(rarest[:PARTS]):
                bit = 1 << part * self._width + place
                served[group] = served.get(group, 0) | bit
                self._unasked ^= bit
            if cue.first is not None:
                first[cue.first] = first.get(cue.first, 0) | 1 << place
            if cue.leading is not None:
                leading[cue.leading] = leading.get(cue.leading, 0) | 1 << place
        self._served, self._first, self._leading = _by_word(served), _by_word(first), _by_word(leading)
        every = (1 << self._width) - 1
        self._not_first = every & ~sum(first.values())
        self.led = sum(leading.values())
        """The cues that may begin a sentence with certain words only."""

    def of_acts(self, start: str) -> int:
        """The cues of rules whose act begins so."""
        return sum(1 << place for place, entry in enumerate(self._entries) if entry.act.startswith(start))

    def possible(self, tokens: Sequence[str]) -> int:
        """The cues that a sentence may match by its words."""
        held = reduce(or_, filter(None, map(self._served.get, tokens)), self._unasked)
        held &= held >> 2 * self._width
        held &= held >> self._width
        return held & (self._not_first | self._first.get(tokens[0], 0)) if tokens else 0

    def led_by(self, words: Iterable[str]) -> int:
        """The cues that may begin a sentence with one of some words."""
        found = 0
        for word in words:
            found |= self._leading.get(word, 0)
        return found

    def entries(self, cues: int) -> list[Entry]:
        """The cues of a set in order of the file."""
        found = []
        while cues:
            lowest = cues & -cues
            found.append(self._entries[lowest.bit_length() - 1])
            cues ^= lowest
        return found


def _by_word(groups: _Groups) -> dict[str, int]:
    found: dict[str, int] = {}
    for group, number in groups.items():
        for word in group:
            found[word] = found.get(word, 0) | number
    return found
