"""Work that is done step by step on many things at once."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailwatch.cli import explain
from mailwatch.detection import reader
from mailwatch.detection.sidebyside import AT_ONCE, Steps, together
from mailwatch.domain.message import Headers, Text
from mailwatch.domain.people import Address, User
from mailwatch.domain.policy import Policy
from mailwatch.domain.workcalendar import WorkCalendar

MAILS = Path(__file__).parent.parent / "corpus" / "ordinary" / "en.jsonl"
ANN, BOB = Address("ann@example.com", "Ann Smith"), Address("bob@example.com", "Bob Jones")
POLICY = Policy(User(ANN), WorkCalendar(UTC))
HEADERS = Headers("1", datetime(2026, 3, 9, 10, tzinfo=UTC), author=BOB, to=(ANN,), subject="Figures")


def _counting(to: int, log: list[int]) -> Steps[int]:
    for number in range(to):
        log.append(number)
        yield
    return to


@given(st.lists(st.integers(0, 5), max_size=2 * AT_ONCE + 5))
def test_what_was_found_comes_in_the_order_of_the_works(lengths: list[int]) -> None:
    assert together(_counting(length, []) for length in lengths) == lengths


def test_each_step_is_done_on_all_before_the_next_one() -> None:
    log: list[int] = []
    together([_counting(2, log), _counting(3, log), _counting(1, log)])
    assert log == [0, 0, 0, 1, 1, 2]


def test_no_more_is_begun_at_once_than_a_batch() -> None:
    log: list[int] = []
    together(_counting(2, log) for _ in range(AT_ONCE + 1))
    assert log == [0] * AT_ONCE + [1] * AT_ONCE + [0, 1]


def test_what_one_raises_is_raised() -> None:
    def broken() -> Steps[int]:
        yield
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        together([_counting(1, []), broken()])


def test_messages_say_the_same_side_by_side_as_alone() -> None:
    texts = [json.loads(line)["text"] for line in MAILS.read_text("utf-8").splitlines()]
    messages = [(HEADERS, Text("1", text)) for text in texts]
    one_by_one = [reader.read_message(headers, text, POLICY) for headers, text in messages]
    assert reader.read_messages(messages, POLICY) == one_by_one


def test_a_line_is_handed_on_before_the_next_one_has_come() -> None:
    come_out, go_in = os.pipe()
    with open(come_out, "rb") as source, open(go_in, "wb", buffering=0) as sink:
        batches = explain._as_they_come(source)
        for line in (b"one\n", b"two\nthree\n"):
            sink.write(line)
            assert next(batches) == line.splitlines()
        sink.write(b"fo")
        sink.write(b"ur\nfi")
        assert next(batches) == [b"four"]
        sink.close()
        assert list(batches) == [[b"fi"]]
