"""Recognises what stands in a sender's lines and is not what they say: signatures, and what programs add."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice
from typing import Final

from mailwatch.domain.banners import bottom_banners
from mailwatch.domain.boilerplate import is_notice, mark_boilerplate
from mailwatch.domain.namecards import (
    LONGEST,
    SENTENCE,
    bears,
    has_number,
    has_telephone,
    is_closed,
    is_contact,
    is_name,
    is_postscript,
    is_sentence,
    is_signed,
    is_signer,
    names_register,
    tells_of_hours,
    tells_of_the_sender,
)
from mailwatch.domain.separators import is_rule
from mailwatch.domain.signoffs import closing

_MOST_LINES: Final = 30
_BELOW_A_DELIMITER: Final = 25  # lines
_SIGN_OFF_WITHIN: Final = 60
_CARD_LINES: Final = 8
_NEAR: Final = 8  # lines
_HEADING: Final = 5  # words that end in a colon are no more than a heading
_PARAGRAPH: Final = 8  # lines
_ROUND_A_NAME: Final = " \t*_|,"
_DELIMITERS = frozenset({"--", "—", "- -", "–", "-- --", "__"})
_LINK = re.compile(r"<https?://[^\s<>]{1,300}>?")
_LOGO = re.compile(r"\[[^\[\]\n]{1,80}\]")
"""What stands in plain text where a picture was."""
_SAYING: Final = '"“„«»'
"""Below contact data some set what a poet said."""


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
    _mark_fenced(lines, marks, end, words_before=int(below_quote))
    _mark_sign_off(lines, marks, end, words_before=int(below_quote))
    _mark_author(lines, marks, end, author, below_quote=below_quote)
    _mark_contacts(lines, marks, end)
    return marks


def _mark_delimited(lines: Sequence[str], marks: list[bool], end: int) -> int:
    """Marks what stands below a signature delimiter (RFC 3676 4.3); where the sender's part ends."""
    left = _BELOW_A_DELIMITER
    found = -1
    for index in range(end - 1, -1, -1):
        plain = lines[index].strip()
        if plain in _DELIMITERS or (
            lines[index].startswith("--")
            and (is_signed(plain) or (plain == "---" and _is_card(lines[index + 1 : end])))
        ):
            found = index
        left -= bool(plain)
        if left <= 0:
            break
    if found < 0:
        return end
    stop = end
    for index in range(found + 1, end):
        if is_postscript(lines[index].strip()):
            stop = index
            break
    marks[found:stop] = [True] * (stop - found)
    return found


def _is_card(lines: Sequence[str]) -> bool:
    """Whether three dashes stand above a name of two words or more and a few short lines, and nothing else."""
    said = [line.strip() for line in lines[: _MOST_LINES + 1] if line.strip()]
    named = bool(said) and " " in said[0] and is_name(said[0])
    return named and len(said) <= _CARD_LINES and not any(map(is_sentence, said))


def _mark_sign_off(lines: Sequence[str], marks: list[bool], end: int, *, words_before: int) -> None:
    """Marks a closing formula and the name and title below it; thanks are kept, since they say something."""
    for index in range(end):
        if marks[index] or not lines[index].strip():
            continue
        words_before += 1
        if words_before == 1 or len(lines[index]) >= _SIGN_OFF_WITHIN:
            continue
        found = closing(lines[index])
        if found and (not found.name or is_name(found.name.title())):
            stop = _end_of_signature(lines, index + 1, end, named=bool(found.name))
            if stop > index + 1 or not any(line.strip() for line in lines[index + 1 : end]):
                marks[index] = not found.thanks
                marks[index + 1 : stop] = [True] * (stop - index - 1)


def _mark_fenced(lines: Sequence[str], marks: list[bool], end: int, *, words_before: int) -> None:
    """Marks a name with contact data between drawn lines, or below one."""
    for index in range(end):
        if is_rule(lines[index]) and words_before and not marks[index]:
            first = next((at for at in range(index + 1, min(end, index + 3)) if lines[at].strip()), end)
            if first < end and is_signer(lines[first].strip(_ROUND_A_NAME)) and _leads_to_a_firm(lines, first, end):
                stop = _end_of_signature(lines, first, end)
                marks[index:stop] = [True] * (stop - index)
        words_before += bool(lines[index].strip())


def _mark_author(lines: Sequence[str], marks: list[bool], end: int, author: str, *, below_quote: bool) -> None:
    """Marks the sender's full name on a line of its own, below other words, with title and contact data below it."""
    for index in range(end):
        plain = lines[index].strip(_ROUND_A_NAME)
        apart = not index or marks[index - 1] or not lines[index - 1].strip() or closing(lines[index - 1])
        if marks[index] or not apart or not bears(plain, author):
            continue
        stop = _end_of_signature(lines, index, end)
        rest = any(line.strip() for line, mark in zip(lines[stop:end], marks[stop:end], strict=True) if not mark)
        if stop > index + 1 and not rest and (below_quote or any(line.strip() for line in lines[:index])):
            marks[index:stop] = [True] * (stop - index)
            return


