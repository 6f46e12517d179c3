"""Access tokens (RFC 6749): kept while they are good, fetched anew before they end, not asked for in a storm."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, field

from mailwatch.errors import LoginRefused, ProviderError, TokenRefused

MARGIN = 300.0  # seconds before its end at which a token is replaced
REFUSAL_LASTS = 60.0  # seconds during which a refusal is repeated without asking the provider again
FAILURE_LASTS = 30.0  # seconds during which a provider that failed or hung is not asked again


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

    Calling it gives a token that is good for the next minutes, or the old one as long as there is no other. Where a
    provider hangs, one thread waits for it, and the others only if there is no token that is good.
    """

    def __init__(self, fetch: Fetch, clock: Callable[[], float] = time.time) -> None:
        self._fetch, self._clock = fetch, clock
        self._turn = threading.Lock()  # Held while the provider is asked.
        self._lock = threading.Lock()  # Guards what follows; never held over the network.
        self._token: Token | None = None
        self._margin = MARGIN
        self._unwanted = ""
        self._failure: ProviderError | None = None
        self._failed_at = self._lasts = 0.0

    def __call__(self) -> str:
        """A token. Raises TokenRefused, Unreachable, BackOff, or SettingsError."""
        good, is_due = self._kept()
        if not is_due:
            return good
        # The others go on with the old token, or wait for what this thread hears.
        if not self._turn.acquire(blocking=not good):
            return good
        try:
            good, is_due = self._kept()
            return self._fetched() if is_due else good
        finally:
            self._turn.release()

    def _kept(self) -> tuple[str, bool]:
        """The token if it is good now, else an empty one, and whether the provider is to be asked.

        Raises what went wrong lately if there is nothing else.
        """
        with self._lock:
            now, token = self._clock(), self._token
            if token is not None and now < token.ends_at - self._margin:
                return token.value, False
            good = token.value if token is not None and now < token.ends_at else ""
            if self._failure is None or not 0 <= now - self._failed_at < self._lasts:
                return good, True
            if not good:
                raise copy(self._failure)
            return good, False

    def _fetched(self) -> str:
        try:
            token = self._fetch(bool(self._unwanted))
        except LoginRefused as error:
            return self._instead(TokenRefused(str(error)), REFUSAL_LASTS)
        except ProviderError as error:
            return self._instead(error, FAILURE_LASTS)
        with self._lock:
            self._token, self._failure, self._unwanted = token, None, ""
            self._margin = min(MARGIN, max(0.0, token.ends_at - self._clock()) / 2)
        return token.value

    def _instead(self, error: ProviderError, lasts: float) -> str:
        """The old token, which is good until it ends unless the provider refuses us; else raises the error."""
        with self._lock:
            # The provider may have hung, so the time counts from now.
            now = self._failed_at = self._clock()
            # A copy, because each raise writes into an error, and several threads will raise this one.
            self._failure, self._lasts = copy(error), lasts
            if isinstance(error, TokenRefused):
                self._token = None
            if self._token is not None and now < self._token.ends_at:
                return self._token.value
        raise error from None

    def forget(self, token: str) -> None:
        """Hears of a token that a server refused; the next one will be a new one."""
        with self._lock:
            if self._token is not None and self._token.value == token:
                self._token, self._unwanted = None, token

    def __repr__(self) -> str:
        return "Tokens(***)"
