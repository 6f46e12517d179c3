"""`mailwatch run`: the daemon, and one cycle of it."""

from __future__ import annotations

import signal
import sys

import click

from mailwatch.bootstrap.ledgers import only_one, open_ledger
from mailwatch.bootstrap.policies import require_users
from mailwatch.bootstrap.watches import watches
from mailwatch.cli.context import Context, SystemClock, pass_context
from mailwatch.cli.progress import progress_bar
from mailwatch.domain.wording import counted
from mailwatch.runtime.cycle import Watch
from mailwatch.runtime.once import run_once
from mailwatch.runtime.upkeep import upkeep
from mailwatch.runtime.worker import Daemon


@click.command("run")
@click.option("--once", is_flag=True, help="One cycle for every user, then end.")
@pass_context
def run_command(context: Context, once: bool) -> None:
    """Watches the mailboxes of all users until it is told to end (SIGTERM, Ctrl-C)."""

    def tell(watch: Watch, error: Exception | None) -> None:
        if error is not None:
            click.echo(f"mailwatch: {watch.user}: {context.named(error)}", err=True)

    clock = SystemClock()
    settings = context.settings
    require_users(settings)
    ledger = open_ledger(settings)
    try:
        with only_one(settings):
            tasks = watches(settings, clock.now())
            if once:
                upkeep(ledger, clock, settings.mailwatch.retention)
                with progress_bar("Reading") as progress:
                    failed = run_once(
                        tasks, ledger, clock, tell, threads=settings.mailwatch.threads, progress=progress
                    )
                sys.exit(1 if failed else 0)
            program = settings.mailwatch
            daemon = Daemon(
                tasks, ledger, clock, poll=program.poll, threads=program.threads, retention=program.retention
            )
            for name in (signal.SIGTERM, signal.SIGINT):
                signal.signal(name, lambda *_: daemon.stop())
            click.echo(f"mailwatch watches {counted(len(tasks), 'mailbox', 'mailboxes')}; Ctrl-C ends it.", err=True)
            daemon.run()
    finally:
        ledger.close()
