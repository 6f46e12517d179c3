"""mailwatch.toml and the environment, checked and turned into frozen values."""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from mailwatch.errors import SettingsError
from mailwatch.settings.tables import (
    Calendar,
    Coworkers,
    Hours,
    MailboxTable,
    Program,
    Reminders,
    Settings,
    Submit,
    Summary,
    TargetsTable,
    UserTable,
)

__all__ = ["PLACES", "TABLES", "Settings", "check", "find", "load", "parse"]

PLACES = ("~/.config/mailwatch/mailwatch.toml", "/etc/mailwatch/mailwatch.toml")
TABLES: tuple[type[BaseModel], ...] = (
    *(Program, Calendar, Hours, Coworkers, TargetsTable, Reminders, Summary),
    *(Submit, UserTable, MailboxTable, Settings),
)


def find(path: str | None, environment: Mapping[str, str] = os.environ) -> Path:
    """The settings file: the one that was named, else MAILWATCH_CONFIG, else the usual places.

    Raises SettingsError if there is none.
    """
    named = path or environment.get("MAILWATCH_CONFIG")
    places = [named] if named else list(PLACES)
    for place in places:
        if (candidate := Path(place).expanduser()).is_file():
            return candidate
    raise SettingsError(
        f"{named}: there is no such settings file; make one with `mailwatch init --config {named}`"
        if named
        else f"no settings file at {' or '.join(PLACES)}; make one with `mailwatch init`, or name one with --config"
    )


def load(path: Path, environment: Mapping[str, str] = os.environ) -> Settings:
    """Reads and checks the settings. Raises SettingsError that names the file, and each wrong key."""
    try:
        words = path.read_text("utf-8")
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{path}: is not UTF-8 text; save it as UTF-8") from None
    return check(parse(words, str(path)), str(path), environment)


def parse(words: str, source: str) -> dict[str, Any]:
    """Settings as TOML tells them, not checked yet. Raises SettingsError."""
    try:
        return tomllib.loads(words)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{source}: is not valid TOML: {error}") from None


def check(raw: dict[str, Any], source: str, environment: Mapping[str, str] = os.environ) -> Settings:
    """Checks settings that are already parsed; `source` is how errors call them. Raises SettingsError."""
    if ledger := environment.get("MAILWATCH_LEDGER"):
        raw = {**raw, "mailwatch": {**raw.get("mailwatch", {}), "ledger": ledger}}
    try:
        return Settings.model_validate(raw)
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False, include_context=False)
        raise SettingsError("\n".join(f"{source}: {_sentence(fault)}" for fault in found)) from None


def _sentence(fault: Mapping[str, Any]) -> str:
    where = "".join(f"[{p + 1}]" if isinstance(p, int) else f".{p}" for p in fault["loc"]).lstrip(".")
    said = str(fault["msg"]).removeprefix("Value error, ")
    if fault["type"] == "extra_forbidden":
        near = difflib.get_close_matches(str(fault["loc"][-1]), _known_keys(), n=1)
        said = f"there is no such key{f'; did you mean {near[0]!r}?' if near else ''}"
    elif fault["type"] == "missing":
        said = "this key is missing"
    return f"{where}: {said}" if where else said


def _known_keys() -> list[str]:
    return [field.alias or name for table in TABLES for name, field in table.model_fields.items()]
