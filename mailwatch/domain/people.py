"""Who people are: addresses, the user and their identities, and the coworkers a directory knows."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType

_NO_NAMES = frozenset(("all", "team", "staff", "group", "everyone", "everybody", "alle", "tous", "todos", "mr", "dr"))
"""Titles, and words of a list's address, by which nobody in particular is called."""
_NO_GROUPS: Mapping[str, frozenset[str]] = MappingProxyType({})
_LONGEST_LABEL = 63  # RFC 1035 2.3.4


def normal_address(words: str) -> str:
    """The one form of an addr-spec: in lower case, its domain in the ASCII form that goes over the wire.

    ann@bücher.example and ann@xn--bcher-kva.example are one. What is no address stays as it is.
    """
    plain = words.strip().lower()
    if plain.isascii():
        return plain
    local, at, domain = plain.rpartition("@")
    return local + at + normal_domain(domain) if at else plain


def normal_domain(words: str) -> str:
    """The one form of a domain: in lower case, and ASCII (RFC 5891). What is no valid domain stays as it is."""
    plain = words.strip().lower()
    if plain.isascii() or len(plain) > 255:
        return plain
    # The codec of the standard library would make another domain, strasse.example, of straße.example.
    labels = unicodedata.normalize("NFKC", plain).lower().replace("。", ".").split(".")
    found = [_ascii_label(label) for label in labels]
    return ".".join(found) if all(found) else plain


def _ascii_label(label: str) -> str:
    """A part of a domain in ASCII; empty if it is not valid."""
    if len(label) > _LONGEST_LABEL or label.startswith("-") or not all(map(_is_of_a_word, label)):
        return ""
    found = label if label.isascii() else "xn--" + label.encode("punycode").decode("ascii")
    return found if len(found) <= _LONGEST_LABEL else ""


def _is_of_a_word(sign: str) -> bool:
    return sign in "-_" or sign.isalnum() or unicodedata.category(sign).startswith("M")


@dataclass(frozen=True, slots=True)
class Address:
    """An addr-spec and the display name it came with (RFC 5322 3.4).

    `addr_spec` is kept in its one form and alone decides equality: people write their own name in many ways.
    """

    addr_spec: str
    display_name: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "addr_spec", normal_address(self.addr_spec))

    @property
    def domain(self) -> str:
        """What stands after the last @, or an empty string."""
        return self.addr_spec.rpartition("@")[2]

    @property
    def name(self) -> str:
        """How to call the person: the display name, else the addr-spec."""
        return self.display_name or self.addr_spec

    @property
    def first_name(self) -> str:
        """The word by which people most likely call the person, in lower case; "" if it cannot be told.

        It is the first of the display name ("Bob Brown", or behind a comma: "Brown, Bob"), else of the local part.
        """
        family, _, given = self.display_name.partition(",")
        words = _words_of(given or family, "", frozenset()) or _words_of("", self.addr_spec, frozenset())
        return next((word for word in words if word not in _NO_NAMES), "")


def without_subaddress(addr_spec: str) -> str:
    """Takes `+detail` out of the local part (RFC 5233): ann+lists@example.com is ann@example.com."""
    local, at, domain = addr_spec.rpartition("@")
    return local.partition("+")[0] + at + domain if local else addr_spec


@dataclass(frozen=True, slots=True)
class User:
    """A person whose mailbox is watched; `aliases` are further addr-specs of the same person."""

    address: Address
    aliases: frozenset[str] = frozenset()

    def is_me(self, addr_spec: str) -> bool:
        """Whether an addr-spec is one of this user's identities, subaddresses included."""
        plain = normal_address(addr_spec)
        mine = {self.address.addr_spec} | self.aliases
        return plain in mine or without_subaddress(plain) in mine

    @property
    def names(self) -> tuple[str, ...]:
        """Words by which the user may be called in a mail, in lower case: the parts of name and addresses."""
        return _words_of(self.address.display_name, self.address.addr_spec, self.aliases)


@lru_cache(maxsize=4096)
def _words_of(display_name: str, addr_spec: str, aliases: frozenset[str]) -> tuple[str, ...]:
    words: list[str] = []
    for source in (display_name, *sorted({addr_spec, *aliases})):
        local = source.partition("@")[0].partition("+")[0]
        for sign in "._-,":
            local = local.replace(sign, " ")
        words += [word.lower() for word in local.split() if len(word) > 1 and word.isalpha()]
    return tuple(dict.fromkeys(words))


@dataclass(frozen=True, slots=True)
class Directory:
    """The internal customers: domains with their subdomains, single addresses, exceptions and groups.

    `groups` maps the address of a group to the addr-specs of its members.
    """

    domains: frozenset[str] = frozenset()
    addresses: frozenset[str] = frozenset()
    exceptions: frozenset[str] = frozenset()
    groups: Mapping[str, frozenset[str]] = field(default_factory=lambda: _NO_GROUPS)

    def is_coworker(self, addr_spec: str) -> bool:
        """Whether a person is an internal customer; an exception (an address or a domain) goes first."""
        plain = normal_address(addr_spec)
        if {plain, without_subaddress(plain)} & self.exceptions or self._inside(plain, self.exceptions):
            return False
        if plain in self.groups:
            return False
        return plain in self.addresses or self._inside(plain, self.domains)

    def groups_of(self, user: User) -> frozenset[str]:
        """The addresses of the configured groups that the user is a member of."""
        return frozenset(
            group for group, members in self.groups.items() if any(user.is_me(member) for member in members)
        )

    @staticmethod
    def _inside(addr_spec: str, domains: Iterable[str]) -> bool:
        domain = addr_spec.rpartition("@")[2]
        while domain:
            if domain in domains:
                return True
            domain = domain.partition(".")[2]
        return False
