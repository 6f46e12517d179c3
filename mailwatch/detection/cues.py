"""The small language in which a lexicon writes its cues.

A cue is a row of elements with single spaces between them, matched against the tokens of one sentence:

    word            that word; `*` at its end stands for any ending, at its beginning for any beginning
    a|b_c           either; `_` stands for a space
    {name}          any word of the lexicon's class of that name; may stand among alternatives
    {word}          any word at all
    [x]             x or nothing; x is any of the above
    !x              something that is not x follows; takes up no word
    ..   ...        up to three words, up to eight words
    ....   .....    up to ten words or marks, up to thirty; a gap that stands last ends before a joining word
    <               the beginning of a clause: of the sentence, or after a mark or a joining word
    <<              the beginning of the sentence, a greeting, a name or small opening words passed over
    ^  $  ? ! ,     the beginning and the end of the sentence, and marks (a question mark is `?`)

Every gap is bounded, so matching is linear in the length of the sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from mailwatch.detection.folding import Accents, folded, forms

_WORD = r"[^\W\d_][\w'\-]*"
_GAPS = {
    "..": f"(?:{_WORD} ){{0,3}}?",
    "...": f"(?:{_WORD} ){{0,8}}?",
    "....": r"(?:[^ ^$]+ ){0,10}?",
    ".....": r"(?:[^ ^$]+ ){0,30}?",
}
_ANY = r"[\w'\-]*"
_BEHIND_A_SPACE = "(?<= )"
_JOINTS = r"[\^,;:()\-.!?/]|~\w+"
_MARKS = frozenset(",:;-!.)")
MAX_OPENING = 5
MAX_NAME = 4
"""How many opening words, and words of a name, are passed over at the beginning of a sentence."""


@dataclass(frozen=True)
class Cue:
    """One pattern of a rule, with a sentence that it must match and one that it must not.

    `anchors` are groups of words; a sentence that lacks all words of one group cannot match. `first` holds the
    words of which one must be the first of the sentence, if the cue begins so. `leading` holds those of which one
    must be the first of the clause that begins a sentence, if the cue is an `opening` and its words are known.
    `bare` says that a sentence with one of the anchors' words matches for sure.
    """

    text: str
    hit: str
    miss: str
    pattern: str
    anchors: tuple[frozenset[str], ...]
    first: frozenset[str] | None = None
    opening: bool = False
    leading: frozenset[str] | None = None
    bare: bool = False

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """Compiled when first needed: most cues are never needed for most mail."""
        return re.compile(self.pattern)

    @cached_property
    def anywhere(self) -> re.Pattern[str]:
        """The same with the space before it, which is found quicker than any place that has one behind it."""
        return re.compile(" " + self.pattern.removeprefix(_BEHIND_A_SPACE))

    def matches(self, text: str, openings: Mapping[str, Iterable[int]]) -> bool:
        """Whether it matches a normal sentence; `openings` has the places where its first clause may begin."""
        if self.opening:
            match = self.regex.match
            return any(match(text, place) for place in openings[text])
        if self.first is not None:
            return self.regex.match(text, 1) is not None
        return self.anywhere.search(text) is not None


@dataclass(frozen=True)
class WordClass:
    """Words that a cue can name together; `example` has `{}` for the word in its hit and its miss."""

    name: str
    words: tuple[str, ...]
    example: tuple[str, str, str]


def _alternatives(element: str, classes: Mapping[str, WordClass], accents: Accents) -> list[str]:
    found: list[str] = []
    for part in element.split("|"):
        if part.startswith("{") and part.endswith("}"):
            if part[1:-1] not in classes:
                raise ValueError(
                    f"There is no class {part}; {{word}} stands for itself alone, not in brackets or beside others."
                )
            found += classes[part[1:-1]].words
        else:
            found += [part.lower()] if part.isascii() else forms(part, accents)
    return found


def _passes(token: str, words: frozenset[str]) -> bool:
    return token in words or token in _MARKS or token[0] == "~"


def beginnings(tokens: Sequence[str], words: frozenset[str]) -> list[int]:
    """The tokens with which the first clause may begin: behind a name and a mark, and behind opening words."""
    found = [0] if tokens else []
    if not tokens or (not _passes(tokens[0], words) and _MARKS.isdisjoint(tokens[1 : MAX_NAME + 1])):
        return found  # Most sentences begin with neither a name nor an opening word.
    passed = named = 0
    for number, token in enumerate(tokens):
        if number and (passed == number or named == number):
            found.append(number)
        if passed == number and number < MAX_OPENING and _passes(token, words):
            passed += 1
        elif named == number and number < MAX_OPENING + MAX_NAME and _passes(token, words):
            named += 1
        elif not named and 0 < number <= MAX_NAME and token in _MARKS:
            named = number + 1
        if passed <= number and named <= number and (named or number >= MAX_NAME):
            break  # Neither goes on from here, and it is too late for a name.
    return found


def openings_of(tokens: Sequence[str], words: frozenset[str]) -> list[int]:
    """Where the first clause of a normal sentence may begin, in characters."""
    return [len(" ^ ") + sum(map(len, tokens[:number])) + number for number in beginnings(tokens, words)]


def _pattern_of(words: Iterable[str], joining: str) -> str:
    parts = []
    for word in words:
        if word == "<":
            parts.append(f"{_JOINTS}|{joining}" if joining else _JOINTS)
        else:
            stem = re.escape(word.strip("*").replace("_", " "))
            parts.append(_ANY * word.startswith("*") + stem + _ANY * word.endswith("*"))
    return "(?:" + "|".join(parts) + ") "


def _rest_of(gap: str, joining: str) -> str:
    """A gap at the end of a cue takes all that it may, but no joining word, behind which something else is said."""
    greedy = gap.removesuffix("?")
    return greedy.replace("(?:", f"(?:(?!(?:{joining}) )", 1) if joining else greedy


def compile_cue(
    row: Sequence[str], classes: Mapping[str, WordClass], joining: str = "", accents: Accents = None
) -> Cue:
    """Makes a cue of its three strings: the pattern, a sentence that it hits, one that it misses.

    `accents` tells what keeps its accents (see `folding.folded`).
    """
    text, hit, miss = row
    written, text = text, folded(text, accents)
    pattern = _BEHIND_A_SPACE
    anchors: list[frozenset[str]] = []
    first: frozenset[str] | None = None
    elements = written.split(" ")
    if "<<" in elements[1:]:
        raise ValueError(f"In the cue {text!r}, << does not stand first.")
    opening = elements[0] == "<<"
    for number, element in enumerate(elements[opening:]):
        if element in _GAPS:
            last = number + opening == len(elements) - 1
            pattern += _rest_of(_GAPS[element], joining) if last else _GAPS[element]
        elif element == "{word}":
            pattern += _WORD + " "
        elif element.startswith("[") and element.endswith("]"):
            pattern += "(?:" + _pattern_of(_alternatives(element[1:-1], classes, accents), joining) + ")?"
        elif element.startswith("!") and len(element) > 1:
            pattern += "(?!" + _pattern_of(_alternatives(element[1:], classes, accents), joining) + ")"
        else:
            words = _alternatives(element, classes, accents)
            pattern += _pattern_of(words, joining)
            if (group := _first_words(words)) is not None:
                anchors.append(group)
                if number == 1 and elements[0] == "^":
                    first = group
                if any("_" in word for word in words):
                    anchors.append(frozenset(word.split("_")[:2][-1] for word in words))
    bare = len(elements) == 1 and len(anchors) == 1
    leading = _leading(elements[1:], classes, accents) if opening else None
    return Cue(text, hit, miss, pattern, tuple(anchors), first, opening, leading, bare)


def _first_words(words: Iterable[str]) -> frozenset[str] | None:
    """The first words of some alternatives; None if one of them stands for more than words can tell."""
    if any("*" in word or word in ("<", "^", "$") for word in words):
        return None
    return frozenset(word.partition("_")[0] for word in words)


def _leading(elements: Iterable[str], classes: Mapping[str, WordClass], accents: Accents) -> frozenset[str] | None:
    """The words with which something can begin that some elements match; None if it can be any word."""
    found: frozenset[str] = frozenset()
    for element in elements:
        if element.startswith("!") and len(element) > 1:
            continue
        if element in _GAPS or "{word}" in element:
            return None
        optional = element.startswith("[") and element.endswith("]")
        group = _first_words(_alternatives(element[1:-1] if optional else element, classes, accents))
        if group is None:
            return None
        found |= group
        if not optional:
            return found
    return None
