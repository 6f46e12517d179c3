"""The sentences of the weekly summary: what kind of week it was, said kindly and without flattery."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from statistics import median

from mailwatch.domain.cleaning import shown
from mailwatch.domain.mailview import given_name
from mailwatch.domain.summary import WeekFigures, WeeklySummary
from mailwatch.domain.weekfindings import Suggestion
from mailwatch.domain.weeklabels import weekday_label
from mailwatch.domain.wording import Wording, capital

_ENOUGH_TO_COMPARE = 3
_MANY = 5


class Kind(StrEnum):
    """What kind of week it was, for the choice of words."""

    LEAVE = "leave"
    EMPTY = "empty"
    PERFECT = "perfect"
    HARD = "hard"
    USUAL = "usual"


def kind_of(summary: WeeklySummary, wording: Wording) -> Kind:
    """The kind of a week."""
    figures = summary.figures
    days = [summary.week + timedelta(days=n) for n in range(7)]
    calendar = summary.policy.calendar
    usual = [day for day in days if calendar.hours.get(day.weekday()) and day not in calendar.holidays]
    if usual and all(any(first <= day <= last for first, last in calendar.leave) for day in usual):
        return Kind.LEAVE
    if not figures.asked:
        return Kind.EMPTY
    if summary.perfect and not summary.waiting:
        return Kind.PERFECT
    if figures.asked >= _MANY and (figures.on_time or 0.0) < 0.5:
        return Kind.HARD
    return Kind.USUAL


def summary_subject(summary: WeeklySummary, kind: Kind, wording: Wording) -> str:
    """The news of the week in a line."""
    _ = wording.gettext
    figures = summary.figures
    start = _("Your week") if summary.before else _("Your first week")
    n = len(summary.waiting)
    match kind:
        case Kind.LEAVE if n:
            return _("Welcome back: {news}").format(
                news=wording.ngettext("{n} request is waiting", "{n} requests are waiting", n)
            )
        case Kind.LEAVE:
            return _("Welcome back: nobody is waiting for you")
        case Kind.PERFECT:
            news = _("everyone has their answer")
        case Kind.EMPTY if not n:
            news = _("nobody had to wait for you")
        case Kind.EMPTY:
            news = _longest(summary, wording)
        case _:
            news = _("{answered} of {asked} answered").format(answered=figures.answered, asked=figures.asked)
            if n:
                news = _("{news}, {waiting}").format(news=news, waiting=_longest(summary, wording))
    return _("{start}: {news}").format(start=start, news=news)


def headline(summary: WeeklySummary, kind: Kind, wording: Wording) -> str:
    """The week in one or two sentences."""
    _ = wording.gettext
    figures, n = summary.figures, len(summary.waiting)
    waiting = wording.ngettext("One is still waiting.", "{n} are still waiting.", n) if n else ""
    match kind:
        case Kind.LEAVE:
            first = _("You were away, and your clock stood still.")
            waiting = wording.ngettext("{n} request is waiting for you.", "{n} requests are waiting for you.", n)
            waiting = waiting if n else ""
        case Kind.PERFECT:
            first = _("Everyone who asked you something heard from you in time.")
        case Kind.EMPTY if summary.came_since:
            # What came after the week is new to the reader, though it is not the week's.
            return capital(
                wording.ngettext("{n} request is waiting for you.", "{n} requests are waiting for you.", n)
            )
        case Kind.EMPTY:
            first = _("Nobody asked you for anything new.")
        case _ if figures.answered == figures.asked:
            first = wording.ngettext(
                "The week's only request is answered.", "All {n} requests of the week are answered.", figures.asked
            )
        case _ if not figures.answered:
            first = wording.ngettext(
                "The week's only request is not answered yet.",
                "None of the week's {n} requests is answered yet.",
                figures.asked,
            )
        case _:
            first = wording.tongue.catalogue.ngettext(
                "{answered} of the week's {asked} requests is answered.",
                "{answered} of the week's {asked} requests are answered.",
                figures.answered,
            ).format(
                answered=capital(_counted(wording, figures.answered, figures.asked)),
                asked=_counted(wording, figures.asked, figures.asked),
            )
    return f"{first} {capital(waiting)}".strip()


def _counted(wording: Wording, n: int, largest: int) -> str:
    """A number as the largest of a sentence is written: words and figures are not mixed."""
    return wording.number(n) if largest <= 10 else wording.count(n)


def kind_word(summary: WeeklySummary, kind: Kind, wording: Wording) -> str:
    """One kind line that is true of this week."""
    _ = wording.gettext
    if not summary.before and kind in (Kind.USUAL, Kind.HARD):
        return _("This is your first week with mailwatch: next week you will see how it compares.")
    match kind:
        case Kind.LEAVE:
            return _("Nobody's waiting time grew in the meantime: leave does not count.")
        case Kind.PERFECT:
            return _("That is what people mean when they say that they can count on you. Thank you.")
        case Kind.EMPTY if who := _first_waiting(summary) or _first_broken(summary):
            return _("A short reply to {who} would be a good start.").format(who=who)
        case Kind.EMPTY:
            return _("It was a quiet week.")
        case Kind.HARD:
            who = _first_waiting(summary)
            if not who:
                return _("It was a full week, and it is behind you.")
            return _("It was a full week. A short reply to {who} would be a good start.").format(who=who)
    return _compared(summary, wording)


def fairness(summary: WeeklySummary, wording: Wording) -> str:
    """Whether one coworker waits longer than the others, for the reader's eyes alone."""
    _ = wording.gettext
    if (uneven := summary.uneven) is not None:
        return _(
            "Over the last four weeks {who} typically waited {median} or more for your first reply ({n} requests), "
            "the others {others}. There may be good reasons; it is just easy not to notice."
        ).format(
            who=given_name(uneven.who),
            median=_unbroken(wording.duration(uneven.median)),
            others=_unbroken(wording.duration(uneven.others)),
            n=uneven.asked,
        )
    if summary.figures.asked >= _MANY:
        return _("As far as the last weeks can tell, nobody waits clearly longer for you than the others.")
    return ""


