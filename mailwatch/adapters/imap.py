"""The mail of one account over IMAP (RFC 3501), read-only: EXAMINE opens its mailboxes, BODY.PEEK reads its mail."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from mailwatch.adapters.imap_account import ImapAccount
from mailwatch.adapters.imap_errors import Refused
from mailwatch.adapters.imap_notice import IdleNotice, NewsAlready
from mailwatch.adapters.imap_read import ImapReader
from mailwatch.adapters.imap_roles import mailboxes_to_read, names_to_search, raw_name
from mailwatch.adapters.imap_session import ImapSession
from mailwatch.adapters.imap_sync import ImapSync
from mailwatch.adapters.imap_wire import OnCommand
from mailwatch.domain.identifying import sought
from mailwatch.domain.message import Headers, Mailbox, Role, SetAside, Text
from mailwatch.errors import RoleMissing
from mailwatch.ports import Changes, Notice, SyncState

__all__ = ["ImapAccount", "ImapProvider"]

_LIST_IS_GOOD_FOR = 3600.0  # seconds


class ImapProvider:
    """One account on one kept connection, which is made at the first question and again when it breaks.

    It is for one thread at a time. `on_command` hears every line that is sent, without secrets. A lost connection is
    made anew within a call, three times at most; waiting longer is the caller's, and BackOff says how long.
    """

    def __init__(
        self,
        account: ImapAccount,
        *,
        on_command: OnCommand | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._session = ImapSession(account, on_command, sleep)
        self._sync = ImapSync(self._session)
        self._reader = ImapReader(self._session)
        self._mailboxes: tuple[Mailbox, ...] = ()
        self._listed_at = 0.0

    def mailboxes(self) -> Sequence[Mailbox]:
        """See MailProvider; asked for once an hour."""
        if not self._mailboxes or time.monotonic() - self._listed_at > _LIST_IS_GOOD_FOR:
            self._mailboxes = self._session.again(lambda: mailboxes_to_read(self._session))
            self._listed_at = time.monotonic()
        return self._mailboxes

    def changes(self, mailbox: Mailbox, since: SyncState | None, oldest: datetime) -> Changes:
        """See MailProvider. Where nothing changed it is one STATUS, sent with those of the mailboxes after it."""
        known = self._mailboxes
        others = known[known.index(mailbox) + 1 :] if mailbox in known else ()
        try:
            return self._session.again(lambda: self._sync.changes(mailbox, since, oldest, others))
        except Refused as error:
            # The mailbox was removed or renamed since it was listed.
            self._mailboxes = ()
            raise RoleMissing(f"The mailbox {mailbox.name} cannot be read now: {error}") from None

    def headers(self, mailbox: Mailbox, ids: Sequence[str]) -> Iterator[Headers | SetAside]:
        """See MailProvider; a batch a command."""
        return self._reader.headers(mailbox, ids)

    def texts(self, mailbox: Mailbox, ids: Sequence[str]) -> Iterator[Text | SetAside]:
        """See MailProvider; the first part of text, 16 KB of it unless that is all style sheet."""
        return self._reader.texts(mailbox, ids)

    def holds(self, message_id: str) -> bool:
        """See MailProvider; two commands a mailbox, those that are read first. Other people's are not searched."""
        words = sought(message_id)
        return words is not None and self._session.again(lambda: self._holds(words))

    def _holds(self, words: str) -> bool:
        read = [raw_name(mailbox.id) for mailbox in self.mailboxes()]
        if any(self._is_in(name, words) for name in read):
            return True
        for name in names_to_search(self._session):
            # What this login may not open, or what was removed since, must not keep a mail back for ever.
            with contextlib.suppress(Refused):
                if name not in read and self._is_in(name, words):
                    return True
        return False

    def _is_in(self, name: bytes, words: str) -> bool:
        self._session.examine(name, anew=True)
        return bool(self._session.bearers(words))

    def notice(self, now: datetime) -> Notice | None:
        """See MailProvider: IDLE on the inbox, to be renewed within nine minutes."""
        return self._session.again(lambda: self._notice(now))

    def _notice(self, now: datetime) -> Notice | None:
        if "IDLE" not in self._session.capabilities:
            return None
        inbox = next(mailbox for mailbox in self.mailboxes() if mailbox.role is Role.INBOX)
        opened = self._session.examine(raw_name(inbox.id), anew=True)
        known = self._sync.next_uid(inbox.id)
        if known is not None and opened.uidnext is not None and opened.uidnext > known:
            return NewsAlready(now)
        waiting = IdleNotice(self._session, now)
        if waiting.changed():
            # It came in one piece with the server's consent to wait, so the socket will not tell of it.
            waiting.close()
            return NewsAlready(now)
        return waiting

    def close(self) -> None:
        """See MailProvider."""
        self._session.close()
