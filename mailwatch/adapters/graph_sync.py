"""What came since a sync state, by Graph's delta query: newest first, page by page, so that a first round resumes.

A state is the link of the next page. With a filter Graph hands out 5,000 messages in a round at most, so what is
older and still in the look-back is read from the plain list afterwards; the link of the next round waits meanwhile.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from mailwatch.adapters.graph_errors import Gone
from mailwatch.adapters.graph_read import EXPAND, SELECT
from mailwatch.adapters.graph_session import GraphSession, query
from mailwatch.domain.message import Mailbox
from mailwatch.errors import CannotCalculateChanges, ProtocolBroken
from mailwatch.ports import Changes, SyncState

MOST_IN_A_ROUND = 5000


@dataclass(frozen=True, slots=True)
class Mark:
    """A sync state: the link to follow, and how far a first round has come.

    `rest` is the page of the plain list to read before `link`. While a first round lasts, `oldest` is its look-back,
    `low` the earliest receive time so far, `seen` what was handed out, and `total` what there was at its beginning.
    """

    link: str
    rest: str | None = None
    oldest: str | None = None
    low: str | None = None
    seen: int = 0
    total: int | None = None

    def written(self) -> SyncState:
        """The state as the ledger keeps it."""
        return json.dumps({key: value for key, value in asdict(self).items() if value})


def read_mark(state: SyncState) -> Mark:
    """A state as it was written. Raises CannotCalculateChanges if it is none of ours."""
    try:
        mark = Mark(**json.loads(state))
        words = (mark.rest, mark.oldest, mark.low)
        if (
            isinstance(mark.link, str)
            and all(isinstance(each, str | None) for each in words)
            and type(mark.seen) is int
            and (mark.total is None or type(mark.total) is int)
        ):
            return mark
    except (ValueError, TypeError, RecursionError):
        pass
    raise CannotCalculateChanges("The sync state is not one of a Graph mailbox; a full round is due.")


class GraphSync:
    """Calculates changes over a session; keeps the last page of each mailbox, whose headers are asked for next."""

    def __init__(self, session: GraphSession) -> None:
        self._session = session
        self._pages: dict[str, dict[str, dict[str, Any]]] = {}
        self._prefer = (f"odata.maxpagesize={max(1, session.account.batch)}",)

    def take(self, mailbox: Mailbox, provider_id: str) -> Mapping[str, Any] | None:
        """A message of the last page, once: it may have changed by the time of a second question."""
        return self._pages.get(mailbox.id, {}).pop(provider_id, None)

    def changes(self, mailbox: Mailbox, state: SyncState | None, oldest: datetime) -> Changes:
        """See MailProvider."""
        if oldest.tzinfo is None:
            raise ValueError(f"the oldest receive time has no zone: {oldest.isoformat()}")
        mark = self._first(mailbox, oldest) if state is None else read_mark(state)
        try:
            page = self._session.follow(mark.rest or mark.link, prefer=self._prefer)
        except Gone:
            # The mailbox itself is asked for by its id each time, so a link that leads nowhere is an old one.
            raise CannotCalculateChanges(f"{mailbox.name}: the link of the last round leads nowhere.") from None
        found = self._messages(mailbox, page)
        ids = tuple(sorted(found, key=lambda each: str(found[each].get("receivedDateTime")), reverse=True))
        self._pages[mailbox.id] = found
        times = [value for each in found.values() if isinstance(value := each.get("receivedDateTime"), str)]
        after = replace(
            mark, seen=mark.seen + len(ids), low=min([*times, *([mark.low] if mark.low else [])], default=None)
        )
        after, more = self._next(mailbox, after, page)
        remaining = max(0, (after.total or 0) - after.seen) if more else 0
        return Changes(ids, after.written(), has_more=more, remaining=remaining)

    # ------------------------------------------------------------ from page to page

    def _first(self, mailbox: Mailbox, oldest: datetime) -> Mark:
        since = oldest.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        wanted = f"receivedDateTime ge {since}"
        box = f"mailFolders/{quote(mailbox.id, safe='')}/messages"
        counted = self._session.get(f"{box}?{query(select='id', filter=wanted, top='1', count='true')}")
        total = counted.get("@odata.count")
        parts = query(select=SELECT, expand=EXPAND, filter=wanted, orderby="receivedDateTime desc")
        link = self._session.path(f"{box}/delta?{parts}")
        return Mark(link, oldest=since, total=total if type(total) is int and total >= 0 else None)

    def _next(self, mailbox: Mailbox, mark: Mark, page: Mapping[str, Any]) -> tuple[Mark, bool]:
        following, delta = page.get("@odata.nextLink"), page.get("@odata.deltaLink")
        if following is not None:
            link = self._session.shortened(following)
            if link == (mark.rest or mark.link):
                raise ProtocolBroken(f"{self._session.account.where} answers with a page that leads to itself.")
            return (replace(mark, rest=link) if mark.rest else replace(mark, link=link)), True
        if mark.rest:
            return Mark(mark.link), False
        if delta is None:
            raise ProtocolBroken(f"{self._session.account.where} ended a round without a link for the next one.")
        link = self._session.shortened(delta)
        if mark.oldest and mark.low and self._is_cut(mark):
            wanted = f"receivedDateTime ge {mark.oldest} and receivedDateTime le {mark.low}"
            parts = query(select=SELECT, expand=EXPAND, filter=wanted, orderby="receivedDateTime desc")
            rest = self._session.path(f"mailFolders/{quote(mailbox.id, safe='')}/messages?{parts}")
            return replace(mark, link=link, rest=rest), True
        return Mark(link), False

    @staticmethod
    def _is_cut(mark: Mark) -> bool:
        return mark.seen >= MOST_IN_A_ROUND or (mark.total is not None and mark.seen < mark.total)

    # ------------------------------------------------------------ within a page

    def _messages(self, mailbox: Mailbox, page: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        """The messages of a page that may be new, by id: each once, merged, and looked for if called removed."""
        found: dict[str, dict[str, Any]] = {}
        removed: dict[str, None] = {}
        value = page.get("value")
        if not isinstance(value, list):
            raise ProtocolBroken(f"{self._session.account.where} sent a page without messages.")
        for each in value:
            provider_id = each.get("id") if isinstance(each, dict) else None
            if not isinstance(provider_id, str) or not provider_id:
                continue
            if "@removed" in each:
                removed[provider_id] = None
            else:
                # A change of a flag comes as an object of two or three values, for what was told in full before.
                found.setdefault(provider_id, {}).update(each)
        for provider_id, there in zip(removed, self._session.each(self.fetch, list(removed)), strict=True):
            # A message that was moved away and back is told as removed, and nothing else.
            if there is not None and there.get("parentFolderId") == mailbox.id:
                found[provider_id] = there
            else:
                found.pop(provider_id, None)
        return {
            provider_id: each
            for provider_id, each in found.items()
            if "receivedDateTime" in each and each.get("isDraft") is not True
        }

    def fetch(self, provider_id: str) -> dict[str, Any] | None:
        """A message by its id with all that headers need, or None if it is gone."""
        path = f"messages/{quote(provider_id, safe='')}?{query(select=SELECT, expand=EXPAND)}"
        try:
            return self._session.get(path)
        except Gone:
            return None
