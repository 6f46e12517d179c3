"""How long to wait after a failure before a mailbox is tried again."""

from __future__ import annotations

import random
from datetime import timedelta

from mailwatch.errors import BackOff, LoginRefused, TokenRefused

LOGIN_TRIES = 3
FIRST, LONGEST, SPREAD = 15.0, 1800.0, 15.0
"""Seconds: the first wait, which doubles with each failure, the longest, and what chance adds to them."""


def locks_out(error: Exception) -> bool:
    """Whether more tries would lock the account; a token that cannot be had locks nothing."""
    return isinstance(error, LoginRefused) and not isinstance(error, TokenRefused)


def wait_after(error: Exception, failures: int, refusals: int) -> timedelta | None:
    """The wait before the next try, after `failures` failures in a row; None means that it is not tried again.

    `refusals` counts those among them that `locks_out`: three stop a mailbox until the program starts anew. A token
    comes back when somebody signs in again.
    """
    if locks_out(error) and refusals >= LOGIN_TRIES:
        return None
    seconds = min(FIRST * 2.0 ** min(failures - 1, 10), LONGEST) + random.uniform(0, SPREAD)
    if isinstance(error, BackOff) and error.seconds:
        seconds = max(seconds, error.seconds)
    return timedelta(seconds=seconds)
