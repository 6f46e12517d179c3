"""Finds the times that a sentence names, and how far the words around them make them due times.

That is so behind a cue such as "by", "due" or "within", and may be so beside a delivery.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date, datetime, time, tzinfo
from enum import IntEnum

from mailwatch.detection import clocktimes, due_days, hours, lexicons, occasions, timereading, timetables, zones
from mailwatch.detection.moments import FILLERS, Atoms, Moment, atom_at
from mailwatch.detection.timewords import BEFORE, EITHER, HENCE, MEAL, SOFT, STRICT, THEN, UNTIL, Atom
from mailwatch.domain.reading import Deadline

CUES = ("by", "due", "within")
_NO_START_KINDS = "nothing event busy past change denied deliver hand clause block repeat hence zone"
_NO_START = FILLERS | frozenset(_NO_START_KINDS.split())
FAR_WORDS = (4, 9)
"""How many words may stand between a cue of each row of `due` and the time."""


@dataclass(frozen=True, slots=True)
class When:
    """When a message was sent, aware and in the zone in which its days are counted, and how dates are to be read.

    `clocks_in` is the zone of clock times where that is another: the reader's, if the days are the sender's.
    `language` is one with a lexicon. `order` is "mdy" or "dmy" for dates in figures; None takes the usual order of
    the language.
    """

    sent_at: datetime
    language: str
    order: str | None = None
    clocks_in: tzinfo | None = None


class Standing(IntEnum):
    """How a time stands in its sentence: as something else's, by itself, or made a due time by a cue."""

    ELSEWHERE = 0
    POSSIBLE = 1
    SURE = 2


@dataclass(frozen=True, slots=True)
class _Read:
    """A time expression from a place on, how it stands, and the cue before it, if any."""

    moment: Moment
    start: int
    standing: Standing
    cue: Atom | None


@dataclass(frozen=True, slots=True)
class Mention:
    """A time that a sentence names, as the due time that it would be, and how it stands there.

    It is made of `kinds` and stands from `start` to before `end` among `tokens`, which are those of the sentence
    with joined words parted, each with its atom. `cue` is the kind and row of the cue, nothing without one.
    """

    deadline: Deadline
    standing: Standing
    cue: str
    kinds: tuple[str, ...]
    start: int
    end: int
    tokens: Sequence[str]
    atoms: Atoms

    @property
    def sure(self) -> bool:
        """Whether a cue says that it is a due time."""
        return self.standing is Standing.SURE


def order_of(deadline: Deadline) -> tuple[object, object]:
    """Earliest first; a day without a clock time comes at its end."""
    return deadline.day, deadline.clock or time.max


def order_in(rows: Iterable[Sequence[str]]) -> str | None:
    """The order of dates in figures that a text shows by one that can be read in one way only: "mdy" or "dmy"."""
    for row in rows:
        for token in row:
            if "/" not in token or len(token) < 3:
                continue
            figures = [int(part) if part.isdecimal() else 0 for part in token.split("/")[:2]]
            if 12 < figures[0] <= 31 and 1 <= figures[1] <= 12:
                return "dmy"
            if 12 < figures[1] <= 31 and 1 <= figures[0] <= 12:
                return "mdy"
    return None


