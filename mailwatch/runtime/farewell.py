"""The end of the daemon: all connections are closed side by side, and none is waited for long."""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Iterable

from mailwatch.ports import MailProvider

_AT_ONCE = 32


def close_all(providers: Iterable[MailProvider], seconds: float) -> None:
    """Closes providers, as many as that time allows; the end of the program closes the others."""
    waiting: queue.SimpleQueue[MailProvider] = queue.SimpleQueue()
    for provider in providers:
        waiting.put(provider)

    def close() -> None:
        with contextlib.suppress(queue.Empty):
            while True:
                waiting.get_nowait().close()

    until = time.monotonic() + seconds
    threads = [threading.Thread(target=close, daemon=True) for _ in range(min(_AT_ONCE, waiting.qsize()))]
    with contextlib.suppress(RuntimeError):  # The machine may have no room for another thread.
        for thread in threads:
            thread.start()
    for thread in threads:
        if thread.ident is not None:
            thread.join(max(until - time.monotonic(), 0))
