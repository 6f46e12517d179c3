"""What mailwatch has to know to reach one IMAP account."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from mailwatch.domain.hosts import is_loopback
from mailwatch.errors import SettingsError


@dataclass(frozen=True, slots=True)
class ImapAccount:
    """How to reach one account, and which mailboxes of it to read.

    `secret` is asked anew at each login; so is `token`, an OAuth 2 token that takes its place, and `forget_token`
    hears of one that the server refused, so that the next is a new one. `roles` names mailboxes where the server's
    own word is not to be taken (role to name), `also` further mailboxes to read.
    `timeout` is in seconds, for connecting and for each answer; `batch` is how many messages `changes` hands out at
    once. Raises SettingsError where the password would cross a network unencrypted without an explicit word.
    """

    host: str
    port: int
    user: str
    secret: Callable[[], str] | None = field(default=None, repr=False)
    security: Literal["tls", "starttls", "plain"] = "tls"
    ca_file: str | None = None
    roles: Mapping[str, str] = field(default_factory=dict)
    also: tuple[str, ...] = ()
    timeout: float = 30
    batch: int = 1000
    allow_plaintext: bool = False
    token: Callable[[], str] | None = field(default=None, repr=False)
    forget_token: Callable[[str], None] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if self.security == "plain" and not self.allow_plaintext and not is_loopback(self.host):
            raise SettingsError(
                f'security = "plain" would send the password to {self.host} unencrypted; use "tls" or "starttls", '
                "or set allow_plaintext = true if the network itself is safe"
            )

    @property
    def where(self) -> str:
        """The server, as errors name it."""
        return f"{self.host}:{self.port}"
