"""Takes out of untrusted words what could harm a terminal, a database, a header field or a reader's eye."""

from __future__ import annotations

import re
import unicodedata

LIMIT = 200
NAME_LIMIT = 80  # characters of the name of a mailbox

# What separates words or lines becomes a space, so that nothing can start a line of its own.
_SPACES = re.compile("[\t\n\v\f\r\x1c-\x1f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000 ]+")
# What is never seen goes: C0 and C1 controls, soft hyphens, bidi controls (UAX 9 2.1 to 2.6, and the marks),
# zero-width signs other than the joiners that some scripts need, annotation and tag characters, noncharacters.
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufdd0-\ufdef"
    "\ufeff\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e0fff]"
)
_MARKS_IN_A_ROW = 4

# Directional controls can show words in another order than they are stored; the rest are invisible marks.
_INVISIBLE = re.compile("[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_CONTROLS_IN_TEXT = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# A host behind //, www., a host with a path behind it, and the shares of Windows; up to a space or a closing mark.
_ADDRESSES = re.compile(
    r"(?:(?:\b[a-z][a-z0-9+.-]{0,20}:)?/{2,3}(?=\w)|\bwww\.|\b(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24}(?::\d{1,5})?/|\\\\(?=\w))"
    r"[^\s<>()\"'“”«»„]*",
    re.IGNORECASE,
)
_SURROGATES = re.compile("[\ud800-\udfff]")


def one_line(words: str, limit: int) -> str:
    """Words on one line: no control, bidi or invisible characters, no lone surrogates, single spaces, cut."""
    if not words.isprintable():
        # Several characters are dropped below, so the cut before it only keeps the work small.
        words = _SURROGATES.sub("\ufffd", _INVISIBLE.sub("", _CONTROLS.sub(" ", words[: 8 * limit])))
    return " ".join(words.split())[:limit].rstrip()


def many_lines(words: str) -> str:
    r"""Text whose lines end in \n, without control, bidi and invisible characters and without lone surrogates."""
    words = _LINE_ENDS.sub("\n", words)
    if words.isascii():
        return _CONTROLS_IN_TEXT.sub("", words)
    return _SURROGATES.sub("\ufffd", _INVISIBLE.sub("", _CONTROLS_IN_TEXT.sub("", words))).replace("\xa0", " ")


def clean(words: str, limit: int = LIMIT) -> str:
    """Words fit for a header or a line of a mail: printable, on one line, at most `limit` characters.

    A lone surrogate becomes U+FFFD, a cut is shown by an ellipsis. Linear in `limit`, however long the input.
    """
    if limit < 1:
        return ""
    if len(words) <= limit and words.isprintable():
        return _without_towers(" ".join(words.split()))  # Most words are like this; only marks can be among them.
    # Whatever lies far behind the limit could only be seen if nearly all before it vanished.
    text = words[: limit * 8]
    cut = len(words) > len(text)
    text = _SURROGATES.sub("\ufffd", _SPACES.sub(" ", _UNSEEN.sub("", _SPACES.sub(" ", text))))
    text = _without_towers(text).strip()
    if len(text) <= limit and not cut:
        return text
    kept = text[: limit - 1]
    # The cut must not part a sign from its accents, nor leave a joiner that joins the ellipsis.
    while kept and limit - 1 < len(text) and unicodedata.combining(text[len(kept)]):
        kept = kept[:-1]
    return kept.rstrip(" \u200c\u200d") + "…"


def shown(words: str, limit: int = LIMIT) -> str:
    """Cleaned words of somebody else, fit to stand in a mail of ours: addresses of the web are left out of them.

    Mail programs make links of such addresses, and in our mail nobody would suspect them.
    """
    kept = clean(words, 2 * limit)
    if "/" in kept or "\\" in kept or "www." in kept.lower():
        kept = _ADDRESSES.sub("[…]", kept)
    return clean(kept, limit)


def _without_towers(text: str) -> str:
    """Leaves at most four combining marks on a letter: more are made to write over the lines around."""
    if text.isascii():
        return text
    kept: list[str] = []
    row = 0
    for sign in text:
        row = row + 1 if unicodedata.category(sign) in ("Mn", "Me") else 0
        if row <= _MARKS_IN_A_ROW:
            kept.append(sign)
    return "".join(kept)
