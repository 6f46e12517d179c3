"""What is told of a fault of ours: where it lies, and no word of a mail."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from mailwatch.detection.sidebyside import Steps, alone
from mailwatch.domain.fault import sentence_of, trace_of

WORDS = "The salary of Carol is 81000"


def raised(work: Callable[[], object]) -> Exception:
    with pytest.raises(KeyError) as caught:
        work()
    return caught.value


def reading() -> Steps[None]:
    yield
    raise KeyError(WORDS)


def test_a_fault_is_told_by_its_kind_and_the_innermost_line_of_ours() -> None:
    error = raised(lambda: alone(reading()))
    told = sentence_of(error)
    assert re.fullmatch(
        r"a fault of mailwatch itself \(KeyError in mailwatch/detection/sidebyside\.py:\d+\); please report it", told
    )
    assert sentence_of(error, "marked messages").startswith("a fault of mailwatch itself while it marked messages (")


def test_a_fault_that_came_through_no_line_of_ours_is_told_by_its_kind() -> None:
    for error in (KeyError(WORDS), raised(lambda: {}[WORDS])):
        assert sentence_of(error) == "a fault of mailwatch itself (KeyError); please report it"


def test_the_trace_shows_every_line_and_no_word_of_the_mail() -> None:
    trace = trace_of(raised(lambda: alone(reading())))
    assert trace.startswith("Traceback (most recent call last):\n")
    assert trace.endswith("\nKeyError")
    assert "sidebyside.py" in trace
    assert "in reading" in trace
    assert WORDS not in trace
