"""What is kept on a user and how it ends: export, erase, prune."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, and_, delete, func, or_, select, union

from mailwatch.adapters.ledger_outbox import MAIL_OF_NAMED
from mailwatch.adapters.rows import from_json
from mailwatch.adapters.tables import (
    commands,
    marks,
    mentions,
    messages,
    metadata,
    named,
    outbox,
    promises,
    requests,
    set_aside,
)
from mailwatch.domain.command import STANDING
from mailwatch.ports import OutboxState

_JSON = frozenset({"fields", "reading", "facts", "items", "steps"})

TABLES: tuple[Table, ...] = tuple(metadata.sorted_tables)
"""Every table; each has a column `user_address`."""


def rows_of(connection: Connection, table: Table, user: str) -> Iterator[tuple[str, Mapping[str, object]]]:
    """The rows of one table on a user: JSON opened, times aware and in UTC, the bytes of a mail as text."""
    query = select(table).where(table.c.user_address == user).order_by(*table.primary_key.columns)
    for row in connection.execute(query).mappings():
        yield table.name, {str(name): _plain(str(name), value) for name, value in row.items()}


def _plain(name: str, value: object) -> object:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return from_json(value) if name in _JSON and isinstance(value, str) else value


def erase(connection: Connection, user: str) -> int:
    """Deletes every row on a user, those that refer to others first."""
    mine = [connection.execute(delete(table).where(table.c.user_address == user)) for table in reversed(TABLES)]
    return sum(result.rowcount for result in mine)


def users(connection: Connection) -> list[str]:
    """Everybody on whom anything is stored that grows old."""
    tables = (messages, requests, promises, commands, outbox, set_aside)
    return list(connection.execute(union(*(select(table.c.user_address) for table in tables))).scalars())


def prune(connection: Connection, user: str, before: datetime) -> int:
    """Deletes of a user what is settled and older than a moment, and what then belongs to nothing any more.

    A message stays as long as its conversation holds a request or promise, as it bears a mark of ours, and as no
    triage saw it.
    """
    doomed = (
        (requests, requests.c.received_at < before, or_(requests.c.settled, requests.c.dropped)),
        (promises, promises.c.made_at < before, or_(promises.c.settled, promises.c.dropped)),
        (
            commands,
            commands.c.at < before,
            # "Stop" holds until "start", however long ago it was said.
            commands.c.verb.not_in(sorted(STANDING)),
            ~_item_exists(requests, commands),
            ~_item_exists(promises, commands),
        ),
        (messages, messages.c.received_at < before, messages.c.triaged, *_held_by_none()),
        (mentions, ~_message_exists()),
        (
            outbox,
            outbox.c.created_at < before,
            outbox.c.state.in_([OutboxState.SENT.value, OutboxState.SUPERSEDED.value, OutboxState.SET_ASIDE.value]),
            ~_names_open_item(),
        ),
        (set_aside, set_aside.c.at < before),
    )
    # What a mail named goes with the mail: the database sees to it, and does not count it.
    before_it = _count_named(connection, user)
    pruned = sum(
        connection.execute(delete(table).where(table.c.user_address == user, *which)).rowcount
        for table, *which in doomed
    )
    return pruned + before_it - _count_named(connection, user)


def _item_exists(items: Table, other: Table) -> Any:
    here = and_(items.c.user_address == other.c.user_address, items.c.id == other.c.item)
    return select(items.c.id).where(here).exists()


def _held_by_none() -> Iterator[Any]:
    # Each in a look-up of its own: an OR of them would walk through all the items for each message.
    for items in (requests, promises):
        for name in ("conversation", "key"):
            here = and_(items.c.user_address == messages.c.user_address, items.c[name] == messages.c[name])
            yield ~select(items.c.id).where(here).exists()
    # Without its message, nobody could find a mark again to take it away.
    here = and_(marks.c.user_address == messages.c.user_address, marks.c.key == messages.c.key)
    yield ~select(marks.c.key).where(here).exists()


def _names_open_item() -> Any:
    """The step at which an open item was named must not be forgotten, or its reminders would begin again."""
    return (
        select(named.c.item)
        .where(MAIL_OF_NAMED, or_(_item_exists(requests, named), _item_exists(promises, named)))
        .exists()
    )


def _message_exists() -> Any:
    here = and_(messages.c.user_address == mentions.c.user_address, messages.c.key == mentions.c.key)
    return select(messages.c.key).where(here).exists()


def _count_named(connection: Connection, user: str) -> int:
    query = select(func.count()).select_from(named).where(named.c.user_address == user)
    return connection.execute(query).scalar_one()
