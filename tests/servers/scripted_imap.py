"""A tiny IMAP server that says what a test wants it to say, lies and silences included."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

Answer = str | bytes | Callable[["Conversation", str], None]
"""What a command brings: the untagged answer and, after a line that begins with `{tag}`, the tagged one.

Text gets CRLF line ends. A callable does what it likes with the connection.
"""

CAPABILITIES = "IMAP4rev1 UIDPLUS NAMESPACE IDLE UNSELECT SPECIAL-USE LITERAL+"
DEFAULTS: Mapping[str, Answer] = {
    "CAPABILITY": "* CAPABILITY {capabilities}\n{tag} OK done",
    "LOGIN": "{tag} OK welcome",
    "LOGOUT": "* BYE bye\n{tag} OK done",
    "NAMESPACE": '* NAMESPACE (("" "/")) NIL NIL\n{tag} OK done',
    "LIST": '* LIST (\\HasNoChildren) "/" INBOX\n* LIST (\\HasNoChildren \\Sent) "/" Sent\n{tag} OK done',
    "EXAMINE": "* 3 EXISTS\n* OK [UIDVALIDITY 7] ok\n* OK [UIDNEXT 4] ok\n{tag} OK [READ-ONLY] done",
    "STATUS": '* STATUS "INBOX" (UIDNEXT 4 UIDVALIDITY 7)\n{tag} OK done',
    "UID SEARCH": "* SEARCH 1 2 3\n{tag} OK done",
    "UNSELECT": "{tag} OK done",
    "NOOP": "{tag} OK done",
}


class Goodbye(Exception):
    """Ends the connection at once."""


@dataclass
class Conversation:
    """One connection: what was sent so far, and ways to answer."""

    sock: socket.socket
    tag: str = ""
    lines: list[str] = field(default_factory=list)

    def send(self, text: str | bytes) -> None:
        """Sends text with CRLF line ends, or bytes as they are."""
        data = text if isinstance(text, bytes) else text.replace("\n", "\r\n").encode("utf-8", "surrogateescape")
        self.sock.sendall(data)

    def drop(self) -> None:
        """Ends the connection in the middle of whatever was going on."""
        raise Goodbye


class ScriptedImap:
    """The server; `script` maps the beginning of a command to its answer, or to a list of answers, one a time.

    The last answer of a list is given for ever. `commands` is every line that came in, without its tag, of all
    connections; `connections` counts them.
    """

    def __init__(self, script: Mapping[str, Answer | list[Answer]], greeting: str, capabilities: str) -> None:
        self._script = {**DEFAULTS, **script}
        self._greeting, self._capabilities = greeting, capabilities
        self._given: dict[str, int] = {}
        self.commands: list[str] = []
        self.connections = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._open: list[socket.socket] = []
        self._ended = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Ends the server and its connections."""
        self._ended.set()
        for sock in (self._listener, *self._open):
            # A shutdown wakes the thread that waits in accept or recv; close alone would not.
            for end in (lambda sock=sock: sock.shutdown(socket.SHUT_RDWR), sock.close):
                try:
                    end()
                except OSError:
                    continue

    def _accept(self) -> None:
        while not self._ended.is_set():
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(sock)
            threading.Thread(target=self._talk, args=(Conversation(sock),), daemon=True).start()

    def _talk(self, talk: Conversation) -> None:
        try:
            talk.send(self._greeting)
            with talk.sock.makefile("rb") as lines:
                for line in lines:
                    self._answer(talk, line.decode("utf-8", "replace").rstrip("\r\n"))
        except (Goodbye, OSError, ValueError):
            pass
        finally:
            talk.sock.close()

    def _answer(self, talk: Conversation, line: str) -> None:
        tag, _, command = line.partition(" ")
        if not command:
            self.commands.append(line)
            if line == "DONE":
                talk.send(f"{talk.tag} OK done\n")
            return
        talk.tag = tag
        talk.lines.append(command)
        self.commands.append(command)
        known = [key for key in self._script if command.upper().startswith(key.upper())]
        if not known:
            talk.send(f"{tag} BAD what?\n")
            return
        key = max(known, key=len)
        answer = self._script[key]
        if isinstance(answer, list):
            at = self._given.get(key, 0)
            self._given[key] = at + 1
            answer = answer[min(at, len(answer) - 1)]
        if callable(answer):
            answer(talk, command)
        elif isinstance(answer, bytes):
            talk.send(answer.replace(b"{tag}", tag.encode()))
        else:
            talk.send(answer.replace("{tag}", tag).replace("{capabilities}", self._capabilities) + "\n")


@contextmanager
def scripted(
    script: Mapping[str, Answer | list[Answer]] | None = None,
    *,
    greeting: str = "* OK ready\n",
    capabilities: str = CAPABILITIES,
) -> Iterator[ScriptedImap]:
    """A server that runs while the block does."""
    server = ScriptedImap(script or {}, greeting, capabilities)
    try:
        yield server
    finally:
        server.close()


def header_answer(uid: int, fields: str, *, key: str = "BODY[HEADER.FIELDS (FROM)]<0>") -> str:
    """A FETCH answer with header fields as a literal; lines of `fields` end in a line feed."""
    size = len(fields.replace("\n", "\r\n").encode("utf-8", "surrogateescape"))
    date = '"10-Nov-2026 12:00:00 +0000"'
    return f"* {uid} FETCH (UID {uid} INTERNALDATE {date} {key} {{{size}}}\n{fields})\n"


def uids_asked(command: str) -> list[int]:
    """The UIDs that a UID FETCH names."""
    match = re.match(r"UID FETCH (\S+) ", command)
    found: list[int] = []
    for run in match[1].split(",") if match else []:
        first, _, last = run.partition(":")
        found += range(int(first), int(last or first) + 1)
    return found
