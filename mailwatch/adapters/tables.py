"""The tables of the ledger, the same on SQLite and PostgreSQL."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
)

from mailwatch.adapters.column_types import Id, UtcTime, Words

REVISIONS = ("0001", "0002", "0003")
"""Every version of the schema that this program knows, oldest first; the last one is what it works with."""

SCHEMA_TABLE = "mailwatch_schema"
"""Where alembic notes the version; its own name, because the database may be shared with other programs."""

ID_LIMIT = 250
"""Message-IDs are looked up by at most this many characters: PostgreSQL's index rows end at 2,704 bytes."""

metadata = MetaData()


def _user() -> Column[Any]:
    # Not "user": that is a word of SQL, and `select user` in psql answers something else.
    return Column("user_address", Words, primary_key=True, nullable=False)


# ---------------------------------------------------------------- seen

messages = Table(
    "messages",
    metadata,
    _user(),
    Column("key", Words, primary_key=True),
    Column("mailbox", Words, nullable=False),
    Column("provider_id", Words, nullable=False),
    Column("role", Words, nullable=False),
    Column("received_at", UtcTime, nullable=False),
    Column("message_id", Words),
    Column("subject", Words, nullable=False),
    Column("base_subject", Words, nullable=False),
    Column("fields", Words, nullable=False),  # JSON: people, Message-IDs, Date, automatic
    Column("reading", Words),  # JSON: what the new words say; null as long as the text was not read
    Column("conversation", Words),
    Column("triaged", Boolean, nullable=False),
)
Index("messages_of_conversation", messages.c.user_address, messages.c.conversation)
Index("messages_of_subject", messages.c.user_address, messages.c.base_subject)
# Not a partial index: SQLAlchemy would load both dialects to check its options, which `status` would wait for.
Index("messages_untriaged", messages.c.user_address, messages.c.triaged, messages.c.received_at)

mentions = Table(
    "mentions",
    metadata,
    _user(),
    Column("message_id", Words, primary_key=True),
    Column("key", Words, primary_key=True),
    # No foreign key: with the index that it needs, it makes storing messages a quarter slower. prune() sees to it.
    sqlite_with_rowid=False,
)

set_aside = Table(
    "set_aside",
    metadata,
    _user(),
    Column("mailbox", Words, primary_key=True),
    Column("provider_id", Words, primary_key=True),
    Column("reason", Words, nullable=False),
    Column("at", UtcTime, nullable=False),
)

sync_states = Table(
    "sync_states",
    metadata,
    _user(),
    Column("mailbox", Words, primary_key=True),
    Column("state", Words, nullable=False),
    Column("at", UtcTime, nullable=False),
)

reports = Table(
    "reports",
    metadata,
    _user(),
    Column("last_sync_at", UtcTime),
    Column("first_round_done", Boolean, nullable=False),
    Column("messages", Integer, nullable=False),
    Column("error", Words),
    Column("failing_since", UtcTime),
    Column("login_refusals", Integer, nullable=False),
)

# ---------------------------------------------------------------- decided and told


def _items(name: str, moment: str) -> Table:
    """Requests or promises: the facts as JSON, and what they are searched by as columns."""
    table = Table(
        name,
        metadata,
        _user(),
        Column("id", Id, primary_key=True),
        Column("key", Words, nullable=False),
        Column("conversation", Words, nullable=False),
        Column(moment, UtcTime, nullable=False),
        Column("facts", Words, nullable=False),
        # Derived whenever events or commands are written: open ones are found beside any number of settled ones.
        Column("settled", Boolean, nullable=False),
        # Triage took it back after the user had it in a mail or spoke of it: not open, and still known by its id.
        Column("dropped", Boolean, nullable=False),
    )
    Index(f"{name}_open", table.c.user_address, table.c.settled, table.c[moment])
    Index(f"{name}_of_conversation", table.c.user_address, table.c.conversation)
    Index(f"{name}_of_message", table.c.user_address, table.c.key)
    Index(f"{name}_by_id", table.c.id)
    return table


requests = _items("requests", "received_at")
promises = _items("promises", "made_at")

commands = Table(
    "commands",
    metadata,
    _user(),
    Column("source", Words, primary_key=True),
    Column("item", Words, nullable=False),
    Column("verb", Words, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("until", UtcTime),
    Column("to", Words),
    Column("words", Words),  # only of what was not understood
    Column("why", Words),
)
Index("commands_of_item", commands.c.user_address, commands.c.item)
Index("commands_by_verb", commands.c.user_address, commands.c.verb)

# ---------------------------------------------------------------- sent and scheduled

outbox = Table(
    "outbox",
    metadata,
    _user(),
    Column("kind", Words, primary_key=True),
    Column("period", Words, primary_key=True),
    Column("message_id", Words, nullable=False),
    Column("message", LargeBinary, nullable=False),  # empty once it is sent
    Column("created_at", UtcTime, nullable=False),
    Column("items", Words, nullable=False),  # JSON: number in the mail -> id
    Column("steps", Words, nullable=False),  # JSON: id -> step
    Column("state", Words, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_try_at", UtcTime),
    Column("sending_since", UtcTime),
    Column("error", Words),
)
Index("outbox_by_state", outbox.c.state, outbox.c.user_address)
Index("outbox_by_time", outbox.c.user_address, outbox.c.kind, outbox.c.created_at)

named = Table(
    "named",
    metadata,
    _user(),
    Column("item", Words, primary_key=True),
    Column("kind", Words, primary_key=True),
    Column("period", Words, primary_key=True),
    Column("step", Integer),
    Column("at", UtcTime, nullable=False),
    ForeignKeyConstraint(
        ["user_address", "kind", "period"],
        ["outbox.user_address", "outbox.kind", "outbox.period"],
        "named_mail",
        ondelete="CASCADE",
    ),
)
# The key above begins with the item; a mail that goes takes with it what it named.
Index("named_of_mail", named.c.user_address, named.c.kind, named.c.period)

schedule = Table(
    "schedule",
    metadata,
    Column("kind", Words, primary_key=True),
    _user(),
    Column("due_at", UtcTime, nullable=False),
)

# ---------------------------------------------------------------- marked

marks = Table(
    "marks",
    metadata,
    _user(),
    Column("key", Words, primary_key=True),
    Column("name", Words, primary_key=True),
    Column("state", Words, nullable=False),
    Column("error", Words),
)