def _end_of_signature(lines: Sequence[str], start: int, end: int, *, named: bool = False) -> int:
    """Where the lines of a name, title and contact end; `start` itself if the first is not a name.

    `named` says that the name stands above already; then the first must look like a name or contact data. Below a
    telephone number or a register all is of the signature but what is said to the reader, if it is not long.
    """
    said = (index for index in range(start, end) if lines[index].strip())
    short = next(islice(said, _MOST_LINES, None), None) is None
    # Where the lines end that are surely of it, and where those that may be.
    sure = seen = start
    blank, contact, certain, notice = named, False, False, False
    for index in range(start, min(end, start + _MOST_LINES)):
        plain = lines[index].strip(_ROUND_A_NAME)
        if is_rule(lines[index]):
            if named and not certain and not _goes_on_below_a_rule(lines, index + 1, end):
                return sure  # A line drawn below a signature begins something else.
            continue
        if not plain:
            blank, notice = True, False
            continue
        if not named:
            if _LOGO.fullmatch(plain):
                continue
            if not is_signer(plain):
                break
            named, blank, sure = True, False, index + 1
            continue
        notice = notice or (sure > start + 1 and is_notice(lines, index))
        surely = notice or _goes_on(plain, blank) or (not contact and _leads_to_contact(lines, index, end))
        if not surely and contact and is_postscript(plain):
            return seen
        if not surely and (not contact or _speaks(lines, index, blank, among_data=certain)):
            return sure  # What was taken for opening hours and the like may have been the beginning of what is said.
        contact = contact or is_contact(plain)
        certain = certain or (short and is_contact(plain) and (has_telephone(plain) or names_register(plain)))
        blank = False
        seen = index + 1
        sure = seen if surely else sure
    return max(sure, seen)


def _goes_on_below_a_rule(lines: Sequence[str], start: int, end: int) -> bool:
    """Whether below a drawn line stand contact data, a firm's register, a postscript, or nothing at all."""
    below = [index for index in range(start, min(end, start + _NEAR)) if lines[index].strip()]
    return not below or is_postscript(lines[below[0]].strip()) or _leads_to_a_firm(lines, below[0], end)


def _goes_on(words: str, after_blank: bool) -> bool:
    """Whether a line below a name is still of the signature; after a blank line it must look like contact data."""
    if is_contact(words) or _LOGO.fullmatch(_LINK.sub("", words)):
        return True
    return is_name(words) or not (after_blank or is_sentence(words))


def _leads_to_contact(lines: Sequence[str], start: int, end: int) -> bool:
    """Whether a line is no sentence and contact data stand soon below it, as below a firm's name and street."""
    ahead = [line.strip(_ROUND_A_NAME) for line in lines[start : min(end, start + 2 * _NEAR)] if line.strip()][:_NEAR]
    for plain in ahead:
        if is_contact(plain):
            return True
        if is_sentence(plain) or is_closed(plain):
            return False
    return False


def _leads_to_a_firm(lines: Sequence[str], start: int, end: int) -> bool:
    """The same where a site is not enough: a telephone number or a register stands below."""
    near = lines[start : min(end, start + 2 * _NEAR)]
    return _leads_to_contact(lines, start, end) and any(has_telephone(one) or names_register(one) for one in near)


def _speaks(lines: Sequence[str], start: int, after_blank: bool, *, among_data: bool) -> bool:
    """Whether what stands below contact data is said to the reader: it asks, or is a sentence that stands apart.

    `among_data` says that this is a firm's signature without doubt: then what the firm tells everybody belongs to it,
    and a sentence must tell of the sender themself. All right below the data is of the signature in any case.
    """
    said = []
    for line in lines[start : start + _PARAGRAPH]:
        if not line.strip():
            break
        said.append(_LINK.sub("", line[:400]).strip())
    words = " ".join(said)
    if is_postscript(words) or ("?" in words and not is_notice(lines, start)):
        return True
    last, count = words.rstrip("*_ ")[-1:], len(words.split())
    prose = (last in (".", "!") and count >= SENTENCE) or (last == ":" and count > _HEADING)
    if not (after_blank and prose) or words[0] in _SAYING or names_register(words) or tells_of_hours(words):
        return False
    return tells_of_the_sender(words) or not among_data


def _mark_contacts(lines: Sequence[str], marks: list[bool], end: int) -> None:
    """Marks a last paragraph of short lines, one of them a telephone number or a site, without a sign-off above."""
    index = end - 1
    while index >= 0 and (marks[index] or not lines[index].strip()):
        index -= 1
    last = index
    while index >= 0 and lines[index].strip() and not marks[index]:
        if len(lines[index]) > LONGEST or is_sentence(lines[index].strip()):
            return
        index -= 1
    if last - index < 2 or not any(line.strip() for line in lines[: index + 1]):
        return
    # A name on top tells it from a paragraph that ends in an address of the web.
    named = is_signer(lines[index + 1].strip(" \t-*|_").replace('"', ""))
    if named and any(has_number(line) for line in lines[index + 1 : last + 1]):
        marks[index + 1 : last + 1] = [True] * (last - index)
