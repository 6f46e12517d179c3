"""One cycle at a given moment that ends itself by SIGKILL right before its Nth durable step; a script of a test.

Durable steps are every commit of the ledger, every line that goes to the submission server, and every STORE. The
script prints how many it took when it was not killed. Usage: killed_cycle.py SETTINGS MOMENT STEP (0 kills nowhere).
"""

from __future__ import annotations

import os
import signal
import smtplib
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

from mailwatch.adapters.imap_wire import Wire
from mailwatch.bootstrap.ledgers import open_ledger
from mailwatch.bootstrap.watches import watches
from mailwatch.runtime.cycle import cycle
from mailwatch.settings import load


class Standing:
    """A clock that stands at a moment."""

    def __init__(self, moment: datetime) -> None:
        self._moment = moment

    def now(self) -> datetime:
        """The moment."""
        return self._moment


class Steps:
    """Counts durable steps, and ends the process before the one that it was told."""

    def __init__(self, kill_before: int) -> None:
        self.kill_before = kill_before
        self.taken = 0

    def step(self, *_: Any) -> None:
        """One more durable step is about to be taken."""
        self.taken += 1
        if self.taken == self.kill_before:
            os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    """Runs the cycle."""
    settings_file, moment, kill_before = sys.argv[1:]
    steps = Steps(int(kill_before))
    event.listen(Engine, "commit", steps.step)
    send = smtplib.SMTP.send

    def counted_send(self: smtplib.SMTP, data: Any) -> None:
        steps.step()
        send(self, data)

    smtplib.SMTP.send = counted_send  # type: ignore[method-assign]
    ask = Wire.send

    def counted_ask(self: Wire, data: Any) -> None:
        if b" STORE " in data:
            steps.step()
        ask(self, data)

    Wire.send = counted_ask  # type: ignore[method-assign]
    settings = load(Path(settings_file), {})
    clock = Standing(datetime.fromisoformat(moment))
    ledger = open_ledger(settings)
    for watch in watches(settings, clock.now()):
        cycle(watch, ledger, clock)
        watch.provider.close()
    ledger.close()
    steps.step()
    sys.stdout.write(str(steps.taken))


if __name__ == "__main__":
    main()
