"""Submit: hands the mails of the outbox to the mail system, each exactly once, each to its owner alone."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes
from email.utils import getaddresses

from mailwatch.errors import ProviderError, SettingsError, SubmissionDeferred, SubmissionRefused, SubmissionUncertain
from mailwatch.ports import Ledger, OutboxMail, OutboxState, Submitter

log = logging.getLogger("mailwatch")

FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=1)  # also where a server asks to wait longer
MAY_HAVE_ARRIVED = (
    "It was sent twice and no answer came, and no mailbox of the user's holds it. It may have arrived, so it is not "
    "sent a third time; look at what the mail server says of it."
)
_ON_THE_WAY = (OutboxState.SENDING, OutboxState.SENDING_AGAIN)


def submit(
    ledger: Ledger,
    submitter: Submitter,
    holds: Callable[[str], bool],
    user: str,
    now: datetime,
    *,
    sender: str,
    settle: timedelta,
    is_stale: Callable[[OutboxMail], bool] = lambda mail: False,
    may_leave: Callable[[OutboxMail], bool] = lambda mail: True,
    only: str | None = None,
) -> tuple[str, ...]:
    """Sends what waits in a user's outbox; why mails that were tried did not leave, a sentence each.

    What was done is logged by kind, period and Message-ID.

    `sending` is committed before the connection is made, so a mail found in that state may or may not have
    been taken. It is looked for by its Message-ID in the user's own mailbox (`holds`), not before `settle`
    has passed, and only if it is not there are the same bytes sent again. After the second such try it is set aside,
    for a copy may lie where nobody can look. Moments that a clock which was ahead left behind hold up nothing.
    A mail that `is_stale` and has surely not left is superseded; one that must not leave at this hour (`may_leave`)
    waits. `only` is the kind of mail that may leave, where the others have to wait.
    """
    faults: list[str | None] = []
    for mail in ledger.outbox(user):
        if only not in (None, mail.kind) or mail.state is OutboxState.SET_ASIDE or _is_too_early(mail, now, settle):
            continue
        if mail.state in _ON_THE_WAY:
            if mail.sending_since is not None and mail.sending_since > now:
                # Noted by a clock that was ahead. How long ago that is nobody knows, so it settles from now on.
                ledger.update_outbox(replace(mail, sending_since=now), mail)
                continue
            try:
                arrived = holds(mail.message_id)
            except (ProviderError, SettingsError):
                continue  # Without a look, sending again might double the mail: the next cycle looks.
            if arrived:
                ledger.update_outbox(replace(mail, state=OutboxState.SENT, error=None), mail)
                log.info("%s: arrived after all: %s", user, _named(mail))
                continue
        if mail.state is OutboxState.SENDING_AGAIN:
            faults.append(_put_aside(ledger, mail, f"{mail.error or ''} {MAY_HAVE_ARRIVED}".strip()))
        elif is_stale(mail):
            ledger.update_outbox(replace(mail, state=OutboxState.SUPERSEDED), mail)
            log.info("%s: no longer to be sent: %s", user, _named(mail))
        elif may_leave(mail):
            faults.append(_send(ledger, submitter, mail, now, sender))
    return tuple(fault for fault in faults if fault)


def _is_too_early(mail: OutboxMail, now: datetime, settle: timedelta) -> bool:
    if mail.next_try_at is not None and now < mail.next_try_at <= now + LONGEST_WAIT:
        return True
    if mail.state not in _ON_THE_WAY:
        return False
    return mail.sending_since is None or mail.sending_since <= now < mail.sending_since + settle


def _send(ledger: Ledger, submitter: Submitter, mail: OutboxMail, now: datetime, sender: str) -> str | None:
    if fault := why_not_to_send(mail):
        return _put_aside(ledger, mail, fault)
    again = mail.state is OutboxState.SENDING
    state = OutboxState.SENDING_AGAIN if again else OutboxState.SENDING
    sending = replace(mail, state=state, sending_since=now, attempts=mail.attempts + 1)
    if not ledger.update_outbox(sending, mail):
        return None  # Another worker has it.
    try:
        submitter.submit(sender, mail.user, mail.message)
    except SubmissionDeferred as error:
        told = timedelta(seconds=min(error.seconds or 0.0, LONGEST_WAIT.total_seconds()))
        fault, wait = str(error), min(max(FIRST_WAIT * 2 ** min(mail.attempts, 10), told), LONGEST_WAIT)
        # The first try may still have been taken: then the mail is looked for again before the next one.
        back = OutboxState.SENDING if again else OutboxState.QUEUED
        after = replace(sending, state=back, next_try_at=now + wait, error=fault)
    except SubmissionRefused as error:
        fault = str(error)
        after = replace(sending, state=OutboxState.SET_ASIDE, error=fault)
    except SubmissionUncertain as error:
        fault = str(error)
        after = replace(sending, error=fault)
    else:
        after, fault = replace(sending, state=OutboxState.SENT, error=None), None
        log.info("%s: handed over: %s", mail.user, _named(mail))
    ledger.update_outbox(after, sending)
    if fault is None:
        return None
    waits = "set aside" if after.state is OutboxState.SET_ASIDE else "it waits"
    return f"{fault.rstrip('.')}; {waits}: {_named(mail)}"


def _named(mail: OutboxMail) -> str:
    """A mail as the log names it: nothing of what is in it."""
    return f"{mail.kind} of {mail.period}, Message-ID <{mail.message_id}>"


def _put_aside(ledger: Ledger, mail: OutboxMail, fault: str) -> str:
    ledger.update_outbox(replace(mail, state=OutboxState.SET_ASIDE, error=fault), mail)
    return f"{fault.rstrip('.')}; set aside: {_named(mail)}"


def why_not_to_send(mail: OutboxMail) -> str | None:
    """A sentence if a mail must not leave: its only recipient has to be the mailbox's owner."""
    headers = message_from_bytes(mail.message.partition(b"\r\n\r\n")[0])
    named = [field for name in ("To", "Cc", "Bcc") for field in headers.get_all(name, [])]
    recipients = {address.lower() for _, address in getaddresses(named)}
    if recipients != {mail.user}:
        return "the mail names another recipient than the owner of the mailbox, so it was not sent"
    return None
