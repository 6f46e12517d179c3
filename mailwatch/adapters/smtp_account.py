"""Where and how to submit mail by SMTP."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from mailwatch.domain.hosts import is_loopback
from mailwatch.errors import SettingsError

Security = Literal["tls", "starttls", "plain"]


@dataclass(frozen=True, slots=True)
class SmtpAccount:
    """Where and how to submit. `secret` is asked each time a password is needed; times are in seconds.

    `token` gives an OAuth 2 token, which takes the place of a password; `forget_token` hears of one that the server
    refused, so that the next is a new one.

    `final_timeout` is how long to wait for the reply to the final dot, ten minutes by RFC 5321 4.5.3.2.6.
    `allow_plaintext` is the explicit word without which `security = "plain"` reaches loopback only.
    """

    host: str
    port: int
    security: Security = "starttls"
    user: str | None = None
    secret: Callable[[], str] | None = field(default=None, repr=False)
    ca_file: Path | None = None
    allow_plaintext: bool = False
    timeout: float = 30.0
    final_timeout: float = 600.0
    token: Callable[[], str] | None = field(default=None, repr=False)
    forget_token: Callable[[str], None] | None = field(default=None, repr=False)

    def check(self) -> None:
        """Raises SettingsError if mail and password would cross a network in the clear unasked."""
        if self.security == "plain" and not self.allow_plaintext and not is_loopback(self.host):
            raise SettingsError(
                f'submit.security: mail would go to {self.host} unencrypted; use "starttls" or "tls", '
                "or set allow_plaintext = true if the way there is safe"
            )
