"""How the mails look: in a real browser, at two widths, light, preferring dark, and darkened by the client."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from browser import CHROMIUM, Browser

from mailwatch.adapters.templates import TemplateRenderer
from mailwatch.runtime.samples import WEEKS, sample_reminder, sample_summary

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed (Debian package chromium)")

MONDAY = datetime(2026, 11, 9, 7, 30, tzinfo=UTC)
MAILS = ("reminder", *WEEKS)
WAYS = {"light": (False, False), "dark": (True, False), "forced": (False, True)}

# Every text with the contrast to what lies behind it (WCAG 2.2, 1.4.3), as [words, ratio], the poor ones only.
POOR_CONTRAST = """
(() => {
  const parse = (c) => { const m = c.match(/[\\d.]+/g).map(Number); return m.length < 4 ? [...m, 1] : m; };
  const light = ([r, g, b]) => {
    const f = (v) => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
    return 0.2126 * f(r) + 0.7152 * f(g) + 0.0722 * f(b);
  };
  const behind = (e) => {
    for (; e; e = e.parentElement) {
      const c = parse(getComputedStyle(e).backgroundColor);
      if (c[3] === 1) return c;
    }
    return [255, 255, 255, 1];
  };
  const poor = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const e = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || getComputedStyle(e).display === "none" || e.closest("style")) continue;
    const [a, b] = [light(parse(getComputedStyle(e).color)), light(behind(e))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) poor.push([walker.currentNode.data.trim(), Math.round(ratio * 100) / 100]);
  }
  return poor;
})()
"""
# Whatever sticks out of the window, or out of the cell that holds it.
STICKS_OUT = """
[...document.querySelectorAll("body *")].filter((e) => {
  const box = e.getBoundingClientRect();
  return box.width && (box.right > innerWidth + 0.5 || box.left < -0.5 || e.scrollWidth > e.clientWidth + 1
    && getComputedStyle(e).display !== "inline");
}).map((e) => e.tagName + "." + e.className + ": " + e.textContent.trim().slice(0, 40))
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as running:
        yield running


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mails")
    renderer = TemplateRenderer(answers_to="mailwatch@example.com")
    for name in MAILS:
        mail = (
            renderer.reminder(sample_reminder(MONDAY))
            if name == "reminder"
            else renderer.weekly_summary(sample_summary(name, MONDAY))
        )
        (folder / f"{name}.html").write_text(mail.html, encoding="utf-8")
    return folder


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("width", [600, 375])
@pytest.mark.parametrize("name", MAILS)
def test_a_mail_fits_can_be_read_and_fetches_nothing(
    browser: Browser, pages: Path, name: str, width: int, way: str
) -> None:
    dark, forced = WAYS[way]
    browser.open(pages / f"{name}.html", width, dark=dark, forced=forced)
    assert browser.evaluate("document.documentElement.scrollWidth") == width
    assert browser.evaluate(STICKS_OUT) == []
    if not forced:  # What a client makes of the colours is not in the computed styles.
        assert browser.evaluate(POOR_CONTRAST) == []
    assert browser.requests == []


def test_long_words_do_not_widen_a_mail(browser: Browser, tmp_path: Path) -> None:
    renderer = TemplateRenderer(answers_to="mailwatch@example.com")
    html = renderer.reminder(sample_reminder(MONDAY)).html.replace("Budget", "B" * 190).replace("Dana", "D" * 60)
    page = tmp_path / "long.html"
    page.write_text(html, encoding="utf-8")
    browser.open(page, 375)
    assert browser.evaluate(STICKS_OUT) == []


def test_a_mail_without_its_style_sheet_still_has_its_colours(browser: Browser, pages: Path, tmp_path: Path) -> None:
    html = (pages / "reminder.html").read_text(encoding="utf-8")
    start, end = html.index("<style"), html.index("</style>") + len("</style>")
    page = tmp_path / "bare.html"
    page.write_text(html[:start] + html[end:], encoding="utf-8")
    browser.open(page, 600)
    assert browser.evaluate(POOR_CONTRAST) == []
    assert browser.evaluate("getComputedStyle(document.querySelector('h1')).fontSize") == "24px"
