"""Reads requests and promises from the ledger, each with what the user said of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Connection, Table, and_, or_, select, true, union

from mailwatch.adapters.ledger_outbox import MAIL_OF_NAMED, REMINDER
from mailwatch.adapters.ledger_sql import chunks
from mailwatch.adapters.rows_items import (
    command_of,
    is_settled,
    last_event,
    promise_of,
    promise_row,
    request_of,
    request_row,
    told_promise,
    told_request,
)
from mailwatch.adapters.tables import commands, named, outbox, promises, requests
from mailwatch.domain.command import SETTLES, STANDING, Command, Verb, Word, in_force, word_of
from mailwatch.domain.promise import Promise
from mailwatch.domain.request import Request
from mailwatch.ports import OutboxState

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
    last_at: Callable[[Item], datetime]


REQUESTS: Kind[Request] = Kind(requests, "received_at", request_of, request_row, told_request, is_settled, last_event)
PROMISES: Kind[Promise] = Kind(
    promises,
    "made_at",
    promise_of,
    promise_row,
    told_promise,
    lambda promise: promise.end is not None,
    lambda promise: promise.ended_at or promise.made_at,
)
KINDS: tuple[Kind[Any], ...] = (REQUESTS, PROMISES)
_OF_MUTING = sorted({Verb.MUTE, Verb.REOPEN})
_OF_SETTLING = sorted(SETTLES | {Verb.REOPEN})


def open_items(connection: Connection, kind: Kind[Item], user: str) -> list[Item]:
    """The items that nothing has settled, oldest first."""
    return _read(connection, kind, user, _open_rows(connection, kind, user))


def open_conversations(connection: Connection, user: str, since: datetime) -> set[str]:
    """The conversations that hold something open which is no older than a moment."""
    return {
        row.conversation
        for kind in KINDS
        for row in _rows(connection, kind, user, and_(_is_open(kind), kind.table.c[kind.moment] >= since))
    }


def items_since(connection: Connection, kind: Kind[Item], user: str, since: datetime) -> list[Item]:
    """The items that came or to which anything happened from a moment on, and the open ones, oldest first."""
    # When an item ended stands in its facts: a promise of January that was kept today is found by reading all.
    every = _read(connection, kind, user, _rows(connection, kind, user, true()))
    return [item for item in every if not kind.is_settled(item) or kind.last_at(item) >= since]


def _open_rows(connection: Connection, kind: Kind[Any], user: str) -> list[Any]:
    return _rows(connection, kind, user, _is_open(kind))


def _is_open(kind: Kind[Any]) -> ColumnElement[bool]:
    return kind.table.c.settled.is_(False)


def _rows(connection: Connection, kind: Kind[Any], user: str, which: ColumnElement[bool]) -> list[Any]:
    table = kind.table
    mine = and_(table.c.user_address == user, which, table.c.dropped.is_(False))
    return list(connection.execute(select(table).where(mine)))


def _read(connection: Connection, kind: Kind[Item], user: str, rows: Sequence[Any]) -> list[Item]:
    if not rows:
        return []
    said = said_of(connection, user, rows)
    muted = mutes(connection, user)
    ordered = sorted(rows, key=lambda row: (getattr(row, kind.moment), row.id))
    return [as_told(kind, row, said, muted) for row in ordered]


def said_of(connection: Connection, user: str, rows: Sequence[Any]) -> dict[str, list[Command]]:
    """The user's commands on the items of these rows."""
    said: dict[str, list[Command]] = defaultdict(list)
    for some in chunks([row.id for row in rows]):
        query = select(commands).where(commands.c.user_address == user, commands.c.item.in_(some))
        for row in connection.execute(query):
            if command := command_of(row):
                said[command.item].append(command)
    return said


def mutes(connection: Connection, user: str) -> dict[str, Command]:
    """The MUTE that is in force in each conversation: it holds for every item there, also for later ones."""
    said: dict[str, list[Command]] = defaultdict(list)
    for kind in KINDS:
        table = kind.table
        joined = commands.join(
            table, and_(commands.c.user_address == table.c.user_address, commands.c.item == table.c.id)
        )
        query = (
            select(commands, table.c.conversation)
            .select_from(joined)
            .where(commands.c.user_address == user, commands.c.verb.in_(_OF_MUTING), table.c.conversation != "")
        )
        for row in connection.execute(query):
            if command := command_of(row):
                said[row.conversation].append(command)
    held = {conversation: in_force(told) for conversation, told in said.items()}
    return {conversation: told[0] for conversation, told in held.items() if told}


def as_told(kind: Kind[Item], row: Any, said: dict[str, list[Command]], muted: dict[str, Command]) -> Item:
    """The item of a row with what the user said of it, and of its conversation."""
    own: list[Command] = in_force(said.get(row.id, []))
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


def standing(connection: Connection, user: str) -> list[Command]:
    """What the user said about our mails as a whole, oldest first."""
    table = commands.c
    query = select(commands).where(table.user_address == user, table.verb.in_(sorted(STANDING)), table.item == "")
    return [command for row in connection.execute(query.order_by(table.at)) if (command := command_of(row))]


def unanswered(connection: Connection, user: str, since: datetime) -> list[Command]:
    """The commands since a moment that no mail of ours has answered, oldest first."""
    table = commands.c
    # A digest that was set aside confirmed nothing; the next one does.
    answered = (
        select(named.c.item)
        .select_from(named.join(outbox, MAIL_OF_NAMED))
        .where(
            named.c.user_address == user,
            named.c.item == table.source,
            or_(outbox.c.kind != REMINDER, outbox.c.state != OutboxState.SET_ASIDE.value),
        )
    )
    query = select(commands).where(table.user_address == user, table.at >= since, ~answered.exists())
    rows = connection.execute(query.order_by(table.at, table.source))
    return [command for row in rows if (command := command_of(row))]


def words_of_user(connection: Connection, user: str) -> dict[str, Word]:
    """What the user's own words make of each item that they settled or opened again, by its id."""
    said: dict[str, list[Command]] = defaultdict(list)
    query = select(commands).where(commands.c.user_address == user, commands.c.verb.in_(_OF_SETTLING))
    for row in connection.execute(query):
        if command := command_of(row):
            said[command.item].append(command)
    return {item: word_of(told) for item, told in said.items()}
