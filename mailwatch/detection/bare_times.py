"""Recognises replies that say nothing but a time: "Friday.", "Tomorrow morning at the latest, sorry!"."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set

from mailwatch.detection import deadlines
from mailwatch.detection.deadlines import When
from mailwatch.detection.speechacts import Sentence
from mailwatch.domain.reading import Deadline

_PASSED_OVER = frozenset(("thanks", "opening", "courtesy"))
_MARKS = frozenset(",.!?;:-()^$…")
_MOST_SENTENCES = 4
_LONGEST = 12  # tokens


def only_time(found: Sequence[Sentence], when: When, beside: Set[str]) -> Deadline | None:
    """The time to come that is all that a reply says, beside thanks and small words; None if it says more.

    `beside` are the words that say nothing more than the time: by, ready, at the latest. A question is none.
    """
    named: list[Deadline] = []
    for sentence in found[: _MOST_SENTENCES + 1]:
        if sentence.words.rstrip().endswith("?") or len(sentence.tokens) > _LONGEST:
            return None
        times = deadlines.mentions(sentence.tokens, when)
        named += (time.deadline for time in times)
        tokens = times[0].tokens if times else sentence.tokens
        spans = {place for time in times for place in range(time.start, time.end)}
        more = (token for place, token in enumerate(tokens) if place not in spans)
        if not (_says_nothing(more, beside) or (not times and not _PASSED_OVER.isdisjoint(sentence.acts))):
            return None
    if len(found) > _MOST_SENTENCES or len(named) != 1 or named[0].day < when.sent_at.date():
        return None
    return named[0]


def _says_nothing(tokens: Iterable[str], beside: Set[str]) -> bool:
    return all(token in beside or token in _MARKS for token in tokens)
