"""The rare mails beside reminder and weekly summary: the welcome on the first day, and that mail cannot be read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from mailwatch.domain.policy import Policy
from mailwatch.errors import (
    BackOff,
    CertificateRefused,
    LoginRefused,
    MailwatchError,
    RoleMissing,
    SettingsError,
    Unreachable,
)


@dataclass(frozen=True, slots=True)
class Welcome:
    """What a user is told on the first day; `at` in UTC.

    `coworkers` are the domains whose people count, `look_back` is how far back the first reading went, `retention`
    how long what is settled stays in the ledger; `mark` is what messages that wait are marked with, if they are.
    """

    policy: Policy
    at: datetime
    coworkers: tuple[str, ...]
    look_back: timedelta
    retention: timedelta
    mark: str = ""


class Trouble(StrEnum):
    """Why a mailbox cannot be read, as far as a user needs to know."""

    LOGIN = "login"
    CERTIFICATE = "certificate"
    UNREACHABLE = "unreachable"
    BUSY = "busy"
    MAILBOX = "mailbox"
    SETTINGS = "settings"
    FAULT = "fault"
    OTHER = "other"


_TROUBLES: tuple[tuple[type[Exception], Trouble], ...] = (
    (LoginRefused, Trouble.LOGIN),
    (CertificateRefused, Trouble.CERTIFICATE),
    (Unreachable, Trouble.UNREACHABLE),
    (BackOff, Trouble.BUSY),
    (RoleMissing, Trouble.MAILBOX),
    (SettingsError, Trouble.SETTINGS),
)


def trouble_of(error: Exception) -> Trouble:
    """The kind of an error that a poll ended with; one that nobody foresaw is a fault of ours."""
    if not isinstance(error, MailwatchError):
        return Trouble.FAULT
    return next((trouble for kind, trouble in _TROUBLES if isinstance(error, kind)), Trouble.OTHER)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """That a user's mailbox could not be read since `since` (UTC).

    `reason` is the last error, in English; `trouble` says of what kind it is.
    """

    policy: Policy
    at: datetime
    since: datetime
    reason: str
    trouble: Trouble = Trouble.OTHER
