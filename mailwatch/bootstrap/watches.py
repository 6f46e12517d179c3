"""Makes everything that the cycle of a user needs: the provider of the mail, the submitter, the words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from mailwatch.adapters.imap import ImapAccount, ImapProvider
from mailwatch.adapters.maildir import MaildirProvider
from mailwatch.adapters.secrets import secret_source
from mailwatch.adapters.smtp import SmtpAccount, SmtpSubmitter
from mailwatch.bootstrap.desks import desk
from mailwatch.bootstrap.policies import directory, policy
from mailwatch.errors import SettingsError
from mailwatch.ports import MailProvider, Submitter
from mailwatch.runtime.cycle import Watch
from mailwatch.settings import Settings
from mailwatch.settings.tables import MailboxTable, Secret, Submit, UserTable

SUBMISSION_PORTS = {"tls": 465, "starttls": 587, "plain": 25}
IMAP_PORTS = {"tls": 993, "starttls": 143, "plain": 143}


def watches(settings: Settings, now: datetime) -> tuple[Watch, ...]:
    """One watch a user. Raises SettingsError or DirectoryError."""
    coworkers = directory(settings)
    return tuple(
        Watch(
            policy=policy(settings, user, now),
            directory=coworkers,
            provider=provider(user),
            submitter=submitter(settings),
            desk=desk(settings, user.address),
            look_back=settings.mailwatch.look_back,
            settle=settings.submit.settle,
        )
        for user in settings.users
    )


def provider(user: UserTable) -> MailProvider:
    """The door to a user's mail; nothing is connected yet. Raises SettingsError."""
    table = user.mailbox
    if table.kind == "maildir":
        assert table.path is not None  # The settings were checked.
        roles = {str(role): name for role, name in table.roles.items()}
        return MaildirProvider(table.path.expanduser(), roles=roles, also=table.also)
    try:
        return ImapProvider(imap_account(user))
    except SettingsError as error:
        raise SettingsError(f"users.mailbox of {user.address}: {error}") from None


def imap_account(user: UserTable) -> ImapAccount:
    """How to reach a user's IMAP server. Raises SettingsError."""
    table = user.mailbox
    return ImapAccount(
        host=table.host or "",
        port=table.port or IMAP_PORTS[table.security],
        user=table.user or user.address,
        secret=secret(table, "users.mailbox"),
        security=table.security,
        ca_file=str(table.ca_file.expanduser()) if table.ca_file else None,
        roles={str(role): name for role, name in table.roles.items()},
        also=table.also,
        timeout=table.timeout.total_seconds(),
        allow_plaintext=table.allow_plaintext,
    )


def submitter(settings: Settings) -> Submitter:
    """The door to the mail system. Raises SettingsError if the settings do not say where it is."""
    return smtp_submitter(settings)


def smtp_submitter(settings: Settings) -> SmtpSubmitter:
    """The submission server, which can also be probed. Raises SettingsError."""
    table = settings.submit
    if not table.host:
        raise SettingsError('submit.host is missing, such as host = "smtp.example.com" under [submit]')
    return SmtpSubmitter(smtp_account(table, table.host))


def smtp_account(table: Submit, host: str) -> SmtpAccount:
    """How to reach the submission server."""
    return SmtpAccount(
        host=host,
        port=table.port or SUBMISSION_PORTS[table.security],
        security=table.security,
        user=table.user,
        secret=secret(table, "submit") if table.secret_fields() else None,
        ca_file=table.ca_file.expanduser() if table.ca_file else None,
        allow_plaintext=table.allow_plaintext,
    )


def secret(table: MailboxTable | Submit | Secret, where: str) -> Callable[[], str]:
    """Where a password comes from; it is read when it is needed and not before."""
    return secret_source(
        where,
        password=table.password.get_secret_value() if table.password else None,
        password_file=table.password_file.expanduser() if table.password_file else None,
        password_command=table.password_command,
        password_env=table.password_env,
        password_credential=table.password_credential,
    )
