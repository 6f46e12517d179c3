"""Tells a reply that only says that its reader has or knows what is asked for: "I think Ann has it", to Ann."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mailwatch.detection.speechacts import Sentence
from mailwatch.domain.reading import ReplyKind

FEW_SENTENCES = 4
"""An answer of more says more than who has it."""
_HEAD = 200
_NAME = r"(?P<who>[^\W\d_][^\W\d_]{1,30})"
_ADVERB = r"(?:(?:surely|probably|certainly|definitely|still|sicher|bestimmt|wohl) )?"
_HAS_IT = (
    r"(?:ha[sd]|have|hat|tiene) (?:it|them|that|this|those|these|one|es|sie|ihn|(?:the|die|el|la) \w+)\W*$"
    r"|l['’]a\b|knows|weiß|weiss|sait|sabe|owns|handles|looks after|takes care|kümmert sich|s['’]en occupe"
    r"|is (?:the (?:right )?(?:one|person)|responsible|in charge)"
)
_WOULD = (
    r"(?:should|can|could|might|may|would|will)(?: \w+)? (?:know|help|tell|have|answer|say|give|look)\b"
    r"|(?:sollte|kann|könnte|müsste|dürfte|wird)\b.{1,40}\b(?:wissen|helfen|sagen|haben)\b"
    r"|(?:peut|pourra|pourrait|devrait|doit)\b.{1,20}(?:savoir|aider|dire|avoir|répondre)\b"
    r"|(?:puede|podrá|podría|debería|debe)\b.{1,20}(?:saber|ayudar|dec[ií]r|tener)(?:lo|la|te|se){0,2}\b"
)
_GO_TO = (
    r"(?:ask|try|contact|check with|talk to|frage?t?|fragen sie|demande[rz]?(?:-lui)? à|vois avec|voir avec"
    r"|pregunta(?:le|d)? a|habla con) (?:(?:mal|bitte|doch|please) )?"
)
_HAS_BEFORE = r"(?:hat|macht|weiß|weiss|(?:lo|la|los|las) tiene|(?:lo )?sabe|c['’]est)"
_BEHIND = r"(?: sicher| bestimmt)?\W*$| qui\b"
_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b{_NAME} {_ADVERB}(?:{_HAS_IT}|{_WOULD})",
        rf"\b{_GO_TO}{_NAME}\b",
        rf"\b{_HAS_BEFORE} {_NAME}(?:{_BEHIND})",
        rf"\b(?:sollte|müsste|kann|könnte) {_NAME} (?:wissen|haben|helfen|sagen)\b",
    )
)


def only_points_at(names: Sequence[str], found: Sequence[Sentence], kind: ReplyKind) -> bool:
    """Whether a reply names somebody, by a name in lower case, as the one who has it, and brings nothing itself.

    An answer brings something if it says that it does, holds a figure, or has more than a few sentences.
    """
    if kind is ReplyKind.ANSWER and (len(found) > FEW_SENTENCES or any(map(_brings, found))):
        return False
    return any(
        match["who"].lower() in names
        for one in found[:FEW_SENTENCES]
        for pattern in _PATTERNS
        for match in pattern.finditer(one.words[:_HEAD])
    )


def _brings(sentence: Sentence) -> bool:
    return bool(sentence.best("delivered")) or any(token[0].isdigit() for token in sentence.tokens)
