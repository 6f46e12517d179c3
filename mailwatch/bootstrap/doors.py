"""Makes the doors of a user's mail and of the mail system, of whatever kind the settings name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol
from urllib.parse import urlsplit

from mailwatch.adapters.ews import EwsAccount, EwsProvider
from mailwatch.adapters.ews_marks import EwsMarker
from mailwatch.adapters.ews_submit import EwsSubmitter
from mailwatch.adapters.graph import GraphAccount, GraphProvider
from mailwatch.adapters.graph_account import CLOUD
from mailwatch.adapters.graph_marks import GraphMarker
from mailwatch.adapters.graph_submit import GraphSubmitter
from mailwatch.adapters.imap import ImapAccount, ImapProvider
from mailwatch.adapters.imap_marks import ImapMarker
from mailwatch.adapters.maildir import MaildirProvider
from mailwatch.adapters.microsoft_login import (
    GRAPH_APP,
    GRAPH_PERSON,
    GRAPH_WRITER,
    MAIL_APP,
    MAIL_PERSON,
    MicrosoftLogin,
)
from mailwatch.adapters.oauth import Fetch, Tokens
from mailwatch.adapters.oauth_command import CommandTokens
from mailwatch.adapters.oauth_google import GoogleLogin, GoogleTokens
from mailwatch.adapters.oauth_microsoft import MicrosoftTokens
from mailwatch.adapters.secrets import from_command, secret_source
from mailwatch.adapters.smtp import SmtpAccount, SmtpSubmitter
from mailwatch.bootstrap.policies import mark_of
from mailwatch.errors import SettingsError, UsageError
from mailwatch.ports import MailProvider, Marker, Submitter
from mailwatch.settings import Settings
from mailwatch.settings.doors import Door, MailboxTable, Secret, Submit
from mailwatch.settings.tables import UserTable

SUBMISSION_PORTS = {"tls": 465, "starttls": 587, "plain": 25}
IMAP_PORTS = {"tls": 993, "starttls": 143, "plain": 143}


class Probed(Submitter, Protocol):
    """A submitter that `doctor` can try without sending anything."""

    def probe(self) -> None:
        """Connects and logs in. Raises SubmissionDeferred with what to repair."""


class Doors:
    """Makes doors from one settings file; those that log in as the same app share its tokens."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._tokens: dict[tuple[str, str], Tokens] = {}

    def provider(self, user: UserTable) -> MailProvider:
        """The door to a user's mail; nothing is connected yet. Raises SettingsError."""
        table = user.mailbox
        try:
            if table.kind == "maildir":
                assert table.path is not None  # The settings were checked.
                roles = {str(role): name for role, name in table.roles.items()}
                return MaildirProvider(table.path.expanduser(), roles=roles, also=table.also)
            if table.kind == "ews":
                return EwsProvider(self._ews_account(table, user.address))
            if table.kind == "graph":
                return GraphProvider(self._graph_account(table, user.address))
            return ImapProvider(self._imap_account(user))
        except SettingsError as error:
            raise SettingsError(f"users.mailbox of {user.address}: {error}") from None

    def marker(self, user: UserTable) -> Marker:
        """The door that marks messages in a user's mailbox; nothing is connected yet. Raises SettingsError."""
        table = user.mailbox
        if table.kind == "maildir":
            raise SettingsError(
                f"write_back of {user.address}: a Maildir has no marks that mail programs agree on; turn it off there"
            )
        if table.kind == "ews":
            return EwsMarker(self._ews_account(table, user.address))
        if table.kind == "graph":
            return GraphMarker(self._graph_account(table, user.address, writes=True))
        return ImapMarker(self._imap_account(user))

    def secret(self, user: UserTable) -> Callable[[], str] | None:
        """What gives the password of a user's mailbox, each time anew; None where it has none."""
        return _secret(user.mailbox, "users.mailbox") if user.mailbox.secret_fields() else None

    def submitter(self) -> Probed:
        """The door to the mail system. Raises SettingsError if the settings do not say where it is."""
        table = self._settings.submit
        if table.kind == "ews":
            return EwsSubmitter(self._ews_account(table, table.sender or table.user or ""))
        if table.kind == "graph":
            return GraphSubmitter(self._graph_account(table, table.sender or ""))
        if not table.host:
            raise SettingsError('submit.host is missing, such as host = "smtp.example.com" under [submit]')
        return SmtpSubmitter(self._smtp_account(table, table.host))

    def sign_in(self, user: UserTable, tell: Callable[[str], None]) -> None:
        """Lets a person sign in at Microsoft by a code (RFC 8628). Raises MailwatchError."""
        table = user.mailbox
        if not table.signs_in_at_microsoft:
            raise UsageError(f"the mailbox of {user.address} does not sign in at Microsoft; see its login")
        writes = table.kind == "graph" and bool(mark_of(self._settings, user))
        login = self._microsoft_login(table, user.address, writes=writes)
        if login.is_app:
            raise UsageError("[microsoft] holds an app's certificate or secret, so nobody needs to sign in")
        MicrosoftTokens(login).sign_in(tell)

    # ------------------------------------------------------------ accounts

    def _imap_account(self, user: UserTable) -> ImapAccount:
        table = user.mailbox
        tokens = self._token(table, user.address)
        return ImapAccount(
            host=table.host or "",
            port=table.port or IMAP_PORTS[table.security],
            user=table.user or user.address,
            secret=_secret(table, "users.mailbox") if table.login == "password" else None,
            token=tokens,
            forget_token=tokens.forget if tokens else None,
            security=table.security,
            ca_file=str(table.ca_file.expanduser()) if table.ca_file else None,
            roles={str(role): name for role, name in table.roles.items()},
            also=table.also,
            timeout=table.timeout.total_seconds(),
            allow_plaintext=table.allow_plaintext,
        )

    def _smtp_account(self, table: Submit, host: str) -> SmtpAccount:
        tokens = self._token(table, table.user or "")
        return SmtpAccount(
            host=host,
            port=table.port or SUBMISSION_PORTS[table.security],
            security=table.security,
            user=table.user,
            secret=_secret(table, "submit") if table.secret_fields() else None,
            token=tokens,
            forget_token=tokens.forget if tokens else None,
            ca_file=table.ca_file.expanduser() if table.ca_file else None,
            allow_plaintext=table.allow_plaintext,
        )

    def _ews_account(self, table: MailboxTable | Submit, address: str) -> EwsAccount:
        account = EwsAccount(
            endpoint=table.endpoint or "",
            address=address,
            secret=_secret(table, _place(table)),
            user=table.user or "",
            auth=table.auth,
            access=table.access,
            tenant=table.tenant,
            client_id=table.client,
            token_url=table.token_url,
            ca_file=str(table.ca_file.expanduser()) if table.ca_file else None,
            allow_plaintext=table.allow_plaintext,
        )
        if isinstance(table, MailboxTable):
            return replace(account, also=table.also, timeout=table.timeout.total_seconds())
        return account

    def _graph_account(self, table: MailboxTable | Submit, address: str, *, writes: bool = False) -> GraphAccount:
        tokens = self._tokens_for(table, address, writes=writes)
        account = GraphAccount(
            user=address,
            token=tokens,
            forget_token=tokens.forget,
            base_url=table.endpoint or CLOUD,
            ca_file=str(table.ca_file.expanduser()) if table.ca_file else None,
        )
        if isinstance(table, MailboxTable):
            return replace(account, also=table.also, timeout=table.timeout.total_seconds())
        return account

    # ------------------------------------------------------------ tokens

    def _token(self, table: MailboxTable | Submit, address: str) -> Tokens | None:
        return None if table.login == "password" else self._tokens_for(table, address)

    def _tokens_for(self, table: MailboxTable | Submit, address: str, *, writes: bool = False) -> Tokens:
        if table.login == "command":
            command, named = table.token_command or "", f"{_place(table)}.token_command"
            return self._shared((command, ""), CommandTokens(lambda: from_command(named, command), named))
        if table.login == "google":
            key = self._settings.google.key_file
            assert key is not None  # The settings were checked.
            return self._shared(("google", address), GoogleTokens(GoogleLogin(address, key.expanduser())))
        login = self._microsoft_login(table, address, writes=writes)
        # An app is one for all mailboxes; a person's tokens are their own.
        return self._shared((" ".join(login.scopes), login.user), MicrosoftTokens(login))

    def _shared(self, login: tuple[str, str], fetch: Fetch) -> Tokens:
        """The tokens of a login, one in all doors, so that each is asked for once."""
        return self._tokens.setdefault(login, Tokens(fetch))

    def _microsoft_login(self, table: MailboxTable | Submit, address: str, *, writes: bool) -> MicrosoftLogin:
        app = self._settings.microsoft
        is_app = bool(app.certificate or app.secret_fields())
        of_app: tuple[Sequence[str], Sequence[str]] = (GRAPH_APP, MAIL_APP)
        of_person: tuple[Sequence[str], Sequence[str]] = (GRAPH_WRITER if writes else GRAPH_PERSON, MAIL_PERSON)
        return MicrosoftLogin(
            tenant=app.tenant or "",
            client=app.client or "",
            scopes=_of_cloud((of_app if is_app else of_person)[table.kind != "graph"], table),
            authority=app.authority,
            user="" if is_app else address,
            # With a certificate, the secret is the pass phrase of its key.
            secret=_secret(app, "microsoft") if app.secret_fields() and not app.certificate else None,
            certificate=app.certificate.expanduser() if app.certificate else None,
            passphrase=_secret(app, "microsoft") if app.secret_fields() and app.certificate else None,
            cache=app.token_cache.expanduser() if app.token_cache else None,
        )


def _of_cloud(scopes: Sequence[str], table: MailboxTable | Submit) -> tuple[str, ...]:
    """Scopes as the cloud names them that the mailbox is in: by the host of its Graph."""
    if table.kind != "graph" or not table.endpoint:
        return tuple(scopes)
    asked, usual = (urlsplit(address) for address in (table.endpoint, CLOUD))
    return tuple(scope.replace(f"https://{usual.netloc}", f"https://{asked.netloc}") for scope in scopes)


def _place(table: Door) -> str:
    """What errors call a table."""
    return "users.mailbox" if isinstance(table, MailboxTable) else "submit"


def _secret(table: Secret, where: str) -> Callable[[], str]:
    """Where a password comes from; it is read when it is needed and not before."""
    return secret_source(
        where,
        password=table.password.get_secret_value() if table.password else None,
        password_file=table.password_file.expanduser() if table.password_file else None,
        password_command=table.password_command,
        password_env=table.password_env,
        password_credential=table.password_credential,
    )
