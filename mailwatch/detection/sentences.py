"""Cuts new words into sentences, and a sentence into plain lower-case tokens that cues can be matched against."""

from __future__ import annotations

import re

from mailwatch.detection.folding import Accents, folded

TEXT_LIMIT = 64 * 1024
SENTENCE_LIMIT = 600
SENTENCES_LIMIT = 2000
WRAPPED_LINE = 45
"""A line at least this long that ends without a full stop is taken to go on in the next one."""

_TYPED = str.maketrans(
    {
        "\u2019": "'",
        "\u2018": "'",
        "\u02bc": "'",
        "`": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u201e": '"',
        "\u00ab": '"',
        "\u00bb": '"',
        "\u2013": "-",
        "\u2014": "-",
        "\u2026": ".",
        "\u00a0": " ",
        "\u3002": ". ",
        "\uff01": "!",
        "\uff08": "(",
        "\uff09": ")",
        "\uff0c": ",",
        "\uff1a": ":",
        "\uff1b": ";",
        "\uff1f": "?",
        "\u060c": ",",
        "\u061f": "?",
        "\u037e": "?",
    }
)
_GREEK_ASKS = re.compile(r"(?<=[\u0386-\u03ff\u1f00-\u1fff]);")
"""What looks like a semicolon is the question mark of Greek, and is mostly typed as one."""
_STOP = re.compile(r"[.?!][.?!]*[\"')\]]*")
_SHORT_FORMS_TABLE = """
    mr mrs ms dr st jr sr prof inc ltd co corp no nr vs etc approx ext dept fig al tel jan feb mar apr jun jul aug sep
    sept oct nov dec mon tue wed thu fri bzw ca evtl ggf usw inkl zzgl ggü vgl abt hr fr str sra srta av ud uds mme
    mlle bât réf ref tél appt chap
"""
_SHORT_FORMS = frozenset(_SHORT_FORMS_TABLE.split())
_LONGEST_SHORT_FORM = 8
_LONGEST_LINK = 300
"""So many letters before a mark may belong to an address of the web."""
_BEFORE_FIGURES_TABLE = "mo di mi do sa so lun mar mer jeu ven sam dim mié mie jue vie sáb sab dom"
_BEFORE_FIGURES = frozenset(_BEFORE_FIGURES_TABLE.split())
"""Short forms that are words as well, but not where a figure follows: Mi. 25."""
_BEFORE_A_NUMBER_TABLE = """
    by at before until till after around than jan january feb february mar march apr april may june july aug august
    sept september oct october nov november dec december
    le au à vers las el um gegen
"""
_BEFORE_A_NUMBER = frozenset(_BEFORE_A_NUMBER_TABLE.split())
_AFTER_A_NUMBER_TABLE = """
    please thanks thank let i we you he she they the this that these it there what when where who how why which could
    can would will do does did are is have has should if as also and but so my your our no yes
"""
_AFTER_A_NUMBER = frozenset(_AFTER_A_NUMBER_TABLE.split())
"""Words that begin a sentence behind one that ends with a number: "stations 1 and 2. Please call"."""
_LONGEST_AFTER = 1 + max(map(len, _AFTER_A_NUMBER))
_LONGEST_BEFORE = 2 + max(map(len, _BEFORE_A_NUMBER))
_BULLET = re.compile(r"[ \t]{2,8}\?{1,3}$|^\?[ \t]")
"""Some mail programs turn the bullet of a list into a question mark that stands apart."""
_FURTHER_BULLET = re.compile(r"[ \t]{1,8}\?{1,3}$|^\?[ \t]")
"""The same in a list, where a single space is enough; but so the French set any question mark."""
_LIST_BEGINS = re.compile(r":[ \t]{1,8}\?$")
_DATE = re.compile(r"(?:[0-2]?\d|3[01])\.(?:0?\d|1[0-2])$")
_ITEM = re.compile(r"(?:[a-z]|\d{1,2})\) |[^\W\d_]{2,20}: ")
"""How a point of a list may begin."""
_NAMED_ITEM = re.compile(r"[^\W\d_]{2,20} - ")
"""One by name, which begins with a capital: "Ann - the paragraph on pensions", but "fine - tell me" goes on."""
_BEFORE_A_WORD = frozenset('("$&')
"""Marks with which a line may go on as it may with a word."""
_LAST_WORDS = (" please", " pls", " plz", " thanks", " thx")
"""Behind these hardly any line goes on."""
_BEFORE_AN_ORDER = re.compile(r"(?:^|[.?!] )(?:if|should|when|once|unless) [^.?!]{1,600} please$")
"""But behind a condition the order is still to come: "if you cannot come, please / write to Ann"."""
_SOMETHING = re.compile(r"[^\W_]|[?!]")
_LINK = re.compile(r"(?:https?://|www\.)[^\s<>]{1,2000}|[^\s<>@]{1,64}@[^\s<>@]{1,255}", re.IGNORECASE)
_TOKEN = re.compile(r"[^\W\d_]++(?:['\-][^\W\d_]++)*\+?|~link|\d+(?:[.:,/\-]\d+)*|[?!,;:()\"\-.¿¡#@&/%]")
_PLAIN_TOKEN = re.compile(r"[a-z]++(?:['\-][a-z]++)*\+?|[?!,;:()\"\-.#@&/%]|\d+(?:[.:,/\-]\d+)*|~link", re.ASCII)
"""The same for a text of ASCII alone, which is most of them."""
_DOTTED = re.compile(r"\b([ap])\.\s?m\b\.?", re.IGNORECASE)


