"""Fetches many messages a command, by BODY.PEEK alone, and lets no single message stop the rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from mailwatch.adapters.imap_answers import Token, fetched, uid_set
from mailwatch.adapters.imap_errors import Refused
from mailwatch.adapters.imap_session import ImapSession
from mailwatch.errors import CannotCalculateChanges, ProtocolBroken, Unreachable

_LINE_LIMIT = 7000  # characters of a set of UIDs: servers refuse long lines (RFC 2683 3.2.1.5 asks for even less)
_MOST_LOSSES = 40  # broken connections within one batch after which the server is at fault, not a message
_MOST_REFUSALS = 100  # commands in a row, the first one on, after which the server gives nothing at all

Answers = dict[int, dict[bytes, Token]]


class ImapFetch:
    """FETCH over a session, for one batch of messages of one mailbox as it was numbered at `validity`."""

    def __init__(self, session: ImapSession, name: bytes, validity: int) -> None:
        self._session, self._name, self._validity = session, name, validity
        self._losses = self._refusals = self._successes = 0

    def gather(self, uids: Sequence[int], items: str, key: bytes) -> tuple[Answers, dict[int, str]]:
        """What the server says of messages, and why it cannot be had of some. Who is in neither is gone.

        A UID that is missing from an answer is asked for once more: servers leave some out, and an answer that
        cannot be read does not tell whose it is.
        """
        found, unreadable, broken = self._ask(uids, items, first=True)
        missing = [uid for uid in uids if uid not in unreadable and key not in found.get(uid, {})]
        if missing:
            again, refused, broken = self._ask(missing, items, first=True)
            unreadable |= refused
            for uid in missing:
                if key in again.get(uid, {}):
                    found[uid] = again[uid]
                elif uid in again or (broken and uid not in refused):
                    unreadable.setdefault(uid, "The server's answer about this message cannot be read.")
        return {uid: values for uid, values in found.items() if key in values}, unreadable

    def _ask(self, uids: Sequence[int], items: str, *, first: bool) -> tuple[Answers, dict[int, str], int]:
        """One command, or two halves of it where the server breaks down over some message."""
        numbers = uid_set(uids)
        if len(numbers) > _LINE_LIMIT and len(uids) > 1:
            return self._halves(uids, items, first=first)
        try:
            if first:
                found, broken = self._session.again(lambda: self._once(numbers, items))
            else:
                self._session.again(self._session.connect)
                found, broken = self._once(numbers, items)
            self._successes += 1
            return found, {}, broken
        except Refused as error:
            self._refusals += 1
            if self._refusals > _MOST_REFUSALS and not self._successes:
                raise
            if len(uids) == 1:
                return {}, {uids[0]: str(error)}, 0
        except (Unreachable, ProtocolBroken) as error:
            # If the server can be reached again, the fault is bound to one of these messages.
            self._session.again(self._session.connect)
            self._losses += 1
            if self._losses > _MOST_LOSSES:
                raise
            if len(uids) == 1:
                return {}, {uids[0]: f"The server breaks down over this message: {error}"}, 0
        return self._halves(uids, items, first=False)

    def _halves(self, uids: Sequence[int], items: str, *, first: bool) -> tuple[Answers, dict[int, str], int]:
        middle = len(uids) // 2
        found, refused, broken = self._ask(uids[:middle], items, first=first)
        more, also_refused, also_broken = self._ask(uids[middle:], items, first=first)
        return found | more, refused | also_refused, broken + also_broken

    def _once(self, numbers: str, items: str) -> tuple[Answers, int]:
        opened = self._session.examine(self._name)
        if opened.uidvalidity != self._validity:
            raise CannotCalculateChanges(
                f"{self._session.where} numbers the messages anew (UIDVALIDITY {self._validity} is now "
                f"{opened.uidvalidity}); a full round is due."
            )
        return fetched(self._session.ask("UID", "FETCH", numbers, items, answer="FETCH"))


def in_groups(uids: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    """The UIDs, `size` at a time."""
    for start in range(0, len(uids), size):
        yield uids[start : start + size]


def octets(values: Mapping[bytes, Token], key: bytes) -> bytes:
    """The bytes of an item; none where the server says NIL."""
    value = values.get(key)
    return value if isinstance(value, bytes) else b""
