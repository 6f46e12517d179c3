"""`export` and `erase`: everything stored on a user, and its end."""

from __future__ import annotations

import click

from mailwatch.bootstrap.ledgers import open_ledger
from mailwatch.cli import shapes
from mailwatch.cli.context import Context, json_option, pass_context
from mailwatch.domain.marking import OURS


@click.command("export")
@click.argument("user", metavar="ADDRESS")
@json_option
@pass_context
def export_command(context: Context, user: str) -> None:
    """Prints every row that is stored on a user, one JSON object a line, with the table's name first."""
    ledger = open_ledger(context.settings)
    try:
        for table, row in ledger.export(user.strip().lower()):
            shapes.print_line({"table": table, **row})
    finally:
        ledger.close()


@click.command("erase")
@click.argument("user", metavar="ADDRESS")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@pass_context
def erase_command(context: Context, user: str, yes: bool) -> None:
    """Deletes every row that is stored on a user. The mailbox itself is never touched."""
    address = user.strip().lower()
    ledger = open_ledger(context.settings)
    try:
        if ours := sum(mark.state in OURS for mark in ledger.marks(address)):
            click.echo(
                f"{ours} messages in the mailbox bear a mark that mailwatch set, and after this nothing will take it "
                "away. Let one cycle run with write_back off first, and they lose it.",
                err=True,
            )
        if not yes:
            click.confirm(f"Delete everything that mailwatch stores on {address}?", abort=True)
        rows = ledger.erase(address)
    finally:
        ledger.close()
    if context.json:
        shapes.print_json({"user": address, "rows": rows})
    else:
        click.echo(f"{rows} rows on {address} are deleted.")
