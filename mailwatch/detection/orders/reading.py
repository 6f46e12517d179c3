"""Reads the orders in the words that a user wrote above the quoted mail."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from mailwatch.detection.orders.lines import read_line
from mailwatch.detection.orders.scanner import Setting
from mailwatch.detection.orders.words import all_words
from mailwatch.domain.command import Why
from mailwatch.domain.order import NotUnderstood, Order
from mailwatch.domain.reading import EVIDENCE_LIMIT
from mailwatch.domain.workcalendar import WorkCalendar

MOST_LINES = 50
"""Lines that are read of one reply; more are a letter and not orders."""


def read_orders(
    words: str, now: datetime, calendar: WorkCalendar, *, language: str = "en", names: Iterable[str] = ()
) -> tuple[Order | NotUnderstood, ...]:
    """The orders in some lines, and what was not understood, in the order of the lines.

    `now` is when they were written, aware; days are counted in the calendar's zone. `language` decides what 3/4
    means; words of all languages are understood. `names` are those of the user, who may sign. Lines in a row that are
    no orders come as one. Pure, never raises, and linear in the words.
    """
    setting = Setting(now, calendar, all_words(), language == "en", frozenset(names))
    found: list[Order | NotUnderstood] = []
    strange: list[tuple[int, str, Why]] = []

    def close() -> None:
        if strange:
            number, _, why = strange[0]
            found.append(NotUnderstood(number, " ".join(words for _, words, _ in strange)[:EVIDENCE_LIMIT], why))
            strange.clear()

    for number, line in enumerate(words.split("\n")[:MOST_LINES], start=1):
        if not line.strip():
            continue
        read = read_line(line, number, setting)
        if isinstance(read, Why):
            strange.append((number, line.strip()[:EVIDENCE_LIMIT], read))
            continue
        if read is None:
            continue
        close()
        found += read
    close()
    return tuple(found)
