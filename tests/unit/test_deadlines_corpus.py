"""Due times in mails that were written down before the rules were: those that are read right stay so."""

from __future__ import annotations

import tomllib
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from mailwatch.detection import detector
from mailwatch.detection.detector import Context

ZONE = ZoneInfo("Europe/Berlin")
CONTEXT = Context(datetime(2026, 11, 18, 10, tzinfo=ZONE), ZONE)
FILES = {file.stem: file for file in (Path(__file__).parents[1] / "corpus" / "deadlines").glob("*.toml")}
PARTS = [
    (language, part, rows)
    for language, file in sorted(FILES.items())
    for part, rows in tomllib.loads(file.read_text("utf-8")).items()
    if isinstance(rows, list)
]
RIGHT = 0.88
FALSE = 0.02
LAST_RIGHT = 0.8
"""Of the last set, for which the rules were hardly changed."""
UNTIL_WRONG = {"de": 7, "fr": 3, "es": 3}
"""So many of those that tell what lasts until a day from what is due by then are known to be read wrong."""


def test_each_language_has_as_many_rows_as_it_should() -> None:
    rows = {language: sum(len(rows) for name, _, rows in PARTS if name == language) for language in FILES}
    assert rows["en"] >= 150
    assert all(rows[language] >= 60 for language in ("de", "fr", "es"))


@pytest.mark.parametrize(("language", "part", "rows"), PARTS, ids=[f"{code} {part}" for code, part, _ in PARTS])
def test_due_times_are_read_as_they_are_meant(language: str, part: str, rows: list[list[str]]) -> None:
    found = {text: str(detector.read(text, CONTEXT).deadline or "") for text, _ in rows}
    missed = [(text, due, found[text]) for text, due in rows if due and found[text] != due]
    false = [(text, found[text]) for text, due in rows if not due and found[text]]
    due = sum(bool(due) for _, due in rows)
    if part == "until":
        assert len(missed) + len(false) <= UNTIL_WRONG[language], (missed, false)
        return
    assert due - len(missed) >= (LAST_RIGHT if part == "last" else RIGHT) * due, missed
    assert len(false) <= max(FALSE * (len(rows) - due), 1), false
