"""Recognises what stands in a sender's lines and is not what they say: signatures, and what programs add."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from mailwatch.domain.banners import bottom_banners
from mailwatch.domain.boilerplate import is_notice, mark_boilerplate
from mailwatch.domain.separators import is_rule
from mailwatch.domain.signoffs import closing

_LONGEST: Final = 90
_MOST_LINES: Final = 25
_SIGN_OFF_WITHIN: Final = 60
_CARD_LINES: Final = 8
_PROSE: Final = 8  # words
_NEAR: Final = 5  # lines
_HEADING: Final = 5  # words that end in a colon are no more than a heading
_PARAGRAPH: Final = 8  # lines
_SENTENCE: Final = 4  # words
_ROUND_A_NAME: Final = " \t*_|,"

_DELIMITERS = frozenset({"--", "—", "- -", "–", "-- --", "__"})
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
"""With these words a firm names its entry in a register, as many must below their mails."""
_PARTED = re.compile(r" [|·–-] ")
"""What parts a name from a title on one line."""
_BESIDE = re.compile(r" \([^()]{1,60}\)")
_LINK = re.compile(r"<https?://[^\s<>]{1,300}>?")
_LOGO = re.compile(r"\[[^\[\]\n]{1,80}\]")
"""What stands in plain text where a picture was."""
_FIRM_WORDS: Final = "Lda. Ltda. Ltd. Inc. Co. Corp. S.A. S.L. S.p.A. S.r.l. o.o. s.r.o. B.V. e.V."
_FIRMS = tuple(_FIRM_WORDS.split())
_SAYING = '"“„«»'
"""Below contact data some set what a poet said."""
_NAME_WORD = re.compile(r"[^\W\d_][\w.'’/-]*+")
_PARTICLE_WORDS: Final = """
    von van der den de la le du da di dos del zu af and und et y of the for & i. a. v. i.a. i.v. ppa. ihr ihre dein
    deine dr prof prof. n. med. mgr inż. ing. dipl.-ing.
"""
_REPLY_WORDS: Final = (
    "yes no ok okay done sure ja nein oui non si sí nee nej nie will agreed approved great good perfect"
)
_PARTICLES = frozenset(_PARTICLE_WORDS.split())
_REPLIES = frozenset(_REPLY_WORDS.split())
_POSTSCRIPT = ("p.s", "ps:", "ps.", "ps ", "pps", "p.p.s")


def not_their_words(lines: Sequence[str], author: str = "", *, below_quote: bool = False) -> list[bool]:
    """For each line of one run of unquoted lines, whether it belongs to a signature, disclaimer, footer or banner.

    `author` is the name by which the sender signs, if it is known; `below_quote` says that quoted lines stand above.
    """
    marks = [False] * len(lines)
    end = mark_boilerplate(lines, marks)
    if (bottom := bottom_banners(lines)) < end:
        marks[bottom:] = [True] * (len(lines) - bottom)
        end = bottom
    end = _mark_delimited(lines, marks, end)
    _mark_sign_off(lines, marks, end, words_before=int(below_quote))
    _mark_author(lines, marks, end, author, below_quote=below_quote)
    _mark_contacts(lines, marks, end)
    return marks


def _mark_delimited(lines: Sequence[str], marks: list[bool], end: int) -> int:
    """Marks what stands below a signature delimiter (RFC 3676 4.3); where the sender's part ends."""
    left = _MOST_LINES
    found = -1
    for index in range(end - 1, -1, -1):
        plain = lines[index].strip()
        if plain in _DELIMITERS or (
            lines[index].startswith("--")
            and (_is_signed(plain) or (plain == "---" and _is_card(lines[index + 1 : end])))
        ):
            found = index
        left -= bool(plain)
        if left <= 0:
            break
    if found < 0:
        return end
    stop = end
    for index in range(found + 1, end):
        if lines[index].strip().lower().startswith(_POSTSCRIPT):
            stop = index
            break
    marks[found:stop] = [True] * (stop - found)
    return found


