"""Finds what a sentence does, by the named rules of a lexicon: it asks, promises, holds back, declines, thanks."""

from __future__ import annotations

from dataclasses import dataclass

from mailwatch.detection import sentences
from mailwatch.detection.cues import Lexicon, Rule

VOID = "void"
DAMP = "damp"
REQUEST = "request"
PROMISE = "promise"
REPLY_ACTS = frozenset(
    (
        "holding",
        "withdrawal",
        "answer",
        "question",
        "thanks",
        "decline",
        "redirect",
        "renegotiation",
        "opening",
        "tail",
    )
)
"""What a sentence does as part of a reply; nothing is left out of it first."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that fired on a sentence; `score` is what is left of the rule's own, `full`, after what weakens it."""

    rule: str
    act: str
    score: float
    full: float
    cue: int = 0


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with its tokens and the rules that fired on it.

    `left_out` are the rules whose words were taken away, `weakened` those that made the others less sure.
    """

    words: str
    tokens: tuple[str, ...]
    hits: tuple[Hit, ...]
    left_out: tuple[str, ...] = ()
    weakened: tuple[str, ...] = ()

    def best(self, act: str) -> Hit | None:
        """The surest hit of an act."""
        return max((hit for hit in self.hits if hit.act == act), key=lambda hit: hit.score, default=None)


def read(words: str, tokens: list[str], lexicon: Lexicon) -> Sentence:
    """Runs the rules over one sentence.

    Rules named `void` go first and take their words away, so that an offer ("let me know if you have any
    questions") is no request, while another request in the same sentence still is. `void-promise` does so for
    promises only. Rules named `damp` multiply the score of a request by theirs, `damp-promise` that of a promise.
    """
    text = sentences.normal(tokens)
    present = {*tokens, "^", "$"}
    matching: list[tuple[Rule, int]] = []
    texts = {REQUEST: text, PROMISE: text}
    left_out: list[str] = []
    for number, place in lexicon.candidates(present):
        rule = lexicon.rules[number]
        cue = rule.cues[place]
        if not cue.may_match(present):
            continue
        if rule.act.startswith(VOID):
            for act in (PROMISE,) if rule.act.endswith(PROMISE) else (REQUEST, PROMISE):
                if cue.search(texts[act]):
                    texts[act] = cue.regex.sub(f"~{rule.name.partition('.')[2]} ", texts[act])
                    left_out.append(rule.full_name)
        else:
            matching.append((rule, place))
    best: dict[str, tuple[Rule, int]] = {}
    weakened: list[str] = []
    factors = {REQUEST: 1.0, PROMISE: 1.0}
    for rule, place in matching:
        words_left = text if rule.act in REPLY_ACTS else texts[PROMISE if rule.act.endswith(PROMISE) else REQUEST]
        if rule.name in best or not rule.cues[place].search(words_left):
            continue
        best[rule.name] = (rule, place)
        if rule.act.startswith(DAMP):
            act = rule.act[len(DAMP) + 1 :] or REQUEST
            factors[act] = min(factors[act], rule.score)
            weakened.append(rule.full_name)
    hits = tuple(
        Hit(
            rule.full_name,
            rule.act,
            rule.score * (1.0 if rule.firm else factors.get(rule.act, 1.0)),
            rule.score,
            place,
        )
        for rule, place in best.values()
        if not rule.act.startswith(DAMP)
    )
    return Sentence(words, tuple(tokens), hits, tuple(dict.fromkeys(left_out)), tuple(weakened))
