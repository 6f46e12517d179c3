"""Where passwords come from, what is refused, and that none of them is ever shown."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from mailwatch.adapters.secrets import Secret, secret_source
from mailwatch.errors import SettingsError

WORD = "Ship-in-a-bottle 7"


def closed_file(folder: Path, content: bytes, mode: int = 0o600) -> Path:
    file = folder / "ann's secret"
    file.touch(mode=0o600)
    file.write_bytes(content)
    file.chmod(mode)
    return file


def python(program: str) -> str:
    return f"{sys.executable} -c '{program}'"


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"pw", "pw"),
        (b"pw\n", "pw"),
        (b"pw\r\n", "pw"),
        (b"pw\n\n", "pw\n"),
        (b" pw \n", " pw "),
        ("Grüße\n".encode(), "Grüße"),
    ],
)
def test_one_line_end_is_taken_off_and_nothing_else(tmp_path: Path, content: bytes, word: str) -> None:
    assert secret_source("submit", password_file=closed_file(tmp_path, content))() == word


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_closed_file_is_read(tmp_path: Path, mode: int) -> None:
    assert secret_source("submit", password_file=closed_file(tmp_path, WORD.encode(), mode))() == WORD


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o610, 0o644, 0o666])
def test_a_file_that_others_can_reach_is_refused_with_the_command_that_closes_it(tmp_path: Path, mode: int) -> None:
    file = closed_file(tmp_path, WORD.encode(), mode)
    with pytest.raises(SettingsError, match=r"submit\.password_file: .*close it with: chmod 600 '") as told:
        secret_source("submit", password_file=file)()
    assert WORD not in str(told.value)


def test_a_changed_password_is_used_without_a_restart(tmp_path: Path) -> None:
    file = closed_file(tmp_path, b"old")
    fetch = secret_source("submit", password_file=file)
    assert fetch() == "old"
    file.write_bytes(b"new")
    assert fetch() == "new"


def test_a_command_is_run_without_a_shell() -> None:
    fetch = secret_source(
        "submit", password_command=python('import sys; print("|".join(sys.argv[1:]))') + " '$HOME' ';' x"
    )
    assert fetch() == "$HOME|;|x"


@pytest.mark.parametrize(
    ("command", "word"),
    [
        (python('import sys; print("Ship-in-a-bottle 7"); sys.exit(3)'), "failed with exit code 3"),
        (python("import time; time.sleep(60)"), "printed nothing within 0.2 seconds"),
        (python("pass"), "the password is empty"),
        (python(r'import os; os.write(1, b"\xff\xfe")'), "not UTF-8"),
        ("/nowhere/pass-the-salt", "cannot be run: No such file"),
        ("pass 'unclosed", "is no command: No closing quotation"),
        ("   ", "is empty"),
    ],
)
def test_a_command_that_fails_says_how(command: str, word: str) -> None:
    seconds = 0.2 if "sleep" in command else 30.0
    with pytest.raises(SettingsError, match=word) as told:
        secret_source("users.mailbox", password_command=command, seconds=seconds)()
    assert str(told.value).startswith("users.mailbox.password_command: ")
    assert WORD not in str(told.value)


def test_the_environment_is_read_when_the_password_is_needed() -> None:
    environment: dict[str, str] = {}
    fetch = secret_source("submit", password_env="MAIL_PASSWORD", environment=environment)
    with pytest.raises(SettingsError, match=r"submit\.password_env: the environment has no variable MAIL_PASSWORD"):
        fetch()
    environment["MAIL_PASSWORD"] = WORD
    assert fetch() == WORD


def test_a_systemd_credential_is_read_from_its_directory(tmp_path: Path) -> None:
    (tmp_path / "ann").write_bytes(b"pw\n")
    environment = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    assert secret_source("submit", password_credential="ann", environment=environment)() == "pw"


@pytest.mark.parametrize(
    ("name", "directory", "word"),
    [
        ("ann", False, "no \\$CREDENTIALS_DIRECTORY"),
        ("bob", True, "add LoadCredential=bob:FILE"),
        ("../ann", True, "must not hold a slash"),
        ("..", True, "must not hold a slash"),
    ],
)
def test_a_credential_that_is_not_there_says_what_to_add(
    tmp_path: Path, name: str, directory: bool, word: str
) -> None:
    environment = {"CREDENTIALS_DIRECTORY": str(tmp_path)} if directory else {}
    with pytest.raises(SettingsError, match=word):
        secret_source("submit", password_credential=name, environment=environment)()


@pytest.mark.parametrize("count", [0, 2])
def test_exactly_one_source_is_needed(count: int) -> None:
    given = {"password": WORD, "password_env": "X"} if count else {}
    with pytest.raises(SettingsError, match=f"exactly one of password, .*it has {count}") as told:
        secret_source("submit", **given)
    assert WORD not in str(told.value)


def test_a_missing_file_is_told_when_it_is_needed(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="gone cannot be read: No such file"):
        secret_source("submit", password_file=tmp_path / "gone")()


def test_a_secret_does_not_show_itself() -> None:
    word = secret_source("submit", password=WORD)()
    assert word == WORD
    assert isinstance(word, Secret)
    assert WORD not in f"{word!r} {[word]} { ({'password': word}) }"
