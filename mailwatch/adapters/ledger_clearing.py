"""Ends what the ledger keeps for good: deletes rows, and clears the bytes of the file of what stood in them.

That a file is still to be cleared is noted with the deletion itself, so that neither a crash nor another program that
reads the file can end it half-way: whoever erases or prunes next goes on with it.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, select

from mailwatch.adapters import ledger_kept as kept
from mailwatch.adapters import ledger_words as words
from mailwatch.adapters.ledger_database import Database
from mailwatch.adapters.ledger_sql import upsert
from mailwatch.adapters.tables import schedule
from mailwatch.domain.wording import counted
from mailwatch.errors import LedgerError

_KIND = "clear the file"
_AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)


def erase(database: Database, user: str) -> int:
    """Deletes everything on a user; how many rows. Raises LedgerError if their words stay in the file."""
    with database.write(user) as connection:
        if count := kept.erase(connection, user):
            _plan(connection)
    try:
        finish(database)
    except LedgerError as error:
        rows = f"{counted(count, 'row')} on {user} {'is' if count == 1 else 'are'} deleted"
        raise LedgerError(
            f"{rows}, but what stood there may still lie in the file: {error}, mailwatch too if it runs, "
            "and run the same command again"
        ) from error
    return count


def prune(database: Database, before: datetime, *, keep_evidence: bool) -> int:
    """Deletes what is settled and older than a moment, and sentences that are not to be kept; how many rows."""
    with database.read() as connection:
        users = kept.users(connection)
    count = 0
    for user in users:
        # Each in a transaction of its own: while everybody is pruned, others write too, and SQLite has one writer.
        began = time.monotonic()
        with database.write(user) as connection:
            count += kept.prune(connection, user, before)
            if not keep_evidence and words.forget_words(connection, user):
                _plan(connection)
        # Writers do not queue, they look now and then for a free file: half of the time they find it so.
        time.sleep(time.monotonic() - began)
    finish(database)
    return count


def finish(database: Database) -> bool:
    """Clears the file, if that was planned and is not done; false if there is nothing to clear."""
    planned = schedule.c.kind == _KIND
    with database.read() as connection:
        if connection.execute(select(schedule.c.due_at).where(planned)).first() is None:
            return False
    database.forget_deleted()
    with database.write() as connection:
        connection.execute(delete(schedule).where(planned))
    return True


def _plan(connection: Connection) -> None:
    row = upsert(connection, schedule).values(kind=_KIND, user_address="", due_at=_AT_ONCE)
    connection.execute(row.on_conflict_do_nothing())
