"""Reads the answers of an IMAP server (RFC 3501 7, 9) into plain lists, whatever it may have put into them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone

Token = bytes | None | list["Token"]
"""A string or an atom as bytes, NIL as None, a parenthesised list as a list."""

Piece = bytes | tuple[bytes, bytes]
"""What imaplib hands out: a line, or a line that ends in {n} with the n bytes that followed it."""

_DEPTH = 100
# A quoted string, a literal's mark, a parenthesis, an atom (brackets may hold spaces: BODY[HEADER.FIELDS (TO)]), or
# something that is none of these. The last one keeps a broken line from being searched again and again.
_TOKEN = re.compile(
    rb'\s*(?:"(?P<quoted>[^"\\]*(?:\\.[^"\\]*)*)"|(?P<literal>~?\{\d{1,12}\+?\})|(?P<paren>[()])'
    rb'|(?P<atom>(?:[^\s()"{\[]+|\[[^\]]*\])+)|(?P<bad>\S))',
    re.DOTALL,
)
_ESCAPE = re.compile(rb"\\(.)", re.DOTALL)
_DATE = re.compile(rb"\s*(\d{1,2})-([A-Za-z]{3})-(\d{4}) (\d\d):(\d\d):(\d\d)(?: ([+-])(\d\d)(\d\d))?")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTH = {name.lower().encode(): number for number, name in enumerate(MONTHS, 1)}


def responses(data: Iterable[Piece | None]) -> Iterator[list[Piece]]:
    """Puts the pieces of each untagged response together: any number of literals, then the end of the line."""
    pieces: list[Piece] = []
    for piece in data:
        if piece is None:
            continue
        pieces.append(piece)
        if isinstance(piece, bytes):
            yield pieces
            pieces = []


def tokens(pieces: Iterable[Piece]) -> list[Token]:
    """The tokens of one response. Raises ValueError if it cannot be read."""
    found: list[Token] = []
    stack = [found]
    for piece in pieces:
        line, literal = piece if isinstance(piece, tuple) else (piece, None)
        for match in _TOKEN.finditer(line):
            kind = match.lastgroup
            if kind == "atom":
                atom = match["atom"]
                stack[-1].append(None if atom.upper() == b"NIL" else atom)
            elif kind == "quoted":
                words = match["quoted"]
                stack[-1].append(_ESCAPE.sub(rb"\1", words) if b"\\" in words else words)
            elif kind == "paren" and match["paren"] == b"(":
                inner: list[Token] = []
                stack[-1].append(inner)
                stack.append(inner)
                if len(stack) > _DEPTH:
                    raise ValueError("an answer is nested too deeply")
            elif kind == "paren":
                stack.pop()
                if not stack:
                    raise ValueError("an answer has a parenthesis too many")
            elif kind == "literal" and literal is not None and match.end() == len(line):
                stack[-1].append(literal)
                literal = None
            else:
                raise ValueError("an answer holds what no answer may hold")
    if len(stack) != 1:
        raise ValueError("an answer ends too early")
    return found


def fetched(data: Iterable[Piece | None]) -> tuple[dict[int, dict[bytes, Token]], int]:
    """What FETCH answered, by UID, and how many answers could not be read.

    Keys are in upper case without what follows the first space or the partial range: `BODY[HEADER.FIELDS`,
    `BODY[1]`. Answers that name no UID are somebody else's flags and are left out.
    """
    found: dict[int, dict[bytes, Token]] = {}
    broken = 0
    for pieces in responses(data):
        try:
            _, items = tokens(pieces)
        except ValueError:
            broken += 1
            continue
        if not isinstance(items, list):
            broken += 1
            continue
        values = {_key(name): value for name, value in zip(items[::2], items[1::2], strict=False)}
        uid = values.get(b"UID")
        if isinstance(uid, bytes) and uid.isdigit() and len(uid) < 12:
            found.setdefault(int(uid), {}).update(values)
    return found, broken


def _key(name: Token) -> bytes:
    if not isinstance(name, bytes):
        return b""
    return name.upper().partition(b" ")[0].partition(b"<")[0]


def pairs(tokens_of_list: Token) -> Mapping[bytes, Token]:
    """A list of names and values, such as STATUS answers, by name in upper case."""
    if not isinstance(tokens_of_list, list):
        return {}
    return {_key(name): value for name, value in zip(tokens_of_list[::2], tokens_of_list[1::2], strict=False)}


def number(value: Token) -> int | None:
    """A number of at most eleven digits, else None."""
    return int(value) if isinstance(value, bytes) and value.isdigit() and len(value) < 12 else None


def numbers(data: Iterable[Piece | None]) -> list[int]:
    """The UIDs that SEARCH answered; what is no number is left out."""
    return [
        int(word)
        for line in data
        if isinstance(line, bytes)
        for word in line.split()
        if word.isdigit() and len(word) < 12
    ]


def internal_date(value: Token) -> datetime | None:
    """An INTERNALDATE in UTC, or None if it cannot be read; a zone that cannot be is taken for UTC."""
    match = _DATE.match(value) if isinstance(value, bytes) else None
    if match is None:
        return None
    day, month, year, hour, minute, second = (*match.group(1, 2, 3, 4, 5, 6),)
    zone: timezone = UTC
    if match[7] and int(match[8]) < 24 and int(match[9]) < 60:
        offset = timedelta(hours=int(match[8]), minutes=int(match[9]))
        zone = timezone(-offset if match[7] == b"-" else offset)
    try:
        moment = datetime(
            int(year), _MONTH[month.lower()], int(day), int(hour), int(minute), min(int(second), 59), tzinfo=zone
        )
        return moment.astimezone(UTC)
    except (ValueError, KeyError, OverflowError):
        return None


def uid_set(uids: Iterable[int]) -> str:
    """UIDs as a short sequence set (RFC 3501 9): 1:3,7."""
    runs: list[list[int]] = []
    for uid in sorted(uids):
        if runs and uid == runs[-1][1] + 1:
            runs[-1][1] = uid
        else:
            runs.append([uid, uid])
    return ",".join(str(a) if a == b else f"{a}:{b}" for a, b in runs)


def quoted(words: bytes) -> bytes:
    """A quoted string (RFC 3501 4.3). Raises ValueError for what cannot stand in one."""
    if any(sign in words for sign in b"\r\n\0"):
        raise ValueError("a line end or NUL cannot be quoted")
    return b'"' + words.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
