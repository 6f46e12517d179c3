"""What `report` prints: whose figures, of which moment, and a table that fits into every terminal."""

from __future__ import annotations

import io
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from rich.console import Console

from mailwatch.cli.report import CUT, HEAD, row_of
from mailwatch.cli.screen import tables_for
from mailwatch.cli.table import full_moment
from mailwatch.domain.summary import WeekFigures

WEEKS = [
    WeekFigures(
        date(2026, 11, 16) - timedelta(weeks=back), 120, 110, timedelta(hours=12), None, 0.6, 12, 3, 4, 1, 0, 2
    )
    for back in range(8)
]


def drawn(columns: int) -> str:
    out = io.StringIO()
    console = Console(file=out, width=columns, highlight=False, no_color=True)
    console.print(tables_for(HEAD, [row_of(week) for week in WEEKS], columns, CUT))
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines())


@pytest.mark.parametrize("columns", [50, 60, 79, 80, 120])
def test_no_word_of_the_report_is_broken_and_no_line_is_too_long(columns: int) -> None:
    text = drawn(columns)
    assert all(len(line) <= columns for line in text.splitlines())
    for word in HEAD:
        assert word in text, word
    assert len(re.findall(r"^2026-\d\d-\d\d +120 +110 +12\.0 +– +60%", text, re.MULTILINE)) == len(WEEKS)


def test_eighty_columns_hold_one_table_and_sixty_hold_two() -> None:
    assert drawn(80).count("WEEK OF") == 1
    narrow = drawn(60)
    assert narrow.count("WEEK OF") == 2
    assert re.search(r"^WEEK OF +PROMISES +KEPT +LATE +MISSED$", narrow, re.MULTILINE)


def test_a_very_narrow_terminal_gets_more_tables() -> None:
    assert all(len(line) <= 30 for line in drawn(30).splitlines())
    assert drawn(30).count("2026-11-16") > 2


def test_a_moment_is_said_with_its_weekday_and_year() -> None:
    assert full_moment(datetime(2026, 3, 9, 9, 5, tzinfo=UTC)) == "Monday 9 March 2026, 09:05"
