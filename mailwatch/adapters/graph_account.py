"""What mailwatch has to know to reach one mailbox through Microsoft Graph."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from mailwatch.domain.hosts import is_loopback
from mailwatch.errors import SettingsError

CLOUD = "https://graph.microsoft.com/v1.0"


@dataclass(frozen=True, slots=True)
class GraphAccount:
    """Whose mailbox to read or to send from, and with which token.

    `user` is the address or the id of the mailbox's owner. `token` gives an access token that is good for the next
    minutes; `forget_token` hears of one that Graph refused, so that the next is a new one. `also` names further
    mailboxes to read by their path, such as `Inbox/Customers`. `timeout` bounds each answer and `deadline` a whole
    poll, in seconds; `batch` is how many messages `changes` hands out at once. Raises SettingsError where the token
    would cross a network unencrypted.
    """

    user: str
    token: Callable[[], str] = field(repr=False)
    forget_token: Callable[[str], None] | None = field(default=None, repr=False)
    also: tuple[str, ...] = ()
    base_url: str = CLOUD
    ca_file: str | None = None
    timeout: float = 30
    deadline: float = 600
    batch: int = 200

    def __post_init__(self) -> None:
        parts = urlsplit(self.base_url)
        if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname or "")):
            raise SettingsError(
                f"base_url = {self.base_url!r} would send the token unencrypted; it has to begin with https://, "
                f'such as "{CLOUD}"'
            )

    @property
    def where(self) -> str:
        """The server, as errors name it."""
        return urlsplit(self.base_url).netloc
