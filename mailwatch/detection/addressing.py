"""Whom a sentence speaks to, when it calls somebody by name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum

_NAME = r"[^\W\d_a-z][^\W\d_]{1,30}"
_LEADING = re.compile(
    rf"(?P<greeting>(?:hi|hello|hey|dear|hallo|liebe|lieber|bonjour|salut|cher|chère|hola|estimado|estimada|"
    rf"good morning|guten tag|buenos días|thanks|thank you|@)\s{{0,3}},?\s{{0,3}})?"
    rf"(?P<names>{_NAME}(?:\s{{0,2}}(?:,|/|&|\band\b|\bund\b|\bet\b|\by\b)\s{{0,2}}{_NAME}){{0,5}})"
    rf"\s{{0,2}}(?:[,:;!]|--?\s|\s{{2}}|$)",
)
_TRAILING = re.compile(rf",\s{{0,2}}(?P<names>{_NAME})\s{{0,2}}[?.!]")
_NO_NAMES = """hi hello hey dear thanks thank please also and but so yes no ok okay sure well however all everyone
team folks now then today tomorrow first second finally attached fyi monday tuesday wednesday thursday friday saturday
sunday sorry great good if as in on for the this that just best regards cheers sincerely unfortunately meanwhile
otherwise therefore additionally further again still once maybe perhaps see let can could would will what when where
who how why january february march april may june july august september october november december"""
_NOT_NAMES = frozenset(_NO_NAMES.split())


class Called(Enum):
    """Whom the sentence calls by name."""

    NOBODY = "nobody"
    READER = "reader"
    ANOTHER = "another"


def whom(sentence: str, reader: Sequence[str], others: Sequence[str], sole_recipient: bool) -> Called:
    """Whether a sentence calls the reader, or only somebody else; unknown names count if several were written to."""
    if not reader and not others:
        return Called.NOBODY
    head = sentence[:200]
    match = _LEADING.match(head[0].upper() + head[1:]) if head else None
    names = set(re.findall(r"[^\W\d_]+", match["names"].lower())) if match else set()
    names -= _NOT_NAMES
    for trailing in _TRAILING.finditer(sentence[-200:]):
        names.add(trailing["names"].lower())
    if not names:
        return Called.NOBODY
    if names & set(reader):
        return Called.READER
    if names & set(others):
        return Called.ANOTHER
    if match and names and not sole_recipient and reader and len(names) <= 3 and not match["greeting"]:
        return Called.ANOTHER
    return Called.NOBODY
