"""What mailwatch has to know to reach one mailbox on an Exchange server."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from mailwatch.domain.hosts import is_loopback
from mailwatch.errors import SettingsError

MOST_CHANGES = 512
"""The most changes that SyncFolderItems hands out at once; the schema of EWS allows no more."""

Auth = Literal["basic", "ntlm", "oauth-client"]
Access = Literal["delegate", "impersonation"]


@dataclass(frozen=True, slots=True)
class EwsAccount:
    """How to reach one mailbox over Exchange Web Services.

    `endpoint` is the address of Exchange.asmx, `address` the mailbox to open, `user` who logs in (by default the
    address itself; with NTLM often DOMAIN\\name). `secret` is asked anew at each login: the password, or the client
    secret of "oauth-client". `access` says how somebody else's mailbox is opened: by rights granted on it, or by the
    right to act as its owner (ApplicationImpersonation).

    `tenant`, `client_id` and `token_url` belong to "oauth-client": a token for the endpoint's host is asked for at
    `token_url` (Microsoft's for the tenant, if that is left out).

    `also` names further mailboxes to read, by their path such as "Projects/Alpha". `timeout` is in seconds and the
    hard limit of one question to the server, redirects and logins included. `batch` is how many changes are asked
    for at once. Raises SettingsError for an endpoint that cannot be one, or that would send the password in clear.
    """

    endpoint: str
    address: str
    secret: Callable[[], str] = field(repr=False)
    user: str = ""
    auth: Auth = "ntlm"
    access: Access = "delegate"
    tenant: str = ""
    client_id: str = ""
    token_url: str = ""
    ca_file: str | None = None
    timeout: float = 30
    also: tuple[str, ...] = ()
    batch: int = MOST_CHANGES
    allow_plaintext: bool = False

    def __post_init__(self) -> None:
        if self.auth == "oauth-client" and not (self.client_id and (self.tenant or self.token_url)):
            raise SettingsError('auth = "oauth-client" needs client, and tenant or token_url')
        for url in filter(None, (self.endpoint, self.token_url)):
            parts = urlsplit(url)
            if parts.scheme not in ("https", "http") or not parts.hostname:
                raise SettingsError(
                    f"{url!r} is no address of a web service; it looks like "
                    "https://mail.example.com/EWS/Exchange.asmx"
                )
            if parts.scheme == "http" and not (self.allow_plaintext or is_loopback(parts.hostname)):
                raise SettingsError(
                    f"{url} would send the password unencrypted; use https, "
                    "or set allow_plaintext = true if the network itself is safe"
                )

    @property
    def where(self) -> str:
        """The server, as errors name it."""
        return urlsplit(self.endpoint).netloc.rpartition("@")[2]

    @property
    def login(self) -> str:
        """Who logs in, as errors name it."""
        return self.client_id if self.auth == "oauth-client" else self.user or self.address

    @property
    def token_endpoint(self) -> str:
        """Where a token for "oauth-client" is asked for."""
        return self.token_url or f"https://login.microsoftonline.com/{self.tenant}/oauth2/v2.0/token"

    @property
    def token_scope(self) -> str:
        """What the token is to be good for."""
        return f"https://{urlsplit(self.endpoint).hostname}/.default"
