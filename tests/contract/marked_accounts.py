"""What the contract of marks needs of each kind of account: the door to write, and another program's eyes."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from contract.accounts import Account, DovecotAccount, ImapServed, build
from contract.ews_account import EwsServed
from contract.graph_account import GraphServed
from servers.fake_ews import PASSWORD, USER
from servers.fake_marker import FakeMarker

from mailwatch.adapters.ews import EwsAccount
from mailwatch.adapters.ews_marks import EwsMarker
from mailwatch.adapters.graph import GraphAccount
from mailwatch.adapters.graph_marks import GraphMarker
from mailwatch.adapters.imap import ImapAccount
from mailwatch.adapters.imap_marks import ImapMarker, keyword_of
from mailwatch.domain.message import Role
from mailwatch.ports import Marker
from mailwatch.testing import FakeAccount

Seen = Mapping[str, frozenset[str]]
"""Subject of a message, with its mailbox -> everything that a mail program could set on it."""


class MarkedAccount(ABC):
    """An account whose messages can be marked; `bears` tells whether a message that was `seen` bears a mark."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.opened: list[Marker] = []
        self.lines: list[str] = []

    def marker(self) -> Marker:
        """A new door."""
        self.opened.append(self._marker())
        return self.opened[-1]

    def close(self) -> None:
        for each in self.opened:
            each.close()
        self.account.close()

    def called(self, name: str) -> str:
        """What a mark of that name is in the account."""
        return name

    @abstractmethod
    def writes(self) -> int:
        """How often something was written by the doors."""

    @abstractmethod
    def seen(self) -> Seen:
        """What another program sees of each message."""

    @abstractmethod
    def add(self, subject: str, label: str) -> None:
        """Another program sets a keyword or category on a message of the inbox."""

    @abstractmethod
    def move(self, subject: str) -> None:
        """Another program moves a message from the inbox to the archive."""

    @abstractmethod
    def lock(self) -> None:
        """Makes the inbox one that may not be written."""

    @abstractmethod
    def _marker(self) -> Marker:
        """Opens a door."""


class MarkedFake(MarkedAccount):
    account: FakeAccount

    def _marker(self) -> Marker:
        return FakeMarker(self.account)

    def writes(self) -> int:
        return sum(len(each.written) for each in self.opened if isinstance(each, FakeMarker))

    def seen(self) -> Seen:
        return {
            f"{name} {_subject(each.message)}": frozenset(each.flags)
            for name, box in self.account.boxes.items()
            for each in box.messages
        }

    def _stored(self, subject: str) -> Any:
        return next(each for each in self.account.boxes["inbox"].messages if _subject(each.message) == subject)

    def add(self, subject: str, label: str) -> None:
        stored = self._stored(subject)
        stored.flags = (*stored.flags, label)

    def move(self, subject: str) -> None:
        stored = self._stored(subject)
        self.account.boxes["inbox"].messages.remove(stored)
        self.account.deliver(Role.ARCHIVE, stored.message, stored.received_at, stored.flags)

    def lock(self) -> None:
        for each in self.opened:
            assert isinstance(each, FakeMarker)
            each.read_only.add("inbox")


class MarkedImap(MarkedAccount):
    account: ImapServed

    def _marker(self) -> Marker:
        served = self.account
        account = ImapAccount(
            user=served.user, secret=lambda: served._password, security="plain", host=served.host, port=served.port
        )
        return ImapMarker(account, on_command=self.lines.append)

    def called(self, name: str) -> str:
        return keyword_of(name)

    def writes(self) -> int:
        return sum("STORE" in line for line in self.lines)

    def seen(self) -> Seen:
        client, found = self.account._client, {}
        for name in ("INBOX", "Sent", "Archive"):
            client.select(name, readonly=True)
            if client.untagged_responses["EXISTS"] != [b"0"]:
                for uid in client.uid("SEARCH", "ALL")[1][0].split():
                    told = client.uid("FETCH", uid, "(FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])")[1]
                    words = b" ".join(each if isinstance(each, bytes) else b" ".join(each) for each in told if each)
                    flags = re.findall(r"FLAGS \(([^)]*)\)", words.decode())[0].split()
                    # SELECT takes \Recent from a message, whatever is done in it (docs/decisions/0009).
                    found[f"{name} {_subject(words)}"] = frozenset(flags) - {"\\Recent"}
            client.close()
        return found

    def _with(self, subject: str, work: Callable[[Any, bytes], object]) -> None:
        client = self.account._client
        client.select("INBOX")
        work(client, client.uid("SEARCH", "SUBJECT", subject)[1][0])
        client.expunge()
        client.close()

    def add(self, subject: str, label: str) -> None:
        self._with(subject, lambda client, uid: client.uid("STORE", uid, "+FLAGS", f"({label})"))

    def move(self, subject: str) -> None:
        def move(client: Any, uid: bytes) -> None:
            client.uid("COPY", uid, "Archive")
            client.uid("STORE", uid, "+FLAGS", "(\\Deleted)")

        self._with(subject, move)

    def lock(self) -> None:
        raise AssertionError("The embedded server has no mailbox that may not be written; no test may ask for one.")


