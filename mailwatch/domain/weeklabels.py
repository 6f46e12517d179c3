"""The labels of the weekly summary's rows and bars, in the reader's language."""

from __future__ import annotations

from mailwatch.domain.summary import WeeklySummary
from mailwatch.domain.weekfindings import SPEEDS, WEEKDAYS
from mailwatch.domain.wording import Wording, capital


def speed_label(label: str, wording: Wording) -> str:
    """The label of a bar of `by_speed`, which is one of SPEEDS."""
    _ = wording.gettext
    words = (_("within 1 h"), _("within 4 h"), _("within 8 h"), _("within 16 h"), _("later"), _("none yet"))
    return dict(zip(SPEEDS, words, strict=True)).get(label, label)


def weekday_label(label: str, wording: Wording) -> str:
    """The label of a bar of `by_weekday`, which is one of WEEKDAYS."""
    return capital(dict(zip(WEEKDAYS, wording.tongue.weekdays, strict=True)).get(label, label))


def promise_rows(summary: WeeklySummary, wording: Wording) -> tuple[tuple[str, str], ...]:
    """How the promises of the week went, only what there was."""
    _ = wording.gettext
    figures = summary.figures
    rows = (
        (_("Made"), figures.promises_made),
        (_("Kept early"), figures.kept_early),
        (_("Kept in time"), figures.kept),
        (_("Kept late"), figures.kept_late),
        (_("Given a new date"), figures.renegotiated),
        (_("Overdue"), figures.missed),
        (_("Open"), sum(not promise.overdue for promise in summary.promises)),
    )
    return tuple((label, str(n)) for label, n in rows if n)
