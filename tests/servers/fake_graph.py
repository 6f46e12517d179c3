"""A Microsoft Graph for tests on loopback: reads, delta queries, sendMail, categories; closed to everything else.

What it answers is held against the schema of Graph's mail types, where that is on this machine.
"""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from servers.fake_graph_answers import Answers, Wrong
from servers.fake_graph_faults import Fault
from servers.fake_graph_store import WELL_KNOWN

_AT_ONCE = 4


@dataclass
class FakeGraph(Answers):
    """A server on a free loopback port."""

    tokens: set[str] = field(default_factory=lambda: {"good-token"})
    requests: list[str] = field(default_factory=list)
    headers_seen: list[Mapping[str, str]] = field(default_factory=list)
    extra_headers: Mapping[str, str] = field(default_factory=dict)
    faults: list[tuple[str, Fault]] = field(default_factory=list)
    most_at_once: int = 0
    slow: float = 0.0

    def __post_init__(self) -> None:
        for name in ("inbox", "sentitems"):
            if not self.store.folder(name):
                self.store.add_folder(WELL_KNOWN[name], well_known=name)
        self._now_open = 0
        self._lock = threading.Lock()
        self.over = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.daemon_threads = True
        self._server.graph = self  # type: ignore[attr-defined]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        self.base_url = f"http://127.0.0.1:{self._server.server_address[1]}/v1.0"

    def fail(self, fault: Fault, *, on: str = "", times: int = 1) -> None:
        """Lets the next requests whose address holds `on` meet a fault."""
        self.faults += [(on, fault)] * times

    def close(self) -> None:
        """Ends the server."""
        self.over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def fault_for(self, path: str) -> Fault | None:
        with self._lock:
            for place, (on, fault) in enumerate(self.faults):
                if on in path:
                    del self.faults[place]
                    return fault
        return None

    @contextmanager
    def counted(self) -> Iterator[None]:
        with self._lock:
            self._now_open += 1
            self.most_at_once = max(self.most_at_once, self._now_open)
            too_many = self._now_open > _AT_ONCE
        try:
            if too_many:
                self.violations.append("more than four requests at once")
                raise Wrong(429, "ApplicationThrottled", "MailboxConcurrency", **{"Retry-After": "1"})
            yield
        finally:
            with self._lock:
                self._now_open -= 1


class _Handler(BaseHTTPRequestHandler):
    """One connection to a FakeGraph."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._handle(self.get)

    def do_POST(self) -> None:
        self._handle(self.post)

    def do_PATCH(self) -> None:
        self._handle(self.patch)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            self.graph.violations.append(name)
            return lambda: self.say(405, b"{}")
        raise AttributeError(name)

    @property
    def graph(self) -> FakeGraph:
        found: FakeGraph = self.server.graph  # type: ignore[attr-defined]
        return found

    def _handle(self, answer: Callable[[], tuple[int, bytes]]) -> None:
        graph = self.graph
        graph.requests.append(f"{self.command} {self.path}")
        graph.headers_seen.append(dict(self.headers.items()))
        self.sent_body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.headers.get("Prefer", "").find('IdType="ImmutableId"') < 0:
            graph.violations.append("no immutable ids wanted")
        try:
            with graph.counted():
                time.sleep(graph.slow)
                fault = graph.fault_for(self.path)
                if fault is not None and fault(self):
                    return
                if self.headers.get("Authorization", "").removeprefix("Bearer ") not in graph.tokens:
                    raise Wrong(401, "InvalidAuthenticationToken", f"Bad: {self.headers.get('Authorization')}")
                with graph.store.lock:
                    status, body = answer()
        except Wrong as wrong:
            told = json.dumps({"error": {"code": wrong.code, "message": wrong.message}}).encode()
            self.say(wrong.status, told, **wrong.headers)
        except Exception as error:
            # A fault of the fake itself, or an answer unlike the schema, must not look like one of Graph's.
            graph.violations.append(f"{type(error).__name__}: {str(error)[:500]}")
            self.say(500, b"{}")
        else:
            self.say(status, body)

    def get(self) -> tuple[int, bytes]:
        parts = urlsplit(self.path)
        size = re.search(r"odata\.maxpagesize=(\d+)", self.headers.get("Prefer", ""))
        asked = dict(parse_qsl(parts.query))
        told = self.graph.answer(parts.path.removeprefix("/v1.0"), asked, int(size[1]) if size else 10)
        return 200, json.dumps(told).encode()

    def post(self) -> tuple[int, bytes]:
        parts = [unquote(part) for part in self.path.split("/") if part]
        if parts[1:2] != ["users"] or parts[3:] != ["sendMail"] or self.headers.get("Content-Type") != "text/plain":
            self.graph.violations.append(f"POST {self.path}")
            raise Wrong(405, "ErrorAccessDenied")
        self.graph.send(parts[2], self.sent_body)
        return 202, b""

    def patch(self) -> tuple[int, bytes]:
        parts = [unquote(part) for part in self.path.split("/") if part]
        if parts[1:2] != ["users"] or parts[3:4] != ["messages"] or len(parts) != 5:
            self.graph.violations.append(f"PATCH {self.path}")
            raise Wrong(405, "ErrorAccessDenied")
        told = self.graph.change(parts[2], parts[4], self.headers.get("If-Match", "*"), json.loads(self.sent_body))
        return 200, json.dumps(told).encode()

    def say(self, status: int, body: bytes, kind: str = "application/json", **headers: str) -> None:
        """Sends an answer."""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in {**self.graph.extra_headers, **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def hang_up(self) -> None:
        """Ends the connection without another word."""
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""
