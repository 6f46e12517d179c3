"""`mailwatch doctor`: checks everything that must work, and says what to do."""

from __future__ import annotations

import sys

import click

from mailwatch.bootstrap.checkup import check_all
from mailwatch.cli import shapes
from mailwatch.cli.context import Context, SystemClock, json_option, pass_context


@click.command("doctor")
@json_option
@pass_context
def doctor_command(context: Context) -> None:
    """Checks settings, permissions, templates, ledger, directory, submission, logins and mailbox roles."""

    def waits(name: str) -> None:
        if sys.stderr.isatty() and not context.json:
            click.echo(f"wait    {name}: the server has not answered yet", err=True)

    checks = []
    for check in check_all(context.settings, context.file, SystemClock().now(), waits):
        checks.append(check)
        if not context.json:
            mark = click.style("ok    ", fg="green") if check.ok else click.style("FAILED", fg="red", bold=True)
            click.echo(f"{mark}  {check.name}: {check.found}")
    failed = sum(not check.ok for check in checks)
    if context.json:
        found = [{"name": check.name, "ok": check.ok, "found": check.found} for check in checks]
        shapes.print_json({"checks": found, "failed": failed})
    elif failed:
        click.echo(f"{failed} of {len(checks)} checks failed.")
    else:
        click.echo(f"All {len(checks)} checks are fine; `mailwatch run` can start.")
    sys.exit(1 if failed else 0)
