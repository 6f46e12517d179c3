"""The rare mails beside reminder and weekly summary: the welcome on the first day, and that mail cannot be read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from mailwatch.domain.policy import Policy


@dataclass(frozen=True, slots=True)
class Welcome:
    """What a user is told on the first day; `at` in UTC.

    `coworkers` are the domains whose people count, `look_back` is how far back the first reading went, `retention`
    how long what is settled stays in the ledger.
    """

    policy: Policy
    at: datetime
    coworkers: tuple[str, ...]
    look_back: timedelta
    retention: timedelta


@dataclass(frozen=True, slots=True)
class Unreadable:
    """That a user's mailbox could not be read since `since` (UTC); `reason` is the last error, in English."""

    policy: Policy
    at: datetime
    since: datetime
    reason: str
