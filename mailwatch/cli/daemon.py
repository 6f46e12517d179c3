"""`mailwatch run`: the daemon, and one cycle of it."""

from __future__ import annotations

import resource
import signal
import sys
from contextlib import suppress

import click

from mailwatch.bootstrap.ledgers import only_one, open_ledger
from mailwatch.bootstrap.policies import require_users
from mailwatch.bootstrap.watches import watches
from mailwatch.cli.context import Context, SystemClock, pass_context
from mailwatch.cli.progress import progress_bar
from mailwatch.domain.wording import counted
from mailwatch.errors import MailwatchError
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
        with only_one(settings) as check:
            tasks = watches(settings, clock.now())
            if once:
                upkeep(ledger, clock, settings.mailwatch.retention)
                with progress_bar("Reading") as progress:
                    failed = run_once(
                        tasks,
                        ledger,
                        clock,
                        tell,
                        threads=settings.mailwatch.threads,
                        attended=sys.stderr.isatty(),
                        progress=progress,
                    )
                sys.exit(1 if failed else 0)
            program = settings.mailwatch
            _open_as_many_files_as_allowed()
            daemon = Daemon(
                tasks,
                ledger,
                clock,
                poll=program.poll,
                threads=program.threads,
                retention=program.retention,
                check=check,
            )
            received: list[int] = []

            def end(number: int, _: object) -> None:
                received.append(number)
                daemon.stop()

            # A program that was started by nohup ignores SIGHUP, and goes on doing so.
            hangup = () if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else (signal.SIGHUP,)
            for name in (signal.SIGTERM, signal.SIGINT, *hangup):
                signal.signal(name, end)
            click.echo(f"mailwatch watches {counted(len(tasks), 'mailbox', 'mailboxes')}; Ctrl-C ends it.", err=True)
            daemon.run()
            if received[:1] == [signal.SIGHUP]:
                raise MailwatchError("ended by SIGHUP; systemd starts it again, with the settings as they are then")
    finally:
        ledger.close()


def _open_as_many_files_as_allowed() -> None:
    """Each mailbox that is waited for is an open file, and the usual limit of 1,024 is a soft one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
