"""Reads one time expression from tokens into its parts; what day it means is found in due_days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from mailwatch.detection.timewords import Atom, TimeWords

MAX_FILLERS = 4
EDGES = ("start", "middle", "end")
SHIFTS = ("this", "next", "coming")
UNITS = ("minute", "hour", "day", "week", "month", "quarter", "year", "workday")
ENDS = ("day", "week", "month", "quarter", "year")
_OFFSETS = {
    "utc": 0, "gmt": 0, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
    "bst": 1, "cet": 1, "mez": 1, "cest": 2, "mesz": 2,
}  # fmt: skip
_NAMED = {"et": "America/New_York", "ct": "America/Chicago", "mt": "America/Denver", "pt": "America/Los_Angeles"}


@dataclass(slots=True)
class Moment:
    """What has been read of one expression; `end` is the place after it, `kinds` what it is made of."""

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
    def only_clock(self) -> bool:
        """Whether it names a time of day and no day."""
        return all(kind in ("clock", "noon") for kind in self.kinds)


def read(tokens: Sequence[str], place: int, words: TimeWords, order: str) -> Moment | None:
    """The time expression that begins at a place, or None; small words between its parts are passed over."""
    moment = Moment(end=place)
    fillers = 0
    at = False
    while place < len(tokens):
        atom = words.at(tokens, place)
        if atom is None:
            if tokens[place] == "." and moment.kinds and moment.kinds[-1] in ("month", "weekday"):
                place += 1
                continue
            if moment.clock is not None and moment.zone is None and _zone(moment, tokens[place]):
                place += 1
                moment.end = place
                continue
            break
        if atom.kind in ("filler", "at"):
            at = at or atom.kind == "at"
            fillers += 1
            if fillers > MAX_FILLERS:
                break
            place += atom.width
            continue
        taken = _take(moment, tokens, place, atom, words, order, at)
        if not taken:
            break
        fillers, at = 0, False
        place += taken
        moment.end = place
    return moment if moment.kinds else None


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


def _take(
    moment: Moment, tokens: Sequence[str], place: int, atom: Atom, words: TimeWords, order: str, at: bool
) -> int:
    """Adds one atom to the moment; how many tokens it took, 0 if it does not fit."""
    kind, width = atom.kind, atom.width
    after = words.at(tokens, place + width)
    if kind in ("number", "clock", "figures"):
        taken, kind = _take_figures(moment, tokens, place, atom, words, order, at)
        if kind:
            moment.kinds.append(kind)
        return taken
    if kind == "count":
        if after and after.kind == "unit" and moment.count is None:
            moment.count = atom.number + 1
            return width
        if at and moment.clock is None and atom.number and _set_clock(moment, atom.number + 1, 0, after):
            moment.kinds.append("clock")
            return width + (after.width if after and after.kind in ("am", "pm", "hours") else 0)
        return 0
    if kind == "edge" and moment.edge is None:
        moment.edge = EDGES[atom.number]
        return width
    if kind == "shift" and moment.shift is None:
        moment.shift = SHIFTS[atom.number]
        return width
    if kind == "weekday" and moment.weekday is None:
        moment.weekday = atom.number
    elif kind == "month" and moment.month is None:
        moment.month = atom.number + 1
    elif kind == "relative" and moment.relative is None:
        moment.relative = atom.number
    elif kind == "end_of" and moment.unit is None and moment.edge is None:
        moment.edge, moment.unit = "end", ENDS[atom.number]
    elif kind == "noon":
        moment.clock = moment.clock or (time(12), time(23, 59))[atom.number]
    elif kind == "weekend":
        moment.weekend = True
    elif kind == "unit" and moment.unit is None:
        if not (moment.edge or moment.shift or moment.count is not None or (after and after.kind == "shift")):
            return 0
        moment.unit = UNITS[atom.number]
    elif kind == "lunch" or (kind == "part" and moment.kinds):
        pass
    else:
        return 0
    moment.kinds.append(kind)
    return width


def _take_figures(
    moment: Moment, tokens: Sequence[str], place: int, atom: Atom, words: TimeWords, order: str, at: bool
) -> tuple[int, str]:
    """A number, a clock time or a date in figures: how many tokens it took and what it was."""
    after = words.at(tokens, place + 1)
    named = after is not None and after.kind in ("am", "pm", "hours")
    timed = named or at or (atom.kind == "number" and after is not None and after.kind in ("relative", "weekday"))
    if atom.kind == "clock" or (atom.sign == "." and named):
        if moment.clock is None and _set_clock(moment, atom.figures[0], atom.figures[1], after):
            return 1 + (after.width if after and named else 0), "clock"
        return 0, ""
    if atom.kind == "figures":
        return (1, "figures") if moment.day is None and _set_figures(moment, atom, order) else (0, "")
    number = atom.number
    if timed and moment.clock is None and number <= 24:
        minutes = words.at(tokens, place + 1 + after.width) if after and after.kind == "hours" else None
        odd = minutes is not None and minutes.kind == "number" and minutes.number < 60
        if _set_clock(moment, number, minutes.number if odd and minutes else 0, after):
            return 1 + (after.width if after and named else 0) + odd, "clock"
    if after and after.kind == "unit" and moment.count is None and number <= 400:
        moment.count = number
        return 1, ""
    if number >= 1900 and moment.day is not None and moment.year is None:
        moment.year = number
        return 1, ""
    if not 1 <= number <= 31 or moment.day is not None:
        return 0, ""
    ordinal = after.width if after and after.kind == "ordinal" else 0
    next_up = words.at(tokens, place + 1 + ordinal)
    if next_up and next_up.kind == "filler":
        next_up = words.at(tokens, place + 1 + ordinal + next_up.width)
    if moment.month is not None or ordinal or (next_up and next_up.kind == "month"):
        moment.day = number
        return 1 + ordinal, "day"
    return 0, ""


def _set_clock(moment: Moment, hour: int, minute: int, after: Atom | None) -> bool:
    """Sets the time of day; without am or pm, one to six o'clock is taken for the afternoon."""
    if hour > 24 or minute > 59:
        return False
    if after and after.kind == "pm" and hour < 12:
        hour += 12
    elif after and after.kind == "am" and hour == 12:
        hour = 0
    elif not (after and after.kind in ("am", "pm", "hours")) and 1 <= hour <= 6:
        hour += 12
    moment.clock = time(23, 59) if hour == 24 else time(hour, minute)
    return True


def _set_figures(moment: Moment, atom: Atom, order: str) -> bool:
    """A date in figures: year first, else by what is possible, the sign between, and the given order."""
    first, second, *rest = atom.figures
    if first > 31:
        if not rest:
            return False
        year, month, day = first, second, rest[0]
    else:
        if atom.sign == "-" and not rest:
            return False
        year = (rest[0] + 2000 if rest[0] < 100 else rest[0]) if rest else 0
        day_first = first > 12 or (second <= 12 and (order == "dmy" or atom.sign == "."))
        day, month = (first, second) if day_first else (second, first)
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return False
    moment.day, moment.month, moment.year = day, month, year or None
    return True
