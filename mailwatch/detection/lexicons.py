"""The rules and words of a language, as they are loaded from its TOML file."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

from mailwatch.detection.cues import WordClass, compile_cue
from mailwatch.detection.filing import CueIndex, Rule
from mailwatch.detection.folding import Accents, forms, kept
from mailwatch.detection.urgency import words_of

PACKAGE = "mailwatch.detection.lexicon"
VOID = "void"
"""An act that begins so takes words away."""
REPLY_ONLY = frozenset(
    ("holding", "answer", "delivered", "question", "courtesy", "thanks", "decline", "redirect", "renegotiation")
)
"""Acts that are looked for only where a message may be a reply."""


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
        self.accents = accents = accents_of(words)
        """What keeps its accents, because they tell two words apart."""
        self.function_words = listed(words, "function", accents)
        """The small words that tell the language."""
        self.first_person = listed(words, "first_person", accents)
        """The words by which a writer speaks of themselves."""
        self.urgent = words_of(tuple(w.replace("_", " ") for w in str(words.get("urgent", "")).split()), accents)
        self.negation = listed(words, "negation", accents)
        self.denial = listed(words, "denial", accents)
        """The words that say in a reply which time cannot be kept."""
        self.contrast = listed(words, "contrast", accents)
        """The words that part a sentence where something else is said: today is bad, but I'll do it tomorrow."""
        self.article = listed(words, "article", accents)
        """The words with which a thing begins that is to be done, where no verb says so."""
        self.in_place_of = tuple(form.replace("_", " ") for form in listed(words, "in_place_of", accents))
        """The phrases behind which stands the time that another takes the place of."""
        self.beside_a_time = listed(words, "beside_a_time", accents)
        """The words that say no more than the time beside which they stand."""
        self.for_now = listed(words, "for_now", accents)
        """Words that make a no a no for the present."""
        self.opening = listed(words, "opening", accents)
        """The words that may stand before the first clause of a sentence."""
        common = self.function_words | frozenset("?,!:;-.")
        self.asking = CueIndex([rule for rule in rules if rule.act not in REPLY_ONLY], common)
        self.replying = CueIndex([rule for rule in rules if rule.act in REPLY_ONLY], common)
        self.voiding = self.asking.of_acts(VOID)
        """The cues whose words are taken away before others are matched."""


def listed(words: Mapping[str, Any], name: str, accents: Accents) -> frozenset[str]:
    """The words of a row of the [words] table, folded."""
    return frozenset(forms(str(words.get(name, "")), accents))


def accents_of(words: Mapping[str, Any]) -> Accents:
    """What keeps its accents by a [words] table."""
    return kept("".join(str(words.get("accents", "")).split()), str(words.get("distinct", "")))


def lexicon_of(document: Mapping[str, Any]) -> Lexicon:
    """Builds a lexicon from a parsed TOML document. Raises ValueError or KeyError where it is wrong."""
    language = document["language"]
    words = document.get("words", {})
    accents = accents_of(words)
    joining = "|".join(map(re.escape, forms(words.get("joining", ""), accents)))
    classes: dict[str, WordClass] = {}
    for name, row in document.get("classes", {}).items():
        members = tuple(forms(row["words"], accents))
        classes[name] = WordClass(name, members, (row["cue"], row["hit"], row["miss"]))
    rules = []
    for row in document.get("rules", []):
        name = row["name"]
        cues = tuple(compile_cue(cue, classes, joining, accents) for cue in row["cues"])
        act, score, firm = name.partition(".")[0], row.get("score", 0.0), row.get("firm", False)
        if act.startswith(VOID) and any(cue.opening for cue in cues):
            raise ValueError(
                f"In the lexicon {language!r} the rule {name!r} has a cue with <<, but takes words away anywhere."
            )
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


def trained(language: str, model: str) -> Mapping[str, Any] | None:
    """What a model of a language has learnt, as the file beside its lexicon has it; None if there is none."""
    source = resources.files(PACKAGE).joinpath(f"{language}.{model}.json")
    found: Mapping[str, Any] | None = json.loads(source.read_text("utf-8")) if source.is_file() else None
    return found
