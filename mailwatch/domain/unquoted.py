"""Tells quickly that nothing in a text can be quoted or stand above another message, as in most short mails."""

from __future__ import annotations

from collections.abc import Iterable

from mailwatch.domain.attribution import is_field

_MARKS = (">", "|", "--", "__", "==", "...", "wrote in message", "##", "above this line")
_MARKS_ELSEWHERE = ("：", "…", "‐‐", "––", "——", "—-")
"""The same beyond ASCII."""


def stands_alone(text: str, lines: Iterable[str]) -> bool:
    """Whether no line can be marked, part two messages, attribute words to somebody or be a header field.

    Each of these needs one of the marks, a colon at the end of a line, or the name of a field. If this is not so, a
    text may still have nothing quoted in it.
    """
    if any(mark in text for mark in _MARKS):
        return False
    if not text.isascii() and any(mark in text for mark in _MARKS_ELSEWHERE):
        return False
    return ":" not in text or not any(":" in line and (_ends_in_colon(line) or is_field(line)) for line in lines)


def _ends_in_colon(line: str) -> bool:
    return not line.rpartition(":")[2].strip().strip("*_ \t")
