"""Where a password comes from: a file, a command, a systemd credential, the environment, or the settings."""

from __future__ import annotations

import os
import shlex
import stat
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

from mailwatch.errors import SettingsError

_LARGEST = 65536
_COMMAND_SECONDS = 30.0


class Secret(str):
    """A word that shows itself as *** wherever a program shows values; `str` itself is the word."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'"


def secret_source(
    where: str,
    *,
    password: str | None = None,
    password_file: Path | None = None,
    password_command: str | None = None,
    password_env: str | None = None,
    password_credential: str | None = None,
    environment: Mapping[str, str] = os.environ,
    seconds: float = _COMMAND_SECONDS,
) -> Callable[[], str]:
    """A function that fetches the password anew each time, so that a changed one is used without a restart.

    `where` is the table of the settings, for errors. A file must be closed to everyone but its owner. A command is
    run without a shell and has `seconds` to print the password. A credential is a file of that name in
    $CREDENTIALS_DIRECTORY (systemd's LoadCredential). One line end is taken off. The function raises
    SettingsError; this one does so if not exactly one source is given.
    """
    command = f"{where}.password_command"
    sources: dict[str, Callable[[], str] | None] = {
        "password": (lambda: password) if password is not None else None,
        "password_file": (lambda: _from_file(password_file, where)) if password_file is not None else None,
        "password_command": (lambda: from_command(command, password_command, seconds)) if password_command else None,
        "password_env": (lambda: _from_environment(password_env, where, environment)) if password_env else None,
        "password_credential": (
            (lambda: _from_credential(password_credential, where, environment)) if password_credential else None
        ),
    }
    given = {key: source for key, source in sources.items() if source is not None}
    if len(given) != 1:
        raise SettingsError(f"{where}: needs exactly one of {', '.join(sources)}; it has {len(given)} of them.")
    key, fetch = next(iter(given.items()))

    def fetch_secret() -> str:
        word = fetch()
        if not word:
            raise SettingsError(f"{where}.{key}: the password is empty.")
        return Secret(word)

    return fetch_secret


def _from_file(file: Path, where: str) -> str:
    key = f"{where}.password_file"
    try:
        with file.open("rb") as opened:
            # The open file is asked, and not the path, so that nobody can put another one in between.
            mode = stat.S_IMODE(os.fstat(opened.fileno()).st_mode)
            if mode & 0o077:
                raise SettingsError(
                    f"{key}: {file} can be read by others (mode {mode:03o}); "
                    f"close it with: chmod 600 {shlex.quote(str(file))}"
                )
            data = opened.read(_LARGEST)
    except OSError as error:
        raise SettingsError(f"{key}: {file} cannot be read: {error.strerror}.") from None
    return _word(data, key)


def from_command(key: str, command: str, seconds: float = _COMMAND_SECONDS) -> str:
    """What a command prints, run without a shell; `key` is the one of the settings. Raises SettingsError."""
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise SettingsError(f"{key}: is no command: {error}.") from None
    if not words:
        raise SettingsError(f"{key}: is empty.")
    try:
        # What it says on standard error may be the password itself, so it goes nowhere.
        done = subprocess.run(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise SettingsError(f"{key}: {words[0]} printed nothing within {seconds:g} seconds.") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise SettingsError(f"{key}: {words[0]} cannot be run: {reason}.") from None
    if done.returncode != 0:
        raise SettingsError(
            f"{key}: {words[0]} failed with exit code {done.returncode}; run the command by hand to see why."
        )
    return _word(done.stdout[:_LARGEST], key)


def _from_environment(name: str, where: str, environment: Mapping[str, str]) -> str:
    if name not in environment:
        raise SettingsError(f"{where}.password_env: the environment has no variable {name}.")
    return environment[name]


def _from_credential(name: str, where: str, environment: Mapping[str, str]) -> str:
    key = f"{where}.password_credential"
    folder = environment.get("CREDENTIALS_DIRECTORY")
    if not folder:
        raise SettingsError(
            f"{key}: there is no $CREDENTIALS_DIRECTORY; systemd sets it for a unit with LoadCredential={name}:FILE."
        )
    if "/" in name or name in (".", ".."):
        raise SettingsError(f"{key}: {name!r} is no name of a credential; it must not hold a slash.")
    try:
        with (Path(folder) / name).open("rb") as opened:
            return _word(opened.read(_LARGEST), key)
    except OSError as error:
        raise SettingsError(
            f"{key}: the credential {name} cannot be read: {error.strerror}; "
            f"add LoadCredential={name}:FILE to the unit."
        ) from None


def _word(data: bytes, key: str) -> str:
    try:
        return data.decode("utf-8").removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        raise SettingsError(f"{key}: what was read is not UTF-8 text.") from None
