"""Asks Microsoft Graph for JSON: with a token, at most four at once for a mailbox, and never past a deadline."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, stop_after_delay, wait_random_exponential

from mailwatch.adapters.bounded_http import Answer, Http
from mailwatch.adapters.graph_account import GraphAccount
from mailwatch.adapters.graph_errors import a_page_came, failure, is_page
from mailwatch.errors import BackOff, ProtocolBroken, Unreachable

A = TypeVar("A")
B = TypeVar("B")

AT_ONCE = 4
"""Requests that Graph takes at once for one app and mailbox."""

TRIES = 3
PAGE_LIMIT = 64 << 20
_ITEMS_A_CROWD = 40

_gates: dict[tuple[str, str], threading.BoundedSemaphore] = {}
_gates_lock = threading.Lock()


def gate(account: GraphAccount) -> threading.BoundedSemaphore:
    """The door that at most four requests for one mailbox pass at once, whoever in this process makes them."""
    with _gates_lock:
        key = (account.base_url, account.user.lower())
        return _gates.setdefault(key, threading.BoundedSemaphore(AT_ONCE))


def query(**parameters: str) -> str:
    """A query whose OData names bear their dollar sign."""
    return urlencode({f"${name}": value for name, value in parameters.items()}, quote_via=quote, safe="$,:'()")


class GraphSession:
    """Requests for the mailbox of one account; nothing is connected until something is asked.

    `sleep` waits between tries, in seconds; `on_request` hears every method and address, which hold no secret.
    """

    def __init__(
        self,
        account: GraphAccount,
        sleep: Callable[[float], None] = time.sleep,
        on_request: Callable[[str], None] | None = None,
    ) -> None:
        self.account = account
        self._root = f"{account.base_url.rstrip('/')}/"
        self._home = f"{self._root}users/{quote(account.user, safe='@')}/"
        self._http: Http | None = None
        self._lock = threading.Lock()
        self._end: float | None = None
        self._on_request = on_request
        self._again = Retrying(
            retry=retry_if_exception_type(Unreachable),
            stop=stop_after_attempt(TRIES) | stop_after_delay(account.timeout),
            wait=wait_random_exponential(multiplier=0.2, max=2),
            sleep=sleep,
            reraise=True,
        )

    def begin(self) -> None:
        """Begins a poll, which has to end within the account's deadline."""
        self._end = time.monotonic() + self.account.deadline

    # ------------------------------------------------------------ asking

    def get(self, path: str, *, limit: int = PAGE_LIMIT) -> dict[str, Any]:
        """The JSON object at a path below the account's user; tried up to three times if the connection is lost.

        Raises ProviderError.
        """
        return self._again(lambda: self._get(self._home + path, (), limit))

    def follow(self, link: str, *, prefer: Sequence[str] = ()) -> dict[str, Any]:
        """The JSON object at a link that `shortened` made."""
        return self._again(lambda: self._get(self._root + link, prefer, PAGE_LIMIT))

    def shortened(self, link: object) -> str:
        """A link of Graph's without the server. Raises ProtocolBroken if it leads elsewhere: the token would too."""
        if not isinstance(link, str) or not link.startswith(self._root):
            raise ProtocolBroken(f"{self.account.where} answered with a link that does not lead to itself.")
        return link.removeprefix(self._root)

    def path(self, path: str) -> str:
        """A path below the account's user, as `follow` takes it."""
        return (self._home + path).removeprefix(self._root)

    def _get(self, url: str, prefer: Sequence[str], limit: int) -> dict[str, Any]:
        wanted = ('IdType="ImmutableId"', 'outlook.body-content-type="text"', *prefer)
        answer = self.ask("GET", url, {"Accept": "application/json", "Prefer": ", ".join(wanted)}, limit=limit)
        if is_page(answer):
            raise a_page_came(self.account.where, answer.status)
        try:
            told = json.loads(answer.body)
        except (ValueError, RecursionError):
            told = None
        if not isinstance(told, dict):
            raise ProtocolBroken(f"{self.account.where} sent an answer that is no JSON object.")
        return told

    def ask(
        self, method: Any, url: str, headers: Mapping[str, str], *, data: bytes | None = None, limit: int = PAGE_LIMIT
    ) -> Answer:
        """The answer of a request that succeeded. A refused token is replaced once."""
        account = self.account
        for last in (False, True):
            if self._end is not None and time.monotonic() > self._end:
                raise BackOff(
                    f"Reading the mailbox of {account.user} took more than {account.deadline:g} seconds and was "
                    "ended; what was read is kept, and mailwatch goes on from there."
                )
            token = account.token()
            answer = self._pass(method, url, token, headers, data, limit)
            if answer.status != 401 or last or account.forget_token is None:
                break
            account.forget_token(token)
        if 200 <= answer.status < 300:
            return answer
        raise failure(answer, where=account.where, user=account.user, now=datetime.now(UTC), token=token)

    def _pass(
        self, method: Any, url: str, token: str, headers: Mapping[str, str], data: bytes | None, limit: int
    ) -> Answer:
        door = gate(self.account)
        if not door.acquire(timeout=self.account.timeout):
            raise Unreachable(f"Too many requests to the mailbox of {self.account.user} wait for their answers.")
        try:
            if self._on_request:
                self._on_request(f"{method} {url}")
            return self._connection().ask(method, url, token=token, headers=headers, data=data, limit=limit)
        finally:
            door.release()

    def _connection(self) -> Http:
        with self._lock:
            if self._http is None:
                account = self.account
                self._http = Http(
                    account.where, timeout=account.timeout, ca_file=account.ca_file, connections=AT_ONCE
                )
            return self._http

    # ------------------------------------------------------------ many at once

    def each(self, work: Callable[[A], B], items: Sequence[A]) -> Iterator[B]:
        """The results of some work on each item, in their order, four at a time. Raises what the work raises."""
        for start in range(0, len(items), _ITEMS_A_CROWD):
            yield from self._crowd(work, items[start : start + _ITEMS_A_CROWD])

    def _crowd(self, work: Callable[[A], B], items: Sequence[A]) -> list[B]:
        if len(items) == 1:
            return [work(items[0])]
        results: dict[int, B] = {}
        failures: list[BaseException] = []
        waiting = iter(range(len(items)))
        lock = threading.Lock()

        def worker() -> None:
            while not failures:
                with lock:
                    place = next(waiting, -1)
                if place < 0:
                    return
                try:
                    results[place] = work(items[place])
                except BaseException as error:
                    failures.append(error)

        threads = [threading.Thread(target=worker, daemon=True) for _ in range(min(AT_ONCE, len(items)))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if failures:
            raise failures[0]
        return [results[place] for place in range(len(items))]

    def close(self) -> None:
        """Ends the connections; never raises."""
        with self._lock:
            if self._http is not None:
                self._http.close()
            self._http = None
