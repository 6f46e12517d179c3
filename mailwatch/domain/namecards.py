"""Judges single lines as a signature's: a name, a firm, contact data; or a sentence, which is none of them."""

from __future__ import annotations

import re
from typing import Final

LONGEST: Final = 90
"""Characters of a line; longer ones are prose."""
SENTENCE: Final = 4
"""Words that a full stop makes a sentence of."""
_PROSE: Final = 8  # words
_ENDLESS: Final = 10  # words that are a sentence without a full stop
_LONGEST_NAME: Final = 60
_MOST_WORDS: Final = 5

_CONTACT = re.compile(
    r"\b(?:tel|phone|fax|mobile?|cell|handy|tél|móvil|office|direct|ph|m|t|p|f)\s{0,3}[.:]\s{0,3}\+?[\d(]"
    r"|\b(?:tel|telf|telem|telefono?|telefone|tlf|mob|mobile?|fax|fon|cell|direkte?|gsm)[.:]?\s{1,3}\+?[\d(]"
    r"[\d ()./-]{4}"
    r"|\+\d[\d ()./-]{6}|\b0\d(?:[ .]\d\d){4}\b|www\.|https?://|\(?\d{3}\)?[ ./-]\d{3}[ .-]\d{4}",
    re.IGNORECASE,
)
_REGISTER = re.compile(
    r"\b(?:HRB|HRA|Amtsgericht|Handelsregister|USt-?Id|NIP|REGON|KRS|CVR|SIRET|RCS|P\.? ?IVA|C\.F\.|NIF|NIPC|CIF"
    r"|KvK|BTW|[Oo]rg\.? ?nr|VAT (?:no|reg)|[Rr]egistered (?:in|office|charity))\b"
)
_PARTED = re.compile(r" [|·–-] ")
"""What parts a name from a title on one line."""
_BESIDE = re.compile(r" \([^()]{1,60}\)")
_FIRM_WORDS: Final = "Lda. Ltda. Ltd. Inc. Co. Corp. S.A. S.L. S.p.A. S.r.l. o.o. s.r.o. B.V. e.V."
_FIRMS = tuple(_FIRM_WORDS.split())
_NAME_WORD = re.compile(r"[^\W\d_][\w.'’/-]*+")
_PARTICLE_WORDS: Final = """
    von van der den de la le du da di dos del zu af and und et y of the for & i. a. v. i.a. i.v. ppa. ihr ihre dein
    deine dr prof prof. n. med. mgr inż. ing. dipl.-ing.
"""
_PARTICLES = frozenset(_PARTICLE_WORDS.split())
_REPLY_WORDS: Final = (
    "yes no ok okay done sure ja nein oui non si sí nee nej nie will agreed approved great good perfect"
)
_REPLIES = frozenset(_REPLY_WORDS.split())
_POSTSCRIPT = ("p.s", "ps:", "ps.", "ps ", "pps", "p.p.s")


def is_name(words: str) -> bool:
    """Whether a line could be a person's or a firm's name: few words, all in capitals or particles."""
    words = _BESIDE.sub("", words[:LONGEST])  # Some say there whether they are a she or a he.
    each = words.replace(",", " ").split() if len(words) <= _LONGEST_NAME else []
    if not 1 <= len(each) - each.count("&") <= _MOST_WORDS or not all(
        _NAME_WORD.fullmatch(word) or word.lower() in _PARTICLES for word in each
    ):
        return False
    return len(each) == 1 or all(word[0].isupper() or word.lower() in _PARTICLES for word in each)


def is_signer(words: str) -> bool:
    """Whether a line begins with a name, a title behind it or not, and is no answer like "Agreed"."""
    return is_name(_PARTED.split(words, maxsplit=1)[0]) and words.lower() not in _REPLIES


def is_signed(words: str) -> bool:
    """Whether a line is two dashes and a name, as in "-- Bob" or "--j.", and not an option of a program."""
    name = words[2:].strip(" .,")
    if not words.startswith("--") or not is_name(name) or name.lower() in _REPLIES:
        return False
    return words[2] == " " or (" " not in name and (name[0].isupper() or len(name) <= 3))


def has_number(words: str) -> bool:
    """Whether a telephone number or a site stands in a line."""
    return bool(_CONTACT.search(words))


def names_register(words: str) -> bool:
    """Whether a firm names its entry in a register, as many must below their mails."""
    return bool(_REGISTER.search(words))


def is_contact(words: str) -> bool:
    """Whether a line has a telephone number, a site, bars between data or a firm's register, and is no sentence."""
    if words.endswith(("?", "!")) or is_postscript(words):
        return False
    if words.endswith(".") and len(words.split()) >= _PROSE and "|" not in words:
        return False
    head = words[:200]
    return "|" in head or has_number(head) or names_register(head)


def is_postscript(words: str) -> bool:
    """Whether a line begins what the sender adds below the signature."""
    return words.lower().startswith(_POSTSCRIPT)


def is_sentence(words: str) -> bool:
    """Whether a line says something: it is long, asks, or ends like a sentence."""
    count = len(words.split())
    return (
        len(words) > LONGEST
        or words.endswith("?")
        or is_postscript(words)
        or (count >= SENTENCE and is_closed(words))
        or count >= _ENDLESS
    )


def is_closed(words: str) -> bool:
    """Whether a line ends like a sentence, and not like "Ltd."."""
    return words.endswith((".", "!")) and not words.endswith(_FIRMS)
