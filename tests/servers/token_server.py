"""The token endpoint of the tests over HTTP and HTTPS on loopback, for programs of their own and for mail servers."""

from __future__ import annotations

import json
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, parse_qsl, urlsplit

from servers.certificate import certificate
from servers.token_endpoint import TokenEndpoint


class TokenServer:
    """Answers for `endpoint`: to msal at `authority`, to Google's flow and oauthlib at any other path.

    `ca_file` vouches for the certificate of `context`. Mail servers ask at `introspection` whom a token is for
    (RFC 7662).
    """

    def __init__(self, folder: Path) -> None:
        self.endpoint = TokenEndpoint()
        self.context, self.ca_file = certificate(folder)
        handler = type("Handler", (_Handler,), {"endpoint": self.endpoint})
        self._servers = [_listening(handler, self.context), _listening(handler, None)]
        secure, plain = (server.server_address[1] for server in self._servers)
        self.authority = f"https://127.0.0.1:{secure}"
        self.plain = f"http://127.0.0.1:{plain}"
        self.introspection = f"{self.plain}/introspect?token="
        self.endpoint.authority = f"{self.authority}/contoso"

    @property
    def environment(self) -> dict[str, str]:
        """What a program has to find in its environment to trust the certificate."""
        return {"REQUESTS_CA_BUNDLE": str(self.ca_file)}

    def close(self) -> None:
        """Ends the servers."""
        for server in self._servers:
            server.shutdown()
            server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    endpoint: ClassVar[TokenEndpoint]

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path == "/introspect":
            token = parse_qs(parts.query).get("token", [""])[0]
            good = self.endpoint.is_good(token)
            self._say(200, json.dumps({"active": good, "username": self.endpoint.user if good else ""}))
            return
        reply = self.endpoint.get(self.path)
        self._say(reply.status_code, reply.text)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        try:
            reply = self.endpoint.post(self.path, data=dict(parse_qsl(body)))
        except ConnectionRefusedError:
            self.close_connection = True
            return
        self._say(reply.status_code, reply.text)

    def _say(self, status: int, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, *_: object) -> None:
        """A client that was killed in the middle is what some tests are about."""


def _listening(handler: Any, context: ssl.SSLContext | None) -> ThreadingHTTPServer:
    server = _Quiet(("127.0.0.1", 0), handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    return server
