"""`mailwatch demo`: the whole of it on a small office, with servers of its own."""

from __future__ import annotations

import signal
import tempfile
import threading
from contextlib import ExitStack
from pathlib import Path

import click

from mailwatch.bootstrap.demo import Story, fetch_mails, story, write_mails
from mailwatch.bootstrap.ledgers import open_ledger
from mailwatch.bootstrap.policies import policies
from mailwatch.cli.context import SystemClock
from mailwatch.cli.table import print_overview
from mailwatch.errors import UsageError
from mailwatch.services.overview import overview


@click.command("demo")
@click.option(
    "--out",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Where to leave the mails (default: mailwatch-demo).",
)
@click.option("--keep", is_flag=True, help="Keep servers, settings and ledger until Ctrl-C.")
def demo_command(out: Path | None, keep: bool) -> None:
    """Fills a small office's mailbox, watches it over IMAP and SMTP, and shows what comes of it."""
    folder = out or Path("mailwatch-demo")
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is no folder; name another one with --out")
    with ExitStack() as until_the_end:
        place = folder if keep else Path(until_the_end.enter_context(tempfile.TemporaryDirectory()))
        told = until_the_end.enter_context(story(place, SystemClock().now()))
        folder.mkdir(parents=True, exist_ok=True)  # Not before: without its extra, the demo leaves nothing behind.
        click.echo("A small office, three weeks of mail, Monday at nine. This is what `mailwatch status` shows:\n")
        _show_status(told)
        click.echo("And these mails are in the inbox, fetched back over IMAP:\n")
        write_mails(fetch_mails(told), folder, lambda file: click.echo(f"  {file}"))
        if keep:
            _wait(told)


def _show_status(told: Story) -> None:
    ledger = open_ledger(told.settings)
    try:
        reports = {report.user: report for report in ledger.reports()}
        for policy in policies(told.settings, told.clock.now()):
            view = overview(ledger, policy, told.clock.now())
            print_overview(view, reports.get(policy.user.address.addr_spec))
    finally:
        ledger.close()


def _wait(told: Story) -> None:
    click.echo(f"\nThe servers run on (IMAP port {told.server.imap_port}); Ctrl-C ends them. In another terminal:")
    click.echo(f"  mailwatch --config {told.settings_file} status --as-of {told.clock.now().isoformat()}")
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    stop.wait()
