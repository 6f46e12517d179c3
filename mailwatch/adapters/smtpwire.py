"""The connection to a submission server: replies are read strictly, in time, and never before their question."""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
import time
from contextlib import suppress

NO_REPLY = -1
FAILURES = (smtplib.SMTPException, OSError, UnicodeError)
_REPLY = re.compile(rb"([2-5][0-9]{2})(?:([ -])(.*))?")
_BLOCK = 65536
_LONGEST_REPLY = 65536


class Connection(smtplib.SMTP):
    """smtplib's connection with a stricter ear; `timeout` bounds, in seconds, each step up to the final dot."""

    sock: socket.socket

    def __init__(self, host: str, port: int, own_name: str, *, timeout: float, **more: ssl.SSLContext | None) -> None:
        self._read = b""
        self._seconds = timeout
        try:
            super().__init__(host, port, own_name, timeout=timeout, **more)  # type: ignore[arg-type]
        except BaseException:
            self.close()
            raise

    def getreply(self, seconds: float | None = None) -> tuple[int, bytes]:
        """The next reply, complete within a time; the code is -1 if it is none.

        Raises TimeoutError, or SMTPServerDisconnected if the server hung up.
        """
        end = time.monotonic() + (seconds or self._seconds)
        lines: list[bytes] = []
        code, size = None, 0
        while True:
            while b"\n" not in self._read:
                self._receive(max(end - time.monotonic(), 0.001))
            line, _, self._read = self._read.partition(b"\n")
            size += len(line)
            parts = _REPLY.fullmatch(line.rstrip(b"\r"))
            if parts is None or code not in (None, parts[1]) or size > _LONGEST_REPLY:
                return NO_REPLY, line
            code = parts[1]
            lines.append(parts[3] or b"")
            if parts[2] != b"-":
                return int(code), b"\n".join(lines)

    def putcmd(self, cmd: str, args: str = "") -> None:
        """Sends a command, unless the server has spoken out of turn, which would answer the wrong question."""
        if self.has_reply():
            raise smtplib.SMTPResponseException(*self.getreply())
        super().putcmd(cmd, args)

    def has_reply(self) -> bool:
        """Whether the server has said something that was not read yet. Raises if it has hung up."""
        # A readable socket is no sign under TLS, where session tickets arrive unasked: so it is read.
        with suppress(BlockingIOError, ssl.SSLWantReadError):
            self._receive(0)
        self.sock.settimeout(self._seconds)
        return bool(self._read)

    def wrap(self, context: ssl.SSLContext, host: str) -> None:
        """Begins TLS; what the server said before it is forgotten (RFC 3207 4.2)."""
        self.sock.settimeout(self._seconds)
        self.sock = context.wrap_socket(self.sock, server_hostname=host)
        self._read = b""

    def send_all(self, body: bytes) -> None:
        """Sends the message up to the final dot, each block within the time of a command."""
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock.settimeout(self._seconds)
        for start in range(0, len(body), _BLOCK):
            self.sock.sendall(body[start : start + _BLOCK])

    def finish(self, seconds: float) -> tuple[int, bytes]:
        """Sends the final dot and waits for its reply."""
        self.sock.settimeout(self._seconds)
        self.sock.sendall(b".\r\n")
        return self.getreply(seconds)

    def leave(self) -> None:
        """Says goodbye; nothing that happens now matters."""
        with suppress(*FAILURES):
            self.docmd("QUIT")

    def _receive(self, seconds: float) -> None:
        if not self.sock:
            raise smtplib.SMTPServerDisconnected("the connection is closed")
        self.sock.settimeout(seconds)
        data = self.sock.recv(8192)
        if not data:
            raise smtplib.SMTPServerDisconnected("the server closed the connection")
        self._read += data
        if len(self._read) > _LONGEST_REPLY:
            raise smtplib.SMTPServerDisconnected("the server's reply had no end")


class TlsConnection(Connection, smtplib.SMTP_SSL):
    """The same, under TLS from the first byte (RFC 8314)."""
