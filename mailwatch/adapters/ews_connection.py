"""Connections that tell the deadline of each question which of them it is on.

Only `ews_http` imports this module, since it needs a library that comes with exchangelib.
"""

from __future__ import annotations

from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from mailwatch.adapters.ews_patience import Deadline, current


class _Watched:
    """A connection that tells the deadline of each question that goes over it."""

    def connect(self) -> None:
        deadline = _note(self)
        if deadline is None:
            super().connect()  # type: ignore[misc]
            return
        # http.client writes the request into a buffer before it connects.
        sent, deadline.sent = deadline.sent, False
        super().connect()  # type: ignore[misc]
        deadline.sent = sent

    def putrequest(self, *args: Any, **options: Any) -> None:
        deadline = _note(self)
        super().putrequest(*args, **options)  # type: ignore[misc]
        if deadline is not None:
            deadline.sent = True


def _note(connection: object) -> Deadline | None:
    deadline = current.get()
    if deadline is not None:
        deadline.is_on(connection)
    return deadline


class _Http(_Watched, HTTPConnection):
    """Without TLS."""


class _Https(_Watched, HTTPSConnection):
    """With TLS."""


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _Http


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _Https


POOLS = {"http": _HttpPool, "https": _HttpsPool}
"""The pools by scheme, for urllib3's managers."""
