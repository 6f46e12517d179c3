"""The file in which tokens outlive the program: closed to others, replaced as a whole, one writer at a time."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shlex
import stat
from collections.abc import Iterator
from pathlib import Path

from mailwatch.errors import SettingsError

_LARGEST = 4 << 20


def read_closed(path: Path, holds: str, key: str) -> bytes | None:
    """What is in a file that the settings name under `key`; None if it is not there.

    Raises SettingsError if others can read what it `holds`, or if we cannot.
    """
    try:
        with path.open("rb") as opened:
            mode = stat.S_IMODE(os.fstat(opened.fileno()).st_mode)
            if mode & 0o077:
                raise SettingsError(
                    f"{path} holds {holds} and can be read by others (mode {mode:03o}); close it with: "
                    f"chmod 600 {shlex.quote(str(path))}"
                )
            return opened.read(_LARGEST)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror or error}. Check {key}.") from None


class TokenFile:
    """A file of mode 0600. Beside it stand `.lock`, which is always empty, and `.new` while it is replaced."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Keeps other threads and processes out, so that none writes over what another has just got."""
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.open(f"{self._path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise self._cannot("kept", error) from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def read(self) -> str:
        """What is in the file, or nothing if there is none yet. Raises SettingsError if others can read it."""
        try:
            return (read_closed(self._path, "tokens", "token_cache") or b"").decode("utf-8")
        except UnicodeDecodeError:
            raise self.broken() from None

    def write(self, words: str) -> None:
        """Replaces the file. Whoever reads it meanwhile, or after a crash, finds the old whole or the new whole."""
        new = f"{self._path}.new"
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW
        try:
            descriptor = os.open(new, flags, 0o600)
            with os.fdopen(descriptor, "wb") as opened:
                # One that a crash has left behind may have been made with other rights.
                os.fchmod(opened.fileno(), 0o600)
                opened.write(words.encode("utf-8"))
                opened.flush()
                os.fsync(opened.fileno())
            os.replace(new, self._path)
            folder = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            raise self._cannot("written", error) from None

    def broken(self) -> SettingsError:
        """The error for a file that holds something else than tokens."""
        return SettingsError(f"{self._path} is no file of tokens; delete it and sign in again with: mailwatch login")

    def _cannot(self, done: str, error: OSError) -> SettingsError:
        return SettingsError(f"{self._path} cannot be {done}: {error.strerror or error}. Check token_cache.")
