"""The questions of `mailwatch init`: each is asked again until its answer can be used."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import click

from mailwatch.cli.first_settings import write_private
from mailwatch.errors import UsageError
from mailwatch.settings.kinds import host_of, own_address_of

T = TypeVar("T")
SECURITIES = ("tls", "starttls", "plain")
SECURED = "How it is secured"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a server is; without a port it is the usual one."""

    host: str
    port: int | None
    security: str


@dataclass(frozen=True, slots=True)
class Password:
    """The file that holds the password; `typed` says that it is made for one that somebody types."""

    file: Path
    typed: bool

    def ask(self) -> None:
        """Asks for the password and writes it down, in the place of what was typed before."""
        password = click.prompt("The password (an app password, if your provider has them)", hide_input=True)
        self.file.unlink(missing_ok=True)
        write_private(self.file, password + "\n")


def ask_address(before: str = "") -> str:
    """Asks for the address whose mailbox is watched."""
    return str(click.prompt("Your address", default=before or None, value_proc=_checked(own_address_of)))


def ask_place(question: str, before: Place, ports: Mapping[str, int], *, fully: bool) -> Place:
    """Asks where a server is; `fully` also by which port, and how it is secured."""
    host, port = click.prompt(
        f"{question} (host or host:port)", default=before.host or None, value_proc=_checked(place_of)
    )
    if not fully:
        return Place(host, port or before.port, before.security)
    security = click.prompt(SECURED, default=before.security, type=click.Choice(SECURITIES))
    usual = before.port if before.port and security == before.security else ports[security]
    return Place(host, port or click.prompt("Its port", default=usual, type=click.IntRange(1, 65535)), security)


def place_of(words: str) -> tuple[str, int | None]:
    """The host and the port, if there is one, of what a person wrote. Raises UsageError."""
    words = words.strip()
    if words.isdecimal():
        raise UsageError(f"{words!r} is a port and no server; write both as host:{words}")
    found = re.fullmatch(r"(\[[^]]*\]|[^:]*):([0-9]{1,5})", words)
    host, port = (found[1], int(found[2])) if found else (words, None)
    if port is not None and not 1 <= port <= 65535:
        raise UsageError(f"{words!r}: a port is a number from 1 to 65535")
    return host_of(host.strip("[]")), port


def _checked(kind: Callable[[str], T]) -> Callable[[str], T]:
    """As click wants it: a wrong answer is told, and asked for again."""

    def checked(words: str) -> T:
        try:
            return kind(words)
        except UsageError as error:
            raise click.BadParameter(str(error)) from None

    return checked
