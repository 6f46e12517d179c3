"""Reads until when something sleeps: tomorrow, Friday 14:00, next week, in two days, 12 March, in the user's zone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from mailwatch.detection.orders import dates
from mailwatch.detection.orders.dates import DAYS, HOURS, MONTHS, WEEKS, WORKDAYS
from mailwatch.detection.orders.tokens import Token
from mailwatch.detection.orders.words import Words
from mailwatch.domain.workcalendar import WorkCalendar, at_local

FARTHEST = timedelta(days=366)
"""A time that is farther away is taken for a slip of the pen."""

LATER_TODAY = timedelta(hours=3)

PARTS = (None, time(12), time(14), time(18))
"""When the parts of a day begin: the morning with the user's work."""


@dataclass(slots=True)
class When:
    """A day, a clock time, or both, in the user's zone; `moment` is for counted hours."""

    day: date | None = None
    clock: time | None = None
    moment: datetime | None = None

    def known(self) -> bool:
        """Whether anything was read."""
        return self.day is not None or self.clock is not None or self.moment is not None


def read(
    tokens: Sequence[Token], place: int, words: Words, now: datetime, *, month_first: bool, after_until: bool
) -> tuple[When, int] | None:
    """The time that begins at a place, and where it ends; `now` is aware and in the user's zone.

    `month_first` reads 3/4 as the 4th of March. `after_until` says that a word such as "until" stood before, so that
    "the 12" is a day and not an item. None if there is no time, or no such day.
    """
    reader = _Reader(tokens, words, now, month_first, after_until)
    try:
        end = reader.run(place)
    except (ValueError, OverflowError):
        return None
    return (reader.when, end) if reader.when.known() else None


def moment_of(when: When, now: datetime, calendar: WorkCalendar, *, whole_days: bool = False) -> datetime | None:
    """The moment in UTC: a day begins with the user's work, or at midnight if `whole_days`.

    A free day means the working day after it. None if it is past, or farther away than a year.
    """
    local = calendar.local(now)
    if when.moment is not None:
        found = when.moment.astimezone(UTC)
    elif when.clock is not None:
        day = when.day or local.date()
        found = at_local(calendar.zone, day, when.clock)
        if when.day is None and found <= now:
            found = at_local(calendar.zone, day + timedelta(days=1), when.clock)
    elif when.day == local.date():
        found = now + LATER_TODAY
    else:
        midnight = at_local(calendar.zone, when.day or local.date(), time(0))
        found = midnight if whole_days else calendar.next_working_moment(midnight)
    return found if now < found <= now + FARTHEST else None


