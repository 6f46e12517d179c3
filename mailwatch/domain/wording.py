"""Puts times, durations, numbers and lists into words, for one reader: their language, zone and working day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from mailwatch.domain.tongue import ENGLISH, Tongue
from mailwatch.domain.workcalendar import WorkCalendar

_HOUR = timedelta(hours=1)
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Wording:
    """How things are said to one reader at one moment.

    `now` is aware; every datetime given must be, too, and is shown in `zone`. `working_day` is the length of the
    reader's usual working day.
    """

    now: datetime
    zone: ZoneInfo
    working_day: timedelta = timedelta(hours=8)
    tongue: Tongue = ENGLISH

    def __post_init__(self) -> None:
        self.local(self.now)

    @property
    def language(self) -> str:
        """The two letters of the reader's language."""
        return self.tongue.code

    def gettext(self, words: str) -> str:
        """Words in the reader's language."""
        return self.tongue.catalogue.gettext(words)

    def ngettext(self, one: str, many: str, n: int) -> str:
        """Words in the form that a number needs; {n} stands for the number in words."""
        return self.tongue.catalogue.ngettext(one, many, n).format(n=self.number(n))

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
        return self.tongue.weekdays[day.weekday()]

    def dated(self, day: date) -> str:
        """3 November; with the year if it is not this one."""
        tongue = self.tongue
        pattern = tongue.day_pattern if day.year == self.local(self.now).year else tongue.year_pattern
        return pattern.format(day=tongue.day_number(day.day), month=tongue.months[day.month - 1], year=day.year)

    def short_date(self, day: date) -> str:
        """3 Nov"""
        tongue = self.tongue
        return tongue.short_pattern.format(day=tongue.day_number(day.day), month=tongue.short_months[day.month - 1])

    def day(self, day: date) -> str:
        """When: today, yesterday, tomorrow, Tuesday (within six days), 3 November."""
        if (near := self._near_day(day)) is not None:
            return near
        # Translators: when something is, such as "on 3 November".
        return self.gettext("{date}").format(date=self.dated(day))

    def by_day(self, day: date) -> str:
        """Until when: today, by tomorrow, by Tuesday, by 3 November."""
        if day == self.local(self.now).date():
            return self.gettext("today")
        if (near := self._near_day(day)) is not None:
            return self.gettext("by {day}").format(day=near)
        return self.gettext("by {date}").format(date=self.dated(day))

    def moment(self, moment: datetime) -> str:
        """today 14:00, Tuesday 10:15, 3 November 10:15."""
        local = self.local(moment)
        return self.gettext("{day} {clock}").format(day=self.day(local.date()), clock=self.clock(moment))

    def full_moment(self, moment: datetime) -> str:
        """Like `moment`, and the weekday where that does not say it: tomorrow (Friday) 17:00."""
        if self._says_weekday(moment):
            return self.moment(moment)
        day = self.local(moment).date()
        return self.gettext("{day} ({weekday}) {clock}").format(
            day=self.day(day), weekday=self.weekday(day), clock=self.clock(moment)
        )

    def since(self, moment: datetime) -> str:
        """since Tuesday 10:15; the clock time is left out of what is more than six days old."""
        day = self.local(moment).date()
        if self._near_day(day) is None:
            return self._since_date(day)
        return self.gettext("since {moment}").format(moment=self.moment(moment))

    def since_day(self, moment: datetime) -> str:
        """since Tuesday, since this morning: for a subject."""
        local = self.local(moment)
        if local.date() == self.local(self.now).date():
            return self.gettext("since this morning") if local.time() < time(12) else self.gettext("since today")
        if (near := self._near_day(local.date())) is None:
            return self._since_date(local.date())
        return self.gettext("since {moment}").format(moment=near)

    def due(self, moment: datetime, overdue: bool) -> str:
        """Due today 14:00; Overdue since yesterday (Monday) 16:00."""
        if not overdue:
            return self.gettext("Due {moment}").format(moment=self.full_moment(moment))
        day = self.local(moment).date()
        if self._near_day(day) is not None:
            return self.gettext("Overdue since {moment}").format(moment=self.full_moment(moment))
        return self.gettext("Overdue since {date} ({weekday}) {clock}").format(
            date=self.dated(day), weekday=self.weekday(day), clock=self.clock(moment)
        )

    def week(self, monday: date) -> str:
        """2 to 8 November"""
        sunday = monday + timedelta(days=6)
        if monday.month == sunday.month:
            return self.gettext("{day} to {date}").format(
                day=self.tongue.day_number(monday.day), date=self.dated(sunday)
            )
        return self.gettext("{first} to {last}").format(first=self.dated(monday), last=self.dated(sunday))

    def _near_day(self, day: date) -> str | None:
        """The word for a day that is less than a week away; None for any other."""
        away = (day - self.local(self.now).date()).days
        match away:
            case 0:
                return self.gettext("today")
            case -1:
                return self.gettext("yesterday")
            case 1:
                return self.gettext("tomorrow")
        if abs(away) > 6:
            return None
        # Translators: when something is, such as "on Tuesday".
        return self.gettext("{weekday}").format(weekday=self.weekday(day))

    def _says_weekday(self, moment: datetime) -> bool:
        """Whether the word for a moment's day tells its weekday, or nobody needs to be told."""
        away = abs((self.local(moment).date() - self.local(self.now).date()).days)
        return away == 0 or 1 < away < 7

    def _since_date(self, day: date) -> str:
        return self.gettext("since {date}").format(date=self.dated(day))

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
        return self.tongue.percent_pattern.format(n=whole)

    def number(self, n: int) -> str:
        """one to ten in words, the others in figures."""
        return self._numbers()[n] if 0 <= n <= 10 else self.count(n)

    def count(self, n: int) -> str:
        """A number in figures."""
        return self.tongue.count(n)

    def listed(self, words: Sequence[str], at_most: int = 4) -> str:
        """Ann, Bob and Cid; what is beyond `at_most` is counted."""
        shown = list(words[:at_most])
        if more := len(words) - len(shown):
            shown.append(self.ngettext("one other", "{n} others", more))
        if len(shown) < 2:
            return "".join(shown)
        return self.gettext("{first} and {last}").format(first=", ".join(shown[:-1]), last=shown[-1])

    def _numbers(self) -> tuple[str, ...]:
        _ = self.gettext
        first = (_("no"), _("one"), _("two"), _("three"), _("four"), _("five"))
        return (*first, _("six"), _("seven"), _("eight"), _("nine"), _("ten"))


def counted(n: int, one: str, many: str = "") -> str:
    """1 row, 2 rows: a number of things in English, for what is not translated."""
    return f"{n} {one if n == 1 else many or one + 's'}"


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
