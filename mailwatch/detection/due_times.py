"""Chooses from the times that a message names those by which something that it asks or promises is due."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from mailwatch.detection import deadlines, due_opinion, timetables
from mailwatch.detection.deadlines import Mention, When
from mailwatch.detection.due_opinion import DueOpinion
from mailwatch.detection.speechacts import PROMISE, REQUEST
from mailwatch.detection.weighing import Spoken
from mailwatch.domain.reading import Deadline

OWNED, OTHER = -1.5, 0.9
"""How much must speak for a time that is a due time by the rules, and for another, as logarithms of the odds."""
NEARLY = 0.5
"""An earlier time goes before the surest one if no more than this speaks less for it."""
Judged = tuple[str, Mention, float]
"""An act, by when it is due, and how much speaks for that, as a logarithm of the odds."""


@dataclass(frozen=True, slots=True)
class Found:
    """Whether a message asks and whether it promises, surely enough for a due time."""

    asks: bool
    promises: bool


@dataclass(frozen=True, slots=True)
class Candidate:
    """A time, which acts would be due then if it is a due time, whether it is one by the rules, and its features."""

    mention: Mention
    acts: tuple[str, ...]
    owned: bool
    features: set[str]


def of_acts(spoken: Sequence[Spoken], found: Found, when: When) -> dict[str, Deadline]:
    """The due time of what is asked and of what is promised, by act, where there is one."""
    if not (found.asks or found.promises):
        return {}
    opinion = due_opinion.load(when.language)
    if opinion is None:
        return chosen((act, due, 0.0) for act, due in _ruled(spoken, found))
    return chosen(judged(candidates(spoken, found, when, opinion.vocabulary), opinion))


def chosen(due: Iterable[Judged]) -> dict[str, Deadline]:
    """The due time of each act: the earliest of those for which nearly as much speaks as for the surest."""
    by_act: dict[str, list[tuple[Mention, float]]] = {}
    for act, mention, sureness in due:
        by_act.setdefault(act, []).append((mention, sureness))
    first = {}
    for act, known in by_act.items():
        enough = max(sureness for _, sureness in known) - NEARLY
        first[act] = min((one.deadline for one, sureness in known if sureness >= enough), key=deadlines.order_of)
    return first


def judged(times: Iterable[Candidate], opinion: DueOpinion) -> Iterator[Judged]:
    """Those of some times at which something is due, by the rules and the opinion together."""
    for one in times:
        sureness = opinion.of(one.features)
        if sureness >= (OWNED if one.owned else OTHER):
            yield from ((act, one.mention, sureness) for act in one.acts)


def _ruled(spoken: Sequence[Spoken], found: Found) -> Iterator[tuple[str, Mention]]:
    """The due times by the rules alone; a request has one only if it speaks to the reader."""
    for one in spoken:
        for act, is_found in ((REQUEST, found.asks and one.to_reader), (PROMISE, found.promises)):
            yield from ((act, due) for due in one.dues if is_found and one.owns(due, act))


def candidates(spoken: Sequence[Spoken], found: Found, when: When, vocabulary: frozenset[str]) -> Iterator[Candidate]:
    """All times of a message that may be due times, with what would be due then."""
    by_rule: dict[int, tuple[str, ...]] = {}
    for act, due in _ruled(spoken, found):
        by_rule[id(due)] = (*by_rule.get(id(due), ()), act)
    sent_on = when.sent_at.date()
    for place, one in enumerate(spoken):
        quiet = due_opinion.acting(one) < due_opinion.QUIET
        named = one.mentions if one.mentions is not None else named_in(one.sentence.tokens, when, only_sure=quiet)
        said: set[str] = set()
        for mention in named:
            owned = id(mention) in by_rule
            acts = by_rule[id(mention)] if owned else (_act(spoken, place, found),)
            if owned or ((one.to_reader or REQUEST not in acts) and (mention.sure or not quiet)):
                said = said or due_opinion.of_sentence(spoken, place)
                features = due_opinion.features(mention, said, sent_on, vocabulary, owned=owned)
                yield Candidate(mention, acts, owned, features)


def named_in(tokens: Sequence[str], when: When, *, only_sure: bool = False) -> tuple[Mention, ...]:
    """The times that a sentence names if it has a word for one, and a cue if `only_sure` ones are wanted."""
    if not timetables.words_of(when.language).any_in(tokens, behind_a_cue=only_sure):
        return ()
    return deadlines.mentions(tokens, when)


def _act(spoken: Sequence[Spoken], place: int, found: Found) -> str:
    """What the sentence at a place does, or the last one before it that does something."""
    if found.asks != found.promises:
        return REQUEST if found.asks else PROMISE
    for one in reversed(spoken[: place + 1]):
        if due_opinion.acting(one) >= due_opinion.QUIET:
            return PROMISE if due_opinion.promising(one) > due_opinion.asking(one) else REQUEST
    return REQUEST
