"""Opens the ledger that the settings name; imports nothing that reads or writes mail."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from mailwatch.adapters.ledger import SqlLedger
from mailwatch.errors import LedgerError
from mailwatch.settings import Settings

SQLITE = "sqlite:///"
TRIES, PAUSE = 11, 0.1
"""How often the lease is tried, and the seconds between two tries."""
IN_MEMORY = "sqlite://"


def existing_ledger(settings: Settings) -> SqlLedger:
    """The ledger for those who read in it: nothing is made, and one that is not there yet is an empty one.

    Raises LedgerError if not even its folder is there: then the settings name a wrong place.
    """
    if is_made(settings):
        return open_ledger(settings)
    if fault := missing_folder(settings):
        raise LedgerError(fault)
    return SqlLedger.open(IN_MEMORY)


def is_made(settings: Settings) -> bool:
    """Whether the ledger is there; true where that cannot be told without opening it."""
    place = ledger_file(settings)
    try:
        return place is None or bool(place.stat())
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True


def missing_folder(settings: Settings) -> str:
    """What is wrong if not even the ledger's folder is there; empty for the usual place, which `run` makes."""
    place = ledger_file(settings)
    if place is None or place.parent.is_dir() or "ledger" not in settings.mailwatch.model_fields_set:
        return ""
    return f"there is no ledger at {place}, nor its folder; correct the place, or let `mailwatch run` make both"


def locked_folder(settings: Settings) -> str:
    """What is wrong if a ledger that is not there cannot be made in its folder; empty if it can."""
    place = ledger_file(settings)
    if place is None:
        return ""
    nearest = next(folder for folder in place.parents if folder.exists())
    if nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK):
        return ""
    return f"the ledger {place} cannot be made; give this user write access to {nearest}, or name another file"


def open_ledger(settings: Settings) -> SqlLedger:
    """The ledger, made if it is not there yet. Raises LedgerError."""
    place = ledger_file(settings)
    if place is not None:
        try:
            place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise LedgerError(f"{place.parent}: cannot be made for the ledger: {error.strerror}") from None
    return SqlLedger.open(ledger_url(settings), keep_evidence=settings.mailwatch.evidence)


def ledger_file(settings: Settings) -> Path | None:
    """Where the ledger lies; None if it is not a file."""
    url = settings.mailwatch.ledger
    return Path(url.removeprefix(SQLITE)).expanduser() if url.startswith(SQLITE) else None


def ledger_url(settings: Settings) -> str:
    """The URL of the ledger, with its place written out if it is a file."""
    place = ledger_file(settings)
    return settings.mailwatch.ledger if place is None else f"{SQLITE}{place}"


def lease_file(settings: Settings) -> Path | None:
    """The file that a daemon holds while it runs on the ledger; None if that is not a file.

    The same file has one lease, by whatever links it is reached.
    """
    place = ledger_file(settings)
    if place is None:
        return None
    place = place.resolve()
    return place.with_name(place.name + ".lock")


@contextmanager
def only_one(settings: Settings, wait: Callable[[float], None] = time.sleep) -> Iterator[Callable[[], None]]:
    """Holds the ledger file's lease as long as a daemon runs. Raises LedgerError if another one has it.

    `status` takes it for a moment to see whether a daemon has it, so it is tried for a second; `wait` waits for so
    many seconds. Two daemons on one ledger would not send a mail twice, but would poll every mailbox twice. What it
    gives raises LedgerError once the file is no longer the one that was there: what is written to it then, nobody
    reads.
    """
    place, held = ledger_file(settings), lease_file(settings)
    if place is None or held is None:
        yield lambda: None
        return
    place = place.resolve()
    with held.open("a") as lease:
        for more in reversed(range(TRIES)):
            if _locks(lease):
                break
            if not more:
                raise LedgerError(
                    f"{place}: another mailwatch runs on this ledger; end it first (systemctl stop mailwatch)"
                )
            wait(PAUSE)
        held.touch()  # Its time is that of the start, by which `running` knows older settings.
        first = _identity(place)

        def check() -> None:
            if _identity(place) != first:
                raise LedgerError(
                    f"{place}: the ledger was deleted or replaced while mailwatch ran, which ends now; started "
                    "again, it goes on with the file that is there"
                )

        yield check


def _locks(lease: IO[str]) -> bool:
    """Locks a file for this process alone; false if another one has it locked."""
    try:
        fcntl.flock(lease, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _identity(place: Path) -> tuple[int, int] | None:
    """Device and inode of a file; None if it is gone."""
    try:
        found = place.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
