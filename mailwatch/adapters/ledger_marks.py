"""Which messages bear a mark of ours, and where they are."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, delete, select

from mailwatch.adapters.column_types import storable
from mailwatch.adapters.ledger_sql import chunks, upsert
from mailwatch.adapters.rows import word
from mailwatch.adapters.tables import marks, messages
from mailwatch.domain.marking import Mark, MarkState, Place

ERROR_LIMIT = 500


def marks_of(connection: Connection, user: str) -> list[Mark]:
    """The marks of a user, in the order of their keys."""
    query = select(marks).where(marks.c.user_address == user).order_by(marks.c.key, marks.c.name)
    # A state of another version: of a mark that may not be ours, so it is left alone.
    return [
        Mark(row.key, row.name, word(MarkState, row.state) or MarkState.THEIRS, row.error)
        for row in connection.execute(query)
    ]


def errors_of(connection: Connection, user: str | None) -> dict[str, tuple[str, ...]]:
    """What went wrong with the marks of one user or of all, by user, each sentence once."""
    query = select(marks.c.user_address, marks.c.error).where(marks.c.error.is_not(None)).distinct()
    if user is not None:
        query = query.where(marks.c.user_address == user)
    found: dict[str, tuple[str, ...]] = {}
    for row in connection.execute(query.order_by(marks.c.error)):
        found[row.user_address] = (*found.get(row.user_address, ()), row.error)
    return found


def note_mark(connection: Connection, user: str, mark: Mark) -> None:
    """Stores what is known of a mark in the place of what was."""
    changed = {"state": mark.state.value, "error": storable(mark.error[:ERROR_LIMIT]) if mark.error else None}
    statement = upsert(connection, marks).values(user_address=user, key=mark.key, name=mark.name, **changed)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[marks.c.user_address, marks.c.key, marks.c.name], set_=changed
        )
    )


def forget_mark(connection: Connection, user: str, mark: Mark) -> None:
    """Deletes what is known of a mark."""
    connection.execute(
        delete(marks).where(marks.c.user_address == user, marks.c.key == mark.key, marks.c.name == mark.name)
    )


def places(connection: Connection, user: str, keys: Collection[str]) -> dict[str, Place]:
    """Where the messages with these keys were when they were last read."""
    table = messages.c
    query = select(table.key, table.mailbox, table.provider_id, table.message_id).where(table.user_address == user)
    return {
        row.key: Place(row.key, row.mailbox, row.provider_id, row.message_id)
        for some in chunks(sorted(keys))
        for row in connection.execute(query.where(table.key.in_(some)))
    }
