"""Finds the due times that a sentence names: only behind a cue such as "by", "due" or "within"."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, tzinfo

from mailwatch.detection import moments, timewords
from mailwatch.domain.reading import Deadline

_STRONG = ("by", "due")


def order_of(deadline: Deadline) -> tuple[object, object]:
    """Earliest first; a day without a clock time comes at its end."""
    return deadline.day, deadline.clock or time.max


def find(
    tokens: Sequence[str], sent_at: datetime, zone: tzinfo, language: str, order: str | None = None
) -> list[Deadline]:
    """The due times in one sentence, in order; `sent_at` is aware, days are counted in `zone`.

    `order` is "mdy" or "dmy" for dates in figures; None takes the usual order of the language.
    """
    words = timewords.words_of(language)
    if not words.any_in(tokens):
        return []
    sent = sent_at.astimezone(zone)
    order = order or ("mdy" if language == "en" else "dmy")
    found: list[Deadline] = []
    place = 0
    while place < len(tokens):
        atom = words.at(tokens, place)
        if atom is None or atom.kind not in ("by", "due", "within"):
            place += 1
            continue
        start = place + atom.width
        moment = moments.read(tokens, start, words, order)
        if moment is None or (moment.count is not None) != (atom.kind == "within"):
            place += 1
            continue
        due = moments.resolve(moment, sent, before=tokens[place] not in ("by", "due"))
        if due is not None:
            text = " ".join(tokens[place : moment.end])
            found.append(Deadline(due[0], due[1], text, moment.zone))
        place = max(moment.end, place + 1)
    return found
