"""Health: how the service itself goes for a user: whether it reads and sends, or what is wrong with that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from mailwatch.domain.loginwaits import RARELY_TRIED
from mailwatch.domain.wording import Wording, counted
from mailwatch.ports import Ledger, MailboxReport, OutboxMail, OutboxState

RECENT = timedelta(days=7)
"""How long a mail that was set aside is shown, unless one leaves before."""

_POLLS, _AT_LEAST = 3, timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Service:
    """What is known of the service beside the report on a user's mailbox.

    `running` says whether mailwatch runs on the ledger, None where nobody can tell. After `patience` without a poll
    something is wrong; None asks for no judgement, as of the past. `not_sent` are the user's mails that do not leave.
    """

    running: bool | None = None
    patience: timedelta | None = None
    not_sent: tuple[OutboxMail, ...] = ()


def patience_of(poll: timedelta) -> timedelta:
    """How long a mailbox may stay unread: some polls, an hour at least."""
    return max(_POLLS * poll, _AT_LEAST)


def not_sent(ledger: Ledger, user: str, now: datetime) -> tuple[OutboxMail, ...]:
    """The mails that were tried and did not leave; one that was set aside counts for some days, till another left."""
    last = ledger.last_sent_at(user)
    return tuple(mail for mail in ledger.outbox(user) if mail.error and not _is_over(mail, last, now))


def _is_over(mail: OutboxMail, last: datetime | None, now: datetime) -> bool:
    at = mail.sending_since or mail.created_at
    return mail.state is OutboxState.SET_ASIDE and (at + RECENT < now or (last is not None and last > at))


def alarms(report: MailboxReport | None, service: Service, words: Wording) -> list[str]:
    """What is wrong with the reading of a mailbox beside the last error, and what to do, a sentence each."""
    if service.patience is None:
        return []
    if report is None:
        return [_UNKNOWN] if service.running else []
    found = []
    if report.login_refusals >= RARELY_TRIED:
        found.append(
            f"The login was refused {counted(report.login_refusals, 'time')} in a row. It is tried again when the "
            "password changes, and else only every few hours, so as to lock no account: correct the password."
        )
    if _is_unread(report, service.patience, words.now):
        read = f"since {words.moment(report.last_sync_at)}" if report.last_sync_at else "yet"
        if service.running is False:
            found.append(
                f"Nothing has been read {read}, and mailwatch does not run: start it "
                "(`systemctl start mailwatch`, or `mailwatch run`)."
            )
        elif not report.error:
            runs = "mailwatch runs" if service.running else "See whether mailwatch runs"
            found.append(f"Nothing has been read {read}. {runs}; its log says more (`journalctl -u mailwatch`).")
    return found


_UNKNOWN = (
    "mailwatch runs and has not begun to read this mailbox. If that stays so, restart it, for it has the settings of "
    "its start."
)


def is_fine(report: MailboxReport | None, service: Service, words: Wording) -> bool:
    """Whether the mailbox is read and the mails leave, but for faults that have not lasted yet."""
    patience = service.patience
    if patience is None:
        return True
    if report is None or alarms(report, service, words):
        return False
    failing = report.failing_since is not None and report.failing_since + patience < words.now
    return not failing and not _some_lasting(service.not_sent, patience, words.now)


def _some_lasting(mails: Sequence[OutboxMail], patience: timedelta, now: datetime) -> bool:
    return any(mail.state is OutboxState.SET_ASIDE or mail.created_at + patience < now for mail in mails)


def _is_unread(report: MailboxReport, patience: timedelta, now: datetime) -> bool:
    since = report.last_sync_at or report.failing_since
    return since is not None and since + patience < now
