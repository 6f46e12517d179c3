"""One mailbox of Exchange Online in memory: mailboxes, messages, and a log of changes for delta queries."""

from __future__ import annotations

import base64
import itertools
import re
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from mailwatch.domain.bodytext import TEXT_LIMIT
from mailwatch.domain.fields import read_fields, split_message
from mailwatch.domain.message import Role
from mailwatch.domain.mime import read_headers, read_text
from mailwatch.domain.people import Address
from mailwatch.errors import UnreadableMessage

WELL_KNOWN = {"inbox": "Inbox", "sentitems": "Sent Items", "archive": "Archive", "drafts": "Drafts"}
MAPI = {0x1A: "class", 0x1039: "references", 0x1042: "in-reply-to"}


@dataclass
class Folder:
    """A mailbox; `parent` is an id, or None at the top."""

    id: str
    name: str
    well_known: str | None = None
    parent: str | None = None

    def resource(self) -> dict[str, Any]:
        return {"id": self.id, "displayName": self.name, "parentFolderId": self.parent or "root"}


@dataclass
class Stored:
    """A message in a mailbox; `born` counts when it came there."""

    id: str
    folder: str
    message: bytes
    received_at: datetime
    born: int
    flags: tuple[str, ...] = ()
    draft: bool = False
    kind: str = "IPM.Note"
    categories: tuple[str, ...] = ()
    version: int = 1

    @property
    def etag(self) -> str:
        """What names this version of it."""
        return f'W/"{self.born}.{self.version}"'

    @property
    def order(self) -> list[str]:
        """What decides the place in a list, newest last."""
        return [graph_time(self.received_at), f"{self.born:09}"]


@dataclass
class Event:
    """One change of a mailbox: a message came, was changed in a flag, or left."""

    number: int
    folder: str
    id: str
    kind: str


