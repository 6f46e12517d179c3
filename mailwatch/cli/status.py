"""`mailwatch status`: who is waiting, for how long, due when."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime

import click

from mailwatch.bootstrap.ledgers import existing_ledger
from mailwatch.bootstrap.policies import policies, policy_of, require_users
from mailwatch.bootstrap.running import disk_fault, is_running
from mailwatch.cli import shapes
from mailwatch.cli.context import Context, SystemClock, json_option, moment_option, pass_context
from mailwatch.cli.table import faults, print_overview, wording
from mailwatch.domain.wording import capital
from mailwatch.errors import UsageError
from mailwatch.ports import Ledger, MailboxReport
from mailwatch.services.health import Service, alarms, is_fine, not_sent, patience_of
from mailwatch.services.overview import Overview, overview

WATCH_EVERY = 5.0
MOST = 50


@dataclass(frozen=True)
class Looked:
    """What is open at a moment, and how the service goes with each user; `disk` says that it is full."""

    at: datetime
    running: bool | None
    disk: str
    users: tuple[tuple[Overview, MailboxReport | None, Service], ...]

    @property
    def fine(self) -> bool:
        """Whether there is room for the ledger, every mailbox is read and every mail leaves."""
        return not self.disk and all(is_fine(report, service, wording(view)) for view, report, service in self.users)


@click.command("status")
@click.option("--user", metavar="ADDRESS", help="Only this user.")
@click.option("--as-of", metavar="TIME", help="As it was at a moment, such as 2026-03-09T14:30.")
@click.option("--watch", is_flag=True, help="Show it anew every five seconds.")
@click.option("--all", "everything", is_flag=True, help=f"Show all that is open, not the worst {MOST} alone.")
@click.option(
    "--check", is_flag=True, help="Say only what is wrong with the watching, and exit with 1 if something is."
)
@json_option
@pass_context
def status_command(
    context: Context, user: str | None, as_of: str | None, watch: bool, everything: bool, check: bool
) -> None:
    """Shows who is waiting for whom, worst first, and how the watching itself goes.

    With --check it says only how the watching goes, and nothing of what anybody was asked.
    """
    if check and (watch or as_of):
        raise UsageError("--check is about now, once; leave --watch and --as-of out")
    require_users(context.settings)
    most = None if everything else MOST

    def look(show: bool) -> Looked:
        # Opened for each look: a ledger that is not there yet may be there at the next one.
        with closing(existing_ledger(context.settings)) as ledger:
            looked = _look(context, ledger, user, as_of)
            if show and check:
                _show_check(context, ledger, looked)
            elif show:
                _show(context, ledger, looked, most)
            return looked

    if watch and sys.stdout.isatty() and not context.json:
        _watch(lambda: look(show=False), most)
        return
    looked = look(show=True)
    while watch:
        time.sleep(WATCH_EVERY)
        look(show=True)
    sys.exit(1 if check and not looked.fine else 0)


def _look(context: Context, ledger: Ledger, user: str | None, as_of: str | None) -> Looked:
    now, settings = SystemClock().now(), context.settings
    chosen = (policy_of(settings, user, now),) if user else policies(settings, now)
    moment = moment_option(as_of, chosen[0].calendar.zone)
    running = is_running(settings)
    # Of the past nothing is known but what is open.
    patience = None if moment else patience_of(settings.mailwatch.poll)
    reports = {report.user: report for report in ledger.reports()}
    found = []
    for policy in chosen:
        name = policy.user.address.addr_spec
        service = Service(running, patience, not_sent(ledger, name, now))
        found.append((overview(ledger, policy, moment or now, past=moment is not None), reports.get(name), service))
    return Looked(moment or now, running, "" if moment else disk_fault(settings), tuple(found))


def _watch(look: Callable[[], Looked], most: int | None) -> None:
    # Imported here because rich takes 0.1 s, which a pipe need not wait for.
    from mailwatch.cli.fullscreen import Screen

    with suppress(KeyboardInterrupt), Screen() as screen:
        while True:
            looked = look()
            note = f"Anew every {WATCH_EVERY:.0f} seconds; Ctrl-C ends."
            screen.draw(looked.users, note, most, f"{capital(looked.disk)}." if looked.disk else "")
            time.sleep(WATCH_EVERY)


def _show(context: Context, ledger: Ledger, looked: Looked, most: int | None) -> None:
    if context.json:
        users = [_user(ledger, *each) for each in looked.users]
        shapes.print_json({**_whole(looked), "users": users})
        return
    for view, report, service in looked.users:
        print_overview(view, report, service, most)
    if looked.disk:
        click.echo(capital(looked.disk) + ".")


def _show_check(context: Context, ledger: Ledger, looked: Looked) -> None:
    """How the service goes, without a word of what anybody was asked: the answer may go to a monitor, or by mail."""
    if context.json:
        users = [{"user": _name(view), **_health(ledger, view, report, it)} for view, report, it in looked.users]
        shapes.print_json({**_whole(looked), "users": users})
        return
    said = [capital(looked.disk) + "."] if looked.disk else []
    for view, report, service in looked.users:
        wrong = faults(report, service, wording(view)) or (["Nothing has been read yet."] if report is None else [])
        said += [f"{_name(view)}: {sentence}" for sentence in wrong]
    click.echo("\n".join(said) or "Every mailbox is read and every mail leaves.")


def _name(view: Overview) -> str:
    return view.policy.user.address.addr_spec


def _whole(looked: Looked) -> dict[str, object]:
    return {"as_of": shapes.moment(looked.at), "running": looked.running, "disk": looked.disk or None}


def _user(ledger: Ledger, view: Overview, report: MailboxReport | None, service: Service) -> dict[str, object]:
    return {
        "user": _name(view),
        "requests": [shapes.request(line) for line in view.requests],
        "promises": [shapes.promise(line) for line in view.promises],
        **_health(ledger, view, report, service),
    }


def _health(ledger: Ledger, view: Overview, report: MailboxReport | None, service: Service) -> dict[str, object]:
    words = wording(view)
    return {
        "last_sync_at": shapes.moment(report.last_sync_at) if report else None,
        "first_round_done": bool(report and report.first_round_done),
        "messages": report.messages if report else 0,
        "error": report.error if report else None,
        "failing_since": shapes.moment(report.failing_since) if report else None,
        "login_refusals": report.login_refusals if report else 0,
        "fine": is_fine(report, service, words) if service.patience else None,
        "alarms": alarms(report, service, words),
        "set_aside": shapes.set_aside(ledger.set_aside(_name(view))),
        "not_sent": [mail.error for mail in service.not_sent],
        "not_marked": list(report.not_marked) if report else [],
        "silence": shapes.silence(view.silence),
    }
