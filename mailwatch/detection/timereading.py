"""Reads one time expression from tokens into its parts; what day it means is found in due_days."""

from __future__ import annotations

from collections.abc import Sequence

from mailwatch.detection.clocktimes import NOON, take_past_hour, take_span, take_to_hour
from mailwatch.detection.moments import FILLERS, SEVERAL, UNITS, Atoms, Moment, atom_at, behind_fillers
from mailwatch.detection.timenumbers import take_figures, take_word
from mailwatch.detection.timewords import BEFORE, COUNTING, DAY_BEFORE, FROM, HENCE, THEN, Atom
from mailwatch.detection.zones import zone_of

MAX_FILLERS = 4
EDGES = ("start", "middle", "end")
SHIFTS = ("this", "next", "coming", "after_next")
ENDS = ("day", "week", "month", "quarter", "year")
LAST_HOUR = 12
_BACK = frozenset({"earlier", "unit", "by"})
"""What may go back to a day that was named: by then, the day before, two weeks before."""
_MARKED = frozenset({"month", "weekday", "figures", "clock", "day"})


def read(tokens: Sequence[str], atoms: Atoms, place: int, order: str, *, at: bool = False) -> Moment | None:
    """The time expression that begins at a place, or None; small words between its parts are passed over.

    `at` says that a bare number there is the hour.
    """
    moment = Moment(end=place)
    fillers = 0
    while place < len(tokens):
        atom = atoms[place]
        if tokens[place] == "." and moment.kinds and moment.kinds[-1] in _MARKED:
            place += 1
            continue
        if atom is None and (tokens[place] not in "()" or not moment.kinds):
            break
        if atom is None or atom.kind in FILLERS or atom.stands_in("within", HENCE):
            at = atom is not None and (at or atom.kind == "at")
            fillers += 1
            if fillers > MAX_FILLERS:
                break
            place += atom.width if atom else 1
            continue
        taken = _take(moment, tokens, atoms, place, order, at)
        if not taken and atom.kind in _BACK:
            taken = _take_earlier(moment, tokens, atoms, place, atom)
        if not taken:
            break
        fillers, at = 0, False
        place += taken
        moment.end = place
    return moment if moment.kinds else None


def _take(moment: Moment, tokens: Sequence[str], atoms: Atoms, place: int, order: str, at: bool) -> int:
    """Adds one atom to the moment; how many tokens it took, 0 if it does not fit."""
    atom = atoms[place]
    if atom is None:
        return 0
    kind, width = atom.kind, atom.width
    after = atom_at(atoms, place + width)
    if moment.day is not None and tokens[place - 1] == "," and after and after.kind == "unit":
        return 0  # What is counted goes back to that day, or is for itself: the 25th, one day before the move.
    if kind in ("number", "clock", "figures"):
        if kind == "number" and atom.number > LAST_HOUR and "".join(tokens[place + 1 : place + 2]) in ",.;!?)":
            order = "dmy"  # Behind a weekday it can be nothing but the day: Thursday 24.
        taken, kind = take_figures(moment, atoms, place, atom, order, at)
        if kind:
            moment.kinds.append(kind)
        return taken
    if kind == "to_hour":
        return take_to_hour(moment, atoms, place, atom)
    if kind == "past_hour":
        return take_past_hour(moment, atom)
    if kind == "span":
        return take_span(moment, atom)
    if kind == "zone":
        return _take_zone(moment, tokens, place, width)
    if kind in ("count", "nth"):
        return take_word(moment, atoms, place, atom, at)
    if kind == "hence":
        return _take_hence(moment, atom, after)
    if kind in ("quarter", "calendar_week"):
        return _take_number(moment, kind, after, width)
    if kind == "edge" and moment.edge is None:
        moment.edge = EDGES[atom.number]
        return width
    if kind == "shift" and moment.shift is None:
        moment.shift = SHIFTS[atom.number]
        return width
    if kind == "relative" and moment.counted is not None and not moment.hence:
        return 0  # So long it lasts, and that is the day: 5 minutes tomorrow.
    if kind == "weekday" and moment.day is not None and place and (led := atoms[place - 1]) and led.kind == "on":
        return 0  # It is another day: the 26th, on Tuesday.
    if kind in ("weekday", "relative") and moment.kinds == ["month"]:
        return 0  # The month is that of a thing, and the day is for itself: the figures for March tomorrow.
    if kind == "weekday" and moment.weekday is None:
        moment.weekday = atom.number
    elif kind == "month" and moment.month is None:
        moment.month = atom.number + 1
    elif kind == "relative" and moment.relative is None:
        moment.relative = atom.number
    elif kind == "end_of" and moment.unit is None and moment.edge is None:
        moment.edge, moment.unit = "end", ENDS[atom.number]
    elif kind == "noon":
        moment.clock = moment.clock or NOON[atom.number]
    elif kind == "weekend":
        moment.weekend = True
    elif kind == "unit":
        if taken := _take_unit(moment, atoms, place, atom):
            moment.kinds.append(kind)
        return taken
    elif kind == "lunch" or (kind == "part" and moment.kinds):
        pass
    else:
        return 0
    moment.kinds.append(kind)
    return width


