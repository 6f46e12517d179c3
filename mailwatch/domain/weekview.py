"""What the templates of the weekly summary are given: the week in finished words and widths of bars."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from statistics import median

from mailwatch.domain.mailview import (
    Action,
    ItemView,
    Letterhead,
    each_that_can_be_shown,
    promise_view,
    request_view,
)
from mailwatch.domain.reminderview import left_out_sentence, more_sentence, signature, stop_action
from mailwatch.domain.summary import Bar, WeekFigures, WeeklySummary
from mailwatch.domain.weeklabels import promise_rows, speed_label, weekday_label
from mailwatch.domain.weekwords import (
    Kind,
    fairness,
    headline,
    how_counted,
    kind_of,
    kind_word,
    suggestion,
    summary_subject,
    thanks,
)
from mailwatch.domain.wording import Wording


@dataclass(frozen=True, slots=True)
class BarView:
    """A row of a chart: what, how much in words, and the length of the bar in percent of the longest.

    `past` marks what is there for comparison.
    """

    label: str
    value: str
    percent: int
    past: bool = False


@dataclass(frozen=True, slots=True)
class WeekView:
    """A week in words; what is empty is not shown.

    `tiles` are the three figures that matter most, as (value, label). `columns` heads the table of `numbers`, whose
    rows begin with a label. `trend` is the share that was in time, week by week, oldest first. `fairness` and
    `suggestion` are sentences; `thanks` and `how_counted` paragraphs.
    """

    language: str
    subject: str
    preheader: str
    week: str
    headline: str
    kind: str
    requests: tuple[ItemView, ...]
    promises: tuple[ItemView, ...]
    left_out: str
    more: str
    tiles: tuple[tuple[str, str], ...]
    columns: tuple[str, ...]
    numbers: tuple[tuple[str, ...], ...]
    trend: tuple[BarView, ...]
    by_speed: tuple[BarView, ...]
    by_weekday: tuple[BarView, ...]
    by_hour: tuple[BarView, ...]
    promise_rows: tuple[tuple[str, str], ...]
    fairness: str
    thanks: tuple[str, ...]
    suggestion: str
    how_counted: tuple[str, ...]
    stop: Action
    zone: str


def week_view(summary: WeeklySummary, wording: Wording, answers_to: str) -> WeekView:
    """A week in words; an item that cannot be shown is left out, and counted."""
    kind = kind_of(summary, wording)
    subject = summary_subject(summary, kind, wording)
    letterhead = Letterhead(signature(summary.policy), answers_to, subject)
    worst, soonest = summary.shown
    requests, unshown = each_that_can_be_shown(worst, request_view, wording, letterhead)
    promises, unshown_too = each_that_can_be_shown(soonest, promise_view, wording, letterhead)
    more = len(summary.waiting) + len(summary.promises) - len(worst) - len(soonest)
    kind_line = kind_word(summary, kind, wording)
    told = summary.figures.asked > 0 and kind is not Kind.LEAVE
    return WeekView(
        language=wording.language,
        subject=subject,
        preheader=kind_line,
        week=wording.week(summary.week),
        headline=headline(summary, kind, wording),
        kind=kind_line,
        requests=requests,
        promises=promises,
        left_out=left_out_sentence(unshown + unshown_too, wording),
        more=more_sentence(more, wording),
        tiles=_tiles(summary.figures, wording) if told and summary.figures.on_time is not None else (),
        columns=_columns(summary, wording),
        numbers=_numbers(summary, wording) if told else (),
        trend=_trend(summary, wording) if kind is not Kind.LEAVE else (),
        by_speed=_bars(summary.by_speed, speed_label, wording) if told else (),
        by_weekday=_bars(summary.by_weekday, weekday_label, wording) if told else (),
        by_hour=_bars(summary.by_hour, _as_it_is, wording) if told else (),
        promise_rows=promise_rows(summary, wording),
        fairness=fairness(summary, wording),
        thanks=thanks(summary, wording),
        suggestion="" if kind in (Kind.PERFECT, Kind.LEAVE) else suggestion(summary, wording),
        how_counted=how_counted(summary, kind, wording),
        stop=stop_action(wording, letterhead),
        zone=summary.policy.calendar.zone.key,
    )


def _tiles(figures: WeekFigures, wording: Wording) -> tuple[tuple[str, str], ...]:
    _ = wording.gettext
    return (
        (str(figures.answered), _("Answered")),
        (wording.duration(figures.median_first_response), _("Half of first replies within")),
        (wording.percent(figures.on_time), _("In time")),
    )


def _columns(summary: WeeklySummary, wording: Wording) -> tuple[str, ...]:
    _ = wording.gettext
    over = (wording.local(summary.at).date() - summary.week).days >= 7
    first = _("Last week") if over else _("This week")
    return ("", first, _("Week before"), _("Usual")) if summary.before else ("", first)


def _numbers(summary: WeeklySummary, wording: Wording) -> tuple[tuple[str, ...], ...]:
    """The figures of the week, beside the week before and the median of the weeks before."""
    _ = wording.gettext
    weeks = (summary.figures, *summary.before[:1])
    before = summary.before

    def row(label: str, each: Iterable[str], usual: str) -> tuple[str, ...]:
        return (label, *each, usual) if before else (label, *each)

    return (
        row(_("Asked of you"), (str(w.asked) for w in weeks), _count(w.asked for w in before)),
        row(_("Answered"), (str(w.answered) for w in weeks), _count(w.answered for w in before)),
        row(
            _("Half of first replies within"),
            (wording.duration(w.median_first_response) for w in weeks),
            wording.duration(_middle(w.median_first_response for w in before)),
        ),
        row(
            _("Nine in ten within"),
            (wording.duration(w.p90_first_response) for w in weeks),
            wording.duration(_middle(w.p90_first_response for w in before)),
        ),
        row(
            _("In time"),
            (wording.percent(w.on_time) for w in weeks),
            wording.percent(_middle_share(before)),
        ),
    )


def _trend(summary: WeeklySummary, wording: Wording) -> tuple[BarView, ...]:
    """The share in time of up to nine weeks, oldest first; nothing if there is nothing to compare."""
    weeks = [week for week in (*reversed(summary.before), summary.figures) if week.on_time is not None]
    if len(weeks) < 3:
        return ()
    return tuple(
        BarView(
            wording.short_date(week.week),
            wording.percent(week.on_time),
            _percent(week.on_time or 0.0),
            past=week is not summary.figures,
        )
        for week in weeks
    )


def _bars(bars: Iterable[Bar], say: Callable[[str, Wording], str], wording: Wording) -> tuple[BarView, ...]:
    return tuple(BarView(say(bar.label, wording), wording.count(bar.count), _percent(bar.share)) for bar in bars)


def _as_it_is(label: str, wording: Wording) -> str:
    """Hours of the day are written alike in all our languages: 08–10."""
    return label


def _percent(share: float) -> int:
    """A share as a whole percentage; more than nothing is at least two, so that it can be seen."""
    return max(round(min(share, 1.0) * 100), 2) if share > 0 else 0


def _count(counts: Iterable[int]) -> str:
    values = list(counts)
    return str(round(median(values))) if values else "–"


def _middle(times: Iterable[timedelta | None]) -> timedelta | None:
    values = [time for time in times if time is not None]
    return timedelta(seconds=median(time.total_seconds() for time in values)) if values else None


def _middle_share(weeks: Iterable[WeekFigures]) -> float | None:
    values = [week.on_time for week in weeks if week.on_time is not None]
    return median(values) if values else None
