"""Remind and summarize: decides whether a mail is due, fixes every byte of it, and puts it into the outbox."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from hashlib import blake2b

from mailwatch.domain import outgoing, reminder, slots, summary
from mailwatch.domain.command import SHELL, Command, Silence, silence_of
from mailwatch.domain.letters import Unreadable, Welcome
from mailwatch.domain.people import Address
from mailwatch.domain.policy import Policy
from mailwatch.domain.receipt import (
    Receipt,
    ReceiptLetter,
    asks_for_an_answer,
    asks_for_an_answer_at_once,
    receipts_of,
)
from mailwatch.domain.reminder import PromiseItem, RequestItem
from mailwatch.ports import Ledger, OutboxMail, OutboxState, RenderedMail, Renderer

REMINDER = "reminder"
WEEKLY_SUMMARY = "weekly-summary"
RECEIPT = "receipt"
WELCOME = "welcome"
UNREADABLE = "unreadable"
HISTORY = timedelta(weeks=10)
A_WEEK = timedelta(days=7)
REMEMBERED = A_WEEK
"""What the user said longer ago needs no receipt any more."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What composing needs beside the ledger: who speaks, and who words it."""

    renderer: Renderer
    sender: Address


def remind(ledger: Ledger, desk: Desk, policy: Policy, slot: datetime, now: datetime) -> bool:
    """Puts the reminder of a slot into the outbox; false if nothing is to be said or it was said before.

    The caller has synced the user's mailboxes right before. A digest that could not leave yet is superseded,
    so that somebody whose mail system was down gets one digest and not four. Raises TemplateError.
    """
    user = policy.user.address.addr_spec
    for waiting in ledger.outbox(user):
        if waiting.kind == REMINDER and waiting.state is OutboxState.QUEUED:
            ledger.update_outbox(replace(waiting, state=OutboxState.SUPERSEDED), waiting)
    if silence(ledger, policy, now) or not has_reminders_left(ledger, policy, now):
        return False
    digest = digest_of(ledger, policy, now, ledger.steps_sent(user, now))
    if digest is None:
        said = _unanswered(ledger, policy, now)
        return asks_for_an_answer(said) and _answer(ledger, desk, policy, said, slot.isoformat(), now)
    items: tuple[RequestItem | PromiseItem, ...] = (*digest.requests, *digest.promises)
    mail = desk.renderer.reminder(digest)
    answers = tuple(receipt.command.source for receipt in digest.receipts)
    return ledger.enqueue(_outbox_mail(desk, policy, REMINDER, slot.isoformat(), mail, now, items, answers))


def has_reminders_left(ledger: Ledger, policy: Policy, now: datetime) -> bool:
    """Whether the user may get one more reminder on this day of theirs."""
    local_midnight = policy.calendar.local(now).replace(hour=0, minute=0, second=0, microsecond=0)
    return slots.may_write(policy, ledger.mails_since(policy.user.address.addr_spec, local_midnight, now))


def confirm(ledger: Ledger, desk: Desk, policy: Policy, now: datetime) -> bool:
    """Answers at once what the user said about our mails: stop, pause, start, help. False if nothing was said."""
    said = _unanswered(ledger, policy, now)
    if not asks_for_an_answer_at_once(said):
        return False
    return _answer(ledger, desk, policy, said, said[-1].source, now)


def silence(ledger: Ledger, policy: Policy, now: datetime) -> Silence | None:
    """The silence that the user asked for, if it holds now."""
    return silence_of(ledger.standing(policy.user.address.addr_spec), now)


def is_stale(ledger: Ledger, policy: Policy, mail: OutboxMail, now: datetime) -> bool:
    """Whether a mail that has not left should stay: a reminder whose slot is over, or that names a settled item.

    What is still open in it goes into the next digest. To a user who wants no mails, only receipts go. That a
    mailbox cannot be read is not said once it can, and a summary makes room for that of the next week.
    """
    if mail.kind != RECEIPT and silence(ledger, policy, now):
        return True
    user = policy.user.address.addr_spec
    if mail.kind == WEEKLY_SUMMARY:
        return abs(now - mail.created_at) >= A_WEEK  # One from the future is by a clock that was wrong.
    if mail.kind == UNREADABLE:
        return not any(report.error for report in ledger.reports(user))
    if mail.kind != REMINDER:
        return False
    if not slots.slot_is_still_good(policy, datetime.fromisoformat(mail.period), now):
        return True
    still_open = {asked.id for asked in ledger.open_requests(user)} | {made.id for made in ledger.open_promises(user)}
    return not mail.steps.keys() <= still_open


def may_leave(policy: Policy, mail: OutboxMail, now: datetime) -> bool:
    """Whether a mail may leave now: soon after it was written, or else in the user's working hours.

    A mail system that was down over the evening must not lead to a mail at night. What answers the user's own words
    leaves at any time.
    """
    return mail.kind == RECEIPT or slots.is_time_to_write(policy, mail.created_at, now)


