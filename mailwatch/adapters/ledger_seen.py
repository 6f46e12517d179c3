"""What the ledger has seen: messages, sync states, what was set aside, and how reading goes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, case, delete, func, or_, select

from mailwatch.adapters.column_types import storable
from mailwatch.adapters.ledger_sql import chunks, upsert
from mailwatch.adapters.rows import SUBJECT_LIMIT, mentioned, message_of, message_row
from mailwatch.adapters.tables import ID_LIMIT, mentions, messages, reports, set_aside, sync_states
from mailwatch.domain.message import Message, Role, SetAside
from mailwatch.ports import MailboxReport

REASON_LIMIT = 500


def is_at(connection: Connection, user: str, mailbox: str, state: str | None) -> bool:
    """Whether the last committed batch of a mailbox ended at this state; None is for no batch."""
    stored = sync_states_of(connection, user, [mailbox]).get(mailbox)
    return stored == (None if state is None else storable(state))


def record(
    connection: Connection,
    user: str,
    mailbox: str,
    state: str,
    found: Sequence[Message],
    unreadable: Sequence[SetAside],
    now: datetime,
    counted: int,
) -> None:
    """Stores a batch and where it ended."""
    if found:
        rows = [message_row(user, mailbox, message) for message in found]
        connection.execute(_keep_messages(connection), rows)
        owner = storable(user)
        _mention(
            connection,
            [
                (owner, one, row["key"])
                for row, message in zip(rows, found, strict=True)
                for one in mentioned(message.headers)
            ],
        )
        _readable_now(connection, user, mailbox, [message.headers.provider_id for message in found])
    if unreadable:
        _put_aside(connection, user, mailbox, unreadable, now)
    _remember_state(connection, user, mailbox, state, now)
    _count(connection, user, counted)


def _keep_messages(connection: Connection) -> Any:
    """Adds messages; one that is known stays, but the user's own copy and a reading that was missing are taken."""
    statement = upsert(connection, messages)
    new, old = statement.excluded, messages.c
    sent = and_(new.role == Role.SENT.value, old.role != Role.SENT.value)
    moved = and_(new.mailbox == old.mailbox, new.provider_id != old.provider_id, new.role == old.role)
    read = and_(old.reading.is_(None), new.reading.is_not(None))
    taken = {
        name: case((sent, new[name]), else_=old[name])
        for name in ("mailbox", "role", "received_at", "message_id", "subject", "base_subject", "fields")
    }
    return statement.on_conflict_do_update(
        index_elements=[old.user_address, old.key],
        set_={
            **taken,
            "provider_id": case((or_(sent, moved), new.provider_id), else_=old.provider_id),
            "reading": func.coalesce(old.reading, new.reading),
            "triaged": and_(old.triaged, ~or_(sent, read)),
        },
        where=or_(sent, moved, read),
    )


def _mention(connection: Connection, rows: list[tuple[str, str, str]]) -> None:
    """Adds Message-IDs to look messages up by.

    Straight to the driver: there are several to a message, and building them as SQLAlchemy does takes as long as
    all else about it.
    """
    sign = "?" if connection.dialect.paramstyle == "qmark" else "%s"
    if rows:
        connection.exec_driver_sql(
            f"INSERT INTO {mentions.name} (user_address, message_id, key) VALUES ({sign}, {sign}, {sign}) "
            "ON CONFLICT DO NOTHING",
            rows,
        )


def _readable_now(connection: Connection, user: str, mailbox: str, ids: Sequence[str]) -> None:
    here = and_(set_aside.c.user_address == user, set_aside.c.mailbox == mailbox)
    if connection.execute(select(set_aside.c.provider_id).where(here).limit(1)).first():
        for some in chunks(ids):
            connection.execute(delete(set_aside).where(here, set_aside.c.provider_id.in_(some)))


def _put_aside(
    connection: Connection, user: str, mailbox: str, unreadable: Sequence[SetAside], now: datetime
) -> None:
    statement = upsert(connection, set_aside)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[set_aside.c.user_address, set_aside.c.mailbox, set_aside.c.provider_id],
            set_={"reason": statement.excluded.reason},
        ),
        [
            {
                "user_address": user,
                "mailbox": mailbox,
                "provider_id": one.provider_id,
                "reason": one.reason[:REASON_LIMIT],
                "at": now,
            }
            for one in unreadable
        ],
    )


def put_aside(connection: Connection, user: str, key: str, reason: str, now: datetime) -> None:
    """Deletes a message that was recorded, and sets it aside."""
    here = and_(messages.c.user_address == user, messages.c.key == key)
    found = connection.execute(select(messages.c.mailbox, messages.c.provider_id).where(here)).first()
    if found:
        _put_aside(connection, user, found.mailbox, [SetAside(found.provider_id, reason)], now)
        forget_messages(connection, user, [key])


def _remember_state(connection: Connection, user: str, mailbox: str, state: str, now: datetime) -> None:
    statement = upsert(connection, sync_states).values(user_address=user, mailbox=mailbox, state=state, at=now)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[sync_states.c.user_address, sync_states.c.mailbox], set_={"state": state, "at": now}
        )
    )


