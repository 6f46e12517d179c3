"""Tells when something is due from when something takes place, is open, was done, or begins and ends."""

from __future__ import annotations

from collections.abc import Sequence, Set

from mailwatch.detection.hours import names_hour
from mailwatch.detection.moments import LOOK_BACK, Atoms, Moment, atom_at, behind_fillers, names_day
from mailwatch.detection.timewords import OWNING, REACHING, Atom

NEAR = 4
JOINED_WITHIN = 2
DENIED_WITHIN = 3
GAP = 5
"""So many words may stand between "before" and the time of the event that it names."""
_BARE = frozenset({"relative", "weekday", "end_of", "unit", "weekend", "earlier"})
_NO_DAY = frozenset({"month", "lunch"})
_LONG = ("month", "quarter", "year")
_CLOCKS = frozenset({"clock", "hours", "number", "am", "pm", "noon"})
_BEGINNING = _BARE | {"month", "number", "clock", "figures", "nth", "count", "noon", "edge", "shift"}
_DAYS = frozenset({"weekday", "figures"})
_DATES = _DAYS | {"month", "number", "ordinal"}
"""What may stand before the end of a range: Monday until Friday, 3 until 5 May; "item 3 until Friday" is none."""


def sure(moment: Moment, tokens: Sequence[str], atoms: Atoms, place: int, small: Set[str]) -> bool:
    """Whether a time behind a sure cue at a place may be when something is due.

    It is not if it comes again and again, if somebody speaks of what was, or if it only goes with a noun: by
    Monday's sales. "By Monday's meeting" is Monday.
    """
    after = atom_at(atoms, moment.end)
    if after is not None and after.kind == "repeat":
        return False
    if past(tokens, atoms, place):
        return False
    owning = moment.end < len(tokens) and tokens[moment.end] == OWNING
    if not owning and (after is None or after.kind != "event"):
        return True
    behind = moment.end + owning
    event = atom_at(atoms, behind)
    if event is None or event.kind not in ("event", "due", "unit"):
        return False
    behind += event.width
    return behind >= len(tokens) or not tokens[behind][0].isalpha() or tokens[behind] in small


def past(tokens: Sequence[str], atoms: Atoms, place: int) -> bool:
    """Whether the words before a place, in the same clause, speak of what was or was to be."""
    for back in _back_from(place):
        atom = atoms[back]
        if atom is not None and atom.kind == "past":
            return True
        if tokens[back] in ",;:" or (atom is not None and atom.kind == "clause"):
            return False
    return False


def lasts(atoms: Atoms, place: int, moment: Moment, delivers: bool) -> bool:
    """Whether something lasts until the time behind a cue at a place or takes place at it, or it ends a range."""
    before = [atom for atom in atoms[max(0, place - NEAR) : place] if atom is not None]
    spoilt = any(atom.kind == "busy" or atom.stands_in("block", REACHING) for atom in before)
    if spoilt or any(atom.kind == "event" for atom in before[-2:]):
        return True
    last = atoms[place - 1] if place else None
    dated = moment.day is not None or moment.month is not None
    if last is not None and last.kind in (_CLOCKS if moment.only_clock else _DATES if dated else _DAYS):
        return True
    if not delivers:
        return False
    return not any(atom is not None and atom.kind == "deliver" for atom in atoms[max(0, place - LOOK_BACK) : place])


def denied(tokens: Sequence[str], atoms: Atoms, place: int, negation: Set[str]) -> bool:
    """Whether the words before a place, in the same clause, say that something is not so."""
    for back in _back_from(place):
        if tokens[back] in negation:
            return True
        atom = atoms[back]
        if tokens[back] in ";:" or (atom is not None and atom.kind == "clause"):
            return False
    return False


def handed(tokens: Sequence[str], atoms: Atoms, place: int) -> bool:
    """Whether a verb of handing something over stands before a place, in the same clause, and no event."""
    for back in _back_from(place):
        atom = atoms[back]
        if atom is None:
            if tokens[back] in ";:":
                return False
        elif atom.kind == "hand":
            return True
        elif atom.kind in ("event", "busy", "past", "denied", "clause", "block"):
            return False
    return False


def event_between(atoms: Atoms, start: int, end: int) -> bool:
    """Whether an event is named in a few words: before our call at 3."""
    return any(atom is not None and atom.kind in ("event", "busy", "due") for atom in atoms[start:end])


