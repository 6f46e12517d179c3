"""Tells answers that only their colour parts from a quoted text, as people write them into Outlook's originals."""

from __future__ import annotations

import re
from typing import Final

from mailwatch.domain.wordtable import entries

_SAID_WITHIN: Final = 2000  # characters; who answers so says it on top
_STRONG: Final = 150  # of 255, for what is seen as a colour
_WEAK: Final = 100

_WORDS_TABLE: Final = {
    "red": "in red|in rot|en rouge|en rojo|in rosso|in rood|a vermelho|em vermelho|na czerwono|i rött|i rødt"
    "|med rødt|in het rood",
    "blue": "in blue|in blau|en bleu|en azul|in blu|in blauw|in het blauw|a azul|em azul|na niebiesko"
    "|i blått|med blåt|med blått",
    "green": "in green|in grün|en vert|en verde|in verde|in groen|in het groen|a verde|na zielono|i grönt|med grønt",
}
_WORDS = {
    family: re.compile("|".join(rf"\b{words}\b" for words in entries(table)))
    for family, table in _WORDS_TABLE.items()
}
_FIGURES = re.compile(r"#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})|#([0-9a-f])([0-9a-f])([0-9a-f])")
_NAMES = {
    "red": "red",
    "darkred": "red",
    "blue": "blue",
    "mediumblue": "blue",
    "green": "green",
    "limegreen": "green",
}
_COLOUR = re.compile(r"(?:\A|;)color:(rgba?\(\d{1,3},\d{1,3},\d{1,3}|[#\w]{3,20})")
_PARTS = re.compile(r"rgba?\((\d+),(\d+),(\d+)")


def announced(words: str) -> frozenset[str]:
    """The colours in which a text says on top that answers stand below: "my answers in red"."""
    said = words[:_SAID_WITHIN].lower()
    return frozenset(family for family, named in _WORDS.items() if named.search(said))


def colour_of(style: str, attribute: str) -> str | None:
    """The colour that an element sets by its style (in lower case, without spaces) or attribute; None if none.

    It is red, blue or green, or empty for any other.
    """
    found = _COLOUR.search(style)
    value = found[1] if found else attribute.strip().lower()
    if not value:
        return None
    if value in _NAMES:
        return _NAMES[value]
    figures, parts = _FIGURES.fullmatch(value), _PARTS.fullmatch(value)
    if parts:
        red, green, blue = map(int, parts.groups())
    elif figures:
        red, green, blue = (int(each * (2 // len(each)), 16) for each in figures.groups() if each)
    else:
        return ""
    if red >= _STRONG and max(green, blue) < _WEAK:
        return "red"
    if blue >= _STRONG and red < _WEAK:
        return "blue"
    # What is called green in a page is darker than what is called red or blue.
    return "green" if green > max(_WEAK, blue) and red < _WEAK and blue < _STRONG else ""
