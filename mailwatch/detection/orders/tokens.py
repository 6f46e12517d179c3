"""Parts a line of a reply into words, numbers, dates, clock times, ids and signs."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

LONGEST_LINE = 400
"""Characters of a line that are read; nobody gives an order that long."""

_PATTERN = re.compile(
    r"""
      (?P<id>\[[A-Za-z0-9]{4,40}\])
    | (?P<mail>[\w.+%'-]{1,64}@[\w.…-]{1,200})
    | (?P<iso>\d{4}-\d{1,2}-\d{1,2})(?!\d)
    | (?P<date>\d{1,2}([./])\d{1,2}(?:\5\d{2,4}|\5)?)(?!\d)
    | (?P<clock>\d{1,2}:\d{2}(?:\ ?[ap]\.?m\b\.?)?|\d{1,2}\ ?[ap]\.?m\b\.?|\d{1,2}\ ?h(?:\d{2})?\b)
    | (?P<range>\d{1,3}[-–]\d{1,3})(?!\d)
    | (?P<number>\d{1,4})(?P<ordinal>(?:st|nd|rd|th|er)\b|\.(?!\d))?(?!\d)
    | (?P<word>[^\W\d_]+(?:[-'’][^\W\d_]+)*)
    | (?P<sign>\S)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_KINDS = ("id", "mail", "iso", "date", "clock", "range", "number", "word", "sign")
_JOINTS = re.compile("[-'’]")
_UNSEEN = "\N{VARIATION SELECTOR-16}\N{VARIATION SELECTOR-15}\N{ZERO WIDTH JOINER}"


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a line: its kind, itself in lower case without accents, and as it was written."""

    kind: str
    text: str
    raw: str
    ordinal: bool = False


def fold(words: str) -> str:
    """Lower case without accents, so that "manana" is "mañana" and "ARRÊT" is "arret"."""
    apart = unicodedata.normalize("NFKD", words.casefold())
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


def tokens_of(line: str) -> list[Token]:
    """The tokens of a line, in order; words with hyphens and apostrophes are taken apart. Linear in the line."""
    found: list[Token] = []
    for match in _PATTERN.finditer(unicodedata.normalize("NFC", line[:LONGEST_LINE])):
        kind = next(name for name in _KINDS if match[name] is not None)
        raw = match[0]
        if kind == "word":
            found += [Token("word", fold(part), part) for part in _JOINTS.split(raw) if part]
        elif kind == "number":
            found.append(Token(kind, match["number"], raw, ordinal=match["ordinal"] is not None))
        elif raw not in _UNSEEN:
            found.append(Token(kind, fold(raw), raw))
    return found
