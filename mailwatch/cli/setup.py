"""`mailwatch init`: asks for the address, finds the server, tests the login, writes the settings."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from mailwatch import settings as settings_file
from mailwatch.adapters.wellknown import Servers
from mailwatch.bootstrap.doors import IMAP_PORTS
from mailwatch.bootstrap.zone import machine_zone
from mailwatch.cli.context import Context, pass_context
from mailwatch.cli.first_settings import Answers, settings_text, write_private
from mailwatch.cli.setup_questions import SECURED, SECURITIES, Password, ask_address
from mailwatch.cli.setup_servers import find_mailbox, find_submission
from mailwatch.errors import UsageError
from mailwatch.settings.kinds import own_address_of


@click.command("init")
@click.option("--non-interactive", is_flag=True, help="Ask nothing; everything comes from the options.")
@click.option("--address", metavar="ADDRESS", help="Whose mailbox to watch.")
@click.option("--name", metavar="NAME", help="What the person is called.")
@click.option("--user", metavar="LOGIN", help="The login name, if it is not the address.")
@click.option("--host", metavar="HOST", help="The IMAP server.")
@click.option("--port", type=int, help="Its port.")
@click.option("--security", type=click.Choice(SECURITIES), default="tls", show_default=True, help=f"{SECURED}.")
@click.option("--smtp-host", metavar="HOST", help="The submission server.")
@click.option("--smtp-port", type=int, help="Its port.")
@click.option("--smtp-security", type=click.Choice(SECURITIES), help=f"{SECURED}.")
@click.option("--smtp-no-login", is_flag=True, help="It wants no login.")
@click.option("--sent", metavar="MAILBOX", help="The mailbox of sent mail, if it cannot be found by itself.")
@click.option(
    "--ca-file", type=click.Path(path_type=Path), help="Certificates to trust beside those of the system (PEM)."
)
@click.option("--password-file", type=click.Path(path_type=Path), help="A file that holds the password (0600).")
@click.option("--coworkers", metavar="DOMAIN", help="The coworkers' domain, if it is not the address's.")
@click.option("--zone", metavar="ZONE", help="The time zone, if it is not this machine's.")
@pass_context
def init_command(
    context: Context,
    non_interactive: bool,
    address: str | None,
    name: str | None,
    user: str | None,
    host: str | None,
    port: int | None,
    security: str,
    smtp_host: str | None,
    smtp_port: int | None,
    smtp_security: str | None,
    smtp_no_login: bool,
    sent: str | None,
    ca_file: Path | None,
    password_file: Path | None,
    coworkers: str | None,
    zone: str | None,
) -> None:
    """Writes a settings file that works: it logs in, to read and to send, before it is done."""
    target = Path(context.config or settings_file.PLACES[0]).expanduser()
    if target.exists():
        raise UsageError(f"{target} is there already; edit it, or name another file with --config")
    asks = not non_interactive
    if address is None and non_interactive:
        raise UsageError("--address is missing")
    address = ask_address() if address is None else own_address_of(address)
    if name is None:
        name = click.prompt("Your name", default="", show_default=False) if asks else ""
    with _password_of(target, password_file, non_interactive) as password:
        answers = Answers(
            address,
            name,
            user or "",
            password.file,
            zone or machine_zone().key,
            coworkers or "",
            Servers(host or "", smtp_host or "", smtp_security or "", port or IMAP_PORTS[security]),
            security,
            smtp_port,
            ca_file.expanduser().resolve() if ca_file else None,
            sent or "",
            smtp_login=not smtp_no_login,
        )
        found = find_submission(find_mailbox(answers, password, asks=asks), asks=asks)
        write_private(target, settings_text(found))
    servers = found.servers
    click.echo(f"Logged in at {servers.imap_host} to read, and at {servers.smtp_host} to send; nothing was sent.")
    click.echo(f"The settings are in {target} (0600).")
    program = f"mailwatch --config {shlex.quote(str(target))}" if context.config else "mailwatch"
    click.echo(f"Next: `{program} doctor` checks everything, `{program} run` begins to watch.")


@contextmanager
def _password_of(target: Path, given: Path | None, non_interactive: bool) -> Iterator[Password]:
    """The file that holds the password; one that is made for a typed password stays only if all goes well."""
    if given is not None:
        yield Password(given.expanduser().resolve(), typed=False)
        return
    if non_interactive:
        raise UsageError("--password-file is missing")
    place = target.with_name("password").absolute()
    if place.exists():
        raise UsageError(f"{place} is there already; give it as --password-file, or move it away")
    password = Password(place, typed=True)
    try:
        password.ask()
        yield password
    except BaseException:  # Ctrl-C among them: a wrong password must not be in the way of the next try.
        place.unlink(missing_ok=True)
        raise
