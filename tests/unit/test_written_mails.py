"""Mails and replies that the models have learnt from, and others that they have not.

The first show that code and weights still belong together, the others how mails of strangers are read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from mailwatch.detection import detector
from mailwatch.detection.detector import Context

CORPUS = Path(__file__).parents[1] / "corpus"
SENT_AT = datetime(2001, 5, 16, 10, tzinfo=UTC)
TRADES = sorted(file.stem for file in (CORPUS / "mails").glob("*.jsonl"))


def rows(folder: str, trade: str) -> list[Mapping[str, Any]]:
    return [json.loads(line) for line in (CORPUS / folder / f"{trade}.jsonl").read_text("utf-8").splitlines()]


def f1(pairs: list[tuple[bool, bool]]) -> float:
    right = sum(said and found for said, found in pairs)
    return 2 * right / sum(said + found for said, found in pairs)


def test_there_are_sixteen_trades_with_mails_and_replies() -> None:
    assert len(TRADES) == 16
    assert all(len(rows("mails", trade)) >= 200 and len(rows("replies", trade)) == 160 for trade in TRADES)


def names(*patterns: str) -> list[str]:
    """The files of the corpus of some patterns, without their ending."""
    found = [file for pattern in patterns for file in CORPUS.glob(pattern)]
    return sorted(file.relative_to(CORPUS).as_posix()[: -len(".jsonl")] for file in found)


ABROAD = {language: names(f"mails/{language}/**/*.jsonl") for language in ("de", "fr", "es")}
LATER = datetime(2026, 11, 18, 10, tzinfo=ZoneInfo("Europe/Berlin"))
EVERYDAY = names("everyday/*/*.jsonl")
VARIOUS = names("various/*/*.jsonl")


@pytest.mark.parametrize(
    "name", names("mails/**/*.jsonl", "unseen/*/plain*.jsonl", "unseen/*/hinting.jsonl") + EVERYDAY + VARIOUS
)
def test_what_was_marked_in_a_mail_stands_in_it(name: str) -> None:
    for row in rows(*name.rsplit("/", 1)):
        assert all(marked in row["text"] for marked in (*row["asks"], *row["promises"]))


@pytest.mark.parametrize("trade", TRADES)
def test_requests_and_promises_are_found_in_mails_that_were_learnt_from(trade: str) -> None:
    read = [(row, detector.read(row["text"], Context(SENT_AT, UTC))) for row in rows("mails", trade)]
    assert f1([(bool(row["asks"]), bool(reading.request)) for row, reading in read]) > 0.6
    assert f1([(bool(row["promises"]), bool(reading.promise)) for row, reading in read]) > 0.8


@pytest.mark.parametrize("trade", TRADES)
def test_replies_that_were_learnt_from_are_told_right(trade: str) -> None:
    context = Context(SENT_AT, UTC, own=True, is_reply=True)
    told = [detector.read(row["text"], context).reply.value == row["kind"] for row in rows("replies", trade)]
    assert sum(told) > 0.95 * len(told)


def test_everyday_mails_of_strangers_are_read_as_they_were_meant() -> None:
    assert len(EVERYDAY) == 8
    mails = [row for name in EVERYDAY for row in rows(*name.rsplit("/", 1))]
    read = [(row, detector.read(row["text"], Context(SENT_AT, UTC))) for row in mails]
    assert f1([(bool(row["asks"]), bool(reading.request)) for row, reading in read]) > 0.92
    assert f1([(bool(row["promises"]), bool(reading.promise)) for row, reading in read]) > 0.88
    named = [reading.deadline is not None for row, reading in read if not row["deadline"]]
    assert sum(named) < 0.04 * len(named)


def test_mails_full_of_hints_are_read_in_part() -> None:
    assert len(VARIOUS) == 4
    mails = [row for name in VARIOUS for row in rows(*name.rsplit("/", 1))]
    read = [(row, detector.read(row["text"], Context(SENT_AT, UTC))) for row in mails]
    assert f1([(bool(row["asks"]), bool(reading.request)) for row, reading in read]) > 0.8
    assert f1([(bool(row["promises"]), bool(reading.promise)) for row, reading in read]) > 0.82
    assert sum(reading.deadline is not None for row, reading in read if not row["deadline"]) < 0.04 * len(read)


@pytest.mark.parametrize("language", sorted(ABROAD))
def test_plain_mails_of_strangers_are_read_in_other_languages(language: str) -> None:
    assert sum(len(rows(*name.rsplit("/", 1))) for name in ABROAD[language]) >= 1500
    read = [
        (row, detector.read(row["text"], Context(LATER, LATER.tzinfo or UTC)))
        for row in rows(f"unseen/{language}", "plain")
    ]
    assert f1([(bool(row["asks"]), bool(reading.request)) for row, reading in read]) > 0.8
    assert f1([(bool(row["promises"]), bool(reading.promise)) for row, reading in read]) > 0.75
    due = [
        reading.deadline and row["deadline"].startswith(reading.deadline.day.isoformat())
        for row, reading in read
        if row["deadline"]
    ]
    assert sum(map(bool, due)) > 0.65 * len(due)


@pytest.mark.parametrize("language", sorted(ABROAD))
def test_replies_of_strangers_are_told_in_other_languages(language: str) -> None:
    context = Context(LATER, UTC, own=True, is_reply=True)
    replies = rows(f"unseen/{language}", "replies")
    told = [(row["kind"], detector.read(row["text"], context).reply.value) for row in replies]
    assert sum(kind == found for kind, found in told) > 0.7 * len(told)
    assert told.count(("acknowledgement", "answer")) <= 0.25 * sum(kind == "acknowledgement" for kind, _ in told)
