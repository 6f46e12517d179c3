"""Hands a message to Microsoft 365 through Graph's sendMail, header fields and all, and says what became of it."""

from __future__ import annotations

import re
from base64 import b64encode
from datetime import UTC, datetime
from email import message_from_bytes
from email.utils import getaddresses
from typing import Literal, NoReturn
from urllib.parse import quote

from mailwatch.adapters.bounded_http import Answer, Http, NotSent
from mailwatch.adapters.graph_account import GraphAccount
from mailwatch.adapters.graph_errors import is_page, seconds_to_wait, told
from mailwatch.adapters.graph_session import gate
from mailwatch.adapters.submit_patience import SubmitPatience
from mailwatch.domain.fields import split_message
from mailwatch.domain.wording import counted
from mailwatch.errors import (
    CertificateRefused,
    MailwatchError,
    ProviderError,
    SettingsError,
    SubmissionDeferred,
    SubmissionRefused,
    SubmissionUncertain,
)

_ANSWER_LIMIT = 1 << 20
_LARGEST = 3 << 20  # Graph takes 4 MB a request, and base64 makes four of three.
_PATIENCE = 120.0  # seconds at least for the answer to sendMail


class GraphSubmitter:
    """Submits messages from the mailbox of one account, each over a connection of its own; safe in several threads.

    Graph keeps a copy in that mailbox's sent items; with messages in MIME that cannot be turned off.
    """

    def __init__(self, account: GraphAccount) -> None:
        self._account = account
        self._where = account.where
        self._patience = SubmitPatience(account.where)
        self._home = f"{account.base_url.rstrip('/')}/users/{quote(account.user, safe='@')}"

    def submit(self, sender: str, recipient: str, message: bytes) -> None:
        """Returns when Graph has taken the message (202).

        Graph has no envelope: it sends to whom the header names, so a message that names anyone but `recipient` is
        refused here. `sender` has to be the account's mailbox, or one that it may send as. Raises as Submitter says:
        SubmissionUncertain once the request was under way and no clear answer came. While Graph wants to be left
        alone it is not asked.
        """
        with self._patience.heeded():
            self._submit(sender, recipient, message)

    def probe(self) -> None:
        """Gets a token and shows it to Graph; sends nothing. Raises SubmissionDeferred with what to repair."""
        try:
            answer = self._ask("GET", f"{self._home}/mailFolders/sentitems?$select=displayName", self._token(), None)
        except SubmissionUncertain as error:
            raise SubmissionDeferred(str(error)) from None
        # An app that may send and not read gets 403, which is as it should be.
        if answer.status == 401 or is_page(answer):
            self._defer(
                f"did not take our token (HTTP {answer.status}); check tenant, client and certificate or secret"
            )

    # ------------------------------------------------------------ the request

    def _submit(self, sender: str, recipient: str, message: bytes) -> None:
        lines = re.sub(rb"\r\n|\r|\n", b"\r\n", message)
        header = message_from_bytes(split_message(lines)[0])
        named = [str(field) for name in ("To", "Cc", "Bcc") for field in header.get_all(name, [])]
        if {address.lower() for _, address in getaddresses(named)} != {recipient.lower()}:
            self._refuse(f"would send a message for <{recipient}> to others too, since its header names them")
        if len(lines) > _LARGEST:
            self._refuse(f"takes at most {_LARGEST} bytes, and the message has {len(lines)}")
        for last in (False, True):
            token = self._token()
            answer = self._ask("POST", f"{self._home}/sendMail", token, b64encode(lines))
            if answer.status != 401 or last or self._account.forget_token is None:
                break
            self._account.forget_token(token)
        if answer.status != 202:
            self._judge(answer, token, sender, recipient)

    def _token(self) -> str:
        try:
            return self._account.token()
        except MailwatchError as error:
            self._defer(f"cannot be logged in to: {error}")

    def _ask(self, method: Literal["GET", "POST"], url: str, token: str, data: bytes | None) -> Answer:
        account = self._account
        patience = max(account.timeout, _PATIENCE) if data else account.timeout
        headers = {"Accept": "application/json", "Prefer": 'IdType="ImmutableId"', "Connection": "close"}
        if data is not None:
            headers["Content-Type"] = "text/plain"
        try:
            # A kept connection may have been closed meanwhile; then nobody could say whether the message was taken.
            http = Http(self._where, timeout=patience, ca_file=account.ca_file, connections=1)
        except SettingsError as error:
            raise SubmissionDeferred(str(error)) from None
        door = gate(account)
        if not door.acquire(timeout=account.timeout):
            self._defer(f"has too many requests of ours for {account.user} to answer")
        try:
            return http.ask(method, url, token=token, headers=headers, data=data, limit=_ANSWER_LIMIT)
        except (NotSent, CertificateRefused) as error:
            raise SubmissionDeferred(str(error)) from None
        except ProviderError as error:
            raise SubmissionUncertain(f"{error} The message may have been taken.") from None
        finally:
            http.close()
            door.release()

    def _judge(self, answer: Answer, token: str, sender: str, recipient: str) -> NoReturn:
        code, message = told(answer, token)
        said = ": ".join(word for word in (code, message) if word) or f"HTTP {answer.status}"
        if answer.status == 401:
            self._defer(f"did not take our token ({said}); check tenant, client and certificate or secret")
        if answer.status == 403:
            self._defer(
                f"does not let this app send as <{sender}> from {self._account.user} ({said}); give it Mail.Send for "
                "that mailbox, and the mailbox the right to send as that address"
            )
        if answer.status == 404:
            self._defer(f"knows no mailbox {self._account.user} ({said}); check user under [submit]")
        if answer.status in (408, 425, 429, 503) or answer.status // 100 == 3:
            seconds = seconds_to_wait(answer, datetime.now(UTC))
            wait = f" and asks to wait {counted(round(seconds), 'second')}" if seconds is not None else ""
            raise SubmissionDeferred(
                f"{self._where} did not take the message for <{recipient}> now ({said}){wait}.", seconds
            )
        if answer.status // 100 == 4 and not is_page(answer):
            self._refuse(f"refused the message for <{recipient}> ({said})")
        # What is left may have come from something in between, after Graph had taken the message.
        raise SubmissionUncertain(
            f"{self._where} gave no clear answer to the message for <{recipient}> ({said}); it may have been taken."
        )

    def _defer(self, what: str) -> NoReturn:
        raise SubmissionDeferred(f"{self._where} {what}.") from None

    def _refuse(self, what: str) -> NoReturn:
        raise SubmissionRefused(f"{self._where} {what}.") from None
