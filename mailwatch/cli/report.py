"""`mailwatch report`: the history as a table, a line a week."""

from __future__ import annotations

from datetime import timedelta

import click

from mailwatch.bootstrap.ledgers import open_ledger
from mailwatch.bootstrap.policies import policies, policy_of
from mailwatch.cli import shapes
from mailwatch.cli.context import Context, SystemClock, json_option, pass_context
from mailwatch.cli.table import print_table, working_hours
from mailwatch.domain.summary import WeekFigures, figures_of_weeks

HEAD = ("WEEK OF", "ASKED", "ANSWERED", "MEDIAN", "P90", "ON TIME", "PROMISES", "KEPT", "LATE", "MISSED")


@click.command("report")
@click.option("--weeks", default=8, show_default=True, type=click.IntRange(1, 53), help="How many weeks back.")
@click.option("--user", metavar="ADDRESS", help="Only this user.")
@json_option
@pass_context
def report_command(context: Context, weeks: int, user: str | None) -> None:
    """Shows how timely each week was; first responses in working hours, open requests counted as censored."""
    now = SystemClock().now()
    chosen = (policy_of(context.settings, user, now),) if user else policies(context.settings, now)
    ledger = open_ledger(context.settings)
    try:
        tables: dict[str, list[WeekFigures]] = {}
        for policy in chosen:
            name = policy.user.address.addr_spec
            since = now - timedelta(weeks=weeks + 2)
            tables[name] = list(
                figures_of_weeks(policy, now, weeks, ledger.requests(name, since), ledger.promises(name, since))
            )
    finally:
        ledger.close()
    if context.json:
        users = [
            {"user": name, "weeks": [{"week": w.week.isoformat(), **shapes.figures(w)} for w in table]}
            for name, table in tables.items()
        ]
        shapes.print_json({"users": users})
        return
    for name, table in tables.items():
        click.echo(f"{name}, first response in working hours")
        print_table(HEAD, [_row(week) for week in table])
        click.echo()


def _row(week: WeekFigures) -> tuple[str, ...]:
    kept = week.kept + week.kept_early
    return (
        week.week.isoformat(),
        str(week.asked),
        str(week.answered),
        working_hours(week.median_first_response),
        working_hours(week.p90_first_response),
        "–" if week.on_time is None else f"{week.on_time:.0%}",
        str(week.promises_made),
        str(kept),
        str(week.kept_late),
        str(week.missed),
    )
