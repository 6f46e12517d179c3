"""Finds what a sentence does, by the named rules of a lexicon: it asks, promises, holds back, declines, thanks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from mailwatch.detection import cues, sentences
from mailwatch.detection.filing import CueIndex, Entry, Hit
from mailwatch.detection.lexicons import Lexicon

DAMP = "damp"
REQUEST = "request"
PROMISE = "promise"
ANSWERED = "answered"
"""What a sentence does that answers the question right before it."""
WHOLE = frozenset(("withdrawal", "opening", "tail", "conduct", "mass"))
"""Acts for which nothing is left out of the sentence first."""


@dataclass(slots=True)
class Sentence:
    """A sentence with its tokens and the rules that fired on it; `acts` holds the surest hit of each act.

    `left_out` are the rules whose words were taken away, `weakened` those that made the others less sure.
    """

    # Nothing changes it, but a frozen one takes three times as long to make.
    words: str
    tokens: list[str]
    hits: tuple[Hit, ...] = ()
    acts: Mapping[str, Hit] = field(default_factory=dict)
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
    index = lexicon.asking
    possible = index.possible(tokens)
    if not possible:
        return Sentence(words, tokens)
    text = asked = promised = sentences.normal(tokens)
    left_out: tuple[str, ...] = ()
    voiding = possible & lexicon.voiding
    if voiding:
        asked, promised, left_out = _without(text, index.entries(voiding))
    openings = _Openings(lexicon.opening)
    ways = (text, asked, promised) if left_out else ()
    fired: dict[str, Entry] = {}
    for entry in _begun(possible ^ voiding, index, tokens, lexicon, ways):
        if entry.name in fired:
            continue
        left = text
        if left_out and entry.act not in WHOLE:
            left = promised if entry.act.endswith(PROMISE) else asked
        if (entry.bare and left is text) or entry.cue.matches(left, openings):
            fired[entry.name] = entry
    if not fired:
        return Sentence(words, tokens, left_out=left_out)
    weakening = [entry for entry in fired.values() if entry.act.startswith(DAMP)]
    hits = _weakened(fired.values(), weakening) if weakening else [entry.hit for entry in fired.values()]
    weakened = tuple(dict.fromkeys([entry.hit.rule for entry in weakening]))
    return Sentence(words, tokens, tuple(hits), _best(hits), left_out, weakened)


def _without(text: str, voiding: Iterable[Entry]) -> tuple[str, str, tuple[str, ...]]:
    """What is left of a normal sentence for what asks and for what promises, and the rules that took words away."""
    left = {REQUEST: text, PROMISE: text}
    left_out: dict[str, None] = {}
    for entry in voiding:
        for act in (PROMISE,) if entry.act.endswith(PROMISE) else (REQUEST, PROMISE):
            if entry.cue.anywhere.search(left[act]):
                left[act] = entry.cue.regex.sub(f"~{entry.name.partition('.')[2]} ", left[act])
                left_out[entry.hit.rule] = None
    return left[REQUEST], left[PROMISE], tuple(left_out)


def as_reply(sentence: Sentence, lexicon: Lexicon) -> Sentence:
    """The same sentence with what it does as part of a reply; nothing is left out of it for that."""
    index = lexicon.replying
    possible = index.possible(sentence.tokens)
    if not possible:
        return sentence
    text = sentences.normal(sentence.tokens)
    openings = _Openings(lexicon.opening)
    fired: dict[str, Entry] = {}
    for entry in _begun(possible, index, sentence.tokens, lexicon):
        if entry.name not in fired and (entry.bare or entry.cue.matches(text, openings)):
            fired[entry.name] = entry
    if not fired:
        return sentence
    hits = [*sentence.hits, *(entry.hit for entry in fired.values())]
    return replace(sentence, hits=tuple(hits), acts=_best(hits))


def _begun(
    cues_left: int, index: CueIndex, tokens: Sequence[str], lexicon: Lexicon, texts: Iterable[str] = ()
) -> list[Entry]:
    """Those of some cues that may match a sentence by the words with which its first clause may begin.

    `texts` are the normal sentences that are matched, if they are others than the tokens make.
    """
    if cues_left & index.led:
        ways = [text.split()[1:-1] for text in texts] or (tokens,)
        words = [way[place] for way in ways for place in cues.beginnings(way, lexicon.opening)]
        cues_left &= ~index.led | index.led_by(words)
    return index.entries(cues_left)


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
        self._words = words

    def __missing__(self, text: str) -> list[int]:
        places = self[text] = cues.openings_of(text.split()[1:-1], self._words)
        return places


def _best(hits: Sequence[Hit]) -> Mapping[str, Hit]:
    acts: dict[str, Hit] = {}
    for hit in hits:
        known = acts.get(hit.act)
        if known is None or hit.score > known.score:
            acts[hit.act] = hit
    return acts
