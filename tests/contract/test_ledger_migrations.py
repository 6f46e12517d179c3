"""What becomes of a ledger that an older program made, on every database that outlives its connection."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from alembic import command
from alembic.config import Config
from contract.ledger_cases import ANN, open_ledger, sync_state
from sqlalchemy import Engine, create_engine, inspect, make_url, text

from mailwatch.adapters.migrations import __file__ as migrations
from mailwatch.adapters.tables import REVISIONS, SCHEMA_TABLE
from mailwatch.domain.marking import Mark, MarkState


@pytest.fixture
def engine(ledger_url: str) -> Iterator[Engine]:
    """The empty database itself."""
    if ":memory:" in ledger_url:
        pytest.skip("a ledger in memory is gone with the connection that made it")
    url = make_url(ledger_url)
    opened = create_engine(
        url.set(drivername="sqlite" if url.drivername.startswith("sqlite") else "postgresql+psycopg")
    )
    yield opened
    opened.dispose()


def draw(engine: Engine, revision: str) -> None:
    """The tables as they were in a version, with a row."""
    config = Config()
    config.set_main_option("script_location", str(migrations).rpartition("/")[0])
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        connection.execute(text("INSERT INTO sync_states VALUES ('ann@example.com', 'inbox', 's1', '2026-03-02')"))


def indexes(engine: Engine) -> set[str]:
    found = inspect(engine)
    return {str(index["name"]) for table in found.get_table_names() for index in found.get_indexes(table)}


def test_a_ledger_of_the_first_version_gets_the_table_and_keeps_its_rows(ledger_url: str, engine: Engine) -> None:
    draw(engine, "0001")
    assert not inspect(engine).has_table("marks")
    opened = open_ledger(ledger_url)
    assert sync_state(opened, ANN, "inbox") == "s1"
    opened.note_mark(ANN, Mark("k1", "Open", MarkState.SET))
    assert opened.marks(ANN) == [Mark("k1", "Open", MarkState.SET)]
    opened.close()
    with engine.begin() as connection:
        assert connection.execute(text(f"SELECT version_num FROM {SCHEMA_TABLE}")).scalar() == REVISIONS[-1]


def test_a_ledger_of_the_second_version_finds_what_a_mail_named_by_index(ledger_url: str, engine: Engine) -> None:
    draw(engine, "0002")
    before = indexes(engine)
    opened = open_ledger(ledger_url)
    assert sync_state(opened, ANN, "inbox") == "s1"
    opened.close()
    assert indexes(engine) - before == {"named_of_mail"}
    assert before - indexes(engine) == {"requests_by_time", "promises_by_time", "schedule_by_time"}
