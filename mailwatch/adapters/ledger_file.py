"""A ledger in an SQLite file, or in memory: how it is opened, kept from other people, and how transactions begin."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, QueuePool, create_engine, event

from mailwatch.errors import LedgerError

BUSY_SECONDS = 30
"""How long a writer waits for another program's transaction."""

_OPTION = "mailwatch_begin"
TO_WRITE = {_OPTION: "BEGIN IMMEDIATE"}
NO_TRANSACTION = {_OPTION: None}
"""Execution options of an engine: a transaction that writes, and statements that stand alone."""


def is_file(url: URL) -> bool:
    """Whether an SQLite URL names a file, and not a database in memory."""
    return bool(url.database) and url.database != ":memory:"


def engine_of(url: URL) -> Engine:
    """An engine over a file, which is made if it is not there, or over a database in memory. Raises LedgerError."""
    in_file = is_file(url)
    if in_file:
        _create_file(Path(str(url.database)))
    engine = create_engine(
        url.set(drivername="sqlite"),
        hide_parameters=True,
        poolclass=QueuePool,
        # A database in memory is its one connection, so threads take turns with it.
        pool_size=5 if in_file else 1,
        max_overflow=60 if in_file else 0,
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
    )
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _create_file(path: Path) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Made before SQLite does, whose umask could let others read it; -wal and -shm take over the mode.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        reason = (error.strerror or "unknown error").lower()
        raise LedgerError(
            f"the ledger {path} cannot be opened for writing ({reason}); "
            "give this user write access to it and its folder, or name another file in the settings"
        ) from error


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # Transactions begin where SQLAlchemy says so, see _begin_sqlite.
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    # A mail that was noted as sending must still be so noted after a power cut.
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA secure_delete = ON")  # What is erased shall be gone from the file.
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that turns from reading to writing fails at once if another has written: writers say so first.
    begin = connection.get_execution_options().get(_OPTION, "BEGIN")
    if begin == "BEGIN":
        # This one locks nothing and cannot fail; SQLAlchemy's way takes as long as the one short query after it.
        cursor = connection.connection.cursor()
        cursor.execute(begin)
        cursor.close()
    elif begin:
        connection.exec_driver_sql(begin)
