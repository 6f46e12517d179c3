"""The accounts that the contract suite runs over: one builder for each kind of mail provider, all in one table."""

from __future__ import annotations

import imaplib
import itertools
import os
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import pytest
from servers import dovecot

from mailwatch.adapters.imap import ImapAccount, ImapProvider
from mailwatch.domain.message import Role
from mailwatch.ports import MailProvider
from mailwatch.testing import FakeAccount


class Account(Protocol):
    """A mailbox account with its owner's hands on it: what another mail program could do to it."""

    def deliver(self, mailbox: str, message: bytes, received_at: datetime, flags: Sequence[str] = ()) -> None:
        """Puts a message into a mailbox, given by its role (`Role.SENT`) or by its own name."""

    def empty(self, mailbox: str) -> None:
        """Takes every message out of a mailbox."""

    def provider(self, **options: Any) -> MailProvider:
        """A new provider that reads this account; `batch` is how many ids `changes` returns at most."""

    def state(self) -> object:
        """A value to compare: mailboxes, messages, their flags, and all that tells a write from a read."""

    def invalidate(self) -> None:
        """Makes every sync state that was handed out so far invalid (a new UIDVALIDITY and the like)."""

    def close(self) -> None:
        """Ends all that was started."""


class Unavailable(Exception):
    """This kind of account cannot be built on this machine; the text says why and what to install."""


Builder = Callable[[Path, Sequence[Role]], Account]
"""Builds an account in an empty folder of its own, with mailboxes of these roles."""

_users = itertools.count(1)


class DovecotAccount:
    """A user of a real Dovecot; every account has a name of its own on one shared server."""

    def __init__(self, folder: Path, roles: Sequence[Role]) -> None:
        reason = dovecot.reason_to_skip()
        if reason:
            raise Unavailable(reason)
        self.server = dovecot.shared_server()
        self.user = f"user{next(_users)}"
        self._client = self.server.client(self.user)
        for role in roles:
            if role is not Role.INBOX:
                self._client.create(self._name(role))

    @staticmethod
    def _name(mailbox: str) -> str:
        return {"inbox": "INBOX", "sent": "Sent", "archive": "Archive", "drafts": "Drafts"}.get(mailbox, mailbox)

    def deliver(self, mailbox: str, message: bytes, received_at: datetime, flags: Sequence[str] = ()) -> None:
        dovecot.append(self._client, self._name(mailbox), message, received_at, flags)

    def empty(self, mailbox: str) -> None:
        self._client.select(self._name(mailbox))
        self._client.store("1:*", "+FLAGS", "\\Deleted")
        self._client.expunge()
        self._client.close()

    def provider(self, **options: Any) -> MailProvider:
        account = ImapAccount(
            host="127.0.0.1",
            port=self.server.port,
            user=self.user,
            secret=lambda: dovecot.PASSWORD,
            security="plain",
            **{key: value for key, value in options.items() if key != "on_command"},
        )
        return ImapProvider(account, on_command=options.get("on_command"))

    def state(self) -> object:
        return imap_state(self._client)

    def invalidate(self) -> None:
        for mailbox in imap_state(self._client):
            current = int(re.findall(r"UIDVALIDITY (\d+)", imap_state(self._client)[mailbox][0])[0])
            self.server.doveadm("mailbox", "update", "-u", self.user, "--uid-validity", str(current + 1), mailbox)

    def close(self) -> None:
        self._client.logout()


def imap_state(client: imaplib.IMAP4) -> dict[str, tuple[str, ...]]:
    """Everything that a second client sees of an account: mailboxes, their counters, each message's flags."""
    seen: dict[str, tuple[str, ...]] = {}
    for line in client.list()[1]:
        name = line.decode().rpartition('" ')[2].strip('"')
        counters = client.status(f'"{name}"', "(MESSAGES UIDNEXT UIDVALIDITY UNSEEN HIGHESTMODSEQ)")[1][0].decode()
        client.select(f'"{name}"', readonly=True)
        flags = client.fetch("1:*", "(UID FLAGS)")[1] if client.untagged_responses["EXISTS"] != [b"0"] else []
        client.close()
        seen[name] = (counters, *sorted(re.sub(r" ?\\Recent", "", item.decode()) for item in flags))
    return seen


def _fake(folder: Path, roles: Sequence[Role]) -> Account:
    return FakeAccount(roles)


BUILDERS: Mapping[str, Builder] = {
    "fake": _fake,
    "dovecot": DovecotAccount,
}


def build(kind: str, folder: Path, roles: Sequence[Role]) -> Account:
    """Builds an account; what this machine lacks is a skip with the reason, and on CI a failure."""
    try:
        return BUILDERS[kind](folder, roles)
    except Unavailable as reason:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{kind}: {reason}")
        pytest.skip(f"{kind}: {reason}")
