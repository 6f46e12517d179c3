"""What came since a sync state: newest first, in batches, so that a first round resumes where it was cut off.

A state holds two marks. Every UID from `next` on is new. Between `floor` and `low` lies what a round has not yet
handed out; without `low` the round is complete. HIGHESTMODSEQ is not asked for: it moves when a flag changes, and
flags are none of our business, while a new message always moves UIDNEXT.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache

from mailwatch.adapters.imap_answers import MONTHS, Token, number, numbers, pairs, quoted, responses, tokens
from mailwatch.adapters.imap_roles import raw_name
from mailwatch.adapters.imap_session import Examined, ImapSession
from mailwatch.domain.message import Mailbox, Role
from mailwatch.errors import CannotCalculateChanges, ProtocolBroken
from mailwatch.ports import Changes, SyncState

# imaplib refuses lines over 1,000,000 bytes, and a UID takes up to eleven of them.
_MESSAGES_A_SEARCH = 80_000
_MOST = 5_000_000
"""Messages of a mailbox: no server holds more in one, and a number in the billions would be searched for hours."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A sync state: UIDVALIDITY, the first UID that is new, and what is left of the present round."""

    validity: int
    next: int
    low: int | None = None
    floor: int = 1
    since: str | None = None

    def written(self) -> SyncState:
        """The state as the ledger keeps it."""
        return json.dumps({key: value for key, value in asdict(self).items() if value is not None})


@lru_cache(maxsize=1024)
def read_mark(state: SyncState) -> Mark:
    """A state as it was written, mostly the one of the last poll. Raises CannotCalculateChanges if it is not ours."""
    try:
        told = json.loads(state)
        mark = Mark(**told)
        numbers_in_it = (mark.validity, mark.next, mark.floor, 0 if mark.low is None else mark.low)
        if all(type(value) is int for value in numbers_in_it) and isinstance(mark.since, str | None):
            return mark
    except (ValueError, TypeError, RecursionError):
        pass
    raise CannotCalculateChanges("The sync state is not one of an IMAP mailbox; a full round is due.")


