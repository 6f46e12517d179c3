"""Whom a sentence speaks to, when it calls somebody by name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import Enum

HEAD = 200
_WITHIN_LIMIT = 1000  # characters
CALLS_LIMIT = 50
"""So many sentences are searched for whom they call."""
_NAME = r"[^\W\d_][^\W\d_]{1,30}"
_AND_HI = r"(?:hi|hello|hallo|liebe|lieber|salut|hola|dear)\s"
_JOIN = rf"\s{{0,2}}(?:,|/|&|\+|\band\b|\bund\b|\bet\b|\by\b)\s{{0,2}}(?:{_AND_HI})?"
_GREETING = (
    r"(?:hi|hello|hey|dear|hallo|liebe|lieber|guten morgen|guten tag|bonjour|salut|chère|cher|hola|estimado|estimada|"
    r"querido|querida|good morning|good afternoon|thanks|thank you|danke|merci|gracias|ok|okay|and|so)"
)
_BULLET = r"(?:(?:[*•>+–-]|\d{1,2}[.)])\s{0,3})?"
_LEADING = re.compile(
    rf"{_BULLET}(?:{_GREETING}\b[\s,]{{0,3}})?@?(?P<names>{_NAME}(?:{_JOIN}@?{_NAME}){{0,5}})\s{{0,2}}"
    rf"(?:[,:;!.]|--?\s|$|(?:can|could|would|will|please|pls|kannst|könntest|bitte|peux-tu|pourrais-tu|puedes)\b)",
    re.IGNORECASE,
)
_GREETED_TOO = re.compile(rf"\b{_AND_HI}", re.IGNORECASE)
_TASK = re.compile(rf"{_BULLET}@?{_NAME}(?:{_JOIN}@?{_NAME}){{0,5}}\s{{0,2}}(?::|--?\s|–)", re.IGNORECASE)
_MENTION = re.compile(rf"@({_NAME})")
_TRAILING = re.compile(rf",\s{{0,2}}({_NAME})\s{{0,2}}[?.!]")
_ASKS = r"(?:can|could|would|will|kannst|könntest|könnten|peux-tu|pourrais-tu|pouvez-vous|puedes|podrías)"
_WITHIN = re.compile(
    rf"(?:,\s(?:and|und|et|y)|[;(–-])\s{{1,2}}@?({_NAME})\s{{0,2}}(?:,\s{{0,2}}(?:{_ASKS}|is|are|please|bitte|ist|passt)\b"
    rf"|{_ASKS}\s(?:you|du|sie)\b)"
    rf"|\b(?:you|du|sie),\s({_NAME}),"
    rf"|\b(?:can|could|would)\s({_NAME})\s(?:please|kindly)\b",
    re.IGNORECASE,
)
"""How a name is called inside a sentence: "… - Ann, is that ok?", "could you, Ann, …", "could Ann please …"."""
_ONLY_A_CALL = re.compile(
    rf"(?:{_GREETING}\b)?[\s,@]{{0,3}}{_NAME}(?:{_JOIN}{_NAME}){{0,5}}\s{{0,2}}[,:;!.\-]{{0,3}}$", re.I
)
_WORD = re.compile(r"[^\W\d_]+")


class Called(Enum):
    """Whom the sentence calls by name."""

    NOBODY = "nobody"
    READER = "reader"
    TOGETHER = "the reader with others"
    ANOTHER = "another"


def whom(sentence: str, reader: Sequence[str], others: Sequence[str]) -> Called:
    """Whether a sentence calls the reader, or another recipient, or both; names that nobody has are no names."""
    head, tail = sentence[:HEAD], sentence[-HEAD:]
    leading = _LEADING.match(head)
    names = set(_WORD.findall(leading["names"].lower())) if leading else set()
    names.update(name.lower() for name in _MENTION.findall(head))
    names.update(name.lower() for name in _TRAILING.findall(tail))
    names.update(name.lower() for called in _WITHIN.findall(sentence[:_WITHIN_LIMIT]) for name in called if name)
    to_others = not names.isdisjoint(others)
    if not names.isdisjoint(reader):
        # "Dear Ann, dear Michael," greets two, though the second may be known by an address alone.
        to_others = to_others or (leading is not None and _GREETED_TOO.search(leading["names"]) is not None)
        return Called.TOGETHER if to_others else Called.READER
    return Called.ANOTHER if to_others else Called.NOBODY


def calls_one_of(sentences: Sequence[str], names: Sequence[str]) -> bool:
    """Whether a text speaks to somebody by one of these names, which are in lower case."""
    return any(whom(one, (), names) is Called.ANOTHER for one in sentences[:CALLS_LIMIT])


def named_in(sentences: Sequence[str], names: Mapping[str, str]) -> tuple[str, ...]:
    """Which of some people a text names, by their first names in lower case; who has none may be meant by any."""
    words = {word for one in sentences for word in _WORD.findall(one.lower())}
    return tuple(person for person, name in names.items() if not name or name in words)


def only_calls(sentence: str) -> bool:
    """Whether a sentence is a greeting or a name and nothing else: "Hi Ann,"."""
    return _ONLY_A_CALL.match(sentence[:HEAD]) is not None


def task_in(sentence: str) -> str | None:
    """What stands behind the name in a sentence that says who does what, as in a list: "- Bob: the trailer"."""
    found = _TASK.match(sentence[:HEAD])
    return sentence[found.end() :] if found else None


def in_quotes(sentences: Sequence[str]) -> list[bool]:
    """Which sentences stand in quotation marks from the first word to the last, as what is shown and not said.

    Nothing does where no mark ends with a sentence, and where nothing is said besides.
    """
    marks = [False] * len(sentences)
    start = -1
    for place, sentence in enumerate(sentences):
        if start < 0 and sentence.startswith('"'):
            start = place
        if start >= 0 and (sentence.count('"') - (place == start)) % 2:
            if sentence.rstrip(".?!,;")[-1:] == '"':
                marks[start : place + 1] = [True] * (place + 1 - start)
            start = -1
    return marks if not all(marks) else [False] * len(sentences)


def each(sentences: Sequence[str], reader: Sequence[str], others: Sequence[str]) -> list[Called]:
    """Whom each sentence of a message calls.

    A greeting that stands at the beginning holds for all that follows, until somebody else is called.
    """
    if not reader and not others:
        return [Called.NOBODY] * len(sentences)
    greeted = Called.NOBODY
    found: list[Called] = []
    known = (*reader, *others)
    for number, sentence in enumerate(sentences):
        small = sentence.lower()
        called = whom(sentence, reader, others) if any(name in small for name in known) else Called.NOBODY
        if number == 0 and only_calls(sentence):
            greeted = called
        elif called in (Called.READER, Called.TOGETHER) and greeted is Called.ANOTHER:
            greeted = Called.NOBODY
        found.append(greeted if called is Called.NOBODY else called)
    return found
