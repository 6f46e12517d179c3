"""What a message says to its reader, as a whole."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from mailwatch.detection import detector
from mailwatch.detection.detector import Context
from mailwatch.domain.reading import ReplyKind

ZONE = ZoneInfo("America/Chicago")
WEDNESDAY = datetime(2001, 5, 16, 10, tzinfo=ZONE)


def read(words: str, **known: object) -> detector.Reading:
    return detector.read(words, Context(WEDNESDAY, ZONE, **known))  # type: ignore[arg-type]


def test_a_polite_question_is_a_request_with_its_deadline() -> None:
    reading = read("Hi Ann,\n\nCould you send me the draft by Friday?\n\nThanks, Bob")
    assert reading.request
    assert reading.request.evidence is not None
    assert reading.request.evidence.rule == "en.request.can-you"
    assert str(reading.deadline) == "2001-05-18"


def test_an_offer_to_answer_questions_is_no_request() -> None:
    assert not read("The report is attached. Please let me know if you have any questions.").request


def test_a_request_to_somebody_else_by_name_is_none_of_the_reader() -> None:
    mail = "Bob, can you check the figures?"
    assert not read(mail, reader_names=("ann", "smith"), other_names=("bob",), sole_recipient=False).request
    assert read(mail, reader_names=("bob", "miller")).request
    assert read(mail, reader_names=("bob", "miller")).names_reader


def test_nothing_but_blank_lines_is_empty() -> None:
    assert read(" \n\n ").empty


def test_a_naive_time_of_sending_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Context(datetime(2001, 5, 16, 10), ZONE)  # noqa: DTZ001 - the naive time is what is tested


def test_an_unknown_language_falls_back_to_questions_and_says_so() -> None:
    reading = read("Tudsz holnap jönni a megbeszélésre az irodába velünk együtt?")
    assert reading.request.evidence is not None
    assert reading.request.evidence.rule == "unknown-language.request.question"


def test_a_reply_that_only_holds_is_an_acknowledgement() -> None:
    assert read("Got it, I'll look into it and get back to you.", own=True).reply is ReplyKind.ACKNOWLEDGEMENT
