"""Keeps the one account that sends the mails of many users from being locked by refused logins."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator

from mailwatch.domain.loginwaits import wait_after_refusals

TURN_SECONDS = 5.0


class LoginPatience:
    """What the logins of one account have in common: which secret was refused, and when it may be tried again.

    Until a secret has worked, one mail at a time tries it; a server that hangs delays the others by TURN_SECONDS at
    most. For several threads.
    """

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._good: int | None = None
        self._refused: int | None = None
        self._times = 0
        self._until = 0.0

    @contextlib.contextmanager
    def turn(self, secret: str) -> Iterator[float]:
        """Waits for the turn, and gives the seconds for which the secret is not to be tried, 0 if it may be."""
        # A hash that is another one in each run tells nobody the secret.
        mine = self._good != hash(secret) and self._turn.acquire(timeout=TURN_SECONDS)
        try:
            again = hash(secret) == self._refused
            yield max(self._until - time.monotonic(), 0.0) if again else 0.0
        finally:
            if mine:
                self._turn.release()

    def refused(self, secret: str) -> None:
        """Counts a refused login."""
        self._times = self._times + 1 if hash(secret) == self._refused else 1
        self._refused, self._good = hash(secret), None
        self._until = time.monotonic() + wait_after_refusals(self._times).total_seconds()

    def accepted(self, secret: str) -> None:
        """Forgets the refusals: a login worked."""
        self._good, self._refused, self._times = hash(secret), None, 0
