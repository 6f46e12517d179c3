"""Clock times and spans of time, as people tell them."""

from __future__ import annotations

from collections.abc import Collection, Sequence, Set
from datetime import time

from mailwatch.detection.moments import UNITS, Atoms, Moment, atom_at
from mailwatch.detection.timewords import Atom

FIRST_YEAR, LAST_YEAR = 1900, 2100
TO_HOUR = (-30, -15, 15, -45, 30)
"""The minutes of the rows of `to_hour`: halb, quarter to, quarter past, viertel, half past."""
HALF_PAST = 4
PAST_HOUR = (15, 30, -15)
"""The minutes of the rows of `past_hour`: y cuarto, y media, menos cuarto."""
NOON = (time(12), time(23, 59), time(13))
"""The rows of `noon`: noon, midnight, and one o'clock where the word for it is the article: la una."""
SPANS = (15, 30, 45, 90)
"""The minutes of the rows of `span`: a quarter of an hour, half an hour, three quarters, an hour and a half."""


def take_to_hour(moment: Moment, atoms: Atoms, place: int, atom: Atom) -> int:
    """A time of day that is told by the hour behind it: halb vier, viertel nach drei."""
    hour = atom_at(atoms, place + atom.width)
    if hour is None or hour.kind not in ("number", "count") or moment.clock is not None:
        return 0
    if atom.number == HALF_PAST and hour.kind == "count" and not hour.number:
        return 0  # Half an hour is none of the clock.
    after = atom_at(atoms, place + atom.width + hour.width)
    if not set_clock(moment, hour.number + (hour.kind == "count"), 0, after) or moment.clock is None:
        return 0
    minutes = (moment.clock.hour + (moment.clock.minute > 0)) * 60 + TO_HOUR[atom.number]
    moment.clock = _at_minute(minutes)
    moment.kinds.append("clock")
    return atom.width + hour.width + (after.width if after and after.kind == "hours" else 0)


def take_past_hour(moment: Moment, atom: Atom) -> int:
    """The minutes that are told behind the hour: las once y media, trois heures moins le quart."""
    if moment.clock is None or moment.clock.minute or moment.kinds[-1] not in ("clock", "noon"):
        return 0
    moment.clock = _at_minute(moment.clock.hour * 60 + PAST_HOUR[atom.number])
    return atom.width


def _at_minute(minutes: int) -> time:
    """The time of day so many minutes after midnight, or before it."""
    return time(minutes // 60 % 24, minutes % 60)


def take_span(moment: Moment, atom: Atom) -> int:
    """A span that has a name of its own: half an hour."""
    if moment.count is not None or moment.counted is not None:
        return 0
    moment.count, moment.counted = SPANS[atom.number], "minute"
    moment.kinds.append("unit")
    return atom.width


def is_hour(atom: Atom | None) -> bool:
    """Whether a unit is the hour, which may stand behind one of the clock: à trois heures, mañana 20 hs."""
    return atom is not None and atom.kind == "unit" and UNITS[atom.number] == "hour"


def is_dotted(atom: Atom) -> bool:
    """Whether figures with a full stop, where an hour is expected, are a clock time: 4.30."""
    return len(atom.figures) == 2 and (atom.figures[1] >= 10 or not atom.figures[1])


def is_written_together(number: int) -> bool:
    """Whether a number where an hour is expected is a clock time without a mark, and no year: 1330."""
    return 100 <= number < 2400 and number % 100 < 60 and not FIRST_YEAR <= number < LAST_YEAR


def set_clock(moment: Moment, hour: int, minute: int, after: Atom | None) -> bool:
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


def in_its_half(moment: Moment, said: Collection[str], halves: Sequence[Set[str]]) -> time | None:
    """The clock time of a moment in the half of the day that its words name: tonight by 9, tomorrow morning at 6."""
    clock = moment.clock
    if clock is None or not moment.guessed or not halves:
        return clock
    morning, evening = (not words.isdisjoint(said) for words in halves)
    if evening == morning:
        return clock
    return clock.replace(hour=clock.hour % 12 + 12 * evening)
