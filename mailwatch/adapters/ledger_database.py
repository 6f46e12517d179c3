"""Opens the ledger's database, keeps its schema current, and says in a sentence what is wrong with it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    column,
    create_engine,
    func,
    inspect,
    make_url,
    select,
    table,
)
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from mailwatch.adapters import ledger_file
from mailwatch.adapters.tables import REVISIONS, SCHEMA_TABLE, metadata
from mailwatch.errors import LedgerError

_VERSION = table(SCHEMA_TABLE, column("version_num"))

# What the driver says, and what the user should do about it.
_ADVICE = (
    ("is locked", "is locked by another program; stop that program or try again"),
    ("not a database", "is not a database; choose another file, or move this one away"),
    ("malformed", "is damaged; move it away and restore a copy, or begin a new one"),
    ("readonly", "cannot be written; give this user write access to the file and its folder"),
    ("unable to open", "cannot be opened; give this user access to the file and its folder"),
    ("disk is full", "cannot grow, for the disk is full; make room"),
    ("disk I/O", "cannot be read or written, for the disk fails; check the disk"),
    ("authentication failed", "refused the name or password; correct the URL of the ledger"),
    ("resolve host", "cannot be reached; check the name of the server in the URL"),
    ("connection", "cannot be reached; check that the server runs and that the URL is right"),
)


class Database:
    """One engine and its transactions, to be shared by threads; a failure comes out as LedgerError."""

    def __init__(self, engine: Engine, name: str, *, in_file: bool) -> None:
        self.name = name
        self._engine = engine
        self._in_file = in_file
        self._writer = engine.execution_options(**ledger_file.TO_WRITE)
        self._kept: Connection | None = None
        self._turn = threading.Lock()

    @classmethod
    def open(cls, url: str) -> Database:
        """Connects, creates or migrates the tables where that is due. Raises LedgerError."""
        try:
            parsed = make_url(url)
            sqlite = parsed.drivername.partition("+")[0] == "sqlite"
            engine = ledger_file.engine_of(parsed) if sqlite else _postgresql(parsed)
        except (ArgumentError, NoSuchModuleError, ValueError) as error:
            raise LedgerError(
                "the ledger's URL cannot be read; write sqlite:////absolute/path or postgresql://host/database"
            ) from error
        except ImportError as error:
            raise LedgerError(
                "the ledger is in PostgreSQL and its driver is missing; install mailwatch[postgres]"
            ) from error
        name = str(parsed.database or "in memory") if sqlite else shown(parsed)
        database = cls(engine, name, in_file=sqlite and ledger_file.is_file(parsed))
        try:
            database._make_current()
        except LedgerError:
            database.close()
            raise
        return database

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that reads."""
        with self._transaction(self._engine) as connection:
            yield connection

    @contextmanager
    def peek(self) -> Iterator[Connection]:
        """For one short query: in a file over a connection that is kept for these, on which threads take turns.

        To take one from the pool and to begin a transaction on it would cost more than the query does.
        """
        if not self._in_file:
            with self.read() as connection:
                yield connection
            return
        with self._turn, self._explained():
            if self._kept is None:
                self._kept = self._engine.execution_options(**ledger_file.NO_TRANSACTION).connect()
            try:
                yield self._kept
            except BaseException:
                self._kept.invalidate()
                self._let_go()
                raise

    def _let_go(self) -> None:
        if self._kept is not None:
            self._kept.close()
            self._kept = None

    @contextmanager
    def write(self, user: str | None = None) -> Iterator[Connection]:
        """A transaction that writes, alone in the file (SQLite) or on what is stored of a user (PostgreSQL)."""
        with self._transaction(self._writer) as connection:
            if user is not None and connection.dialect.name == "postgresql":
                connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(user, 0))))
            yield connection

    def forget_deleted(self) -> None:
        """Writes an SQLite file anew and empties its log: moved pages keep old rows in their gaps.

        PostgreSQL does the like in its own time (autovacuum). Raises LedgerError if others still read the file after
        BUSY_SECONDS: what they read must stay in it as it was.
        """
        if self._engine.dialect.name != "sqlite":
            return
        with self._transaction(self._engine.execution_options(**ledger_file.NO_TRANSACTION)) as connection:
            connection.exec_driver_sql("VACUUM")
            # The answer is a row and no error: whether it was kept from its work, after as long a wait as a writer's.
            if connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar():
                raise LedgerError(f"the ledger {self.name} is being read by another program; stop that program")

    def close(self) -> None:
        """Ends the connections."""
        with self._turn:
            self._let_go()
        self._engine.dispose()

    @contextmanager
    def _transaction(self, engine: Engine) -> Iterator[Connection]:
        with self._explained(), engine.begin() as connection:
            yield connection

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            fault = getattr(error, "orig", None)
            if isinstance(fault, ValueError):
                raise fault from None  # The caller's mistake, such as a naive time, and not the database's.
            raise LedgerError(f"the ledger {self.name} {_advice(error)}") from error

    def _make_current(self) -> None:
        # The usual case is one plain query: alembic takes longer to import than all else takes to run.
        with self.read() as connection:
            known = _version(connection)
        if known == REVISIONS[-1]:
            return
        with self.write() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(SCHEMA_TABLE, 0))))
            known = _version(connection)
            if known is None:
                self._create(connection)
            elif known not in REVISIONS:
                raise LedgerError(
                    f"the ledger {self.name} has schema {known} of a newer mailwatch; "
                    f"this one knows schemas up to {REVISIONS[-1]}: install the newer version again"
                )
            elif known != REVISIONS[-1]:
                migrate(connection)

    def _create(self, connection: Connection) -> None:
        found = set(inspect(connection).get_table_names())
        ours = set(metadata.tables)
        if strangers := found if connection.dialect.name == "sqlite" else found & ours:
            raise LedgerError(
                f"the ledger {self.name} holds tables of another program ({', '.join(sorted(strangers)[:3])}); "
                "choose another file or database"
            )
        # A new ledger skips the history of its schema; a test holds this equal to what the migrations make.
        metadata.create_all(connection)
        connection.exec_driver_sql(f"CREATE TABLE {SCHEMA_TABLE} (version_num VARCHAR(32) PRIMARY KEY)")
        connection.execute(_VERSION.insert().values(version_num=REVISIONS[-1]))