class _Reader:
    """Goes over the tokens once."""

    def __init__(
        self, tokens: Sequence[Token], words: Words, now: datetime, month_first: bool, after_until: bool
    ) -> None:
        self._tokens, self._words, self._now = tokens, words, now
        self._today = now.date()
        self._month_first, self._after_until = month_first, after_until
        self.when = When()

    def run(self, place: int) -> int:
        """Reads as far as it can; where it ended."""
        end = place
        while place < len(self._tokens):
            if width := self._part_at(place):
                place += width
                end = place
            elif width := self._width("on", place) or self._width("at", place):
                place += width
            else:
                break
        return end

    def _width(self, kind: str, place: int) -> int:
        found = self._words.at(kind, self._tokens, place)
        return found[1] if found else 0

    def _value(self, kind: str, place: int) -> tuple[int, int] | None:
        found = self._words.at(kind, self._tokens, place)
        return (int(found[0]), found[1]) if found else None

    def _part_at(self, place: int) -> int:
        """Takes one part of a time; how many tokens it has."""
        token = self._tokens[place]
        if self.when.clock is None and token.kind == "clock":
            return self._take_clock(token.text, place)
        part = self._value("part", place) if self.when.clock is None else None
        # "Morgen" is a morning only behind a day; alone it is tomorrow.
        if part and (part[0] or self.when.known()):
            self.when.clock = PARTS[part[0]]
            self.when.day = self.when.day or self._today
            return part[1]
        if self.when.clock is None and token.kind == "number" and self._before(place, "at"):
            follows = self._tokens[place + 1].text if place + 1 < len(self._tokens) else ""
            if self.when.day is not None or follows == "uhr" or not self._number_of_something(place):
                return self._take_hour(int(token.text)) + (follows == "uhr")
        if token.kind == "number" and place + 1 < len(self._tokens) and self._tokens[place + 1].text == "uhr":
            return self._take_hour(int(token.text)) + 1
        if self.when.day is not None or self.when.moment is not None:
            return 0
        return self._take_counted(place) or self._take_day(place) or self._take_date(place)

    def _before(self, place: int, kind: str) -> bool:
        """Whether a phrase of a kind ends right before a place."""
        return any(self._width(kind, place - n) == n for n in (1, 2, 3) if place >= n)

    def _number_of_something(self, place: int) -> bool:
        return bool(self._width("month", place + 1) or self._width("unit", place + 1))

    def _take_hour(self, hour: int) -> int:
        self.when.clock = time(hour)
        return 1

    def _take_clock(self, text: str, place: int) -> int:
        figures = "".join(sign if sign.isdigit() else " " for sign in text).split()
        hour, minute = int(figures[0]), int(figures[1]) if len(figures) > 1 else 0
        if "h" in text and len(figures) == 1 and self._before(place, "in"):
            self.when.moment = self._now + timedelta(hours=hour)
            return 1
        if "p" in text and hour < 12:
            hour += 12
        elif "a" in text and hour == 12:
            hour = 0
        self.when.clock = time(hour, minute)
        return 1

    def _take_counted(self, place: int) -> int:
        """In two days, for a week, 3 hours."""
        width = self._width("in", place)
        start = place + width
        count = self._value("count", start)
        number = count[0] + 1 if count else 0
        used = count[1] if count else 0
        if not count and start < len(self._tokens) and self._tokens[start].kind == "number":
            number, used = int(self._tokens[start].text), 1
        unit = self._value("unit", start + used) if used else None
        if unit is None or not 0 < number <= 400:
            return 0
        if unit[0] == HOURS:
            self.when.moment = self._now + timedelta(hours=number)
        elif unit[0] == MONTHS:
            self.when.day = dates.add_months(self._today, number)
        elif unit[0] == WORKDAYS:
            self.when.day = dates.add_workdays(self._today, number)
        else:
            self.when.day = self._today + timedelta(days=number * (7 if unit[0] == WEEKS else 1))
        return width + used + unit[1]

    def _take_day(self, place: int) -> int:
        """Tomorrow, Friday, next week, end of the month."""
        if end_of := self._value("end_of", place):
            self.when.day = dates.end_of(self._today, end_of[0])
            if end_of[0] == DAYS:
                self.when.clock = time(17)
            return end_of[1]
        if relative := self._value("relative", place):
            self.when.day = self._today + timedelta(days=relative[0])
            return relative[1]
        how, used = "", 0
        for kind in ("next", "coming", "this"):
            if width := self._width(kind, place):
                how, used = kind, width
                break
        if how == "this" and (part := self._value("part", place + used)):
            self.when.day, self.when.clock = self._today, PARTS[part[0]]
            return used + part[1]
        if how == "this" and (relative := self._value("relative", place + used)):
            self.when.day = self._today + timedelta(days=relative[0])
            return used + relative[1]
        if weekday := self._value("weekday", place + used):
            after = self._width("coming", place + used + weekday[1])
            self.when.day = dates.weekday(self._today, weekday[0], in_next_week=how == "next")
            return used + weekday[1] + after
        if unit := self._value("unit", place + used):
            after = 0 if used else self._width("coming", place + unit[1])
            if (how in ("next", "coming") or after) and unit[0] in (WEEKS, MONTHS, DAYS):
                self.when.day = dates.next_unit(self._today, unit[0])
                return used + unit[1] + after
        return 0

    def _take_date(self, place: int) -> int:
        """12 March, March 12, 12.3., 3/12, 2026-03-12, the 12th."""
        token = self._tokens[place]
        if token.kind == "iso":
            self.when.day = date.fromisoformat("-".join(part.zfill(2) for part in token.text.split("-")))
            return 1
        if token.kind == "date":
            self.when.day = dates.in_figures(self._today, token.text, month_first=self._month_first)
            return 1
        if month := self._value("month", place):
            after = place + month[1]
            if after < len(self._tokens) and self._tokens[after].kind == "number":
                self.when.day = dates.dated(self._today, int(self._tokens[after].text), month[0] + 1, None)
                return month[1] + 1
            return 0
        if token.kind != "number":
            return 0
        start = place + 1 + self._width("on", place + 1)  # "12 de marzo", "the 12th of March"
        if month := self._value("month", start):
            end, year = start + month[1], None
            if end < len(self._tokens) and self._tokens[end].kind == "number" and len(self._tokens[end].text) == 4:
                year, end = int(self._tokens[end].text), end + 1
            self.when.day = dates.dated(self._today, int(token.text), month[0] + 1, year)
            return end - place
        if token.ordinal or (self._after_until and self._before(place, "on")):
            self.when.day = dates.day_of_month(self._today, int(token.text))
            return 1
        return 0
