"""How words are written so that they can be compared, and found again as they were written."""

from __future__ import annotations

import re
from collections.abc import Iterable

_AM_PM = frozenset(("am", "pm"))
_PLAIN_LETTERS = str.maketrans(
    "àáâãäåçèéêëìíîïñòóôõöøùúûüýÿāăąćčďēęěğīįłńňōőřśšťūůűźżžœæ",
    "aaaaaaceeeeiiiinoooooouuuuyyaaaccdeeegiilnnoorsstuuuzzzoa",
)
_DIGRAPHS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "ae", "Ö": "oe", "Ü": "ue"})


Accents = re.Pattern[str] | None
"""What keeps its accents where words are folded, because they tell two words apart; None if nothing does."""


def kept(letters: str, words: str) -> Accents:
    """The letters that keep their accent at the end of a longer word, and the whole words that keep theirs."""
    found = []
    if letters:
        found.append(rf"(?:(?<=[^\W\d_]{{3}})|(?<=\*[^\W\d_]{{2}})|(?<=\*))[{letters}](?![^\W\d_])")
    if words:
        found.append(rf"(?<![^\W\d_])(?:{'|'.join(words.split())})(?![^\W\d_])")
    return re.compile("|".join(found)) if found else None


def folded(words: str, accents: Accents = None) -> str:
    """Words in lower case without accents, as many people type them, but for those that keep them; ß becomes ss."""
    small = words.lower()
    if small.isascii():
        return small
    plain = small.translate(_PLAIN_LETTERS)
    if accents is not None:
        for found in accents.finditer(small):
            plain = plain[: found.start()] + found[0] + plain[found.end() :]
    return plain.replace("ß", "ss")


def forms(words: str, accents: Accents = None) -> list[str]:
    """The words of a list of a lexicon, folded, each in all ways in which people type it: für, fuer; envíe, envie.

    An ending behind a * stays as it is written, and so does a word that keeps its accents.
    """
    return list(
        dict.fromkeys(
            folded(form, keeping)
            for word in words.split()
            for form in (word, word.translate(_DIGRAPHS))
            for keeping in ((accents,) if "*" in word or _keeps(word, accents) else (accents, None))
        )
    )


def _keeps(word: str, accents: Accents) -> bool:
    """Whether a word, or one of the words of a phrase, keeps its accents."""
    return accents is not None and any(accents.fullmatch(part) for part in word.lower().split("_"))


def as_written(said: str, sentence: str) -> str | None:
    """The part of a sentence that some of its tokens stand for, with its capitals and accents; None without one."""
    plain = sentence.lower() if sentence.isascii() else "".join(map(folded, sentence))
    parts = folded(said).split()
    start = plain.find(parts[0]) if parts else -1
    while start >= 0:
        if (end := _end_of(parts, plain, start)) is not None and not plain[max(0, start - 1) : start].isalnum():
            return _between(sentence, plain, start, end)
        start = plain.find(parts[0], start + 1)
    return None


def _end_of(parts: Iterable[str], plain: str, place: int) -> int | None:
    """Where some tokens end that stand one after the other from a place on, marks between them passed over."""
    for part in parts:
        while not (plain.startswith(part, place) or plain[place : place + 1].isalnum() or place >= len(plain)):
            place += 1
        dotted = f"{part[0]}.{part[1]}." if part in _AM_PM else part
        written = dotted if plain.startswith(dotted, place) else part
        if not plain.startswith(written, place):
            return None
        place += len(written)
    return place


def _between(sentence: str, plain: str, start: int, end: int) -> str:
    """What stands in a sentence where its folded form has something; a letter may fold to two."""
    if len(plain) == len(sentence):
        return sentence[start:end]
    places = [place for place, letter in enumerate(sentence) for _ in folded(letter)]
    return sentence[places[start] : places[end - 1] + 1]
