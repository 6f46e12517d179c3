"""Gathers the words of a page into lines of text, quoted ones and answers among them marked."""

from __future__ import annotations

import re
from typing import Final

_MOST_QUOTES: Final = 20
_SEPARATOR: Final = "-----Original Message-----"
ANSWER: Final = "==> "
"""Stands before a line that its colour tells from a quoted text, where the words above say so."""
_MOSTLY: Final = 0.8
SPACES = re.compile(r"[ \t\r\n\f]+")


class Writer:
    """Gathers words into lines; those in one of `colours` answer what they stand among."""

    def __init__(self, colours: frozenset[str]) -> None:
        self.colours = colours
        self.shades: list[bool] = []
        self.separated = False
        self._said = self._shaded = 0
        self.lines: list[str] = []
        self.depth = 0
        self.pre = 0
        self.in_attribution = False
        self._pieces: list[str] = []

    def has_said_something(self) -> bool:
        """Whether words stand above that are not quoted; else what follows is no signature, whatever it is called."""
        return any(line and line[0] != ">" for line in self.lines) or any(map(str.strip, self._pieces))

    def words(self, text: str, *, any_pre: bool) -> None:
        """Adds words to the line; inside pre, line ends count."""
        said = len(text.strip()) if self.colours else 0
        self._said += said
        self._shaded += said if self.shades and self.shades[-1] else 0
        if not any_pre:
            text = SPACES.sub(" ", text)
            if text and text != " ":
                self._pieces.append(text)
            elif text and self._pieces:
                self._pieces.append(" ")
            return
        first, *others = text.split("\n")
        self._pieces.append(first)
        for other in others:
            self.line_break()
            self._pieces.append(other)

    def line_break(self) -> None:
        """Ends the line, though it may be empty."""
        line = "".join(self._pieces).rstrip()
        line = line if self.pre else line.strip()
        self._pieces.clear()
        answers = self._shaded and self._shaded >= _MOSTLY * self._said and (self.depth or self.separated)
        self._said = self._shaded = 0
        if not answers and line and self.lines and self.lines[-1].startswith(ANSWER):
            self.lines.append("")  # What is in another colour goes on with no answer.
        mark = ANSWER if answers else "> " * min(self.depth, _MOST_QUOTES)
        self.lines.append(mark + line)

    def block(self, *, spaced: bool) -> None:
        """Ends the line if it has words; `spaced` leaves a blank line, but never two."""
        if any(piece.strip() for piece in self._pieces):
            self.line_break()
        else:
            self._pieces.clear()
        if spaced and self.lines and self.lines[-1].strip("> "):
            self.line_break()

    def separator(self) -> None:
        """Marks where the header block of an answered or forwarded message begins."""
        self.block(spaced=False)
        self.separated = True
        self._pieces.append(_SEPARATOR)
        self.line_break()

    def quote_from(self, first: int) -> None:
        """Makes the lines of an attribution quoted ones, unless they mark a forwarded message."""
        if not any(line.lstrip("> ").startswith("---") for line in self.lines[first : first + 3]):
            self.lines[first:] = ["> " + line for line in self.lines[first:]]

    def finish(self) -> list[str]:
        """All lines; several blank ones in a row become one."""
        self.block(spaced=False)
        kept: list[str] = []
        for line in self.lines:
            if line.strip("> ") or (kept and kept[-1].strip("> ")):
                kept.append(line)
        while kept and not kept[-1].strip("> "):
            kept.pop()
        return kept
