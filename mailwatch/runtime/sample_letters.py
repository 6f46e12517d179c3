"""Made-up rare mails, and what `status` shows, from the same office as the sample weeks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from mailwatch.domain.command import Command, Verb, Why
from mailwatch.domain.letters import Trouble, Unreadable, Welcome
from mailwatch.domain.promise import PromiseState
from mailwatch.domain.receipt import Receipt, ReceiptLetter
from mailwatch.runtime.samples import ANN, DANA, MARTA, ZONE, on, sample_policy, sample_reminder
from mailwatch.services.overview import Overview, PromiseLine, RequestLine


def sample_welcome(now: datetime, language: str = "en") -> Welcome:
    """The mail of Ann's first day."""
    policy = sample_policy(language)
    return Welcome(policy, now.astimezone(UTC), ("example.com",), timedelta(days=30), timedelta(days=400))


def sample_unreadable(now: datetime, language: str = "en") -> Unreadable:
    """Ann's mailbox could not be read since the day before."""
    since = on(now.astimezone(ZONE).date(), -1, 7, 50)
    reason = "imap.example.com:993 refused the login of ann@example.com; check the password in the settings."
    return Unreadable(sample_policy(language), now.astimezone(UTC), since, reason, Trouble.LOGIN)


def sample_receipt(now: datetime, language: str = "en") -> ReceiptLetter:
    """What Ann said in answer to a reminder, among it that she wants quiet until the next week."""
    at, today = now.astimezone(UTC), now.astimezone(ZONE).date()
    later = on(today, 7 - today.weekday(), 9)
    said = (
        (Verb.DONE, DANA, "Budget figures for the third quarter", None, "", None),
        (Verb.SNOOZE, MARTA, "Which supplier for the new screens?", on(today, 1, 9), "", None),
        (Verb.UNCLEAR, None, "", None, "the other one as well", Why.UNKNOWN),
        (Verb.PAUSE, None, "", later, "", None),
    )
    user = ANN.address.addr_spec
    receipts = tuple(
        Receipt(Command(user, "r4kq2m7a" if who else "", verb, at, f"{n}", until, None, words, why), who, subject)
        for n, (verb, who, subject, until, words, why) in enumerate(said)
    )
    return ReceiptLetter(sample_policy(language), at, receipts)


def sample_overview(now: datetime) -> Overview:
    """What `status` shows of the sample reminder."""
    told = sample_reminder(now)
    asked = (RequestLine(item.request, item.figures) for item in told.requests)
    return Overview(
        told.policy,
        told.at,
        tuple(asked),
        tuple(PromiseLine(item.promise, PromiseState.OPEN, item.due_at) for item in told.promises),
    )
