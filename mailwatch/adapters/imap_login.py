"""Connects to an IMAP server and logs in: TLS first and verified, the password last and never repeated."""

from __future__ import annotations

import contextlib
import imaplib
from base64 import b64encode

from mailwatch.adapters.imap_account import ImapAccount
from mailwatch.adapters.imap_answers import quoted
from mailwatch.adapters.imap_errors import login_refused, words_of
from mailwatch.adapters.imap_token import TokenNotTaken, log_in_with_token
from mailwatch.adapters.imap_wire import Client, OnCommand
from mailwatch.adapters.trust import trusting
from mailwatch.errors import LoginRefused, ProtocolBroken, SettingsError


def connected(account: ImapAccount, on_command: OnCommand | None) -> Client:
    """A connection that is logged in. Raises ProviderError or SettingsError, and what the socket raises.

    A kept token that the server refuses is tried once more as a new one, over another connection.
    """
    token = account.token() if account.token is not None else ""
    try:
        return _connected(account, token, on_command)
    except TokenNotTaken:
        if account.token is None or account.forget_token is None:
            raise
        account.forget_token(token)
        another = account.token()
        if another == token:
            raise
    return _connected(account, another, on_command)


def _connected(account: ImapAccount, token: str, on_command: OnCommand | None) -> Client:
    context = None
    if account.security != "plain":
        try:
            context = trusting(account.ca_file, "imap")
        except OSError as error:
            raise SettingsError(f"ca_file = {account.ca_file} cannot be used: {error.strerror or error}") from None
    client = Client(
        account.host,
        account.port,
        timeout=account.timeout,
        context=context if account.security == "tls" else None,
        on_command=on_command,
    )
    try:
        if account.security == "starttls":
            # A server, or someone between, that logs us in before TLS is not to be trusted either (RFC 9051 11.1).
            if "STARTTLS" not in client.wire.capabilities or client.wire.state != "NONAUTH":
                raise ProtocolBroken(f'{account.where} offers no STARTTLS. Check the port, or use security = "tls".')
            client.starttls(context)
        if client.wire.state == "NONAUTH":
            _login(client, account, token)
        client.wire.is_readonly = True
    except BaseException:
        with contextlib.suppress(Exception):
            client.wire.shutdown()
        raise
    return client


def _login(client: Client, account: ImapAccount, token: str) -> None:
    if account.token is not None:
        log_in_with_token(client.wire, account, token)
        return
    user, secret, wire = account.user, account.secret() if account.secret else "", client.wire
    plain = "AUTH=PLAIN" in wire.capabilities
    if "LOGINDISABLED" in wire.capabilities and not plain:
        raise LoginRefused(
            f'{account.where} takes no password on this connection; set security = "starttls" or "tls".'
        )
    try:
        if plain and ("LOGINDISABLED" in wire.capabilities or not (user + secret).isascii()):
            wire.authenticate("PLAIN", lambda _: f"\0{user}\0{secret}".encode())
            return
        typ, data = wire._simple_command("LOGIN", quoted(user.encode()), quoted(secret.encode()))
    except imaplib.IMAP4.abort as error:
        raise imaplib.IMAP4.abort(_without(user, secret, str(error))) from None
    except imaplib.IMAP4.error as error:
        raise login_refused(account.where, user, _without(user, secret, str(error))) from None
    except ValueError:
        raise LoginRefused(f"The name or password for {account.where} holds a line end or NUL.") from None
    if typ != "OK":
        raise login_refused(account.where, user, _without(user, secret, words_of(data)))
    wire.state = "AUTH"


def _without(user: str, secret: str, words: str) -> str:
    """A server may repeat the password in its complaint, as it was sent, and imaplib repeats the server."""
    in_base64 = b64encode(f"\0{user}\0{secret}".encode()).decode("ascii")
    in_quotes = secret.replace("\\", "\\\\").replace('"', '\\"')
    for form in (in_base64.rstrip("="), in_quotes, secret):
        words = words.replace(form, "…") if form else words
    return words
