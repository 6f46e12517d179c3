"""The mail of one account in Maildirs or mbox files on disk: a MailProvider that leaves no trace on them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from mailwatch.adapters.maildir_box import MaildirBox
from mailwatch.adapters.maildir_layout import Found, as_mailbox, choose, find_mailboxes
from mailwatch.adapters.mbox import MboxFile
from mailwatch.adapters.rawmessage import RawMessage, read_header
from mailwatch.domain.message import Headers, Mailbox, Role, SetAside, Text
from mailwatch.domain.mime import read_headers, read_text
from mailwatch.errors import Unreachable, UnreadableMessage
from mailwatch.ports import Changes, Notice, SyncState

_BATCH = 1000
_TEXT = 1 << 20
_NEWEST = 5000  # how many messages of each mailbox are looked through for a Message-ID of ours, which are recent


class _Box(Protocol):
    """A Maildir or an mbox file."""

    def changes(self, since: SyncState | None, oldest: datetime, batch: int) -> Changes: ...

    def read(self, provider_id: str, limit: int) -> RawMessage | None: ...

    def newest(self, count: int) -> list[str]: ...


class MaildirProvider:
    """One account on disk; for one thread at a time.

    `path` is a Maildir (with Maildir++ or plain folders beside it), a folder of Maildirs or mbox files, or one mbox
    file. `roles` and `also` name mailboxes as the settings do. If not `complete`, it is an archive, of which no inbox
    and sent mailbox are demanded.
    """

    def __init__(
        self,
        path: Path,
        *,
        roles: Mapping[str, str] | None = None,
        also: Sequence[str] = (),
        complete: bool = True,
        batch: int = _BATCH,
    ) -> None:
        self._path = path
        self._roles = dict(roles or {})
        self._also = tuple(also)
        self._complete = complete
        self._batch = batch
        self._found: dict[str, Found] = {}
        self._boxes: dict[str, _Box] = {}

    def mailboxes(self) -> Sequence[Mailbox]:
        """See MailProvider."""
        found = find_mailboxes(self._path)
        chosen = choose(self._path, found, self._roles, self._also, complete=self._complete)
        self._found = {mailbox.id: each for each, mailbox in chosen}
        return [mailbox for _, mailbox in chosen]

    def changes(self, mailbox: Mailbox, since: SyncState | None, oldest: datetime) -> Changes:
        """See MailProvider. Where nothing changed it is three look-ups; else the names are listed anew."""
        found = self._box(mailbox).changes(since, oldest, self._batch)
        ids = tuple(f"{mailbox.id}/{each}" for each in found.created)
        return Changes(ids, found.state, found.has_more, found.remaining)

    def headers(self, mailbox: Mailbox, ids: Sequence[str]) -> Iterator[Headers | SetAside]:
        """See MailProvider. The receive time is the topmost Received field's, else the file's, else the Date."""
        box = self._box(mailbox)
        for each in ids:
            try:
                raw = read_header(box.read, self._own(mailbox, each))
                if raw is not None:
                    yield _headers(raw, each, mailbox)
            except UnreadableMessage as error:
                yield SetAside(each, str(error))
            except OSError as error:
                yield SetAside(each, f"The message cannot be read: {error.strerror}.")

    def texts(self, mailbox: Mailbox, ids: Sequence[str]) -> Iterator[Text | SetAside]:
        """See MailProvider; the first megabyte of a message."""
        box = self._box(mailbox)
        for each in ids:
            try:
                raw = box.read(self._own(mailbox, each), _TEXT)
            except OSError as error:
                yield SetAside(each, f"The message cannot be read: {error.strerror}.")
                continue
            if raw is not None:
                yield read_text(raw.data, provider_id=each)

    def holds(self, message_id: str) -> bool:
        """See MailProvider; the newest 5,000 messages of each mailbox are looked through."""
        words = message_id.strip().strip("<>")
        sought = words.encode("utf-8", "replace")
        return bool(words) and any(
            self._is_in(mailbox, each, words, sought)
            for mailbox in self._all_but_drafts()
            for each in self._box(mailbox).newest(_NEWEST)
        )

    def _all_but_drafts(self) -> Iterator[Mailbox]:
        read = self.mailboxes()
        yield from read
        for found in find_mailboxes(self._path):
            mailbox = as_mailbox(self._path, found, found.role)
            if found.role is not Role.DRAFTS and all(mailbox.id != each.id for each in read):
                self._found[mailbox.id] = found
                yield mailbox

    def notice(self, now: datetime) -> Notice | None:
        """None: a folder is polled, which is cheap."""
        return None

    def close(self) -> None:
        """See MailProvider; nothing is kept open."""

    def _is_in(self, mailbox: Mailbox, own_id: str, words: str, sought: bytes) -> bool:
        try:
            raw = read_header(self._box(mailbox).read, own_id)
            if raw is None or sought not in raw.data:
                return False
            return _headers(raw, own_id, mailbox).message_id == words
        except (OSError, UnreadableMessage):
            return False

    def _own(self, mailbox: Mailbox, provider_id: str) -> str:
        return provider_id.removeprefix(f"{mailbox.id}/")

    def _box(self, mailbox: Mailbox) -> _Box:
        if mailbox.id not in self._boxes:
            if mailbox.id not in self._found:
                self.mailboxes()
            if mailbox.id not in self._found:
                raise Unreachable(f"{self._path} has no mailbox {mailbox.name} any more.")
            path = self._found[mailbox.id].path
            kind = MboxFile if path.is_file() else MaildirBox
            self._boxes[mailbox.id] = kind(path, sent=mailbox.role is Role.SENT)
        return self._boxes[mailbox.id]


def archive_provider(path: Path) -> MaildirProvider:
    """A provider for an archive, which need not have an inbox and a sent mailbox."""
    return MaildirProvider(path, complete=False)


def _headers(raw: RawMessage, provider_id: str, mailbox: Mailbox) -> Headers:
    known = raw.received_at
    at = known or datetime.fromtimestamp(0, UTC)
    headers = read_headers(raw.header, provider_id=provider_id, role=mailbox.role, received_at=at)
    if known is not None:
        return headers
    if headers.sent_at is None:
        raise UnreadableMessage("Nothing tells when the message came: no Received, no time of the file, no Date.")
    return replace(headers, received_at=headers.sent_at)
