"""The connection under IMAP: TLS, timeouts, caps on what a server may send, and a tap on what we send."""

from __future__ import annotations

import imaplib
import socket
import ssl
from collections.abc import Callable
from typing import Any, cast

from imapclient import IMAPClient, SocketTimeout

from mailwatch.errors import ProtocolBroken

LITERAL_LIMIT = 1024 * 1024  # bytes of one literal that are kept; the rest is read and thrown away
DRAIN_LIMIT = 64 * 1024 * 1024  # bytes of one literal after which the server is no longer listened to
ANSWER_LIMIT = 192 * 1024 * 1024  # bytes of all that one command may bring
_CHUNK = 65536

OnCommand = Callable[[str], None]
"""Hears every line that is sent, without tag and without secrets."""


class Wire(imaplib.IMAP4):
    """imaplib's protocol over a socket of ours: nothing waits without an end, nothing grows without an end."""

    def __init__(
        self, host: str, port: int, timeout: float, context: ssl.SSLContext | None, on_command: OnCommand | None
    ) -> None:
        self._context = context
        self._on_command = on_command
        self.received = 0
        self._allowed = ANSWER_LIMIT
        super().__init__(host, port, timeout)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        plain = socket.create_connection((self.host, self.port), timeout)
        try:
            # Small commands go out at once; a peer that is gone is noticed within a few minutes even while we wait.
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            for option, value in (("TCP_KEEPIDLE", 120), ("TCP_KEEPINTVL", 30), ("TCP_KEEPCNT", 4)):
                if hasattr(socket, option):
                    plain.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
            if self._context is None:
                return plain
            return self._context.wrap_socket(plain, server_hostname=self.host)
        except BaseException:
            plain.close()
            raise

    def begin(self) -> None:
        """Begins a new command: what a server may send is counted from here."""
        self._allowed = self.received + ANSWER_LIMIT

    def _count(self, size: int) -> None:
        self.received += size
        if self.received > self._allowed:
            raise ProtocolBroken(f"{self.host}:{self.port} sends without end ({ANSWER_LIMIT >> 20} MB for one command).")

    def read(self, size: int) -> bytes:
        """A literal, cut to LITERAL_LIMIT bytes; a server that ignores a partial range costs time, not memory."""
        if size > DRAIN_LIMIT:
            raise ProtocolBroken(f"{self.host}:{self.port} announces {size} bytes in one piece.")
        self._count(size)
        kept: bytes = super().read(min(size, LITERAL_LIMIT))
        left = size - len(kept)
        while left > 0:
            chunk = super().read(min(left, _CHUNK))
            if not chunk:
                raise self.abort("socket error: EOF")
            left -= len(chunk)
        return kept

    def readline(self) -> bytes:
        """A line, without its line end's fate being ours."""
        line: bytes = super().readline()
        self._count(len(line))
        return line

    def send(self, data: Any) -> None:
        """Sends, and tells the tap what is sent."""
        if self._on_command is not None:
            self._on_command(self._shown(bytes(data)))
        super().send(data)

    def _shown(self, data: bytes) -> str:
        if not data.startswith(cast(bytes, self.tagpre)):  # typeshed takes it for a str.
            return "DONE" if data == b"DONE\r\n" else "(data)"
        words = data.partition(b" ")[2].decode("utf-8", "replace").strip()
        name = words.split(" ", 1)[0].upper()
        return name if name in ("LOGIN", "AUTHENTICATE") else words


class Client(IMAPClient):  # type: ignore[misc]  # imapclient has no types.
    """IMAPClient over a Wire, quiet: imaplib's debugging would print mail."""

    def __init__(
        self, host: str, port: int, *, timeout: float, context: ssl.SSLContext | None, on_command: OnCommand | None
    ) -> None:
        self._new_wire: Callable[[], Wire] = lambda: Wire(host, port, timeout, context, on_command)
        super().__init__(
            host, port, ssl=context is not None, ssl_context=context, timeout=SocketTimeout(timeout, timeout)
        )
        self.normalise_times = False
        self.wire.debug = 0

    def _create_IMAP4(self) -> Wire:
        return self._new_wire()

    @property
    def wire(self) -> Wire:
        """The imaplib connection itself."""
        wire: Wire = self._imap
        return wire
