"""Finds the servers for `mailwatch init` by trying them, and asks where none of them will do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import click

from mailwatch import settings as settings_file
from mailwatch.adapters.wellknown import Servers, candidates
from mailwatch.bootstrap.doors import IMAP_PORTS, SUBMISSION_PORTS, Doors
from mailwatch.cli.first_settings import Answers, settings_text
from mailwatch.cli.setup_questions import Password, Place, ask_address, ask_place
from mailwatch.errors import LoginRefused, ProviderError, RoleMissing, SettingsError, SubmissionError, UsageError
from mailwatch.settings import Settings

TRIES = 3
"""How often a login is tried: more might lock the account."""


def find_mailbox(answers: Answers, password: Password, *, asks: bool) -> Answers:
    """The answers with a server that lets the person in to their mailboxes. Raises ProviderError or UsageError."""
    tried: list[str] = []
    given = answers.servers.imap_host
    for servers in _likely(answers):
        try:
            return _logged_in(_at(answers, servers), password, asks=asks)
        except LoginRefused:
            raise
        except ProviderError as error:
            if given and not asks:
                raise
            tried.append(str(error))
    if not asks:
        raise UsageError("none of the usual servers answers; give --host. " + " ".join(tried))
    for sentence in tried:
        click.echo(f"  {sentence}")
    if not given:
        click.echo(f"None of the usual servers of {answers.domain} answers.")
    return _ask_for_mailbox(answers, password)


def find_submission(answers: Answers, *, asks: bool) -> Answers:
    """The answers with a server that would take our mails; none is sent. Raises SubmissionError or UsageError."""
    while True:
        servers = answers.servers
        before = Place(servers.smtp_host, answers.smtp_port, servers.smtp_security)
        _say_where(before.host, before.port or SUBMISSION_PORTS[before.security], asks=asks)
        try:
            Doors(_settings(answers)).submitter().probe()
            return answers
        except (SubmissionError, SettingsError) as error:
            if not asks:
                options = "--smtp-host, --smtp-port and --smtp-security (--smtp-no-login, if it wants none)"
                raise type(error)(f"{error} Say where our mails are handed in with {options}.") from None
            click.echo(f"  {error}")
        place = ask_place("The submission server", before, SUBMISSION_PORTS, fully=True)
        answers = replace(
            answers,
            servers=replace(servers, smtp_host=place.host, smtp_security=place.security),
            smtp_port=place.port,
            smtp_login=place.security != "plain" and click.confirm("Does it want a login?", default=True),
        )


def _likely(answers: Answers) -> Iterator[Servers]:
    host = answers.servers.imap_host
    yield from [_servers_of(host)] if host else candidates(answers.domain)


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


def _ask_for_mailbox(answers: Answers, password: Password) -> Answers:
    """Asks for the server, after a first failure also for port and security, until one lets the person in."""
    failed = bool(answers.servers.imap_host)
    while True:
        before = Place(answers.servers.imap_host, answers.servers.imap_port, answers.security)
        place = ask_place("The IMAP server", before, IMAP_PORTS, fully=failed)
        port = place.port or IMAP_PORTS[place.security]
        given = replace(answers.servers, imap_host=place.host, imap_port=port)
        answers, failed = replace(answers, servers=given, security=place.security), True
        try:
            return _logged_in(_at(answers, _servers_of(place.host)), password, asks=True)
        except LoginRefused:
            raise
        except (ProviderError, SettingsError) as error:
            click.echo(f"  {error}")


def _logged_in(answers: Answers, password: Password, *, asks: bool) -> Answers:
    """The answers with a login that the server takes; a refused one is asked for again. Raises ProviderError."""
    hint = f" ({answers.servers.hint})" if answers.servers.hint else ""
    tries = TRIES if asks else 1
    while True:
        try:
            return _with_mailboxes(answers, asks=asks)
        except LoginRefused as error:
            if not (tries := tries - 1):
                raise LoginRefused(f"{error}{hint}") from None
            click.echo(f"  {error}{hint}")
        answers = replace(answers, address=ask_address(answers.address))
        user = str(click.prompt("The login name", default=answers.login))
        answers = replace(answers, user="" if user == answers.address else user)
        if password.typed:
            password.ask()


def _with_mailboxes(answers: Answers, *, asks: bool) -> Answers:
    """The answers with the mailbox of sent mail, where it cannot be found by itself. Raises ProviderError."""
    where = f"{answers.servers.imap_host}:{answers.servers.imap_port}"
    while True:
        _say_where(answers.servers.imap_host, answers.servers.imap_port, asks=asks)
        settings = _settings(answers)
        door = Doors(settings).provider(settings.users[0])
        try:
            door.mailboxes()
            return answers
        except RoleMissing as error:
            if error.role != "sent" or not error.mailboxes:
                raise
            names = ", ".join(error.mailboxes)
            found = (
                f'has no mailbox "{answers.sent}"' if answers.sent else "does not tell which mailbox holds sent mail"
            )
            if not asks:
                raise RoleMissing(f"{where} {found}; name it with --sent. The mailboxes there: {names}.") from None
            click.echo(f"  {where} {found}. The mailboxes there: {names}.")
        finally:
            door.close()
        answers = replace(answers, sent=str(click.prompt("The mailbox that holds what you sent")))


def _settings(answers: Answers) -> Settings:
    return settings_file.check(settings_file.parse(settings_text(answers), "init"), "init")


def _say_where(host: str, port: int, *, asks: bool) -> None:
    """Somebody who looks on learns what is waited for."""
    if asks:
        click.echo(f"Trying {host}:{port} …")
