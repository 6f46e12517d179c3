"""What requests and promises are called: short stable ids, and the chain of Message-IDs that a reply names."""

from __future__ import annotations

from base64 import b32encode
from hashlib import blake2b

from mailwatch.domain.message import Headers

CHAIN_LIMIT = 20
_LONGEST_LINE = 998  # characters of a line (RFC 5322 2.1.1)


def request_id(user: str, key: str) -> str:
    """The id of a user's request in the message with this key: r and 7 letters or digits, always the same."""
    return "r" + _short(user, key)


def promise_id(user: str, key: str) -> str:
    """The id of a user's promise in the message with this key: p and 7 letters or digits, always the same."""
    return "p" + _short(user, key)


def _short(user: str, key: str) -> str:
    return (
        b32encode(blake2b(f"{user}\0{key}".encode("utf-8", "replace"), digest_size=5).digest()).decode().lower()[:7]
    )


def reply_chain(headers: Headers) -> tuple[str, ...]:
    """The References of a reply to a message (RFC 5322 3.6.4), oldest first, the last 20 of them."""
    parents = headers.references[-CHAIN_LIMIT:] or headers.in_reply_to[:1]
    chain = dict.fromkeys((*parents, headers.message_id) if headers.message_id else parents)
    return tuple(chain)[-CHAIN_LIMIT:]


def sought(message_id: str) -> str | None:
    """A Message-ID without its brackets if a server can be asked for it, else None."""
    words = message_id.strip().strip("<>")
    return words if 0 < len(words) <= _LONGEST_LINE and words.isascii() and words.isprintable() else None
