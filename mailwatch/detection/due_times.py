"""Chooses from the times that a message names those by which something that it asks or promises is due."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from mailwatch.detection import deadlines, due_days, due_opinion, lexicons, offers, speechacts, timetables
from mailwatch.detection.deadlines import Mention, When
from mailwatch.detection.due_opinion import DueOpinion
from mailwatch.detection.speechacts import PROMISE, REQUEST, Sentence
from mailwatch.detection.weighing import SURE_ENOUGH, Spoken
from mailwatch.domain.reading import Deadline, ReplyKind

PARTING = frozenset(",;:-.!?()")
NEARLY = 0.5
"""An earlier time goes before the surest one if no more than this speaks less for it."""
NAMED_WITHIN = 8
"""So many sentences back may stand the day from which "the day before" counts."""
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


class TimesNamed:
    """The times that the sentences of a message name, as people read on: "by then" goes back to the last of them."""

    def __init__(self, sentences: Sequence[Sentence], when: When) -> None:
        self._sentences = sentences
        self._when = when
        self._words = timetables.words_of(when.language)
        self._last: dict[int, Deadline | None] = {}

    def at(self, place: int, *, only_sure: bool = False) -> tuple[Mention, ...]:
        """Those of the sentence at a place if it has a word for one, and a cue if `only_sure` ones are wanted."""
        tokens = self._sentences[place].tokens
        if not self._words.any_in(tokens, behind_a_cue=only_sure):
            return ()
        return deadlines.mentions(tokens, self._when, lambda: self._named_before(place))

    def _named_before(self, place: int) -> Deadline | None:
        """The last day that one of the sentences right before a place names."""
        for before in range(place - 1, max(-1, place - 1 - NAMED_WITHIN), -1):
            if before not in self._last:
                self._last[before] = self._last_in(self._sentences[before].tokens)
            if named := self._last[before]:
                return named
        return None

    def _last_in(self, tokens: Sequence[str]) -> Deadline | None:
        named: Deadline | None = None
        for time in deadlines.mentions(tokens, self._when):
            named = due_days.last_named(time.kinds, time.deadline, named)
        return named


def of_acts(spoken: Sequence[Spoken], found: Found, when: When) -> dict[str, Deadline]:
    """The due time of what is asked and of what is promised, by act, where there is one."""
    if not (found.asks or found.promises):
        return {}
    opinion = due_opinion.load(when.language)
    if opinion is None:
        return chosen((act, due, 0.0) for act, due in _ruled(spoken, found))
    return chosen(judged(candidates(spoken, found, when, opinion.vocabulary), opinion))


def offered(spoken: Sequence[Spoken], when: When, kind: ReplyKind) -> Deadline | None:
    """The time that a reply offers in the place of one that it says cannot be kept, whatever else it promises."""
    if kind is not ReplyKind.RENEGOTIATION and not any(offers.refuses(one.sentence) for one in spoken):
        return None
    times = TimesNamed([one.sentence for one in spoken], when)
    named = [
        (time, one.sentence)
        for place, one in enumerate(spoken)
        for time in (one.mentions if one.mentions is not None else times.at(place))
    ]
    return offers.offered(named, lexicons.load(when.language), when.sent_at.date())


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
    owned, other = opinion.least
    for one in times:
        sureness = opinion.of(one.features)
        if sureness >= (owned if one.owned else other):
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
    times = TimesNamed([one.sentence for one in spoken], when)
    for place, one in enumerate(spoken):
        quiet = due_opinion.acting(one) < due_opinion.QUIET
        named = one.mentions if one.mentions is not None else times.at(place, only_sure=quiet)
        mentions = _where_something_is_done(named, when.language)
        said: set[str] = set()
        for mention in mentions:
            owned = id(mention) in by_rule
            acts = by_rule[id(mention)] if owned else (_act(spoken, place, found),)
            if owned or ((one.to_reader or REQUEST not in acts) and (mention.sure or not quiet)):
                said = said or due_opinion.of_sentence(spoken, place)
                features = due_opinion.features(mention, said, sent_on, vocabulary, owned=owned)
                yield Candidate(mention, acts, owned, features)


def _where_something_is_done(mentions: Sequence[Mention], language: str) -> Sequence[Mention]:
    """Of times in several parts of a sentence those in whose own part something is asked or promised.

    "Today is bad, but I'll send it tomorrow." What a cue calls a due time is one wherever it stands.
    """
    if len({one.deadline.day for one in mentions}) < 2:
        return mentions
    lexicon, tokens = lexicons.load(language), mentions[0].tokens
    parting = lexicon.contrast | PARTING
    ends = [place for place, token in enumerate(tokens) if token in parting]
    parts = [(one, bisect_left(ends, one.start)) for one in mentions]
    does: dict[int, bool] = {}
    for number in {number for _, number in parts} if ends else ():
        start, end = ends[number - 1] + 1 if number else 0, ends[number] if number < len(ends) else len(tokens)
        does[number] = _does_something(speechacts.read("", list(tokens[start:end]), lexicon))
    return [one for one, number in parts if one.cue or does[number]] if any(does.values()) else mentions


def _does_something(part: Sentence) -> bool:
    return any((hit := part.best(act)) is not None and hit.score >= SURE_ENOUGH for act in (REQUEST, PROMISE))


def _act(spoken: Sequence[Spoken], place: int, found: Found) -> str:
    """What the sentence at a place does, or the last one before it that does something."""
    if found.asks != found.promises:
        return REQUEST if found.asks else PROMISE
    for one in reversed(spoken[: place + 1]):
        if due_opinion.acting(one) >= due_opinion.QUIET:
            return PROMISE if due_opinion.promising(one) > due_opinion.asking(one) else REQUEST
    return REQUEST