def shown(address: URL | str) -> str:
    """A URL for people, without its passwords, be they before the @ or in the query (password, sslpassword)."""
    url = make_url(address)
    # A password with a bare @ ends at it, and its rest is taken for the server's name.
    if "@" in (url.host or "") or "?" in str(url.password):
        url = url.set(host="***")
    hidden = {key: "***" for key in url.query if "password" in key.lower()}
    # What stands in a query is quoted, the stars among it.
    return url.update_query_dict(hidden).render_as_string(hide_password=True).replace("%2A%2A%2A", "***")


def migrate(connection: Connection) -> None:
    """Brings the tables to the newest schema, inside the connection's transaction."""
    # Heavy: alembic takes 0.6 s to import, and is needed once per new version.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _version(connection: Connection) -> str | None:
    if not connection.dialect.has_table(connection, SCHEMA_TABLE):
        return None
    return connection.execute(select(_VERSION.c.version_num)).scalar()


def _advice(error: SQLAlchemyError) -> str:
    # Only the first line of what the driver said: the others may hold values, which may be words of mails.
    cause = str(error.orig if isinstance(error, DBAPIError) else error).partition("\n")[0]
    for sign, advice in _ADVICE:
        if sign in cause:
            return advice
    return f"failed: {cause}"


def _postgresql(url: URL) -> Engine:
    if url.drivername.partition("+")[0] not in ("postgresql", "postgres"):
        raise ArgumentError(f"no ledger can be kept in {url.drivername}")
    return create_engine(
        url.set(drivername="postgresql+psycopg"),
        hide_parameters=True,
        pool_pre_ping=True,
        max_overflow=30,
        connect_args={"options": "-c timezone=UTC", "connect_timeout": 15},
    )
