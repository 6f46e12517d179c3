"""A Maildir++ on disk with its owner's hands on it, for the contract suite of mail providers."""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from mailwatch.adapters.maildir import MaildirProvider
from mailwatch.domain.message import Role

_NAMES = {role: f".{str(role).capitalize()}" for role in Role} | {Role.INBOX: "."}
_LETTERS = {"\\Seen": "S", "\\Answered": "R", "\\Flagged": "F", "\\Draft": "D", "\\Deleted": "T"}
_numbers = itertools.count(1)


class MaildirAccount:
    """A Maildir whose files bear the receive time, as delivery agents leave them."""

    def __init__(self, folder: Path, roles: Sequence[Role]) -> None:
        self.root = folder / "Maildir"
        for role in roles:
            for part in ("cur", "new", "tmp"):
                (self._folder(role) / part).mkdir(parents=True)

    def _folder(self, mailbox: str) -> Path:
        return self.root / (_NAMES[Role(mailbox)] if mailbox in list(Role) else mailbox)

    def deliver(self, mailbox: str, message: bytes, received_at: datetime, flags: Sequence[str] = ()) -> None:
        """See Account: without a flag it is put into new, else into cur."""
        name = f"{int(received_at.timestamp())}.M{next(_numbers)}P{os.getpid()}.host"
        marks = "".join(sorted(_LETTERS[flag] for flag in flags))
        file = self._folder(mailbox) / (f"cur/{name}:2,{marks}" if flags else f"new/{name}")
        file.write_bytes(message)
        os.utime(file, (received_at.timestamp(), received_at.timestamp()))

    def empty(self, mailbox: str) -> None:
        """See Account."""
        for part in ("cur", "new"):
            for file in (self._folder(mailbox) / part).iterdir():
                file.unlink()

    def provider(self, **options: Any) -> MaildirProvider:
        """See Account."""
        return MaildirProvider(self.root, **options)

    def state(self) -> object:
        """Every file's place, content and times, the time of its last reading among them."""
        return {
            str(path.relative_to(self.root)): (
                *(path.stat().st_mtime_ns, path.stat().st_ctime_ns, path.stat().st_ino),
                *((path.stat().st_atime_ns, path.stat().st_size) if path.is_file() else ()),
            )
            for path in sorted(self.root.rglob("*"))
        }

    def invalidate(self) -> None:
        """Restores the whole folder from a copy."""
        copy = self.root.with_name("copy")
        shutil.copytree(self.root, copy)
        shutil.rmtree(self.root)
        copy.rename(self.root)

    def close(self) -> None:
        """There is nothing to end."""