class ImapSync:
    """Calculates changes over a session.

    It keeps what a round has still to hand out, so that it is searched once, and what STATUS told of the mailboxes
    that come next, which counts until anything else is asked.
    """

    def __init__(self, session: ImapSession) -> None:
        self._session = session
        self._left: dict[str, tuple[SyncState, list[int]]] = {}
        self._told: dict[bytes, Token] = {}
        self._told_after = 0
        self._next: dict[str, int] = {}

    def next_uid(self, mailbox_id: str) -> int | None:
        """The first UID of a mailbox that no call has told of, if that is known."""
        return self._next.get(mailbox_id)

    def changes(
        self, mailbox: Mailbox, state: SyncState | None, oldest: datetime, others: Sequence[Mailbox] = ()
    ) -> Changes:
        """See MailProvider. IMAP counts in days (RFC 3501 6.4.4), so a little more than asked for may come.

        The `others` will be asked for next: the server is asked of all at once.
        """
        if oldest.tzinfo is None:
            raise ValueError(f"the oldest receive time has no zone: {oldest.isoformat()}")
        name = raw_name(mailbox.id)
        if state is None:
            opened = self._session.examine(name, anew=True)
            # A day more, because the server reads the date in a zone that we do not know.
            day = oldest - timedelta(days=1)
            since = f"{day.day}-{MONTHS[day.month - 1]}-{day.year}"
            following = self._following(opened)
            found = self._search(mailbox, opened, f"SINCE {since}", 1, following)
            return self._batch(mailbox, found, Mark(opened.uidvalidity, following, since=since))
        mark = read_mark(state)
        if mark.low is not None:
            known, left = self._left.get(mailbox.id, ("", []))
            if known != state:
                opened = self._examined(name, mark)
                criterion = f"SINCE {mark.since}" if mark.since else "ALL"
                left = self._search(mailbox, opened, criterion, mark.floor, mark.low)
            return self._batch(mailbox, left, mark)
        if self._status(name, mark, [raw_name(other.id) for other in others]) == mark.next:
            self._next[mailbox.id] = mark.next
            return Changes((), state)
        opened = self._examined(name, mark)
        following = self._following(opened)
        found = self._search(mailbox, opened, "ALL", mark.next, following)
        return self._batch(mailbox, found, Mark(mark.validity, max(following, mark.next), floor=mark.next))

    def _batch(self, mailbox: Mailbox, uids: list[int], mark: Mark) -> Changes:
        """The first of `uids` (newest first) and the state that leaves the rest for the next call."""
        size = max(1, self._session.account.batch)
        now, left = uids[:size], uids[size:]
        after = replace(mark, low=now[-1]) if left else Mark(mark.validity, mark.next)
        self._left.pop(mailbox.id, None)
        if left:
            self._left[mailbox.id] = (after.written(), left)
        self._next[mailbox.id] = mark.next
        ids = tuple(provider_id(mailbox, mark.validity, uid) for uid in now)
        return Changes(ids, after.written(), has_more=bool(left), remaining=len(left))

    def _status(self, name: bytes, mark: Mark, others: Sequence[bytes]) -> int | None:
        """UIDNEXT, or None where the server does not tell it. Raises CannotCalculateChanges."""
        if name not in self._told or self._told_after != self._session.asked:
            selected = self._session.selected
            # STATUS of the open mailbox may be out of date (RFC 3501 6.3.10).
            if selected is not None and selected.name in (name, *others):
                if "UNSELECT" in self._session.capabilities:
                    self._session.unselect()
                elif selected.name == name:
                    return self._examined(name, mark).uidnext
                else:
                    others = [other for other in others if other != selected.name]
            self._told = self._ask_status([name, *others])
            self._told_after = self._session.asked
        told = pairs(self._told.pop(name, None))
        validity, following = number(told.get(b"UIDVALIDITY")), number(told.get(b"UIDNEXT"))
        self._check(mark, validity, following)
        return following

    def _ask_status(self, names: Sequence[bytes]) -> dict[bytes, Token]:
        """What STATUS tells of each mailbox, by the name that was asked for; of the first in any case."""
        data = self._session.ask_each("STATUS", [(quoted(name), "(UIDNEXT UIDVALIDITY)") for name in names])
        try:
            found = [tokens(pieces) for pieces in responses(data)]
        except ValueError:
            found = []
        if len(names) == 1:
            # A server may spell the name in another way, but it can mean no other mailbox.
            return {names[0]: found[-1][-1]} if found and found[-1] else {}
        by_name = {_plain(answer[-2]): answer[-1] for answer in found if len(answer) > 1}
        told = {name: by_name[_plain(name)] for name in names if _plain(name) in by_name}
        return told if names[0] in told else self._ask_status(names[:1])

    def _examined(self, name: bytes, mark: Mark) -> Examined:
        opened = self._session.examine(name, anew=True)
        self._check(mark, opened.uidvalidity, opened.uidnext)
        return opened

    def _check(self, mark: Mark, validity: int | None, following: int | None) -> None:
        # A smaller UIDNEXT is against the rules and happens: a mailbox was restored from a backup.
        if validity != mark.validity or (following is not None and following < mark.next):
            raise CannotCalculateChanges(
                f"{self._session.where} numbers the messages anew (UIDVALIDITY {mark.validity} is now {validity}); "
                "a full round is due."
            )

    def _following(self, opened: Examined) -> int:
        """The UID that the next message will get; from the last message where the server tells no UIDNEXT."""
        if opened.uidnext is not None:
            return opened.uidnext
        if not opened.exists:
            return 1
        last = numbers(self._session.ask("UID", "SEARCH", "*", answer="SEARCH"))
        if not last:
            raise ProtocolBroken(f"{self._session.where} tells neither UIDNEXT nor the last message's UID.")
        return max(last) + 1

    def _search(self, mailbox: Mailbox, opened: Examined, criterion: str, floor: int, below: int) -> list[int]:
        """The UIDs from `floor` on and below `below`, newest first."""
        if below <= floor or not opened.exists:
            return []
        if opened.exists > _MOST:
            raise ProtocolBroken(
                f"{self._session.where} tells of {opened.exists:,} messages in {mailbox.name}; mailwatch reads "
                f"mailboxes of up to {_MOST:,} messages."
            )
        if floor > 1:
            criterion = f"UID {floor}:{below - 1} {criterion}"
        if mailbox.role is Role.ALL:
            criterion += " UNDRAFT"
        found: set[int] = set()
        # Message numbers have no gaps, so ranges of them bound the answer. From the last to the first: a message
        # that is removed meanwhile moves others to where they are met again, never past us.
        for last in range(opened.exists, 0, -_MESSAGES_A_SEARCH):
            first = max(1, last - _MESSAGES_A_SEARCH + 1)
            span = () if opened.exists <= _MESSAGES_A_SEARCH else (f"{first}:{last}",)
            found.update(numbers(self._session.ask("UID", "SEARCH", *span, criterion, answer="SEARCH")))
        return sorted((uid for uid in found if floor <= uid < below), reverse=True)


def _plain(name: Token) -> bytes:
    """A mailbox's name, nothing if it is none; the inbox has the same in small letters (RFC 3501 5.1)."""
    if not isinstance(name, bytes):
        return b""
    return b"INBOX" if name.upper() == b"INBOX" else name


def provider_id(mailbox: Mailbox, validity: int, uid: int) -> str:
    """The id of a message: mailbox, UIDVALIDITY, UID; together they never mean another one (RFC 3501 2.3.1.1)."""
    return f"{mailbox.id}/{validity}/{uid}"


def uids_of(mailbox: Mailbox, ids: Sequence[str], validity: int) -> list[int]:
    """The UIDs in ids of a mailbox. Raises CannotCalculateChanges if they are from before a new numbering."""
    prefix = f"{mailbox.id}/{validity}/"
    uids = [int(each[len(prefix) :]) for each in ids if each.startswith(prefix) and each[len(prefix) :].isdigit()]
    if len(uids) != len(ids):
        raise CannotCalculateChanges(
            f"An id is not one of {mailbox.name} as it is numbered now; a full round is due."
        )
    return uids
