"""Reads one line of a reply: the orders in it, or why it is none. What is not wholly understood is no order."""

from __future__ import annotations

from mailwatch.detection.orders.scanner import ARTICLES, Clause, NotAnOrder, Scanner, Setting
from mailwatch.detection.orders.tokens import tokens_of
from mailwatch.domain.command import ABOUT_MAILS, Verb, Why
from mailwatch.domain.order import Order

TIMED = frozenset({Verb.SNOOZE, Verb.MORE_TIME, Verb.PAUSE, Verb.STOP})
_TELLING_SIGNS = "?✅✔☑✓"
_FACTS = ("number", "range", "id", "date", "iso", "clock")


def read_line(line: str, number: int, setting: Setting) -> list[Order] | Why | None:
    """The orders of a line; why it is none; or None for words that say nothing, such as thanks."""
    reader = _LineReader(tokens_of(line), setting)
    if reader.says_nothing():
        return None
    try:
        clauses = reader.clauses()
    except NotAnOrder as stop:
        return stop.why
    if not clauses:
        return Why.UNKNOWN
    if reader.asks() and any(clause.verb is not Verb.HELP for clause in clauses):
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


class _LineReader(Scanner):
    """Reads the clauses of a line."""

    def asks(self) -> bool:
        """Whether the line is a question."""
        return any(token.text == "?" for token in self.tokens)

    def says_nothing(self) -> bool:
        """Whether the line is a greeting, thanks, a name, or empty."""
        place = 0
        while place < len(self.tokens):
            token = self.tokens[place]
            if width := self.width("polite", place):
                place += width
            elif (token.kind == "sign" and token.text not in _TELLING_SIGNS) or token.text in self.setting.names:
                place += 1
            else:
                return False
        return True

    def clauses(self) -> list[Clause]:
        """All orders of the line. Raises NotAnOrder if a part of it is not understood."""
        found: list[Clause] = []
        while True:
            self._skip()
            if self.at_end or (found and self._is_remark()):
                return found
            found.append(self._clause())

    def _clause(self) -> Clause:
        clause = Clause()
        if self.verb_at(self.place):
            pass  # "No request 1" begins like "no. 1", and "mark as done" like "mark 1 as done".
        elif self.take_items(clause):
            self._between_items_and_verb(clause)
        elif self.take("have"):
            self._skip()
            # "I have 1 done", "habe 1 erledigt" and "mark 1 as done" name the item between.
            if self.verb_at(self.place) is None and self.take_items(clause):
                self._between_items_and_verb(clause)
        clause.chosen_before = clause.names_items
        verb = self.verb_at(self.place)
        if verb is None and clause.until and (self.at_end or self.tokens[self.place].kind == "sign"):
            clause.verb = Verb.SNOOZE  # "2 until Friday" says enough.
            return clause
        if verb is None or (clause.to and verb[0] is not Verb.DELEGATE) or (clause.until and verb[0] not in TIMED):
            raise NotAnOrder(Why.UNKNOWN)
        clause.verb = verb[0]
        self.place += verb[1]
        self._arguments(clause)
        if clause.verb is Verb.STOP and clause.until is not None:
            clause.verb = Verb.PAUSE
        if clause.verb in ABOUT_MAILS and (clause.numbers or clause.ids):
            raise NotAnOrder(Why.UNKNOWN)
        if clause.until is None and clause.verb in (Verb.MORE_TIME, Verb.PAUSE):
            raise NotAnOrder(Why.WHEN)
        return clause

    def _between_items_and_verb(self, clause: Clause) -> None:
        """Takes "is" of "1 is done", "to Bob" of "1 an Bob delegiert", "tomorrow" of "1 morgen erinnern"."""
        while self.verb_at(self.place) is None:
            if self.take("is"):
                continue
            if self.width("to", self.place) and self.take_person(clause):
                return
            if self.take_time(clause):
                return
            if not (self.take_sign() or self.take("filler", "have", "polite")):
                return

    def _arguments(self, clause: Clause) -> None:
        """Takes what belongs to a verb; ends where the next clause or a remark begins."""
        timed = clause.verb in TIMED
        while not self.at_end:
            if self._take_same_verb(clause):
                continue
            if self._next_clause_begins(clause):
                return
            if clause.verb is Verb.DELEGATE and clause.to is None and self.take_person(clause):
                continue
            if timed and clause.until is None and self.take_time(clause):
                continue
            if not clause.chosen_before and clause.verb not in ABOUT_MAILS and self.take_items(clause):
                continue
            if not clause.names_items and self.take_colon():
                continue
            if clause.verb in ABOUT_MAILS and self.take("mails"):
                continue
            if clause.verb is Verb.DONE and self.take("how"):
                continue
            if self.take("polite", "filler", "item") or self.take_name():
                continue
            if self.tokens[self.place].kind == "sign" or self.tokens[self.place - 1].raw.endswith("."):
                if timed and clause.until is None and self._time_after_sign(clause):
                    continue
                return
            raise NotAnOrder(Why.WHEN if timed and clause.names_items else Why.UNKNOWN)

    def _time_after_sign(self, clause: Clause) -> bool:
        """Takes the time of "more time for 2, until Friday"."""
        start = self.place
        if self.take_sign() and self.take_time(clause):
            return True
        self.place = start
        return False

    def _take_same_verb(self, clause: Clause) -> bool:
        """Takes a further verb that says the same: "later, remind me 1"."""
        place = self.place + self.width("and", self.place)
        verb = self.verb_at(place)
        if verb is None or verb[0] is not clause.verb or clause.names_items or self.width("polite", place):
            return False
        self.place = place + verb[1]
        return True

    def _next_clause_begins(self, clause: Clause) -> bool:
        """Whether a further verb, or a further number with its verb, stands here."""
        place = self.place + self.width("and", self.place)
        verb = self.verb_at(place)
        if verb and not self.width("polite", place):
            return clause.names_items or clause.verb in ABOUT_MAILS or place > self.place
        return clause.chosen_before and place < len(self.tokens) and self.tokens[place].kind in ("number", "range")

    def _skip(self) -> None:
        """Passes signs, greetings and words that join clauses."""
        # A verb goes first: "plus de temps" begins like "plus", and "ya está" like a word that says nothing.
        while self.verb_at(self.place) is None:
            if not (self.take_sign() or self.take("and", "polite") or self.take_name()):
                return

    def _is_remark(self) -> bool:
        """Whether all the rest is a remark on what was ordered, and one that takes nothing back."""
        return not any(
            token.kind in _FACTS
            or token.text == "?"
            or self.width("not", place)
            or (self.width("count", place) and not token.text.startswith(ARTICLES))
            or self.verb_at(place)
            for place, token in enumerate(self.tokens[self.place :], start=self.place)
        )
