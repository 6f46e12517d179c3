"""What the mails ask of mail programs: nothing that one of them lacks, but for what may be missing without harm."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest

from mailwatch.bootstrap.desks import sample_renderer
from mailwatch.runtime.sample_mails import MAILS, render_sample

SUPPORT = json.loads((Path(__file__).parent.parent / "screens" / "client_support.json").read_text(encoding="utf-8"))
FEATURES: dict[str, dict[str, list[str]]] = SUPPORT["features"]
MONDAY = datetime(2026, 11, 9, 7, 30, tzinfo=UTC)

# What some program lacks, and why that does no harm there.
TOLERATED = {
    "css-border-radius": "Corners are square then.",
    "css-color-scheme": "The colours are light then, or darkened by the program.",
    "html-meta-color-scheme": "As with color-scheme.",
    "css-at-media": "The wide layout is fluid: it fits a narrow screen, only with more room at the edges.",
    "css-at-media-prefers-color-scheme": "The colours are light then, or darkened by the program.",
    "css-height": "The bars have a line height too.",
    "css-max-height": "The preheader has display: none, and mso-hide for Outlook.",
    "css-opacity": "As with max-height.",
    "css-overflow": "As with max-height.",
    "css-overflow-wrap": "word-wrap and word-break stand beside it.",
    "css-word-break": "word-wrap and overflow-wrap stand beside it.",
    "css-word-wrap": "As with word-break; in Outlook on Windows a very long word may widen the mail.",
    "css-table-layout": "Widths are given as attributes too; Outlook on Windows gets a table of 600 pixels.",
    "css-white-space": "A status of two words may break.",
    "html-body": "The colour of the ground stands in the outermost table too.",
    "html-doctype": "The layout is the same in quirks mode.",
}
# Of these there is no data; all of CSS 1 and HTML 4, or a prefix of one program.
PLAIN = {"css-color", "css-font-family", "css-mso-hide", "css-supported-color-schemes"}
_FAMILIES = ("border", "padding", "margin", "font", "background")
_TAGS = {
    **dict.fromkeys(("table", "tbody", "tr", "td", "th"), "html-table"),
    **dict.fromkeys(("h1", "h2", "h3"), "html-h1-h6"),
    **dict.fromkeys(("html", "head", "meta", "title"), ""),
    "a": "html-mailto-links",
}
# HTML 4 attributes without data, and what only our inliner reads.
_ATTRIBUTES = {
    "bgcolor",
    "border",
    "charset",
    "class",
    "content",
    "data-css-inline",
    "href",
    "name",
    "scope",
    "style",
}


class Asked(HTMLParser):
    """The features that an HTML mail asks for, by their names at caniemail.com."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.features: set[str] = {"html-doctype"}
        self._style = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._style = tag == "style"
        self.features.add(_TAGS.get(tag, f"html-{tag}"))
        for name, value in attrs:
            if name == "style":
                self.features |= set(_properties(value or ""))
            elif name not in _ATTRIBUTES:
                self.features.add(f"html-{name}")
            elif (name, value) == ("name", "color-scheme"):
                self.features.add("html-meta-color-scheme")

    def handle_data(self, data: str) -> None:
        if not self._style:
            return
        for condition in re.findall(r"@media \(([a-z-]+)", data):
            self.features |= {"css-at-media", f"css-at-media-{condition}"} & set(FEATURES)
        for rule in re.findall(r"\{([^{}]*)\}", data):
            self.features |= set(_properties(rule))
        if "!important" in data:
            self.features.add("css-important")

    def handle_comment(self, data: str) -> None:
        self.features.add("html-comments")


def _properties(rules: str) -> Iterator[str]:
    """Features of declarations: a longhand without data of its own counts as its shorthand."""
    for declaration in filter(str.strip, rules.split(";")):
        name, _, value = (part.strip() for part in declaration.partition(":"))
        feature = f"css-{name}"
        if feature not in FEATURES and name.partition("-")[0] in _FAMILIES and feature not in PLAIN:
            feature = f"css-{name.partition('-')[0]}"
        yield feature
        if name == "display":
            yield f"css-display-{value}" if f"css-display-{value}" in FEATURES else "css-display"
        yield from (
            f"css-unit-{unit.replace('%', 'percent')}" for unit in re.findall(r"\d(px|em|rem|vh|vw|%)", value)
        )


@pytest.fixture(scope="module")
def asked() -> set[str]:
    renderer = sample_renderer()
    return {
        feature for name in MAILS for feature in Asked(render_sample(renderer, name, MONDAY).html).features if feature
    }


def test_no_mail_needs_what_a_mail_program_lacks(asked: set[str]) -> None:
    lacking = {feature: FEATURES[feature]["lacking"] for feature in asked if feature in FEATURES}
    assert {feature: who for feature, who in lacking.items() if who and feature not in TOLERATED} == {}


def test_of_every_feature_there_is_data_or_it_is_as_old_as_mail(asked: set[str]) -> None:
    assert asked - set(FEATURES) - PLAIN == set()


def test_nothing_is_tolerated_that_no_mail_asks_for(asked: set[str]) -> None:
    assert {feature for feature in TOLERATED if feature not in asked or not FEATURES[feature]["lacking"]} == set()


@pytest.mark.parametrize(
    ("html", "feature"),
    [
        ("<svg></svg>", "html-svg"),
        ('<p style="display: flex">', "css-display-flex"),
        ('<p style="width: 3rem">', "css-unit-rem"),
        ("<form>", "html-form"),
        ('<p hidden="">', "html-hidden"),
        ("<style>p { position: absolute }</style>", "css-position"),
    ],
)
def test_the_lint_sees_what_would_not_show(html: str, feature: str) -> None:
    assert feature in Asked(html).features
    assert FEATURES[feature]["lacking"]
    assert feature not in TOLERATED


def test_the_programs_are_those_that_people_use() -> None:
    assert SUPPORT["clients"] == [
        *("Gmail", "Outlook on Windows", "Outlook on the Mac", "Outlook on the web", "Apple Mail", "Yahoo"),
        "Thunderbird",
    ]
