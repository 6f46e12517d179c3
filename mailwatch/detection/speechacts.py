"""Finds what a sentence does, by the named rules of a lexicon: it asks, promises, holds back, declines, thanks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from mailwatch.detection import cues, sentences
from mailwatch.detection.filing import Entry
from mailwatch.detection.lexicons import Lexicon

VOID = "void"
DAMP = "damp"
REQUEST = "request"
PROMISE = "promise"
WHOLE = frozenset(("withdrawal", "opening", "tail"))
"""Acts for which nothing is left out of the sentence first."""


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
    """A sentence with its tokens and the rules that fired on it; `acts` holds the surest hit of each act.

    `left_out` are the rules whose words were taken away, `weakened` those that made the others less sure.
    """

    words: str
    tokens: list[str]
    hits: tuple[Hit, ...]
    acts: Mapping[str, Hit]
    left_out: tuple[str, ...] = ()
    weakened: tuple[str, ...] = ()

    def best(self, act: str) -> Hit | None:
        """The surest hit of an act."""
        return self.acts.get(act)


def read(words: str, tokens: list[str], lexicon: Lexicon) -> Sentence:
    """Runs the rules over one sentence, but those that only replies need.

    Rules named `void` go first and take their words away, so that an offer ("let me know if you have any
    questions") is no request, while another request in the same sentence still is. `void-promise` does so for
    promises only. Rules named `damp` multiply the score of a request by theirs, `damp-promise` that of a promise.
    """
    text = sentences.normal(tokens)
    matching: list[Entry] = []
    texts = {REQUEST: text, PROMISE: text}
    left_out: list[str] = []
    for entry in lexicon.asking.possible(tokens):
        rule = entry.rule
        if not rule.act.startswith(VOID):
            matching.append(entry)
            continue
        for act in (PROMISE,) if rule.act.endswith(PROMISE) else (REQUEST, PROMISE):
            shorter, times = entry.cue.regex.subn(f"~{rule.name.partition('.')[2]} ", texts[act])
            if times:
                texts[act] = shorter
                left_out.append(rule.full_name)
    if not matching:
        return Sentence(words, tokens, (), {}, tuple(dict.fromkeys(left_out)))
    whole = _openings(tokens, matching, lexicon)
    openings = {
        act: whole if left is text else _openings(left.split()[1:-1], matching, lexicon)
        for act, left in texts.items()
    }
    fired: dict[str, Entry] = {}
    weakened: list[str] = []
    factors = {REQUEST: 1.0, PROMISE: 1.0}
    for entry in matching:
        rule = entry.rule
        act = rule.act
        if rule.name in fired:
            continue
        side = PROMISE if act.endswith(PROMISE) else REQUEST
        whole_text = act in WHOLE or texts[side] is text
        if entry.cue.bare and whole_text:
            pass
        elif not entry.cue.matches(text if whole_text else texts[side], whole if whole_text else openings[side]):
            continue
        fired[rule.name] = entry
        if act.startswith(DAMP):
            weakens = act[len(DAMP) + 1 :] or REQUEST
            factors[weakens] = min(factors[weakens], rule.score)
            weakened.append(rule.full_name)
    hits = [_hit(entry, factors) for entry in fired.values() if not entry.rule.act.startswith(DAMP)]
    return Sentence(words, tokens, tuple(hits), _best(hits), tuple(dict.fromkeys(left_out)), tuple(weakened))


def as_reply(sentence: Sentence, lexicon: Lexicon) -> Sentence:
    """The same sentence with what it does as part of a reply; nothing is left out of it for that."""
    possible = lexicon.replying.possible(sentence.tokens)
    if not possible:
        return sentence
    text = sentences.normal(sentence.tokens)
    openings = _openings(sentence.tokens, possible, lexicon)
    fired: dict[str, Entry] = {}
    for entry in possible:
        if entry.rule.name not in fired and (entry.cue.bare or entry.cue.matches(text, openings)):
            fired[entry.rule.name] = entry
    hits = [*sentence.hits, *(_hit(entry, {}) for entry in fired.values())]
    return replace(sentence, hits=tuple(hits), acts=_best(hits))


def _openings(tokens: Sequence[str], entries: Sequence[Entry], lexicon: Lexicon) -> list[int]:
    """Where the first clause may begin, if one of the cues asks for it; few do."""
    return cues.openings_of(tokens, lexicon.opening) if any(entry.cue.opening for entry in entries) else []


def _hit(entry: Entry, factors: Mapping[str, float]) -> Hit:
    rule = entry.rule
    factor = 1.0 if rule.firm else factors.get(rule.act, 1.0)
    return Hit(rule.full_name, rule.act, rule.score * factor, rule.score, entry.place)


def _best(hits: Sequence[Hit]) -> dict[str, Hit]:
    acts: dict[str, Hit] = {}
    for hit in hits:
        known = acts.get(hit.act)
        if known is None or hit.score > known.score:
            acts[hit.act] = hit
    return acts
