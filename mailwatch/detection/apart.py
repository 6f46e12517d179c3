"""Tells what is meant for the reader from the rest: their own task, what calls others, what is only shown."""

from __future__ import annotations

from collections.abc import Sequence

from mailwatch.detection import addressing, sentences
from mailwatch.detection.addressing import Called
from mailwatch.detection.lexicons import Lexicon
from mailwatch.detection.speechacts import REQUEST, Sentence
from mailwatch.domain.reading import EVIDENCE_LIMIT, Evidence, Finding

TASK_RULE = "addressing.task"
SURE_OF_A_TASK = 0.7
NOT_NEEDED = ".void.not-needed"
"""How the rules end that take away what is said not to be needed."""


def asked(found: Sequence[Sentence], calls: Sequence[Called]) -> bool:
    """Whether the reader is asked something by name, so that nobody else who was asked can settle it.

    A greeting that names the reader alone is no such call, unless somebody else is asked something by name.
    """
    pairs = zip(found, calls, strict=True)
    by_name = {called for one, called in pairs if one.best(REQUEST) or addressing.task_in(one.words) is not None}
    greeted = calls[0] is Called.READER and addressing.only_calls(found[0].words)
    return Called.READER in by_name and (Called.ANOTHER in by_name or not greeted)


def task(found: Sequence[Sentence], calls: Sequence[Called], lexicon: Lexicon) -> Finding:
    """The thing that stands behind the reader's name in a list of tasks; no verb says what to do with it."""
    for one, called in zip(found, calls, strict=True):
        words = addressing.task_in(one.words) if called is Called.READER else None
        if words and not lexicon.article.isdisjoint(sentences.tokens(words, lexicon.accents)[:1]):
            return Finding(SURE_OF_A_TASK, Evidence(TASK_RULE, one.words[:EVIDENCE_LIMIT]))
    return Finding()


def to_reader(found: Sequence[Sentence], calls: Sequence[Called]) -> list[bool]:
    """Which sentences speak to the reader: not what calls others, nor what is shown in quotation marks.

    Nor does anything else where the reader is told by name that they need not do anything.
    """
    exempt = Called.READER in calls and any(
        called is Called.READER and any(map(_not_needed, one.left_out))
        for one, called in zip(found, calls, strict=True)
    )
    speaks = [called is Called.READER if exempt else called is not Called.ANOTHER for called in calls]
    words = [one.words for one in found]
    if '"' in "".join(words):
        speaks = [one and not shown for one, shown in zip(speaks, addressing.in_quotes(words), strict=True)]
    return speaks


def _not_needed(rule: str) -> bool:
    return rule.endswith(NOT_NEEDED)
