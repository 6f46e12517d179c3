"""Hands a message to a submission server, and says for certain what became of it (RFC 5321, RFC 6409)."""

from __future__ import annotations

import math
import re
import socket
import ssl
from base64 import b64encode
from collections.abc import Callable
from typing import NoReturn

from mailwatch.adapters.smtp_account import SmtpAccount
from mailwatch.adapters.smtp_patience import LoginPatience
from mailwatch.adapters.smtp_words import reason_of, why_not_open, words_of
from mailwatch.adapters.smtpwire import FAILURES, NO_REPLY, Connection, TlsConnection
from mailwatch.adapters.trust import trusting
from mailwatch.domain.outgoing import mailable
from mailwatch.domain.sasl import AFTER_A_REFUSAL, first_message, mechanism
from mailwatch.domain.wording import counted
from mailwatch.errors import (
    MailwatchError,
    SubmissionDeferred,
    SubmissionRefused,
    SubmissionUncertain,
)

__all__ = ["SmtpAccount", "SmtpSubmitter"]

_ABOUT_THE_LOGIN = frozenset({530, 534, 535, 538})  # RFC 4954 6: nothing is wrong with the message itself.


class _AnotherToken(Exception):
    """The server refused a token, and there is a new one to try."""


class SmtpSubmitter:
    """Submits messages, each over a connection of its own; safe to use from several threads.

    A login that was refused is tried again only after a wait, or with another secret; so all who send by one account
    have to share this. Raises SettingsError if mail and password would cross a network in the clear unasked.
    """

    def __init__(self, account: SmtpAccount) -> None:
        account.check()
        self._account = account
        self._where = f"{account.host}:{account.port}"
        self._patience = LoginPatience()

    def submit(self, sender: str, recipient: str, message: bytes) -> None:
        """Returns when the server has taken responsibility for the message (a 2yz reply to the final dot).

        The message is in seven bits, and goes out as it is, but for CRLF line ends and dot-stuffing. An empty
        `sender` is the null return path. Raises SubmissionDeferred as long as nothing can have been taken,
        SubmissionRefused on 5yz to the message or its addresses, SubmissionUncertain once the final dot was sent
        and no reply is clear.
        """
        try:
            sender, recipient = sender and mailable(sender), mailable(recipient)
        except ValueError as error:
            raise SubmissionRefused(f"{error} Check the settings.") from None
        lines = re.sub(rb"\r\n|\r|\n", b"\r\n", message).removesuffix(b"\r\n") + b"\r\n"
        body = re.sub(rb"(?m)^\.", b"..", lines)
        connection = self._open()
        try:
            self._transact(connection, sender, recipient, body)
            connection.leave()
        finally:
            connection.close()

    def probe(self) -> None:
        """Connects and logs in, and sends nothing. Raises SubmissionDeferred with what to repair."""
        connection = self._open()
        connection.leave()
        connection.close()

    # ------------------------------------------------------------ up to the login

    def _open(self) -> Connection:
        """A connection that is logged in; a kept token that is refused is tried once more as a new one."""
        try:
            return self._opened(again=True)
        except _AnotherToken:
            return self._opened(again=False)

    def _opened(self, *, again: bool) -> Connection:
        account = self._account
        if account.user is None:
            return self._connected(None, again=again)
        secret = self._asked_for(account.token or account.secret)
        with self._patience.turn(secret) as seconds:
            if seconds:
                minutes = counted(math.ceil(seconds / 60), "minute")
                self._defer(
                    f"refused the login of {account.user}, which is tried again in {minutes}, or when the secret is "
                    "another one, so that the account is not locked"
                )
            return self._connected(secret, again=again)

    def _connected(self, secret: str | None, *, again: bool) -> Connection:
        account = self._account
        connection: Connection | None = None
        try:
            context = None if account.security == "plain" else trusting(account.ca_file, "smtp")
        except OSError as error:
            self._defer(f"cannot be verified, since {account.ca_file} is no readable file of certificates ({error})")
        try:
            if account.security == "tls":
                connection = TlsConnection(
                    account.host, account.port, _OWN_NAME, context=context, timeout=account.timeout
                )
            else:
                connection = Connection(account.host, account.port, _OWN_NAME, timeout=account.timeout)
            self._greet(connection)
            if account.security == "starttls" and context:
                self._encrypt(connection, context)
            if account.user is not None and secret is not None:
                self._log_in(connection, account.user, secret, again=again)
        except BaseException as error:
            if connection is not None:
                connection.close()
            if isinstance(error, FAILURES):
                self._defer(why_not_open(error))
            raise
        return connection

    def _greet(self, connection: Connection) -> None:
        code, text = connection.ehlo()
        if code // 100 != 2:
            code, text = connection.helo()
        if code // 100 != 2:
            self._defer(f"refused to begin: {words_of(code, text)}")

    def _encrypt(self, connection: Connection, context: ssl.SSLContext) -> None:
        if not connection.has_extn("starttls"):
            self._defer('does not offer STARTTLS; use security = "tls" with its port, which often is 465')
        code, text = connection.docmd("STARTTLS")
        if code != 220:
            self._defer(f"refused STARTTLS: {words_of(code, text)}")
        connection.wrap(context, self._account.host)
        self._greet(connection)

    def _log_in(self, connection: Connection, user: str, password: str, *, again: bool) -> None:
        offered = connection.esmtp_features.get("auth", "").upper().split()
        # One mechanism and one attempt: a second try with the same password only helps to lock the account.
        if self._account.token is not None:
            lines = self._by_token(user, password, offered)
        elif "PLAIN" in offered:
            lines = [f"AUTH PLAIN {_base64(chr(0).join(('', user, password)))}"]
        elif "LOGIN" in offered:
            lines = ["AUTH LOGIN", _base64(user), _base64(password)]
        else:
            self._defer("offers no login by password (AUTH PLAIN or LOGIN)")
        code, text = NO_REPLY, b""
        for line in lines:
            code, text = connection.docmd(line)
            if code != 334:
                break
        if code in (235, 503):
            self._patience.accepted(password)
            return
        if again and code // 100 == 5 and self._has_another_token(password):
            raise _AnotherToken
        if code // 100 == 5:
            self._patience.refused(password)
        said = words_of(code, text)
        sent = (lines[0] if self._account.token else lines[-1]).rpartition(" ")[2]
        if any(word in said for word in (password, _base64(password), sent) if word):
            said = str(code)  # The server repeated what it was sent, and that was the secret.
        what = "token" if self._account.token else "password"
        todo = f"check user and {what} in [submit]" if code // 100 == 5 else "it will be tried again"
        self._defer(f"refused the login of {user}: {said} ({todo})")

    def _asked_for(self, source: Callable[[], str] | None) -> str:
        try:
            return source() if source else ""
        except MailwatchError as error:
            self._defer(f"cannot be logged in to: {error}")

    def _has_another_token(self, refused: str) -> bool:
        """Whether there is a new token in the place of one that was refused, which may have been withdrawn."""
        if self._account.token is None or self._account.forget_token is None:
            return False
        self._account.forget_token(refused)
        return self._asked_for(self._account.token) != refused

    def _by_token(self, user: str, token: str, offered: list[str]) -> list[str]:
        """The line that logs in, and the one that a server wants before it tells its refusal (RFC 7628 3.2.3)."""
        chosen = mechanism(offered)
        if chosen is None:
            self._defer("offers no login by token (OAUTHBEARER or XOAUTH2)")
        try:
            first = first_message(chosen, user, token, self._account.host, self._account.port)
        except ValueError as error:
            self._defer(f"cannot be logged in to: {error}")
        return [f"AUTH {chosen} {b64encode(first).decode()}", b64encode(AFTER_A_REFUSAL[chosen]).decode()]

    # ------------------------------------------------------------ the message

    def _transact(self, connection: Connection, sender: str, recipient: str, body: bytes) -> None:
        size = self._size(connection, body)
        try:
            self._expect(2, connection.docmd("MAIL", f"FROM:<{sender}>{size}"), f"the sender <{sender}>")
            self._expect(2, connection.docmd("RCPT", f"TO:<{recipient}>"), f"the recipient <{recipient}>")
            self._expect(3, connection.docmd("DATA"), f"the message for <{recipient}>")
            connection.send_all(body)
            early = connection.has_reply()
        except FAILURES as error:
            self._defer(f"was lost before the message for <{recipient}> was complete ({reason_of(error)})")
        # From here on the server may have taken the message, whatever becomes of the connection.
        try:
            reply = connection.getreply() if early else connection.finish(self._account.final_timeout)
        except FAILURES as error:
            self._doubt(f"was sent the message for <{recipient}> and gave no reply ({reason_of(error)})")
        if reply[0] // 100 not in (2, 4, 5) or (early and reply[0] // 100 == 2):
            self._doubt(f"was sent the message for <{recipient}> and answered out of order: {words_of(*reply)}")
        self._expect(2, reply, f"the message for <{recipient}>")

    def _size(self, connection: Connection, body: bytes) -> str:
        """What MAIL FROM says beside the sender, where the server wants to know the size (RFC 1870)."""
        limit = connection.esmtp_features.get("size")
        if limit is None:
            return ""
        if limit.isascii() and limit.isdigit() and 0 < int(limit[:18]) < len(body):
            self._refuse(f"takes at most {limit[:18]} bytes, and the message has {len(body)}")
        return f" SIZE={len(body)}"

    def _expect(self, first_digit: int, reply: tuple[int, bytes], what: str) -> None:
        code, text = reply
        if code in _ABOUT_THE_LOGIN:
            self._defer(f"wants another login: {words_of(code, text)} (check user and password in [submit])")
        if code // 100 == 5:
            self._refuse(f"refused {what}: {words_of(code, text)}")
        if code // 100 != first_digit:
            self._defer(f"did not take {what} now: {words_of(code, text)}")

    def _defer(self, what: str) -> NoReturn:
        raise SubmissionDeferred(f"The mail server {self._where} {what}.") from None

    def _refuse(self, what: str) -> NoReturn:
        raise SubmissionRefused(f"The mail server {self._where} {what}.") from None

    def _doubt(self, what: str) -> NoReturn:
        raise SubmissionUncertain(f"The mail server {self._where} {what}; it may have been taken.") from None


def _own_name() -> str:
    name = socket.gethostname()
    return name if "." in name and name.isascii() and " " not in name else "[127.0.0.1]"


def _base64(words: str) -> str:
    return b64encode(words.encode("utf-8", "surrogateescape")).decode("ascii")


_OWN_NAME = _own_name()
