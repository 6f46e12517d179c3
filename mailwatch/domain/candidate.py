"""The triage by headers alone: which messages are of interest, and of which the text is wanted."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum

from mailwatch.domain.addressing import NOT_READ, Addressed, by_user, how_addressed
from mailwatch.domain.automatic import ONLY_A_LIST
from mailwatch.domain.message import Headers, Message
from mailwatch.domain.people import Directory
from mailwatch.domain.policy import Policy
from mailwatch.domain.reading import NOTHING_READ


class Interest(Enum):
    """What is kept of a message."""

    NONE = "none"  # it is only counted
    HEADERS = "headers"  # it is kept as a fact, and its text is not asked for
    TEXT = "text"  # its text is read, and what its new words say is kept


def as_group_mail(headers: Headers, policy: Policy, directory: Directory) -> Headers:
    """A coworker's mail to a configured group of the user as the person's mail that it is.

    Such a group is often a mailing list, whose marks would make every post a program's (RFC 3834 2).
    """
    if headers.automatic not in ONLY_A_LIST or headers.author is None:
        return headers
    groups = directory.groups_of(policy.user)
    named = any(address.addr_spec in groups for address in (*headers.to, *headers.cc))
    return replace(headers, automatic=None) if named and directory.is_coworker(headers.author.addr_spec) else headers


def interest(headers: Headers, policy: Policy, directory: Directory) -> Interest:
    """What a message is worth to its user, by its headers alone; pure, and a few microseconds."""
    if headers.automatic or headers.role in NOT_READ:
        return Interest.NONE
    if by_user(headers, policy.user):
        return _of_own(headers, policy, directory)
    if headers.author is None or not directory.is_coworker(headers.author.addr_spec):
        return Interest.NONE
    if how_addressed(headers, policy.user, directory)[0] is not Addressed.NOT_AT_ALL:
        return Interest.TEXT
    # A colleague's answer may have come by Bcc or through a list: it cannot ask, but it can settle.
    return Interest.HEADERS


def is_aside(message: Message, policy: Policy, directory: Directory) -> bool:
    """Whether a message is the user's reply to outsiders, which matters only in a conversation with coworkers."""
    headers = message.headers
    if message.reading != NOTHING_READ or not by_user(headers, policy.user):
        return False
    return _of_own(headers, policy, directory) is not Interest.TEXT


def _of_own(headers: Headers, policy: Policy, directory: Directory) -> Interest:
    others = False
    for address in headers.recipients:
        spec = address.addr_spec
        if policy.user.is_me(spec):
            continue
        if spec in directory.groups or directory.is_coworker(spec):
            return Interest.TEXT
        others = True
    # A reply to an outsider's address may reach a coworker all the same: by the Reply-To that they gave.
    return Interest.HEADERS if others and headers.ancestors else Interest.NONE
