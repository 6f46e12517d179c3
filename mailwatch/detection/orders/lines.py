"""Reads one line of a reply: the orders in it, or why it is none. What is not wholly understood is no order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from mailwatch.detection.orders import times
from mailwatch.detection.orders.tokens import Token, tokens_of
from mailwatch.detection.orders.words import Words
from mailwatch.domain.command import ABOUT_MAILS, Verb, Why
from mailwatch.domain.order import Order
from mailwatch.domain.workcalendar import WorkCalendar

MOST_NUMBERS = 50
TIMED = frozenset({Verb.SNOOZE, Verb.MORE_TIME, Verb.PAUSE, Verb.STOP})
LONGEST_NAME = 4
_BREAKS = frozenset(",;.:!()-–—=>→/|*•+&\"'“”„«»")
_CLOSERS = frozenset("])")


@dataclass(frozen=True, slots=True)
class Setting:
    """What reading needs to know beside the words: `now` is when they were written, aware."""

    now: datetime
    calendar: WorkCalendar
    words: Words
    month_first: bool
    names: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Clause:
    """An order that is being read."""

    verb: Verb
    numbers: list[int] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    every: bool = False
    until: datetime | None = None
    to: str | None = None
    chosen_before: bool = False

    @property
    def names_items(self) -> bool:
        return bool(self.numbers or self.ids or self.every)


class _Stop(Exception):
    """The line is no order."""

    def __init__(self, why: Why) -> None:
        self.why = why


def read_line(line: str, number: int, setting: Setting) -> list[Order] | Why | None:
    """The orders of a line; why it is none; or None for words that say nothing, such as thanks."""
    tokens = tokens_of(line)
    reader = _LineReader(tokens, setting)
    if reader.says_nothing():
        return None
    try:
        clauses = reader.clauses()
    except _Stop as stop:
        return stop.why
    if not clauses:
        return Why.UNKNOWN
    asks = any(token.text == "?" for token in tokens)
    if asks and any(clause.verb is not Verb.HELP for clause in clauses):
        return Why.UNKNOWN
    if len(clauses) > 1 and any(not clause.names_items and clause.verb not in ABOUT_MAILS for clause in clauses):
        return Why.WHICH
    return [
        Order(
            number,
            clause.verb,
            tuple(dict.fromkeys(clause.numbers)),
            tuple(dict.fromkeys(clause.ids)),
            clause.every,
            clause.until,
            clause.to,
            line.strip(),
        )
        for clause in clauses
    ]


class _LineReader:
    """Goes over the tokens of a line once."""

    def __init__(self, tokens: Sequence[Token], setting: Setting) -> None:
        self._tokens, self._setting, self._words = tokens, setting, setting.words
        self._now = setting.calendar.local(setting.now)
        self._place = 0

    def says_nothing(self) -> bool:
        """Whether the line is a greeting, thanks, a name, or empty."""
        place = 0
        while place < len(self._tokens):
            token = self._tokens[place]
            if width := self._width("polite", place):
                place += width
            elif (token.kind == "sign" and token.text not in "?✅✔☑✓") or token.text in self._setting.names:
                place += 1
            else:
                return False
        return True

    def clauses(self) -> list[_Clause]:
        """All orders of the line. Raises _Stop if a part of it is not understood."""
        found: list[_Clause] = []
        while True:
            self._skip()
            if self._place >= len(self._tokens):
                return found
            if found and self._is_remark():
                return found
            found.append(self._clause(found[-1] if found else None))

    def _clause(self, before: _Clause | None) -> _Clause:
        chosen = _Clause(Verb.UNCLEAR)
        if self._take_items(chosen):
            while self._take("is") or self._take_sign() or self._take("filler") or self._take("have"):
                pass
        elif self._take("have"):
            self._skip()
            # "I have 1 done" and "habe 1 erledigt" name the item between.
            self._take_items(chosen)
        found = self._words.verb_at(self._tokens, self._place)
        if found is None:
            known = chosen.names_items and self._place >= len(self._tokens)
            raise _Stop(Why.UNKNOWN if not known or before is None else Why.WHICH)
        chosen.verb = found[0]
        chosen.chosen_before = chosen.names_items
        self._place += found[1]
        self._arguments(chosen)
        if chosen.verb is Verb.STOP and chosen.until is not None:
            chosen.verb = Verb.PAUSE
        if chosen.verb in ABOUT_MAILS and (chosen.numbers or chosen.ids):
            raise _Stop(Why.UNKNOWN)
        if chosen.until is None and chosen.verb in (Verb.MORE_TIME, Verb.PAUSE):
            raise _Stop(Why.WHEN)
        return chosen

    def _arguments(self, clause: _Clause) -> None:
        """Takes what belongs to a verb; ends where the next clause or a remark begins."""
        while self._place < len(self._tokens):
            if self._next_clause_begins(clause):
                return
            if clause.verb is Verb.DELEGATE and clause.to is None and self._take_person(clause):
                continue
            if clause.verb in TIMED and clause.until is None and self._take_time(clause):
                continue
            if not clause.chosen_before and clause.verb not in ABOUT_MAILS and self._take_items(clause):
                continue
            if clause.verb in ABOUT_MAILS and self._take("mails"):
                continue
            if clause.verb is Verb.DONE and self._take("how"):
                continue
            if self._take("polite") or self._take("filler") or self._take("item") or self._take_brackets():
                continue
            if self._take_name():
                continue
            if self._is_sign():
                return
            raise _Stop(Why.WHEN if clause.verb in TIMED and clause.names_items else Why.UNKNOWN)

    def _next_clause_begins(self, clause: _Clause) -> bool:
        """Whether a further verb, or a further number with its verb, stands here."""
        place = self._place + self._width("and", self._place)
        if self._words.verb_at(self._tokens, place) and not self._width("polite", place):
            # "later" and "remind me" may follow each other; a verb that says the same adds nothing.
            same = self._words.verb_at(self._tokens, place)
            if same and same[0] is clause.verb and not clause.chosen_before:
                self._place = place + same[1]
                return False
            return clause.names_items or clause.verb in ABOUT_MAILS or place > self._place
        return clause.chosen_before and place < len(self._tokens) and self._tokens[place].kind in ("number", "range")

    # ------------------------------------------------------------ parts

    def _take_items(self, clause: _Clause) -> bool:
        """Takes numbers, ranges, ids and "all", with what stands between them."""
        taken = False
        while len(clause.numbers) < MOST_NUMBERS:
            place = self._place
            while place < len(self._tokens) and self._is_between_items(place, taken):
                place += max(1, self._width("and", place), self._width("item", place))
            if width := self._width("all", place):
                clause.every, self._place, taken = True, place + width, True
                continue
            if place >= len(self._tokens) or not self._item_at(clause, place):
                return taken
            self._place, taken = place + 1, True
        raise _Stop(Why.UNKNOWN)

    def _is_between_items(self, place: int, taken: bool) -> bool:
        if self._width("item", place):
            return True
        return taken and (self._tokens[place].text in (",", "/", "&", "+", "#") or self._width("and", place) > 0)

    def _item_at(self, clause: _Clause, place: int) -> bool:
        token = self._tokens[place]
        if token.kind == "id":
            # The id that a link brought along says what the number before it meant.
            if clause.numbers and place == self._place:
                clause.numbers.pop()
            clause.ids.append(token.text[1:-1])
        elif token.kind == "number" and not self._is_time(place):
            clause.numbers.append(int(token.text))
        elif token.kind == "range":
            first, last = (int(part) for part in token.text.replace("–", "-").split("-"))
            if not first < last <= first + MOST_NUMBERS:
                return False
            clause.numbers += range(first, last + 1)
        elif (count := self._words.at("count", self._tokens, place)) and count[1] == 1 and not self._is_time(place):
            if not token.text.startswith(("a", "un", "ein")) or self._width("item", place - 1) == 1:
                clause.numbers.append(int(count[0]) + 1)
            else:
                return False
        else:
            return False
        return True

    def _is_time(self, place: int) -> bool:
        """Whether a number counts days or hours, or belongs to a date, and is not an item's."""
        after = place + 1
        follows = self._tokens[after].text if after < len(self._tokens) else ""
        return follows == "uhr" or any(
            self._width(kind, after + self._width("on", after)) for kind in ("unit", "month")
        )

    def _take_time(self, clause: _Clause) -> bool:
        start, until = self._place, self._width("until", self._place)
        found = self._time(start + until, after_until=until > 0) or (self._time(start, after_until=False))
        if found is None:
            return False
        when, self._place = found
        moment = times.moment_of(
            when, self._setting.now, self._setting.calendar, whole_days=clause.verb in (Verb.PAUSE, Verb.STOP)
        )
        if moment is None:
            raise _Stop(Why.WHEN)
        clause.until = moment
        return True

    def _time(self, place: int, *, after_until: bool) -> tuple[times.When, int] | None:
        return times.read(
            self._tokens,
            place,
            self._words,
            self._now,
            month_first=self._setting.month_first,
            after_until=after_until,
        )

    def _take_person(self, clause: _Clause) -> bool:
        """An address, or up to four words of a name behind "to"."""
        place = self._place + self._width("to", self._place)
        if place >= len(self._tokens):
            return False
        if self._tokens[place].kind == "mail":
            clause.to, self._place = self._tokens[place].raw.rstrip("."), place + 1
            return True
        names: list[str] = []
        while place > self._place and place < len(self._tokens) and len(names) < LONGEST_NAME:
            token = self._tokens[place]
            if token.kind != "word" or any(self._width(kind, place) for kind in ("polite", "and", "not", "how")):
                break
            names.append(token.raw)
            place += 1
        if not names or self._words.verb_at(self._tokens, place - 1):
            # "2 an Bob delegiert" ends in its verb.
            if len(names) < 2:
                return False
            names.pop()
            place -= 1
        clause.to, self._place = " ".join(names), place
        return True

    def _take(self, kind: str) -> bool:
        width = self._width(kind, self._place)
        self._place += width
        return width > 0

    def _take_sign(self) -> bool:
        if self._place < len(self._tokens) and self._tokens[self._place].text in _BREAKS:
            self._place += 1
            return True
        return False

    def _take_brackets(self) -> bool:
        if self._place < len(self._tokens) and self._tokens[self._place].text in _CLOSERS:
            self._place += 1
            return True
        return False

    def _take_name(self) -> bool:
        if self._place < len(self._tokens) and self._tokens[self._place].text in self._setting.names:
            self._place += 1
            return True
        return False

    def _skip(self) -> None:
        """Passes signs, greetings and words that join clauses."""
        while self._take_sign() or self._take("and") or self._take_polite() or self._take_name():
            pass

    def _take_polite(self) -> bool:
        # "ya está" says that something is done, "sí" nothing: a verb goes first.
        return self._words.verb_at(self._tokens, self._place) is None and self._take("polite")

    def _is_sign(self) -> bool:
        token = self._tokens[self._place]
        return token.kind == "sign"

    def _is_remark(self) -> bool:
        """Whether all the rest is a remark on what was ordered, and one that takes nothing back."""
        rest = range(self._place, len(self._tokens))
        for place in rest:
            token = self._tokens[place]
            if token.kind in ("number", "range", "id", "date", "iso", "clock") or token.text == "?":
                return False
            if self._width("not", place) or self._width("count", place) or self._words.verb_at(self._tokens, place):
                return False
        return True

    def _width(self, kind: str, place: int) -> int:
        if not 0 <= place < len(self._tokens):
            return 0
        found = self._words.at(kind, self._tokens, place)
        return found[1] if found else 0
