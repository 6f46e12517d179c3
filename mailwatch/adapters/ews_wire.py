"""Asks an Exchange server by exchangelib, and hands back plain values.

Nothing but `ews_session` imports this module, and that only when a server is asked: exchangelib takes 2 to 4 seconds
and 61 MB, which neither `mailwatch status` nor a `run` with IMAP alone must pay.

The library does the logins, the versions and the envelopes. Its services are called directly: its folders keep sync
states of their own and reuse them silently, and its items turn what they cannot parse into None.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from exchangelib.account import Identity
from exchangelib.configuration import Configuration
from exchangelib.credentials import Credentials, OAuth2Credentials
from exchangelib.ewsdatetime import UTC
from exchangelib.properties import DistinguishedFolderId, FolderId, Mailbox
from exchangelib.protocol import FailFast, Protocol
from exchangelib.transport import BASIC, NTLM, OAUTH2
from exchangelib.version import EXCHANGE_2013_SP1, Version

from mailwatch.adapters.ews_account import EwsAccount
from mailwatch.adapters.ews_errors import Garbled
from mailwatch.adapters.ews_http import Adapter
from mailwatch.adapters.ews_services import (
    AskChanges,
    AskFolders,
    AskItems,
    AskToSend,
    AskTree,
    AskWhere,
    Folder,
    Page,
    raised,
)

# The library and those below it log requests, passwords and mail at debug level, and words of mail in warnings;
# whatever matters comes as an exception.
for _name in ("exchangelib", "requests_oauthlib", "oauthlib", "spnego", "requests_ntlm"):
    logging.getLogger(_name).setLevel(logging.CRITICAL + 1)

DISTINGUISHED = frozenset({"inbox", "sentitems", "drafts", "outbox", "msgfolderroot"})
_FOLDERS_A_PAGE = 1000
_AUTH = {"basic": BASIC, "ntlm": NTLM, "oauth-client": OAUTH2}


class Wire:
    """One mailbox over one connection of its own, which no other mailbox shares."""

    def __init__(self, account: EwsAccount, secret: str) -> None:
        version = Version(EXCHANGE_2013_SP1)
        config = Configuration(
            credentials=_credentials(account, secret),
            service_endpoint=account.endpoint,
            auth_type=_AUTH[account.auth],
            version=version,
            # FaultTolerance would take a wrong password for a busy server, and try it for an hour.
            retry_policy=FailFast(),
            # With more than one, threads that share a throttled protocol wait for each other for ever.
            max_connections=1,
        )
        # Around the library's cache, which would hand out the protocol of another mailbox, or an older password.
        self.protocol = type.__call__(_Protocol, config, account)
        self.version = version.copy()
        self.primary_smtp_address = account.address
        self.identity = Identity(primary_smtp_address=account.address)
        self.access_type = account.access
        self.default_timezone = UTC
        self.affinity_cookie = None

    def close(self) -> None:
        """Ends the connection."""
        self.protocol.close()

    def folders(self, ids: Sequence[str]) -> list[Folder | Exception]:
        """The folders with these ids, each or the error it gave."""
        fields = ("folder:DisplayName", "folder:TotalCount")
        return list(AskFolders(account=self).ask([self._folder(each) for each in ids], fields))

    def tree(self) -> list[Folder]:
        """Every folder of the mailbox."""
        fields = ("folder:DisplayName", "folder:ParentFolderId", "folder:FolderClass")
        found = AskTree(account=self, page_size=_FOLDERS_A_PAGE).ask(self._folder("msgfolderroot"), fields)
        return list(raised(found))

    def sync(self, folder: str, state: str | None, most: int) -> Page:
        """The next changes of a folder."""
        service = AskChanges(account=self)
        changes = tuple(raised(service.ask(self._folder(folder), state, most)))
        return Page(changes, service.sync_state or "", bool(service.includes_last_item_in_range))

    def items(self, ids: Sequence[str], fields: Sequence[str], *, text: bool = False) -> list[Any]:
        """For each id the XML of the message, or the error that it gave. Raises Garbled if some are missing."""
        found = list(AskItems(account=self, chunk_size=len(ids)).ask(ids, fields, text))
        if len(found) != len(ids):
            raise Garbled(f"The server was asked for {len(ids)} messages and answered for {len(found)}.")
        return found

    def find(self, folder: str, message_id: str) -> list[tuple[str, str]]:
        """The messages of a folder that have this Message-ID: the id of each, and its Message-ID as it is stored."""
        return list(raised(AskWhere(account=self, page_size=10).ask(self._folder(folder), message_id)))

    def answers(self, folder: str, message_id: str) -> bool:
        """Whether a folder holds a message that answers the one with this Message-ID."""
        asked = AskWhere(account=self, page_size=1).ask(self._folder(folder), message_id, answers=True)
        return bool(list(raised(asked)))

    def send(self, mime: bytes) -> None:
        """Sends a message, byte for byte as far as the server lets it, and leaves a copy in the sent items."""
        list(raised(AskToSend(account=self).ask(self._folder("sentitems"), mime)))

    def _folder(self, id: str) -> Any:
        if id in DISTINGUISHED:
            return DistinguishedFolderId(id=id, mailbox=Mailbox(email_address=self.primary_smtp_address))
        return FolderId(id=id)


class _Protocol(Protocol):  # type: ignore[misc]
    """A protocol of one mailbox, over our own HTTP."""

    USERAGENT = "mailwatch"

    def __init__(self, config: Configuration, account: EwsAccount) -> None:
        super().__init__(config)
        self._account = account
        self.TIMEOUT = account.timeout

    def raw_session(self, prefix: str, oauth2_token_endpoint: str | None = None, **options: Any) -> Any:
        session = super().raw_session(prefix, oauth2_token_endpoint=oauth2_token_endpoint, **options)
        session.mount(prefix, Adapter(self._account, self._account.where, soap=True))
        if oauth2_token_endpoint:
            where = oauth2_token_endpoint.split("/")[2]
            session.mount(oauth2_token_endpoint, Adapter(self._account, where, soap=False))
        return session


class _ClientCredentials(OAuth2Credentials):  # type: ignore[misc]
    """A token for the program itself (RFC 6749 4.4), from any endpoint and for any server."""

    def __init__(self, account: EwsAccount, secret: str) -> None:
        super().__init__(client_id=account.client_id, client_secret=secret, tenant_id=account.tenant)
        self._token_url, self._scope = account.token_endpoint, account.token_scope

    @property
    def token_url(self) -> str:
        return self._token_url

    @property
    def scope(self) -> list[str]:
        return [self._scope]

    def session_params(self) -> dict[str, Any]:
        # A grant of this kind has no refresh token, so a token that ended is asked for anew.
        return {"token": self.access_token}


def _credentials(account: EwsAccount, secret: str) -> Any:
    if account.auth == "oauth-client":
        return _ClientCredentials(account, secret)
    return Credentials(account.login, secret)
