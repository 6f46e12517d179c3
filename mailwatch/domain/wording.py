"""Puts times, durations, numbers and lists into words, for one reader: their language, zone and working day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from gettext import NullTranslations
from zoneinfo import ZoneInfo

from mailwatch.domain.workcalendar import WorkCalendar

_HOUR = timedelta(hours=1)
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Wording:
    """How things are said to one reader at one moment.

    `now` is aware; every datetime given must be, too, and is shown in `zone`. `working_day` is the length of the
    reader's usual working day. `translations` is a gettext catalogue of `language`; without one it is English.
    """

    now: datetime
    zone: ZoneInfo
    working_day: timedelta = timedelta(hours=8)
    language: str = "en"
    translations: NullTranslations = field(default_factory=NullTranslations)

    def __post_init__(self) -> None:
        self.local(self.now)

    def gettext(self, words: str) -> str:
        """Words in the reader's language."""
        return self.translations.gettext(words)

    def ngettext(self, one: str, many: str, n: int) -> str:
        """Words in the form that a number needs; {n} stands for the number in words."""
        return self.translations.ngettext(one, many, n).format(n=self.number(n))

    def local(self, moment: datetime) -> datetime:
        """A moment on the reader's clock. Raises ValueError if it is naive."""
        if moment.tzinfo is None or moment.utcoffset() is None:
            raise ValueError(f"The moment {moment} has no time zone.")
        return moment.astimezone(self.zone)

    # ------------------------------------------------------------ moments

    def clock(self, moment: datetime) -> str:
        """14:00"""
        return f"{self.local(moment):%H:%M}"

    def weekday(self, day: date) -> str:
        """Tuesday"""
        return self._weekdays()[day.weekday()]

    def dated(self, day: date) -> str:
        """3 November; with the year if it is not this one."""
        words = self.gettext("{day} {month}").format(day=day.day, month=self._months()[day.month - 1])
        if day.year == self.local(self.now).year:
            return words
        return self.gettext("{date} {year}").format(date=words, year=day.year)

    def short_date(self, day: date) -> str:
        """3 Nov"""
        return self.gettext("{day} {month}").format(day=day.day, month=self._months()[day.month - 1][:3])

    def day(self, day: date) -> str:
        """today, yesterday, tomorrow, Tuesday (within six days), 3 November."""
        today = self.local(self.now).date()
        away = (day - today).days
        match away:
            case 0:
                return self.gettext("today")
            case -1:
                return self.gettext("yesterday")
            case 1:
                return self.gettext("tomorrow")
        return self.weekday(day) if abs(away) < 7 else self.dated(day)

    def moment(self, moment: datetime) -> str:
        """today 14:00, Tuesday 10:15, 3 November 10:15."""
        local = self.local(moment)
        return self.gettext("{day} {clock}").format(day=self.day(local.date()), clock=self.clock(moment))

    def full_moment(self, moment: datetime) -> str:
        """Like `moment`, and the weekday where that does not say it: tomorrow (Friday) 17:00."""
        local = self.local(moment)
        away = abs((local.date() - self.local(self.now).date()).days)
        if away == 0 or 1 < away < 7:
            return self.moment(moment)
        day = self.day(local.date())
        weekday = self.weekday(local.date())
        return self.gettext("{day} ({weekday}) {clock}").format(day=day, weekday=weekday, clock=self.clock(moment))

    def since(self, moment: datetime) -> str:
        """since Tuesday 10:15; the clock time is left out of what is more than six days old."""
        local = self.local(moment)
        old = (self.local(self.now).date() - local.date()).days > 6
        return self.gettext("since {moment}").format(moment=self.dated(local.date()) if old else self.moment(moment))

    def since_day(self, moment: datetime) -> str:
        """since Tuesday, since this morning: for a subject."""
        local = self.local(moment)
        if local.date() == self.local(self.now).date():
            return self.gettext("since this morning") if local.time() < time(12) else self.gettext("since today")
        return self.gettext("since {moment}").format(moment=self.day(local.date()))

    def due(self, moment: datetime, overdue: bool) -> str:
        """Due today 14:00; Overdue since yesterday (Monday) 16:00."""
        if overdue:
            return self.gettext("Overdue since {moment}").format(moment=self.full_moment(moment))
        return self.gettext("Due {moment}").format(moment=self.full_moment(moment))

    def week(self, monday: date) -> str:
        """2 to 8 November"""
        sunday = monday + timedelta(days=6)
        first = str(monday.day) if monday.month == sunday.month else self.dated(monday)
        return self.gettext("{first} to {last}").format(first=first, last=self.dated(sunday))

    # ------------------------------------------------------------ durations and numbers

    def working(self, duration: timedelta) -> str:
        """45 working minutes, 6 working hours, 3 working days: rounded as one would say it."""
        if duration < _MINUTE:
            return self.gettext("no working time yet")
        if duration < _HOUR:
            n = int(duration / _MINUTE)
            return self.ngettext("{n} working minute", "{n} working minutes", n)
        if duration < 2 * self.working_day:
            n = max(round(duration / _HOUR), 1)
            return self.ngettext("{n} working hour", "{n} working hours", n)
        n = max(round(duration / self.working_day), 2)
        return self.ngettext("{n} working day", "{n} working days", n)

    def duration(self, duration: timedelta | None) -> str:
        """For a table: 45 min, 2 h 05 m, 12 h; a dash where there is no value."""
        if duration is None:
            return "–"
        minutes = max(round(duration / _MINUTE), 0)
        if minutes < 60:
            return self.gettext("{minutes} min").format(minutes=minutes)
        if minutes >= 600 or minutes % 60 == 0:
            return self.gettext("{hours} h").format(hours=round(minutes / 60))
        return self.gettext("{hours} h {minutes} m").format(hours=minutes // 60, minutes=f"{minutes % 60:02}")

    def percent(self, share: float | None) -> str:
        """82 %; a dash where there is no value. Only what is whole is called 100 %."""
        if share is None:
            return "–"
        whole = round(share * 100)
        if whole == 100 and share < 1:
            whole = 99
        return self.gettext("{n} %").format(n=whole)

    def number(self, n: int) -> str:
        """one to ten in words, the others in figures."""
        return self._numbers()[n] if 0 <= n <= 10 else str(n)

    def listed(self, words: Sequence[str], at_most: int = 4) -> str:
        """Ann, Bob and Cid; what is beyond `at_most` is counted."""
        shown = list(words[:at_most])
        if more := len(words) - len(shown):
            shown.append(self.ngettext("one more", "{n} more", more))
        if len(shown) < 2:
            return "".join(shown)
        return self.gettext("{first} and {last}").format(first=", ".join(shown[:-1]), last=shown[-1])

    def _weekdays(self) -> tuple[str, ...]:
        _ = self.gettext
        return (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"))

    def _months(self) -> tuple[str, ...]:
        _ = self.gettext
        first = (_("January"), _("February"), _("March"), _("April"), _("May"), _("June"))
        return (*first, _("July"), _("August"), _("September"), _("October"), _("November"), _("December"))

    def _numbers(self) -> tuple[str, ...]:
        _ = self.gettext
        first = (_("no"), _("one"), _("two"), _("three"), _("four"), _("five"))
        return (*first, _("six"), _("seven"), _("eight"), _("nine"), _("ten"))


def capital(words: str) -> str:
    """The words with a capital letter at their beginning."""
    return words[:1].upper() + words[1:]


def usual_working_day(calendar: WorkCalendar) -> timedelta:
    """The mean length of the days on which somebody works; eight hours if they never do."""
    lengths = [
        sum((_length(start, end) for start, end in spans), timedelta()) for spans in calendar.hours.values() if spans
    ]
    return sum(lengths, timedelta()) / len(lengths) if lengths else timedelta(hours=8)


def _length(start: time, end: time) -> timedelta:
    """The length of a span; one whose end is not after its start reaches into the next day."""
    day = timedelta(days=1)
    first, last = (timedelta(hours=t.hour, minutes=t.minute, seconds=t.second) for t in (start, end))
    return last - first if end > start else last - first + day
