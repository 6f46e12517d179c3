"""Opens the ledger that the settings name; imports nothing that reads or writes mail."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mailwatch.adapters.ledger import SqlLedger
from mailwatch.errors import LedgerError
from mailwatch.settings import Settings

SQLITE = "sqlite:///"


def open_ledger(settings: Settings) -> SqlLedger:
    """The ledger, made if it is not there yet. Raises LedgerError."""
    place = ledger_file(settings)
    if place is None:
        return SqlLedger.open(settings.mailwatch.ledger)
    try:
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise LedgerError(f"{place.parent}: cannot be made for the ledger: {error.strerror}") from None
    return SqlLedger.open(f"{SQLITE}{place}")


def ledger_file(settings: Settings) -> Path | None:
    """Where the ledger lies; None if it is not a file."""
    url = settings.mailwatch.ledger
    return Path(url.removeprefix(SQLITE)).expanduser() if url.startswith(SQLITE) else None


@contextmanager
def only_one(settings: Settings) -> Iterator[None]:
    """Holds the ledger file's lease as long as a daemon runs. Raises LedgerError if another one has it.

    Two daemons on one ledger would not send a mail twice, but would poll every mailbox twice.
    """
    place = ledger_file(settings)
    if place is None:
        yield
        return
    with place.with_name(place.name + ".lock").open("a") as lease:
        try:
            fcntl.flock(lease, fcntl.LOCK_EX | fcntl.LOCK_NB)
            Path(lease.name).touch()  # Its time is that of the start, by which `running` knows older settings.
        except BlockingIOError:
            raise LedgerError(
                f"{place}: another mailwatch runs on this ledger; end it first (systemctl stop mailwatch)"
            ) from None
        yield
