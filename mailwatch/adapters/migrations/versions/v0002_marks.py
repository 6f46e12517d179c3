"""The marks that mailwatch set in a mailbox."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Draws the table."""
    op.create_table(
        "marks",
        *(sa.Column(name, sa.Text, nullable=False) for name in ("user_address", "key", "name", "state")),
        sa.Column("error", sa.Text),
        sa.PrimaryKeyConstraint("user_address", "key", "name"),
    )


def downgrade() -> None:
    """Forgets which marks are ours."""
    op.drop_table("marks")
