"""A mailbox in Exchange Online, as the fake Graph serves it, for the contract suite of mail providers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from servers.fake_graph import FakeGraph
from servers.fake_graph_store import WELL_KNOWN, Store

from mailwatch.adapters.graph import GraphAccount, GraphProvider
from mailwatch.domain.message import Role

NAMES = {
    Role.INBOX: "inbox",
    Role.SENT: "sentitems",
    Role.ARCHIVE: "archive",
    Role.DRAFTS: "drafts",
    Role.JUNK: "junkemail",
    Role.TRASH: "deleteditems",
    Role.OTHER: "Other",
}


class GraphServed:
    """See Account; what the client may not do is an error at the end."""

    def __init__(self, folder: Path, roles: Sequence[Role]) -> None:
        self.graph = FakeGraph(Store())
        store = self.graph.store
        store.folders.clear()
        for role in roles:
            name = NAMES[role]
            store.add_folder(WELL_KNOWN.get(name, name), well_known=name if name in WELL_KNOWN else None)

    def deliver(self, mailbox: str, message: bytes, received_at: datetime, flags: Sequence[str] = ()) -> None:
        """See Account."""
        name = NAMES[Role(mailbox)] if mailbox in list(Role) else mailbox
        self.graph.store.deliver(name, message, received_at, flags=flags, draft=name == "drafts")

    def empty(self, mailbox: str) -> None:
        """See Account."""
        folder = self.graph.store.folder(NAMES[Role(mailbox)])
        assert folder is not None
        for each in [each for each in self.graph.store.messages.values() if each.folder == folder.id]:
            self.graph.store.delete(each.id)

    def provider(self, **options: Any) -> GraphProvider:
        """See Account."""
        settings: dict[str, Any] = {"user": self.graph.store.user, "token": lambda: "good-token"} | options
        return GraphProvider(GraphAccount(base_url=self.graph.base_url, **settings), sleep=lambda _: None)

    def state(self) -> object:
        """See Account."""
        return self.graph.store.state()

    def invalidate(self) -> None:
        """Makes every token one of a former generation."""
        self.graph.store.generation += 1

    def close(self) -> None:
        """See Account."""
        self.graph.close()
        assert self.graph.violations == []
