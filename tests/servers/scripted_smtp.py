"""A submission server for tests that behaves well but for what it is told to do wrong, over real sockets."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Self

GREETING, FINAL = "greeting", "final dot"


@dataclass(frozen=True)
class Do:
    """What the server does at one step: it says `reply` as it stands, then goes on, hangs up, or falls silent."""

    reply: str = ""
    then: Literal["go on", "hang up", "fall silent"] = "go on"


HANG_UP = Do(then="hang up")
FALL_SILENT = Do(then="fall silent")
_USUAL = {
    GREETING: Do("220 scripted ready\r\n"),
    "EHLO": Do("250-scripted\r\n250-8BITMIME\r\n250-AUTH PLAIN LOGIN\r\n250 SIZE 1000000\r\n"),
    "HELO": Do("250 scripted\r\n"),
    "AUTH": Do("235 2.7.0 Welcome\r\n"),
    "MAIL": Do("250 2.1.0 Ok\r\n"),
    "RCPT": Do("250 2.1.5 Ok\r\n"),
    "DATA": Do("354 Go ahead\r\n"),
    FINAL: Do("250 2.0.0 Queued\r\n"),
    "QUIT": Do("221 Bye\r\n", "hang up"),
}


class ScriptedSmtp:
    """A server on a free loopback port; `script` says what it does otherwise than usual, by verb or step.

    `commands` holds the lines it was sent, `messages` what it has taken whole, dots removed, `half_messages` what
    was cut off. With a `context` it speaks TLS, from the first byte or after STARTTLS.
    """

    def __init__(
        self,
        script: Mapping[str, Do] | None = None,
        *,
        context: ssl.SSLContext | None = None,
        starttls: bool = False,
    ) -> None:
        self._script = {**_USUAL, **(script or {})}
        self._context = context
        self._starttls = starttls
        self._over = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self.port: int = self._listener.getsockname()[1]
        self.commands: list[str] = []
        self.messages: list[bytes] = []
        self.half_messages: list[bytes] = []

    @property
    def verbs(self) -> list[str]:
        """The first words of the commands, in upper case."""
        return [line.partition(" ")[0].upper() for line in self.commands]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10)

    def _serve(self) -> None:
        while not self._over.is_set():
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            client.settimeout(10)
            with contextlib.suppress(OSError), client:
                if self._context and not self._starttls:
                    client = self._context.wrap_socket(client, server_side=True)
                self._talk(client)

    def _talk(self, client: socket.socket) -> None:
        with contextlib.suppress(_HungUp):
            stream = client.makefile("rb")
            self._do(client, GREETING)
            while line := stream.readline():
                self.commands.append(line.decode("utf-8", "replace").rstrip("\r\n"))
                verb = line.split(b" ")[0].strip().decode("utf-8", "replace").upper()
                if verb == "STARTTLS" and self._context:
                    client.sendall(b"220 Go ahead\r\n")
                    client = self._context.wrap_socket(client, server_side=True)
                    stream = client.makefile("rb")
                    continue
                self._do(client, verb)
                if verb == "DATA" and self._script["DATA"].reply.startswith("354"):
                    self._take(client, stream)
        # A hard end would throw away what the client has not read yet, so the end is a soft one.
        with contextlib.suppress(OSError):
            client.shutdown(socket.SHUT_WR)
            while client.recv(65536):
                pass
        client.close()

    def _take(self, client: socket.socket, stream: object) -> None:
        lines: list[bytes] = []
        while line := stream.readline():  # type: ignore[attr-defined]
            if line == b".\r\n":
                self.messages.append(b"".join(lines))
                self._do(client, FINAL)
                return
            lines.append(line[1:] if line.startswith(b".") else line)
        self.half_messages.append(b"".join(lines))

    def _do(self, client: socket.socket, step: str) -> None:
        todo = self._script.get(step, Do("500 5.5.1 What?\r\n"))
        if todo.then == "hang up":
            # The last words and the end arrive together, however busy the machine is.
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
        client.sendall(todo.reply.encode("utf-8"))
        if todo.then == "fall silent":
            self._over.wait(30)
        if todo.then != "go on":
            raise _HungUp


class _HungUp(Exception):
    """The script says that the connection ends here."""