class MarkedDovecot(MarkedImap):
    account: DovecotAccount

    def lock(self) -> None:
        self._allow(0o555)

    def close(self) -> None:
        self._allow(0o755)
        super().close()

    def _allow(self, mode: int) -> None:
        inbox = self.account.server.folder / "mail" / self.account.user / "maildir"
        for folder in (inbox / "cur", inbox / "new", inbox / "tmp", inbox):
            folder.chmod(mode)


class MarkedEws(MarkedAccount):
    account: EwsServed

    def _marker(self) -> Marker:
        self.account.writes = frozenset({"UpdateItem"})
        account = EwsAccount(
            self.account.server.url, self.account.address, lambda: PASSWORD, user=USER, auth="basic", timeout=30
        )
        return EwsMarker(account)

    def writes(self) -> int:
        assert self.account.server.updated <= {"item:Categories"}
        return self.account.server.asked.count("UpdateItem")

    def seen(self) -> Seen:
        return {
            f"{folder.name} {_subject(item.mime)}": frozenset(item.categories) | ({"\\Seen"} if item.read else set())
            for folder in self.account.store.folders.values()
            for item in folder.there()
        }

    def _item(self, subject: str) -> Any:
        return next(each for each in self.account.store.folder("inbox").there() if _subject(each.mime) == subject)

    def add(self, subject: str, label: str) -> None:
        item = self._item(subject)
        self.account.store.change(item.id, categories=(*item.categories, label))

    def move(self, subject: str) -> None:
        self.account.store.move(self._item(subject).id, self.account.store.folder("Archive"))

    def lock(self) -> None:
        self.account.store.folder("inbox").writable = False


class MarkedGraph(MarkedAccount):
    account: GraphServed

    def _marker(self) -> Marker:
        graph = self.account.graph
        graph.write_back = True
        account = GraphAccount(graph.store.user, lambda: "good-token", base_url=graph.base_url)
        return GraphMarker(account, sleep=lambda _: None)

    def writes(self) -> int:
        return sum(line.startswith("PATCH") for line in self.account.graph.requests)

    def seen(self) -> Seen:
        store = self.account.graph.store
        return {
            f"{store.folders[each.folder].name} {_subject(each.message)}": frozenset((*each.categories, *each.flags))
            for each in store.messages.values()
        }

    def _id(self, subject: str) -> str:
        messages = self.account.graph.store.messages
        return next(id for id, each in messages.items() if _subject(each.message) == subject)

    def add(self, subject: str, label: str) -> None:
        id = self._id(subject)
        store = self.account.graph.store
        store.categorize(id, (*store.messages[id].categories, label))

    def move(self, subject: str) -> None:
        self.account.graph.store.move(self._id(subject), "archive")

    def lock(self) -> None:
        self.account.graph.may_write = False


KINDS: Mapping[str, Callable[[Any], MarkedAccount]] = {
    "fake": MarkedFake,
    "dovecot": MarkedDovecot,
    "embedded": MarkedImap,
    "ews": MarkedEws,
    "graph": MarkedGraph,
}


def open_account(kind: str, folder: Path, roles: Sequence[Role]) -> MarkedAccount:
    """An account of a kind; what this machine lacks is a skip with the reason."""
    return KINDS[kind](build(kind, folder, roles))


def _subject(message: bytes) -> str:
    return re.findall(rb"Subject: (\S+)", message)[0].decode()
