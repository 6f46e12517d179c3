"""The parts of a time expression that are numbers, in figures or in words."""

from __future__ import annotations

from mailwatch.detection.clocktimes import FIRST_YEAR, is_dotted, is_hour, is_written_together, set_clock
from mailwatch.detection.moments import OF_A_DAY, UNITS, Atoms, Moment, atom_at, names_day
from mailwatch.detection.timewords import Atom

EARLIEST_HOUR = 7
"""Behind a day so many hours are one of the clock; fewer may be how long something takes."""
_NOT_A_DAY = frozenset(("hours", "unit", "am", "pm", "nothing"))


def take_word(moment: Moment, atoms: Atoms, place: int, atom: Atom, at: bool) -> int:
    """A number in words: of units, of the hour, of the day of a month."""
    number, width = atom.number + 1, atom.width
    after = atom_at(atoms, place + width)
    if at and atom.kind == "count" and atom.number and after and is_hour(after) and moment.clock is None:
        if not set_clock(moment, number, 0, Atom("hours")):
            return 0
        moment.kinds.append("clock")
        return width + after.width
    if atom.kind == "count" and moment.count is None and number:
        if after and after.kind == "unit":
            moment.count = number
            return width
        if after is None and _repeats_in_figures(atoms, place + width, number):
            moment.count = number
            return width + 3
    if (
        atom.kind == "count"
        and (at or _makes_an_hour(after))
        and moment.clock is None
        and number <= 12
        and atom.number
    ):
        set_clock(moment, number, 0, after)
        moment.kinds.append("clock")
        return width + (after.width if after and _names_clock(after) else 0)
    # "le 25" names the day by itself, but "au 25e" and "le 5 pm" do not.
    named = atom.kind == "nth" and width > 1 and not (after is not None and after.kind in _NOT_A_DAY)
    if moment.day is None and number <= 31 and (named or _names_month(moment, atoms, place + width)):
        moment.day = number
        moment.kinds.append("day")
        return width
    return 0


def take_figures(moment: Moment, atoms: Atoms, place: int, atom: Atom, order: str, at: bool) -> tuple[int, str]:
    """A number, a clock time or a date in figures: how many tokens it took and what it was."""
    after = atom_at(atoms, place + 1)
    if atom.kind == "clock" or (atom.sign == "." and (_names_clock(after) or (at and is_dotted(atom)))):
        if moment.clock is None and set_clock(moment, atom.figures[0], atom.figures[1], after):
            return 1 + (after.width if after and (_names_clock(after) or is_hour(after)) else 0), "clock"
        return 0, ""
    if atom.kind == "figures":
        return (1, "figures") if moment.day is None and _set_figures(moment, atom, order) else (0, "")
    number = atom.number
    half = after if after and after.kind in ("am", "pm") else None
    unit = number >= 1000 and number % 100 < 60 and is_hour(after)
    if unit or ((at or half) and is_written_together(number) and moment.clock is None):
        taken = 1 + (half.width if half else unit)
        return (taken, "clock") if set_clock(moment, number // 100, number % 100, half or Atom("hours")) else (0, "")
    if taken := _take_hour(moment, atoms, place, number, at):
        return taken, "clock"
    if after and is_hour(after) and _lacks_clock(moment) and EARLIEST_HOUR <= number <= 24:
        return (1 + after.width, "clock") if set_clock(moment, number, 0, Atom("hours")) else (0, "")
    if after and after.kind == "unit" and moment.count is None and number <= 400:
        moment.count = number
        return 1, ""
    if number >= FIRST_YEAR and moment.day is not None and moment.year is None:
        moment.year = number
        return 1, ""
    taken = _take_day(moment, atoms, place, number, order)
    return taken, "day" if taken else ""


def _names_clock(atom: Atom | None) -> bool:
    """Whether a word says that the figures before it are a clock time: 4 pm, 16 Uhr."""
    return atom is not None and atom.kind in ("am", "pm", "hours")


def _makes_an_hour(atom: Atom | None) -> bool:
    """Whether a bare number before a word is the hour: 4 pm, 16 Uhr, 9 tomorrow."""
    return _names_clock(atom) or (atom is not None and atom.kind in ("relative", "weekday"))


def _lacks_clock(moment: Moment) -> bool:
    """Whether a moment has a day and no clock time yet."""
    return not moment.clock and not OF_A_DAY.isdisjoint(moment.kinds)


def _take_hour(moment: Moment, atoms: Atoms, place: int, number: int, at: bool) -> int:
    """A bare number that is the hour by the words around it, with minutes behind it: at 4, 4 pm, 16 h 30."""
    after = atom_at(atoms, place + 1)
    if not (at or _makes_an_hour(after)) or moment.clock is not None or number > 24:
        return 0
    unit = after.width if after and (_names_clock(after) or is_hour(after)) else 0
    parted = after is not None and (after.kind == "hours" or is_hour(after))
    minutes = atom_at(atoms, place + 1 + unit) if parted else None
    odd = minutes is not None and minutes.kind == "number" and minutes.number < 60
    if not set_clock(moment, number, minutes.number if odd and minutes else 0, after):
        return 0
    return 1 + unit + odd


def _take_day(moment: Moment, atoms: Atoms, place: int, number: int, order: str) -> int:
    """A bare number that is the day of a month, by the month or the weekday beside it or the words before it."""
    if not 1 <= number <= 31 or moment.day is not None:
        return 0
    after = atom_at(atoms, place + 1)
    ordinal = after.width if after and after.kind == "ordinal" else 0
    next_up = atom_at(atoms, place + 1 + ordinal)
    if next_up and next_up.kind in ("filler", "belonging"):
        next_up = atom_at(atoms, place + 1 + ordinal + next_up.width)
    beside = order == "dmy" and moment.month is None and moment.kinds[-1:] == ["weekday"]
    of_month = ordinal or (next_up is not None and next_up.kind == "month")
    if not (moment.month is not None or of_month or beside or names_day(atoms, place)):
        return 0
    moment.day = number
    moment.beside = beside and not of_month
    return 1 + ordinal


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
