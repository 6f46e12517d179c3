"""A mailbox on the fake Exchange server with its owner's hands on it, for the contract suite of mail providers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from servers.fake_ews import PASSWORD, READS, USER, FakeEws

from mailwatch.adapters.ews import EwsAccount, EwsProvider
from mailwatch.domain.message import Role

_NAMES = {
    Role.INBOX: "inbox",
    Role.SENT: "sentitems",
    Role.ARCHIVE: "Archive",
    Role.DRAFTS: "drafts",
    Role.JUNK: "junkemail",
    Role.TRASH: "deleteditems",
    Role.OTHER: "Other",
}


class EwsServed:
    """A mailbox of a server of its own; at the end nothing may have gone against the schemas."""

    address = "ann@example.com"

    def __init__(self, folder: Path, roles: Sequence[Role]) -> None:
        self.server = FakeEws(self.address)
        self.store = self.server.mailboxes[self.address]
        self.writes: frozenset[str] = frozenset()
        self.store.add_folder(_NAMES[Role.OTHER])
        for role, name in _NAMES.items():
            if role not in roles:
                del self.store.folders[self.store.folder(name).id]

    def deliver(self, mailbox: str, message: bytes, received_at: datetime, flags: Sequence[str] = ()) -> None:
        """See Account."""
        self.store.add(self._folder(mailbox), message, received_at, read="\\Seen" in flags)

    def empty(self, mailbox: str) -> None:
        """See Account."""
        for item in self._folder(mailbox).there():
            self.store.remove(item.id)

    def provider(self, **options: Any) -> EwsProvider:
        """See Account."""
        account = EwsAccount(
            self.server.url, self.address, lambda: PASSWORD, user=USER, auth="basic", timeout=30, **options
        )
        return EwsProvider(account)

    def state(self) -> object:
        """See Account."""
        return self.store.state(), len(self.server.sent)

    def invalidate(self) -> None:
        """See Account."""
        for folder in self.store.folders.values():
            folder.validity += 1

    def close(self) -> None:
        """See Account."""
        self.server.close()
        assert self.server.violations == []
        assert set(self.server.asked) <= READS | self.writes

    def _folder(self, mailbox: str) -> Any:
        return self.store.folder(_NAMES.get(Role(mailbox), mailbox) if mailbox in list(Role) else mailbox)
