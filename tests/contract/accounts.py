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
from contract.ews_account import EwsServed
from contract.graph_account import GraphServed
from contract.maildir_account import MaildirAccount
from servers import dovecot

from mailwatch.adapters.embedded import EmbeddedServer
from mailwatch.adapters.imap import ImapAccount, ImapProvider
from mailwatch.domain.message import Role
from mailwatch.errors import UsageError
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


_NAMES = {role: str(role).capitalize() for role in Role if role is not Role.ALL} | {Role.INBOX: "INBOX"}


class ImapServed:
    """An account on an IMAP server, in the hands of a second client that may write."""

    host = "127.0.0.1"

    def __init__(self, port: int, user: str, password: str, roles: Sequence[Role]) -> None:
        self.port, self.user, self._password = port, user, password
        self._client = imaplib.IMAP4(self.host, port, timeout=30)
        self._client.login(user, password)
        for role, name in _NAMES.items():
            if role is not Role.INBOX:
                (self._client.create if role in roles else self._client.delete)(name)

    def deliver(self, mailbox: str, message: bytes, received_at: datetime, flags: Sequence[str] = ()) -> None:
        dovecot.append(self._client, _NAMES.get(mailbox, mailbox), message, received_at, flags)

    def empty(self, mailbox: str) -> None:
        self._client.select(_NAMES.get(mailbox, mailbox))
        self._client.store("1:*", "+FLAGS", "\\Deleted")
        self._client.expunge()
        self._client.close()

    def provider(self, *, on_command: Callable[[str], None] | None = None, **options: Any) -> MailProvider:
        settings = {"security": "plain", "host": self.host, "port": self.port} | options
        account = ImapAccount(user=self.user, secret=lambda: self._password, **settings)
        return ImapProvider(account, on_command=on_command)

    def state(self) -> object:
        return imap_state(self._client)

    def close(self) -> None:
        self._client.logout()


class DovecotAccount(ImapServed):
    """A user of a real Dovecot; every account has a name of its own on one shared server."""

    def __init__(self, folder: Path, roles: Sequence[Role]) -> None:
        reason = dovecot.reason_to_skip()
        if reason:
            raise Unavailable(reason)
        self.server = dovecot.shared_server()
        super().__init__(self.server.port, f"user{next(_users)}", dovecot.PASSWORD, roles)

    def invalidate(self) -> None:
        for name, (counters, *_) in imap_state(self._client).items():
            after = int(re.findall(r"UIDVALIDITY (\d+)", counters)[0]) + 1
            self.server.doveadm("mailbox", "update", "-u", self.user, "--uid-validity", str(after), name)


class EmbeddedAccount(ImapServed):
    """A user of the embedded server, which numbers everything anew at each start."""

    def __init__(self, folder: Path, roles: Sequence[Role]) -> None:
        self._roles = roles
        self._delivered: list[tuple[str, bytes, datetime, Sequence[str]]] = []
        self._start()

    def _start(self) -> None:
        self._server = EmbeddedServer({"ann@example.com": "secret"})
        try:
            self._server.__enter__()
        except UsageError as error:
            raise Unavailable(str(error)) from None
        super().__init__(self._server.imap_port, "ann@example.com", "secret", self._roles)

    def deliver(self, mailbox: str, message: bytes, received_at: datetime, flags: Sequence[str] = ()) -> None:
        self._delivered.append((mailbox, message, received_at, flags))
        super().deliver(mailbox, message, received_at, flags)

    def invalidate(self) -> None:
        self.close()
        self._start()
        for each in self._delivered:
            super().deliver(*each)

    def close(self) -> None:
        super().close()
        self._server.__exit__(None, None, None)


def imap_state(client: imaplib.IMAP4) -> dict[str, tuple[str, ...]]:
    """Everything that a second client sees of an account: mailboxes, their counters, each message's flags."""
    seen: dict[str, tuple[str, ...]] = {}
    modseq = " HIGHESTMODSEQ" if "CONDSTORE" in str(client.capability()[1][0]) else ""
    for line in client.list()[1]:
        name = line.decode().rpartition('" ')[2].strip('"')
        items = f"(MESSAGES RECENT UNSEEN UIDNEXT UIDVALIDITY{modseq})"
        counters = client.status(f'"{name}"', items)[1][0].decode()
        client.select(f'"{name}"', readonly=True)
        flags = client.fetch("1:*", "(UID FLAGS)")[1] if client.untagged_responses["EXISTS"] != [b"0"] else []
        client.close()
        seen[name] = (counters, *sorted(item.decode() for item in flags))
    return seen


def _fake(folder: Path, roles: Sequence[Role]) -> Account:
    return FakeAccount(roles)


BUILDERS: Mapping[str, Builder] = {
    "fake": _fake,
    "dovecot": DovecotAccount,
    "embedded": EmbeddedAccount,
    "maildir": MaildirAccount,
    "ews": EwsServed,
    "graph": GraphServed,
}


def build(kind: str, folder: Path, roles: Sequence[Role]) -> Account:
    """Builds an account; what this machine lacks is a skip with the reason, and on CI a failure."""
    try:
        return BUILDERS[kind](folder, roles)
    except Unavailable as reason:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{kind}: {reason}")
        pytest.skip(f"{kind}: {reason}")
