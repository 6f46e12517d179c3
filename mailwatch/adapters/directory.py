"""The coworkers: those that the settings name, and those of a CSV or TOML file, as one Directory."""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mailwatch.domain.people import Directory, normal_address, normal_domain
from mailwatch.errors import DirectoryError

_ADDRESS = re.compile(r"[^\s@<>,;\"]{1,256}@[^\s@<>,;\"]{1,255}")
_DOMAIN = re.compile(r"[\w-]{1,63}(\.[\w-]{1,63}){0,20}")
_COLUMNS = ("address", "name", "domain", "group")
_LARGEST = 64 << 20


@dataclass(slots=True)
class _Found:
    """What was read so far."""

    domains: set[str] = field(default_factory=set)
    addresses: set[str] = field(default_factory=set)
    exceptions: set[str] = field(default_factory=set)
    groups: dict[str, set[str]] = field(default_factory=dict)


def load_directory(
    *,
    domains: Iterable[str] = (),
    addresses: Iterable[str] = (),
    exceptions: Iterable[str] = (),
    groups: Mapping[str, Iterable[str]] | None = None,
    file: Path | None = None,
) -> Directory:
    """The coworkers that the settings and their file name now. Raises DirectoryError, which names file and line.

    A CSV file has a header line and any of the columns `address`, `name`, `domain` and `group`; a line names a
    person (address), a whole domain, or a group's member (address and group). Several groups are separated by
    spaces; the name is for people who read the file. A TOML file has what [coworkers] has: `domains`,
    `addresses`, `except` and `[groups]`. Everything adds up.
    """
    found = _Found()
    _take(found, "the settings", domains, addresses, exceptions, groups or {})
    if file is not None:
        text = _read(file)
        if file.suffix.lower() == ".toml":
            _take_toml(found, file, text)
        else:
            _take_csv(found, file, text)
    return Directory(
        domains=frozenset(found.domains),
        addresses=frozenset(found.addresses - set(found.groups)),
        exceptions=frozenset(found.exceptions),
        groups={group: frozenset(members) for group, members in found.groups.items()},
    )


def _read(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            data = opened.read(_LARGEST + 1)
    except OSError as error:
        raise DirectoryError(f"{file}: the directory of coworkers cannot be read: {error.strerror}.") from None
    if len(data) > _LARGEST:
        raise DirectoryError(f"{file}: is larger than {_LARGEST >> 20} MB; that is no directory of coworkers.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DirectoryError(f"{file}, line {line}: is not UTF-8 text; save the file as UTF-8.") from None


def _take(
    found: _Found,
    where: str,
    domains: Iterable[str],
    addresses: Iterable[str],
    exceptions: Iterable[str],
    groups: Mapping[str, Iterable[str]],
) -> None:
    found.domains.update(_domain(one, where) for one in domains)
    found.addresses.update(_address(one, where) for one in addresses)
    found.exceptions.update(
        _address(one, where) if "@" in one.strip()[1:] else _domain(one, where) for one in exceptions
    )
    for group, members in groups.items():
        found.groups.setdefault(_address(group, where), set()).update(_address(one, where) for one in members)


def _take_toml(found: _Found, file: Path, text: str) -> None:
    try:
        table: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DirectoryError(f"{file}: is not valid TOML: {error}.") from None
    table = table.get("coworkers", table)
    unknown = sorted(set(table) - {"domains", "addresses", "except", "groups"})
    if unknown:
        raise DirectoryError(
            f"{file}: has no use for {unknown[0]!r}; it may hold domains, addresses, except, groups."
        )
    groups = table.get("groups", {})
    domains, addresses, exceptions = (table.get(key, []) for key in ("domains", "addresses", "except"))
    if not isinstance(groups, dict) or not all(
        _is_list_of_words(one) for one in (domains, addresses, exceptions, *groups.values())
    ):
        raise DirectoryError(f'{file}: needs lists of words such as domains = ["example.com"].')
    _take(found, str(file), domains, addresses, exceptions, groups)


def _is_list_of_words(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _take_csv(found: _Found, file: Path, text: str) -> None:
    lines = iter(_rows(file, text))
    _, header = next(lines, (1, []))
    columns = [column.strip().lower() for column in header]
    if not {"address", "domain"} & set(columns):
        raise DirectoryError(
            f"{file}, line 1: needs a header line with at least one of the columns address and domain; "
            f"it has {', '.join(filter(None, columns)) or 'none'}."
        )
    wrong = [column for column in columns if column and column not in _COLUMNS]
    if wrong:
        raise DirectoryError(
            f"{file}, line 1: has no use for the column {wrong[0]!r}; known are {', '.join(_COLUMNS)}."
        )
    for line, row in lines:
        where = f"{file}, line {line}"
        cells = dict(zip(columns, (cell.strip() for cell in row), strict=False))
        address, domain = cells.get("address", ""), cells.get("domain", "")
        groups = cells.get("group", "").split()
        if domain:
            found.domains.add(_domain(domain, where))
        if address:
            found.addresses.add(_address(address, where))
        for group in groups:
            if not address:
                raise DirectoryError(f"{where}: names the group {group!r} and nobody who is in it.")
            found.groups.setdefault(_address(group, where), set()).add(_address(address, where))


def _rows(file: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    """(number of the line, cells) of every line that is neither empty nor a comment (#)."""
    first = text.partition("\n")[0]
    reader = csv.reader(text.splitlines(), delimiter=";" if first.count(";") > first.count(",") else ",", strict=True)
    try:
        for row in reader:
            if any(cell.strip() for cell in row) and not row[0].lstrip().startswith("#"):
                yield reader.line_num, row
    except csv.Error as error:
        raise DirectoryError(f"{file}, line {reader.line_num}: is not CSV: {error}.") from None


def _address(word: str, where: str) -> str:
    plain = normal_address(word)
    if not _ADDRESS.fullmatch(plain):
        raise DirectoryError(f"{where}: {word[:80]!r} is no address; one looks like ann@example.com.")
    return plain


def _domain(word: str, where: str) -> str:
    plain = normal_domain(word.strip().removeprefix("@").rstrip("."))
    if not _DOMAIN.fullmatch(plain):
        raise DirectoryError(f"{where}: {word[:80]!r} is no domain; one looks like example.com.")
    return plain
