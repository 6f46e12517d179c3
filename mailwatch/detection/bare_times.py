"""Recognises replies that say nothing but a time ("Friday.", "Tomorrow at the latest!"), and what they may answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set

from mailwatch.detection import deadlines
from mailwatch.detection.deadlines import When
from mailwatch.detection.speechacts import REQUEST, Sentence
from mailwatch.domain.reading import Deadline

_PASSED_OVER = frozenset(("thanks", "opening", "courtesy"))
_MARKS = frozenset(",.!?;:-()^$…")
_MOST_SENTENCES = 4
_LONGEST = 12  # tokens
_TO_DO = frozenset(
    (
        "can-you",
        "please",
        "send-me",
        "hand-over",
        "do-for-me",
        "order",
        "imperative",
        "handing",
        "passed-on",
        "need-your",
    )
)
"""The rules of requests, in all languages, that hear that something is to be done."""


def asks_to_do(found: Sequence[Sentence], when: When) -> bool:
    """Whether a message asks to have something done, which a time alone does not answer: it only says by when.

    A question that asks for a time, or gives some to choose from ("comes it today or tomorrow?"), is answered by one.
    """
    asking = [one for one in found if (hit := one.best(REQUEST)) and hit.rule.rpartition(".")[2] in _TO_DO]
    return bool(asking) and not any("when" in one.acts for one in asking) and not _gives_times(asking[0], when)


def _gives_times(sentence: Sentence, when: When) -> bool:
    if not sentence.words.rstrip().endswith("?"):
        return False
    return any(not time.sure and "unit" not in time.kinds for time in deadlines.mentions(sentence.tokens, when))


def only_a_time(found: Sequence[Sentence], when: When, beside: Set[str]) -> Deadline | None:
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
