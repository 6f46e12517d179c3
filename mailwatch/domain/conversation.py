"""Conversations: which messages answer each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mailwatch.domain.message import Message


@dataclass(frozen=True, slots=True)
class Conversation:
    """Messages that answer each other, each once, in order of time; `id` is the key of the earliest."""

    id: str
    messages: tuple[Message, ...]


def base_subject(subject: str) -> str:
    """The subject without reply and forward prefixes, tags and case (RFC 5256 2.1, for many languages)."""
    raise NotImplementedError


def link(messages: Sequence[Message]) -> tuple[Conversation, ...]:
    """Sorts messages into conversations; the order in which they are given does not matter."""
    raise NotImplementedError
