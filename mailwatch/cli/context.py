"""What every command shares: the settings file, how it prints, and how errors end it."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from mailwatch.errors import MailwatchError, SettingsError, UsageError

if TYPE_CHECKING:
    from mailwatch.settings import Settings

log = logging.getLogger("mailwatch")
EARLIEST, LATEST = 1970, 2200  # The years in which every sum of a moment and a duration is still a moment.
Command = TypeVar("Command", bound=Callable[..., Any])


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        """The present moment in UTC."""
        return datetime.now(UTC)


@dataclass
class Context:
    """The options before the command; the settings are read when they are first needed.

    What checks them is imported then too, for it takes as long as all else that a command imports.
    """

    config: str | None
    json: bool

    @cached_property
    def file(self) -> Path:
        """The settings file. Raises SettingsError if there is none."""
        from mailwatch.settings import find

        return find(self.config)

    @cached_property
    def settings(self) -> Settings:
        """The checked settings. Raises SettingsError."""
        from mailwatch.settings import load

        return load(self.file)

    def settings_if_any(self) -> Settings | None:
        """The checked settings; None if none were named and none lie at the usual places. Raises SettingsError."""
        try:
            _ = self.file
        except SettingsError:
            if self.config or os.environ.get("MAILWATCH_CONFIG"):
                raise
            return None
        return self.settings

    def named(self, error: Exception) -> str:
        """What an error says; a fault in the settings that shows only in use also names their file."""
        in_use = isinstance(error, SettingsError) and "settings" in self.__dict__
        return f"{self.file}: {error}" if in_use else str(error)


pass_context = click.make_pass_decorator(Context)


def json_option(command: Command) -> Command:
    """--json after the command, for those who write it there."""

    def set_json(context: click.Context, _: click.Parameter, value: bool) -> None:
        if value:
            context.ensure_object(Context).json = True

    return click.option("--json", is_flag=True, expose_value=False, callback=set_json, help="Print JSON (schema 1).")(
        command
    )


def takes_config(command: click.Command) -> click.Command:
    """The command, and those below it, with --config for those who write it there and not before the command."""

    def set_config(context: click.Context, _: click.Parameter, value: str | None) -> None:
        if value:
            context.ensure_object(Context).config = value

    if all(one.name != "config" for one in command.params):
        where = "The settings file."
        command.params.append(
            click.Option(["--config"], metavar="FILE", expose_value=False, callback=set_config, help=where)
        )
    for below in command.commands.values() if isinstance(command, click.Group) else ():
        takes_config(below)
    return command


def says_what_is_wrong(run: Callable[[], None]) -> Callable[[], None]:
    """Ends the program with a sentence and an exit code: 1 something failed, 2 wrong usage or settings."""

    @wraps(run)
    def guarded() -> None:
        try:
            run()
        except click.exceptions.Abort:
            click.echo("mailwatch: stopped", err=True)
            sys.exit(1)
        except click.ClickException as error:
            error.show()
            sys.exit(error.exit_code)
        except MailwatchError as error:
            for line in str(error).splitlines():
                click.echo(f"mailwatch: {line}", err=True)
            sys.exit(error.exit_code)
        except BrokenPipeError:
            sys.stderr.close()
            sys.exit(1)
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            click.echo(f"mailwatch: {where}{error.strerror or error}", err=True)
            sys.exit(1)
        except Exception as error:
            log.debug("the trace of the fault", exc_info=True)
            kind = type(error).__name__
            click.echo(f"mailwatch: a fault of mailwatch itself ({kind}: {error}); -vv shows where", err=True)
            sys.exit(1)

    return guarded


def moment_option(value: str | None, zone: Any) -> datetime | None:
    """A moment that a person wrote: ISO 8601; without an offset it is in the user's zone. Raises UsageError."""
    if value is None:
        return None
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        raise UsageError(f"{value!r} is no moment; write one such as 2026-03-09 or 2026-03-09T14:30") from None
    if not EARLIEST <= at.year <= LATEST:
        raise UsageError(f"{value!r} lies too far away; name a moment of the years {EARLIEST} to {LATEST}")
    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)


def option_value(option: str, kind: Callable[[str], str], words: str) -> str:
    """The value of an option, checked as the settings check it. Raises UsageError."""
    try:
        return kind(words)
    except UsageError as error:
        raise UsageError(f"{option} {error}") from None
