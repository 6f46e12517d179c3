"""Goes over the tokens of a line and takes the parts of an order: items, a time, a person, small words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from mailwatch.detection.orders import times
from mailwatch.detection.orders.tokens import Token
from mailwatch.detection.orders.words import Words
from mailwatch.domain.command import Verb, Why
from mailwatch.domain.workcalendar import WorkCalendar

MOST_NUMBERS = 50
LONGEST_NAME = 4
_BREAKS = frozenset(",;.:!()-–—=>→/|*•+&\"'“”„«»#¡¿")
_COLONS = frozenset(":=-–—→")
ARTICLES = ("a", "un", "ein")
"""How words begin that count one thing and may count nothing at all."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What reading needs to know beside the words: `now` is when they were written, aware."""

    now: datetime
    calendar: WorkCalendar
    words: Words
    month_first: bool
    names: frozenset[str] = frozenset()


@dataclass(slots=True)
class Clause:
    """An order that is being read; `chosen_before` says that its items stood before its verb."""

    verb: Verb = Verb.UNCLEAR
    numbers: list[int] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    every: bool = False
    until: datetime | None = None
    to: str | None = None
    chosen_before: bool = False

    @property
    def names_items(self) -> bool:
        """Whether it says which items it is about."""
        return bool(self.numbers or self.ids or self.every)


class NotAnOrder(Exception):
    """A line, or a part of it, is not understood."""

    def __init__(self, why: Why) -> None:
        self.why = why


class Scanner:
    """A place in the tokens of a line; what is taken is passed."""

    def __init__(self, tokens: Sequence[Token], setting: Setting) -> None:
        self.tokens, self.setting, self.words = tokens, setting, setting.words
        self.place = 0
        self._now = setting.calendar.local(setting.now)

    @property
    def at_end(self) -> bool:
        """Whether nothing is left."""
        return self.place >= len(self.tokens)

    def width(self, kind: str, place: int) -> int:
        """How many tokens the phrase of a kind has that begins at a place; 0 if none does."""
        found = self.words.at(kind, self.tokens, place) if place >= 0 else None
        return found[1] if found else 0

    def verb_at(self, place: int) -> tuple[Verb, int] | None:
        """The verb that begins at a place, and its width."""
        return self.words.verb_at(self.tokens, place)

    def take(self, *kinds: str) -> bool:
        """Takes a phrase of the first kind that fits."""
        width = next((width for kind in kinds if (width := self.width(kind, self.place))), 0)
        self.place += width
        return width > 0

    def take_sign(self) -> bool:
        """Takes a sign that parts words."""
        found = not self.at_end and self.tokens[self.place].text in _BREAKS
        self.place += found
        return found

    def take_name(self) -> bool:
        """Takes a name of the user."""
        found = not self.at_end and self.tokens[self.place].text in self.setting.names
        self.place += found
        return found

    def take_colon(self) -> bool:
        """Takes what may stand between a verb and its items: "done: 1"."""
        after = self.place + 1
        found = after < len(self.tokens) and self.tokens[self.place].text in _COLONS
        found = found and self.tokens[after].kind in ("number", "range")
        self.place += found
        return found

    def take_items(self, clause: Clause) -> bool:
        """Takes numbers, ranges, ids and "all", with what stands between them."""
        taken = False
        while len(clause.numbers) < MOST_NUMBERS:
            place = self.place
            while place < len(self.tokens) and self._is_between_items(place, taken):
                place += max(1, self.width("and", place), self.width("item", place))
            if width := self.width("all", place):
                clause.every, self.place, taken = True, place + width, True
                continue
            if place >= len(self.tokens) or not self._item_at(clause, place):
                return taken
            self.place, taken = place + 1, True
        raise NotAnOrder(Why.UNKNOWN)

    def _is_between_items(self, place: int, taken: bool) -> bool:
        if self.width("item", place) or (self.tokens[place].text == "." and self._after_item_word(place)):
            return True
        return taken and (self.tokens[place].text in (",", "/", "&", "+", "#") or self.width("and", place) > 0)

    def _after_item_word(self, place: int) -> bool:
        return place > 0 and self.width("item", place - 1) == 1

    def _item_at(self, clause: Clause, place: int) -> bool:
        token = self.tokens[place]
        if token.kind == "id":
            # The id that a link brought along says what the number before it meant.
            if clause.numbers and place == self.place:
                clause.numbers.pop()
            clause.ids.append(token.text[1:-1])
        elif token.kind == "number" and not self._is_time(place):
            clause.numbers.append(int(token.text))
        elif token.kind == "range":
            first, last = (int(part) for part in token.text.replace("–", "-").split("-"))
            if not first < last <= first + MOST_NUMBERS:
                return False
            clause.numbers += range(first, last + 1)
        elif (count := self.words.at("count", self.tokens, place)) and count[1] == 1 and not self._is_time(place):
            if not token.text.startswith(ARTICLES) or self._after_item_word(place):
                clause.numbers.append(int(count[0]) + 1)
            else:
                return False
        else:
            return False
        return True

    def _is_time(self, place: int) -> bool:
        """Whether a number counts days or hours, or belongs to a date, and is not an item's."""
        after = place + 1
        follows = self.tokens[after].text if after < len(self.tokens) else ""
        return follows == "uhr" or any(
            self.width(kind, after + self.width("on", after)) for kind in ("unit", "month")
        )

    def take_time(self, clause: Clause) -> bool:
        start, until = self.place, self.width("until", self.place)
        found = self._time(start + until, after_until=until > 0) or (self._time(start, after_until=False))
        if found is None:
            return False
        when, self.place = found
        moment = times.moment_of(
            when, self.setting.now, self.setting.calendar, whole_days=clause.verb in (Verb.PAUSE, Verb.STOP)
        )
        if moment is None:
            raise NotAnOrder(Why.WHEN)
        clause.until = moment
        return True

    def _time(self, place: int, *, after_until: bool) -> tuple[times.When, int] | None:
        return times.read(
            self.tokens,
            place,
            self.words,
            self._now,
            month_first=self.setting.month_first,
            after_until=after_until,
        )

    def take_person(self, clause: Clause) -> bool:
        """An address, or up to four words of a name behind "to"."""
        place = self.place + self.width("to", self.place)
        if place >= len(self.tokens):
            return False
        if self.tokens[place].kind == "mail":
            clause.to, self.place = self.tokens[place].raw.rstrip("."), place + 1
            return True
        names: list[str] = []
        while place > self.place and place < len(self.tokens) and len(names) < LONGEST_NAME:
            token = self.tokens[place]
            if token.kind != "word" or any(self.width(kind, place) for kind in ("polite", "and", "not", "how")):
                break
            names.append(token.raw)
            place += 1
        if not names or self.verb_at(place - 1):
            # "2 an Bob delegiert" ends in its verb.
            if len(names) < 2:
                return False
            names.pop()
            place -= 1
        clause.to, self.place = " ".join(names), place
        return True
