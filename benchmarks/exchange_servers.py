"""Serves the generated mail from the fake Exchange server or the fake Graph, in a process of its own: KIND COUNT.

Prints where it serves, and ends when its standard input does. The schemas are left out here: what the requests are
held against in the tests would be most of the time of every client.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ["MAILWATCH_EWS_SCHEMAS"] = os.environ["MAILWATCH_GRAPH_SCHEMA"] = "/nowhere"
sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from servers.fake_ews import FakeEws
from servers.fake_graph import FakeGraph

from benchmarks.many_mails import OWNER, generate

NAMES = {"INBOX": "inbox", "Sent": "sentitems"}


def serve_ews(count: int) -> str:
    """A mailbox over EWS; the address of the service."""
    server = FakeEws(OWNER)
    store = server.mailboxes[OWNER]
    for one in generate(count):
        store.add(store.folder(NAMES[one.mailbox]), one.raw, one.received_at, read=True)
    return server.url


def serve_graph(count: int) -> str:
    """A mailbox over Graph; the address of the service."""
    server = FakeGraph()
    server.store.user = OWNER
    for one in generate(count):
        server.store.deliver(NAMES[one.mailbox], one.raw, one.received_at, flags=("\\Seen",))
    return server.base_url


if __name__ == "__main__":
    kind, messages = sys.argv[1:]
    print({"ews": serve_ews, "graph": serve_graph}[kind](int(messages)), flush=True)
    sys.stdin.read()
