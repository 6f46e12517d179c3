"""Finds what a sentence does, by the named rules of a lexicon: it asks, promises, holds back, declines, thanks."""

from __future__ import annotations

from dataclasses import dataclass

from mailwatch.detection import sentences
from mailwatch.detection.cues import VOID, Lexicon


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that fired on a sentence."""

    rule: str
    act: str
    score: float


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with its tokens and the rules that fired on it; `voids` are the polite phrases left out."""

    words: str
    tokens: tuple[str, ...]
    hits: tuple[Hit, ...]
    voids: tuple[str, ...] = ()

    def best(self, act: str) -> Hit | None:
        """The surest hit of an act."""
        return max((hit for hit in self.hits if hit.act == act), key=lambda hit: hit.score, default=None)


def read(words: str, lexicon: Lexicon) -> Sentence:
    """Runs the rules over one sentence.

    Rules of the act `void` go first and take their words away, so that an offer ("let me know if you have any
    questions") is no request, while another request in the same sentence still is.
    """
    tokens = sentences.tokens(words)
    text = sentences.normal(tokens)
    present = {*tokens, "^", "$"}
    hits: list[Hit] = []
    voids: list[str] = []
    fired: set[int] = set()
    candidates = lexicon.candidates(present)
    for number, place in candidates:
        rule = lexicon.rules[number]
        if rule.act != VOID:
            continue
        cue = rule.cues[place]
        if cue.may_match(present) and cue.search(text):
            text = cue.regex.sub(f"~{rule.name.partition('.')[2]} ", text)
            voids.append(rule.full_name)
    for number, place in candidates:
        rule = lexicon.rules[number]
        if number in fired or rule.act == VOID:
            continue
        cue = rule.cues[place]
        if cue.may_match(present) and cue.search(text):
            fired.add(number)
            hits.append(Hit(rule.full_name, rule.act, rule.score))
    return Sentence(words, tuple(tokens), tuple(hits), tuple(voids))
