"""How long a question to an Exchange server may take, and whose turn it is to ask with one set of credentials."""

from __future__ import annotations

import contextlib
import hashlib
import math
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

from mailwatch.adapters.ews_account import EwsAccount
from mailwatch.errors import LoginRefused, Unreachable

LOGIN_TRIES = 3
LOGIN_PAUSE = 5 * 3600.0  # seconds; shorter than the pause of the mailbox that tries next
TURN_SECONDS = 5.0
_PULL_AGAIN = 0.5
_SALT = os.urandom(16)


class Deadline:
    """The hard end of one question, whatever the server does: silence, a byte now and then, redirects, logins.

    A socket's own timeout begins anew with each byte. So a second thread waits for the deadline, and then pulls the
    plug of the connection that the question is on; the thread that asked wakes up with an error, and none is left
    behind.
    """

    def __init__(self, seconds: float, where: str) -> None:
        self.seconds, self.where = seconds, where
        self._end = math.inf
        self.sent = False
        """Whether a request may have reached the server that it has not refused."""
        self._over = threading.Event()
        self._connection: Any = None

    def __enter__(self) -> Deadline:
        self._token = current.set(self)
        self._end = time.monotonic() + self.seconds
        self._thread = threading.Thread(target=self._watch, daemon=True, name="ews-deadline")
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self._connection = None
        current.reset(self._token)

    @property
    def passed(self) -> bool:
        """Whether the time is over, even if the second thread has not woken up for it yet."""
        return time.monotonic() >= self._end

    def is_on(self, connection: object) -> None:
        """Notes the connection that the question goes over; raises Unreachable if it is too late for it."""
        if self.passed:
            raise self.error()
        self._connection = connection

    def error(self) -> Unreachable:
        """What is raised when the deadline has passed."""
        return Unreachable(
            f"{self.where} did not answer within {self.seconds:g} seconds, so this poll ends; "
            "mailwatch tries again later."
        )

    def _watch(self) -> None:
        wait = self.seconds
        while not self._over.wait(wait):
            wait = _PULL_AGAIN
            sock = getattr(self._connection, "sock", None)
            if isinstance(sock, socket.socket):
                with contextlib.suppress(OSError):
                    # Not SSLSocket.shutdown, which takes the TLS object from under the thread that reads.
                    socket.socket.shutdown(sock, socket.SHUT_RDWR)


current: ContextVar[Deadline | None] = ContextVar("current", default=None)
"""The deadline of the question that this thread asks."""


class Gate:
    """Lets one mailbox at a time ask with the same credentials, and guards the account against being locked.

    A server that hangs on one mailbox delays the others by TURN_SECONDS at most. After three refused logins with one
    secret only one of the mailboxes that share it tries again in some hours, unless the secret is another one: each
    try brings the account nearer to being locked, and a service account opens thousands of mailboxes.
    """

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._refused: tuple[bytes, int] = (b"", 0)
        self._refused_at = 0.0

    @contextlib.contextmanager
    def turn(self) -> Iterator[None]:
        """Waits for the turn, but not long."""
        mine = self._turn.acquire(timeout=TURN_SECONDS)
        try:
            yield
        finally:
            if mine:
                self._turn.release()

    def check(self, secret: str, account: EwsAccount) -> None:
        """Raises LoginRefused if this secret was refused three times, the last time within LOGIN_PAUSE."""
        known, times = self._refused
        lately = time.monotonic() < self._refused_at + LOGIN_PAUSE
        if times >= LOGIN_TRIES and known == _mark(secret) and lately:
            raise LoginRefused(
                f"{account.where} refused the login of {account.login} {times} times, so it is not tried again until "
                "the password is changed, mailwatch starts anew or some hours have passed. More tries could lock the "
                "account."
            )

    def refused(self, secret: str) -> None:
        """Counts a refused login."""
        known, times = self._refused
        self._refused = (_mark(secret), times + 1 if known == _mark(secret) else 1)
        self._refused_at = time.monotonic()

    def welcome(self) -> None:
        """Forgets the refusals: a login worked."""
        self._refused = (b"", 0)


_gates: dict[tuple[str, str], Gate] = {}
_gates_lock = threading.Lock()


def gate_of(account: EwsAccount) -> Gate:
    """The gate of the credentials of an account, one in the whole program."""
    with _gates_lock:
        return _gates.setdefault((account.endpoint, account.login), Gate())


def _mark(secret: str) -> bytes:
    return hashlib.blake2b(secret.encode("utf-8", "surrogateescape"), digest_size=16, salt=_SALT).digest()
