"""What goes into a column of the ledger: aware times kept in UTC, and words without what a database cannot hold."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import DateTime, Dialect, Text, TypeDecorator
from sqlalchemy.types import TypeEngine

from mailwatch.domain.workcalendar import in_utc

# SQLite's driver raises on lone surrogates, PostgreSQL's text on NUL.
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def storable(words: str) -> str:
    """Words without what a database cannot hold: lone surrogates and NUL."""
    return _UNSTORABLE.sub("", words)


def _storable_or_null(words: str | None) -> str | None:
    if words is None or (words.isascii() and "\0" not in words):
        return words
    return _UNSTORABLE.sub("", words)


class UtcTime(TypeDecorator[datetime]):
    """An aware time: timestamptz on PostgreSQL, UTC text on SQLite, UTC when it comes back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """UTC; without the zone for SQLite, which has none."""
        if value is None:
            return None
        moment = in_utc(value)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Words(TypeDecorator[str]):
    """Text that may come from a stranger: what a database cannot hold is taken out on the way in."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """The words without lone surrogates and NUL."""
        return _storable_or_null(value)

    def bind_processor(self, dialect: Dialect) -> Callable[[str | None], str | None]:
        """The same without the detour that SQLAlchemy takes for any type: a batch has 50,000 words."""
        return _storable_or_null


class Id(Words):
    """Text that is searched by prefix, as a range; on PostgreSQL that holds in the "C" order only."""

    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[str]:
        """Text in the order of code points."""
        return dialect.type_descriptor(Text(collation="C" if dialect.name == "postgresql" else None))
