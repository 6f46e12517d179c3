"""Who logs in at Microsoft 365, and the rights (scopes) that are asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

LOGIN = "https://login.microsoftonline.com"
GRAPH_APP = ("https://graph.microsoft.com/.default",)
GRAPH_PERSON = ("https://graph.microsoft.com/Mail.Read", "https://graph.microsoft.com/Mail.Send")
GRAPH_WRITER = (*GRAPH_PERSON, "https://graph.microsoft.com/Mail.ReadWrite")
MAIL_APP = ("https://outlook.office365.com/.default",)
MAIL_PERSON = ("https://outlook.office.com/IMAP.AccessAsUser.All", "https://outlook.office.com/SMTP.Send")


@dataclass(frozen=True, slots=True)
class MicrosoftLogin:
    """Who asks for tokens, and for what.

    An app has a `secret`, or a `certificate` (a PEM file of mode 0600 with key and certificate, whose key may be
    encrypted with `passphrase`). Without both it is a person, `user`, who has signed in before (`sign_in`); then
    `cache` is needed, the file where their tokens are kept. `http_client` is msal's door, for tests.
    """

    tenant: str
    client: str
    scopes: Sequence[str] = GRAPH_APP
    user: str = ""
    secret: Callable[[], str] | None = field(default=None, repr=False)
    certificate: Path | None = None
    passphrase: Callable[[], str] | None = field(default=None, repr=False)
    cache: Path | None = None
    authority: str = LOGIN
    timeout: float = 30
    http_client: Any = field(default=None, repr=False)

    @property
    def is_app(self) -> bool:
        """Whether it logs in for itself and not for a person."""
        return self.secret is not None or self.certificate is not None
