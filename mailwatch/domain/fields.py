"""Splits a raw message into header and body, and a header into the fields that are wanted."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from mailwatch.domain.encodedword import decode_bytes

Fields = dict[str, list[str]]
"""Field name in lower case -> the unfolded values in their order, not yet decoded (RFC 2047)."""

BLOCK_LIMIT: Final = 1 << 20
"""Bytes of a header block that are looked through. Splitting lines is cheap, so that a list of thousands of
recipients does not hide the Message-ID behind it."""

FIELD_LIMIT: Final = 32 << 10
"""Bytes of one field value that are parsed."""

_MOST_VALUES = 50
_HEADER_END = re.compile(rb"\n\r*+\n")
_HEADER_END_OF_CRS = re.compile(rb"\r\r")
_PARAMETER = re.compile(r';\s*+([^\s=;"]++)\s*+=\s*+(?:"([^"\\]*+(?:\\.[^"\\]*+)*)"?|([^;\s]*+))')


def split_message(raw: bytes) -> tuple[bytes, bytes]:
    """The header block with its last line end, and the body; a blank line at the start means no header."""
    start = raw[:2].lstrip(b"\r")[:1]
    if start == b"\n":
        return b"", raw[raw.index(b"\n") + 1 :]
    end = _header_end(raw)
    if end is None:
        return raw, b""
    return raw[: end.start()].rstrip(b"\r") + b"\r\n", raw[end.end() :]


def _header_end(raw: bytes) -> re.Match[bytes] | None:
    """The first blank line; a message of an old Macintosh has only CRs."""
    return _HEADER_END.search(raw) or (None if b"\n" in raw else _HEADER_END_OF_CRS.search(raw))


def read_fields(raw: bytes, wanted: Collection[str]) -> Fields:
    """The wanted fields (names in lower case) of a header block or of a whole message.

    Courier's quoted names, space before the colon, an mbox "From " line, NULs, bare CRs and lines that are no
    field are all survived. Bytes beyond ASCII are read as UTF-8, else as Windows-1252, value by value.
    """
    block = raw[:BLOCK_LIMIT]
    end = _header_end(block)
    if end is not None:
        block = block[: end.start()]
    text = block.decode("latin-1")
    if "\r" in text:
        text = text.replace("\r\n", "\n")
        if "\r" in text:
            text = text.replace("\r", " " if "\n" in text else "\n")
    # Unfolding keeps the white space that the line began with (RFC 5322 2.2.3).
    text = text.replace("\n ", " ").replace("\n\t", "\t")
    ascii_only = block.isascii()
    fields: Fields = {}
    for line in text.split("\n"):
        name, colon, value = line.partition(":")
        name = name.lower()
        if name not in wanted:
            name = name.strip('" \t')
        if name in wanted and colon:
            value = value.strip()[:FIELD_LIMIT]
            if not ascii_only:
                value = decode_bytes(value.encode("latin-1"), cut=len(value) == FIELD_LIMIT)
            values = fields.setdefault(name, [])
            if len(values) < _MOST_VALUES:
                values.append(value.replace("\0", "") if "\0" in value else value)
    return fields


def read_parameters(value: str) -> tuple[str, dict[str, str]]:
    """Type and parameters of a Content-Type or Content-Disposition value, names in lower case (RFC 2045 5.1)."""
    kind, semicolon, _ = value.partition(";")
    parameters: dict[str, str] = {}
    if semicolon:
        for match in _PARAMETER.finditer(value[:2048]):
            # A boundary or name in several pieces (RFC 2231 3) is put together in the order it came.
            name = match[1].lower().partition("*")[0]
            text = match[2].replace("\\", "") if match[2] is not None else match[3]
            parameters[name] = parameters.get(name, "") + text if "*" in match[1] else text
    return kind.strip().lower(), parameters
