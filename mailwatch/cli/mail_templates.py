"""`mailwatch templates check`: renders every mail with every sample in every language, and says what is wrong."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from mailwatch.bootstrap.desks import own_folder
from mailwatch.bootstrap.proofs import template_faults
from mailwatch.cli import shapes
from mailwatch.cli.context import Context, SystemClock, json_option, pass_context
from mailwatch.domain.wording import counted
from mailwatch.runtime.sample_mails import LANGUAGES, MAILS

ADVICE = "docs/howto/templates.md lists every field"


@click.group("templates")
def templates_command() -> None:
    """The templates of the mails: ours, and before them those in the folder that the settings name."""


@templates_command.command("check")
@click.option(
    "--folder",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Your templates; else those of the settings, if there are any.",
)
@json_option
@pass_context
def check_command(context: Context, folder: Path | None) -> None:
    """Renders every mail with every sample in every language; names file and line of what is wrong."""
    folder = folder or _folder_of_settings(context)
    faults = template_faults(folder, SystemClock().now())
    if context.json:
        shapes.print_json({"folder": str(folder) if folder else None, "faults": faults})
    else:
        for fault in faults:
            click.echo(fault)
        where = f"the templates of {folder} before ours" if folder else "our own templates"
        done = f"{len(MAILS)} mails in {len(LANGUAGES)} languages, {where}"
        click.echo(f"{done}: {counted(len(faults), 'fault')}; {ADVICE}." if faults else f"{done}: fine.")
    if faults:
        sys.exit(1)


def _folder_of_settings(context: Context) -> Path | None:
    """The folder that the settings name. Nobody needs settings for looking at our own templates."""
    settings = context.settings_if_any()
    return own_folder(settings) if settings else None
