"""`mailwatch report`: the history as a table, a line a week."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime, timedelta

import click

from mailwatch.bootstrap.ledgers import existing_ledger
from mailwatch.bootstrap.policies import policies, policy_of, require_users
from mailwatch.cli import shapes
from mailwatch.cli.context import Context, SystemClock, json_option, pass_context
from mailwatch.cli.table import full_moment, hours, print_table, unread, who
from mailwatch.domain.policy import Policy
from mailwatch.domain.summary import WeekFigures, figures_of_weeks

HEAD = ("WEEK OF", "ASKED", "ANSWERED", "MEDIAN", "P90", "ON TIME", "PROMISES", "KEPT", "LATE", "MISSED")
CUT = HEAD.index("PROMISES")
"""Where the table is cut in two on a terminal that is too narrow for it."""


@click.command("report")
@click.option("--weeks", default=8, show_default=True, type=click.IntRange(1, 53), help="How many weeks back.")
@click.option("--user", metavar="ADDRESS", help="Only this user.")
@json_option
@pass_context
def report_command(context: Context, weeks: int, user: str | None) -> None:
    """Shows how timely each week was; the times are working hours, and requests still open count in them."""
    require_users(context.settings)
    now = SystemClock().now()
    chosen = (policy_of(context.settings, user, now),) if user else policies(context.settings, now)
    ledger = existing_ledger(context.settings)
    try:
        tables: dict[str, list[WeekFigures]] = {}
        for policy in chosen:
            name = policy.user.address.addr_spec
            since = now - timedelta(weeks=weeks)
            tables[name] = list(
                figures_of_weeks(policy, now, weeks, ledger.requests(name, since), ledger.promises(name, since))
            )
        reports = {report.user: report for report in ledger.reports()}
    finally:
        ledger.close()
    if context.json:
        users = [
            {
                "user": name,
                "first_round_done": name in reports and reports[name].first_round_done,
                "weeks": [{"week": w.week.isoformat(), **shapes.figures(w)} for w in table],
            }
            for name, table in tables.items()
        ]
        shapes.print_json({"as_of": shapes.moment(now), "users": users})
        return
    for policy in chosen:
        name = policy.user.address.addr_spec
        _print(policy, now, [row_of(week) for week in tables[name]], unread(reports.get(name)))


def _print(policy: Policy, now: datetime, rows: Sequence[Sequence[str]], missing: str) -> None:
    above = f"{who(policy.user)}, {full_moment(policy.calendar.local(now))}\n"
    above += missing or "First responses in working hours."
    if missing:
        click.echo(above)
    elif sys.stdout.isatty():
        # Imported here because rich takes 0.1 s, which a pipe need not wait for.
        from mailwatch.cli.screen import show_tables

        show_tables(above, HEAD, rows, CUT)
    else:
        click.echo(above)
        print_table(HEAD, rows)
    click.echo()


def row_of(week: WeekFigures) -> tuple[str, ...]:
    """The figures of a week as the table shows them."""
    kept = week.kept + week.kept_early
    return (
        week.week.isoformat(),
        str(week.asked),
        str(week.answered),
        hours(week.median_first_response),
        hours(week.p90_first_response),
        "–" if week.on_time is None else f"{week.on_time:.0%}",
        str(week.promises_made),
        str(kept),
        str(week.kept_late),
        str(week.missed),
    )