def thanks(summary: WeeklySummary, wording: Wording) -> tuple[str, ...]:
    """What deserves thanks, from facts."""
    _ = wording.gettext
    said: list[str] = []
    if summary.helped:
        names = [f"{given_name(who)} ({n})" if n > 1 else given_name(who) for who, n in summary.helped]
        said.append(_("You helped {names}.").format(names=wording.listed(names, 6)))
    for promise in summary.early[:3]:
        said.append(
            _("You kept your word to {who} a day or more before it was due: “{subject}”.").format(
                who=given_name(promise.to), subject=shown(promise.subject, 80)
            )
        )
    return tuple(said)


def suggestion(summary: WeeklySummary, wording: Wording) -> str:
    """The suggestion that was drawn from the week, in words; nothing if its name has none."""
    return _suggestions(summary, wording).get(summary.suggestion or "", "")


def how_counted(summary: WeeklySummary, kind: Kind, wording: Wording) -> tuple[str, ...]:
    """The rules that the numbers follow; of figures that are not shown nothing is said."""
    _ = wording.gettext
    target = summary.policy.targets.default
    clock = _(
        "All times are working time by your own hours: nights, weekends, holidays and leave do not count. The clock "
        "starts with the first unanswered ask; asking again does not restart it. Automatic replies neither stop nor "
        "start it."
    )
    if kind is Kind.LEAVE:
        return (clock,)
    usual = _("Usual is the median of up to eight weeks before.")
    return (
        clock,
        _(
            "In time means a first reply within {acknowledge} and an answer within {answer}, or what was agreed for "
            "the sender. What is still open past that counts as not in time, and the times treat open requests as "
            "still running (Kaplan-Meier), so that not answering never looks better than answering."
        ).format(acknowledge=wording.working(target.acknowledge), answer=wording.working(target.answer)),
        *((usual,) if summary.before and summary.figures.asked else ()),
    )


def _suggestions(summary: WeeklySummary, wording: Wording) -> dict[str, str]:
    _, who = wording.gettext, given_name(summary.uneven.who) if summary.uneven else ""
    busiest = max(summary.by_weekday, key=lambda bar: bar.count, default=None)
    return {
        Suggestion.OLDEST_FIRST: _(
            "Begin one morning with the oldest open request, whoever it is from: then the longest wait ends first."
        ),
        Suggestion.FINISH_ACKNOWLEDGED: _(
            "Some people know that you are on it and now count on the rest. Finish one such request a day, and soon "
            "none is left."
        ),
        Suggestion.PROMISE_LATER: _(
            "Try promising one day later than the one that comes to mind: who is early then is a delight."
        ),
        Suggestion.SAME_FOR_EVERYONE: _(
            "A fixed quarter of an hour for {who} each week may settle most of what waits."
        ).format(who=who),
        Suggestion.SAY_WHEN: _(
            "A line such as “I have it, you will hear from me on Thursday” takes a minute, and nobody has to wonder."
        ),
        Suggestion.KEEP_TIME_FREE: _(
            "At least half of what you were asked came on one day ({weekday}). An hour kept free then would meet it."
        ).format(weekday=weekday_label(busiest.label, wording) if busiest else ""),
    }


def _longest(summary: WeeklySummary, wording: Wording) -> str:
    who, n = _first_waiting(summary), len(summary.waiting)
    if n == 1 and who:
        return wording.gettext("{who} is still waiting").format(who=who)
    return wording.ngettext("one still waiting", "{n} still waiting", n)


def _first_waiting(summary: WeeklySummary) -> str:
    """The name of the one who is named first, or nothing."""
    try:
        return given_name(summary.waiting[0].request.requester)
    except Exception:  # No one is waiting, or the item is broken: then it goes without a name.
        return ""


def _first_broken(summary: WeeklySummary) -> str:
    """The name of the one whom the first promise that is overdue was made to, or nothing."""
    late = [item for item in summary.promises if item.overdue]
    return given_name(late[0].promise.to) if late else ""


def _compared(summary: WeeklySummary, wording: Wording) -> str:
    """How the first replies compare with the weeks before, if there are enough of them."""
    _ = wording.gettext
    mine = _seconds(summary.figures)
    usual = [seconds for week in summary.before if (seconds := _seconds(week)) is not None]
    if mine is None or len(usual) < _ENOUGH_TO_COMPARE:
        return _("Thank you for every reply: each of them let somebody get on with their work.")
    if mine < 0.85 * median(usual):
        return _("Your first replies came faster than usual. People notice.")
    if mine > 1.15 * median(usual):
        return _("First replies took longer than usual. Weeks differ; even a line like “tomorrow” helps.")
    return _("Your first replies came about as fast as usual. Steady is good.")


def _unbroken(words: str) -> str:
    """Words that stay on one line."""
    return words.replace(" ", "\u00a0")


def _seconds(week: WeekFigures) -> float | None:
    return week.median_first_response.total_seconds() if week.median_first_response is not None else None
