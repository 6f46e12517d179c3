"""The command `mailwatch`; each subcommand's module is imported when it is called, so that all start fast."""

from __future__ import annotations

import codecs
import gc
import importlib
import io
import logging
import os
import sys
import unicodedata
from typing import Any

import click

from mailwatch import __version__
from mailwatch.cli.context import Context, says_what_is_wrong, takes_config
from mailwatch.errors import SettingsError

COMMANDS = {
    "demo": ("demo", "Shows the whole of it on a small office, with servers of its own."),
    "init": ("setup", "Asks for your address, finds the server, writes the settings."),
    "login": ("login", "Signs a person in at Microsoft 365."),
    "doctor": ("doctor", "Checks everything that must work, and says what to do."),
    "run": ("daemon", "Watches the mailboxes; --once for one cycle."),
    "status": ("status", "Who is waiting, for how long, due when."),
    "done": ("items", "Says that an item is settled."),
    "snooze": ("items", "Puts an item off until a time."),
    "dismiss": ("items", "Says that an item is no request, or no promise."),
    "delegate": ("items", "Says who has the item now."),
    "mute": ("items", "Never mentions an item and its conversation again."),
    "reopen": ("items", "Says that an item is open after all."),
    "explain": ("explain", "What was read in a message, and why."),
    "backtest": ("backtest", "Reads a Maildir or mbox archive as the daemon would have."),
    "preview": ("preview", "The mail as it would go out."),
    "templates": ("mail_templates", "Checks the templates of the mails, your own among them."),
    "report": ("report", "The history as a table."),
    "export": ("data", "Everything stored on a user."),
    "erase": ("data", "Deletes everything stored on a user."),
}

LOOK_ALIKES = dict(zip("–—─‑“”„‘’×→\u00a0\u202f", '----"""\'\'x>  ', strict=True)) | {"…": "..."}


class Commands(click.Group):
    """The subcommands, found by name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order in which a person meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Imports the module of a command and takes the command from it."""
        if cmd_name not in COMMANDS:
            return None
        gc.disable()  # Nothing of what is loaded is garbage, and looking for some takes a tenth of the time.
        module = importlib.import_module(f"mailwatch.cli.{COMMANDS[cmd_name][0]}")
        gc.freeze()
        gc.enable()
        command: click.Command = getattr(module, f"{cmd_name}_command")
        return takes_config(command)

    def invoke(self, ctx: click.Context) -> Any:
        """Runs a command; an error in the settings that shows only in use names their file. Raises MailwatchError."""
        try:
            return super().invoke(ctx)
        except SettingsError as error:
            raise SettingsError(ctx.obj.named(error)) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Lists the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, sentence) for name, (_, sentence) in COMMANDS.items()])


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--config", metavar="FILE", help="The settings file (else MAILWATCH_CONFIG, else the usual places).")
@click.option("--json", "as_json", is_flag=True, help="Print JSON where there is something to read.")
@click.option("-v", "--verbose", count=True, help="Log more; twice for everything.")
@click.version_option(__version__, prog_name="mailwatch")
@click.pass_context
def cli(context: click.Context, config: str | None, as_json: bool, verbose: int) -> None:
    """Sees which coworkers still await your reply, and tells you in time."""
    context.obj = Context(config, as_json)
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        context.color = False  # What rich draws heeds both by itself.
    level = (logging.WARNING, logging.INFO, logging.DEBUG)[min(verbose, 2)]
    logging.basicConfig(level=level, stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s")


def _look_alike(error: UnicodeError) -> tuple[str, int]:
    """What stands for characters that an encoding has no sign for: one that looks like it, or a ?."""
    assert isinstance(error, UnicodeEncodeError)
    return "".join(map(_plain, error.object[error.start : error.end])), error.end


def _plain(sign: str) -> str:
    without_accents = unicodedata.normalize("NFKD", sign).encode("ascii", "ignore").decode("ascii")
    return LOOK_ALIKES.get(sign, without_accents or "?")


def _lenient(stream: Any) -> Any:
    """A stream that writes something else for what its encoding has no sign for, where it would raise an error."""
    if stream is None:
        return open(os.devnull, "w", encoding="utf-8")
    if not isinstance(stream, io.TextIOWrapper):
        return stream
    codecs.register_error("look-alike", _look_alike)
    if codecs.lookup(stream.encoding).name == "ascii":
        # With a TextIOWrapper of this encoding, click would not heed it and write UTF-8.
        plain = codecs.getwriter("ascii")(stream.buffer, "look-alike")
        plain.encoding = "ascii"  # type: ignore[attr-defined]  # By this rich knows what to draw with.
        return plain
    stream.reconfigure(errors="look-alike")
    return stream


@says_what_is_wrong
def main() -> None:
    """Runs the command line."""
    for name in ("stdout", "stderr"):
        setattr(sys, name, _lenient(getattr(sys, name)))
    try:
        cli(standalone_mode=False)
    finally:
        gc.freeze()  # The end of the program looks for garbage three times, among all that was ever loaded.
