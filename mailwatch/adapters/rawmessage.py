"""One message as it lies on disk: its file opened without a trace, its header, and when it came."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from mailwatch.domain.datefield import read_date

_OPEN_QUIETLY = os.O_RDONLY | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0) | os.O_NONBLOCK
_FIRST_LOOK = 16 << 10
_LONGEST_HEADER = 64 << 10
_END_OF_HEADER = re.compile(rb"\n\r?\n")
_RECEIVED = re.compile(rb"^Received[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)", re.IGNORECASE | re.MULTILINE)
_DATE = re.compile(rb"^Date[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class RawMessage:
    """The beginning of a message as it lies on disk, and when it came by the file's own word, if it has one."""

    data: bytes
    time: datetime | None

    @property
    def header(self) -> bytes:
        """The data up to the first empty line."""
        end = _END_OF_HEADER.search(self.data)
        return self.data[: end.end()] if end else self.data

    @property
    def received_at(self) -> datetime | None:
        """When it came: the moment of the topmost Received field (RFC 5321 4.4), else the file's time.

        That field was written by the user's own server.
        """
        return _moment(_RECEIVED.search(self.header)) or self.time

    @property
    def written_at(self) -> datetime | None:
        """When the user wrote it, if it is their own: no server received it, and a copy of its file is newer."""
        said = _moment(_DATE.search(self.header))
        return min(filter(None, (said, self.received_at)), default=None)


def _moment(field: re.Match[bytes] | None) -> datetime | None:
    return read_date(" ".join(field[1].rpartition(b";")[2].decode("latin-1").split())) if field else None


Read = Callable[[str, int], RawMessage | None]
"""Gives the first bytes of a message, at most so many; None if it is gone. Raises OSError."""


def read_header(read: Read, own_id: str) -> RawMessage | None:
    """A message as far as its header goes, and often a little further; None if it is gone. Raises OSError."""
    raw = read(own_id, _FIRST_LOOK)
    if raw is not None and len(raw.data) >= _FIRST_LOOK and not _END_OF_HEADER.search(raw.data):
        raw = read(own_id, _LONGEST_HEADER)
    return raw


def came_at(read: Read, own_id: str, *, sent: bool) -> datetime | None:
    """When a message came, or was `sent` by the user; None where nothing tells, for it cannot be read or is gone."""
    try:
        raw = read_header(read, own_id)
    except OSError:
        return None
    if raw is None:
        return None
    return raw.written_at if sent else raw.received_at


def open_quietly(path: str | os.PathLike[str]) -> int:
    """Opens a regular file for reading: no symbolic link is followed, no pipe waited for, and the access time stays.

    Raises OSError, FileNotFoundError for everything that is no regular file.
    """
    try:
        # Mail programs tell new mail by an access time that is older than the time of the last change.
        file = os.open(path, _OPEN_QUIETLY | getattr(os, "O_NOATIME", 0))
    except PermissionError:
        file = os.open(path, _OPEN_QUIETLY)  # Only the file's owner may ask for O_NOATIME.
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise FileNotFoundError(path)
    return file
