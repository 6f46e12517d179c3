"""The command `mailwatch` and its subcommands."""

from __future__ import annotations


def main() -> None:
    """Runs the command line."""
    raise NotImplementedError
