"""Holidays by code and by day, and the sentences for codes that are none."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime

import pytest

from mailwatch.adapters.workdays import free_days
from mailwatch.errors import SettingsError

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def test_a_country_a_part_of_one_and_a_day_add_up() -> None:
    days = free_days(["DE-BY", "us", "2026-12-24"], NOW)
    assert {date(2026, 1, 6), date(2026, 10, 3), date(2026, 7, 3), date(2026, 12, 24)} <= days
    assert date(2026, 12, 27) not in days


@pytest.mark.parametrize(
    ("day", "free"),
    [(date(2023, 12, 25), False), (date(2024, 1, 1), True), (date(2028, 12, 25), True), (date(2029, 1, 1), False)],
)
def test_two_years_before_and_two_years_after_are_known(day: date, free: bool) -> None:
    assert (day in free_days(["DE"], NOW)) is free


def test_parts_of_a_country_differ() -> None:
    assert date(2026, 1, 6) in free_days(["DE-BY"], NOW)
    assert date(2026, 1, 6) not in free_days(["DE-BE"], NOW)
    assert free_days(["UK"], NOW) == free_days(["GB"], NOW)


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("DE-BA", "no part of DE whose holidays are known; near it are .*DE-BY"),
        ("Germany", 'no country whose holidays are known; a country is two letters such as "DE"'),
        ("XX", "'XX' is no country"),
        ("", "'' is no country"),
        ("DE-BY-X", "is no country"),
        ("2026-13-01", "'2026-13-01' is no day"),
        ("24.12.", "is no day"),
    ],
)
def test_a_code_that_is_none_is_told_with_what_is_near(name: str, word: str) -> None:
    with pytest.raises(SettingsError, match=word) as told:
        free_days([name], NOW)
    assert str(told.value).startswith("calendar.holidays: ")


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="no zone"):
        free_days(["DE"], NOW.replace(tzinfo=None))


def test_single_days_do_not_load_the_library() -> None:
    program = (
        "import sys; from datetime import UTC, datetime; from mailwatch.adapters.workdays import free_days; "
        "free_days(['2026-12-24'], datetime(2026, 1, 1, tzinfo=UTC)); print('holidays' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
