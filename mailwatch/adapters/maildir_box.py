"""One Maildir on disk, read without a trace: no file is renamed, no time of a file is touched."""

from __future__ import annotations

import json
import os
import time
from base64 import b64decode, b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any

from mailwatch.adapters.rawmessage import RawMessage, came_at, open_quietly
from mailwatch.errors import CannotCalculateChanges, Unreachable
from mailwatch.ports import Changes, SyncState

_DIGEST = 6  # bytes; of a million messages, a new one is taken for a known one once in 280 million times
_DAY_NS = 86_400 * 1_000_000_000
_TICK_NS = 2_000_000_000  # file systems that stamp only every other second are the coarsest in use
_PARTS = ("new", "cur")  # in this order, a message that moves meanwhile is seen twice rather than not at all


class MaildirBox:
    """The messages of one Maildir (cur and new); a message's id is its unique name, without flags.

    The sync state holds a short digest of each name that was handed out, or that the first round found too old.
    Names that left the mailbox drop out of it, and so do those older than the look-back, so it stays small; such old
    mail is not handed out any more. `sent` says that it is the user's own mail.
    """

    def __init__(self, path: Path, *, sent: bool = False) -> None:
        self._path, self._sent = path, sent
        self._files: dict[str, str] = {}
        self._pending: tuple[SyncState, list[str]] | None = None
        self._missed: list[int] | None = None
        self._seen: tuple[SyncState, list[int] | None] | None = None

    def changes(self, since: SyncState | None, oldest: datetime, batch: int) -> Changes:
        """What came since a sync state, newest first; see ports.MailProvider.

        The first round goes by when each message came by its own word, since a copied archive has new files; what
        comes later is new whatever it says.
        """
        if self._pending and since == self._pending[0]:
            return self._hand_out(json.loads(since), self._pending[1], batch)
        folders, inode = self._folders()
        if since is None:
            known: set[bytes] = set()
            horizon = _nanoseconds(oldest)
        else:
            state = _read_state(since)
            if state["inode"] != inode:
                raise CannotCalculateChanges(f"{self._path} is not the mailbox that it was; it was made anew.")
            quiet = folders is not None and (state["folders"] == folders or self._seen == (since, folders))
            if quiet and not state["more"]:
                return Changes((), since)
            digests = b64decode(state["known"])
            known = {digests[at : at + _DIGEST] for at in range(0, len(digests), _DIGEST)}
            # What came while nobody looked is new, however long that was.
            horizon = min(_nanoseconds(oldest), state["listed"] - _DAY_NS)
        fresh: list[tuple[int, str]] = []
        still = bytearray()
        for name, changed_ns in self._list():
            if changed_ns >= horizon:
                digest = _digest(name)
                if digest in known:
                    still += digest
                else:
                    fresh.append((changed_ns, name))
        if since is not None and not fresh and not state["more"]:
            self._seen = (since, folders)
            return Changes((), since)
        if since is None and horizon > 0:
            fresh = [(self._came_at(name, changed_ns), name) for changed_ns, name in fresh]
            still += b"".join(_digest(name) for came_ns, name in fresh if came_ns < horizon)
            fresh = [(came_ns, name) for came_ns, name in fresh if came_ns >= horizon]
        fresh.sort(reverse=True)
        state = {"v": 1, "inode": inode, "folders": folders, "listed": time.time_ns(), "known": _text(still)}
        return self._hand_out(state, [name for _, name in fresh], batch)

    def read(self, provider_id: str, limit: int) -> RawMessage | None:
        """The first `limit` bytes of a message and its file's time; None if it is gone. Raises OSError."""
        raw = self._read(provider_id, limit)
        if raw is None and self._may_have_moved():
            # It went from new to cur, or its flags changed, and that is in its name: the list knows.
            for _ in self._list():
                pass
            raw = self._read(provider_id, limit)
        return raw

    def _read(self, provider_id: str, limit: int) -> RawMessage | None:
        path = self._files.get(provider_id)
        if path is None:
            return None
        try:
            file = open_quietly(path)
        except FileNotFoundError:
            return None
        try:
            changed = os.fstat(file).st_mtime
            return RawMessage(os.read(file, limit), datetime.fromtimestamp(changed, UTC) if changed else None)
        finally:
            os.close(file)

    def _came_at(self, name: str, changed_ns: int) -> int:
        at = came_at(self.read, name, sent=self._sent)
        return _nanoseconds(at) if at else changed_ns

    def _may_have_moved(self) -> bool:
        """Whether the folders changed since a message was last missed, so that a look at the list is worth while."""
        folders, _ = self._folders()
        before, self._missed = self._missed, folders
        return folders is None or folders != before

    def newest(self, count: int) -> list[str]:
        """The ids of the messages that came last, newest first."""
        return [name for _, name in sorted(((at, name) for name, at in self._list()), reverse=True)[:count]]

    def _hand_out(self, state: dict[str, object], names: list[str], batch: int) -> Changes:
        now, later = names[:batch], names[batch:]
        known = b64decode(str(state["known"])) + b"".join(map(_digest, now))
        text = json.dumps({**state, "known": _text(known), "more": bool(later)})
        self._pending = (text, later) if later else None
        return Changes(tuple(now), text, bool(later), len(later))

    def _folders(self) -> tuple[list[int] | None, int]:
        """When cur and new changed last, and which directory this is; None where the times tell nothing."""
        now = time.time_ns()
        try:
            inode = os.stat(self._path).st_ino
            times = [os.stat(self._path / part).st_mtime_ns for part in _PARTS if (self._path / part).is_dir()]
        except OSError as error:
            raise Unreachable(f"{self._path} cannot be read: {error.strerror}.") from None
        # A file that comes in the same tick as this listing will leave the directory's time as it is.
        return (times if all(at + _TICK_NS < now for at in times) else None), inode

    def _list(self) -> Iterator[tuple[str, int]]:
        """(unique name, time in ns) of every message; remembers where each lies."""
        files: dict[str, str] = {}
        for part in _PARTS:
            try:
                with os.scandir(self._path / part) as entries:
                    for entry in entries:
                        if entry.name.startswith(".") or not entry.is_file(follow_symlinks=False):
                            continue
                        try:
                            changed = entry.stat(follow_symlinks=False).st_mtime_ns
                        except FileNotFoundError:
                            continue
                        name = _id(entry.name.partition(":")[0])
                        if name not in files:
                            yield name, changed
                        files[name] = entry.path
            except FileNotFoundError:
                continue
            except OSError as error:
                raise Unreachable(f"{self._path / part} cannot be read: {error.strerror}.") from None
        self._files = files


def _read_state(text: SyncState) -> dict[str, Any]:
    try:
        state = json.loads(text)
        if state["v"] == 1 and {"inode", "folders", "known", "more"} <= set(state) and type(state["listed"]) is int:
            b64decode(state["known"], validate=True)
            return dict(state)
    except (ValueError, TypeError, KeyError, RecursionError):
        pass
    raise CannotCalculateChanges("The sync state is not one of a Maildir.")


def _id(name: str) -> str:
    """A file name without lone surrogates, which no database takes."""
    return name if name.isascii() else os.fsencode(name).decode("latin-1")


def _digest(name: str) -> bytes:
    return blake2b(name.encode("utf-8"), digest_size=_DIGEST).digest()


def _text(digests: bytes | bytearray) -> str:
    return b64encode(digests).decode("ascii")


def _nanoseconds(moment: datetime) -> int:
    return int(moment.timestamp()) * 1_000_000_000
