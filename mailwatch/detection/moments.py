"""Reads a time expression from tokens and resolves it against the moment of sending."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from mailwatch.detection.timewords import Atom, TimeWords

MAX_FILLERS = 3
FRIDAY = 4
_OFFSETS = {
    "utc": 0, "gmt": 0, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
    "bst": 1, "cet": 1, "mez": 1, "cest": 2, "mesz": 2,
}  # fmt: skip
_NAMED = {"et": "America/New_York", "ct": "America/Chicago", "mt": "America/Denver", "pt": "America/Los_Angeles"}


@dataclass(slots=True)
class Moment:
    """What has been read so far of one expression; `end` is the token after it."""

    end: int = 0
    relative: int | None = None
    weekday: int | None = None
    month: int | None = None
    day: int | None = None
    year: int | None = None
    clock: time | None = None
    unit: str | None = None
    edge: str | None = None
    shift: str | None = None
    count: int | None = None
    weekend: bool = False
    zone: tzinfo | None = None
    kinds: list[str] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        """Whether nothing that names a time was read."""
        return not self.kinds


def read(tokens: Sequence[str], place: int, words: TimeWords, order: str | None) -> Moment | None:
    """The time expression that begins at a place, or None; small words between its parts are passed over."""
    moment = Moment(end=place)
    fillers = 0
    while place < len(tokens):
        atom = words.at(tokens, place)
        after = words.at(tokens, place + atom.width) if atom and place + atom.width < len(tokens) else None
        if atom is None and moment.clock is not None and moment.zone is None and _zone(moment, tokens[place]):
            place += 1
            moment.end = place
            continue
        if atom is None or atom.kind in ("by", "due", "within"):
            break
        if atom.kind == "filler":
            fillers += 1
            if fillers > MAX_FILLERS:
                break
            place += atom.width
            continue
        taken = _take(moment, atom, after, order)
        if not taken:
            break
        fillers = 0
        place += taken
        moment.end = place
    return None if moment.empty else moment


def _zone(moment: Moment, token: str) -> bool:
    """Takes a token as the time zone of the clock time; whether it is one."""
    if token in _OFFSETS:
        moment.zone = timezone(timedelta(hours=_OFFSETS[token]))
    elif token in _NAMED:
        try:
            moment.zone = ZoneInfo(_NAMED[token])
        except ZoneInfoNotFoundError:
            return False
    return moment.zone is not None


def _take(moment: Moment, atom: Atom, after: Atom | None, order: str | None) -> int:
    """Adds one atom to the moment; how many tokens it took, 0 if it does not fit."""
    kind = atom.kind
    if kind == "number":
        return _take_number(moment, atom, after)
    if kind == "clock":
        if moment.clock is not None or not _set_clock(moment, atom.figures[0], atom.figures[1], after):
            return 0
        return 1 + (after.width if after and after.kind in ("am", "pm", "hours") else 0)
    if kind == "figures":
        return atom.width if moment.day is None and _set_figures(moment, atom, order) else 0
    if kind == "weekday" and moment.weekday is None:
        moment.weekday = atom.number
    elif kind == "month" and moment.month is None:
        moment.month = atom.number + 1
    elif kind in ("relative", "evening") and moment.relative is None:
        moment.relative = atom.number
    elif kind == "end_of" and moment.unit is None and moment.edge is None:
        moment.edge, moment.unit = "end", ("day", "week", "month", "quarter", "year")[atom.number]
    elif kind == "noon" and moment.clock is None:
        moment.clock = time(12)
    elif kind == "part" and (moment.relative is not None or moment.weekday is not None or moment.day is not None):
        pass
    elif kind == "edge" and moment.edge is None:
        moment.edge = ("start", "middle", "end")[atom.number]
        return atom.width
    elif kind == "shift" and moment.shift is None:
        moment.shift = ("this", "next", "coming")[atom.number]
        return atom.width
    elif kind == "unit" and moment.unit is None and (moment.edge or moment.shift or moment.count is not None):
        moment.unit = ("minute", "hour", "day", "week", "month", "quarter", "year", "workday")[atom.number]
    elif kind == "weekend":
        moment.weekend = True
    elif kind == "count" and moment.count is None and after and after.kind == "unit":
        moment.count = atom.number + 1
        return atom.width
    else:
        return 0
    moment.kinds.append(kind)
    return atom.width


def _take_number(moment: Moment, atom: Atom, after: Atom | None) -> int:
    """A bare figure: an hour before am or pm, a day before or after a month, a year, a count before a unit."""
    number = atom.number
    if after and after.kind in ("am", "pm", "hours"):
        if moment.clock is not None or not _set_clock(moment, number, 0, after):
            return 0
        moment.kinds.append("clock")
        return 1 + after.width
    if after and after.kind == "unit" and moment.count is None and number <= 400:
        moment.count = number
        return 1
    if number >= 1900 and moment.day is not None and moment.year is None:
        moment.year = number
        return 1
    if 1 <= number <= 31 and moment.day is None:
        if moment.month is not None or (after and after.kind == "month"):
            moment.day = number
            moment.kinds.append("day")
            return 1 + (after.width if after and after.kind == "ordinal" else 0)
        if after and after.kind == "ordinal":
            moment.day = number
            moment.kinds.append("day")
            return 1 + after.width
    return 0


def _set_clock(moment: Moment, hour: int, minute: int, after: Atom | None) -> bool:
    if hour > 24 or minute > 59:
        return False
    if after and after.kind == "pm" and hour < 12:
        hour += 12
    elif after and after.kind == "am" and hour == 12:
        hour = 0
    elif not (after and after.kind in ("am", "pm", "hours")) and 1 <= hour <= 6:
        hour += 12
    moment.clock = time(23, 59) if hour == 24 else time(hour, minute)
    moment.kinds.append("clock")
    return True


def _set_figures(moment: Moment, atom: Atom, order: str | None) -> bool:
    """A date in figures: year first, else by the order given, the sign between them, or what is possible."""
    first, second, *rest = atom.figures
    if first > 31:
        year, month, day = first, second, rest[0] if rest else 1
    else:
        year = (rest[0] + 2000 if rest[0] < 100 else rest[0]) if rest else 0
        day_first = order == "dmy" or atom.sign == "." or (order is None and first > 12)
        if first > 12:
            day_first = True
        elif second > 12:
            day_first = False
        day, month = (first, second) if day_first else (second, first)
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return False
    if atom.sign == "-" and not rest:
        return False
    moment.day, moment.month, moment.year = day, month, year or None
    moment.kinds.append("figures")
    return True


def resolve(moment: Moment, sent: datetime, *, before: bool = False) -> tuple[date, time | None] | None:
    """The local day and clock time that a moment means for a message sent at `sent` (local, aware)."""
    today = sent.date()
    if moment.count is not None and moment.unit:
        return _counted(moment, sent)
    day = _day(moment, today, before)
    return None if day is None else (day, moment.clock)


def _counted(moment: Moment, sent: datetime) -> tuple[date, time | None] | None:
    count = moment.count or 0
    if moment.unit in ("minute", "hour"):
        due = sent + timedelta(minutes=count * (60 if moment.unit == "hour" else 1))
        return due.date(), due.time().replace(second=0, microsecond=0, tzinfo=None)
    if moment.unit == "workday":
        day = sent.date()
        while count:
            day += timedelta(days=1)
            count -= day.weekday() < 5
        return day, moment.clock
    if moment.unit in ("month", "quarter", "year"):
        months = count * {"month": 1, "quarter": 3, "year": 12}[moment.unit]
        return _add_months(sent.date(), months), moment.clock
    return sent.date() + timedelta(days=count * (7 if moment.unit == "week" else 1)), moment.clock


def _day(moment: Moment, today: date, before: bool) -> date | None:
    if moment.day is not None and (moment.month is not None or moment.day):
        return _calendar_day(moment, today)
    if moment.weekday is not None:
        return _weekday(moment, today)
    if moment.month is not None:
        year = today.year + (moment.month < today.month)
        first = date(year, moment.month, 1)
        return _add_months(first, 1) - timedelta(days=1) if moment.edge == "end" else first
    if moment.relative is not None:
        return today + timedelta(days=moment.relative)
    monday = today - timedelta(days=today.weekday())
    if moment.weekend:
        return monday + timedelta(days=FRIDAY if before else 5)
    if moment.unit:
        return _unit(moment, today, monday)
    return today if moment.clock is not None else None


def _calendar_day(moment: Moment, today: date) -> date | None:
    try:
        if moment.month is None:
            day = _month_day(today, moment.day or 1)
            return day if day >= today else _month_day(_add_months(today.replace(day=1), 1), moment.day or 1)
        day = date(moment.year or today.year, moment.month, moment.day or 1)
        if moment.year is None and day < today:
            day = day.replace(year=today.year + 1)
    except ValueError:
        return None
    return day


def _month_day(month: date, day: int) -> date:
    return month.replace(day=day)


def _weekday(moment: Moment, today: date) -> date:
    ahead = ((moment.weekday or 0) - today.weekday() - 1) % 7 + 1
    if moment.shift == "next":
        return today - timedelta(days=today.weekday()) + timedelta(days=7 + (moment.weekday or 0))
    if moment.shift == "this" and ahead == 7:
        ahead = 0
    return today + timedelta(days=ahead)


def _unit(moment: Moment, today: date, monday: date) -> date | None:
    step = 1 if moment.shift in ("next", "coming") else 0
    edge = moment.edge or "end"
    if moment.unit in ("day", "workday"):
        return today + timedelta(days=step)
    if moment.unit == "week":
        day = monday + timedelta(days=7 * step + {"start": 0, "middle": 2, "end": FRIDAY}[edge])
        return day if day >= today else today
    months = {"month": 1, "quarter": 3, "year": 12}.get(moment.unit or "")
    if months is None:
        return None
    first = date(today.year, (today.month - 1) // months * months + 1, 1)
    first = _add_months(first, months * step)
    if edge == "start":
        return first
    if edge == "middle":
        return first + timedelta(days=14 if months == 1 else 15 * months)
    return _add_months(first, months) - timedelta(days=1)


def _add_months(day: date, months: int) -> date:
    number = day.year * 12 + day.month - 1 + months
    year, month = divmod(number, 12)
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last))