def plausible(
    moment: Moment,
    tokens: Sequence[str],
    atoms: Atoms,
    place: int,
    small: Set[str],
    *,
    hence: bool,
    final: bool = False,
    handed: bool = False,
) -> bool:
    """Whether a time without a sure cue may still be when something is due, and not when something takes place.

    `hence` says that it counts from now: in two weeks; `final` that verbs may stand at the end of a clause; `handed`
    that something is handed over then, which a bare clock time needs.
    """
    kinds = set(moment.kinds)
    if moment.from_now and not hence:
        return False
    # "A las 11" may be due, "a las 11 personas" names no hour.
    hour = names_hour(atoms[place]) and not _is_noun(tokens, atoms, moment.end, small)
    if not (kinds & _BARE or hour or (handed and moment.only_clock) or _is_date(moment, atoms, place)):
        return False
    if kinds & _NO_DAY and moment.day is None:
        return False
    if moment.unit in _LONG and moment.day is None:
        return False
    after = atom_at(atoms, moment.end)
    if after is not None and (after.kind in ("repeat", "event", "block") or _leads_on(atoms, moment.end, after)):
        return False
    follows = tokens[moment.end] if moment.end < len(tokens) else ""
    if follows == OWNING or (place <= 1 and follows in ("-", ":")):
        return False
    if _belongs(atoms, place) or any(
        atom is not None and atom.kind in ("block", "hence") for atom in atoms[max(0, place - 2) : place]
    ):
        return False
    denials = atoms[moment.end : moment.end + DENIED_WITHIN] if follows != "," or not handed else ()
    if any(atom is not None and atom.kind == "denied" for atom in denials):
        return False
    if final and "relative" not in kinds and _busy_behind(tokens, atoms, moment.end):
        return False
    if "relative" not in kinds and _tells_apart(tokens, atoms, place, moment.end, small):
        return False
    return not past(tokens, atoms, place) and not _takes_place(tokens, atoms, place, small)


def _leads_on(atoms: Atoms, place: int, cue: Atom) -> bool:
    """Whether a cue behind a time leads in another one: Monday until Wednesday; but not "lundi pour la réunion"."""
    if cue.kind != "by":
        return False
    atom = atom_at(atoms, behind_fillers(atoms, place + cue.width))
    return atom is not None and atom.kind in _BEGINNING


def joins(tokens: Sequence[str], atoms: Atoms, left: int, place: int, small: Set[str]) -> bool:
    """Whether a time goes on from one that was no due time: from Monday to Wednesday, today and tomorrow."""
    between = tokens[left:place]
    return (
        left >= 0
        and 0 < len(between) <= JOINED_WITHIN
        and all(
            not word.isalpha() or word in small or word == "thru" or atom is not None
            for word, atom in zip(between, atoms[left:place], strict=True)
        )
    )


def _back_from(place: int) -> range:
    """The places before one, the nearest first, as far as anybody looks."""
    return range(place - 1, max(-1, place - LOOK_BACK - 1), -1)


def _belongs(atoms: Atoms, place: int) -> bool:
    """Whether the time only tells a thing from others: the plan for next week."""
    for back in range(place - 1, max(-1, place - NEAR), -1):
        atom = atoms[back]
        if atom is None or atom.kind not in ("filler", "on"):
            return atom is not None and atom.kind == "belonging"
    return False


def _is_date(moment: Moment, atoms: Atoms, place: int) -> bool:
    """Whether it is a full date with the small word that leads it in: on 3 December; or le 25, of this month."""
    first = atoms[place]
    if first is not None and first.kind == "nth" and first.width > 1:
        return moment.day is not None
    lead = atoms[place - 1] if place else None
    led = moment.day is not None and lead is not None and lead.kind == "on"
    return led and (moment.month is not None or names_day(atoms, place))


def _tells_apart(tokens: Sequence[str], atoms: Atoms, place: int, end: int, small: Set[str]) -> bool:
    """Whether a bare time stands between an article and a noun: the Tuesday numbers."""
    lead = atoms[place - 1] if place else None
    led = lead is not None and lead.kind == "filler" and tokens[place - 1].isalpha()
    return led and _is_noun(tokens, atoms, end, small)


def _is_noun(tokens: Sequence[str], atoms: Atoms, place: int, small: Set[str]) -> bool:
    """Whether a word is neither a time nor a small word, and so may well be a noun."""
    return place < len(tokens) and atoms[place] is None and tokens[place].isalpha() and tokens[place] not in small


def _takes_place(tokens: Sequence[str], atoms: Atoms, place: int, small: Set[str]) -> bool:
    """Whether an event comes before the time in the same clause; one that only tells of a noun is none."""
    for back in _back_from(place):
        atom = atoms[back]
        if atom is None:
            if tokens[back] == ";":
                return False
        elif atom.kind in ("busy", "denied") or (
            atom.kind == "event" and not _is_noun(tokens, atoms, back + atom.width, small)
        ):
            return True
        elif atom.kind == "clause" and not _goes_on(atoms, back, place):
            return False
    return False


def _busy_behind(tokens: Sequence[str], atoms: Atoms, end: int) -> bool:
    """Whether something that takes place comes after the time, in the same clause."""
    for place in range(end, min(end + LOOK_BACK, len(tokens))):
        atom = atoms[place]
        if tokens[place] in ",.;:?!" or (atom is not None and atom.kind == "clause"):
            return False
        if atom is not None and atom.kind == "busy":
            return True
    return False


def _goes_on(atoms: Atoms, back: int, place: int) -> bool:
    """Whether a joining word only joins two times: on Thursday and Friday."""
    last = atoms[back - 1] if back else None
    return place - back <= 2 and last is not None and last.kind in _DATES