@dataclass
class Store:
    """The mailbox of one user. `generation` is part of every state token, so that raising it ends them all."""

    user: str = "ann@example.com"
    generation: int = 1
    folders: dict[str, Folder] = field(default_factory=dict)
    messages: dict[str, Stored] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def add_folder(self, name: str, *, well_known: str | None = None, parent: str | None = None) -> str:
        """Makes a mailbox and returns its id."""
        identity = _opaque(f"folder {well_known or name} {len(self.folders)}")
        self.folders[identity] = Folder(identity, name, well_known, parent)
        return identity

    def folder(self, name: str) -> Folder | None:
        """A mailbox by its id, its well-known name or its display name."""
        for each in self.folders.values():
            if name in (each.id, each.well_known) or (name == each.name and not each.well_known):
                return each
        return None

    @property
    def now(self) -> int:
        """The number of the last change."""
        return self.events[-1].number if self.events else 0

    def deliver(
        self,
        mailbox: str,
        message: bytes,
        received_at: datetime,
        *,
        flags: Sequence[str] = (),
        draft: bool = False,
        kind: str = "IPM.Note",
    ) -> str:
        """Puts a message into a mailbox and returns its id."""
        with self.lock:
            folder = self.folder(mailbox)
            assert folder is not None, mailbox
            number = self._log(folder.id, "", "created")
            identity = _opaque(f"message {number}")
            self.events[-1].id = identity
            self.messages[identity] = Stored(
                identity, folder.id, message, received_at, number, tuple(flags), draft, kind
            )
            return identity

    def categorize(self, identity: str, categories: Sequence[str]) -> None:
        """Gives a message these categories in the place of those it has."""
        with self.lock:
            stored = self.messages[identity]
            stored.categories, stored.version = tuple(categories), stored.version + 1
            self._log(stored.folder, identity, "touched")

    def touch(self, identity: str) -> None:
        """Marks a message as read."""
        with self.lock:
            stored = self.messages[identity]
            stored.flags = (*stored.flags, "\\Seen")
            self._log(stored.folder, identity, "touched")

    def delete(self, identity: str) -> None:
        """Deletes a message."""
        with self.lock:
            self._log(self.messages.pop(identity).folder, identity, "removed")

    def away_and_back(self, identity: str) -> None:
        """Moves a message to another mailbox and back, which a delta query tells as its removal alone."""
        with self.lock:
            self._log(self.messages[identity].folder, identity, "removed")

    def move(self, identity: str, mailbox: str) -> None:
        """Moves a message; its immutable id stays."""
        with self.lock:
            folder = self.folder(mailbox)
            assert folder is not None, mailbox
            stored = self.messages[identity]
            self._log(stored.folder, identity, "removed")
            stored.folder, stored.born = folder.id, self._log(folder.id, identity, "created")

    def state(self) -> object:
        """Everything there is, to compare."""
        return (
            self.now,
            sorted(self.folders),
            [(each.id, each.folder, each.flags, each.categories) for each in self.messages.values()],
        )

    def _log(self, folder: str, identity: str, kind: str) -> int:
        number = next(self._numbers)
        self.events.append(Event(number, folder, identity, kind))
        return number

    # ------------------------------------------------------------ as Graph describes it

    def resource(self, stored: Stored) -> dict[str, Any]:
        """All the properties of a message; a sent one has no header fields, as in Exchange Online."""
        sent = self.folders[stored.folder].well_known == "sentitems"
        found: dict[str, Any] = {
            "@odata.type": "#microsoft.graph.message",
            "@odata.etag": stored.etag,
            "id": stored.id,
            "receivedDateTime": graph_time(stored.received_at),
            "parentFolderId": stored.folder,
            "isDraft": stored.draft,
            "isRead": "\\Seen" in stored.flags,
            "categories": list(stored.categories),
            "subject": None,
            "from": None,
            "sender": None,
            "internetMessageId": None,
            "sentDateTime": graph_time(stored.received_at),
            **{name: [] for name in ("replyTo", "toRecipients", "ccRecipients", "bccRecipients")},
        }
        properties = {"class": stored.kind}
        try:
            read = read_headers(
                stored.message, provider_id=stored.id, role=Role.INBOX, received_at=stored.received_at
            )
        except UnreadableMessage:
            pass
        else:
            properties["in-reply-to"] = " ".join(f"<{each}>" for each in read.in_reply_to)
            properties["references"] = " ".join(f"<{each}>" for each in read.references)
            found |= {
                "subject": read.subject,
                "from": _recipient(read.author) if read.author else None,
                "sender": _recipient(read.author) if read.author else None,
                "internetMessageId": f"<{read.message_id}>" if read.message_id else None,
                "sentDateTime": graph_time(read.sent_at or stored.received_at),
                "replyTo": [_recipient(each) for each in read.reply_to],
                "toRecipients": [_recipient(each) for each in read.to],
                "ccRecipients": [_recipient(each) for each in read.cc],
                "bccRecipients": [_recipient(each) for each in read.bcc],
            }
        if not sent:
            found["internetMessageHeaders"] = _headers(stored.message)
        found["singleValueExtendedProperties"] = [
            {"id": f"String {number:#x}", "value": properties[name]}
            for number, name in MAPI.items()
            if properties.get(name)
        ]
        return found

    def body(self, stored: Stored, *, html: bool = False) -> dict[str, Any]:
        """The text of a message, as Exchange makes it of whatever the message holds."""
        read = read_text(stored.message, provider_id=stored.id)
        words = read.words + " and so on" * 100 if len(read.words) >= TEXT_LIMIT else read.words
        if html:
            return {"contentType": "html", "content": f"<html><body><p>{words}</p></body></html>"}
        return {"contentType": "text", "content": words}


def graph_time(moment: datetime) -> str:
    """A time as Graph writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _opaque(words: str) -> str:
    return "AAkALgAA" + base64.urlsafe_b64encode(words.encode()).decode()


def _recipient(address: Address) -> dict[str, Any]:
    return {"emailAddress": {"name": address.display_name or address.addr_spec, "address": address.addr_spec}}


def _headers(message: bytes) -> list[dict[str, str]]:
    raw, _ = split_message(message)
    names = re.findall(rb"(?m)^([!-9;-~]{1,76}):", raw)
    order = dict.fromkeys(name.decode("ascii") for name in names)
    values = read_fields(raw, {name.lower() for name in order})
    return [{"name": name, "value": value} for name in order for value in values.get(name.lower(), ())]
