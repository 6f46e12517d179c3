"""Finds the due times that a sentence names: behind a cue such as "by", "due" or "within", or beside a delivery."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, time, tzinfo

from mailwatch.detection import due_days, lexicons, occasions, timereading, timewords
from mailwatch.detection.moments import Atoms, Moment, atom_at
from mailwatch.detection.timewords import HENCE, Atom
from mailwatch.domain.reading import Deadline

CUES = ("by", "due", "within")
STRICT, LATEST, SOFT, BEFORE = range(4)
"""The rows of `by`: plain ones, those that may follow the time, those that also mean "until" or "for", "before"."""
EITHER = 1
"""The second row of `within` may also stand before a day."""
DIRECT, FAR = range(2)
_NO_START = timereading.FILLERS | frozenset(
    ("nothing", "event", "busy", "past", "change", "denied", "deliver", "clause", "block", "repeat", "hence", "zone")
)
FAR_WORDS = (4, 9)
"""How many words may stand between a cue of each row of `due` and the time."""


@dataclass(frozen=True, slots=True)
class _Read:
    """A time expression with its words; `sure` if a cue made it a due time, `before` if that was "before"."""

    moment: Moment
    text: str
    sure: bool
    before: bool


@dataclass(frozen=True, slots=True)
class Due:
    """A due time; `sure` if a cue says that it is one, else it is only a time in the sentence."""

    deadline: Deadline
    sure: bool


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


def find(
    tokens: Sequence[str],
    sent_at: datetime,
    zone: tzinfo,
    language: str,
    order: str | None = None,
    *,
    only_sure: bool = False,
) -> tuple[Due, ...]:
    """The due times in one sentence, in order; `sent_at` is aware, days are counted in `zone`.

    `order` is "mdy" or "dmy" for dates in figures; None takes the usual order of the language. A time without a
    cue is given only if nothing before it says that it is the time of an event or the start of something, and
    never if `only_sure` are asked for.
    """
    words = timewords.words_of(language)
    if not words.any_in(tokens, behind_a_cue=only_sure):
        return ()
    tokens = words.parted(tokens)
    atoms = words.atoms(tokens)
    small = lexicons.load(language).function_words
    spoken = small if words.spoken else frozenset()
    order = order or ("mdy" if language == "en" else "dmy")
    read: list[_Read] = []
    place = 0
    left = -1  # where a time ends that was none
    while place < len(tokens):
        atom = atoms[place]
        if atom is None or atom.kind in _NO_START:
            place += atom.width if atom else 1
            continue
        start = place + (atom.width if atom.kind in CUES else 0)
        rows = (STRICT, BEFORE) if not spoken else (STRICT, BEFORE, SOFT)
        hour = atom.kind == "by" and atom.number in rows and occasions.bare_hour(tokens, atoms, start, spoken)
        moment = timereading.read(tokens, atoms, start, order, at=hour) or _further(tokens, atoms, start, atom, order)
        if moment is None and atom.kind == "within" and atom.number != HENCE:
            moment = timereading.whole_unit(atoms, start)
        if moment is None:
            place = max(start, place + 1)
            continue
        timed = _with_clock(moment, tokens, atoms, order, spoken)
        late = words.ends_late(tokens, moment.end)
        sure = (timed or late or _sure(moment, atom)) and occasions.sure(moment, tokens, atoms, place, small)
        if sure and atom.kind == "by" and atom.number == SOFT and not late:
            sure = not occasions.lasts(tokens, atoms, place, moment, words.delivers)
        hence = atom.kind == "within" and atom.number == HENCE
        none = only_sure or _soft(atom) or occasions.joins(tokens, atoms, left, place)
        if sure or (
            not none
            and occasions.plausible(moment, tokens, atoms, place, small, hence=hence, final=bool(words.leads))
        ):
            read.append(_Read(moment, " ".join(tokens[place : moment.end]), sure, atom.number == BEFORE))
        else:
            left = moment.end
        place = moment.end
    return _resolved(_joined(read), sent_at.astimezone(zone))


def _with_clock(moment: Moment, tokens: Sequence[str], atoms: Atoms, order: str, spoken: Set[str]) -> bool:
    """Adds the clock time that a cue joins to a day, which makes it a due time: tomorrow by 10 am."""
    cue = atom_at(atoms, moment.end)
    if cue is None or cue.kind != "by" or moment.clock is not None or moment.counted:
        return False
    start = moment.end + cue.width
    clock = timereading.read(tokens, atoms, start, order, at=occasions.bare_hour(tokens, atoms, start, spoken))
    if clock is None or not clock.only_clock:
        return False
    moment.clock, moment.zone, moment.end = clock.clock, clock.zone, clock.end
    return True


def _soft(atom: Atom) -> bool:
    return atom.kind == "by" and atom.number == SOFT


def _further(tokens: Sequence[str], atoms: Atoms, start: int, cue: Atom, order: str) -> Moment | None:
    """The time that comes a few words after "deadline" or "before": the deadline for the report is Monday."""
    if cue.kind == "due":
        gap = FAR_WORDS[cue.number]
    elif cue.kind == "by" and cue.number == BEFORE:
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
    return cue.kind in ("by", "due") and not counted


def _joined(read: list[_Read]) -> list[_Read]:
    """Puts a clock time and a day together that one sentence names apart: by January 10 and no later than 4 pm."""
    clocks = [row for row in read if row.moment.only_clock and row.sure]
    days = [row for row in read if not row.moment.only_clock and row.moment.clock is None and row.sure]
    if len(clocks) == 1 and len(days) == 1:
        days[0].moment.clock, days[0].moment.zone = clocks[0].moment.clock, clocks[0].moment.zone
        return [row for row in read if row is not clocks[0]]
    return read


def _resolved(read: list[_Read], sent: datetime) -> tuple[Due, ...]:
    found: list[Due] = []
    for row in read:
        due = due_days.resolve(row.moment, sent, before=row.before)
        if due is not None:
            found.append(Due(Deadline(due[0], due[1], row.text, row.moment.zone), row.sure))
    return tuple(found)
