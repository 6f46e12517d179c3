"""The parts of a time expression, and those of them that are figures or numbers in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import time, tzinfo

from mailwatch.detection.timewords import BARE, Atom

UNITS = ("minute", "hour", "day", "week", "month", "quarter", "year", "workday", "fortnight")
FIRST_YEAR, LAST_YEAR = 1900, 2100
Atoms = Sequence[Atom | None]
LOOK_BACK = 12
"""So many words before a time may tell what it is."""
_NOT_A_DAY = frozenset(("hours", "unit", "am", "pm", "nothing"))


@dataclass(slots=True)
class Moment:
    """What has been read of one expression; `end` is the place after it, `kinds` what it is made of.

    `number` is that of a quarter or of a week of the year. `hence` says that so many units are counted from a
    day, `guessed` that the clock time does not tell its half of the day, `turned` that day and month of a date in
    figures could be the other way round, `beside` that only a weekday tells that a number is the day: vendredi 20.
    """

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
    counted: str | None = None
    number: int | None = None
    weekend: bool = False
    hence: bool = False
    guessed: bool = False
    turned: bool = False
    beside: bool = False
    zone: tzinfo | None = None
    kinds: list[str] = field(default_factory=list)

    @property
    def only_clock(self) -> bool:
        """Whether it names a time of day and no day."""
        return all(kind in ("clock", "noon") for kind in self.kinds)

    @property
    def from_now(self) -> bool:
        """Whether so many units are counted from now, and not from a day: Thursday in two weeks."""
        return self.counted is not None and not self.hence and self.kinds[:1] != ["weekday"]


def atom_at(atoms: Atoms, place: int) -> Atom | None:
    """The atom at a place, None beyond the end."""
    return atoms[place] if place < len(atoms) else None


def names_day(atoms: Atoms, place: int) -> bool:
    """Whether the word before a bare number says that it is a day of the month: el 26, antes del 3."""
    lead = atoms[place - 1] if place else None
    return lead is not None and (lead.stands_in("on", BARE) or lead.stands_in("belonging", BARE))


def take_word(moment: Moment, atoms: Atoms, place: int, atom: Atom, at: bool) -> int:
    """A number in words: of units, of the hour, of the day of a month."""
    number, width = atom.number + 1, atom.width
    after = atom_at(atoms, place + width)
    if atom.kind == "count" and moment.count is None and number:
        if after and after.kind == "unit":
            moment.count = number
            return width
        if after is None and _repeats_in_figures(atoms, place + width, number):
            moment.count = number
            return width + 3
    timed = after is not None and after.kind in ("relative", "weekday", "am", "pm", "hours")
    if atom.kind == "count" and (at or timed) and moment.clock is None and number <= 12 and atom.number:
        _set_clock(moment, number, 0, after)
        moment.kinds.append("clock")
        return width + (after.width if after and after.kind in ("am", "pm", "hours") else 0)
    # "le 25" names the day by itself, but "au 25e" and "le 5 pm" do not.
    named = atom.kind == "nth" and width > 1 and not (after is not None and after.kind in _NOT_A_DAY)
    if moment.day is None and number <= 31 and (named or _names_month(moment, atoms, place + width)):
        moment.day = number
        moment.kinds.append("day")
        return width
    return 0


TO_HOUR = (-30, -15, 15, -45, 30)
"""The minutes of the rows of `to_hour`: halb, quarter to, quarter past, viertel, half past."""
HALF_PAST = 4


def take_to_hour(moment: Moment, atoms: Atoms, place: int, atom: Atom) -> int:
    """A time of day that is told by the hour behind it: halb vier, viertel nach drei."""
    hour = atom_at(atoms, place + atom.width)
    if hour is None or hour.kind not in ("number", "count") or moment.clock is not None:
        return 0
    if atom.number == HALF_PAST and hour.kind == "count" and not hour.number:
        return 0  # Half an hour is none of the clock.
    after = atom_at(atoms, place + atom.width + hour.width)
    if not _set_clock(moment, hour.number + (hour.kind == "count"), 0, after) or moment.clock is None:
        return 0
    minutes = (moment.clock.hour + (moment.clock.minute > 0)) * 60 + TO_HOUR[atom.number]
    moment.clock = time(minutes // 60 % 24, minutes % 60)
    moment.kinds.append("clock")
    return atom.width + hour.width + (after.width if after and after.kind == "hours" else 0)


def _repeats_in_figures(atoms: Atoms, place: int, number: int) -> bool:
    """Whether the number stands in brackets again before the unit: two (2) days."""
    figure, unit = atom_at(atoms, place + 1), atom_at(atoms, place + 3)
    return figure is not None and figure.number == number and unit is not None and unit.kind == "unit"


def _names_month(moment: Moment, atoms: Atoms, place: int) -> bool:
    """Whether a month comes at a place, a small word passed over: of May, of the month, of this month."""
    if moment.month is not None:
        return True
    for _ in range(3):
        atom = atom_at(atoms, place)
        if atom is None:
            return False
        if atom.kind == "month" or (atom.kind == "unit" and UNITS[atom.number] == "month"):
            return True
        if atom.kind not in ("filler", "belonging", "shift"):
            return False
        place += atom.width
    return False


def take_figures(moment: Moment, atoms: Atoms, place: int, atom: Atom, order: str, at: bool) -> tuple[int, str]:
    """A number, a clock time or a date in figures: how many tokens it took and what it was."""
    after = atom_at(atoms, place + 1)
    named = after is not None and after.kind in ("am", "pm", "hours")
    timed = named or at or (atom.kind == "number" and after is not None and after.kind in ("relative", "weekday"))
    if atom.kind == "clock" or (atom.sign == "." and (named or (at and _dotted_clock(atom)))):
        if moment.clock is None and _set_clock(moment, atom.figures[0], atom.figures[1], after):
            hours = named or (after is not None and after.kind == "unit" and UNITS[after.number] == "hour")
            return 1 + (after.width if after and hours else 0), "clock"
        return 0, ""
    if atom.kind == "figures":
        return (1, "figures") if moment.day is None and _set_figures(moment, atom, order) else (0, "")
    number = atom.number
    if number >= 1000 and number % 100 < 60 and after and after.kind == "unit" and UNITS[after.number] == "hour":
        return (2, "clock") if _set_clock(moment, number // 100, number % 100, Atom("hours")) else (0, "")
    if at and _is_written_together(number) and moment.clock is None:
        return (1, "clock") if _set_clock(moment, number // 100, number % 100, Atom("hours")) else (0, "")
    if timed and moment.clock is None and number <= 24:
        hours = after is not None and (
            after.kind == "hours" or (after.kind == "unit" and UNITS[after.number] == "hour")
        )
        minutes = atom_at(atoms, place + 1 + after.width) if after and hours else None
        odd = minutes is not None and minutes.kind == "number" and minutes.number < 60
        if _set_clock(moment, number, minutes.number if odd and minutes else 0, after):
            return 1 + (after.width if after and (named or odd) else 0) + odd, "clock"
    if after and after.kind == "unit" and moment.count is None and number <= 400:
        moment.count = number
        return 1, ""
    if number >= FIRST_YEAR and moment.day is not None and moment.year is None:
        moment.year = number
        return 1, ""
    if not 1 <= number <= 31 or moment.day is not None:
        return 0, ""
    ordinal = after.width if after and after.kind == "ordinal" else 0
    next_up = atom_at(atoms, place + 1 + ordinal)
    if next_up and next_up.kind in ("filler", "belonging"):
        next_up = atom_at(atoms, place + 1 + ordinal + next_up.width)
    beside = order == "dmy" and moment.month is None and moment.kinds[-1:] == ["weekday"]
    of_month = ordinal or (next_up is not None and next_up.kind == "month")
    if moment.month is not None or of_month or beside or names_day(atoms, place):
        moment.day = number
        moment.beside = beside and not of_month
        return 1 + ordinal, "day"
    return 0, ""


def _dotted_clock(atom: Atom) -> bool:
    """Whether figures with a full stop, where an hour is expected, are a clock time: 4.30."""
    return len(atom.figures) == 2 and (atom.figures[1] >= 10 or not atom.figures[1])


def _is_written_together(number: int) -> bool:
    """Whether a number where an hour is expected is a clock time without a mark, and no year: 1330."""
    return 100 <= number < 2400 and number % 100 < 60 and not FIRST_YEAR <= number < LAST_YEAR


def _set_clock(moment: Moment, hour: int, minute: int, after: Atom | None) -> bool:
    """Sets the time of day; without am or pm, one to six o'clock is taken for the afternoon."""
    if hour > 24 or minute > 59:
        return False
    moment.guessed = not (after and after.kind in ("am", "pm")) and 1 <= hour < 12
    if after and after.kind == "pm" and hour < 12:
        hour += 12
    elif after and after.kind == "am" and hour == 12:
        hour = 0
    elif moment.guessed and 1 <= hour <= (5 if after and after.kind == "hours" else 6):
        hour += 12
    moment.clock = time(23, 59) if hour == 24 else time(hour, minute)
    return True


def _set_figures(moment: Moment, atom: Atom, order: str) -> bool:
    """A date in figures: year first, else by what is possible, the sign between, and the given order."""
    first, second, *rest = atom.figures
    if first > 31:
        if not rest or first < FIRST_YEAR:
            return False
        year, month, day = first, second, rest[0]
    else:
        if atom.sign == "-" and not rest:
            return False
        year = (rest[0] + 2000 if rest[0] < 100 else rest[0]) if rest else 0
        day_first = first > 12 or (second <= 12 and (order == "dmy" or atom.sign == "."))
        day, month = (first, second) if day_first else (second, first)
        moment.turned = atom.sign != "." and first <= 12 and second <= 12
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return False
    moment.day, moment.month, moment.year = day, month, year or None
    return True
