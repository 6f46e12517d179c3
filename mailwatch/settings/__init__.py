"""mailwatch.toml and the environment, checked and turned into frozen values."""

from __future__ import annotations

import difflib
import json
import os
import re
import shlex
import stat
import tomllib
from collections.abc import Mapping
from datetime import date, time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from pydantic import BaseModel, ValidationError

from mailwatch.errors import SettingsError
from mailwatch.settings.doors import Google, MailboxTable, Microsoft, Secret, Submit
from mailwatch.settings.tables import (
    Calendar,
    Coworkers,
    Hours,
    Program,
    Reminders,
    Settings,
    Summary,
    TargetsTable,
    UserTable,
    WriteBack,
)

__all__ = ["PLACES", "TABLES", "Settings", "check", "find", "load", "parse"]

PLACES = ("~/.config/mailwatch/mailwatch.toml", "/etc/mailwatch/mailwatch.toml")
NAME = "mailwatch.toml"
TABLES: tuple[type[BaseModel], ...] = (
    *(Program, Calendar, Hours, Coworkers, TargetsTable, Reminders, Summary, WriteBack),
    *(Submit, Microsoft, Google, UserTable, MailboxTable, Settings),
)


_TABLES = {"model_type", "dict_type", "mapping_type"}
_SECRETIVE = {"mailbox", "submit", "ledger"}
_NEEDED = {
    **dict.fromkeys(_TABLES, "a table is needed here, not a single value"),
    "missing": "this key is missing",
    "tuple_type": 'a list such as ["…", "…"] is needed',
    "string_type": "text in quotation marks is needed",
    "int_type": "a whole number is needed",
    "int_parsing": "a whole number is needed",
    "int_from_float": "a whole number is needed",
    "bool_type": "true or false is needed",
    "bool_parsing": "true or false is needed",
    "path_type": "a path in quotation marks is needed",
}


def find(path: str | None, environment: Mapping[str, str] = os.environ) -> Path:
    """The settings file: the one that was named, else MAILWATCH_CONFIG, else the usual places.

    Raises SettingsError if there is none.
    """
    named = path or environment.get("MAILWATCH_CONFIG")
    places = [named] if named else list(PLACES)
    for place in places:
        if (candidate := Path(place).expanduser()).is_file():
            return candidate
        if named and candidate.is_dir():
            raise SettingsError(f"{named}: is a folder; name the settings file itself, such as {candidate / NAME}")
    raise SettingsError(
        f"{named}: there is no such settings file; make one with `mailwatch init --config {named}`"
        if named
        else f"no settings file at {' or '.join(PLACES)}; make one with `mailwatch init`, or name one with --config"
    )


def load(path: Path, environment: Mapping[str, str] = os.environ) -> Settings:
    """Reads and checks the settings. Raises SettingsError that names the file, and each wrong key."""
    try:
        with path.open(encoding="utf-8-sig") as opened:  # Some editors begin a file with a byte order mark.
            mode = stat.S_IMODE(os.fstat(opened.fileno()).st_mode)
            words = opened.read()
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{path}: is not UTF-8 text; save it as UTF-8") from None
    raw = parse(words, str(path))
    settings = check(raw, str(path), environment)
    # As with a password_file: what others can read is no secret, even where MAILWATCH_LEDGER goes before it.
    if mode & 0o077 and (key := _with_password(settings, raw.get("mailwatch", {}).get("ledger"))):
        raise SettingsError(
            f"{path}: {key} stands in a file that others can read (mode {mode:03o}); "
            f"close it with: chmod 600 {shlex.quote(str(path))}"
        )
    return settings


def _with_password(settings: Settings, ledger: object) -> str:
    """The first key in which a password stands; empty if there is none."""
    if isinstance(ledger, str) and _holds_password(ledger):
        return "the password in mailwatch.ledger"
    tables: dict[str, Secret] = {"submit": settings.submit, "microsoft": settings.microsoft}
    tables |= {f"users[{number}].mailbox": user.mailbox for number, user in enumerate(settings.users, 1)}
    return next((f"{name}.password" for name, table in tables.items() if table.password is not None), "")


def _holds_password(url: str) -> bool:
    """Whether a URL has a password, before the @ (and up to that, as SQLAlchemy reads it) or in its query."""
    query = parse_qsl(url.partition("?")[2])
    return bool(re.match(r"[^:]*://[^:/]*:[^@]+@", url)) or any("password" in key.lower() for key, _ in query)


def parse(words: str, source: str) -> dict[str, Any]:
    """Settings as TOML tells them, not checked yet. Raises SettingsError."""
    try:
        return tomllib.loads(words)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{source}: is not valid TOML: {error}") from None


_LEDGER = ("mailwatch", "ledger")


def check(raw: dict[str, Any], source: str, environment: Mapping[str, str] = os.environ) -> Settings:
    """Checks settings that are already parsed; `source` is how errors call them. Raises SettingsError."""
    program = raw.get("mailwatch", {})
    if (ledger := environment.get("MAILWATCH_LEDGER")) and isinstance(program, dict):
        raw = {**raw, "mailwatch": {**program, "ledger": ledger}}
    try:
        return Settings.model_validate(raw)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False)
        told = [
            f"{'MAILWATCH_LEDGER' if ledger and fault['loc'] == _LEDGER else source}: {_sentence(fault)}"
            for fault in found
        ]
        raise SettingsError("\n".join(told)) from None


def _sentence(fault: Mapping[str, Any]) -> str:
    loc = [part for part in fault["loc"] if part != "[key]"]  # By this pydantic says that the name itself is wrong.
    where = "".join(f"[{p + 1}]" if isinstance(p, int) else f".{p}" for p in loc).lstrip(".")
    kind = fault["type"]
    if where == "users":
        return "users: a table for each user is needed, headed [[users]] with two brackets"
    if kind == "extra_forbidden":
        name, known = str(fault["loc"][-1]), _known_keys()
        if name in known:
            return f"{where}: this key belongs in another table"
        near = difflib.get_close_matches(name, known, n=1)
        return f"{where}: there is no such key{f'; did you mean {near[0]!r}?' if near else ''}"
    said = _NEEDED.get(kind, str(fault["msg"]).removeprefix("Value error, ").replace("Input should be", "it must be"))
    return f"{where}{_value(fault)}: {said}" if where else said


def _value(fault: Mapping[str, Any]) -> str:
    """The value that is wrong, if it is a plain one from a table where no password can have been put by mistake."""
    value = fault["input"]
    if fault["type"] in _TABLES or _SECRETIVE & set(fault["loc"]):
        return ""
    if isinstance(value, date | time):
        return f" = {value.isoformat()}"
    if not isinstance(value, str | int | float):
        return ""
    return f" = {json.dumps(value, ensure_ascii=False)[:100]}"


def _known_keys() -> list[str]:
    return [field.alias or name for table in TABLES for name, field in table.model_fields.items()]
