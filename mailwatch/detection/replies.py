"""What a message is as a reply: an answer, or one of the things that are none."""

from __future__ import annotations

from collections.abc import Sequence

from mailwatch.detection.speechacts import Sentence
from mailwatch.domain.reading import ReplyKind

_ORDER = (
    ("withdrawal", ReplyKind.WITHDRAWAL),
    ("redirect", ReplyKind.REDIRECT),
    ("renegotiation", ReplyKind.RENEGOTIATION),
    ("decline", ReplyKind.DECLINE),
    ("holding", ReplyKind.ACKNOWLEDGEMENT),
)
THANKS_ONLY = 12


def kind_of(found: Sequence[Sentence]) -> ReplyKind:
    """The kind of reply that the sentences make; ANSWER when nothing says otherwise."""
    for act, kind in _ORDER:
        if any(sentence.best(act) for sentence in found):
            return kind
    if any(s.best("thanks") for s in found) and sum(len(s.tokens) for s in found) <= THANKS_ONLY:
        return ReplyKind.THANKS
    asking = [s for s in found if "?" in s.tokens]
    if asking and len(found) - len(asking) <= 1:
        return ReplyKind.QUESTION
    return ReplyKind.ANSWER
