"""An index for what a mail named; three that no query used go."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_UNUSED = (
    ("requests", ("user_address", "received_at")),
    ("promises", ("user_address", "made_at")),
    ("schedule", ("kind", "due_at")),
)


def upgrade() -> None:
    """Draws the one and drops the others."""
    op.create_index("named_of_mail", "named", ["user_address", "kind", "period"])
    for table, _ in _UNUSED:
        op.drop_index(f"{table}_by_time", table)


def downgrade() -> None:
    """Draws the indexes as they were."""
    for table, columns in _UNUSED:
        op.create_index(f"{table}_by_time", table, list(columns))
    op.drop_index("named_of_mail", "named")
