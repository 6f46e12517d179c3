"""What a connection that waits for changes costs: thousands of mailboxes are watched by one process."""

from __future__ import annotations

import tracemalloc

from servers.scripted_imap import scripted

from mailwatch.adapters.imap import ImapAccount
from mailwatch.adapters.imap_session import ImapSession

CONNECTIONS = 20
ENOUGH = 128 * 1024  # bytes a connection, with what the server of this test needs for it


def test_an_idle_connection_keeps_little_memory() -> None:
    with scripted() as server:
        account = ImapAccount("127.0.0.1", server.port, "ann", lambda: "pw", security="plain")
        first, *others = [ImapSession(account, None) for _ in range(CONNECTIONS + 1)]
        first.connect()
        tracemalloc.start()
        try:
            for session in others:
                session.connect()
            kept, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
            for session in (first, *others):
                session.close()
    assert kept / CONNECTIONS < ENOUGH
