"""Finds what a sentence does, by the named rules of a lexicon: it asks, promises, holds back, declines, thanks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from mailwatch.detection import cues, sentences
from mailwatch.detection.filing import Entry, Hit
from mailwatch.detection.lexicons import Lexicon

VOID = "void"
DAMP = "damp"
REQUEST = "request"
PROMISE = "promise"
ANSWERED = "answered"
"""What a sentence does that answers the question right before it."""
WHOLE = frozenset(("withdrawal", "opening", "tail"))
"""Acts for which nothing is left out of the sentence first."""


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
    left_out: dict[str, None] = {}
    for entry in lexicon.asking.possible(tokens):
        if not entry.act.startswith(VOID):
            matching.append(entry)
            continue
        for act in (PROMISE,) if entry.act.endswith(PROMISE) else (REQUEST, PROMISE):
            shorter, times = entry.cue.regex.subn(f"~{entry.name.partition('.')[2]} ", texts[act])
            if times:
                texts[act] = shorter
                left_out[entry.hit.rule] = None
    fired: dict[str, Entry] = {}
    openings = _Openings(lexicon.opening)
    weakening: list[Entry] = []
    for entry in matching:
        if entry.name in fired:
            continue
        act = entry.act
        left = texts[PROMISE if act.endswith(PROMISE) else REQUEST] if left_out and act not in WHOLE else text
        if not (entry.bare and left is text) and not entry.cue.matches(left, openings):
            continue
        fired[entry.name] = entry
        if act.startswith(DAMP):
            weakening.append(entry)
    hits = _weakened(fired.values(), weakening) if weakening else [entry.hit for entry in fired.values()]
    weakened = tuple(dict.fromkeys(entry.hit.rule for entry in weakening))
    return Sentence(words, tokens, tuple(hits), _best(hits), tuple(left_out), weakened)


def as_reply(sentence: Sentence, lexicon: Lexicon) -> Sentence:
    """The same sentence with what it does as part of a reply; nothing is left out of it for that."""
    possible = lexicon.replying.possible(sentence.tokens)
    if not possible:
        return sentence
    text = sentences.normal(sentence.tokens)
    openings = _Openings(lexicon.opening)
    fired: dict[str, Entry] = {}
    for entry in possible:
        if entry.name not in fired and (entry.bare or entry.cue.matches(text, openings)):
            fired[entry.name] = entry
    hits = [*sentence.hits, *(entry.hit for entry in fired.values())]
    return replace(sentence, hits=tuple(hits), acts=_best(hits))


def _weakened(fired: Iterable[Entry], weakening: Sequence[Entry]) -> list[Hit]:
    """The hits of rules that ask or promise, with less left of them, unless they are firm."""
    factors = {REQUEST: 1.0, PROMISE: 1.0}
    for entry in weakening:
        act = entry.act[len(DAMP) + 1 :] or REQUEST
        factors[act] = min(factors[act], entry.rule.score)
    hits: list[Hit] = []
    for entry in fired:
        hit = entry.hit
        if hit.act.startswith(DAMP):
            continue
        factor = 1.0 if entry.rule.firm else factors.get(hit.act, 1.0)
        hits.append(hit if factor == 1.0 else replace(hit, score=hit.full * factor))
    return hits


class _Openings(dict[str, list[int]]):
    """Where the first clause of a normal sentence may begin, found when it is first asked for; few cues ask."""

    def __init__(self, words: frozenset[str]) -> None:
        super().__init__()
        self._words = words

    def __missing__(self, text: str) -> list[int]:
        places = self[text] = cues.openings_of(text.split()[1:-1], self._words)
        return places


def _best(hits: Sequence[Hit]) -> dict[str, Hit]:
    acts: dict[str, Hit] = {}
    for hit in hits:
        known = acts.get(hit.act)
        if known is None or hit.score > known.score:
            acts[hit.act] = hit
    return acts
