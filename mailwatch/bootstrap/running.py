"""Whether mailwatch runs on the ledger that the settings name, with these settings, and whether that is whole."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from mailwatch.adapters.ledger_check import faults
from mailwatch.bootstrap.ledgers import lease_file, ledger_file, ledger_url
from mailwatch.settings import Settings

LEAST_ROOM = 8 << 20
"""Bytes that must be free on the disk of the ledger."""


def is_running(settings: Settings) -> bool | None:
    """Whether a daemon (or a `run --once`) holds the ledger's lease; None where nobody can tell."""
    lease = lease_file(settings)
    if lease is None:
        return None
    try:
        with lease.open() as opened:
            # Shared, so that two who ask do not take each other for a daemon; given back at once.
            fcntl.flock(opened, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    except OSError:
        return None
    return False


def runs_with_older_settings(settings: Settings, file: Path) -> bool | None:
    """Whether mailwatch runs, and began before the settings file was last changed; None where nobody can tell."""
    running = is_running(settings)
    lease = lease_file(settings)
    if not running or lease is None:
        return running
    changed = file.stat()
    # A file that was moved to its place keeps the time of its words, but not that of its inode.
    return lease.stat().st_mtime <= max(changed.st_mtime, changed.st_ctime)


def ledger_faults(settings: Settings, now: datetime) -> Iterator[str]:
    """What is wrong with the ledger, which is looked through and written to; a sentence each. Raises LedgerError."""
    yield from faults(ledger_url(settings), now)
    if narrow := disk_fault(settings):
        yield narrow


def disk_fault(settings: Settings) -> str:
    """That the disk of the ledger is full, in a sentence; empty if there is room, or if nobody can tell."""
    place = ledger_file(settings)
    try:
        if place is None or (room := shutil.disk_usage(place.parent).free) >= LEAST_ROOM:
            return ""
    except OSError:
        return ""
    return f"the disk of {place} has {room >> 20} MB left; make room, or nothing can be noted and no mail leaves"