def summarize(ledger: Ledger, desk: Desk, policy: Policy, week: date, now: datetime) -> bool:
    """Puts the summary of the week that began on a Monday into the outbox; false if there is nothing to say."""
    if silence(ledger, policy, now):
        return False
    told = summary_of(ledger, policy, week, now)
    if told is None:
        return False
    mail = desk.renderer.weekly_summary(told)
    requests, promises = told.shown
    return ledger.enqueue(
        _outbox_mail(desk, policy, WEEKLY_SUMMARY, week.isoformat(), mail, now, (*requests, *promises))
    )


def greet(ledger: Ledger, desk: Desk, welcome: Welcome) -> bool:
    """Puts the welcome of the first day into the outbox; false if it is there. Raises TemplateError."""
    mail = desk.renderer.welcome(welcome)
    return ledger.enqueue(_outbox_mail(desk, welcome.policy, WELCOME, "first", mail, welcome.at, ()))


def warn(ledger: Ledger, desk: Desk, unreadable: Unreadable) -> bool:
    """Puts the warning that a mailbox cannot be read into the outbox, once for a time of failing; false if not.

    Raises TemplateError.
    """
    policy = unreadable.policy
    if silence(ledger, policy, unreadable.at):
        return False
    mail = desk.renderer.unreadable(unreadable)
    period = unreadable.since.isoformat()
    return ledger.enqueue(_outbox_mail(desk, policy, UNREADABLE, period, mail, unreadable.at, ()))


def digest_of(
    ledger: Ledger, policy: Policy, now: datetime, steps_sent: Mapping[str, int]
) -> reminder.Reminder | None:
    """The digest of what is open for a user now, with receipts; None if no item has reached a further step."""
    user = policy.user.address.addr_spec
    digest = reminder.compose(policy, now, ledger.open_requests(user), ledger.open_promises(user), steps_sent)
    if digest is None:
        return None
    return replace(digest, receipts=_receipts(ledger, policy, _unanswered(ledger, policy, now), now))


def summary_of(ledger: Ledger, policy: Policy, week: date, now: datetime) -> summary.WeeklySummary | None:
    """The week that began on a Monday, with the weeks before it; None if there is nothing to say of it."""
    user, since = policy.user.address.addr_spec, now - HISTORY
    return summary.summarize_week(policy, now, week, ledger.requests(user, since), ledger.promises(user, since))


def message_bytes(desk: Desk, policy: Policy, kind: str, period: str, mail: RenderedMail, now: datetime) -> bytes:
    """The whole mail as it goes out; the same arguments give the same bytes."""
    return outgoing.compose_message(
        sender=desk.sender,
        recipient=policy.user.address,
        subject=mail.subject,
        text=mail.text,
        html=mail.html,
        message_id=_message_id(desk, policy, kind, period),
        date=now,
        kind=kind,
    )


def _unanswered(ledger: Ledger, policy: Policy, now: datetime) -> Sequence[Command]:
    """What the user said by mail and no mail has confirmed; who typed it saw what became of it."""
    said = ledger.unanswered(policy.user.address.addr_spec, now - REMEMBERED)
    return [command for command in said if not command.source.startswith(SHELL)]


def _receipts(ledger: Ledger, policy: Policy, said: Sequence[Command], now: datetime) -> tuple[Receipt, ...]:
    if not said:
        return ()
    user, since = policy.user.address.addr_spec, now - HISTORY
    return receipts_of(said, ledger.requests(user, since), ledger.promises(user, since))


def _answer(ledger: Ledger, desk: Desk, policy: Policy, said: Sequence[Command], period: str, now: datetime) -> bool:
    """Puts a mail into the outbox that says nothing else than what became of the user's words."""
    mail = desk.renderer.receipt(ReceiptLetter(policy, now, _receipts(ledger, policy, said, now)))
    answers = tuple(command.source for command in said)
    return ledger.enqueue(_outbox_mail(desk, policy, RECEIPT, period, mail, now, (), answers))


def _message_id(desk: Desk, policy: Policy, kind: str, period: str) -> str:
    # The id follows from what the mail is for, so that even two programs on two ledgers would agree on it.
    seed = "\0".join((policy.user.address.addr_spec, kind, period))
    token = blake2b(seed.encode(), digest_size=12).hexdigest()
    return outgoing.new_message_id(token, desk.sender.domain)


def _outbox_mail(
    desk: Desk,
    policy: Policy,
    kind: str,
    period: str,
    mail: RenderedMail,
    now: datetime,
    items: tuple[RequestItem | PromiseItem, ...],
    answers: tuple[str, ...] = (),
) -> OutboxMail:
    named: Mapping[int, tuple[str, int]] = {
        item.number: (item.request.id if isinstance(item, RequestItem) else item.promise.id, item.step)
        for item in items
    }
    return OutboxMail(
        user=policy.user.address.addr_spec,
        kind=kind,
        period=period,
        message_id=_message_id(desk, policy, kind, period),
        message=message_bytes(desk, policy, kind, period, mail, now),
        created_at=now,
        items={number: id for number, (id, _) in named.items()},
        steps=dict(named.values()) if kind == REMINDER else {},
        answers=answers,
    )
