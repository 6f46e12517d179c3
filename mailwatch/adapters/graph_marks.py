"""Sets and takes away one category on single messages through Microsoft Graph: PATCH of `categories` alone."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from mailwatch.adapters.graph_account import GraphAccount
from mailwatch.adapters.graph_errors import Gone, Overtaken
from mailwatch.adapters.graph_session import GraphSession, query
from mailwatch.domain.identifying import sought
from mailwatch.domain.marking import Place
from mailwatch.errors import BackOff, LoginRefused, MarkRefused, ProtocolBroken

TRIES = 3
_NO_SUCH_VERSION = 'W/"mailwatch"'
_ANSWER_LIMIT = 8 << 20


@dataclass(frozen=True, slots=True)
class _Found:
    """A message as it was read: its id, its categories, and the mark of this version of it."""

    id: str
    categories: tuple[str, ...]
    version: str


class GraphMarker:
    """Marks messages of one account; for one thread at a time. `account` has tokens that are good for writing.

    The other categories of a message stay: the list is written under the version that it was read in, and read anew
    if somebody else was quicker.
    """

    def __init__(
        self,
        account: GraphAccount,
        *,
        sleep: Callable[[float], None] = time.sleep,
        on_request: Callable[[str], None] | None = None,
    ) -> None:
        self._account = account
        self._session = GraphSession(account, sleep, on_request)
        self._home = f"{account.base_url.rstrip('/')}/users/{quote(account.user, safe='@')}/messages/"

    def bears(self, place: Place, name: str) -> bool | None:
        """See Marker."""
        there = self._find(place)
        return None if there is None else name in there.categories

    def put(self, place: Place, name: str) -> bool:
        """See Marker."""
        return self._change(place, lambda before: before if name in before else (*before, name))

    def take(self, place: Place, name: str) -> None:
        """See Marker."""
        self._change(place, lambda before: tuple(each for each in before if each != name))

    def probe(self, name: str, sample: Place | None) -> str:
        """See Marker: by a change that cannot come about, and that would change nothing if it did."""
        where, there = self._account.where, self._find(sample) if sample else None
        if there is None:
            self._session.get(f"mailFolders/inbox?{query(select='displayName')}")
            return f'category "{name}"; whether {where} permits it shows once there is a message in the inbox'
        try:
            self._write(replace(there, version=_NO_SUCH_VERSION), there.categories)
        except Overtaken:
            pass
        except ProtocolBroken:
            return f'category "{name}"; whether {where} permits it shows when the first one is set'
        return f'category "{name}", which {where} lets mailwatch set'

    def close(self) -> None:
        """See Marker."""
        self._session.close()

    def _find(self, place: Place) -> _Found | None:
        """A message by its id, which is immutable; one from before this kind of mailbox by its Message-ID."""
        with contextlib.suppress(Gone):
            id = quote(place.provider_id or "-", safe="")
            return _found(self._session.get(f"messages/{id}?{query(select='categories')}"))
        words = sought(place.message_id or "")
        if words is None:
            return None
        doubled = words.replace("'", "''")
        wanted = query(select="categories", filter=f"internetMessageId eq '<{doubled}>'", top="2")
        listed = self._session.get(f"messages?{wanted}").get("value")
        # A Message-ID that two messages share does not say which of them is meant.
        return _found(listed[0]) if isinstance(listed, list) and len(listed) == 1 else None

    def _change(self, place: Place, change: Callable[[tuple[str, ...]], tuple[str, ...]]) -> bool:
        """Whether the message was there; its categories are then what `change` makes of them."""
        for _ in range(TRIES):
            there = self._find(place)
            if there is None:
                return False
            after = change(there.categories)
            if after == there.categories:
                return True
            try:
                self._write(there, after)
                return True
            except (Overtaken, Gone):
                continue
        raise BackOff(f"{self._account.where} had a message changed by others {TRIES} times while it was marked.")

    def _write(self, there: _Found, categories: tuple[str, ...]) -> None:
        headers = {
            "Accept": "application/json",
            "Content-Type": "application/json",
            "Prefer": 'IdType="ImmutableId"',
            "If-Match": there.version,
        }
        data = json.dumps({"categories": categories}).encode()
        url = self._home + quote(there.id, safe="")
        try:
            self._session.ask("PATCH", url, headers, data=data, limit=_ANSWER_LIMIT)
        except LoginRefused:
            # The message was read with the same token, so it is the right to change it that lacks.
            account = self._account
            raise MarkRefused(
                f"{account.where} does not let this app change messages in the mailbox of {account.user}. Give it "
                "Mail.ReadWrite for that mailbox (docs/howto/awaiting-mark.md), or turn write-back off; a new right "
                "takes up to two hours to work."
            ) from None


def _found(told: Mapping[str, Any]) -> _Found:
    listed = told.get("categories")
    categories = tuple(each for each in listed if isinstance(each, str)) if isinstance(listed, list) else ()
    return _Found(str(told.get("id") or ""), categories, str(told.get("@odata.etag") or ""))
