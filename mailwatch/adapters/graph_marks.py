"""Sets and takes away one category on single messages through Microsoft Graph: PATCH of `categories` alone."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from mailwatch.adapters.categories import Categorized, CategoryMarker, Overtaken
from mailwatch.adapters.graph_account import GraphAccount
from mailwatch.adapters.graph_errors import Gone
from mailwatch.adapters.graph_session import GraphSession, query
from mailwatch.domain.identifying import sought
from mailwatch.domain.marking import Place
from mailwatch.errors import LoginRefused, MarkRefused, ProtocolBroken

_NO_SUCH_VERSION = 'W/"mailwatch"'
_ANSWER_LIMIT = 8 << 20


class GraphMarker(CategoryMarker):
    """Marks messages of one account; for one thread at a time. `account` has tokens that are good for writing."""

    def __init__(self, account: GraphAccount, *, sleep: Callable[[float], None] = time.sleep) -> None:
        super().__init__(account.where)
        self._account = account
        self._session = GraphSession(account, sleep)
        self._home = f"{account.base_url.rstrip('/')}/users/{quote(account.user, safe='@')}/messages/"

    def probe(self, name: str, sample: Place | None) -> str:
        """See Marker: by a change that cannot come about, and that would change nothing if it did."""
        there = self._find(sample) if sample else None
        if there is None:
            self._session.get(f"mailFolders/inbox?{query(select='displayName')}")
            return self._untried(name)
        try:
            self._write(replace(there, version=_NO_SUCH_VERSION), there.categories)
        except Overtaken:
            pass
        except ProtocolBroken:
            return f'category "{name}"; whether {self._where} permits it shows when the first one is set'
        return f'category "{name}", which {self._where} lets mailwatch set'

    def close(self) -> None:
        """See Marker."""
        self._session.close()

    def _find(self, place: Place) -> Categorized | None:
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

    def _write(self, there: Categorized, categories: tuple[str, ...]) -> None:
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
        except Gone as error:
            raise Overtaken(str(error)) from None
        except LoginRefused:
            # The message was read with the same token, so it is the right to change it that lacks.
            account = self._account
            raise MarkRefused(
                f"{account.where} does not let this app change messages in the mailbox of {account.user}. Give it "
                "Mail.ReadWrite for that mailbox (docs/howto/awaiting-mark.md), or turn write-back off; a new right "
                "takes up to two hours to work."
            ) from None


def _found(told: Mapping[str, Any]) -> Categorized:
    listed = told.get("categories")
    categories = tuple(each for each in listed if isinstance(each, str)) if isinstance(listed, list) else ()
    return Categorized(str(told.get("id") or ""), categories, str(told.get("@odata.etag") or ""))
