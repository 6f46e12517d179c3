"""What a client says to log in with an OAuth 2 token, and how it reads a refusal (RFC 7628; XOAUTH2 of Google)."""

from __future__ import annotations

import binascii
import json
import re
from collections.abc import Collection
from typing import Final, Literal

from mailwatch.domain.cleaning import clean

Mechanism = Literal["OAUTHBEARER", "XOAUTH2"]

_TOKEN = re.compile(r"[A-Za-z0-9\-._~+/]{1,16384}=*")  # RFC 6750 2.1
_REFUSAL_LIMIT = 8192

MECHANISMS: Final[tuple[Mechanism, ...]] = ("OAUTHBEARER", "XOAUTH2")
"""In the order in which they are to be preferred: the standard one first."""

AFTER_A_REFUSAL: Final[dict[Mechanism, bytes]] = {"OAUTHBEARER": b"\x01", "XOAUTH2": b""}
"""What the client answers to the server's JSON, so that the server ends the exchange (RFC 7628 3.2.3)."""


def mechanism(offered: Collection[str]) -> Mechanism | None:
    """The mechanism to use among those that a server offers (`AUTH=` taken off, in any case), or None."""
    words = {word.upper().removeprefix("AUTH=") for word in offered}
    return next((each for each in MECHANISMS if each in words), None)


def first_message(chosen: Mechanism, user: str, token: str, host: str, port: int) -> bytes:
    """The initial client response, not yet in base64.

    Raises ValueError, without the token in it, if user or token hold what the mechanism cannot carry.
    """
    if chosen == "OAUTHBEARER":
        return oauthbearer(user, token, host, port)
    return xoauth2(user, token)


def xoauth2(user: str, token: str) -> bytes:
    """The initial response of XOAUTH2: user and token between control-A signs."""
    _check(user, token)
    return f"user={user}\x01auth=Bearer {token}\x01\x01".encode()


def oauthbearer(user: str, token: str, host: str, port: int) -> bytes:
    """The initial response of OAUTHBEARER (RFC 7628 3.1), with the GS2 header of RFC 5801 4."""
    _check(user, token)
    name = user.replace("=", "=3D").replace(",", "=2C")
    return f"n,a={name},\x01host={host}\x01port={port}\x01auth=Bearer {token}\x01\x01".encode()


def is_token(word: str) -> bool:
    """Whether a word has the form of a bearer token (RFC 6750 2.1)."""
    return _TOKEN.fullmatch(word) is not None


def refusal(challenge: bytes | str) -> str:
    """Why a server refused, in its words (RFC 7628 3.2.2), from its challenge with or without base64; or ''."""
    raw = challenge.encode("utf-8", "replace") if isinstance(challenge, str) else challenge
    raw = raw[:_REFUSAL_LIMIT].strip()
    try:
        if not raw.startswith(b"{"):
            raw = binascii.a2b_base64(raw)
        told = json.loads(raw)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(told, dict):
        return ""
    words = [str(told[key]) for key in ("status", "error", "error_description", "schemes") if told.get(key)]
    return clean(", ".join(words))


def _check(user: str, token: str) -> None:
    if not user or not user.isprintable():
        raise ValueError("the user's name is empty or holds a control character")
    if not is_token(token):
        raise ValueError("the token is empty or holds a sign that no bearer token has")
