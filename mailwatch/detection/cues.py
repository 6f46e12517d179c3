"""The small language in which a lexicon writes its cues, and a lexicon as it is loaded from its TOML file.

A cue is a row of elements with single spaces between them, matched against the tokens of one sentence:

    word            that word; `*` at its end stands for any ending, at its beginning for any beginning
    a|b_c           either; `_` stands for a space
    {name}          any word of the lexicon's class of that name; may stand among alternatives
    {word}          any word at all
    [x]             x or nothing; x is any of the above
    !x              something that is not x follows; takes up no word
    ..   ...        up to three words, up to eight words
    ....   .....    up to ten words or marks, up to thirty
    <               the beginning of a clause: of the sentence, or after a mark or a joining word
    <<              the beginning of the sentence, a greeting, a name or small opening words passed over
    ^  $  ? ! ,     the beginning and the end of the sentence, and marks (a question mark is `?`)

Every gap is bounded, so matching is linear in the length of the sentence.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import resources
from typing import Any

from mailwatch.detection.sentences import folded

_WORD = r"[^\W\d_][\w'\-]*"
_GAPS = {
    "..": f"(?:{_WORD} ){{0,3}}?",
    "...": f"(?:{_WORD} ){{0,8}}?",
    "....": r"(?:[^ ^$]+ ){0,10}?",
    ".....": r"(?:[^ ^$]+ ){0,30}?",
}
_ANY = r"[\w'\-]*"
_JOINTS = r"[\^,;:()\-.!?/]|~\w+"
_CALL = r"(?:[^\W\d_][\w'\-]* ){0,3}[,:;\-!.] "
"""What may stand before an opening: a name and a mark, as in "Ann -"."""


ALWAYS = frozenset(("^",))
"""Stands for the words of a cue that has none that must be there: every sentence has it."""


@dataclass(frozen=True)
class Cue:
    """One pattern of a rule, with a sentence that it must match and one that it must not."""

    text: str
    hit: str
    miss: str
    pattern: str
    anchors: tuple[frozenset[str], ...]

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """Compiled when first needed: most cues are never needed for most mail."""
        return re.compile(self.pattern)

    def may_match(self, words: frozenset[str] | set[str]) -> bool:
        """Whether a sentence of these words holds all that the cue cannot do without."""
        return all(not group.isdisjoint(words) for group in self.anchors)

    def search(self, text: str) -> re.Match[str] | None:
        """The first place in a normal sentence that matches."""
        return self.regex.search(text)


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

    @property
    def full_name(self) -> str:
        """The name with its language: en.request.can-you."""
        return f"{self.language}.{self.name}"


@dataclass(frozen=True)
class WordClass:
    """Words that a cue can name together; `cue`, `hit` and `miss` hold `{}` and show that each word belongs."""

    name: str
    words: tuple[str, ...]
    hit: str = ""
    miss: str = ""


@dataclass(frozen=True)
class Lexicon:
    """All that is known of one language."""

    language: str
    classes: Mapping[str, WordClass]
    rules: tuple[Rule, ...]
    time: Mapping[str, Any]
    words: Mapping[str, Any]
    index: Mapping[str, tuple[tuple[int, int], ...]] = field(repr=False, default_factory=dict)

    def candidates(self, words: frozenset[str] | set[str]) -> list[tuple[int, int]]:
        """The (rule, cue) numbers whose rarest word is in the sentence, in order of the file."""
        index = self.index
        found: list[tuple[int, int]] = []
        for word in words:
            hit = index.get(word)
            if hit is not None:
                found += hit
        return sorted(set(found))

    @cached_property
    def first_person(self) -> frozenset[str]:
        """The words by which a writer speaks of themselves."""
        return frozenset(_list(self.words, "first_person"))

    @cached_property
    def function_words(self) -> frozenset[str]:
        """The small words that tell the language."""
        return frozenset(_list(self.words, "function"))

    @cached_property
    def urgent(self) -> frozenset[str]:
        """The words of urgency."""
        return frozenset(_list(self.words, "urgent"))


def _alternatives(element: str, classes: Mapping[str, WordClass]) -> list[str]:
    found: list[str] = []
    for part in element.split("|"):
        if part.startswith("{") and part.endswith("}"):
            found += classes[part[1:-1]].words
        else:
            found.append(part)
    return found


def _opening(words: Iterable[str]) -> str:
    return r"(?:\^ (?:" + _CALL + ")?(?:(?:" + "|".join(map(re.escape, words)) + r"|[,\-:.!]) ){0,4})"


def _pattern_of(words: Iterable[str], joining: str) -> str:
    parts = []
    for word in words:
        if word == "<":
            parts.append(f"{_JOINTS}|{joining}" if joining else _JOINTS)
        else:
            stem = re.escape(word.strip("*").replace("_", " "))
            parts.append(_ANY * word.startswith("*") + stem + _ANY * word.endswith("*"))
    return "(?:" + "|".join(parts) + ") "


def compile_cue(
    row: Sequence[str], classes: Mapping[str, WordClass], joining: str = "", opening: str = r"\^ "
) -> Cue:
    """Makes a cue of its three strings: the pattern, a sentence that it hits, one that it misses."""
    text, hit, miss = row
    text = folded(text)
    pattern = "(?<= )"
    anchors: list[frozenset[str]] = []
    for element in text.split(" "):
        if element in _GAPS:
            pattern += _GAPS[element]
        elif element == "{word}":
            pattern += _WORD + " "
        elif element == "<<":
            pattern += opening
        elif element.startswith("[") and element.endswith("]"):
            pattern += "(?:" + _pattern_of(_alternatives(element[1:-1], classes), joining) + ")?"
        elif element.startswith("!") and len(element) > 1:
            pattern += "(?!" + _pattern_of(_alternatives(element[1:], classes), joining) + ")"
        else:
            words = _alternatives(element, classes)
            pattern += _pattern_of(words, joining)
            if not any("*" in word or word in ("<", "^", "$") for word in words):
                anchors.append(frozenset(word.partition("_")[0] for word in words))
    return Cue(text, hit, miss, pattern, tuple(anchors))


def _index(rules: Sequence[Rule], common: frozenset[str]) -> dict[str, tuple[tuple[int, int], ...]]:
    """Maps the words of the most telling anchor of each cue to its (rule, cue) numbers."""
    index: dict[str, list[tuple[int, int]]] = {}
    for number, rule in enumerate(rules):
        for place, cue in enumerate(rule.cues):
            best = min(cue.anchors, key=lambda group: (len(group & common) * 10, len(group)), default=ALWAYS)
            for word in best:
                index.setdefault(word, []).append((number, place))
    return {word: tuple(numbers) for word, numbers in index.items()}


def _list(words: Mapping[str, Any], name: str) -> list[str]:
    return folded(str(words.get(name, ""))).split()


def lexicon_of(document: Mapping[str, Any]) -> Lexicon:
    """Builds a lexicon from a parsed TOML document. Raises ValueError or KeyError where it is wrong."""
    language = document["language"]
    words = document.get("words", {})
    joining = "|".join(re.escape(word) for word in _list(words, "joining"))
    opening = _opening(_list(words, "opening"))
    classes: dict[str, WordClass] = {}
    for name, row in document.get("classes", {}).items():
        members: list[str] = []
        for word in folded(row["words"]).split():
            members += classes[word[1:-1]].words if word.startswith("{") else [word]
        classes[name] = WordClass(name, tuple(dict.fromkeys(members)), row.get("hit", ""), row.get("miss", ""))
    rules = []
    for row in document.get("rules", []):
        name = row["name"]
        cues = tuple(compile_cue(cue, classes, joining, opening) for cue in row["cues"])
        act, score, firm = name.partition(".")[0], row.get("score", 0.0), row.get("firm", False)
        rules.append(Rule(language, name, act, score, row["description"], cues, firm))
    common = frozenset(_list(words, "function")) | frozenset("?,!:;-")
    return Lexicon(language, classes, tuple(rules), document.get("time", {}), words, _index(rules, common))


@cache
def load(language: str) -> Lexicon:
    """The lexicon of a language that has one, read once."""
    source = resources.files("mailwatch.detection.lexicon").joinpath(f"{language}.toml")
    return lexicon_of(tomllib.loads(source.read_text("utf-8")))


@cache
def languages() -> tuple[str, ...]:
    """The languages that have a lexicon; English first, since it is the best known."""
    names = (entry.name for entry in resources.files("mailwatch.detection.lexicon").iterdir())
    found = sorted(name[:-5] for name in names if name.endswith(".toml") and len(name) == 7)
    return tuple(sorted(found, key=lambda code: (code != "en", code)))
