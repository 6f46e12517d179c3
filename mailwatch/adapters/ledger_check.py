"""Looks whether a ledger is whole and can be written: what `doctor` must not take for granted."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from mailwatch.adapters.ledger_database import Database
from mailwatch.adapters.ledger_sql import upsert
from mailwatch.adapters.tables import schedule

LONGEST = 10.0
"""Seconds for which a large file is looked through; what is wrong is nearly always met long before."""

_STEPS = 10_000


def faults(url: str, now: datetime, *, seconds: float = LONGEST) -> Iterator[str]:
    """What is wrong with the ledger at a URL, a sentence each. Raises LedgerError where it cannot be used at all."""
    database = Database.open(url)
    try:
        with database.read() as connection:
            if connection.dialect.name == "sqlite":
                yield from _damage(connection.connection.driver_connection, database.name, seconds)
        # Noted for good: what is rolled back never reaches the disk, so a full one would not be seen.
        with database.write() as connection:
            row = upsert(connection, schedule).values(kind="doctor", user_address="", due_at=now)
            connection.execute(
                row.on_conflict_do_update(index_elements=["kind", "user_address"], set_={"due_at": now})
            )
    finally:
        database.close()


def _damage(connection: Any, name: str, seconds: float) -> Iterator[str]:
    end = time.monotonic() + seconds
    connection.set_progress_handler(lambda: time.monotonic() > end, _STEPS)
    try:
        (said,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        said = "ok" if "interrupted" in str(error) else str(error)
    finally:
        connection.set_progress_handler(None, 0)
    if said != "ok":
        yield f"the ledger {name} is damaged; move it away and restore a copy, or begin a new one"
