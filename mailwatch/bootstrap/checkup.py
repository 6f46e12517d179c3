"""The checks of `mailwatch doctor`: each a sentence of what was found, and of what to do when it is wrong."""

from __future__ import annotations

import contextlib
import shlex
import stat
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from mailwatch.adapters.ledger_database import shown
from mailwatch.bootstrap import policies
from mailwatch.bootstrap.desks import own_folder
from mailwatch.bootstrap.doors import Doors
from mailwatch.bootstrap.ledgers import (
    is_made,
    ledger_file,
    ledger_url,
    locked_folder,
    missing_folder,
    open_ledger,
)
from mailwatch.bootstrap.parallel import begin
from mailwatch.bootstrap.proofs import template_faults
from mailwatch.bootstrap.running import is_running, ledger_faults, runs_with_older_settings
from mailwatch.domain.marking import Place
from mailwatch.domain.message import Headers, Role
from mailwatch.domain.wording import Wording, counted
from mailwatch.errors import MailwatchError
from mailwatch.ports import MailboxReport
from mailwatch.services.health import Service, alarms, patience_of
from mailwatch.settings import Settings
from mailwatch.settings.tables import UserTable

SKEW = timedelta(minutes=5)
RECENT = timedelta(days=7)
THREADS = 8
PATIENCE = 1.0
"""Seconds after which somebody who looks on is told what is waited for."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    name: str
    ok: bool
    found: str


def check_all(
    settings: Settings, file: Path, now: datetime, waits: Callable[[str], None] = lambda _: None
) -> Iterator[Check]:
    """Looks at everything; a failure stops none of the later checks. `waits` hears for which server it has to wait.

    The servers are tried at the same time, so that one that is silent delays all others once and not each anew.
    """
    works = [partial(_submission, settings), *(partial(_tried, settings, user, now) for user in settings.users)]
    submission, *mailboxes = begin(works, THREADS)
    yield _settings(settings, file)
    yield _permissions(settings, file)
    reports: Mapping[str, MailboxReport] = {}
    yield (ledger := _ledger(settings, now))
    if ledger.ok and is_made(settings):
        reports = _reports(settings)
    yield _service(settings, file)
    yield _directory(settings)
    if folder := own_folder(settings):
        yield _templates(folder, now)
    yield from _found(submission, "submission", waits)
    for user, mailbox in zip(settings.users, mailboxes, strict=True):
        yield from _found(mailbox, f"mailbox {user.address}", waits)
        if (report := reports.get(user.address)) is not None:
            yield _reading(settings, user, report, now)
        yield _calendar(settings, user, now)


def _found(checks: Future[list[Check]], name: str, waits: Callable[[str], None]) -> list[Check]:
    if not wait([checks], PATIENCE).done:
        waits(name)
    return checks.result()


def _tried(settings: Settings, user: UserTable, now: datetime) -> list[Check]:
    return list(_mailbox(settings, user, now))


def _settings(settings: Settings, file: Path) -> Check:
    if not settings.users:
        return Check("settings", False, f"{file} watches nobody; add a [[users]] table")
    return Check("settings", True, f"{file} watches {', '.join(user.address for user in settings.users)}")


def _permissions(settings: Settings, file: Path) -> Check:
    """Whether others can read the ledger; settings with a password that they can read were refused before."""
    place = ledger_file(settings)
    beside = [place.with_name(place.name + end) for end in ("", "-wal", "-shm")] if place else []
    modes = {}
    for each in beside:
        # One that is not there, or not ours to see, is told of as the ledger is opened.
        with contextlib.suppress(OSError):
            modes[each] = stat.S_IMODE(each.stat().st_mode)
    if open_ones := [each for each, mode in modes.items() if mode & 0o077]:
        names = " ".join(shlex.quote(str(each)) for each in open_ones)
        told = ", ".join(f"{each} (mode {modes[each]:03o})" for each in open_ones)
        return Check("permissions", False, f"others can read what mailwatch stores: {told}; chmod 600 {names}")
    return Check("permissions", True, f"{file}: {stat.S_IMODE(file.stat().st_mode):o}")


def _ledger(settings: Settings, now: datetime) -> Check:
    where = ledger_url(settings) if ledger_file(settings) else shown(settings.mailwatch.ledger)
    try:
        if not is_made(settings):
            fault = missing_folder(settings) or locked_folder(settings)
            return Check("ledger", not fault, fault or f"{where}: not there yet; `mailwatch run` makes it")
        open_ledger(settings).close()
        wrong = list(ledger_faults(settings, now))
    except (MailwatchError, OSError) as error:
        return Check("ledger", False, str(error))
    return Check("ledger", not wrong, "; ".join(wrong) or f"{where}: whole, and can be written")


def _service(settings: Settings, file: Path) -> Check:
    """Whether mailwatch runs; that it does not is no fault by itself, for cron may start it now and then."""
    running = is_running(settings)
    if running and runs_with_older_settings(settings, file):
        return Check("service", True, f"mailwatch runs, with settings from before {file} was changed; restart it")
    told = {
        True: "mailwatch runs",
        False: "mailwatch does not run now",
        None: "it cannot be told whether mailwatch runs",
    }
    return Check("service", True, told[running])


def _reports(settings: Settings) -> Mapping[str, MailboxReport]:
    ledger = open_ledger(settings)
    try:
        return {report.user: report for report in ledger.reports()}
    finally:
        ledger.close()


def _reading(settings: Settings, user: UserTable, report: MailboxReport, now: datetime) -> Check:
    """How reading has gone, by the ledger: when the last poll was, and what its error says."""
    name = f"reading {user.address}"
    try:
        words = Wording(now, policies.policy(settings, user, now).calendar.zone)
    except MailwatchError as error:
        return Check(name, False, str(error))
    service = Service(is_running(settings), patience_of(settings.mailwatch.poll))
    last = f"last read {words.moment(report.last_sync_at)}" if report.last_sync_at else "not read yet"
    wrong = alarms(report, service, words)
    if report.error:
        last = f"{last}; the last try failed: {report.error}"
        if wrong or service.running is not False:
            wrong.insert(0, last)  # Else it may be over: what a mailwatch met that was stopped since.
    return Check(name, not wrong, " ".join(wrong) or last)


def _directory(settings: Settings) -> Check:
    try:
        known = policies.directory(settings)
    except MailwatchError as error:
        return Check("directory", False, str(error))
    if not known.domains and len(known.addresses) <= len(settings.users):
        hint = 'nobody is a coworker yet; add domains = ["example.com"] under [coworkers]'
        return Check("directory", False, hint)
    domains = ", ".join(sorted(known.domains)) or "no domains"
    return Check(
        "directory",
        True,
        f"coworkers: {domains}; {counted(len(known.addresses), 'address', 'addresses')}, "
        f"{counted(len(known.groups), 'group')}",
    )


def _templates(folder: Path, now: datetime) -> Check:
    try:
        faults = template_faults(folder, now)
    except (MailwatchError, OSError) as error:
        return Check("templates", False, str(error))
    if faults:
        more = f" There are {len(faults)} faults;" if len(faults) > 1 else ""
        return Check("templates", False, f"{faults[0]}{more} `mailwatch templates check` shows them all")
    return Check("templates", True, f"{folder} before ours")


def _submission(settings: Settings) -> list[Check]:
    try:
        Doors(settings).submitter().probe()
    except MailwatchError as error:
        return [Check("submission", False, str(error))]
    return [Check("submission", True, f"{settings.submit.host or settings.submit.kind} takes our mail")]


def _mailbox(settings: Settings, user: UserTable, now: datetime) -> Iterator[Check]:
    name = f"mailbox {user.address}"
    try:
        door = Doors(settings).provider(user)
    except MailwatchError as error:
        yield Check(name, False, str(error))
        return
    sample = None
    try:
        mailboxes = door.mailboxes()
        yield Check(name, True, ", ".join(f"{box.role}: {box.name}" for box in mailboxes))
        inbox = next(box for box in mailboxes if box.role is Role.INBOX)
        newest = door.changes(inbox, None, now - RECENT).created[:1]
        found = [one for one in (door.headers(inbox, newest) if newest else ()) if isinstance(one, Headers)]
        sample = next((Place(one.key, inbox.id, one.provider_id, one.message_id) for one in found), None)
        ahead = [one.received_at - now for one in found if one.received_at - now > SKEW]
        if ahead:
            minutes = counted(int(ahead[0].total_seconds() // 60), "minute")
            yield Check(
                f"clock {user.address}",
                False,
                f"the server's clock is {minutes} ahead of this machine's; set one of them right (NTP)",
            )
        else:
            yield Check(f"clock {user.address}", True, "agrees with the server's as far as the newest message shows")
    except MailwatchError as error:
        yield Check(name, False, str(error))
        if policies.mark_of(settings, user):
            # A server that is silent, or refuses the login, would only be so a second time.
            yield Check(f"write-back {user.address}", False, "on, but not tried, for the mailbox cannot be read")
        return
    finally:
        door.close()
    yield _marking(settings, user, sample)


def _marking(settings: Settings, user: UserTable, sample: Place | None) -> Check:
    """Whether messages are marked, and whether the mailbox permits it; tried on a message, and nothing is changed."""
    name, mark = f"write-back {user.address}", policies.mark_of(settings, user)
    if not mark:
        return Check(name, True, "off: the mailbox is only read")
    try:
        marker = Doors(settings).marker(user)
        try:
            return Check(name, True, f"on: {marker.probe(mark, sample)}")
        finally:
            marker.close()
    except MailwatchError as error:
        return Check(name, False, f"on, but {error}")


def _calendar(settings: Settings, user: UserTable, now: datetime) -> Check:
    name = f"hours {user.address}"
    try:
        calendar = policies.policy(settings, user, now).calendar
    except MailwatchError as error:
        return Check(name, False, str(error))
    if not any(calendar.hours.values()):
        return Check(name, False, "no working hours at all; name some under [calendar.hours]")
    days = sum(map(bool, calendar.hours.values()))
    return Check(name, True, f"work on {counted(days, 'day')} a week, zone {calendar.zone.key}")
