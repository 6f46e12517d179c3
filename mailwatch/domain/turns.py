"""Whose turn it is: follows a conversation from its messages to requests, promises and what happened to them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from mailwatch.domain.conversation import Conversation
from mailwatch.domain.people import Directory
from mailwatch.domain.policy import Policy
from mailwatch.domain.promise import Promise
from mailwatch.domain.request import Request


def request_id(user: str, key: str) -> str:
    """The stable short id of a user's request in the message with this key."""
    raise NotImplementedError


def promise_id(user: str, key: str) -> str:
    """The stable short id of a user's promise in the message with this key."""
    raise NotImplementedError


def follow(
    conversation: Conversation,
    policy: Policy,
    directory: Directory,
    *,
    settled: Mapping[str, datetime] | None = None,
) -> tuple[tuple[Request, ...], tuple[Promise, ...]]:
    """The requests and promises of one user in a conversation, in order of time, with their events.

    `settled` says when the user's own command (done, delegated, dismissed) settled a request, by its id:
    what the requester asks after that moment is a new request and not a chaser.
    """
    raise NotImplementedError
