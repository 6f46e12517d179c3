"""The mail of one mailbox on an Exchange server over Exchange Web Services, read-only."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Sequence
from datetime import datetime

from mailwatch.adapters.ews_account import EwsAccount
from mailwatch.adapters.ews_errors import names_of, translated
from mailwatch.adapters.ews_fields import HEADERS_ASKED, TEXT_ASKED, read_item, read_words
from mailwatch.adapters.ews_roles import folders_to_search, mailboxes_to_read
from mailwatch.adapters.ews_session import EwsSession, Explainer
from mailwatch.adapters.ews_sync import EwsSync
from mailwatch.adapters.ews_verbs import apart, stand_in, unknown_words
from mailwatch.domain.identifying import sought
from mailwatch.domain.message import Headers, Mailbox, SetAside, Text
from mailwatch.errors import MailwatchError, RoleMissing, UnreadableMessage
from mailwatch.ports import Changes, Notice, SyncState

__all__ = ["EwsAccount", "EwsProvider"]

_LIST_IS_GOOD_FOR = 3600.0  # seconds
_HEADERS_A_QUESTION = 100
_TEXTS_A_QUESTION = 50


class EwsProvider:
    """One mailbox on one kept connection, which is made at the first question and again when it breaks.

    It is for one thread at a time; mailboxes that share credentials ask one after the other. Every question ends at
    the account's `timeout`, whatever the server does. Waiting longer is the caller's, and BackOff says how long.
    """

    def __init__(self, account: EwsAccount) -> None:
        self._session = EwsSession(account)
        self._sync = EwsSync(self._session)
        self._mailboxes: tuple[Mailbox, ...] = ()
        self._listed_at = 0.0

    def mailboxes(self) -> Sequence[Mailbox]:
        """See MailProvider; asked for once an hour."""
        if not self._mailboxes or time.monotonic() - self._listed_at > _LIST_IS_GOOD_FOR:
            self._mailboxes = mailboxes_to_read(self._session)
            self._listed_at = time.monotonic()
        return self._mailboxes

    def changes(self, mailbox: Mailbox, since: SyncState | None, oldest: datetime) -> Changes:
        """See MailProvider. One question, and one more where a first round begins."""
        try:
            return self._sync.changes(mailbox, since, oldest)
        except RoleMissing as error:
            self._mailboxes = ()
            raise RoleMissing(f"The mailbox {mailbox.name} cannot be read now: {error}") from None

    def headers(self, mailbox: Mailbox, ids: Sequence[str]) -> Iterator[Headers | SetAside]:
        """See MailProvider. A meeting that was filed among the messages is left out.

        A reply that the server noted and of which there is no copy comes as a message of the user's own.
        """
        messages, replied = apart(ids)
        yield from self._headers(mailbox, messages)
        for asked in self._headers(mailbox, list(replied)):
            if isinstance(asked, Headers):
                found = stand_in(asked, *replied[asked.provider_id], self._session.account.address)
                if found is not None and not self._has_a_copy(found):
                    yield found

    def _headers(self, mailbox: Mailbox, ids: Sequence[str]) -> Iterator[Headers | SetAside]:
        for first in range(0, len(ids), _HEADERS_A_QUESTION):
            some = ids[first : first + _HEADERS_A_QUESTION]
            for each, elem in self._session.fetch(some, HEADERS_ASKED):
                if isinstance(elem, SetAside):
                    yield elem
                    continue
                try:
                    headers = read_item(elem, each, mailbox.role)
                except UnreadableMessage as error:
                    yield SetAside(each, str(error))
                    continue
                if headers is not None:
                    yield headers

    def texts(self, mailbox: Mailbox, ids: Sequence[str]) -> Iterator[Text | SetAside]:
        """See MailProvider; the server makes plain text of HTML and picks the part."""
        messages, replied = apart(ids)
        yield from (unknown_words(provider_id) for provider_id, _ in replied.values())
        for first in range(0, len(messages), _TEXTS_A_QUESTION):
            some = messages[first : first + _TEXTS_A_QUESTION]
            for each, elem in self._session.fetch(some, TEXT_ASKED, text=True):
                yield elem if isinstance(elem, SetAside) else read_words(elem, each)

    def _has_a_copy(self, reply: Headers) -> bool:
        """Whether the reply, or another one, is in the sent items: then its words are read there."""
        words = sought(reply.in_reply_to[0])
        return words is None or self._session.ask(lambda wire: wire.answers("sentitems", f"<{words}>"))

    def holds(self, message_id: str) -> bool:
        """See MailProvider; one question a mailbox, those that are read first."""
        words = sought(message_id)
        if words is None:
            return False
        if any(self._is_in(mailbox.id, words) for mailbox in self.mailboxes()):
            return True
        for id in folders_to_search(self._session):
            # What this login may not open, or what was removed since, must not keep a mail back for ever.
            with contextlib.suppress(RoleMissing):
                if self._is_in(id, words, _closed):
                    return True
        return False

    def _is_in(self, id: str, words: str, explain: Explainer = translated) -> bool:
        found = self._session.ask(lambda wire: wire.find(id, f"<{words}>"), explain=explain)
        return any(each.strip().strip("<>") == words for _, each in found)

    def notice(self, now: datetime) -> Notice | None:
        """None: EWS is polled. Its notifications lose events between two connections, and want a thread each."""
        return None

    def close(self) -> None:
        """See MailProvider."""
        self._session.close()


def _closed(error: Exception, account: EwsAccount) -> MailwatchError:
    """One folder that may not be opened is no refusal of the login."""
    if "ErrorAccessDenied" in names_of(error):
        return RoleMissing(f"{account.where} does not let {account.login} open one of the folders.")
    return translated(error, account)
