"""The ledger's tables, types and rows: what goes in comes out, whatever wrote it and whoever opens it."""

from __future__ import annotations

import os
import re
import sqlite3
import stat
import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, text

from mailwatch.adapters import ledger_database, ledger_file, migrations
from mailwatch.adapters.column_types import storable
from mailwatch.adapters.ledger import SqlLedger
from mailwatch.adapters.ledger_database import migrate, shown
from mailwatch.adapters.rows import deadline_json, deadline_of, message_of, message_row, reading_json, reading_of
from mailwatch.adapters.rows_items import is_settled, request_of, request_row
from mailwatch.adapters.tables import REVISIONS, SCHEMA_TABLE, metadata
from mailwatch.domain.message import Headers, Message, Role
from mailwatch.domain.people import Address
from mailwatch.domain.reading import Deadline, Evidence, Finding, Reading, ReplyKind
from mailwatch.domain.request import Event, EventKind, Request, is_open, state_of
from mailwatch.errors import LedgerError

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

# ---------------------------------------------------------------- the schema


def schema(draw) -> dict[str, str]:
    with create_engine("sqlite://").begin() as connection:
        draw(connection)
        found = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))
        return {name: re.sub(r"\s+", " ", sql) for name, sql in found if name != SCHEMA_TABLE}


def test_a_new_ledger_is_what_the_migrations_make():
    assert schema(metadata.create_all) == schema(migrate)


def test_every_migration_is_known_to_the_program():
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    scripts = list(ScriptDirectory.from_config(config).walk_revisions())
    assert tuple(script.revision for script in reversed(scripts)) == REVISIONS


def test_every_table_says_whose_row_it_is():
    assert all("user_address" in table.columns for table in metadata.sorted_tables)


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("SELECT * FROM requests WHERE user_address = 'a' AND settled IS 0 AND dropped IS 0", "requests_open"),
        ("SELECT * FROM promises WHERE user_address = 'a' AND settled IS 0 AND dropped IS 0", "promises_open"),
        ("SELECT * FROM messages WHERE user_address = 'a' AND triaged IS 0", "messages_untriaged"),
        ("SELECT * FROM named WHERE user_address = 'a' AND kind = 'k' AND period = 'p'", "named_of_mail"),
        ("SELECT * FROM requests WHERE id >= 'a' AND id < 'b'", "requests_by_id"),
    ],
)
def test_what_is_open_or_was_named_is_found_by_index(tmp_path, query, index):
    SqlLedger.open(f"sqlite:///{tmp_path}/l.db").close()
    with sqlite3.connect(tmp_path / "l.db") as connection:
        plan = connection.execute("EXPLAIN QUERY PLAN " + query).fetchall()
    assert f"USING INDEX {index}" in plan[0][3]


# ---------------------------------------------------------------- opening


def test_a_new_file_can_be_read_by_its_owner_only(tmp_path):
    mask = os.umask(0)
    try:
        ledger = SqlLedger.open(f"sqlite:///{tmp_path}/new/l.db")
        ledger.report_sync("ann@example.com", NOW, None)
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "new").iterdir()}
        ledger.close()
    finally:
        os.umask(mask)
    assert modes == {"l.db": 0o600, "l.db-wal": 0o600, "l.db-shm": 0o600}
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700


def test_opening_a_current_ledger_does_without_alembic_and_postgresql(tmp_path):
    url = f"sqlite:///{tmp_path}/l.db"
    code = (
        "import sys\n"
        "from mailwatch.adapters.ledger import SqlLedger\n"
        f"SqlLedger.open({url!r}).open_requests('ann@example.com')\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules} & {'alembic', 'psycopg', 'mako'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_a_file_that_is_no_database_is_named(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("Dear diary, " * 500)
    with pytest.raises(LedgerError, match=re.escape(f"{path} is not a database; choose another file")):
        SqlLedger.open(f"sqlite:///{path}")
    assert path.read_text().startswith("Dear diary")


def test_the_database_of_another_program_is_left_alone(tmp_path):
    path = tmp_path / "places.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")
    with pytest.raises(LedgerError, match=r"holds tables of another program \(bookmarks\); choose another"):
        SqlLedger.open(f"sqlite:///{path}")


def test_a_ledger_of_a_newer_program_is_not_touched(tmp_path):
    path = tmp_path / "l.db"
    SqlLedger.open(f"sqlite:///{path}").close()
    with sqlite3.connect(path) as connection:
        connection.execute(f"UPDATE {SCHEMA_TABLE} SET version_num = '0999'")
    with pytest.raises(LedgerError, match=r"has schema 0999 of a newer mailwatch.*up to 0003: install the newer"):
        SqlLedger.open(f"sqlite:///{path}")


