"""Tells whether a number, in figures or in words, is an hour of the day."""

from __future__ import annotations

from collections.abc import Sequence, Set

from mailwatch.detection.clocktimes import is_hour
from mailwatch.detection.moments import LOOK_BACK, Atoms, atom_at, names_day
from mailwatch.detection.timewords import BARE, Atom

SIZE_WITHIN, LARGEST_SIZE = 3, 100
"""So few words before it a number below this makes another a size: four by six."""


def bare_hour(tokens: Sequence[str], atoms: Atoms, place: int, behind: Set[str]) -> bool:
    """Whether a number at a place, behind "by", is the hour: it ends the clause, and nothing grows by it.

    Where verbs stand last, the words that may stand `behind` it are given.
    """
    atom = atom_at(atoms, place)
    if atom is None or names_day(atoms, place):
        return False
    counted = atom.kind == "count" and 1 <= atom.number < 12
    if not (counted or (atom.kind == "number" and 1 <= atom.number <= 12)):
        return False
    after = atom_at(atoms, place + 1)
    if after and after.kind == "ordinal" and not counted:
        return False
    if (
        place + 1 < len(tokens)
        and tokens[place + 1] not in ".,;!?)"
        and not (tokens[place + 1] in behind or (after and after.kind == "clause"))
    ):
        return False
    before = [one for one in atoms[max(0, place - LOOK_BACK) : place] if one is not None]
    return not (
        any(map(_is_size, atoms[max(0, place - SIZE_WITHIN) : place])) or any(one.kind == "change" for one in before)
    )


def _is_size(atom: Atom | None) -> bool:
    """Whether a number or a word for one can be a length: the "a" of "a list" is none."""
    if atom is None:
        return False
    return (atom.kind == "number" and atom.number < LARGEST_SIZE) or (atom.kind == "count" and atom.number > 0)


def names_hour(atom: Atom | None) -> bool:
    """Whether a word says that an hour follows which may stand without a day: a las 11 te llamo."""
    return atom is not None and atom.kind == "at" and atom.number == BARE


def hour_of_day(atoms: Atoms, place: int) -> bool:
    """Whether a number at a place, behind "before", is that of an hour of the day: avant 17 heures."""
    atom, unit = atom_at(atoms, place), atom_at(atoms, place + 1)
    if atom is None or not is_hour(unit):
        return False
    return (atom.kind == "number" and 1 <= atom.number <= 24) or (atom.kind == "count" and 1 <= atom.number < 12)
