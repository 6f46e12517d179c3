"""One mbox file (RFC 4155), read by byte offsets and never as a whole; its `>From ` quotes are taken off (mboxrd)."""

from __future__ import annotations

import json
import os
import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path

from mailwatch.adapters.rawmessage import RawMessage, came_at, open_quietly
from mailwatch.domain.datefield import read_date
from mailwatch.errors import CannotCalculateChanges, Unreachable
from mailwatch.ports import Changes, SyncState

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_CHUNK = 1 << 20
_OVERLAP = 2048
_MARK = 512  # bytes at the end of what was read, by which it is known again
# A line that begins with `From ` is taken for the start of a message if a blank line (or nothing) is before it, and
# if it ends in a date, or holds one word and a header field follows: people begin sentences with this word, too.
_START = re.compile(rb"\n\r?\nFrom ([^\n]{0,500})(?=\n([^\n]{0,100}))")
_ENDS_IN_DATE = re.compile(
    rb"[A-Z][a-z]{2} +[A-Z][a-z]{2} +\d{1,2} +[0-2]?\d:[0-5]\d(?::[0-6]\d)?(?: +\S{1,6}){0,2} +(?:19|20)\d\d"
    rb"(?: +[+-]\d{4})?\s*$"
)
_FIELD = re.compile(rb"[!-9;-~]{1,60}:")
_WHEN = re.compile(
    r"([A-Z][a-z]{2}) +([A-Z][a-z]{2}) +(\d{1,2}) +(\d{1,2}:\d\d(?::\d\d)?)(?: +([+-]\d{4}|[A-Z]{1,5}))?"
    r" +(\d{4})(?: +([+-]\d{4}))?\s*$"
)
_QUOTED_START = re.compile(rb"(?m)^>(?=>*From )")


@dataclass(frozen=True, slots=True)
class _Progress:
    """A round goes through the messages between `floor` and `size` from the end; those from `below` on are done."""

    floor: int = 0
    below: int = 0
    size: int = 0
    mark: str = ""


class MboxFile:
    """The messages of one mbox file; a message's id is the offset of its `From ` line.

    The sync state is how far the file was read, and a mark by which that part is known again: a file that only
    grew goes on there, any other is read anew (CannotCalculateChanges). `sent` says that it is the user's own mail.
    """

    def __init__(self, path: Path, *, sent: bool = False) -> None:
        self._path, self._sent = path, sent
        self._scanned = (0, 0)
        self._starts: list[tuple[int, datetime | None]] = []
        self._came: dict[int, datetime | None] = {}

    def changes(self, since: SyncState | None, oldest: datetime, batch: int) -> Changes:
        """What came since a sync state, last in the file first; see ports.MailProvider."""
        state = _read_state(since) if since is not None else _Progress()
        file = self._open()
        try:
            size = os.fstat(file).st_size
            if size < state.size or _mark(file, state.size) != state.mark:
                raise CannotCalculateChanges(f"{self._path} did not only grow since it was last read.")
            if state.below <= state.floor:
                # The last round is done: the next one begins where it ended.
                if size == state.size and since is not None:
                    return Changes((), since)
                state = _Progress(floor=state.size, below=size, size=size, mark=_mark(file, size))
            starts = self._scan(file, state.floor, state.size)
        finally:
            os.close(file)
        by_its_word = not state.floor and oldest > _BEGINNING
        wanted = [
            str(start)
            for start, when in reversed(starts)
            if state.floor <= start < state.below and self._is_recent(start, when, oldest, by_its_word)
        ]
        now, later = wanted[:batch], wanted[batch:]
        state = replace(state, below=int(now[-1]) if later else state.floor)
        return Changes(tuple(now), json.dumps({"v": 1, **asdict(state)}), bool(later), len(later))

    def read(self, provider_id: str, limit: int) -> RawMessage | None:
        """The first `limit` bytes of a message, and the time of its `From ` line; None if it is gone."""
        if not (provider_id.isascii() and provider_id.isdigit()):
            return None
        try:
            file = open_quietly(self._path)
        except FileNotFoundError:
            return None
        start = int(provider_id[:18])
        end = self._end_of(start)
        try:
            data = os.pread(file, min(limit + _OVERLAP, end - start) if end else limit + _OVERLAP, start)
        finally:
            os.close(file)
        first = data.find(b"\n") + 1
        if not data.startswith(b"From ") or not first:
            return None
        if end is None:
            for following in _START.finditer(data, first - 1):
                if _is_start(following):
                    data = data[: following.start() + 1]
                    break
        body = data[first : first + limit]
        return RawMessage(_QUOTED_START.sub(b"", body) if b">From " in body else body, _time_of(data[: first - 1]))

    def newest(self, count: int) -> list[str]:
        """The ids of the messages that stand last, last first."""
        file = self._open()
        try:
            starts = self._scan(file, 0, os.fstat(file).st_size)
        finally:
            os.close(file)
        return [str(start) for start, _ in reversed(starts[-count:])]

    def _end_of(self, start: int) -> int | None:
        """Where the message ends that starts at an offset, as far as the last scan knows."""
        at = bisect_left(self._starts, start, key=lambda known: known[0])
        if at == len(self._starts) or self._starts[at][0] != start:
            return None
        return self._starts[at + 1][0] if at + 1 < len(self._starts) else self._scanned[1]

    def _is_recent(self, start: int, when: datetime | None, oldest: datetime, by_its_word: bool) -> bool:
        if when is not None and when < oldest:
            return False
        if not by_its_word:
            return True
        # The first round asks the message itself, since a copied archive has new `From ` lines.
        if start not in self._came:
            self._came[start] = came_at(self.read, str(start), sent=self._sent)
        came = self._came[start]
        return came is None or came >= oldest

    def _scan(self, file: int, begin: int, end: int) -> list[tuple[int, datetime | None]]:
        if self._scanned != (begin, end):
            self._starts, self._scanned = list(_scan(file, begin, end)), (begin, end)
            self._came.clear()
        return self._starts

    def _open(self) -> int:
        try:
            return open_quietly(self._path)
        except OSError as error:
            raise Unreachable(f"{self._path} cannot be read: {error.strerror or 'it is no file'}.") from None


