"""Many threads at one throttling Graph, and what is loaded for it."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta

from servers.fake_graph import FakeGraph
from servers.fake_graph_faults import status

from mailwatch.adapters.graph import GraphAccount, GraphProvider
from mailwatch.errors import BackOff
from mailwatch.testing import mail

NOW = datetime(2026, 11, 10, 12, tzinfo=UTC)
THREADS, POLLS = 8, 125


def test_eight_threads_and_a_throttling_server_come_to_an_end_in_a_thousand_polls() -> None:
    graph = FakeGraph()
    graph.store.deliver("inbox", mail(sender="bob@example.com", to="ann@example.com"), NOW)
    ended: list[tuple[int, int]] = []

    def work() -> None:
        account = GraphAccount("ann@example.com", lambda: "good-token", base_url=graph.base_url, timeout=30)
        door = GraphProvider(account, sleep=lambda _: None)
        state, done, waited = None, 0, 0
        while done < POLLS:
            try:
                inbox = door.mailboxes()[0]
                changes = door.changes(inbox, state, NOW - timedelta(days=30))
                list(door.texts(inbox, changes.created))
                state, done = changes.state, done + 1
            except BackOff:
                waited += 1
        door.close()
        ended.append((done, waited))

    every_third = [("", status(429, "ApplicationThrottled")), ("", lambda _: False), ("", lambda _: False)]
    graph.faults = every_third * (THREADS * POLLS // 2)
    threads = [threading.Thread(target=work, daemon=True) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(100)
    graph.close()
    assert [done for done, _ in ended] == [POLLS] * THREADS
    assert sum(waited for _, waited in ended) > 100
    assert graph.violations == []


def test_nothing_heavy_is_loaded_before_it_is_needed() -> None:
    modules = "graph graph_submit oauth oauth_command oauth_google oauth_microsoft imap smtp"
    lines = [f"import mailwatch.adapters.{name}" for name in modules.split()]
    heavy = "{'requests', 'urllib3', 'msal', 'jwt', 'cryptography'}"
    code = "\n".join([*lines, "import sys", f"print(sorted({heavy} & sys.modules.keys()))"])
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
