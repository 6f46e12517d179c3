"""Coworkers from the settings, from CSV and from TOML, and the sentences for files that are wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailwatch.adapters.directory import load_directory
from mailwatch.domain.people import Address, Directory, User
from mailwatch.errors import DirectoryError


def written(folder: Path, name: str, text: str | bytes) -> Path:
    file = folder / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return file


def test_the_settings_alone_are_a_directory() -> None:
    directory = load_directory(
        domains=["Harbour.example", "@quay.example"],
        addresses=["Freelance@pier.example"],
        exceptions=["noreply@harbour.example", "lists.harbour.example"],
        groups={"sales@harbour.example": ["Ann@harbour.example", "bo@harbour.example"]},
    )
    assert directory.is_coworker("bo@harbour.example")
    assert directory.is_coworker("bo@north.quay.example")
    assert directory.is_coworker("freelance@pier.example")
    assert not directory.is_coworker("noreply@harbour.example")
    assert not directory.is_coworker("x@lists.harbour.example")
    assert not directory.is_coworker("sales@harbour.example")
    assert directory.groups_of(User(Address("ann@harbour.example"))) == {"sales@harbour.example"}


@pytest.mark.parametrize(
    "text",
    [
        "address,name,domain,group\nbo@pier.example,Bo Lind,,crew@pier.example\n,,dock.example,\n",
        "\ufeffAddress;Name;Domain;Group\r\nbo@pier.example;Bo Lind;;crew@pier.example\r\n\r\n;;dock.example;\r\n",
        'name,group,address,domain\n"Lind, Bo",crew@pier.example,BO@pier.example,\n# a comment\n,,,@dock.example\n',
        "address,group,domain\nbo@pier.example,crew@pier.example\nbo@pier.example,,dock.example\n",
    ],
    ids=["plain", "spreadsheet", "other order, quotes and a comment", "short lines"],
)
def test_a_csv_file_adds_people_domains_and_groups(tmp_path: Path, text: str) -> None:
    directory = load_directory(
        domains=["harbour.example"],
        groups={"crew@pier.example": ["ann@harbour.example"]},
        file=written(tmp_path, "coworkers.csv", text),
    )
    assert directory == Directory(
        domains=frozenset({"harbour.example", "dock.example"}),
        addresses=frozenset({"bo@pier.example"}),
        groups={"crew@pier.example": frozenset({"ann@harbour.example", "bo@pier.example"})},
    )


def test_a_person_may_be_in_several_groups(tmp_path: Path) -> None:
    file = written(tmp_path, "c.csv", "address,group\nbo@pier.example,crew@pier.example night@pier.example\n")
    assert set(load_directory(file=file).groups) == {"crew@pier.example", "night@pier.example"}


@pytest.mark.parametrize("head", ["", "[coworkers]\n"])
def test_a_toml_file_has_what_the_settings_have(tmp_path: Path, head: str) -> None:
    table = head.replace("[", "").replace("]\n", ".")
    text = (
        f'{head}domains = ["dock.example"]\naddresses = ["bo@pier.example"]\nexcept = ["robot@dock.example"]\n'
        f'[{table}groups]\n"crew@pier.example" = ["bo@pier.example"]\n'
    )
    directory = load_directory(exceptions=["old@dock.example"], file=written(tmp_path, "coworkers.toml", text))
    assert directory == Directory(
        domains=frozenset({"dock.example"}),
        addresses=frozenset({"bo@pier.example"}),
        exceptions=frozenset({"robot@dock.example", "old@dock.example"}),
        groups={"crew@pier.example": frozenset({"bo@pier.example"})},
    )


@pytest.mark.parametrize(
    ("name", "text", "word"),
    [
        ("c.csv", "", r"c\.csv, line 1: needs a header line .* it has none"),
        ("c.csv", "mail,name\nbo@pier.example,Bo\n", "c.csv, line 1: needs a header line .* it has mail, name"),
        ("c.csv", "address,team\nbo@pier.example,crew\n", "line 1: has no use for the column 'team'"),
        ("c.csv", "address\nbo@pier.example\n\nnobody\n", "c.csv, line 4: 'nobody' is no address"),
        ("c.csv", "address,domain\n,two words\n", "line 2: 'two words' is no domain"),
        ("c.csv", "address,group\nbo@pier.example,crew\n", "line 2: 'crew' is no address"),
        ("c.csv", "address,group\n,crew@pier.example\n", "line 2: names the group .* nobody who is in it"),
        ("c.csv", 'address,name\nbo@pier.example,"Bo"x\n', "line 2: is not CSV"),
        ("c.csv", "address,name\nbo@pier.example," + "x" * 200_000 + "\n", "line 2: is not CSV: field larger"),
        ("c.csv", b"address\nbo@pier.example\nJ\xf6rg@pier.example\n", "c.csv, line 3: is not UTF-8"),
        ("c.toml", "domains = [\nx", "c.toml: is not valid TOML: .*line 2"),
        ("c.toml", 'domain = ["x.example"]', "c.toml: has no use for 'domain'"),
        ("c.toml", 'domains = "x.example"', "needs lists of words"),
        ("c.toml", 'groups = ["x.example"]', "needs lists of words"),
        ("c.toml", 'domains = ["x y"]', "c.toml: 'x y' is no domain"),
    ],
)
def test_a_wrong_file_is_told_with_its_line(tmp_path: Path, name: str, text: str | bytes, word: str) -> None:
    with pytest.raises(DirectoryError, match=word):
        load_directory(file=written(tmp_path, name, text))


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(DirectoryError, match=r"gone\.csv: the directory of coworkers cannot be read: No such file"):
        load_directory(file=tmp_path / "gone.csv")


def test_a_wrong_setting_is_told() -> None:
    with pytest.raises(DirectoryError, match="the settings: 'ann' is no address"):
        load_directory(addresses=["ann"])
