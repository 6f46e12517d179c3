"""How long to wait after a failure before a mailbox is tried again."""

from __future__ import annotations

import random
from datetime import timedelta

from mailwatch.errors import AccessRefused, BackOff, LoginPaused, LoginRefused, TokenRefused

FIRST, LONGEST, SPREAD = 15.0, 1800.0, 15.0
"""Seconds: the first wait, which doubles with each failure, the longest, and what chance adds to them."""


def locks_out(error: Exception) -> bool:
    """Whether more tries would lock the account; no token, no right to the mailbox and no try at all lock nothing."""
    return isinstance(error, LoginRefused) and not isinstance(error, TokenRefused | AccessRefused | LoginPaused)


def wait_after(error: Exception, failures: int) -> timedelta:
    """The wait before the next poll, after `failures` failures in a row; logins wait by themselves (`logins`)."""
    seconds = min(FIRST * 2.0 ** min(failures - 1, 10), LONGEST) + random.uniform(0, SPREAD)
    if isinstance(error, BackOff) and error.seconds:
        seconds = max(seconds, error.seconds)
    return timedelta(seconds=seconds)
