"""What the new words of one message say, as values: what is asked, promised, held back, and by when."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, time, tzinfo
from enum import StrEnum

EVIDENCE_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Evidence:
    """The rule that fired and the sentence that it fired on, cut to 200 characters."""

    rule: str
    words: str


@dataclass(frozen=True, slots=True)
class Finding:
    """How sure it is, 0 to 1, that the message does something, and what showed it."""

    score: float = 0.0
    evidence: Evidence | None = None

    def __bool__(self) -> bool:
        """Whether it is taken to be so: half or more."""
        return self.score >= 0.5


@dataclass(frozen=True, slots=True)
class Deadline:
    """What a sender wrote as the latest time: a day, perhaps a clock time, and the words.

    `zone` is the one that the words named, or None for the zone of the person who reads.
    """

    day: date
    clock: time | None
    words: str
    zone: tzinfo | None = None

    def __str__(self) -> str:
        """YYYY-MM-DD or YYYY-MM-DDTHH:MM."""
        return self.day.isoformat() + (f"T{self.clock:%H:%M}" if self.clock else "")


class ReplyKind(StrEnum):
    """What a message is as a reply to a request."""

    ANSWER = "answer"
    ACKNOWLEDGEMENT = "acknowledgement"
    QUESTION = "question"
    DECLINE = "decline"
    REDIRECT = "redirect"
    RENEGOTIATION = "renegotiation"
    THANKS = "thanks"
    WITHDRAWAL = "withdrawal"


@dataclass(frozen=True, slots=True)
class Reading:
    """What the new words of a message say to its reader.

    `request` is true only if the reader is asked: a question put to somebody else by name is none.
    `names_reader` says that the reader is called by name, which a request in Cc needs; `asked_apart` that what is
    asked is asked of them by name, so that nobody else who was asked can settle it; `points_at_reader` that it says
    no more than that the reader has or knows it: "I think Ann has it."
    `names_others` are those of several recipients, as addr-specs, whom a mail of the reader's own names, or whose
    names nobody knows; `calls_others` says that it speaks to some of them by name.
    `asks_to_do` says that something is to be done, which no time alone answers; `only_a_time` that the reader's own
    mail names nothing but a time.
    `reply` is what the message would be if it answers a request; `ANSWER` when nothing says otherwise.
    `urgency` is the urgent word that was found, in lower case. `language` is an ISO 639-1 code, "und" if
    unknown. `empty` says that no new words were found.
    """

    request: Finding = Finding()
    promise: Finding = Finding()
    holding: Finding = Finding()
    withdrawal: Finding = Finding()
    request_deadline: Deadline | None = None
    promise_deadline: Deadline | None = None
    reply: ReplyKind = ReplyKind.ANSWER
    names_reader: bool = False
    asked_apart: bool = False
    points_at_reader: bool = False
    names_others: tuple[str, ...] = ()
    calls_others: bool = False
    asks_to_do: bool = False
    only_a_time: bool = False
    urgency: str | None = None
    language: str = "und"
    empty: bool = False

    @property
    def deadline(self) -> Deadline | None:
        """The earliest due time in the message."""
        both = [d for d in (self.request_deadline, self.promise_deadline) if d]
        return min(both, key=lambda d: (d.day, d.clock or time.max)) if both else None


NOTHING_READ = Reading()


def wordless(deadline: Deadline | None) -> Deadline | None:
    """A deadline without the words that named it."""
    return replace(deadline, words="") if deadline else None


def without_words(reading: Reading) -> Reading:
    """The reading without a word of the message: what was found and by which rule, and the due times."""

    def silent(found: Finding) -> Finding:
        return replace(found, evidence=Evidence(found.evidence.rule, "")) if found.evidence else found

    return replace(
        reading,
        request=silent(reading.request),
        promise=silent(reading.promise),
        holding=silent(reading.holding),
        withdrawal=silent(reading.withdrawal),
        request_deadline=wordless(reading.request_deadline),
        promise_deadline=wordless(reading.promise_deadline),
    )
