"""Finds the due times that a sentence names: behind a cue such as "by", "due" or "within", or beside a delivery."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, tzinfo

from mailwatch.detection import due_days, moments, timewords
from mailwatch.detection.moments import Moment
from mailwatch.detection.timewords import Atom, TimeWords
from mailwatch.domain.reading import Deadline

CUES = ("by", "due", "within")
STRICT, LATEST, SOFT, BEFORE = range(4)
"""The rows of `by`: plain ones, those that may follow the time, those that also mean "until" or "for", "before"."""
EITHER = 1
"""The second row of `within` may also stand before a day."""
FAR = 1
FAR_WORDS = 8
"""The second row of `due` may have some words between it and the time."""
LOOK_BACK = 12
NEAR = 4
_BARE = frozenset({"relative", "weekday", "end_of", "unit", "weekend"})
_DATED = frozenset({"day", "month", "figures", "lunch"})
_LONG = ("month", "quarter", "year")


@dataclass(frozen=True, slots=True)
class _Read:
    """A time expression with its words; `sure` if a cue made it a due time, `before` if that was "before"."""

    moment: Moment
    text: str
    sure: bool
    before: bool


@dataclass(frozen=True, slots=True)
class Due:
    """A due time; `sure` if a cue says that it is one, else it is only a time in the sentence.

    `only_clock` says that it names a time of day and no day.
    """

    deadline: Deadline
    sure: bool
    only_clock: bool = False


def order_of(deadline: Deadline) -> tuple[object, object]:
    """Earliest first; a day without a clock time comes at its end."""
    return deadline.day, deadline.clock or time.max


def find(
    tokens: Sequence[str], sent_at: datetime, zone: tzinfo, language: str, order: str | None = None
) -> tuple[Due, ...]:
    """The due times in one sentence, in order; `sent_at` is aware, days are counted in `zone`.

    `order` is "mdy" or "dmy" for dates in figures; None takes the usual order of the language. A time without a
    cue is given only if nothing before it says that it is the time of an event or the start of something.
    """
    words = timewords.words_of(language)
    if not words.any_in(tokens):
        return ()
    tokens = words.parted(tokens)
    sent = sent_at.astimezone(zone)
    order = order or ("mdy" if language == "en" else "dmy")
    read: list[_Read] = []
    place = 0
    while place < len(tokens):
        atom = words.at(tokens, place)
        if atom is None or atom.kind in ("filler", "nothing"):
            place += atom.width if atom else 1
            continue
        start = place + (atom.width if atom.kind in CUES else 0)
        moment = moments.read(tokens, start, words, order)
        if moment is None and atom.kind == "due" and atom.number == FAR:
            moment = _further(tokens, start, words, order)
        if moment is None:
            place = start if start > place else place + 1
            continue
        after = words.at(tokens, moment.end)
        late = after is not None and after.kind == "by" and after.number == LATEST
        sure = _sure(moment, atom, after) and not (atom.number == SOFT and _taken(tokens, place, words))
        if sure or late or _plausible(moment, atom, after, tokens, place, words):
            read.append(_Read(moment, " ".join(tokens[place : moment.end]), sure or late, atom.number == BEFORE))
        place = moment.end
    return _resolved(_joined(read), sent)


def _further(tokens: Sequence[str], start: int, words: TimeWords, order: str) -> Moment | None:
    """The time that comes a few words after "deadline": the deadline for the report is Monday."""
    for place in range(start + 1, min(start + FAR_WORDS, len(tokens))):
        moment = moments.read(tokens, place, words, order)
        if moment is not None:
            return moment
    return None


def _sure(moment: Moment, cue: Atom, after: Atom | None) -> bool:
    """Whether a cue in front makes the time a due time."""
    if after is not None and after.kind in ("repeat", "event"):
        return False
    if cue.kind == "within":
        return moment.count is not None or cue.number == EITHER
    return cue.kind in ("by", "due") and moment.count is None


def _taken(tokens: Sequence[str], place: int, words: TimeWords) -> bool:
    """Whether something lasts until the time or takes place at it, as just before the cue is said."""
    before = [words.at(tokens, back) for back in range(max(0, place - NEAR), place)]
    return any(atom is not None and atom.kind in ("block", "event") for atom in before)


def _plausible(
    moment: Moment, cue: Atom, after: Atom | None, tokens: Sequence[str], place: int, words: TimeWords
) -> bool:
    """Whether a time without a sure cue may still be when something is due, and not when something takes place."""
    kinds = set(moment.kinds)
    if moment.count is not None or not kinds & _BARE or kinds & _DATED or moment.unit in _LONG:
        return False
    if after is not None and after.kind in ("repeat", "event", "block"):
        return False
    if place <= 1 and moment.end < len(tokens) and tokens[moment.end] in ("-", ":"):
        return False
    before = [words.at(tokens, back) for back in range(max(0, place - LOOK_BACK), place)]
    if any(atom is not None and atom.kind == "block" for atom in before[-2:]):
        return False
    return not any(atom is not None and atom.kind == "event" for atom in before)


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
            found.append(Due(Deadline(due[0], due[1], row.text, row.moment.zone), row.sure, row.moment.only_clock))
    return tuple(found)
