"""`export` and `erase`: everything stored on a user, and its end."""

from __future__ import annotations

import click

from mailwatch.bootstrap.ledgers import existing_ledger
from mailwatch.bootstrap.policies import user_of
from mailwatch.bootstrap.running import runs_with_older_settings
from mailwatch.cli import shapes
from mailwatch.cli.context import Context, json_option, pass_context
from mailwatch.domain.marking import OURS
from mailwatch.domain.people import normal_address
from mailwatch.domain.wording import counted
from mailwatch.errors import UsageError
from mailwatch.ports import Ledger
from mailwatch.settings import Settings


@click.command("export")
@click.argument("user", metavar="ADDRESS")
@json_option
@pass_context
def export_command(context: Context, user: str) -> None:
    """Prints every row that is stored on a user, one JSON object a line; with --json, one document."""
    ledger = existing_ledger(context.settings)
    try:
        address = _stored(ledger, context.settings, user)
        rows = ({"table": table, **row} for table, row in ledger.export(address))
        if context.json:
            shapes.print_json({"user": address, "rows": list(rows)})
            return
        shapes.print_lines({"schema": shapes.SCHEMA, **row} for row in rows)
    finally:
        ledger.close()


@click.command("erase")
@click.argument("user", metavar="ADDRESS")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@pass_context
def erase_command(context: Context, user: str, yes: bool) -> None:
    """Deletes every row that is stored on a user. The mailbox itself is never touched."""
    ledger = existing_ledger(context.settings)
    try:
        # An erase that could not clear the file has deleted the rows already when it is tried again.
        if _address(ledger, context.settings, user) is None and ledger.finish_erasing():
            _tell(context, normal_address(user), 0, "What an earlier erase left in the file is gone now.")
            return
        address = _stored(ledger, context.settings, user)
        _heed_who_runs(context, address)
        if ours := sum(mark.state in OURS for mark in ledger.marks(address)):
            click.echo(
                f"{counted(ours, 'message')} in the mailbox {'bears' if ours == 1 else 'bear'} a mark that mailwatch "
                "set, and nothing will take it away after this. Let one cycle run with write_back off before.",
                err=True,
            )
        if not yes:
            click.confirm(f"Delete everything that mailwatch stores on {address}?", abort=True, err=True)
        rows = ledger.erase(address)
        if user_of(context.settings, address):
            click.echo(
                f"The settings still watch {address}: the next cycle reads the mailbox anew. "
                "Take the [[users]] table out to end that.",
                err=True,
            )
    finally:
        ledger.close()
    _tell(context, address, rows, f"{counted(rows, 'row')} on {address} {'is' if rows == 1 else 'are'} deleted.")


def _tell(context: Context, address: str, rows: int, sentence: str) -> None:
    if context.json:
        shapes.print_json({"user": address, "rows": rows})
    else:
        click.echo(sentence)


def _address(ledger: Ledger, settings: Settings, given: str) -> str | None:
    address = normal_address(given)
    watched = user_of(settings, address)
    names = (address, watched.address if watched else address)
    return next((name for name in names if next(iter(ledger.export(name)), None)), None)


def _heed_who_runs(context: Context, address: str) -> None:
    """Raises UsageError if a mailwatch runs that may still watch somebody whom the settings no longer name."""
    if user_of(context.settings, address):
        return
    older = runs_with_older_settings(context.settings, context.file)
    sentence = f"it may still watch {address}, and would read the mailbox again"
    if older:
        raise UsageError(
            f"a mailwatch runs with settings from before {context.file} was changed: {sentence}. "
            "Restart it first (systemctl restart mailwatch), then erase; nothing was deleted"
        )
    if older is None:
        click.echo(f"If a mailwatch runs with older settings, restart it before this: {sentence}.", err=True)


def _stored(ledger: Ledger, settings: Settings, given: str) -> str:
    """The address by which a person's rows are stored. Raises UsageError if there are none.

    The ledger is asked first, for it may hold rows on somebody whom the settings no longer watch.
    """
    if address := _address(ledger, settings, given):
        return address
    known = sorted(report.user for report in ledger.reports())
    raise UsageError(f"{given}: nothing is stored on this address; the ledger knows {', '.join(known) or 'nobody'}")
