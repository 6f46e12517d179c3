"""The cycle for one user: sync and act, triage, confirm, remind, summarize, submit, mark."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from mailwatch.domain.fault import sentence_of
from mailwatch.domain.letters import Unreadable, Welcome, trouble_of
from mailwatch.domain.loginwaits import RARELY_TRIED
from mailwatch.domain.people import Directory
from mailwatch.domain.policy import Policy
from mailwatch.domain.slots import due_slot, is_at_work, is_time_to_write, last_summary, next_slot, next_summary
from mailwatch.errors import MailwatchError, ProviderError, SettingsError
from mailwatch.ports import Clock, Ledger, MailProvider, Marker, Submitter
from mailwatch.runtime.logins import note_refusal, pause_of, report_on
from mailwatch.runtime.patience import locks_out
from mailwatch.services.act import Hearing
from mailwatch.services.compose import (
    REMINDER,
    UNREADABLE,
    WEEKLY_SUMMARY,
    WELCOME,
    Desk,
    confirm,
    greet,
    is_stale,
    may_leave,
    remind,
    summarize,
    warn,
)
from mailwatch.services.mark import mark
from mailwatch.services.submit import submit
from mailwatch.services.sync import Progress, SyncOutcome, sync
from mailwatch.services.triage import triage

_FAILING_LONG = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Watch:
    """Everything that the cycle of one user needs; a provider belongs to one watch alone.

    `welcomes` says whether a new user is told on the first day what is watched and stored; `retention` is how long
    what is settled stays in the ledger. `mark` is what messages that wait are marked with in the mailbox, or empty;
    `open_marker` makes the door for that. `secret` gives the password of the mailbox, where there is one.
    """

    policy: Policy
    directory: Directory
    provider: MailProvider
    submitter: Submitter
    desk: Desk
    look_back: timedelta
    settle: timedelta
    welcomes: bool = False
    retention: timedelta = timedelta(days=400)
    mark: str = ""
    open_marker: Callable[[], Marker] | None = None
    secret: Callable[[], str] | None = None

    @property
    def user(self) -> str:
        """The addr-spec by which the ledger knows the user."""
        return self.policy.user.address.addr_spec


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a cycle did; why mails did not leave and messages are not marked, a sentence each; of marks, only news."""

    sync: SyncOutcome
    not_sent: tuple[str, ...]
    not_marked: tuple[str, ...] = ()


def cycle(
    watch: Watch, ledger: Ledger, clock: Clock, progress: Progress | None = None, *, heed_refusals: bool = False
) -> Outcome:
    """Runs every step once; with `heed_refusals`, not before it is time for the next login after refused ones.

    A mailbox that cannot be read is noted in the ledger and raises ProviderError, or SettingsError if its password
    cannot be had; no mail leaves then, because what is answered meanwhile cannot be seen, but for the one that says
    so after a day.
    """
    now = clock.now()
    if heed_refusals and (pause := pause_of(ledger, watch.policy, now)):
        _tell_that_it_fails(watch, ledger, now, pause)
        raise pause
    hearing = Hearing(ledger, watch.policy, frozenset({watch.desk.sender.addr_spec}), now)
    try:
        synced = sync(
            watch.provider,
            ledger,
            watch.policy,
            watch.directory,
            now,
            look_back=watch.look_back,
            progress=progress,
            hear=hearing.hear,
            command_addresses=hearing.addresses,
        )
    except (ProviderError, SettingsError) as error:
        ledger.report_sync(watch.user, now, str(error), refused=locks_out(error))
        if locks_out(error):
            note_refusal(ledger, watch.user, now)
        _tell_that_it_fails(watch, ledger, now, error)
        raise
    triage(ledger, watch.policy, watch.directory, now)
    ledger.report_sync(watch.user, now, None)
    try:
        _write_what_is_due(watch, ledger, clock)
    except Exception as error:
        if isinstance(error, MailwatchError):  # A fault of ours is noted by `note_fault`.
            ledger.report_sync(watch.user, now, str(error))
        _submit(watch, ledger, clock)
        raise
    not_sent = _submit(watch, ledger, clock)
    return Outcome(synced, not_sent, _mark(watch, ledger, clock))


