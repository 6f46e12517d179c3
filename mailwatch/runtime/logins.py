"""Refused logins: the next try waits, longer each time, lest an account be locked; a new password need not wait."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from mailwatch.domain.loginwaits import LOGIN_WAITS, wait_after_refusals
from mailwatch.domain.policy import Policy
from mailwatch.domain.wording import counted
from mailwatch.errors import LoginPaused, MailwatchError
from mailwatch.ports import Ledger, MailboxReport

LOGIN = "login"
"""The schedule's kind of the next login after a refused one."""


class Password:
    """What the program remembers of a mailbox's password while it runs: whether it is the one that was refused.

    `source` gives the password anew each time; None where there is none. It may be a command, so it is not asked
    before each login of a mailbox whose password was accepted.
    """

    def __init__(self, source: Callable[[], str] | None) -> None:
        self._source = source
        self._was_refused = self._was_accepted = False
        self._refused: int | None = None
        self._tried: int | None = None

    def may_be_tried(self) -> bool:
        """Whether nothing speaks against a login at once: none was refused, or the password is another one now.

        To be asked before each login: what `refused` refers to is the password of this moment.
        """
        if self._was_accepted:
            return True
        self._tried = self._mark()
        return not self._was_refused or self._tried != self._refused

    def refused(self) -> None:
        """Notes that a login was refused, with a password that may have been corrected since."""
        self._refused = self._mark() if self._was_accepted else self._tried
        self._was_refused, self._was_accepted = True, False

    def accepted(self) -> None:
        """Forgets what was refused: the mailbox was read."""
        self._was_refused, self._was_accepted, self._refused = False, True, None

    def _mark(self) -> int | None:
        if self._source is None:
            return None
        try:
            return hash(self._source())
        except MailwatchError:
            return None  # Whoever logs in says so.


def report_on(ledger: Ledger, user: str) -> MailboxReport | None:
    """How reading goes for one user; None if there was no poll."""
    return next(iter(ledger.reports(user)), None)


def note_refusal(ledger: Ledger, user: str, now: datetime) -> None:
    """Plans the next login after a refused one, which the ledger has counted."""
    report = report_on(ledger, user)
    refusals = max(report.login_refusals, 1) if report else 1
    ledger.claim(LOGIN, user, ledger.due_at(LOGIN, user), now + wait_after_refusals(refusals))


def pause_of(ledger: Ledger, policy: Policy, now: datetime) -> LoginPaused | None:
    """Why there is no login now; None if there may be one."""
    user = policy.user.address.addr_spec
    due = ledger.due_at(LOGIN, user)
    # A due time that lies too far ahead is one of a clock that was wrong.
    if due is None or not now < due <= now + LOGIN_WAITS[-1]:
        return None
    report = report_on(ledger, user)
    if report is None or not report.login_refusals:
        return None
    at = policy.calendar.local(due)
    return LoginPaused(
        f"After {counted(report.login_refusals, 'refused login')} the next try is on {at:%Y-%m-%d} at {at:%H:%M}, or "
        f"once there is another password. {report.error or ''}".strip()
    )
