"""What the ledger sends and plans: the outbox, the steps that were named, and the schedule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, func, or_, select, update

from mailwatch.adapters.column_types import storable
from mailwatch.adapters.ledger_sql import inserted, upsert
from mailwatch.adapters.rows import from_json, to_json, word
from mailwatch.adapters.tables import named, outbox, promises, requests, schedule
from mailwatch.ports import OutboxMail, OutboxState

REMINDER = "reminder"
ERROR_LIMIT = 500
TOLD_IN_VAIN = 5
"""How often an item is named in mails that are set aside before it counts as told all the same."""

_OVER = (OutboxState.SENT.value, OutboxState.SUPERSEDED.value)
MAIL_OF_NAMED = and_(
    named.c.user_address == outbox.c.user_address, named.c.kind == outbox.c.kind, named.c.period == outbox.c.period
)
"""Joins what was named to the mail that named it."""


def steps_sent(connection: Connection, user: str, until: datetime | None) -> dict[str, int]:
    """The last step at which each open item was named in a mail that told the user of it, or that may yet.

    What a superseded mail named is gone from `named`. A mail that was set aside told nobody, so its items are named
    again at the next slot; but an address that takes no mail is not tried for ever, see TOLD_IN_VAIN. What was named
    after `until` was so by a clock that was ahead.
    """
    is_open = or_(
        *(
            select(table.c.id)
            .where(
                table.c.user_address == user,
                table.c.id == named.c.item,
                table.c.settled.is_(False),
                table.c.dropped.is_(False),
            )
            .exists()
            for table in (requests, promises)
        )
    )
    query = (
        select(named.c.item, named.c.step, outbox.c.state)
        .select_from(named.join(outbox, MAIL_OF_NAMED))
        .where(named.c.user_address == user, named.c.step.is_not(None), is_open)
        .order_by(named.c.at, named.c.step)
    )
    if until is not None:
        query = query.where(named.c.at <= until)
    steps: dict[str, int] = {}
    refused: Counter[str] = Counter()
    for row in connection.execute(query):
        refused[row.item] += row.state == OutboxState.SET_ASIDE.value
        if row.state != OutboxState.SET_ASIDE.value or refused[row.item] >= TOLD_IN_VAIN:
            steps[row.item] = row.step
    return steps


def mails_since(connection: Connection, user: str, since: datetime, until: datetime | None) -> int:
    """How many reminders were queued since a moment; superseded ones never reach the user and do not count."""
    query = (
        select(func.count())
        .select_from(outbox)
        .where(
            outbox.c.user_address == user,
            outbox.c.kind == REMINDER,
            outbox.c.created_at >= since,
            outbox.c.state != OutboxState.SUPERSEDED.value,
        )
    )
    if until is not None:
        query = query.where(outbox.c.created_at <= until)
    return connection.execute(query).scalar_one()


def enqueue(connection: Connection, mail: OutboxMail) -> bool:
    """Stores a mail with what it names; false if its period is taken by a mail that was not superseded."""
    row = {
        "user_address": mail.user,
        "kind": mail.kind,
        "period": mail.period,
        "message_id": mail.message_id,
        "message": mail.message,
        "created_at": mail.created_at,
        "items": to_json({str(number): item for number, item in mail.items.items()}),
        "steps": to_json(dict(mail.steps)),
        **_progress(mail),
    }
    statement = upsert(connection, outbox).values(row)
    # A superseded mail was never sent. Were its period taken for good, a digest made twice in one slot
    # (after a restart, say) would first give way and then find no place.
    taken_over = statement.on_conflict_do_update(
        index_elements=[outbox.c.user_address, outbox.c.kind, outbox.c.period],
        set_={name: row[name] for name in row if name not in ("user_address", "kind", "period")},
        where=outbox.c.state == OutboxState.SUPERSEDED.value,
    )
    if not inserted(connection, taken_over):
        return False
    # A command is named by its source, which is no item's id.
    items = dict.fromkeys((*mail.items.values(), *mail.steps, *mail.answers))
    if items:
        connection.execute(
            named.insert(),
            [
                {
                    "user_address": mail.user,
                    "item": item,
                    "kind": mail.kind,
                    "period": mail.period,
                    "step": mail.steps.get(item),
                    "at": mail.created_at,
                }
                for item in items
            ],
        )
    return True


def unsent(connection: Connection, user: str | None) -> list[OutboxMail]:
    """The mails that are on their way or set aside, oldest first."""
    query = select(outbox).where(outbox.c.state.not_in(_OVER))
    if user is not None:
        query = query.where(outbox.c.user_address == user)
    query = query.order_by(outbox.c.created_at, outbox.c.user_address, outbox.c.kind, outbox.c.period)
    return [_mail_of(row) for row in connection.execute(query)]


def last_sent_at(connection: Connection, user: str) -> datetime | None:
    """When the last mail to a user was handed over."""
    sent = and_(outbox.c.user_address == user, outbox.c.state == OutboxState.SENT.value)
    return connection.execute(select(func.max(outbox.c.sending_since)).where(sent)).scalar()


def update_outbox(connection: Connection, mail: OutboxMail, before: OutboxMail) -> bool:
    """Moves a mail on where it is as it was before; the bytes go when it is no longer to be sent."""
    values = _progress(mail)
    if mail.state not in (OutboxState.QUEUED, OutboxState.SENDING, OutboxState.SENDING_AGAIN):
        values["message"] = b""
    unchanged = and_(
        _is(mail),
        outbox.c.state == before.state.value,
        outbox.c.attempts == before.attempts,
        outbox.c.sending_since.is_not_distinct_from(before.sending_since),
    )
    if connection.execute(update(outbox).where(unchanged).values(values)).rowcount != 1:
        return False
    if mail.state is OutboxState.SUPERSEDED:
        this = and_(named.c.user_address == mail.user, named.c.kind == mail.kind, named.c.period == mail.period)
        connection.execute(delete(named).where(this))
    return True


def _is(mail: OutboxMail) -> Any:
    return and_(outbox.c.user_address == mail.user, outbox.c.kind == mail.kind, outbox.c.period == mail.period)


def _progress(mail: OutboxMail) -> dict[str, Any]:
    return {
        "state": mail.state.value,
        "attempts": mail.attempts,
        "next_try_at": mail.next_try_at,
        "sending_since": mail.sending_since,
        "error": None if mail.error is None else storable(mail.error[:ERROR_LIMIT]),
    }


def _mail_of(row: Any) -> OutboxMail:
    items: Mapping[str, str] = from_json(row.items)
    return OutboxMail(
        user=row.user_address,
        kind=row.kind,
        period=row.period,
        message_id=row.message_id,
        message=bytes(row.message),
        created_at=row.created_at,
        items={int(number): item for number, item in items.items()},
        steps=from_json(row.steps),
        # A state of a newer version is nobody's to send.
        state=word(OutboxState, row.state) or OutboxState.SET_ASIDE,
        attempts=row.attempts,
        next_try_at=row.next_try_at,
        sending_since=row.sending_since,
        error=row.error,
    )


# ---------------------------------------------------------------- scheduled


def due_at(connection: Connection, kind: str, user: str) -> datetime | None:
    """When a kind of work is next due."""
    query = select(schedule.c.due_at).where(schedule.c.kind == kind, schedule.c.user_address == user)
    return connection.execute(query).scalar()


def claim(connection: Connection, kind: str, user: str, at: datetime | None, next_at: datetime) -> bool:
    """Moves a due time on where it is still `at`; plans it where it was never planned."""
    if at is None:
        statement = upsert(connection, schedule).values(kind=kind, user_address=user, due_at=next_at)
        return inserted(connection, statement.on_conflict_do_nothing())
    here = and_(schedule.c.kind == kind, schedule.c.user_address == user, schedule.c.due_at == at)
    return connection.execute(update(schedule).where(here).values(due_at=next_at)).rowcount == 1


def sent_mail(connection: Connection, user: str, message_ids: Sequence[str]) -> OutboxMail | None:
    """The mail of ours to this user that has one of these Message-IDs, sent or not."""
    here = and_(outbox.c.user_address == user, outbox.c.message_id.in_(message_ids))
    row = connection.execute(select(outbox).where(here).limit(1)).first()
    return None if row is None else _mail_of(row)
