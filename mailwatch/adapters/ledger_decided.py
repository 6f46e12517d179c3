"""What was decided and told: conversations, requests and promises, and the user's commands upon them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Connection, Table, and_, bindparam, delete, or_, select, union, update

from mailwatch.adapters.ledger_sql import chunks, inserted, upsert
from mailwatch.adapters.rows_items import (
    command_of,
    is_settled,
    promise_of,
    promise_row,
    request_of,
    request_row,
    told_promise,
    told_request,
)
from mailwatch.adapters.tables import commands, messages, named, promises, requests
from mailwatch.domain.command import Command, Verb
from mailwatch.domain.promise import Promise
from mailwatch.domain.request import Request

Item = TypeVar("Item", Request, Promise)


@dataclass(frozen=True, slots=True)
class Kind(Generic[Item]):
    """How one kind of item is stored and read."""

    table: Table
    moment: str
    item_of: Callable[[Any], Item]
    row_of: Callable[[Item, str], dict[str, Any]]
    told: Callable[[Item, Iterable[Command]], Item]
    is_settled: Callable[[Item], bool]


REQUESTS: Kind[Request] = Kind(requests, "received_at", request_of, request_row, told_request, is_settled)
PROMISES: Kind[Promise] = Kind(
    promises, "made_at", promise_of, promise_row, told_promise, lambda promise: promise.end is not None
)
KINDS: tuple[Kind[Any], ...] = (REQUESTS, PROMISES)


# ---------------------------------------------------------------- reading


def open_items(connection: Connection, kind: Kind[Item], user: str) -> list[Item]:
    """The items that nothing has settled, oldest first."""
    table = kind.table.c
    return _read(connection, kind, user, and_(table.settled.is_(False), table.dropped.is_(False)))


def items_since(connection: Connection, kind: Kind[Item], user: str, since: datetime) -> list[Item]:
    """The items from a moment on, and the open ones, oldest first."""
    table = kind.table.c
    recent = or_(table[kind.moment] >= since, table.settled.is_(False))
    return _read(connection, kind, user, and_(recent, table.dropped.is_(False)))


def _read(connection: Connection, kind: Kind[Item], user: str, which: ColumnElement[bool]) -> list[Item]:
    table = kind.table
    mine = and_(table.c.user_address == user, which)
    found = connection.execute(select(table).where(mine).order_by(table.c[kind.moment], table.c.id)).all()
    if not found:
        return []
    own = commands.join(table, and_(commands.c.user_address == table.c.user_address, commands.c.item == table.c.id))
    said = _commands(connection.execute(select(commands).select_from(own).where(mine)))
    muted = _mutes(connection, user)
    return [_told(kind, row, said, muted) for row in found]


def _commands(rows: Iterable[Any]) -> dict[str, list[Command]]:
    said: dict[str, list[Command]] = defaultdict(list)
    for row in rows:
        if command := command_of(row):
            said[command.item].append(command)
    return said


def _mutes(connection: Connection, user: str) -> dict[str, Command]:
    """The first MUTE in each conversation: it holds for every item there, also for later ones."""
    muted: dict[str, Command] = {}
    for kind in KINDS:
        table = kind.table
        joined = commands.join(
            table, and_(commands.c.user_address == table.c.user_address, commands.c.item == table.c.id)
        )
        query = (
            select(commands, table.c.conversation)
            .select_from(joined)
            .where(commands.c.user_address == user, commands.c.verb == Verb.MUTE.value, table.c.conversation != "")
        )
        for row in connection.execute(query):
            command = command_of(row)
            known = muted.get(row.conversation)
            if command and (known is None or command.at < known.at):
                muted[row.conversation] = command
    return muted


def _told(kind: Kind[Item], row: Any, said: dict[str, list[Command]], muted: dict[str, Command]) -> Item:
    own: list[Command] = said.get(row.id, [])
    mute = muted.get(row.conversation)
    if mute and all(command.verb is not Verb.MUTE for command in own):
        own = [*own, mute]
    return kind.told(kind.item_of(row), own)


def find_item(connection: Connection, prefix: str) -> list[tuple[str, str]]:
    """The items whose id begins with a prefix; none for an empty one."""
    if not prefix:
        return []
    parts = [
        select(kind.table.c.user_address, kind.table.c.id).where(
            kind.table.c.id >= prefix, kind.table.c.id < prefix + "\U0010ffff"
        )
        for kind in KINDS
    ]
    return sorted((row.user_address, row.id) for row in connection.execute(union(*parts)))


# ---------------------------------------------------------------- writing


def save_triage(
    connection: Connection,
    user: str,
    conversations: Sequence[tuple[str, Sequence[str]]],
    found_requests: Sequence[Request],
    found_promises: Sequence[Promise],
) -> None:
    """Stores conversations and what they hold, in the place of what they held before."""
    conversation_of = {key: id for id, keys in conversations for key in keys}
    if conversation_of:
        connection.execute(
            update(messages)
            .where(messages.c.user_address == user, messages.c.key == bindparam("of_key"))
            .values(conversation=bindparam("to_conversation"), triaged=True),
            [{"of_key": key, "to_conversation": id} for key, id in conversation_of.items()],
        )
    given: tuple[tuple[Kind[Any], Sequence[Any]], ...] = ((REQUESTS, found_requests), (PROMISES, found_promises))
    for kind, items in given:
        rows = [kind.row_of(item, conversation_of.get(item.key, "")) for item in items]
        _drop(connection, kind.table, user, conversation_of, {row["id"] for row in rows})
        if rows:
            statement = upsert(connection, kind.table)
            changed = [name for name in rows[0] if name not in ("user_address", "id")]
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=[kind.table.c.user_address, kind.table.c.id],
                    set_={name: statement.excluded[name] for name in changed},
                ),
                rows,
            )
    # A conversation may be a muted one, and an item may have been spoken of before.
    settle(connection, user, sorted(set(conversation_of.values())))


def _drop(connection: Connection, table: Table, user: str, conversation_of: dict[str, str], kept: set[str]) -> None:
    """Takes back the items of these conversations that are not kept; hides those that the user knows of."""
    mine = table.c.user_address == user
    gone: set[str] = set()
    # Conversations grow together: an item is found by its conversation and by its message.
    for column, values in ((table.c.conversation, set(conversation_of.values())), (table.c.key, conversation_of)):
        for some in chunks(sorted(values)):
            gone |= set(connection.execute(select(table.c.id).where(mine, column.in_(some))).scalars())
    for some in chunks(sorted(gone - kept)):
        these = and_(mine, table.c.id.in_(some))
        known = or_(
            *(
                select(other.c.item).where(other.c.user_address == user, other.c.item == table.c.id).exists()
                for other in (named, commands)
            )
        )
        connection.execute(update(table).where(these, known).values(dropped=True))
        connection.execute(delete(table).where(these, ~known))


def save_command(connection: Connection, command: Command) -> bool:
    """Stores a command and what it settles; false if its source is known."""
    stored = inserted(
        connection,
        upsert(connection, commands)
        .values(
            user_address=command.user,
            source=command.source,
            item=command.item,
            verb=command.verb.value,
            at=command.at,
            until=command.until,
            to=command.to,
        )
        .on_conflict_do_nothing(),
    )
    if not stored:
        return False
    touched: set[str] = set()
    for kind in KINDS:
        table = kind.table.c
        here = and_(table.user_address == command.user, table.id == command.item)
        touched |= set(connection.execute(select(table.conversation).where(here)).scalars())
    settle(connection, command.user, sorted(touched), command.item)
    return True


def settle(
    connection: Connection, user: str, conversations: Sequence[str] | None = None, item: str | None = None
) -> int:
    """Computes `settled` anew from events and commands, for some conversations or for all; how many changed."""
    muted = _mutes(connection, user)
    changed = 0
    for kind in KINDS:
        table = kind.table.c
        mine = table.user_address == user
        if conversations is None:
            parts: list[ColumnElement[bool]] = [mine]
        else:
            parts = [and_(mine, table.conversation.in_(some)) for some in chunks([c for c in conversations if c])]
            parts += [and_(mine, table.id == item)] if item else []
        for part in parts:
            changed += _settle(connection, kind, user, part, muted)
    return changed


def _settle(
    connection: Connection, kind: Kind[Any], user: str, which: ColumnElement[bool], muted: dict[str, Command]
) -> int:
    table = kind.table
    own = commands.join(table, and_(commands.c.user_address == table.c.user_address, commands.c.item == table.c.id))
    said = _commands(connection.execute(select(commands).select_from(own).where(which)))
    wrong: dict[bool, list[str]] = {True: [], False: []}
    for row in connection.execute(select(table).where(which)):
        settled = kind.is_settled(_told(kind, row, said, muted))
        if settled != row.settled:
            wrong[settled].append(row.id)
    for settled, ids in wrong.items():
        for some in chunks(ids):
            these = and_(table.c.user_address == user, table.c.id.in_(some))
            connection.execute(update(table).where(these).values(settled=settled))
    return sum(len(ids) for ids in wrong.values())
