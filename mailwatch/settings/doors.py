"""The tables of mailwatch.toml that say how mail is read and sent, and how to log in for that."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from mailwatch.settings.kinds import Duration, Host, HttpsHost, OwnAddress, Port, Security, Timeout

Login = Literal["password", "microsoft", "google", "command"]


class Table(BaseModel):
    """A table of the file: frozen, and without room for keys that nobody knows."""

    # Inputs are hidden in errors because one of them may be a password.
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, populate_by_name=True)


class Secret(Table):
    """Where a password comes from: exactly one of these."""

    password: SecretStr | None = None
    password_file: Path | None = None
    password_command: str | None = None
    password_env: str | None = None
    password_credential: str | None = None

    @model_validator(mode="after")
    def _at_most_one(self) -> Secret:
        if len(self.secret_fields()) > 1:
            raise ValueError(f"only one of {', '.join(self.secret_fields())} may be given")
        return self

    def secret_fields(self) -> tuple[str, ...]:
        """The names of the secret's keys that are set."""
        return tuple(name for name in Secret.model_fields if getattr(self, name) is not None)


_OF_KINDS = {
    "imap": {"host", "port", "user", "login", "token_command", "roles"},
    "smtp": {"host", "port", "user", "login", "token_command"},
    "ews": {"endpoint", "user", "auth", "access", "tenant", "client", "token_url"},
    "graph": {"endpoint", "login", "token_command"},
    "maildir": {"path", "roles"},
}
"""The keys that not every kind of mailbox or submission uses, under the kinds that do."""

_OF_SOME_KINDS = frozenset[str]().union(*_OF_KINDS.values())


class Door(Secret):
    """What reading and sending have in common: where the server is, and how to log in there."""

    kind: str
    host: Host | None = None
    port: Port | None = None
    user: str | None = None
    ca_file: Path | None = None
    allow_plaintext: bool = False
    login: Login = "password"
    token_command: str | None = None
    endpoint: str | None = None
    auth: Literal["basic", "ntlm", "oauth-client"] = "ntlm"
    access: Literal["delegate", "impersonation"] = "delegate"
    tenant: str = ""
    client: str = ""
    token_url: str = ""

    @property
    def signs_in_at_microsoft(self) -> bool:
        """Whether the tokens are Microsoft's: always with Graph, unless a command gives them."""
        return self.login == "microsoft" or (self.kind == "graph" and self.login != "command")

    @model_validator(mode="after")
    def _login_is_whole(self) -> Door:
        if (self.login == "command") != (self.token_command is not None):
            raise ValueError('login = "command" and token_command belong together')
        return self

    def refuse_what_does_nothing(self) -> None:
        """Raises ValueError on keys that a door of this kind does not use: whoever set them expects something."""
        used = _OF_KINDS[self.kind]
        fields = {name: field for name, field in type(self).model_fields.items() if name in _OF_SOME_KINDS - used}
        usual = {name: field.get_default(call_default_factory=True) for name, field in fields.items()}
        idle = [name for name in usual if getattr(self, name) != usual[name]]
        if idle:
            does = "does" if len(idle) == 1 else "do"
            raise ValueError(
                f'{" and ".join(idle)} {does} nothing with kind = "{self.kind}", which takes '
                f"{', '.join(sorted(used))}; take {'it' if len(idle) == 1 else 'them'} away"
            )


class MailboxTable(Door):
    """[users.mailbox]: how the user's mail is read."""

    kind: Literal["imap", "ews", "graph", "maildir"] = "imap"
    security: Security = "tls"
    timeout: Timeout = timedelta(seconds=30)
    path: Path | None = None
    also: tuple[str, ...] = ()
    roles: Mapping[Literal["inbox", "sent", "archive", "all"], str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _complete(self) -> MailboxTable:
        if self.kind == "imap" and not self.host:
            raise ValueError('host is missing, such as host = "imap.example.com"')
        if self.kind == "ews" and not self.endpoint:
            raise ValueError('endpoint is missing, such as endpoint = "https://mail.example.com/EWS/Exchange.asmx"')
        if self.kind in ("imap", "ews") and self.login == "password" and not self.secret_fields():
            raise ValueError('a secret is missing, such as password_file = "/etc/mailwatch/ann.secret"')
        if self.kind == "maildir" and not self.path:
            raise ValueError('path is missing, such as path = "/home/ann/Maildir"')
        if self.roles and self.kind in ("ews", "graph"):
            raise ValueError(
                f'roles does nothing with kind = "{self.kind}", where inbox and sent mail are known by themselves; '
                "take it away, and name further mailboxes under also"
            )
        self.refuse_what_does_nothing()
        return self


class Submit(Door):
    """[submit]: how reminders and summaries are handed to the mail system."""

    kind: Literal["smtp", "ews", "graph"] = "smtp"
    security: Security = "starttls"
    sender: OwnAddress | None = Field(default=None, alias="from")
    settle: Duration = timedelta(minutes=15)

    @model_validator(mode="after")
    def _complete(self) -> Submit:
        if self.kind == "ews" and not (self.endpoint and self.secret_fields()):
            raise ValueError("endpoint and a secret (such as password_file) are needed to send by EWS")
        if self.kind == "graph" and not self.sender:
            raise ValueError('from is missing: the mailbox that sends, such as from = "mailwatch@example.com"')
        if self.kind == "smtp" and self.secret_fields() and not self.user:
            raise ValueError(
                f"{self.secret_fields()[0]} does nothing without the login name, "
                'such as user = "mailwatch@example.com"'
            )
        self.refuse_what_does_nothing()
        return self


class Microsoft(Secret):
    """[microsoft]: the app that signs in at Microsoft 365, or the file where a person's tokens are kept."""

    tenant: str | None = None
    client: str | None = None
    authority: HttpsHost = "https://login.microsoftonline.com"
    certificate: Path | None = None
    token_cache: Path | None = None


class Google(Table):
    """[google]: the service account with domain-wide delegation."""

    key_file: Path | None = None
