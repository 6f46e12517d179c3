"""How the mails look: in a real browser, in four languages, at two widths, light, preferring dark, darkened by force.

What was seen lies in artefacts/screens afterwards, a folder a language.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from browser import CHROMIUM, Browser
from contrast import painted

from mailwatch.bootstrap.desks import sample_renderer
from mailwatch.runtime.sample_mails import LANGUAGES, MAILS, render_sample
from mailwatch.runtime.samples import sample_reminder

MISSING = "Chromium is not installed (Debian package chromium; `make test` installs it)"
if CHROMIUM is None and os.environ.get("CI") == "true":
    pytest.fail(MISSING)  # Where everything is to be tested, nothing may be left out silently.
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason=MISSING)

ROOT = Path(__file__).parent.parent.parent
SEEN = ROOT / "artefacts" / "screens"
MONDAY = datetime(2026, 11, 9, 7, 30, tzinfo=UTC)
WIDTHS = (600, 375)
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
# Texts that stand higher than the text before them in the source, but for cells of one row and columns of one table.
OUT_OF_ORDER = """
(() => {
  const wrong = [];
  let bottom = 0, row = null, column = null;
  for (const e of document.querySelectorAll("h1, h2, h3, p, td, th")) {
    if (e.querySelector("h1, h2, h3, p, td, th, table") || !e.textContent.trim()) continue;
    const box = e.getBoundingClientRect(), own = e.closest("tr");
    if (!box.height) continue;
    const half = e.closest(".half");
    if (half && column && half !== column) bottom = Math.min(bottom, half.getBoundingClientRect().top);
    column = half;
    if ((!own || own !== row) && box.top < bottom - 0.5) wrong.push(e.textContent.trim().slice(0, 40));
    row = own;
    bottom = Math.max(bottom, box.top);
  }
  return wrong;
})()
"""
# Bars whose length is not the share that they stand for: a bar without a width is not seen at all.
WRONG_BARS = """
[...document.querySelectorAll(".bar")].filter((e) => {
  const box = e.getBoundingClientRect(), track = e.closest(".track").getBoundingClientRect();
  return box.height < 8 || Math.abs(box.width / track.width - parseFloat(e.getAttribute("width")) / 100) > 0.02;
}).map((e) => `a bar of ${e.getAttribute("width")} is ${e.getBoundingClientRect().width} wide`)
"""
# What a screen reader needs: a language, words for pictures, tables that are layout or have heads, headings in steps.
HARD_TO_HEAR = """
(() => {
  const wrong = [];
  if (!document.documentElement.lang) wrong.push("no language");
  if (!document.title) wrong.push("no title");
  if (document.querySelectorAll("h1").length !== 1) wrong.push("not one h1");
  for (const e of document.querySelectorAll("img:not([alt])")) wrong.push("img without alt " + e.src);
  for (const e of document.querySelectorAll("table")) {
    const heads = e.querySelectorAll(":scope > tbody > tr > th[scope]");
    if (e.getAttribute("role") === "presentation" ? heads.length : !heads.length) wrong.push("table " + e.className);
  }
  for (const e of document.querySelectorAll("a")) if (!e.textContent.trim()) wrong.push("empty link " + e.href);
  let level = 0;
  for (const e of document.querySelectorAll("h1, h2, h3")) {
    if (+e.tagName[1] > level + 1) wrong.push("a step left out before " + e.textContent.trim());
    level = +e.tagName[1];
  }
  return wrong;
})()
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    shutil.rmtree(SEEN, ignore_errors=True)
    with Browser() as running:
        yield running


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", MAILS)
def test_a_mail_fits_can_be_read_and_fetches_nothing(
    browser: Browser, tmp_path: Path, name: str, language: str
) -> None:
    page = tmp_path / f"{name}.html"
    page.write_text(render_sample(sample_renderer(), name, MONDAY, language).html, encoding="utf-8")
    seen = SEEN / language
    seen.mkdir(parents=True, exist_ok=True)
    browser.open(page, WIDTHS[0])
    assert browser.evaluate("document.documentElement.lang") == language
    assert browser.evaluate(HARD_TO_HEAR) == []
    for width in WIDTHS:
        for way, (dark, forced) in WAYS.items():
            browser.look(width, dark=dark, forced=forced)
            browser.screenshot(seen / f"{name}-{width}-{way}.jpg", format="jpeg", quality=70, optimizeForSpeed=True)
            where = f"at {width}, {way}"
            assert browser.evaluate("document.documentElement.scrollWidth") == width, where
            assert browser.evaluate(STICKS_OUT) == [], where
            assert browser.evaluate(OUT_OF_ORDER) == [], where
            assert browser.evaluate(WRONG_BARS) == [], where
            if not forced:  # What a client makes of the colours is not in the computed styles.
                assert browser.evaluate(POOR_CONTRAST) == [], where
    assert browser.requests == []


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", MAILS)
def test_every_text_stands_out_as_it_is_painted(browser: Browser, tmp_path: Path, name: str, way: str) -> None:
    page = tmp_path / "mail.html"
    page.write_text(render_sample(sample_renderer(), name, MONDAY).html, encoding="utf-8")
    dark, forced = WAYS[way]
    browser.open(page, 600, dark=dark, forced=forced)
    measured = painted(browser, tmp_path)
    assert len(measured) > 10
    assert [line for line in measured if line[1] < 4.5] == []


