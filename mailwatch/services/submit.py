"""Submit: hands the mails of the outbox to the mail system, each exactly once, each to its owner alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes
from email.utils import getaddresses

from mailwatch.errors import ProviderError, SubmissionDeferred, SubmissionRefused, SubmissionUncertain
from mailwatch.ports import Ledger, OutboxMail, OutboxState, Submitter

FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=1)


def submit(
    ledger: Ledger,
    submitter: Submitter,
    holds: Callable[[str], bool],
    user: str,
    now: datetime,
    *,
    sender: str,
    settle: timedelta,
) -> int:
    """Sends what waits in a user's outbox; how many mails the mail system took.

    `sending` is committed before the connection is made, so a mail found in that state may or may not have
    been taken. It is looked for by its Message-ID in the user's own mailbox (`holds`), not before `settle`
    has passed, and only if it is not there are the same bytes sent again.
    """
    taken = 0
    for mail in ledger.outbox(user):
        if mail.state is OutboxState.QUEUED and (mail.next_try_at is None or mail.next_try_at <= now):
            taken += _send(ledger, submitter, mail, now, sender)
        elif mail.state is OutboxState.SENDING and mail.sending_since and mail.sending_since + settle <= now:
            try:
                arrived = holds(mail.message_id)
            except ProviderError:
                continue  # Without a look, sending again might double the mail: the next cycle looks.
            if arrived:
                taken += ledger.update_outbox(replace(mail, state=OutboxState.SENT, error=None), mail)
            else:
                taken += _send(ledger, submitter, mail, now, sender)
    return taken


def _send(ledger: Ledger, submitter: Submitter, mail: OutboxMail, now: datetime, sender: str) -> int:
    if fault := why_not_to_send(mail):
        ledger.update_outbox(replace(mail, state=OutboxState.SET_ASIDE, error=fault), mail)
        return 0
    sending = replace(mail, state=OutboxState.SENDING, sending_since=now, attempts=mail.attempts + 1)
    if not ledger.update_outbox(sending, mail):
        return 0  # Another worker has it.
    try:
        submitter.submit(sender, mail.user, mail.message)
    except SubmissionDeferred as error:
        wait = min(FIRST_WAIT * 2 ** min(mail.attempts, 10), LONGEST_WAIT)
        later = replace(sending, state=OutboxState.QUEUED, next_try_at=now + wait, error=str(error))
        ledger.update_outbox(later, sending)
    except SubmissionRefused as error:
        ledger.update_outbox(replace(sending, state=OutboxState.SET_ASIDE, error=str(error)), sending)
    except SubmissionUncertain as error:
        ledger.update_outbox(replace(sending, error=str(error)), sending)
    else:
        return int(ledger.update_outbox(replace(sending, state=OutboxState.SENT, error=None), sending))
    return 0


def why_not_to_send(mail: OutboxMail) -> str | None:
    """A sentence if a mail must not leave: its only recipient has to be the mailbox's owner."""
    headers = message_from_bytes(mail.message.partition(b"\r\n\r\n")[0])
    named = [field for name in ("To", "Cc", "Bcc") for field in headers.get_all(name, [])]
    recipients = {address.lower() for _, address in getaddresses(named)}
    if recipients != {mail.user}:
        return "the mail names another recipient than the owner of the mailbox, so it was not sent"
    return None
