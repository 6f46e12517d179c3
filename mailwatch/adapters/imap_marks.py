"""Sets and takes away one keyword (RFC 3501 2.3.2) on single messages over IMAP, by a connection of its own.

Messages are looked at by EXAMINE. SELECT is sent when there is a keyword to store, and UID STORE with +FLAGS.SILENT
or -FLAGS.SILENT of that one keyword is the only command that changes anything.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence

from imapclient import imap_utf7

from mailwatch.adapters.imap_account import ImapAccount
from mailwatch.adapters.imap_answers import Piece, fetched, quoted, tokens
from mailwatch.adapters.imap_errors import Refused
from mailwatch.adapters.imap_roles import mailboxes_to_read, raw_name
from mailwatch.adapters.imap_session import Examined, ImapSession
from mailwatch.adapters.imap_wire import OnCommand
from mailwatch.domain.cleaning import NAME_LIMIT, clean
from mailwatch.domain.identifying import sought
from mailwatch.domain.marking import Place
from mailwatch.domain.message import Mailbox, Role
from mailwatch.errors import MarkRefused

_NOT_IN_A_KEYWORD = re.compile(r'[\s()<>{}/%*"\\\[\]\x00-\x1f\x7f]')


def keyword_of(name: str) -> str:
    """The keyword for a mark, made as Thunderbird makes that of a tag: awaiting_my_reply for "Awaiting my reply"."""
    words: bytes = imap_utf7.encode(_NOT_IN_A_KEYWORD.sub("_", name))
    return words.decode("ascii").lower()


class ImapMarker:
    """Marks messages of one account; for one thread at a time. `on_command` hears every line that is sent.

    It lives for one pass over the marks, so the mailboxes are listed once.
    """

    def __init__(
        self,
        account: ImapAccount,
        *,
        on_command: OnCommand | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._session = ImapSession(account, on_command, sleep)
        self._writable: Examined | None = None
        self._listed: tuple[Mailbox, ...] = ()

    def bears(self, place: Place, name: str) -> bool | None:
        """See Marker."""

        def look() -> bool | None:
            there = self._find(place)
            return None if there is None else keyword_of(name) in there[1]

        return self._session.again(look)

    def put(self, place: Place, name: str) -> bool:
        """See Marker. The keyword is read back: some servers agree to store one and drop it."""

        def put() -> bool:
            there = self._find(place)
            if there is None:
                return False
            keyword = keyword_of(name)
            if keyword not in there[1]:
                self._store(there[0], "+FLAGS.SILENT", keyword)
                if keyword not in (self._flags(there[0]) or ()):
                    raise MarkRefused(
                        f"{self._session.where} said that it stored the keyword {keyword} and did not keep it, so "
                        "messages there bear no mark."
                    )
            return True

        return self._session.again(put)

    def take(self, place: Place, name: str) -> None:
        """See Marker."""

        def take() -> None:
            there = self._find(place)
            keyword = keyword_of(name)
            if there is not None and keyword in there[1]:
                self._store(there[0], "-FLAGS.SILENT", keyword)

        self._session.again(take)

    def probe(self, name: str, sample: Place | None) -> str:
        """See Marker: by what the server tells when the inbox is opened for writing."""

        def probe() -> str:
            inbox = next(mailbox for mailbox in self._mailboxes() if mailbox.role is Role.INBOX)
            self._session.examine(raw_name(inbox.id), anew=True)
            self._open_for_writing(keyword_of(name))
            return f"keyword {keyword_of(name)}, which {inbox.name} at {self._session.where} keeps"

        return self._session.again(probe)

    def close(self) -> None:
        """See Marker."""
        self._session.close()

    # ------------------------------------------------------------ finding

    def _mailboxes(self) -> tuple[Mailbox, ...]:
        if "X-GM-EXT-1" in self._session.capabilities:
            raise MarkRefused(
                f"{self._session.where} is Gmail, whose pages show no keywords, and a label would be a mailbox, so "
                "mailwatch sets no marks there. Turn write-back off for this mailbox."
            )
        if not self._listed:
            self._listed = mailboxes_to_read(self._session)
        return self._listed

    def _find(self, place: Place) -> tuple[int, frozenset[str]] | None:
        """UID and flags of a message, whose mailbox is open then; None if it is not to be found."""
        mailboxes = self._mailboxes()
        _, validity, uid = f"//{place.provider_id}".rsplit("/", 2)
        if uid.isdigit() and any(mailbox.id == place.mailbox for mailbox in mailboxes):
            opened = self._session.examine(raw_name(place.mailbox))
            flags = self._flags(int(uid)) if str(opened.uidvalidity) == validity else None
            if flags is not None:
                return int(uid), flags
        words = sought(place.message_id or "")
        if words is None:
            return None
        for mailbox in mailboxes:
            if mailbox.role is Role.SENT:
                continue
            self._session.examine(raw_name(mailbox.id), anew=True)
            found = self._session.bearers(words)
            # A Message-ID that two messages share does not say which of them is meant.
            flags = self._flags(found[0]) if len(found) == 1 else None
            if flags is not None:
                return found[0], flags
        return None

    def _flags(self, uid: int) -> frozenset[str] | None:
        told, _ = fetched(self._session.ask("UID", "FETCH", str(uid), "(UID FLAGS)", answer="FETCH"))
        flags = told.get(uid, {}).get(b"FLAGS")
        if not isinstance(flags, list):
            return None
        return frozenset(flag.decode("ascii", "replace").lower() for flag in flags if isinstance(flag, bytes))

    # ------------------------------------------------------------ writing

    def _store(self, uid: int, how: str, keyword: str) -> None:
        self._open_for_writing(keyword)
        try:
            self._session.ask("UID", "STORE", str(uid), how, f"({keyword})")
        except Refused as error:
            raise MarkRefused(f"The keyword {keyword} was not stored: {error}") from None

    def _open_for_writing(self, keyword: str) -> None:
        """Opens the mailbox that is open for reading, and sees that it may be written."""
        opened, where = self._session.selected, self._session.where
        assert opened is not None  # A message was found in it.
        if self._writable is opened:
            return
        name = clean(opened.name.decode("utf-8", "replace"), NAME_LIMIT)
        self._session.selected = None
        try:
            self._session.ask("SELECT", quoted(opened.name))
        except Refused as error:
            raise MarkRefused(f"The mailbox {name} cannot be opened for writing: {error}") from None
        wire = self._session.connect()
        wire.state = "SELECTED"
        if "READ-ONLY" in wire.untagged_responses:
            raise MarkRefused(
                f"{where} opens the mailbox {name} for reading only, so no message in it can bear a mark. Give the "
                "login the right to set keywords (w, RFC 4314), or turn write-back off."
            )
        if not _keeps(wire.untagged_responses.get("PERMANENTFLAGS"), keyword):
            raise MarkRefused(
                f"{where} keeps no keywords of one's own in the mailbox {name} (PERMANENTFLAGS), so no message in it "
                "can bear a mark. Turn write-back off for this mailbox."
            )
        self._session.selected = self._writable = opened


def _keeps(told: Sequence[Piece | None] | None, keyword: str) -> bool:
    """Whether a mailbox keeps a keyword, by its PERMANENTFLAGS; one that tells none keeps all (RFC 3501 7.1)."""
    if not told or not isinstance(told[-1], bytes):
        return True
    found = tokens([told[-1]])
    flags = found[0] if found and isinstance(found[0], list) else []
    return bool({flag.lower() for flag in flags if isinstance(flag, bytes)} & {rb"\*", keyword.encode("ascii")})
