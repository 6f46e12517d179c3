"""The connection under IMAP: TLS, timeouts, caps on what a server may send, and a tap on what we send."""

from __future__ import annotations

import imaplib
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast

from imapclient import IMAPClient, SocketTimeout

from mailwatch.errors import ProtocolBroken

LITERAL_LIMIT = 1024 * 1024  # bytes of one literal that are kept; the rest is read and thrown away
DRAIN_LIMIT = 64 * 1024 * 1024  # bytes of one literal after which the server is no longer listened to
ANSWER_LIMIT = 192 * 1024 * 1024  # bytes of all that one command may bring
_CHUNK = 256 * 1024
_LINE_LIMIT = 1_000_000
_OPENS_LITERAL = re.compile(rb"\{[0-9]+\}\r?\Z")
_PATIENCE = 20  # how many times its timeout one command may take in all

OnCommand = Callable[[str], None]
"""Hears every line that is sent, without tag and without secrets."""


class _Memory(threading.local):
    """One piece of memory for all that a thread receives.

    A new one of this size costs more than a short answer; one for each connection costs a gigabyte where thousands
    wait for changes.
    """

    def __init__(self) -> None:
        self.piece = memoryview(bytearray(_CHUNK))


_memory = _Memory()


class Wire(imaplib.IMAP4):
    """imaplib's protocol over a socket and a buffer of ours: nothing waits and nothing grows without end.

    imaplib's own buffer is another thing in each Python, and does not tell whether something is in it.
    """

    def __init__(
        self, host: str, port: int, timeout: float, context: ssl.SSLContext | None, on_command: OnCommand | None
    ) -> None:
        self._context = context
        self._on_command = on_command
        self._timeout = timeout
        self._buffer = bytearray()
        self._source: socket.socket | None = None
        self._held_back: bytearray | None = None
        self.received = 0
        self.begin()
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
        """Begins a new command: what a server may send, and how long it may take, is counted from here."""
        self._allowed = self.received + ANSWER_LIMIT
        self._until = time.monotonic() + _PATIENCE * self._timeout

    def read(self, size: int) -> bytes:
        """A literal, cut to LITERAL_LIMIT bytes; a server that ignores a partial range costs time, not memory."""
        if size > DRAIN_LIMIT:
            raise ProtocolBroken(f"{self.host}:{self.port} announces {size} bytes in one piece.")
        kept = self._take(min(size, LITERAL_LIMIT))
        for start in range(len(kept), size, _CHUNK):
            self._take(min(_CHUNK, size - start))
        return kept

    def readline(self) -> bytes:
        """A line with its end. Raises imaplib's error for one that is longer than imaplib allows."""
        start = 0
        while (end := self._held().find(b"\n", start)) < 0:
            start = len(self._buffer)
            if start > _LINE_LIMIT:
                raise self.error(f"got more than {_LINE_LIMIT} bytes")
            self._receive()
        return self._take(end + 1)

    def _get_line(self) -> bytes:
        # imaplib's own keeps the last lines, spelled out, for its debugging; they hold mail, and it takes time.
        line = self.readline()
        if not line.endswith(b"\r\n"):
            raise self.abort("socket error: unterminated line")
        return line[:-2]

    def line_is_there(self) -> bool:
        """Whether a whole line can be read without waiting.

        Raises imaplib's abort at the end of the connection, and ProtocolBroken for a line that has no end or goes on
        with a literal, for which whoever reads it would have to wait.
        """
        self.sock.settimeout(0)
        try:
            while (end := self._held().find(b"\n")) < 0:
                if len(self._buffer) > _LINE_LIMIT:
                    raise ProtocolBroken(f"{self.host}:{self.port} sends a line without end.")
                self._receive()
        except (ssl.SSLWantReadError, BlockingIOError):
            return False
        finally:
            self.sock.settimeout(self._timeout)
        if _OPENS_LITERAL.search(self._buffer, 0, end):
            raise ProtocolBroken(f"{self.host}:{self.port} sends a literal while it is only to tell of changes.")
        return True

    def _held(self) -> bytearray:
        """What was received and not read; what came before TLS began is not to be trusted and goes."""
        if self.sock is not self._source:
            self._source = self.sock
            self._buffer.clear()
        return self._buffer

    def _take(self, size: int) -> bytes:
        held = self._held()
        while len(held) < size:
            self._receive()
        taken = bytes(memoryview(held)[:size])
        del held[:size]
        return taken

    def _receive(self) -> None:
        if time.monotonic() > self._until:
            raise TimeoutError("an answer takes too long")
        piece = _memory.piece
        count = self.sock.recv_into(piece)
        if not count:
            raise self.abort("socket error: EOF")
        self.received += count
        if self.received > self._allowed:
            raise ProtocolBroken(f"{self.host}:{self.port} sends without end ({self.received >> 20} MB).")
        self._buffer += piece[:count]

    def send(self, data: Any) -> None:
        """Sends, and tells the tap what is sent."""
        if self._on_command is not None:
            self._on_command(self._shown(bytes(data)))
        if self._held_back is None:
            super().send(data)
        else:
            self._held_back += data

    def send_each(self, command: str, each: Iterable[Sequence[str | bytes]]) -> list[bytes]:
        """Sends a command with each of the arguments in one piece, and returns the tags."""
        self._held_back = held_back = bytearray()
        try:
            tags = [self._command(command, *arguments) for arguments in each]
        finally:
            self._held_back = None
        super().send(held_back)
        return tags

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
