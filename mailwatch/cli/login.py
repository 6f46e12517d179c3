"""`mailwatch login`: lets a person sign in at Microsoft 365 by a code in the browser."""

from __future__ import annotations

import click

from mailwatch.bootstrap.doors import Doors
from mailwatch.bootstrap.policies import user_of
from mailwatch.cli.context import Context, pass_context
from mailwatch.errors import UsageError


@click.command("login")
@click.argument("user", metavar="ADDRESS")
@pass_context
def login_command(context: Context, user: str) -> None:
    """Shows a code to enter in a browser, and keeps the tokens in the file [microsoft] token_cache."""
    table = user_of(context.settings, user)
    if table is None:
        raise UsageError(f"{user}: the settings do not watch this address")
    Doors(context.settings).sign_in(table, click.echo)
    click.echo(f"{table.address} is signed in.")
