"""Finds the parts of a message that may hold its text, or an invitation, from BODYSTRUCTURE (RFC 3501 7.4.2)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile

from mailwatch.adapters.imap_answers import Token
from mailwatch.domain.invitations import invites
from mailwatch.domain.message import Invitation

_MOST_PARTS = 500
_DISPOSITION = 9  # where the disposition stands in the description of a part of text


def text_parts(structure: Token) -> list[str]:
    """The numbers of the first part of plain text and of the first HTML that are no attachments, in this order.

    Attached messages are not looked into: their words are somebody else's.
    """
    found: dict[bytes, str] = {}
    for path, node, _ in _leaves(structure):
        if _lower(node, 0) == b"text" and not _is_attached(node):
            found.setdefault(_lower(node, 1), path or "1")
    return [found[kind] for kind in (b"plain", b"html") if kind in found]


def invitation(structure: Token) -> Invitation | None:
    """Where a calendar stands that invites or answers, if there is one."""
    places = {
        Invitation.INSTEAD if is_choice else Invitation.BESIDE
        for _, node, is_choice in _leaves(structure)
        if (_lower(node, 0), _lower(node, 1)) == (b"text", b"calendar") and invites(_parameter(node, b"method"))
    }
    return next((place for place in Invitation if place in places), None)


def _leaves(structure: Token) -> Iterator[tuple[str, list[Token], bool]]:
    """The parts that hold no parts, in their order: number, description, and whether it stands in an alternative."""
    waiting: list[tuple[str, Token, bool]] = [("", structure, False)]
    for _ in range(_MOST_PARTS):
        if not waiting:
            break
        path, node, is_choice = waiting.pop()
        if not isinstance(node, list) or not node:
            continue
        if isinstance(node[0], list):
            # The parts come first; behind the subtype stand lists that are no parts.
            parts = list(takewhile(lambda part: isinstance(part, list), node))
            is_choice = is_choice or _lower(node, len(parts)) == b"alternative"
            numbered = [(f"{path}.{at}" if path else str(at), part, is_choice) for at, part in enumerate(parts, 1)]
            waiting.extend(reversed(numbered))
            continue
        yield path, node, is_choice


def _lower(node: list[Token], at: int) -> bytes:
    value = node[at] if at < len(node) else None
    return value.lower() if isinstance(value, bytes) else b""


def _parameter(node: list[Token], name: bytes) -> str:
    """The value of a parameter of a part; empty if it has none."""
    named = node[2] if len(node) > 2 else None
    given = named if isinstance(named, list) else []
    for key, value in zip(given[::2], given[1::2], strict=False):
        if isinstance(key, bytes) and key.lower() == name and isinstance(value, bytes):
            return value.decode("ascii", "replace")
    return ""


def _is_attached(node: list[Token]) -> bool:
    disposition = node[_DISPOSITION] if len(node) > _DISPOSITION else None
    return isinstance(disposition, list) and _lower(disposition, 0) == b"attachment"