def _write_what_is_due(watch: Watch, ledger: Ledger, clock: Clock) -> None:
    now = clock.now()
    policy = watch.policy
    _welcome(watch, ledger, now)
    confirm(ledger, watch.desk, policy, now)
    due = ledger.due_at(REMINDER, watch.user)
    following = next_slot(policy, now)
    # After a night, a weekend or an outage the slot that was planned is over, and a later one may be due.
    if due is not None and due <= now and (slot := due_slot(policy, now)) is not None and slot >= due:
        remind(ledger, watch.desk, policy, slot, now)
    if due is None or due <= now or due > following:
        ledger.claim(REMINDER, watch.user, due, following)

    due = ledger.due_at(WEEKLY_SUMMARY, watch.user)
    following = next_summary(policy, now)
    if due is not None and due <= now and policy.manners.summaries and (last := last_summary(policy, now)):
        planned, week = last
        if not is_time_to_write(policy, planned, now):
            return  # After an outage it waits for working hours, and is written only then.
        summarize(ledger, watch.desk, policy, week, now)
    if due is None or due <= now or due > following:
        ledger.claim(WEEKLY_SUMMARY, watch.user, due, following)


def _welcome(watch: Watch, ledger: Ledger, now: datetime) -> None:
    """Welcomes a new user, in their working hours, once."""
    if not watch.welcomes or ledger.due_at(WELCOME, watch.user) is not None or not is_at_work(watch.policy, now):
        return
    coworkers = tuple(sorted(watch.directory.domains))
    greet(ledger, watch.desk, Welcome(watch.policy, now, coworkers, watch.look_back, watch.retention, watch.mark))
    ledger.claim(WELCOME, watch.user, None, now)


def _tell_that_it_fails(watch: Watch, ledger: Ledger, now: datetime, error: Exception) -> None:
    """Tells the user, in their working hours, that their mail has not been read for a day, or is rarely tried now."""
    report = report_on(ledger, watch.user)
    if report is None or report.failing_since is None or report.error is None:
        return
    rarely_tried = report.login_refusals >= RARELY_TRIED
    if not is_at_work(watch.policy, now) or (now - report.failing_since < _FAILING_LONG and not rarely_tried):
        return
    with contextlib.suppress(MailwatchError):  # The error that is told of is the one to be raised.
        why = trouble_of(error)
        warn(ledger, watch.desk, Unreadable(watch.policy, now, report.failing_since, report.error, why))
        _send(watch, ledger, now, _cannot_be_looked_into, only=UNREADABLE)


def _cannot_be_looked_into(message_id: str) -> bool:
    """Stands in for a look into a mailbox that was just found not to be readable: that would be one more login."""
    raise ProviderError(f"The mailbox cannot be read, so nobody knows whether <{message_id}> is there.")


def _submit(watch: Watch, ledger: Ledger, clock: Clock) -> tuple[str, ...]:
    return _send(watch, ledger, clock.now(), watch.provider.holds)


def _mark(watch: Watch, ledger: Ledger, clock: Clock) -> tuple[str, ...]:
    """Comes last: whatever goes wrong in a mailbox that is written to, the mails have left."""
    if watch.open_marker is None:
        return ()
    try:
        return mark(ledger, watch.open_marker, watch.user, watch.mark, clock.now())
    except MailwatchError as error:
        return (str(error),)
    except Exception as error:
        return (sentence_of(error, "marked messages"),)


def _send(
    watch: Watch, ledger: Ledger, now: datetime, holds: Callable[[str], bool], only: str | None = None
) -> tuple[str, ...]:
    return submit(
        ledger,
        watch.submitter,
        holds,
        watch.user,
        now,
        sender=watch.desk.sender.addr_spec,
        settle=watch.settle,
        is_stale=lambda mail: is_stale(ledger, watch.policy, mail, now),
        may_leave=lambda mail: may_leave(watch.policy, mail, now),
        only=only,
    )


def note_fault(watch: Watch, ledger: Ledger, clock: Clock, error: Exception) -> MailwatchError:
    """Notes a fault of ours in one mailbox and tells of one that lasts; it must not end the watch over the others."""
    sentence, now = sentence_of(error), clock.now()
    with contextlib.suppress(Exception):  # The fault may lie in the ledger or in our mails.
        ledger.report_sync(watch.user, now, sentence)
        _tell_that_it_fails(watch, ledger, now, error)
    return MailwatchError(sentence)
