"""`mailwatch status`: who is waiting, for how long, due when."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

import click

from mailwatch.bootstrap.ledgers import open_ledger
from mailwatch.bootstrap.policies import policies, policy_of, require_users
from mailwatch.cli import shapes
from mailwatch.cli.context import Context, SystemClock, json_option, moment_option, pass_context
from mailwatch.cli.table import print_overview
from mailwatch.ports import Ledger, MailboxReport
from mailwatch.services.overview import Overview, overview

WATCH_EVERY = 5.0


@click.command("status")
@click.option("--user", metavar="ADDRESS", help="Only this user.")
@click.option("--as-of", metavar="TIME", help="As it was at a moment, such as 2026-03-09T14:30.")
@click.option("--watch", is_flag=True, help="Show it anew every five seconds.")
@json_option
@pass_context
def status_command(context: Context, user: str | None, as_of: str | None, watch: bool) -> None:
    """Shows who is waiting for whom, worst first, and how the watching itself goes."""
    require_users(context.settings)
    ledger = open_ledger(context.settings)

    def look() -> tuple[list[Overview], datetime]:
        now = SystemClock().now()
        chosen = (policy_of(context.settings, user, now),) if user else policies(context.settings, now)
        moment = moment_option(as_of, chosen[0].calendar.zone)
        return [overview(ledger, policy, moment or now, past=moment is not None) for policy in chosen], moment or now

    try:
        if watch and sys.stdout.isatty() and not context.json:
            _watch(ledger, look)
        else:
            _show(context, ledger, *look())
            while watch:
                time.sleep(WATCH_EVERY)
                _show(context, ledger, *look())
    finally:
        ledger.close()


def _watch(ledger: Ledger, look: Callable[[], tuple[list[Overview], datetime]]) -> None:
    # Imported here because rich takes 0.1 s, which a pipe need not wait for.
    from mailwatch.cli.screen import Screen

    with suppress(KeyboardInterrupt), Screen() as screen:
        while True:
            views, _ = look()
            reports = {report.user: report for report in ledger.reports()}
            told = [(view, reports.get(view.policy.user.address.addr_spec), _stuck(ledger, view)) for view in views]
            screen.draw(told, f"Anew every {WATCH_EVERY:.0f} seconds; Ctrl-C ends.")
            time.sleep(WATCH_EVERY)


def _show(context: Context, ledger: Ledger, views: list[Overview], now: datetime) -> None:
    reports = {report.user: report for report in ledger.reports()}
    stuck = {view.policy.user.address.addr_spec: _stuck(ledger, view) for view in views}
    if context.json:
        shapes.print_json({"as_of": shapes.moment(now), "users": [_user(v, reports, ledger, stuck) for v in views]})
        return
    for view in views:
        user = view.policy.user.address.addr_spec
        print_overview(view, reports.get(user), stuck[user])


def _stuck(ledger: Ledger, view: Overview) -> list[str]:
    return [mail.error for mail in ledger.outbox(view.policy.user.address.addr_spec) if mail.error]


def _user(
    view: Overview, reports: dict[str, MailboxReport], ledger: Ledger, stuck: dict[str, list[str]]
) -> dict[str, object]:
    user = view.policy.user.address.addr_spec
    report = reports.get(user)
    return {
        "user": user,
        "requests": [shapes.request(line) for line in view.requests],
        "promises": [shapes.promise(line) for line in view.promises],
        "last_sync_at": shapes.moment(report.last_sync_at) if report else None,
        "first_round_done": bool(report and report.first_round_done),
        "messages": report.messages if report else 0,
        "error": report.error if report else None,
        "failing_since": shapes.moment(report.failing_since) if report else None,
        "set_aside": shapes.set_aside(ledger.set_aside(user)),
        "not_sent": stuck[user],
        "not_marked": list(report.not_marked) if report else [],
        "silence": shapes.silence(view.silence),
    }
