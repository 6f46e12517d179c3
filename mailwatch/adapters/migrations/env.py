"""What alembic runs: the migrations, inside the transaction of the ledger that asked for them."""

from __future__ import annotations

from alembic import context

from mailwatch.adapters.tables import SCHEMA_TABLE, metadata

connection = context.config.attributes["connection"]
# SQLite alters a table by copying it, which alembic does in "batch" mode.
context.configure(connection=connection, target_metadata=metadata, version_table=SCHEMA_TABLE, render_as_batch=True)
context.run_migrations()
