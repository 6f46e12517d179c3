"""How long the next login waits after refused ones, lest an account be locked: a mailbox's, and that which sends."""

from __future__ import annotations

from datetime import timedelta

LOGIN_WAITS = (timedelta(minutes=15), timedelta(hours=1), timedelta(hours=6))
"""After the first refused login in a row, after the second, and after each further one."""
RARELY_TRIED = len(LOGIN_WAITS)
"""So many refused logins in a row, after which there is one only every few hours."""


def wait_after_refusals(refusals: int) -> timedelta:
    """The wait before the next login, after so many refused ones in a row, at least one."""
    return LOGIN_WAITS[min(refusals, len(LOGIN_WAITS)) - 1]
