"""Lays plain text out in columns: wrapping and padding by the width that a fixed-width font gives each sign."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

COLUMNS = 72
_GAP = "  "
_LONGEST_BAR = 24
# Latin letters and the marks of punctuation that our languages use, each one column wide.
_ONE_EACH = re.compile("[\x20-\x7e\xa0-\xac\xae-\u024f\u2010-\u2027\u202f-\u205e]*")
_BREAKS = re.compile("[ \t]+")


def width(words: str) -> int:
    """How many columns words take: none for combining marks, two for wide signs (UAX 11)."""
    if words.isascii() or _ONE_EACH.fullmatch(words):
        return len(words)
    return sum(_width(sign) for sign in words)


def wrap(words: str, columns: int = COLUMNS, indent: str = "", first: str | None = None) -> str:
    """Words as lines of at most `columns`, each begun with `indent`, the first with `first`.

    Breaks at spaces, but for no-break ones; a word that is longer than a line is broken anywhere. Blank lines are
    kept as they are.
    """
    lead = indent if first is None else first
    if words.isprintable() and width(words) + width(lead) <= columns:
        return (lead + " ".join(words.split())).rstrip()  # Most words fit on a line as they are.
    lines: list[str] = []
    for paragraph in words.split("\n"):
        line, used = "", 0
        room = max(columns - width(lead), 1)
        for word in _BREAKS.split(paragraph):
            if not word:
                continue
            long = width(word)
            if line and used + 1 + long <= room:
                line, used = f"{line} {word}", used + 1 + long
                continue
            if line:
                lines.append(lead + line)
                lead, room = indent, max(columns - width(indent), 1)
            *full, line = _chunks(word, room) if long > room else [word]
            for piece in full:
                lines.append(lead + piece)
                lead = indent
            room = max(columns - width(lead), 1)
            used = width(line)
        lines.append((lead + line).rstrip())
        lead = indent
    return "\n".join(lines)


def pad(words: str, columns: int, *, right: bool = False) -> str:
    """Words filled up with spaces to `columns`; numbers go to the right."""
    space = " " * max(columns - width(words), 0)
    return space + words if right else words + space


def ends(left: str, right: str, columns: int = COLUMNS) -> str:
    """Two words at the two ends of a line; on lines of their own if they do not fit on one.

    What stands before two spaces on the left is a number, under which nothing is written.
    """
    gap = columns - width(left) - width(right)
    if gap >= 2:
        return left + " " * gap + right
    number, double, words = left.partition("  ")
    first = number + double if words else ""
    return f"{wrap(words or left, columns, ' ' * width(first), first)}\n{pad(right, columns, right=True)}"


def table(rows: Iterable[Sequence[str]], indent: str = "") -> str:
    """Rows of cells as aligned columns: the first column to the left, the others to the right.

    Where the rows are longer than a line, the first column is wrapped, and the others stand beside its last line.
    """
    cells = [tuple(row) for row in rows]
    if not cells:
        return ""
    widths = [max(width(cell) for cell in column) for column in zip(*cells, strict=True)]
    others = sum(len(_GAP) + columns for columns in widths[1:])
    widths[0] = min(widths[0], max(COLUMNS - width(indent) - others, 8))
    lines: list[str] = []
    for first, *rest in cells:
        *above, last = wrap(first, widths[0]).split("\n")
        numbers = (pad(cell, columns, right=True) for cell, columns in zip(rest, widths[1:], strict=True))
        lines += [indent + line for line in above]
        lines.append((indent + _GAP.join((pad(last, widths[0]), *numbers))).rstrip())
    return "\n".join(lines)


def bar(share: float) -> str:
    """A bar of text: `share` is 0 to 1 of the longest; more than nothing shows at least one sign."""
    filled = round(max(0.0, min(share, 1.0)) * _LONGEST_BAR)
    return "#" * (max(filled, 1) if share > 0 else 0)


def chart(rows: Sequence[tuple[str, str, float]]) -> str:
    """Rows of (label, value, share of the longest) as a chart: the label, the value to the right, the bar."""
    labels = max((width(label) for label, _, _ in rows), default=0)
    values = max((width(value) for _, value, _ in rows), default=0)
    return "\n".join(
        f"{pad(label, labels)}  {pad(value, values, right=True)}  {bar(share)}".rstrip()
        for label, value, share in rows
    )


@lru_cache(maxsize=4096)
def _width(sign: str) -> int:
    if unicodedata.category(sign) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(sign) in "WF" else 1


def _chunks(word: str, room: int) -> list[str]:
    """A word in pieces of at most `room` columns."""
    if width(word) <= room:
        return [word]
    pieces: list[str] = []
    piece, filled = "", 0
    for sign in word:
        if filled + _width(sign) > room and piece:
            pieces.append(piece)
            piece, filled = "", 0
        piece += sign
        filled += _width(sign)
    return [*pieces, piece]