def _take_earlier(moment: Moment, tokens: Sequence[str], atoms: Atoms, place: int, atom: Atom) -> int:
    """What goes back to the day named last: by then, the day before, two weeks earlier, the Thursday before."""
    if moment.earlier or moment.day is not None or moment.month is not None:
        return 0
    if atom.stands_in("earlier", DAY_BEFORE, THEN) and not moment.kinds:
        moment.then = atom.number == THEN
        moment.count, moment.counted = 1, "day"
        width = atom.width
    elif _is_one(atom) and moment.counted is None and (back := _counts_back(tokens, atoms, place + atom.width)):
        moment.count, moment.counted = 1, UNITS[atom.number]
        width = atom.width + back
    elif place == moment.end and (moment.counted is not None or moment.kinds[-1:] == ["weekday"]):
        width = _counts_back(tokens, atoms, place)
    else:
        return 0
    if width:
        moment.earlier = True
        moment.kinds.append("earlier")
    return width


def _is_one(atom: Atom) -> bool:
    """Whether it is a unit that needs no number: the hour, but not hours."""
    return atom.kind == "unit" and atom.number < SEVERAL


def _counts_back(tokens: Sequence[str], atoms: Atoms, place: int) -> int:
    """How wide the word is that makes units or a weekday count back; "before" is one if nothing is behind it."""
    atom = atom_at(atoms, place)
    if atom is None:
        return 0
    if atom.stands_in("by", BEFORE):
        behind = place + atom.width
        after = atom_at(atoms, behind)
        bare = behind >= len(tokens) or not tokens[behind][0].isalnum() or (after and after.kind == "clause")
        return atom.width if bare else 0
    return atom.width if atom.stands_in("earlier", COUNTING) else 0


def _take_unit(moment: Moment, atoms: Atoms, place: int, atom: Atom) -> int:
    """A unit: of so many, or the end of one, this one, the next one; or a week with its number."""
    unit, width = UNITS[atom.number], atom.width
    after = atom_at(atoms, place + width)
    if moment.count is not None and moment.counted is None:
        moment.counted = unit
        return width
    if moment.unit is not None or not _is_one(atom):
        return 0
    if unit in ("minute", "hour") and moment.shift in ("next", "coming"):
        moment.count, moment.counted = 1, unit
        return width
    if unit == "week" and moment.shift is None and (taken := _take_number(moment, "", after, width)):
        return taken
    known = moment.edge or moment.shift or moment.day or moment.weekday is not None
    if not known and not (after and after.kind == "shift"):
        return 0
    moment.unit = unit
    return width


def _take_number(moment: Moment, kind: str, after: Atom | None, width: int) -> int:
    """A quarter or a week of the year by its number: Q4, week 48."""
    if after is None or after.kind != "number" or moment.number is not None:
        return 0
    unit, last = ("quarter", 4) if kind == "quarter" else ("week", 53)
    if not 1 <= after.number <= last:
        return 0
    moment.unit, moment.number = unit, after.number
    if kind:
        moment.kinds.append("unit")
    return width + 1


def _take_hence(moment: Moment, atom: Atom, after: Atom | None) -> int:
    """Two weeks from now, a week from Friday."""
    if moment.counted is None or moment.hence:
        return 0
    if atom.number == FROM and (after is None or after.kind not in ("weekday", "relative", "month", "number")):
        return 0
    moment.hence = True
    return atom.width


def _take_zone(moment: Moment, tokens: Sequence[str], place: int, width: int) -> int:
    if moment.clock is None or moment.zone is not None:
        return 0
    moment.zone = zone_of(tokens[place : place + 2])
    return width + tokens[place].endswith("+") if moment.zone else 0


def whole_unit(atoms: Atoms, place: int) -> Moment | None:
    """The hour, or the day, week or month that is named without a number: within the hour."""
    place = behind_fillers(atoms, place)
    atom = atom_at(atoms, place)
    if atom is None or not _is_one(atom):
        return None
    unit = UNITS[atom.number]
    moment = Moment(end=place + atom.width, kinds=["unit"])
    if unit in ("minute", "hour"):
        moment.count, moment.counted = 1, unit
    else:
        moment.unit, moment.shift = unit, "this"
    return moment
