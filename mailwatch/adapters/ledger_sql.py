"""The few places where SQLite and PostgreSQL want to be spoken to differently, and other small turns of SQL."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection

_CHUNK = 500


def upsert(connection: Connection, into: Any) -> Any:
    """An INSERT that can say ON CONFLICT, which SQLite and PostgreSQL spell alike and SQLAlchemy keeps apart."""
    if connection.dialect.name == "postgresql":
        # Imported where it is used: with SQLite the dialect would cost 0.1 s for nothing.
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(into)
    from sqlalchemy.dialects import sqlite

    return sqlite.insert(into)


def inserted(connection: Connection, statement: Any) -> bool:
    """Runs an INSERT of one row; false if a conflict kept it out."""
    # SQLAlchemy does not keep the count of an INSERT otherwise.
    return connection.execute(statement, execution_options={"preserve_rowcount": True}).rowcount == 1


def chunks(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Slices for IN lists: a statement takes a limited number of parameters (SQLite 32,766, PostgreSQL 65,535)."""
    for start in range(0, len(values), _CHUNK):
        yield values[start : start + _CHUNK]