def split(words: str) -> list[str]:
    """The sentences of a text in order, whitespace made single; 64 KB, 2,000 sentences of 600 characters at most."""
    text = _straight(words[:TEXT_LIMIT]).replace("\r", "")
    sentences: list[str] = []
    for paragraph in _paragraphs(text):
        if len(sentences) >= SENTENCES_LIMIT:
            break
        start = 0
        for stop in _STOP.finditer(paragraph):
            sign, end = stop.span()
            inside = end < len(paragraph) and paragraph[end] != " "
            if paragraph[sign] == "." and (inside or _is_abbreviation(paragraph, start, sign)):
                continue
            if inside and _is_in_link(paragraph, start, sign):
                continue
            _add(sentences, paragraph[start : stop.end()])
            start = stop.end()
        _add(sentences, paragraph[start:])
    return sentences[:SENTENCES_LIMIT]


def _paragraphs(text: str) -> list[str]:
    """Lines, with those joined that a mail program wrapped: a long line without an end, and a small letter after."""
    found: list[str] = []
    open_line = False
    bullet = _BULLET
    for line in text.split("\n"):
        if "?" in line:
            line = line.rstrip()
            if _LIST_BEGINS.search(line):
                bullet = _FURTHER_BULLET
            line = bullet.sub(" . ", line)
        plain = " ".join(line.split())
        if not plain:
            open_line = False
            continue
        small, word = plain[0].islower(), plain[0].isalnum() or plain[0] in _BEFORE_A_WORD
        goes_on = open_line and (small or (word and found[-1][-1] != "."))
        if goes_on and not (_ITEM.match(plain) or (not small and _NAMED_ITEM.match(plain))):
            found[-1] += " " + plain
        else:
            found.append(plain)
        open_line = len(plain) >= WRAPPED_LINE and plain[-1] not in ".?!:"
        if open_line and (lower := plain.lower()).endswith(_LAST_WORDS):
            open_line = _BEFORE_AN_ORDER.search(lower) is not None
    return found


def _is_in_link(paragraph: str, start: int, sign: int) -> bool:
    """Whether a mark without a space behind it stands within an address of the web: example.com/find?id=3."""
    word = paragraph[max(start, sign - _LONGEST_LINK) : sign].rpartition(" ")[2]
    return "://" in word or "www." in word


def _is_abbreviation(paragraph: str, start: int, sign: int) -> bool:
    """Whether the full stop at `sign` belongs to a short form, an initial or the number of a list."""
    words = paragraph[max(start, sign - _LONGEST_SHORT_FORM) : sign].lower().replace("(", " ").rsplit(" ", 1)[-1]
    if len(words) == 3 and words[1] == ".":
        return words[0].isalpha() and words[2].isalpha()
    if _DATE.match(words) and paragraph[sign + 2 : sign + 3].islower():
        return True
    if len(words) <= 2 and words.isdigit():
        # "1." may number what follows and "3. Mai" is a day, but "by 3." and "on May 11." end an English sentence.
        before = paragraph[max(start, sign - len(words) - _LONGEST_BEFORE) : sign - len(words)].lower().split()
        after = paragraph[sign + 2 : sign + 2 + _LONGEST_AFTER].lower().split()
        if not before or before[-1].endswith((":", ";")):
            return True
        return before[-1] not in _BEFORE_A_NUMBER and (not after or after[0].rstrip(",.!") not in _AFTER_A_NUMBER)
    if paragraph[sign + 2 : sign + 3].isdigit() and (words in _BEFORE_FIGURES or words.endswith("str")):
        return True
    return words in _SHORT_FORMS or (len(words) == 1 and words.isalpha())


def _add(sentences: list[str], piece: str) -> None:
    piece = piece.strip()
    while len(piece) > SENTENCE_LIMIT:
        cut = piece.rfind(" ", 0, SENTENCE_LIMIT)
        cut = cut if cut > 0 else SENTENCE_LIMIT
        sentences.append(piece[:cut])
        piece = piece[cut:].lstrip()
    if piece and (piece[0].isalnum() or _SOMETHING.search(piece)):
        sentences.append(piece)


def _straight(text: str) -> str:
    """Typographic marks, and those of other scripts, as a typewriter would have them."""
    return text.replace("`", "'") if text.isascii() else _GREEK_ASKS.sub("?", text.translate(_TYPED))


def tokens(sentence: str, accents: Accents = None) -> list[str]:
    """Words, numbers and marks of a sentence, folded; addresses and links become `~link`, p.m. becomes pm."""
    text = folded(_straight(sentence), accents)
    plain = text.isascii()
    if "@" in text or "://" in text or "www." in text:
        text = _LINK.sub(" ~link ", text)
    if ".m" in text or ". m" in text:
        text = _DOTTED.sub(r"\1m", text)
    parts = (_PLAIN_TOKEN if plain else _TOKEN).findall
    found: list[str] = []
    for word in text.split():
        if word.isalpha():  # Most are, and need no pattern.
            found.append(word)
        else:
            found += parts(word)
    return found


def normal(sentence_tokens: list[str]) -> str:
    """The tokens as one string with single spaces, `^` before the first and `$` after the last."""
    return " ^ " + " ".join(sentence_tokens) + " $ "
