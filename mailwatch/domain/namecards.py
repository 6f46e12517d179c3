"""Judges single lines as a signature's: a name, a firm, contact data; or a sentence, which is none of them."""

from __future__ import annotations

import re
from typing import Final

from mailwatch.domain.wordtable import entries

LONGEST: Final = 90
"""Characters of a line; longer ones are prose."""
SENTENCE: Final = 4
"""Words that a full stop makes a sentence of."""
_PROSE: Final = 8  # words
_ENDLESS: Final = 10  # words that are a sentence without a full stop
_LONGEST_NAME: Final = 60
_MOST_WORDS: Final = 5

_TELEPHONE = re.compile(
    r"\b(?:tel|phone|fax|mobile?|cell|handy|tél|móvil|office|direct|ph|m|t|p|f)\s{0,3}[.:]\s{0,3}\+?[\d(]"
    r"|\b(?:tel|telf|telem|telefono?|telefone|tlf|mob|mobile?|fax|fon|cell|direkte?|gsm|tfno|tlfn|telef\w{2,4}|landline|hotline|dd)[.:]{0,2}\s{1,3}\+?[\d(]"
    r"[\d ()./-]{4}"
    r"|\+\d[\d ()./-]{6}|\b0\d{1,4}[ ./-](?:\d[ .]?){6}|\(?\d{3}\)?[ ./-]\d{3}[ .-]\d{4}",
    re.IGNORECASE,
)
_SITE = re.compile(r"www\.|https?://", re.IGNORECASE)
_REGISTER = re.compile(
    r"\b(?:HRB|HRA|Amtsgericht|Handelsregister|USt-?Id|NIP|REGON|KRS|CVR|SIRET|RCS|P\.? ?IVA|C\.F\.|NIF|NIPC|CIF"
    r"|KvK|BTW|[Oo]rg\.? ?nr|VAT (?:no|reg)|[Rr]egistered (?:in|office|charity))\b"
)
_DATA = re.compile(r"\d(?:,| [–-]) |(?:,| [–-]) \d|: .{0,40}\d| / ")
"""A street with its number and its town, opening hours and the like, however many words they have."""
_PARTED = re.compile(r",? [|·•–-] ")
"""What parts a name from a title on one line."""
_BESIDE = re.compile(r" ?\([^()]{1,60}\)")
_FIRM_WORDS: Final = "Lda. Ltda. Ltd. Inc. Co. Corp. S.p.A. S.r.l. o.o. s.r.o. e.V. a.s."
_INITIALS = re.compile(r"\b[A-Z]\.(?: ?[A-Z]\.)+\Z")
_FIRMS = tuple(_FIRM_WORDS.split())
_NO_MARKS = str.maketrans("", "", "®™©")
_WORD = re.compile(r"[^\W_]+")
_NAME_WORD = re.compile(r"[^\W\d_][\w.'’/()-]*+")
_PARTICLE_WORDS: Final = """
    von van der den de la le du da di dos del zu af and und et y of the for & i. a. v. i.a. i.v. ppa. ihr ihre dein
    deine dr prof prof. n. med. mgr inż. ing. dipl.-ing. rag. dott. dott.ssa avv. geom. arch. lic. drs. mr. ir.
"""
_PARTICLES = frozenset(_PARTICLE_WORDS.split())
_REPLY_WORDS: Final = (
    "yes no ok okay done sure ja nein oui non si sí nee nej nie will agreed approved great good perfect"
)
_REPLIES = frozenset(_REPLY_WORDS.split())
_POSTSCRIPTS_TABLE = """
    p.s|ps:|ps.|ps |pps|p.p.s|p.-s|p.d|pd:|nb:|n.b|btw|by the way|one more thing|one thing more|oh, and|oh and
    übrigens|noch etwas|noch eins|ach ja|au fait|encore une chose|dernière chose|por cierto|una cosa más|otra cosa
    tra l'altro|un'altra cosa|trouwens|nog iets
"""
_POSTSCRIPT = entries(_POSTSCRIPTS_TABLE)
_SELF = re.compile(
    r"\b(?:i|i['’](?:m|ll|ve|d)|me|my|ich|mir|mich|mein\w{0,2}|je|j['’]\w+|moi|mon|ma|mes|yo|mi|mí|io|mio|mia|ik|mij|mijn"
    r"|eu|meu|minha|ja|mnie|mój|jag|mig|min|jeg|meg)\b",
    re.IGNORECASE,
)
_WORKS = re.compile(
    r"flexib|\bwork(?:s|ing)? (?:hours?|days?|pattern|week|remotely|part)|office hours|outside (?:of )?(?:my|your)"
    r"|part[- ]time|arbeitszeit|bürozeit|teilzeit|sprechzeit|homeoffice|horaires?\b|temps partiel|ne travaille pas"
    r"|déconnexion|horario|jornada|orari[oa]?\b|part-time|werkdag|werktijd|kantooruren|horário|godzin|arbetstid|deltid"
    r"|pensum\b|freier tag|\bi work (?:on )?(?:mon|tue|wed|thu|fri|alternate)"
    r"|arbejdstid|arbeidstid",
    re.IGNORECASE,
)


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
    """Whether a line is a name, with a title behind it or not, and no answer like "Agreed"."""
    head = _PARTED.split(words, maxsplit=1)[0].translate(_NO_MARKS)
    return is_name(head) and words.lower() not in _REPLIES


def bears(words: str, author: str) -> bool:
    """Whether a line is a name with all words of the author's: "Ann B. Reed, MD" for "Reed, Ann (Sales)"."""
    # Notes writes "Ann Reed/Sales/Firm".
    wanted = set(_WORD.findall(_BESIDE.sub("", author).partition("/")[0].casefold()))
    return len(wanted) > 1 and wanted <= set(_WORD.findall(words.casefold())) and is_signer(words)


def is_signed(words: str) -> bool:
    """Whether a line is two dashes and a name, as in "-- Bob" or "--j.", and not an option of a program."""
    name = words[2:].strip(" .,")
    if not words.startswith("--") or not is_name(name) or name.lower() in _REPLIES:
        return False
    return words[2] == " " or (" " not in name and (name[0].isupper() or len(name) <= 3))


def has_telephone(words: str) -> bool:
    """Whether a telephone number stands in a line."""
    return bool(_TELEPHONE.search(words))


def has_number(words: str) -> bool:
    """Whether a telephone number or a site stands in a line."""
    return has_telephone(words) or bool(_SITE.search(words))


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


def tells_of_the_sender(words: str) -> bool:
    """Whether words say "I" or "me"."""
    return bool(_SELF.search(words))


def tells_of_hours(words: str) -> bool:
    """Whether words are those with which many tell everybody when they work and when they need no answer."""
    return bool(_WORKS.search(words))


def is_sentence(words: str) -> bool:
    """Whether a line says something: it is long, asks, or ends like a sentence."""
    count = len(words.replace("&", " ").split())
    return (
        len(words) > LONGEST
        or words.endswith("?")
        or is_postscript(words)
        or (count >= SENTENCE and is_closed(words) and not is_name(words[:-1]))
        or (count >= _ENDLESS and not _DATA.search(words))
    )


def is_closed(words: str) -> bool:
    """Whether a line ends like a sentence, and not like "Ltd."."""
    return words.endswith((".", "!")) and not words.endswith(_FIRMS) and not _INITIALS.search(words)
