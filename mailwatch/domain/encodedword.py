"""Turns bytes into words: charsets as they are found in mail, and the encoded words of RFC 2047."""

from __future__ import annotations

import binascii
import codecs
import re
from functools import lru_cache

_WORD = re.compile(r"=\?([^?\s]{1,80})\?([bBqQ])\?([^?]*+)(?:\?=|\??\Z)")
"""An encoded word; the last one may have been cut off on its way."""
_NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="))
_PADDING = re.compile(rb"=+")

# What senders call a charset is often a subset of what they use.
_WIDER = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "big5": "big5hkscs",
    "tis-620": "cp874",
}
_ALIASES = {"iso-8859-8-i": "iso-8859-8", "iso-8859-8-e": "iso-8859-8", "x-sjis": "cp932", "cp-850": "cp850"}
# These codecs are not charsets of mail: some are quadratic, some run escapes, some always fail.
_REFUSED = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"})


@lru_cache(maxsize=256)
def codec_of(charset: str) -> str | None:
    """The name of the codec to read a charset with; None for one that is unknown or no charset at all."""
    name = charset.strip(" \t'\"").partition("*")[0].lower()[:40]
    try:
        codec = codecs.lookup(_ALIASES.get(name, name))
    except (LookupError, ValueError, UnicodeError):
        return None
    if codec.name in _REFUSED or not getattr(codec, "_is_text_encoding", True):
        return None
    return _WIDER.get(codec.name, codec.name)


def decode_bytes(data: bytes, charset: str | None = None, *, cut: bool = False) -> str:
    """Bytes as words: by the named charset, else as UTF-8, else as Windows-1252; never raises.

    `cut` says that the end of the data is missing, so that half a character at the end is no fault.
    """
    codec = codec_of(charset) if charset else None
    for name in (codec, "utf-8"):
        # A single-byte charset reads anything, UTF-8 too; mail that says Latin-1 and is UTF-8 is common.
        if name is not None and not (name == "cp1252" and _is_utf8(data)):
            try:
                return codecs.getincrementaldecoder(name)("strict").decode(data, not cut)
            except (UnicodeError, ValueError, LookupError):
                continue
    if codec is not None and codec not in ("utf-8", "cp1252"):
        try:
            return data.decode(codec, "replace")
        except (UnicodeError, ValueError, LookupError):
            pass
    return data.decode("cp1252", "replace")


def _is_utf8(data: bytes) -> bool:
    """Whether bytes are UTF-8 with at least one character beyond ASCII."""
    if data.isascii():
        return False
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def decode_base64(data: bytes) -> bytes:
    """Base64 that may be cut anywhere, padded line by line, or mixed with other bytes; never raises."""
    whole = []
    for chunk in _PADDING.split(data.translate(None, _NOT_BASE64)):
        if len(chunk) % 4 == 1:
            chunk = chunk[:-1]
        whole.append(binascii.a2b_base64(chunk + b"=" * (-len(chunk) % 4)))
    return b"".join(whole)


def decode_words(value: str) -> str:
    """A header value with its encoded words decoded (RFC 2047); what is no encoded word stays as it is.

    Space between two encoded words is dropped (6.2), and bytes of neighbours in one charset are put together
    before they are decoded, since many senders cut a character in two. The value should be capped before.
    """
    if "=?" not in value:
        return value
    words: list[str] = []
    held: list[bytes] = []
    held_charset = ""
    position = 0
    for match in _WORD.finditer(value):
        between = value[position : match.start()]
        charset = match[1].lower()
        if held and (charset != held_charset or between.strip()):
            words.append(decode_bytes(b"".join(held), held_charset))
            held.clear()
            if between.strip():
                words.append(between)
        elif not held:
            words.append(between)
        held_charset = charset
        held.append(_encoded_bytes(match[2], match[3]))
        position = match.end()
    if held:
        words.append(decode_bytes(b"".join(held), held_charset))
    words.append(value[position:])
    return "".join(words)


def _encoded_bytes(encoding: str, text: str) -> bytes:
    data = text.encode("utf-8", "replace")
    if encoding in "bB":
        return decode_base64(data)
    return binascii.a2b_qp(data, header=True)
