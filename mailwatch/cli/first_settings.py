"""The settings file that `mailwatch init` writes for one person, and how it is kept from others."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from mailwatch.adapters.wellknown import Servers
from mailwatch.errors import MailwatchError


@dataclass(frozen=True, slots=True)
class Answers:
    """What the settings file will say; without `user` the login is the address, without `coworkers` its domain.

    `sent` names the mailbox of sent mail where it cannot be found by itself; `smtp_login` says whether the
    submission server wants a login.
    """

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
    sent: str = ""
    smtp_login: bool = True

    @property
    def login(self) -> str:
        """The login name."""
        return self.user or self.address

    @property
    def domain(self) -> str:
        """What stands behind the @ of the address."""
        return self.address.partition("@")[2]


def settings_text(answers: Answers) -> str:
    """The settings file for one person; every value is quoted as TOML wants it."""
    servers = answers.servers
    trusted = [f"ca_file = {_quoted(str(answers.ca_file))}"] if answers.ca_file else []
    login = [f"user = {_quoted(answers.login)}", f"password_file = {_quoted(str(answers.password_file))}"]
    lines = [
        "# Every key and its default: config/mailwatch.toml of the sources.",
        "[mailwatch]",
        f"zone = {_quoted(answers.zone)}",
        "",
        "[coworkers]",
        f"domains = [{_quoted(answers.coworkers or answers.domain)}]",
        "",
        "[submit]",
        f"host = {_quoted(servers.smtp_host)}",
        *([f"port = {answers.smtp_port}"] if answers.smtp_port else []),
        f"security = {_quoted(servers.smtp_security)}",
        *trusted,
        *(login if answers.smtp_login and servers.smtp_security != "plain" else []),
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
        *login,
        *trusted,
        *(["", "[users.mailbox.roles]", f"sent = {_quoted(answers.sent)}"] if answers.sent else []),
    ]
    return "\n".join(lines) + "\n"


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c >= " " and c != "\x7f" else f"\\u{ord(c):04x}" for c in escaped) + '"'


def write_private(place: Path, words: str) -> None:
    """Writes a new file that its owner alone can read. Raises MailwatchError."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(words)
    except OSError as error:
        raise MailwatchError(f"{place}: cannot be written: {error.strerror}") from None
