"""Takes words of mails out of the ledger that were kept before the settings turned evidence off."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, Table, and_, or_, select, update

from mailwatch.adapters.rows import from_json, reading_json, reading_of, to_json
from mailwatch.adapters.tables import commands, messages, promises, requests
from mailwatch.domain.reading import without_words

_COLUMNS = ((requests, "facts"), (promises, "facts"), (messages, "reading"))


def forget_words(connection: Connection, user: str) -> int:
    """Leaves of what is stored on a user no sentence of a mail, only what it showed; in how many rows that was."""
    said = update(commands).where(commands.c.user_address == user, commands.c.words.is_not(None))
    count = connection.execute(said.values(words=None)).rowcount
    for table, name in _COLUMNS:
        count += _forget(connection, table, name, user, _silent_reading if name == "reading" else _silent_facts)
    return count


def _forget(connection: Connection, table: Table, name: str, user: str, silent: Callable[[str], str | None]) -> int:
    mine, column = table.c.user_address == user, table.c[name]
    own = [key for key in table.primary_key.columns if key.name != "user_address"]
    # What has no evidence and no deadline is passed over without opening its JSON.
    suspect = or_(column.like('%"]%'), column.like('%"evidence"%'), column.like('%"words"%'))
    count = 0
    for row in connection.execute(select(*own, column).where(mine, suspect)).all():
        *ids, text = row
        if (left := silent(text)) != text:
            this = and_(mine, *(key == id for key, id in zip(own, ids, strict=True)))
            count += connection.execute(update(table).where(this).values({name: left})).rowcount
    return count


def _silent_reading(text: str) -> str | None:
    return reading_json(without_words(reading_of(text)))


def _silent_facts(text: str) -> str:
    facts = from_json(text)
    facts.pop("evidence", None)
    if deadline := facts.get("deadline"):
        facts["deadline"] = deadline | {"words": ""}
    return to_json(facts)
