"""The first tables of the ledger."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# A migration says what a version was, whatever becomes of adapters/tables.py: nothing is imported from there.


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=null)


def _time(name: str, *, null: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=null)


def _number(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=null)


def _truth(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean, nullable=False)


def upgrade() -> None:
    """Draws every table."""
    _seen()
    for name, moment in (("requests", "received_at"), ("promises", "made_at")):
        _items(name, moment)
    _told_and_sent()


def _seen() -> None:
    op.create_table(
        "messages",
        *map(_text, ("user_address", "key", "mailbox", "provider_id", "role")),
        _time("received_at"),
        _text("message_id", null=True),
        *map(_text, ("subject", "base_subject", "fields")),
        _text("reading", null=True),
        _text("conversation", null=True),
        _truth("triaged"),
        sa.PrimaryKeyConstraint("user_address", "key"),
    )
    op.create_index("messages_of_conversation", "messages", ["user_address", "conversation"])
    op.create_index("messages_of_subject", "messages", ["user_address", "base_subject"])
    op.create_index("messages_untriaged", "messages", ["user_address", "triaged", "received_at"])
    op.create_table(
        "mentions",
        *map(_text, ("user_address", "message_id", "key")),
        sa.PrimaryKeyConstraint("user_address", "message_id", "key"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "set_aside",
        *map(_text, ("user_address", "mailbox", "provider_id", "reason")),
        _time("at"),
        sa.PrimaryKeyConstraint("user_address", "mailbox", "provider_id"),
    )
    op.create_table(
        "sync_states",
        *map(_text, ("user_address", "mailbox", "state")),
        _time("at"),
        sa.PrimaryKeyConstraint("user_address", "mailbox"),
    )
    op.create_table(
        "reports",
        _text("user_address"),
        _time("last_sync_at", null=True),
        _truth("first_round_done"),
        _number("messages"),
        _text("error", null=True),
        _time("failing_since", null=True),
        _number("login_refusals"),
        sa.PrimaryKeyConstraint("user_address"),
    )


def _items(name: str, moment: str) -> None:
    op.create_table(
        name,
        _text("user_address"),
        sa.Column("id", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        _text("key"),
        _text("conversation"),
        _time(moment),
        _text("facts"),
        _truth("settled"),
        _truth("dropped"),
        sa.PrimaryKeyConstraint("user_address", "id"),
    )
    op.create_index(f"{name}_open", name, ["user_address", "settled", moment])
    op.create_index(f"{name}_of_conversation", name, ["user_address", "conversation"])
    op.create_index(f"{name}_of_message", name, ["user_address", "key"])
    op.create_index(f"{name}_by_time", name, ["user_address", moment])
    op.create_index(f"{name}_by_id", name, ["id"])


def _told_and_sent() -> None:
    op.create_table(
        "commands",
        *map(_text, ("user_address", "source", "item", "verb")),
        _time("at"),
        _time("until", null=True),
        _text("to", null=True),
        _text("words", null=True),
        _text("why", null=True),
        sa.PrimaryKeyConstraint("user_address", "source"),
    )
    op.create_index("commands_of_item", "commands", ["user_address", "item"])
    op.create_index("commands_by_verb", "commands", ["user_address", "verb"])
    op.create_table(
        "outbox",
        *map(_text, ("user_address", "kind", "period", "message_id")),
        sa.Column("message", sa.LargeBinary, nullable=False),
        _time("created_at"),
        *map(_text, ("items", "steps", "state")),
        _number("attempts"),
        _time("next_try_at", null=True),
        _time("sending_since", null=True),
        _text("error", null=True),
        sa.PrimaryKeyConstraint("user_address", "kind", "period"),
    )
    op.create_index("outbox_by_state", "outbox", ["state", "user_address"])
    op.create_index("outbox_by_time", "outbox", ["user_address", "kind", "created_at"])
    op.create_table(
        "named",
        *map(_text, ("user_address", "item", "kind", "period")),
        _number("step", null=True),
        _time("at"),
        sa.PrimaryKeyConstraint("user_address", "item", "kind", "period"),
        sa.ForeignKeyConstraint(
            ["user_address", "kind", "period"],
            ["outbox.user_address", "outbox.kind", "outbox.period"],
            name="named_mail",
            ondelete="CASCADE",
        ),
    )
    op.create_table(
        "schedule",
        *map(_text, ("kind", "user_address")),
        _time("due_at"),
        sa.PrimaryKeyConstraint("kind", "user_address"),
    )
    op.create_index("schedule_by_time", "schedule", ["kind", "due_at"])


def downgrade() -> None:
    """There is nothing before the first version."""
    raise NotImplementedError("the first version of the ledger cannot be taken back; delete the ledger instead")
