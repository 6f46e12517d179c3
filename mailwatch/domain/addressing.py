"""Whose message it is, to whom it goes, and how the user is addressed in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum

from mailwatch.domain.message import Headers, Message, Role
from mailwatch.domain.people import Address, Directory, User, without_subaddress

NOT_READ = frozenset({Role.DRAFTS, Role.JUNK, Role.TRASH})


class Addressed(Enum):
    """How a message speaks to the user; only Bcc, or a list nobody configured, is NOT_AT_ALL."""

    TO = "to"
    GROUP = "group"  # a configured group of the user stands in To
    CC = "cc"  # the user, or such a group, stands in Cc only
    NOT_AT_ALL = "not at all"


def by_user(headers: Headers, user: User) -> bool:
    """Whether the user wrote it: what lies in the sent mailbox is theirs, elsewhere the author decides."""
    return headers.role is Role.SENT or (headers.author is not None and user.is_me(headers.author.addr_spec))


def group_of_user(addresses: Iterable[Address], user: User, directory: Directory) -> str | None:
    """The first address that is a configured group which the user is a member of."""
    if not directory.groups:
        return None
    for address in addresses:
        members = directory.groups.get(address.addr_spec)
        if members and (user.address.addr_spec in members or any(user.is_me(member) for member in members)):
            return address.addr_spec
    return None


def how_addressed(headers: Headers, user: User, directory: Directory) -> tuple[Addressed, str | None]:
    """How the user is addressed, and the group if it is only through one."""
    if any(user.is_me(address.addr_spec) for address in headers.to):
        return Addressed.TO, None
    if group := group_of_user(headers.to, user, directory):
        return Addressed.GROUP, group
    if any(user.is_me(address.addr_spec) for address in headers.cc):
        return Addressed.CC, None
    if group := group_of_user(headers.cc, user, directory):
        return Addressed.CC, group
    return Addressed.NOT_AT_ALL, None


def person(address: Address) -> str:
    """The addr-spec that stands for a person: without its subaddress (RFC 5233)."""
    return without_subaddress(address.addr_spec)


def reached(addresses: Iterable[Address], among: Mapping[str, object], directory: Directory) -> tuple[str, ...]:
    """Which of some persons stand among addresses, by their own or through a configured group, in their order."""
    found: dict[str, None] = {}
    for address in addresses:
        one = person(address)
        if one in among:
            found[one] = None
        members = directory.groups.get(address.addr_spec, frozenset())
        if len(among) < len(members):
            found.update(dict.fromkeys(sorted(one for one in among if one in members)))
        else:
            found.update(dict.fromkeys(sorted(one for one in map(without_subaddress, members) if one in among)))
    return tuple(found)


def spoken_to(message: Message, among: Mapping[str, object], directory: Directory) -> tuple[str, ...]:
    """To which of some persons the user's own message speaks, of those whom it reaches.

    If it calls somebody by name, to those whom it names; else to those in To, and to whom it names in Cc. If that is
    nobody, it speaks to all.
    """
    headers, named = message.headers, message.reading.names_others
    every = reached(headers.recipients, among, directory)
    if message.reading.calls_others:
        return tuple(one for one in every if one in named) or every
    in_to = reached(headers.to, among, directory)
    return tuple(one for one in every if one in in_to or one in named) if in_to else every