def _is_card(lines: Sequence[str]) -> bool:
    """Whether three dashes stand above a name of two words or more and a few short lines, and nothing else."""
    said = [line.strip() for line in lines[: _MOST_LINES + 1] if line.strip()]
    named = bool(said) and " " in said[0] and _is_name(said[0])
    return named and len(said) <= _CARD_LINES and not any(map(_is_sentence, said))


def _is_signed(words: str) -> bool:
    """Whether a line is two dashes and a name, as in "-- Bob" or "--j.", and not an option of a program."""
    name = words[2:].strip(" .,")
    if not _is_name(name) or name.lower() in _REPLIES:
        return False
    return words[2] == " " or (" " not in name and (name[0].isupper() or len(name) <= 3))


def _mark_sign_off(lines: Sequence[str], marks: list[bool], end: int, *, words_before: int) -> None:
    """Marks a closing formula and the name and title below it; thanks are kept, since they say something."""
    for index in range(end):
        if marks[index] or not lines[index].strip():
            continue
        words_before += 1
        if words_before == 1 or len(lines[index]) >= _SIGN_OFF_WITHIN:
            continue
        found = closing(lines[index])
        if found and (not found.name or _is_name(found.name.title())):
            stop = _end_of_signature(lines, index + 1, end, named=bool(found.name))
            if stop > index + 1 or not any(line.strip() for line in lines[index + 1 : end]):
                marks[index] = not found.thanks
                marks[index + 1 : stop] = [True] * (stop - index - 1)


def _mark_author(lines: Sequence[str], marks: list[bool], end: int, author: str, *, below_quote: bool) -> None:
    """Marks the sender's full name on a line of its own, below other words, with title and contact data below it."""
    wanted = author.replace('"', "").replace(",", " ").casefold().split()
    if len(wanted) < 2:
        return
    for index in range(end):
        plain = lines[index].strip(_ROUND_A_NAME)
        apart = not index or marks[index - 1] or not lines[index - 1].strip() or closing(lines[index - 1])
        if marks[index] or not apart or not all(word in plain.casefold() for word in wanted) or not _is_name(plain):
            continue
        stop = _end_of_signature(lines, index, end)
        rest = any(line.strip() for line, mark in zip(lines[stop:end], marks[stop:end], strict=True) if not mark)
        if stop > index + 1 and not rest and (below_quote or any(line.strip() for line in lines[:index])):
            marks[index:stop] = [True] * (stop - index)
            return


def _end_of_signature(lines: Sequence[str], start: int, end: int, *, named: bool = False) -> int:
    """Where the lines of a name, title and contact end; `start` itself if the first is not a name.

    `named` says that the name stands above already; then the first must look like a name or contact data.
    """
    # Where the lines end that are surely of it, and where those that may be.
    sure = seen = start
    blank, contact, notice = named, False, False
    for index in range(start, min(end, start + _MOST_LINES)):
        plain = lines[index].strip(_ROUND_A_NAME)
        if is_rule(lines[index]) and not any(map(_REGISTER.search, lines[index + 1 : min(end, index + 1 + _NEAR)])):
            return sure  # A line drawn below a signature begins something else, unless the firm is named below it.
        if not plain:
            blank, notice = True, False
            continue
        if not named:
            if _LOGO.fullmatch(plain):
                continue
            if not _is_name(_PARTED.split(plain, maxsplit=1)[0]) or plain.lower() in _REPLIES:
                break
            named, blank, sure = True, False, index + 1
            continue
        notice = notice or (sure > start + 1 and is_notice(lines, index))
        surely = notice or _goes_on(plain, blank) or (not contact and _leads_to_contact(lines, index, end))
        if not surely and (not contact or _speaks(lines, index, blank)):
            return sure  # What was taken for opening hours and the like may have been the beginning of what is said.
        contact = contact or _is_contact(plain)
        blank = False
        seen = index + 1
        sure = seen if surely else sure
    return max(sure, seen)


