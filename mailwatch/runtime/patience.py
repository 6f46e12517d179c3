"""How long to wait after a failure before a mailbox is tried again."""

from __future__ import annotations

from datetime import timedelta

from tenacity import RetryCallState, wait_exponential, wait_random

from mailwatch.errors import BackOff, LoginRefused, TokenRefused

LOGIN_TRIES = 3
_GROWING = wait_exponential(multiplier=15, max=1800) + wait_random(0, 15)


def wait_after(error: Exception, failures: int) -> timedelta | None:
    """The wait before the next try, after `failures` failures in a row; None means that it is not tried again.

    Three refused logins stop a mailbox until the program starts anew, because more would lock the account. A token
    that cannot be had locks nothing, and comes back when somebody signs in again.
    """
    stops = isinstance(error, LoginRefused) and not isinstance(error, TokenRefused)
    if stops and failures >= LOGIN_TRIES:
        return None
    state = RetryCallState(retry_object=None, fn=None, args=(), kwargs={})  # type: ignore[arg-type]
    state.attempt_number = failures
    seconds = _GROWING(state)
    if isinstance(error, BackOff) and error.seconds:
        seconds = max(seconds, error.seconds)
    return timedelta(seconds=seconds)
