"""Finds the parts of a message that may hold its text, from BODYSTRUCTURE (RFC 3501 7.4.2)."""

from __future__ import annotations

from itertools import takewhile

from mailwatch.adapters.imap_answers import Token

_MOST_PARTS = 500
_DISPOSITION = 9  # where the disposition stands in the description of a part of text


def text_parts(structure: Token) -> list[str]:
    """The numbers of the first part of plain text and of the first HTML that are no attachments, in this order.

    Attached messages are not looked into: their words are somebody else's.
    """
    found: dict[bytes, str] = {}
    waiting: list[tuple[str, Token]] = [("", structure)]
    for _ in range(_MOST_PARTS):
        if not waiting:
            break
        path, node = waiting.pop()
        if not isinstance(node, list) or not node:
            continue
        if isinstance(node[0], list):
            # The parts come first; behind the subtype stand lists that are no parts.
            parts = list(takewhile(lambda part: isinstance(part, list), node))
            numbered = [(f"{path}.{at}" if path else str(at), part) for at, part in enumerate(parts, 1)]
            waiting.extend(reversed(numbered))
            continue
        if _lower(node, 0) != b"text" or _is_attached(node):
            continue
        found.setdefault(_lower(node, 1), path or "1")
    return [found[kind] for kind in (b"plain", b"html") if kind in found]


def _lower(node: list[Token], at: int) -> bytes:
    value = node[at] if at < len(node) else None
    return value.lower() if isinstance(value, bytes) else b""


def _is_attached(node: list[Token]) -> bool:
    disposition = node[_DISPOSITION] if len(node) > _DISPOSITION else None
    return isinstance(disposition, list) and _lower(disposition, 0) == b"attachment"