def mentions(
    tokens: Sequence[str], when: When, named_before: Callable[[], Deadline | None] = lambda: None
) -> tuple[Mention, ...]:
    """All times in one sentence that have a day, in order.

    `named_before` tells the last day that the sentences before it name; it is asked only where a time may go back to
    that: by then, the day before, or a clock time behind a cue.
    """
    words = timetables.words_of(when.language)
    tokens = words.parted(tokens)
    atoms = words.atoms(tokens)
    lexicon = lexicons.load(when.language)
    small = lexicon.function_words
    behind = small if words.verbs_last else frozenset()
    order = when.order or ("mdy" if when.language == "en" else "dmy")
    read: list[_Read] = []
    place = 0
    left = -1  # where a time ends that was none
    while place < len(tokens):
        atom = atoms[place]
        if atom is None:
            place += 1
            continue
        if atom.kind in _NO_START and not hours.names_hour(atom):
            place += atom.width
            continue
        if atom.stands_in("earlier", THEN) and timereading.read(tokens, atoms, place + atom.width, order):
            # Without accents "d'ici là" and "d'ici la fin" begin alike.
            atom = replace(atom, kind="by", number=STRICT)
        start = place + (atom.width if atom.kind in CUES else 0)
        moment, certain = _moment(tokens, atoms, start, atom, order, behind)
        if moment is None or (atom.stands_in("lunch", MEAL) and moment.kinds == ["lunch"]):
            place = max(start, place + 1)
            continue
        timed = _with_clock(moment, tokens, atoms, order, behind)
        late = words.ends_late(tokens, moment.end)
        sure = (timed or late or _sure(moment, atom)) and occasions.sure(moment, tokens, atoms, place, small)
        if sure and atom.stands_in("by", SOFT) and not late:
            sure = not occasions.lasts(atoms, place, moment, words.delivers)
        handed = occasions.handed(tokens, atoms, place)
        if sure and atom.stands_in("by", UNTIL):
            lasts = occasions.lasts(atoms, place, moment, True)
            denied = occasions.denied(tokens, atoms, place, lexicon.negation)
            sure = handed if words.hands else not (lasts or denied)
        hence = atom.stands_in("within", HENCE)
        standing = Standing.SURE if sure and certain else Standing.ELSEWHERE
        alone = not (atom.stands_in("by", SOFT, UNTIL) or occasions.joins(tokens, atoms, left, place, small))
        if certain and not sure and alone:
            standing = Standing(
                occasions.plausible(
                    moment, tokens, atoms, place, small, hence=hence, final=words.verbs_last, handed=handed
                )
            )
        if certain and standing is Standing.ELSEWHERE and moment.kinds != ["month"]:
            left = moment.end
        read.append(_Read(moment, place, standing, atom if atom.kind in CUES else None))
        place = moment.end
    return _resolved(_joined(read), when, tokens, atoms, words.halves, named_before)


def _moment(
    tokens: Sequence[str], atoms: Atoms, start: int, atom: Atom, order: str, behind: Set[str]
) -> tuple[Moment | None, bool]:
    """The time behind an atom that may lead it in, and whether it is certain that it is one.

    A bare number behind "by" may be an hour, which is the last that is tried.
    """
    rows = (STRICT, BEFORE, SOFT) if behind else (STRICT, BEFORE)
    hour = atom.stands_in("by", *rows) and hours.bare_hour(tokens, atoms, start, behind)
    before = atoms[start - 1] if start else None
    led = before is not None and (before.kind == "at" or before.stands_in("by", BEFORE))
    hour = hour or (led and hours.hour_of_day(atoms, start))
    moment = timereading.read(tokens, atoms, start, order, at=hour) or _further(tokens, atoms, start, atom, order)
    if moment is None and atom.kind == "within" and atom.number != HENCE:
        moment = timereading.whole_unit(atoms, start)
    if moment is None and atom.kind == "by":
        return timereading.read(tokens, atoms, start, order, at=True), False
    return moment, True


def _with_clock(moment: Moment, tokens: Sequence[str], atoms: Atoms, order: str, behind: Set[str]) -> bool:
    """Adds the clock time that a cue joins to a day, which makes it a due time: tomorrow by 10 am."""
    place = moment.end + (tokens[moment.end : moment.end + 1] == [","])
    cue = atom_at(atoms, place)
    if cue is None or cue.kind != "by" or moment.clock is not None or moment.counted:
        return False
    start = place + cue.width
    at = hours.bare_hour(tokens, atoms, start, behind) or hours.hour_of_day(atoms, start)
    clock = timereading.read(tokens, atoms, start, order, at=at)
    if clock is None or not clock.only_clock:
        return False
    moment.clock, moment.guessed, moment.zone, moment.end = clock.clock, clock.guessed, clock.zone, clock.end
    return True


