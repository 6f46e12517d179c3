"""Recognises mails that only say that somebody reacted to another one: a thumb, an emoji, +1."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from mailwatch.domain.message import Text
from mailwatch.domain.quotation import split
from mailwatch.domain.reading import ReplyKind

_FIRST: Final = 300  # characters in which all is said
_LONGEST_NOD: Final = 12
_REACTED = (
    "reacted|réagi|reagiert|reaccion|reagito|gereageerd|reagiu|reagował|reagerade|reagerede|reagerte"  # in stems
)
_YOURS = (
    r"(?:your|votre|ton|ihre|deine|su|tu|al (?:tuo|suo)|(?:je|uw|jouw)|à (?:sua|tua)|ditt|din)\s"
    r"(?:message|e-?mail|mail|courriel|nachricht|mensaje|correo|messaggio|bericht|mensagem|meddelande|besked|melding)"
)
_NOTICE = re.compile(
    rf"[^\w\n]*(?=\w)[^\n?]{{1,120}}(?:\b(?:{_REACTED})\w*\b[^\n?]{{0,20}}\b{_YOURS}"
    rf"|\b{_YOURS}[^\n?]{{0,20}}\b(?:{_REACTED}))\b[ :：.]*(?P<rest>[^\n]*)(?=\n|$)",
    re.IGNORECASE,
)
_BY_GMAIL = re.compile(
    rf"[^\w\n]{{0,20}}\n{{1,3}}[^\n?]{{1,100}}\b(?:(?:{_REACTED})\w*\s[^\n]{{0,20}}\bGmail\b|Gmail (?:{_REACTED}))",
    re.IGNORECASE,
)
_NOD = re.compile(
    "(?:\\+1|[:;]-?[)D]|[\U0001f44d\U0001f44c\U0001f64f\U0001f642\U0001f600-\U0001f60a\U0001f44f\u2764\u263a"
    "\ufe0f\U0001f3fb-\U0001f3ff]| )+[.!]?"
)


def tells_of_a_reaction(words: str) -> bool:
    """Whether a text begins with a program's line that somebody reacted to a message of the reader's."""
    start = words[:_FIRST].lower()
    if not ("reac" in start or "reag" in start or "réag" in start):
        return False  # In every language that is known, it is one of these stems.
    found = _NOTICE.match(start.lstrip())
    return found is not None and not any(map(str.isalpha, found["rest"]))


def as_reaction(text: Text, subject: str) -> Text:
    """A text as an acknowledgement without words, if all that its sender says is a thumb or the like.

    A reaction shows that the mail was seen and liked, and no more: an answer would have said something.
    """
    start = text.words[:_FIRST].lstrip()
    first = start[: _LONGEST_NOD + 1].partition("\n")[0].rstrip()
    if len(first) > _LONGEST_NOD or first[:1].isalpha() or any(map(str.isalpha, first)):
        return text
    if _BY_GMAIL.match(start) or (
        _NOD.fullmatch(first) and _no_more_than_a_name(split(text.words, subject=subject).new)
    ):
        return replace(text, words="", reply=ReplyKind.ACKNOWLEDGEMENT)
    return text


def _no_more_than_a_name(new: str) -> bool:
    """Whether below the first line of the new words stands nothing, or no more than a name."""
    rest = new.strip().partition("\n")[2].split()
    return len(rest) <= 2 and all(word[0].isupper() and word.strip(",.").isalpha() for word in rest)
