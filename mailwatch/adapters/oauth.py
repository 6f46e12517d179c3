"""Access tokens (RFC 6749): kept while they are good, fetched anew before they end, not asked for in a storm."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from mailwatch.errors import LoginRefused, ProviderError, TokenRefused

MARGIN = 300.0  # seconds before its end at which a token is replaced
REFUSAL_LASTS = 60.0  # seconds during which a refusal is repeated without asking the provider again


@dataclass(frozen=True, slots=True)
class Token:
    """An access token, and the moment it ends in seconds since 1970."""

    value: str = field(repr=False)
    ends_at: float


Fetch = Callable[[bool], Token]
"""Gets a token from a provider; true if a kept one was refused by a server, so that it must be a new one.

Raises LoginRefused in words where the provider refuses, Unreachable or BackOff where it cannot be asked.
"""


class Tokens:
    """The tokens of one login, to be shared by all mailboxes that use it; safe to use from several threads.

    Calling it gives a token that is good for the next minutes.
    """

    def __init__(self, fetch: Fetch, clock: Callable[[], float] = time.time) -> None:
        self._fetch, self._clock = fetch, clock
        self._lock = threading.Lock()
        self._token: Token | None = None
        self._margin = MARGIN
        self._unwanted = ""
        self._refusal: tuple[float, str] | None = None

    def __call__(self) -> str:
        """A token. Raises TokenRefused, Unreachable, BackOff, or SettingsError."""
        with self._lock:
            now = self._clock()
            if self._token is not None and now < self._token.ends_at - self._margin:
                return self._token.value
            if self._refusal is not None and now < self._refusal[0]:
                raise TokenRefused(self._refusal[1])
            try:
                token = self._fetch(bool(self._unwanted))
            except LoginRefused as error:
                self._token, self._refusal = None, (now + REFUSAL_LASTS, str(error))
                raise TokenRefused(str(error)) from None
            except ProviderError:
                # The old one is good until it ends, and that may be long enough to reach the provider again.
                if self._token is not None and now < self._token.ends_at:
                    return self._token.value
                raise
            self._token, self._refusal, self._unwanted = token, None, ""
            self._margin = min(MARGIN, max(0.0, token.ends_at - now) / 2)
            return token.value

    def forget(self, token: str) -> None:
        """Hears of a token that a server refused; the next one will be a new one."""
        with self._lock:
            if self._token is not None and self._token.value == token:
                self._token, self._unwanted = None, token

    def __repr__(self) -> str:
        return "Tokens(***)"