def _count(connection: Connection, user: str, counted: int) -> None:
    statement = upsert(connection, reports).values(
        user_address=user, first_round_done=False, messages=counted, login_refusals=0
    )
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[reports.c.user_address], set_={"messages": reports.c.messages + counted}
        )
    )


# Every poll asks this, and most polls ask nothing else: it is put together once.
_SYNC_STATES = select(sync_states.c.mailbox, sync_states.c.state).where(
    sync_states.c.user_address == bindparam("of_user")
)


def sync_states_of(connection: Connection, user: str, mailboxes: Sequence[str]) -> Mapping[str, str]:
    """Where the last batch of each of these mailboxes ended."""
    stored = dict(connection.execute(_SYNC_STATES, {"of_user": user}).all())
    return {mailbox: stored[name] for mailbox in mailboxes if (name := storable(mailbox)) in stored}


def forget_sync_state(connection: Connection, user: str, mailbox: str) -> None:
    """Drops the state, and what was set aside: its ids may mean other messages now, and the full round tells."""
    for table in (sync_states, set_aside):
        connection.execute(delete(table).where(table.c.user_address == user, table.c.mailbox == mailbox))


def forget_messages(connection: Connection, user: str, keys: Sequence[str]) -> None:
    """Deletes messages and what they mention."""
    for some in chunks(keys):
        for table in (messages, mentions):
            connection.execute(delete(table).where(table.c.user_address == user, table.c.key.in_(some)))


def report_sync(connection: Connection, user: str, now: datetime, error: str | None, refused: bool) -> None:
    """Notes the end of a poll."""
    values: dict[str, object]
    if error is None:
        values = {
            "last_sync_at": now,
            "first_round_done": True,
            "error": None,
            "failing_since": None,
            "login_refusals": 0,
        }
        changed = values
    else:
        words = storable(error[:REASON_LIMIT])
        values = {"first_round_done": False, "error": words, "failing_since": now, "login_refusals": int(refused)}
        changed = {
            "error": words,
            "failing_since": func.coalesce(reports.c.failing_since, now),
            "login_refusals": reports.c.login_refusals + int(refused),
        }
    statement = upsert(connection, reports).values(user_address=user, messages=0, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=[reports.c.user_address], set_=changed))


def reports_of(connection: Connection, user: str | None) -> list[MailboxReport]:
    """How reading goes for one user or for all, by user."""
    count = (
        select(func.count())
        .select_from(set_aside)
        .where(set_aside.c.user_address == reports.c.user_address)
        .scalar_subquery()
    )
    query = select(reports, count.label("set_aside")).order_by(reports.c.user_address)
    if user is not None:
        query = query.where(reports.c.user_address == user)
    return [
        MailboxReport(
            row.user_address,
            row.last_sync_at,
            row.first_round_done,
            row.messages,
            row.set_aside,
            row.error,
            row.failing_since,
            row.login_refusals,
        )
        for row in connection.execute(query)
    ]


def set_aside_of(connection: Connection, user: str) -> list[SetAside]:
    """What could not be read, oldest first."""
    query = (
        select(set_aside.c.provider_id, set_aside.c.reason)
        .where(set_aside.c.user_address == user)
        .order_by(set_aside.c.at, set_aside.c.mailbox, set_aside.c.provider_id)
    )
    return [SetAside(row.provider_id, row.reason) for row in connection.execute(query)]


def untriaged(connection: Connection, user: str) -> list[Message]:
    """What no triage has seen, oldest first."""
    query = (
        select(messages)
        .where(messages.c.user_address == user, messages.c.triaged.is_(False))
        .order_by(messages.c.received_at, messages.c.key)
    )
    return [message_of(row) for row in connection.execute(query)]


def neighbours(
    connection: Connection, user: str, message_ids: Iterable[str], base_subjects: Iterable[str], others: Iterable[str]
) -> list[Message]:
    """The triaged messages of conversations that mention these ids or bear these subjects, and of some others."""
    mine = and_(messages.c.user_address == user, messages.c.triaged.is_(True))
    rows: dict[str, Any] = {}
    seed = select(messages).where(mine)
    for some in chunks(sorted({storable(one[:ID_LIMIT]) for one in message_ids} - {""})):
        keys = select(mentions.c.key).where(mentions.c.user_address == user, mentions.c.message_id.in_(some))
        rows |= {row.key: row for row in connection.execute(seed.where(messages.c.key.in_(keys)))}
    # Messages without a subject have nothing in common.
    for some in chunks(sorted({storable(one[:SUBJECT_LIMIT]) for one in base_subjects} - {""})):
        rows |= {row.key: row for row in connection.execute(seed.where(messages.c.base_subject.in_(some)))}
    for some in chunks(sorted({*others, *(row.conversation for row in rows.values() if row.conversation)})):
        rows |= {row.key: row for row in connection.execute(seed.where(messages.c.conversation.in_(some)))}
    return [message_of(row) for row in sorted(rows.values(), key=lambda row: (row.received_at, row.key))]