def _further(tokens: Sequence[str], atoms: Atoms, start: int, cue: Atom, order: str) -> Moment | None:
    """The time that comes a few words after "deadline" or "before": the deadline for the report is Monday."""
    if cue.kind == "due":
        gap = FAR_WORDS[cue.number]
    elif cue.stands_in("by", BEFORE):
        gap = occasions.GAP
    else:
        return None
    for place in range(start + 1, min(start + gap, len(tokens))):
        atom = atoms[place]
        if tokens[place] in ".;?" or (atom is not None and atom.kind in ("past", "clause")):
            return None
        moment = timereading.read(tokens, atoms, place, order)
        if moment is not None:
            named = cue.kind == "due" or occasions.event_between(atoms, start, place)
            return moment if named and not moment.counted else None
    return None


def _sure(moment: Moment, cue: Atom) -> bool:
    """Whether a cue in front makes the time a due time."""
    counted = moment.from_now
    if cue.kind == "within":
        return cue.number != HENCE and (counted or cue.number == EITHER or moment.shift == "this")
    return (cue.kind in ("by", "due") and not counted) or cue.stands_in("earlier", THEN)


def _joined(read: list[_Read]) -> list[_Read]:
    """Puts a clock time and a day together that one sentence names apart: by January 10 and no later than 4 pm."""
    sure = [row for row in read if row.standing is Standing.SURE]
    clocks = [row for row in sure if row.moment.only_clock]
    days = [row for row in sure if not row.moment.only_clock and row.moment.clock is None]
    if len(clocks) == 1 and len(days) == 1:
        day, clock = days[0].moment, clocks[0].moment
        day.clock, day.guessed, day.zone = clock.clock, clock.guessed, clock.zone
        return [row for row in read if row is not clocks[0]]
    return read


def _resolved(
    read: list[_Read],
    when: When,
    tokens: Sequence[str],
    atoms: Atoms,
    halves: Sequence[Set[str]],
    named_before: Callable[[], Deadline | None],
) -> tuple[Mention, ...]:
    found: list[Mention] = []
    named: Deadline | None = None
    for row in read:
        moment, cue, said = row.moment, row.cue, tokens[row.start : row.moment.end]
        moment.clock = clocktimes.in_its_half(moment, said, halves)
        before = cue is not None and cue.stands_in("by", BEFORE)
        if named is None and (moment.earlier or (moment.only_clock and row.cue is not None)):
            named = named_before()
        if moment.clock and moment.zone is None and zones.is_the_authors(tokens[moment.end :]):
            moment.zone = when.sent_at.tzinfo
        due = due_days.resolve(moment, when.sent_at, named, before=before, clocks_in=when.clocks_in)
        if due is None:
            continue
        zone = moment.zone or _only_zone(when, *due)
        # "By then" says less than the words to which it goes back.
        deadline = named if moment.then and named else Deadline(due[0], due[1], " ".join(said), zone)
        named = due_days.last_named(moment.kinds, deadline, named)
        led = f"{cue.kind} {cue.number}" if cue else ""
        found.append(Mention(deadline, row.standing, led, tuple(moment.kinds), row.start, moment.end, tokens, atoms))
    return tuple(found)


def _only_zone(when: When, day: date, clock: time | None) -> tzinfo | None:
    """The sender's zone if a time was over by the reader's clock before it was written and not by theirs: tonight."""
    if clock is None or when.clocks_in is None:
        return None
    mine, theirs = (datetime.combine(day, clock, zone) for zone in (when.clocks_in, when.sent_at.tzinfo))
    return when.sent_at.tzinfo if mine < when.sent_at <= theirs else None