@pytest.mark.parametrize(
    ("style", "least", "most"),
    [
        ("color:#767676;background:#ffffff", 4.4, 4.6),  # 4.54 by its definition.
        ("color:#999999;background:#ffffff", 2.7, 2.9),
        ("color:#000000;background:#ffffff", 20.5, 21),
        ("color:#1a5aa8;background:#ffffff;font-size:12px", 6.4, 6.9),
    ],
)
def test_the_painted_contrast_is_measured_rightly(
    browser: Browser, tmp_path: Path, style: str, least: float, most: float
) -> None:
    page = tmp_path / "grey.html"
    page.write_text(f'<p style="{style};font-family:sans-serif">How much does it stand out?</p>', encoding="utf-8")
    browser.open(page, 600)
    ((_, ratio),) = painted(browser, tmp_path)
    assert least <= ratio <= most


def test_what_a_client_darkens_is_measured_as_it_darkens_it(browser: Browser, tmp_path: Path) -> None:
    page = tmp_path / "dark.html"
    page.write_text('<p style="color:#555;background:#777">How much does it stand out?</p>', encoding="utf-8")
    ratios = []
    for forced in (False, True):
        browser.open(page, 600, forced=forced)
        ((_, ratio),) = painted(browser, tmp_path)
        ratios.append(ratio)
    assert ratios[0] < 4.5
    assert ratios[0] != ratios[1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_long_words_do_not_widen_a_mail(browser: Browser, tmp_path: Path, language: str) -> None:
    html = sample_renderer().reminder(sample_reminder(MONDAY, language)).html
    page = tmp_path / "long.html"
    page.write_text(html.replace("Budget", "B" * 190).replace("Dana", "D" * 60), encoding="utf-8")
    browser.open(page, 375)
    assert browser.evaluate(STICKS_OUT) == []


def test_a_mail_without_its_style_sheet_still_has_its_colours(browser: Browser, tmp_path: Path) -> None:
    html = sample_renderer().reminder(sample_reminder(MONDAY)).html
    start, end = html.index("<style"), html.index("</style>") + len("</style>")
    page = tmp_path / "bare.html"
    page.write_text(html[:start] + html[end:], encoding="utf-8")
    browser.open(page, 600)
    assert browser.evaluate(POOR_CONTRAST) == []
    assert browser.evaluate("getComputedStyle(document.querySelector('h1')).fontSize") == "24px"


@pytest.mark.parametrize(
    ("broken", "check"),
    [
        ('<p style="color:#999;background:#fff">pale</p>', POOR_CONTRAST),
        ('<div style="width:700px">wide</div>', STICKS_OUT),
        ('<p>first</p><p style="position:relative;top:-60px">second</p>', OUT_OF_ORDER),
        ("<table><tr><td>neither layout nor data</td></tr></table>", HARD_TO_HEAR),
        (
            '<table class="track"><tr style="display:block"><td class="bar" width="60%">.</td></tr></table>',
            WRONG_BARS,
        ),
    ],
)
def test_these_checks_find_what_is_wrong(browser: Browser, tmp_path: Path, broken: str, check: str) -> None:
    page = tmp_path / "broken.html"
    page.write_text(f'<html lang="en"><title>x</title><body><h1>x</h1>{broken}</body></html>', encoding="utf-8")
    browser.open(page, 600)
    assert browser.evaluate(check) != []


def test_a_request_to_the_network_is_seen(browser: Browser, tmp_path: Path) -> None:
    page = tmp_path / "tracking.html"
    page.write_text('<img src="http://127.0.0.1:9/pixel.png">', encoding="utf-8")
    browser.open(page, 600)
    assert browser.requests == ["http://127.0.0.1:9/pixel.png"]