def why_no_mbox(path: Path) -> str:
    """Why a file that was named cannot be read as an mbox; empty if it can. One without a byte holds no messages."""
    if path.is_symlink():
        return f"is a symbolic link, which is not followed; name the file itself: {path.resolve()}"
    try:
        file = open_quietly(path)
    except OSError as error:
        return f"cannot be read: {error.strerror or 'it is no file'}."
    try:
        empty = not os.fstat(file).st_size
    finally:
        os.close(file)
    return "" if empty or is_mbox(path) else 'is no mbox file: it does not begin with "From ".'


def is_mbox(path: Path) -> bool:
    """Whether a file that can be read begins as an mbox does."""
    try:
        file = open_quietly(path)
    except OSError:
        return False
    try:
        return os.pread(file, 5, 0) == b"From "
    finally:
        os.close(file)


def _scan(file: int, begin: int, end: int) -> Iterator[tuple[int, datetime | None]]:
    """(offset, time) of every `From ` line between two offsets."""
    position = max(begin - _OVERLAP, 0)
    data, base, last = (b"", position, begin - 1) if position else (b"\n\n", -2, begin - 1)
    while True:
        chunk = os.pread(file, min(_CHUNK, end - position), position)
        position += len(chunk)
        data += chunk
        for found in _START.finditer(data):
            start = base + data.index(b"From ", found.start())
            # The line after it must be there whole, or the next chunk brings it.
            if start > last and (found.end(2) < len(data) or not chunk) and _is_start(found):
                last = start
                yield start, _time_of(b"From " + found[1])
        if not chunk:
            return
        base += max(len(data) - _OVERLAP, 0)
        data = data[-_OVERLAP:]


def _is_start(found: re.Match[bytes]) -> bool:
    line = found[1]
    if _ENDS_IN_DATE.search(line[-60:]):
        return True
    return len(line.split()) == 1 and _FIELD.match(found[2]) is not None


def _time_of(line: bytes) -> datetime | None:
    found = _WHEN.search(line[-80:].decode("latin-1").rstrip())
    if found is None:
        return None
    weekday, month, day, clock, zone, year, late_zone = found.groups()
    return read_date(f"{weekday}, {day} {month} {year} {clock} {late_zone or zone or '+0000'}")


def _mark(file: int, end: int) -> str:
    start = max(end - _MARK, 0)
    return blake2b(os.pread(file, end - start, start), digest_size=8).hexdigest() if end else ""


def _read_state(text: SyncState) -> _Progress:
    try:
        state = json.loads(text)
        if state.pop("v") == 1 and all(type(state[key]) is int for key in ("floor", "below", "size")):
            return _Progress(**state)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        pass
    raise CannotCalculateChanges("The sync state is not one of an mbox file.")
