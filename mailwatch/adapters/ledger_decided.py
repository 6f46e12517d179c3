"""Writes what was decided and told: conversations, requests and promises, and the user's commands upon them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, bindparam, delete, or_, select, update

from mailwatch.adapters.ledger_items import KINDS, PROMISES, REQUESTS, Kind, as_told, mutes, said_of
from mailwatch.adapters.ledger_sql import chunks, inserted, upsert
from mailwatch.adapters.tables import commands, messages, named
from mailwatch.domain.command import Command, Verb
from mailwatch.domain.promise import Promise
from mailwatch.domain.request import Request


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
    _settle_anew(connection, user, sorted(set(conversation_of.values())))


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
            words=command.words or None,
            why=command.why.value if command.why else None,
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
    if command.verb is Verb.REOPEN and touched:
        # Mail may have settled the item: the next triage follows its conversation anew.
        connection.execute(
            update(messages)
            .where(messages.c.user_address == command.user, messages.c.conversation.in_(sorted(touched - {""})))
            .values(triaged=False)
        )
    _settle_anew(connection, command.user, sorted(touched), command.item)
    return True


def _settle_anew(connection: Connection, user: str, conversations: Sequence[str], item: str | None = None) -> None:
    """Computes `settled` anew, from events and commands, for the items of some conversations and for one item."""
    muted = mutes(connection, user)
    for kind in KINDS:
        table = kind.table.c
        mine = table.user_address == user
        parts = [and_(mine, table.conversation.in_(some)) for some in chunks([c for c in conversations if c])]
        parts += [and_(mine, table.id == item)] if item else []
        for part in parts:
            _settle(connection, kind, user, part, muted)


def _settle(
    connection: Connection, kind: Kind[Any], user: str, which: ColumnElement[bool], muted: dict[str, Command]
) -> None:
    table = kind.table
    rows = connection.execute(select(table).where(which)).all()
    said = said_of(connection, user, rows)
    wrong: dict[bool, list[str]] = {True: [], False: []}
    for row in rows:
        settled = kind.is_settled(as_told(kind, row, said, muted))
        if settled != row.settled:
            wrong[settled].append(row.id)
    for settled, ids in wrong.items():
        for some in chunks(ids):
            these = and_(table.c.user_address == user, table.c.id.in_(some))
            connection.execute(update(table).where(these).values(settled=settled))
