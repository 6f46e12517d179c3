"""The parts of a time expression, as far as it has been read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import time, tzinfo

from mailwatch.detection.timewords import BARE, Atom

_ONE = ("minute", "hour", "day", "week", "month", "quarter", "year", "workday", "fortnight")
SEVERAL = len(_ONE)
"""The first row of the forms for more than one, which need a number: within the next weeks is no week."""
UNITS = (*_ONE, "day", "week", "month", "year")
Atoms = Sequence[Atom | None]
FILLERS = frozenset({"filler", "belonging", "at", "on"})
OF_A_DAY = frozenset({"relative", "weekday", "day", "figures", "earlier", "end_of"})
"""What names one day, and not only a time of it or a longer time."""
CLOCKS = frozenset({"clock", "noon"})
"""What names a time of day."""
LOOK_BACK = 12
"""So many words before a time may tell what it is."""


@dataclass(slots=True)
class Moment:
    """What has been read of one expression; `end` is the place after it, `kinds` what it is made of.

    `number` is that of a quarter or of a week of the year. `hence` says that so many units are counted from a
    day, `guessed` that the clock time does not tell its half of the day, `turned` that day and month of a date in
    figures could be the other way round, `beside` that only a weekday tells that a number is the day: vendredi 20.
    `earlier` says that it counts back from the day that the text named last: the day before, two weeks earlier, the
    Thursday before; `then` that it is that day itself: by then.
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
    earlier: bool = False
    then: bool = False
    zone: tzinfo | None = None
    kinds: list[str] = field(default_factory=list)

    @property
    def only_clock(self) -> bool:
        """Whether it names a time of day and no day."""
        return CLOCKS.issuperset(self.kinds)

    @property
    def from_now(self) -> bool:
        """Whether so many units are counted from now, and not from a day: Thursday in two weeks."""
        apart = self.hence or self.earlier
        return self.counted is not None and not apart and self.kinds[:1] != ["weekday"]


def atom_at(atoms: Atoms, place: int) -> Atom | None:
    """The atom at a place, None beyond the end."""
    return atoms[place] if place < len(atoms) else None


def behind_fillers(atoms: Atoms, place: int) -> int:
    """The first place from one on at which no small word stands that may be passed over."""
    while (atom := atom_at(atoms, place)) is not None and atom.kind in FILLERS:
        place += atom.width
    return place


def names_day(atoms: Atoms, place: int) -> bool:
    """Whether the word before a bare number says that it is a day of the month: el 26, antes del 3."""
    lead = atoms[place - 1] if place else None
    return lead is not None and (lead.stands_in("on", BARE) or lead.stands_in("belonging", BARE))
