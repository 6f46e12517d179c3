"""docs/howto/templates.md: it lists every field of every view, with what the sample says."""

from __future__ import annotations

import dataclasses
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mailwatch.adapters.templates import TemplateRenderer
from mailwatch.domain.letterview import welcome_view
from mailwatch.domain.reminderview import reminder_view
from mailwatch.domain.weekview import week_view
from mailwatch.domain.wording import Wording
from mailwatch.runtime.sample_letters import sample_welcome
from mailwatch.runtime.samples import sample_reminder, sample_summary

ROOT = Path(__file__).parent.parent.parent
HOWTO = (ROOT / "docs" / "howto" / "templates.md").read_text(encoding="utf-8")
THURSDAY = datetime(2026, 11, 5, 8, 0, tzinfo=UTC)
MONDAY = datetime(2026, 11, 9, 7, 30, tzinfo=UTC)
OURS = "mailwatch@example.com"


def _views() -> dict[str, object]:
    reminder, week, welcome = sample_reminder(THURSDAY), sample_summary("usual", MONDAY), sample_welcome(MONDAY)
    zone = reminder.policy.calendar.zone
    shown = reminder_view(reminder, Wording(THURSDAY, zone), OURS)
    told = week_view(week, Wording(MONDAY, zone), OURS)
    item = shown.requests[0]
    views = (shown, told, welcome_view(welcome, Wording(MONDAY, zone), OURS), item, item.status)
    return {type(view).__name__: view for view in (*views, item.commands[0], told.by_weekday[0])}


VIEWS = _views()


def _rows(view: str) -> dict[str, str]:
    """The fields that the page lists for a view, with their examples."""
    section = HOWTO.partition(f"(`{view}`)")[2].partition("\n### ")[0].partition("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \| (.*) \|$", section, re.MULTILINE)
    return {name: example.replace("\\<", "<").replace("\\|", "|") for name, example in rows}


@pytest.mark.parametrize("name", VIEWS)
def test_every_field_is_listed_and_no_other(name: str) -> None:
    view = VIEWS[name]
    assert dataclasses.is_dataclass(view)
    assert list(_rows(name)) == [field.name for field in dataclasses.fields(view)]


@pytest.mark.parametrize("name", VIEWS)
def test_the_examples_are_those_of_the_samples(name: str) -> None:
    view = VIEWS[name]
    for field, example in _rows(name).items():
        value = getattr(view, field)
        if isinstance(value, str) and not value.startswith("mailto:"):
            assert example == (str(value) or "(empty)"), field
        elif isinstance(value, int):
            assert example == str(value), field


def test_every_filter_for_text_and_every_shared_template_is_named() -> None:
    environment = TemplateRenderer()._environment("en")
    own = {"wrap", "ends", "columns", "columns_left", "bars"}
    assert own <= set(environment.filters)
    for name in (*own, *(name for name in TemplateRenderer().template_names() if name.startswith("_")), "email.css"):
        assert f"`{name}" in HOWTO, name
