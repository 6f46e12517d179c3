"""Measures the contrast of every text as it is painted, from the pixels: what a client makes of colours is not in
the computed styles."""

from __future__ import annotations

import json
from pathlib import Path

from browser import Browser

SCALE = 2
"""Pixels to a CSS pixel: so large that the strokes of small print have their whole colour somewhere."""

# Every line of every text that is seen, as [words, left, top, right, bottom] in CSS pixels of the page.
_LINES = """
(() => {
  const lines = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), range = new Range();
  while (walker.nextNode()) {
    const node = walker.currentNode, style = getComputedStyle(node.parentElement);
    if (!node.data.trim() || style.display === "none" || node.parentElement.closest("style, .preheader")) continue;
    range.selectNodeContents(node);
    for (const box of range.getClientRects())
      if (box.width > 1 && box.height > 1)
        lines.push([node.data.trim(), box.left, box.top + scrollY, box.right, box.bottom + scrollY]);
  }
  return lines;
})()
"""
# Of a picture, for each of these lines: the commonest colour is the ground, the one farthest from it the text.
_MEASURE = """
((lines, scale) => {
  const picture = document.querySelector("img"), canvas = document.createElement("canvas");
  canvas.width = picture.naturalWidth;
  canvas.height = picture.naturalHeight;
  const paper = canvas.getContext("2d", { willReadFrequently: true });
  paper.drawImage(picture, 0, 0);
  const part = (v) => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
  const light = (c) => 0.2126 * part(c >> 16) + 0.7152 * part((c >> 8) & 255) + 0.0722 * part(c & 255);
  return lines.map(([words, left, top, right, bottom]) => {
    const [x, y] = [Math.floor(left * scale), Math.floor(top * scale)];
    const { data } = paper.getImageData(x, y, Math.ceil(right * scale) - x, Math.ceil(bottom * scale) - y);
    const counts = new Map();
    for (let n = 0; n < data.length; n += 4) {
      const colour = (data[n] << 16) | (data[n + 1] << 8) | data[n + 2];
      counts.set(colour, (counts.get(colour) || 0) + 1);
    }
    const ground = light([...counts].reduce((a, b) => (b[1] > a[1] ? b : a))[0]);
    const ratio = (c) => (Math.max(light(c), ground) + 0.05) / (Math.min(light(c), ground) + 0.05);
    return [words, Math.round(Math.max(...[...counts.keys()].map(ratio)) * 100) / 100];
  });
})
"""


def painted(browser: Browser, scratch: Path) -> list[tuple[str, float]]:
    """Each line of text of the page that is open, with its contrast (WCAG 2.2, 1.4.3); opens another page."""
    lines = browser.evaluate(_LINES)
    page = scratch / "picture.html"
    page.write_text(f'<img src="data:image/png;base64,{browser.picture(SCALE)}">', encoding="utf-8")
    browser.open(page, 600)
    measured = browser.evaluate(f"{_MEASURE}({json.dumps(lines)}, {SCALE})")
    return [(words, ratio) for words, ratio in measured]