def _goes_on(words: str, after_blank: bool) -> bool:
    """Whether a line below a name is still of the signature; after a blank line it must look like contact data."""
    if _is_contact(words) or _LOGO.fullmatch(_LINK.sub("", words)):
        return True
    return _is_name(words) or not (after_blank or _is_sentence(words))


def _leads_to_contact(lines: Sequence[str], start: int, end: int) -> bool:
    """Whether a line is no sentence and contact data stand soon below it, as below a firm's name and street."""
    ahead = [line.strip(_ROUND_A_NAME) for line in lines[start : min(end, start + 2 * _NEAR)] if line.strip()][:_NEAR]
    for plain in ahead:
        if _is_contact(plain):
            return True
        if _is_sentence(plain) or (plain.endswith((".", "!")) and not plain.endswith(_FIRMS)):
            return False
    return False


def _speaks(lines: Sequence[str], start: int, after_blank: bool) -> bool:
    """Whether what stands below contact data is said to the reader: it asks, or is a sentence that stands apart.

    Opening hours, fairs, sayings and the like belong to the signature, and so does all right below the data.
    """
    said = []
    for line in lines[start : start + _PARAGRAPH]:
        if not line.strip():
            break
        said.append(_LINK.sub("", line[:400]).strip())
    words = " ".join(said)
    if "?" in words or words.lower().startswith(_POSTSCRIPT):
        return True
    last, count = words.rstrip("*_ ")[-1:], len(words.split())
    prose = (last in (".", "!") and count >= _SENTENCE) or (last == ":" and count > _HEADING)
    return after_blank and prose and words[0] not in _SAYING and not _REGISTER.search(words)


def _is_contact(words: str) -> bool:
    """Whether a line has a telephone number, a site, bars between data or a firm's register, and is no sentence."""
    if words.endswith(("?", "!")) or words.lower().startswith(_POSTSCRIPT):
        return False
    if words.endswith(".") and len(words.split()) >= _PROSE and "|" not in words:
        return False
    head = words[:200]
    return "|" in head or bool(_CONTACT.search(head) or _REGISTER.search(head))


def _is_name(words: str) -> bool:
    """Whether a line could be a person's or a firm's name: few words, all in capitals or particles."""
    words = _BESIDE.sub("", words[:_LONGEST])  # Some say there whether they are a she or a he.
    each = words.replace(",", " ").split() if len(words) <= 60 else []
    if not 1 <= len(each) - each.count("&") <= 5 or not all(
        _NAME_WORD.fullmatch(word) or word.lower() in _PARTICLES for word in each
    ):
        return False
    return len(each) == 1 or all(word[0].isupper() or word.lower() in _PARTICLES for word in each)


def _is_sentence(words: str) -> bool:
    count = len(words.split())
    return (
        len(words) > _LONGEST
        or words.endswith("?")
        or words.lower().startswith(_POSTSCRIPT)
        or (words.endswith((".", "!")) and count >= _SENTENCE and not words.endswith(_FIRMS))
        or count >= 10
    )


def _mark_contacts(lines: Sequence[str], marks: list[bool], end: int) -> None:
    """Marks a last paragraph of short lines, one of them a telephone number or a site, without a sign-off above."""
    index = end - 1
    while index >= 0 and (marks[index] or not lines[index].strip()):
        index -= 1
    last = index
    while index >= 0 and lines[index].strip() and not marks[index]:
        if len(lines[index]) > _LONGEST or _is_sentence(lines[index].strip()):
            return
        index -= 1
    if last - index < 2 or not any(line.strip() for line in lines[: index + 1]):
        return
    # A name on top tells it from a paragraph that ends in an address of the web.
    named = _is_name(lines[index + 1].strip(" \t-*|_").partition("|")[0].rstrip().replace('"', ""))
    if named and any(_CONTACT.search(line) for line in lines[index + 1 : last + 1]):
        marks[index + 1 : last + 1] = [True] * (last - index)