def test_a_ledger_of_an_older_program_is_migrated(tmp_path, monkeypatch):
    path = tmp_path / "l.db"
    SqlLedger.open(f"sqlite:///{path}").close()
    migrated = []
    monkeypatch.setattr(ledger_database, "REVISIONS", ("0001", "0002", "0003", "0004"))
    monkeypatch.setattr(ledger_database, "migrate", migrated.append)
    SqlLedger.open(f"sqlite:///{path}").close()
    assert len(migrated) == 1


def test_a_path_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(LedgerError, match=r"file/l.db cannot be opened for writing .*name another file"):
        SqlLedger.open(f"sqlite:///{tmp_path}/file/l.db")
    with pytest.raises(LedgerError, match="cannot be opened for writing"):
        SqlLedger.open(f"sqlite:///{tmp_path}")


@pytest.mark.skipif(os.getuid() == 0, reason="root may write anywhere")
def test_a_ledger_that_may_not_be_written_is_named(tmp_path):
    path = tmp_path / "l.db"
    SqlLedger.open(f"sqlite:///{path}").close()
    path.chmod(0o400)
    with pytest.raises(LedgerError, match="give this user write access"):
        SqlLedger.open(f"sqlite:///{path}")


def test_a_locked_ledger_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(ledger_file, "BUSY_SECONDS", 0)
    path = tmp_path / "l.db"
    ledger = SqlLedger.open(f"sqlite:///{path}")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(LedgerError, match=r"l.db is locked by another program; stop that program or try again"):
        ledger.report_sync("ann@example.com", NOW, None)
    assert list(ledger.reports()) == []  # Who only reads need not wait.
    other.execute("ROLLBACK")
    ledger.report_sync("ann@example.com", NOW, None)
    other.close()
    ledger.close()


@pytest.mark.parametrize("url", ["", "nonsense", "oracle://x", "mysql+pymysql://x/y", "sqlite:relative"])
def test_a_url_that_means_nothing_is_explained(url):
    with pytest.raises(LedgerError, match="write sqlite:////absolute/path or postgresql://host/database"):
        SqlLedger.open(url)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ann:s3cret@127.0.0.1:1/ledger",
        "postgresql://127.0.0.1:1/ledger?user=ann&password=s3cret",
        "postgresql://127.0.0.1:1/ledger?password=s3cret&password=s3cret-too&sslpassword=s3cret%20x",
    ],
)
def test_a_server_that_is_away_is_named_without_its_password(url):
    pytest.importorskip("psycopg")
    with pytest.raises(LedgerError) as caught:
        SqlLedger.open(url)
    assert "***" in str(caught.value)
    assert "cannot be reached; check that the server runs" in str(caught.value)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://mw:pa-hunter2@db/mw",
        "postgresql:///mw?host=/run/postgresql&password=pa@hunter2",
        "postgresql:///mw?sslpassword=hunter2&host=db",
        "postgresql://mw:pa@hunter2@db/mw",
        "postgresql://db:5432/mw?password=pa@hunter2",
        "postgresql://mw:hunter2/x?y@db/mw",
    ],
)
def test_a_url_is_shown_without_a_password_wherever_it_stands(url):
    assert "hunter2" not in shown(url)
    assert "***" in shown(url)


def test_an_erased_user_is_gone_from_the_bytes_of_the_file(tmp_path):
    ledger = SqlLedger.open(f"sqlite:///{tmp_path}/l.db")
    for user in ("ann@example.com", "ben@example.com"):
        found = [Message(Headers(str(n), NOW, message_id=f"{n}@x", subject=f"{user} {n}")) for n in range(200)]
        ledger.record(user, "INBOX", "1", found, [], NOW, since=None, counted=200)
    ledger.erase("ann@example.com")
    everything = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"ben@example.com" in everything
    assert b"ann@example.com" not in everything
    ledger.close()


@pytest.mark.parametrize(
    "again", [lambda ledger: ledger.erase("ann@example.com"), lambda ledger: ledger.prune(NOW - timedelta(days=400))]
)
def test_an_erase_that_a_reader_keeps_from_its_work_says_so_and_is_finished_later(tmp_path, monkeypatch, again):
    monkeypatch.setattr(ledger_file, "BUSY_SECONDS", 0.2)
    ledger = SqlLedger.open(f"sqlite:///{tmp_path}/l.db")
    found = [Message(Headers(str(n), NOW, message_id=f"{n}@x", subject=f"a secret {n}")) for n in range(200)]
    ledger.record("ann@example.com", "INBOX", "1", found, [], NOW, since=None, counted=200)

    def lies_there() -> bool:
        return any(b"a secret" in path.read_bytes() for path in tmp_path.iterdir())

    with sqlite3.connect(tmp_path / "l.db") as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM messages").fetchall()
        with pytest.raises(LedgerError, match=r"rows on ann@example\.com are deleted, but .* run the same command"):
            ledger.erase("ann@example.com")
        assert list(ledger.export("ann@example.com")) == []
        assert lies_there()
        with pytest.raises(LedgerError, match="is being read by another program"):
            ledger.finish_erasing()
        reader.rollback()
    assert again(ledger) == 0
    assert not lies_there()
    assert not ledger.finish_erasing()
    ledger.close()


