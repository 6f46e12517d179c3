"""`mailwatch init`: asks for the address, finds the server, tests the login, writes the settings."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import click

from mailwatch import settings as settings_file
from mailwatch.adapters.wellknown import Servers, candidates
from mailwatch.bootstrap.doors import Doors
from mailwatch.bootstrap.zone import machine_zone
from mailwatch.cli.context import Context, pass_context
from mailwatch.errors import LoginRefused, MailwatchError, ProviderError, UsageError
from mailwatch.settings.kinds import own_address_of

_SECURITIES = ("tls", "starttls", "plain")
_SECURED = "How it is secured."


@dataclass(frozen=True, slots=True)
class Answers:
    """What the settings file will say."""

    address: str
    name: str
    user: str
    password_file: Path
    zone: str
    coworkers: str
    servers: Servers
    security: str = "tls"
    smtp_port: int | None = None
    ca_file: Path | None = None


@click.command("init")
@click.option("--non-interactive", is_flag=True, help="Ask nothing; everything comes from the options.")
@click.option("--address", metavar="ADDRESS", help="Whose mailbox to watch.")
@click.option("--name", metavar="NAME", help="What the person is called.")
@click.option("--user", metavar="LOGIN", help="The login name, if it is not the address.")
@click.option("--host", metavar="HOST", help="The IMAP server.")
@click.option("--port", type=int, help="Its port.")
@click.option("--security", type=click.Choice(_SECURITIES), default="tls", show_default=True, help=_SECURED)
@click.option("--smtp-host", metavar="HOST", help="The submission server.")
@click.option("--smtp-port", type=int, help="Its port.")
@click.option("--smtp-security", type=click.Choice(_SECURITIES), help=_SECURED)
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
    ca_file: Path | None,
    password_file: Path | None,
    coworkers: str | None,
    zone: str | None,
) -> None:
    """Writes a settings file that works: it logs in before it is done."""
    target = Path(context.config or settings_file.PLACES[0]).expanduser()
    if target.exists():
        raise UsageError(f"{target} is there already; edit it, or name another file with --config")
    address = own_address_of(address or _ask("Your address", non_interactive, "--address"))
    domain = address.partition("@")[2]
    if name is None:
        name = "" if non_interactive else click.prompt("Your name", default="", show_default=False)
    with _password_file(target, password_file, non_interactive) as secret:
        answers = Answers(
            address,
            name,
            user or address,
            secret,
            zone or machine_zone().key,
            coworkers or domain,
            Servers(host or "", smtp_host or "", smtp_security or "", port or (993 if security == "tls" else 143)),
            security,
            smtp_port,
            ca_file.expanduser().resolve() if ca_file else None,
        )
        found = _find(answers, domain, non_interactive)
        _write_private(target, settings_text(found))
    click.echo(f"Logged in at {found.servers.imap_host}. The settings are in {target} (0600).")
    program = f"mailwatch --config {shlex.quote(str(target))}" if context.config else "mailwatch"
    click.echo(f"Next: `{program} doctor` checks everything, `{program} run` begins to watch.")


def _ask(question: str, non_interactive: bool, option: str) -> str:
    if non_interactive:
        raise UsageError(f"{option} is missing")
    return str(click.prompt(question))


@contextmanager
def _password_file(target: Path, given: Path | None, non_interactive: bool) -> Iterator[Path]:
    """The file that holds the password; one that is made for a typed password stays only if all goes well."""
    if given is not None:
        yield given.expanduser().resolve()
        return
    if non_interactive:
        raise UsageError("--password-file is missing")
    place = target.with_name("password").absolute()
    if place.exists():
        raise UsageError(f"{place} is there already; give it as --password-file, or move it away")
    password = click.prompt("The password (an app password, if your provider has them)", hide_input=True)
    _write_private(place, password + "\n")
    try:
        yield place
    except BaseException:  # Ctrl-C among them: a wrong password must not be in the way of the next try.
        place.unlink(missing_ok=True)
        raise


def _find(answers: Answers, domain: str, non_interactive: bool) -> Answers:
    """The answers with the first servers that let the person in. Raises ProviderError or UsageError."""
    if host := answers.servers.imap_host:
        return _log_in(_at(answers, _servers_of(host)))
    tried: list[str] = []
    for servers in candidates(domain):
        try:
            return _log_in(_at(answers, servers))
        except LoginRefused as error:
            raise LoginRefused(f"{error} ({servers.hint})" if servers.hint else str(error)) from None
        except ProviderError as error:
            tried.append(str(error))
    if non_interactive:
        raise UsageError("none of the usual servers answers; give --host. " + " ".join(tried))
    question = "None of the usual servers answers. The IMAP server"
    while True:
        for sentence in tried:
            click.echo(f"  {sentence}")
        try:
            return _log_in(_at(answers, _servers_of(str(click.prompt(question)))))
        except LoginRefused:
            raise
        except ProviderError as error:
            tried, question = [str(error)], "The IMAP server"


def _servers_of(host: str) -> Servers:
    return Servers(host, host.replace("imap.", "smtp."))


def _at(answers: Answers, servers: Servers) -> Answers:
    """The answers with these servers, but for what the options say otherwise."""
    given = answers.servers
    return replace(
        answers,
        servers=replace(
            servers,
            imap_port=given.imap_port,
            smtp_host=given.smtp_host or servers.smtp_host,
            smtp_security=given.smtp_security or servers.smtp_security,
        ),
    )


def _log_in(answers: Answers) -> Answers:
    checked = settings_file.check(settings_file.parse(settings_text(answers), "init"), "init")
    door = Doors(checked).provider(checked.users[0])
    try:
        door.mailboxes()
    finally:
        door.close()
    return answers


def settings_text(answers: Answers) -> str:
    """The settings file for one person; every value is quoted as TOML wants it."""
    servers = answers.servers
    trusted = [f"ca_file = {_quoted(str(answers.ca_file))}"] if answers.ca_file else []
    lines = [
        "# Every key and its default: config/mailwatch.toml of the sources.",
        "[mailwatch]",
        f"zone = {_quoted(answers.zone)}",
        "",
        "[coworkers]",
        f"domains = [{_quoted(answers.coworkers)}]",
        "",
        "[submit]",
        f"host = {_quoted(servers.smtp_host)}",
        *([f"port = {answers.smtp_port}"] if answers.smtp_port else []),
        f"security = {_quoted(servers.smtp_security)}",
        *trusted,
        *(
            []
            if servers.smtp_security == "plain"
            else [f"user = {_quoted(answers.user)}", f"password_file = {_quoted(str(answers.password_file))}"]
        ),
        "",
        "[[users]]",
        f"address = {_quoted(answers.address)}",
        f"name = {_quoted(answers.name)}",
        "",
        "[users.mailbox]",
        'kind = "imap"',
        f"host = {_quoted(servers.imap_host)}",
        f"port = {servers.imap_port}",
        f"security = {_quoted(answers.security)}",
        f"user = {_quoted(answers.user)}",
        f"password_file = {_quoted(str(answers.password_file))}",
        *trusted,
    ]
    return "\n".join(lines) + "\n"


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c >= " " and c != "\x7f" else f"\\u{ord(c):04x}" for c in escaped) + '"'


def _write_private(place: Path, words: str) -> None:
    try:
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(words)
    except OSError as error:
        raise MailwatchError(f"{place}: cannot be written: {error.strerror}") from None
