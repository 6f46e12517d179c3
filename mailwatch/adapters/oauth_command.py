"""Tokens of any provider, from a command that prints one."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from mailwatch.adapters.oauth import Token
from mailwatch.domain.sasl import is_token
from mailwatch.errors import LoginRefused, SettingsError

_A_WHILE = 120.0  # seconds for which a token without an end is used; half of them, as Tokens replaces it in time


class CommandTokens:
    """Fetches what a command prints: the token alone, or a JSON object with `access_token` and `expires_in`.

    `run` runs the command and returns what it printed, as a source of secrets does; its SettingsError names the key.
    """

    def __init__(self, run: Callable[[], str], where: str, clock: Callable[[], float] = time.time) -> None:
        self._run, self._where, self._clock = run, where, clock

    def __call__(self, anew: bool) -> Token:
        """See Fetch."""
        try:
            printed = str(self._run()).strip()
        except SettingsError as error:
            raise LoginRefused(f"No token can be had: {error}") from None
        lasts: Any = _A_WHILE
        value: Any = printed
        if printed.startswith("{"):
            try:
                told = json.loads(printed)
            except (ValueError, RecursionError):
                told = {}
            value, lasts = told.get("access_token"), told.get("expires_in", _A_WHILE)
        if not isinstance(value, str) or not is_token(value):
            raise LoginRefused(
                f"{self._where}: what the command printed is no token; it has to print the token alone, or JSON with "
                "access_token and expires_in."
            )
        try:
            return Token(value, self._clock() + float(lasts))
        except (TypeError, ValueError, OverflowError):
            return Token(value, self._clock() + _A_WHILE)
