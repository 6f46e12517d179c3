"""The ledgers that the contract of ports.Ledger is run over."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from servers.postgresql import PostgreSQL, reason_to_skip

from mailwatch.adapters.ledger import SqlLedger


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """A server for the whole run; where none can be started it is a skip with the reason, and on CI a failure."""
    if reason := reason_to_skip():
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    server = PostgreSQL()
    yield server
    server.stop()


@pytest.fixture(params=["memory", "file", "postgresql"])
def ledger_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "memory":
        return "sqlite:///:memory:"
    if request.param == "file":
        return f"sqlite:///{tmp_path}/ledger.db"
    server: PostgreSQL = request.getfixturevalue("postgresql")
    server.clear()
    return server.url


@pytest.fixture
def ledger(ledger_url: str) -> Iterator[SqlLedger]:
    """An empty ledger."""
    opened = SqlLedger.open(ledger_url)
    yield opened
    opened.close()
