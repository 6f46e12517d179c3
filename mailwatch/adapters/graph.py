"""The mail of one account in Microsoft 365, read through Microsoft Graph with GET alone."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from mailwatch.adapters.graph_account import GraphAccount
from mailwatch.adapters.graph_errors import Gone
from mailwatch.adapters.graph_read import has_no_threading, read_body, read_resource
from mailwatch.adapters.graph_session import GraphSession, query
from mailwatch.adapters.graph_sync import GraphSync
from mailwatch.domain.cleaning import NAME_LIMIT, clean
from mailwatch.domain.identifying import sought
from mailwatch.domain.message import Headers, Mailbox, Role, SetAside, Text
from mailwatch.errors import CannotCalculateChanges, ProtocolBroken, RoleMissing
from mailwatch.ports import Changes, Notice, SyncState

__all__ = ["GraphAccount", "GraphProvider"]

_LIST_IS_GOOD_FOR = 3600.0  # seconds
_ANSWER_LIMIT = 8 << 20
_WELL_KNOWN = ((Role.INBOX, "inbox"), (Role.SENT, "sentitems"), (Role.ARCHIVE, "archive"))


class GraphProvider:
    """One account. Its methods are for one thread at a time, as with every provider.

    A lost connection is tried again within a call, three times at most; a longer wait is the caller's, and BackOff
    says how long. `sleep` waits between tries, in seconds; `on_request` hears every method and address asked for.
    """

    def __init__(
        self,
        account: GraphAccount,
        *,
        sleep: Callable[[float], None] = time.sleep,
        on_request: Callable[[str], None] | None = None,
    ) -> None:
        self._account = account
        self._session = GraphSession(account, sleep, on_request)
        self._sync = GraphSync(self._session)
        self._mailboxes: tuple[Mailbox, ...] = ()
        self._listed_at = 0.0

    def mailboxes(self) -> Sequence[Mailbox]:
        """See MailProvider; asked for once an hour. A poll begins here, and so does its deadline."""
        self._session.begin()
        if not self._mailboxes or time.monotonic() - self._listed_at > _LIST_IS_GOOD_FOR:
            found = [each for role, name in _WELL_KNOWN if (each := self._well_known(role, name))]
            found += [self._chosen(path) for path in self._account.also]
            once = {each.id: each for each in reversed(found)}
            self._mailboxes = tuple(each for each in found if once[each.id] is each)
            self._listed_at = time.monotonic()
        return self._mailboxes

    def changes(self, mailbox: Mailbox, since: SyncState | None, oldest: datetime) -> Changes:
        """See MailProvider. Where nothing changed it is one request."""
        try:
            return self._sync.changes(mailbox, since, oldest)
        except CannotCalculateChanges:
            if since is None:
                # There is no older state to give up, so this is no answer; the mailbox may have been removed.
                self._mailboxes = ()
                raise RoleMissing(f"The mailbox {mailbox.name} of {self._account.user} cannot be read now.") from None
            raise

    def headers(self, mailbox: Mailbox, ids: Sequence[str]) -> Iterator[Headers | SetAside]:
        """See MailProvider; most came with the page that named them."""

        def one(provider_id: str) -> Headers | SetAside | None:
            resource = self._sync.take(mailbox, provider_id)
            if resource is None or has_no_threading(resource):
                resource = self._sync.fetch(provider_id)
            return read_resource(resource, provider_id, mailbox) if resource is not None else None

        return (each for each in self._session.each(one, ids) if each is not None)

    def texts(self, mailbox: Mailbox, ids: Sequence[str]) -> Iterator[Text | SetAside]:
        """See MailProvider; four requests at once."""

        def one(provider_id: str) -> Text | SetAside | None:
            try:
                path = f"messages/{quote(provider_id, safe='')}?{query(select='body')}"
                return read_body(self._session.get(path, limit=_ANSWER_LIMIT), provider_id)
            except Gone:
                return None
            except ProtocolBroken as error:
                return SetAside(provider_id, str(error))

        return (each for each in self._session.each(one, ids) if each is not None)

    def holds(self, message_id: str) -> bool:
        """See MailProvider; one request for all mailboxes."""
        words = sought(message_id)
        if words is None:
            return False
        doubled = words.replace("'", "''")
        wanted = query(select="isDraft", filter=f"internetMessageId eq '<{doubled}>'", top="50")
        found = self._session.get(f"messages?{wanted}").get("value")
        return any(isinstance(each, dict) and each.get("isDraft") is not True for each in found or ())

    def notice(self, now: datetime) -> Notice | None:
        """None: Graph pushes to public web servers only."""
        return None

    def close(self) -> None:
        """See MailProvider."""
        self._session.close()

    # ------------------------------------------------------------ which mailboxes

    def _well_known(self, role: Role, name: str) -> Mailbox | None:
        try:
            return self._mailbox(role, self._session.get(f"mailFolders/{name}?{query(select='displayName')}"))
        except Gone as error:
            if role is Role.ARCHIVE:
                return None
            raise RoleMissing(f"The account {self._account.user} has no {role} mailbox: {error}") from None

    def _chosen(self, path: str) -> Mailbox:
        """The mailbox at a path of names, from the top or from a well-known mailbox."""
        below, found = "mailFolders", None
        for name in (part for part in path.split("/") if part):
            doubled = name.replace("'", "''")
            wanted = query(select="displayName", filter=f"displayName eq '{doubled}'", top="2")
            listed = self._session.get(f"{below}?{wanted}").get("value")
            if not isinstance(listed, list) or not listed or not isinstance(listed[0], dict):
                raise RoleMissing(
                    f"The account {self._account.user} has no mailbox {path!r} ({name!r} is not there). Check the "
                    "names in `also`: from the top, parted by slashes."
                )
            found = self._mailbox(Role.OTHER, listed[0], path)
            below = f"mailFolders/{quote(found.id, safe='')}/childFolders"
        if found is None:
            raise RoleMissing("An empty name stands in `also`; write the path of a mailbox.")
        return found

    def _mailbox(self, role: Role, told: dict[str, Any], name: str = "") -> Mailbox:
        identity = told.get("id")
        if not isinstance(identity, str) or not identity:
            raise ProtocolBroken(f"{self._account.where} describes a mailbox without an id.")
        return Mailbox(identity, role, clean(name or str(told.get("displayName") or ""), NAME_LIMIT) or str(role))
