"""Reads the addresses of a header field (RFC 5322 3.4) in linear time, the broken ones too."""

from __future__ import annotations

import re
from functools import lru_cache

from mailwatch.domain.cleaning import one_line
from mailwatch.domain.encodedword import decode_words
from mailwatch.domain.people import Address

MOST_ADDRESSES = 500
_NAME_LIMIT = 200
_SPEC_LIMIT = 320
_OFTEN_LIMIT = 200

# One simple mailbox with the comma after it; possessive quantifiers keep it linear.
_SIMPLE = re.compile(
    r' ?(?:"([^"\\]*+)" ?|([^"(),:;<>@\[\]\\]++)|)(<?)'
    r'([^\s"(),:;<>@\[\]\\]++@[^\s"(),:;<>@\[\]\\]++)(>?) ?(?:,|\Z)'
)
_ENCODED = re.compile(r"=\?[^?\s]{1,80}\?[bBqQ]\?[^?]*+\?=(?:\s++=\?[^?\s]{1,80}\?[bBqQ]\?[^?]*+\?=)*")
_TOKEN = re.compile(r'[^"(),:;<>\\]++|.', re.DOTALL)
_BROKEN = frozenset("<>,;")
_SPECIALS = re.compile(r'[\s"(),:;<>\\]++')

# Decoded words are no syntax: their special characters wait in the private use area until the list is read.
_HIDE = str.maketrans({sign: chr(0xE000 + number) for number, sign in enumerate('"(),:;<>@[]\\')})
_SHOW = str.maketrans({chr(0xE000 + number): sign for number, sign in enumerate('"(),:;<>@[]\\')})


def read_addresses(value: str) -> tuple[Address, ...]:
    """The addresses of a field, groups flattened, at most 500; what is no address is left out.

    The value should be capped and unfolded before. Never raises.
    """
    # A mailbox holds the same few people over and over again.
    return _read_often(value) if len(value) <= _OFTEN_LIMIT else _read(value)


def _read(value: str) -> tuple[Address, ...]:
    encoded = "=?" in value
    if encoded:
        value = _ENCODED.sub(lambda match: decode_words(match[0]).translate(_HIDE), value)
    value = " ".join(value.split())
    found: list[Address] = []
    position = 0
    while position < len(value) and len(found) < MOST_ADDRESSES:
        match = _SIMPLE.match(value, position)
        if match is None or bool(match[3]) is not bool(match[5]):
            return _read_slowly(value)
        spec = match[4]
        if not encoded and spec.isascii() and spec.isprintable() and len(spec) <= _SPEC_LIMIT:
            name = match[1] or match[2]
            found.append(Address(spec, _shown(name, spec) if name else ""))
        elif address := _address(spec, match[1] or match[2] or ""):
            found.append(address)
        position = match.end()
    return tuple(found)


_read_often = lru_cache(maxsize=4096)(_read)


def _read_slowly(value: str) -> tuple[Address, ...]:
    """The same for comments, groups, escapes, quoted local parts and broken lists, token by token."""
    reader = _Reader()
    for match in _TOKEN.finditer(value):
        reader.read(match[0])
        if len(reader.found) >= MOST_ADDRESSES:
            break
    if not reader.quoted:
        reader.end_of_address()
    if not reader.found:
        # A quote or comment without end swallowed it: take the first word that looks like an address.
        for word in _SPECIALS.split(value):
            address = _address(word, "") if "@" in word else None
            if address:
                return (address,)
    return tuple(reader.found[:MOST_ADDRESSES])


class _Reader:
    """The state of reading a list: where in quotes, comments and angle brackets the next token stands."""

    def __init__(self) -> None:
        self.found: list[Address] = []
        self.depth = 0  # of comments; a counter, since they nest without end
        self.quoted = self.escaped = self.in_angle = False
        self.surname = ""
        self._begin()

    def _begin(self) -> None:
        self.words: list[str] = []
        self.raw: list[str] = []
        self.comment: list[str] = []
        self.spec: list[str] = []
        self.had_angle = False

    def read(self, token: str) -> None:
        """Takes one token."""
        if self.escaped:
            self.escaped = False
            self._keep(token)
        elif token == "\\":
            self.escaped = True
        elif self.depth:
            self.depth += (token == "(") - (token == ")")
            if self.depth:
                self.comment.append(token)
        elif token == '"':
            self.quoted = not self.quoted
            (self.spec if self.in_angle else self.raw).append(token)
        elif self.quoted:
            self._keep(token)
        elif token == "(":
            self.depth = 1
        elif token == "<":
            self.in_angle = self.had_angle = True
            self.spec = []
        elif token == ">":
            self.in_angle = False
        elif token in ",;" and not (self.in_angle and token == "," and self.spec and self.spec[0].startswith("@")):
            self.end_of_address()
        elif token == ":":
            # What stood before is the name of a group, or a source route inside angle brackets.
            if self.in_angle:
                self.spec = []
            else:
                self._begin()
        else:
            self._keep(token)

    def _keep(self, token: str) -> None:
        if self.depth:
            self.comment.append(token)
        elif self.in_angle:
            self.spec.append(token)
        else:
            self.words.append(token)
            self.raw.append(token)

    def end_of_address(self) -> None:
        """Keeps the address that was read, if it is one."""
        if self.had_angle:
            name = "".join(self.words) or "".join(self.comment)
            address = _address("".join(self.spec), f"{self.surname}, {name}" if self.surname else name)
        else:
            address = _address("".join(self.raw), "".join(self.comment))
        if address:
            self.found.append(address)
        # "Smith, Ann <ann@example.com>" without quotation marks: what stood before the comma is half a name.
        self.surname = "" if address or self.had_angle else "".join(self.words).strip()
        self.in_angle = False
        self._begin()


def _address(spec: str, name: str) -> Address | None:
    spec = spec.strip()
    local, at, domain = spec.rpartition("@")
    if not local or not domain or len(spec) > _SPEC_LIMIT or " " in domain or not spec.isprintable():
        return None
    if " " in local and not (local.startswith('"') and local.endswith('"')):
        # Words without a comma before a bare address: the last word is the address, the rest is a name.
        head, _, local = local.rpartition(" ")
        name = name or head
        if not local:
            return None
    spec = (local + at + domain).translate(_SHOW)
    if not local.startswith('"') and not _BROKEN.isdisjoint(spec):
        return None
    if spec.count("@") > 1 and not local.startswith('"'):
        return None
    return Address(spec, _shown(name.translate(_SHOW), spec))


def _shown(name: str, spec: str) -> str:
    """A display name without quotation marks around it; a name that only repeats the address is none."""
    shown = one_line(name, _NAME_LIMIT).strip("'\" ")
    return "" if shown.lower() == spec.lower() else shown
