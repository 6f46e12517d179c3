"""An IMAP server for tests that takes logins by token and nothing else, and serves two empty mailboxes."""

from __future__ import annotations

import base64
import socketserver
import threading
from typing import Any


class TokenImap:
    """A server on a free loopback port; it takes the tokens in `tokens` by the mechanisms in `offers`."""

    def __init__(self, *tokens: str, offers: str = "AUTH=XOAUTH2 AUTH=OAUTHBEARER", refusal: str = "") -> None:
        self.tokens, self.offers, self.refusal = set(tokens), offers, refusal
        self.said: list[bytes] = []
        self.after_refusal: list[bytes] = []
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Connection)
        self._server.daemon_threads = True
        self._server.owner = self  # type: ignore[attr-defined]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        self.port: int = self._server.server_address[1]

    def close(self) -> None:
        """Ends the server."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Connection(socketserver.StreamRequestHandler):
    """One client."""

    def handle(self) -> None:
        owner: TokenImap = self.server.owner  # type: ignore[attr-defined]
        self._say(f"* OK [CAPABILITY IMAP4rev1 LOGINDISABLED {owner.offers}] ready")
        while line := self.rfile.readline():
            tag, command, *_ = line.decode().strip().split(" ")
            match command.upper():
                case "CAPABILITY":
                    self._say(f"* CAPABILITY IMAP4rev1 LOGINDISABLED {owner.offers}", f"{tag} OK done")
                case "AUTHENTICATE":
                    self._authenticate(owner, tag)
                case "LIST":
                    boxes = ["INBOX", "Sent"]
                    self._say(*(f'* LIST () "/" {name}' for name in boxes), f"{tag} OK done")
                case "LOGOUT":
                    self._say("* BYE", f"{tag} OK done")
                    return
                case _:
                    self._say(f"{tag} OK done")

    def _authenticate(self, owner: TokenImap, tag: str) -> None:
        self._say("+ ")
        said = base64.b64decode(self.rfile.readline())
        owner.said.append(said)
        token = said.partition(b"Bearer ")[2].rstrip(b"\x01").decode()
        if token in owner.tokens:
            self._say(f"{tag} OK welcome")
            return
        self._say("+ " + base64.b64encode(b'{"status":"invalid_token","schemes":"bearer"}').decode())
        owner.after_refusal.append(base64.b64decode(self.rfile.readline()))
        self._say(f"{tag} NO {owner.refusal.format(token=token, said=base64.b64encode(said).decode())}")

    def _say(self, *lines: Any) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())
