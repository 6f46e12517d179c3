"""What came since a sync state, page by page, so that a first round resumes where it was cut off."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from mailwatch.adapters.ews_account import MOST_CHANGES
from mailwatch.adapters.ews_fields import is_mail, moment
from mailwatch.adapters.ews_session import EwsSession
from mailwatch.adapters.ews_verbs import replied_id
from mailwatch.domain.message import Mailbox, Role
from mailwatch.errors import CannotCalculateChanges
from mailwatch.ports import Changes, SyncState

if TYPE_CHECKING:
    from mailwatch.adapters.ews_services import Change

_NEWEST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Mark:
    """A sync state of ours around the server's own, which nobody but the server understands.

    As long as the first round goes on, `since` is how far it looks back, and `left` how many messages of the
    mailbox it has not come by. EWS can leave nothing out of a round, so a first round goes through all of them.
    """

    state: str
    since: str | None = None
    left: int = 0

    def written(self) -> SyncState:
        """The state as the ledger keeps it."""
        return json.dumps({key: value for key, value in asdict(self).items() if value})


def read_mark(state: SyncState) -> Mark:
    """A state as it was written. Raises CannotCalculateChanges if it is none of ours."""
    try:
        mark = Mark(**json.loads(state))
        if isinstance(mark.since, str):
            datetime.fromisoformat(mark.since)
        if isinstance(mark.state, str) and mark.state and isinstance(mark.left, int):
            return mark
    except (ValueError, TypeError, RecursionError):
        pass
    raise CannotCalculateChanges("The sync state is not one of an Exchange mailbox; a full round is due.")


class EwsSync:
    """Calculates changes over a session."""

    def __init__(self, session: EwsSession) -> None:
        self._session = session

    def changes(self, mailbox: Mailbox, state: SyncState | None, oldest: datetime) -> Changes:
        """See MailProvider. What was changed, read or deleted is not new mail, and is left out."""
        if oldest.tzinfo is None:
            raise ValueError(f"the oldest receive time has no zone: {oldest.isoformat()}")
        if state is None:
            mark = Mark("", since=oldest.astimezone(UTC).isoformat(), left=self._count(mailbox))
        else:
            mark = read_mark(state)
        most = max(1, min(self._session.account.batch, MOST_CHANGES))
        page = self._session.ask(lambda wire: wire.sync(mailbox.id, mark.state or None, most))
        if not page.state:
            raise CannotCalculateChanges(f"{self._session.where} gave no sync state; a full round is due.")
        # A server that says there is more and stands still would be asked for ever; the next poll asks again.
        has_more = not page.last and page.state != mark.state
        left = max(mark.left - len(page.changes), 1) if has_more else 0
        after = Mark(page.state, mark.since, left) if has_more and mark.since else Mark(page.state)
        found = _new(page.changes, mark.since)
        if mailbox.role is not Role.SENT:
            found += _replied(page.changes, oldest)
        return Changes(found, after.written(), has_more=has_more, remaining=left)

    def _count(self, mailbox: Mailbox) -> int:
        (told,) = self._session.ask(lambda wire: wire.folders([mailbox.id]))
        return 0 if isinstance(told, Exception) else told.total


def _replied(changes: tuple[Change, ...], oldest: datetime) -> tuple[str, ...]:
    """The ids of the stand-ins for replies that were made to messages, old ones among them."""
    found: dict[str, None] = {}
    for change in changes:
        at, received = moment(change.verb_time), moment(change.received)
        id = replied_id(change.verb, at, change.id)
        if id and is_mail(change.item_class) and received is not None and received >= oldest.replace(microsecond=0):
            found[id] = None
    return tuple(found)


def _new(changes: tuple[Change, ...], since: str | None) -> tuple[str, ...]:
    """The ids of the messages that came, each once, newest first."""
    oldest = datetime.fromisoformat(since) if since else None
    found: dict[str, datetime] = {}
    for change in changes:
        if change.what == "Create" and change.id and is_mail(change.item_class):
            received = moment(change.received)
            if oldest is None or received is None or received >= oldest.replace(microsecond=0):
                found.setdefault(change.id, received or _NEWEST)
        elif change.what == "Delete":
            found.pop(change.id, None)
    return tuple(sorted(found, key=found.__getitem__, reverse=True))