# ---------------------------------------------------------------- rows

WORDS = st.text(max_size=40)
PLAIN = WORDS.map(storable)
PEOPLE = st.lists(st.builds(Address, PLAIN.filter(lambda a: a.strip()), PLAIN), max_size=3).map(tuple)
MOMENTS = st.datetimes(datetime(1971, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
ZONES = st.sampled_from([None, UTC, ZoneInfo("Europe/Berlin"), timezone(timedelta(hours=-9, minutes=-30))])
DEADLINES = st.none() | st.builds(
    Deadline, st.dates(date(1990, 1, 1)), st.none() | st.times().map(lambda t: t.replace(microsecond=0)), PLAIN, ZONES
)
FINDINGS = st.builds(
    Finding,
    st.floats(0, 1, allow_nan=False),
    st.none() | st.builds(Evidence, PLAIN, st.text(max_size=200).map(storable)),
)
READINGS = st.builds(
    Reading,
    FINDINGS,
    FINDINGS,
    FINDINGS,
    FINDINGS,
    DEADLINES,
    DEADLINES,
    st.sampled_from(ReplyKind),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.lists(PLAIN, max_size=3).map(tuple),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.none() | PLAIN.filter(bool),
    st.sampled_from(["und", "en", "de"]),
    st.booleans(),
)
HEADERS = st.builds(
    Headers,
    PLAIN,
    MOMENTS,
    st.sampled_from(Role),
    st.none() | PLAIN,
    st.lists(PLAIN, max_size=3).map(tuple),
    st.lists(PLAIN, max_size=3).map(tuple),
    st.none() | st.builds(Address, PLAIN.filter(lambda a: a.strip()), PLAIN),
    PEOPLE,
    PEOPLE,
    PEOPLE,
    PEOPLE,
    PLAIN,
    st.none() | MOMENTS,
    st.none() | st.integers(-840, 840).filter(bool).map(lambda minutes: timedelta(minutes=minutes)),
    st.none() | PLAIN.filter(bool),
)


@given(st.builds(Message, HEADERS, READINGS))
def test_a_message_survives_its_row(message):
    found = message_of(SimpleNamespace(**message_row("ann@example.com", "INBOX", message)))
    assert found == message
    assert found.headers.key == message.headers.key
    assert [a.display_name for a in found.headers.to] == [a.display_name for a in message.headers.to]


@given(READINGS)
def test_a_reading_is_small_if_it_says_little(reading):
    assert reading_of(reading_json(reading)) == reading
    assert len(reading_json(Reading(language="en"))) < 20
    assert reading_json(Reading()) is None


def test_keys_and_words_of_another_version_are_passed_over():
    reading = reading_of('{"mood": 7, "reply": "haiku", "request": [0.9, "q", "words", "new"], "language": "en"}')
    assert reading == Reading(request=Finding(0.9, Evidence("q", "words")), language="en")
    facts = (
        '{"subject": "s", "requester": ["bob@example.com", "Bob", "new"], "colour": {"a": 1}, '
        '"events": [{"kind": "blinked", "at": "2026-03-02T09:00:00+00:00"}, {"kind": "chased"}, '
        '{"kind": "chased", "at": "2026-03-02T11:00:00+02:00", "new": 1}]}'
    )
    row = SimpleNamespace(id="r", user_address="ann@example.com", key="k", received_at=NOW, facts=facts)
    found = request_of(row)
    assert found.requester == Address("bob@example.com")
    assert found.events == (Event(EventKind.CHASED, NOW),)


def test_a_zone_that_this_machine_does_not_know_is_the_readers_own():
    row = deadline_json(Deadline(date(2026, 3, 6), time(17), "by five", ZoneInfo("Europe/Berlin")))
    assert deadline_of(row | {"zone": "Mars/Olympus"}).zone is None
    assert deadline_of(row | {"zone": "../../etc/passwd"}).zone is None


def test_a_naive_time_of_an_event_raises():
    naive = Event(EventKind.CHASED, datetime(2026, 3, 2))  # noqa: DTZ001
    request = Request("r", "ann@example.com", "k", None, Address("b@example.com"), "s", NOW, events=(naive,))
    with pytest.raises(ValueError, match="no zone"):
        request_row(request, "c")


@pytest.mark.parametrize("kind", EventKind)
def test_settled_means_the_same_to_the_ledger_and_to_the_clock(kind):
    event = Event(kind, NOW + timedelta(hours=1), until=NOW + timedelta(hours=2))
    request = Request("r", "ann@example.com", "k", None, Address("b@example.com"), "s", NOW, events=(event,))
    assert is_settled(request) == (not is_open(state_of(request, NOW + timedelta(days=1))))
