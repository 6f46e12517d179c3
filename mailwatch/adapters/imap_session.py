"""One kept connection to an IMAP server: it asks, it waits for changes, and it is made anew when it breaks."""

from __future__ import annotations

import contextlib
import imaplib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, stop_after_delay, wait_random_exponential

from mailwatch.adapters.imap_account import ImapAccount
from mailwatch.adapters.imap_answers import Piece, number, numbers, quoted
from mailwatch.adapters.imap_errors import refused, translated, words_of
from mailwatch.adapters.imap_login import connected
from mailwatch.adapters.imap_wire import Client, OnCommand, Wire
from mailwatch.domain.cleaning import NAME_LIMIT, clean
from mailwatch.errors import MailwatchError, ProtocolBroken, ProviderError, Unreachable

T = TypeVar("T")
TRIES = 3
_GOODBYE_SECONDS = 2.0
_LINES_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Examined:
    """What EXAMINE told of a mailbox; `uidnext` is None at servers that keep it to themselves."""

    name: bytes
    exists: int
    uidvalidity: int
    uidnext: int | None


class ImapSession:
    """The connection of one account; nothing is connected until something is asked. For one thread at a time."""

    def __init__(
        self, account: ImapAccount, on_command: OnCommand | None, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.account = account
        self.where = account.where
        self.selected: Examined | None = None
        self.asked = 0
        """How often something was asked."""
        self._capabilities: frozenset[str] = frozenset()
        self._on_command = on_command
        self._client: Client | None = None
        self._idle: bytes | None = None
        self._exists = 0
        """How many messages the open mailbox has, as far as the wait for changes told of them."""
        self._more_came = False
        self._again = Retrying(
            retry=retry_if_exception_type(Unreachable),
            stop=stop_after_attempt(TRIES - 1) | stop_after_delay(account.timeout),
            wait=wait_random_exponential(multiplier=0.2, max=2),
            sleep=sleep,
            reraise=True,
        )

    # ------------------------------------------------------------ connecting

    def again(self, work: Callable[[], T]) -> T:
        """Does some reading, up to three times if the connection is lost meanwhile."""
        new, began = self._client is None, time.monotonic()
        try:
            # Nearly always there is nothing to retry, and a poll of a quiet mailbox is little else than this.
            return work()
        except Unreachable:
            # A server that is silent on a new connection would be so on the next one; a kept one may just be dead.
            if new and time.monotonic() - began >= self.account.timeout:
                raise
            return self._again(work)

    def connect(self) -> Wire:
        """The connection, made and logged in if need be."""
        if self._client is None:
            with self._guarded():
                self._client = connected(self.account, self._on_command)
                words = self._client.capabilities()
                self._capabilities = frozenset(word.decode("ascii", "replace") for word in words)
        return self._client.wire

    @property
    def capabilities(self) -> frozenset[str]:
        """What the server can do after login, in upper case."""
        self.connect()
        return self._capabilities

    @contextlib.contextmanager
    def _guarded(self) -> Iterator[None]:
        """Gives every failure its name, and throws a connection away that may be out of step."""
        try:
            yield
        except MailwatchError:
            self.drop()
            raise
        except (OSError, imaplib.IMAP4.error, ValueError, LookupError, MemoryError) as error:
            self.drop()
            raise translated(error, self.where) from error

    def drop(self) -> None:
        """Throws the connection away."""
        client, self._client = self._client, None
        self.selected, self._idle = None, None
        if client is not None:
            with contextlib.suppress(Exception):
                client.wire.shutdown()

    def close(self) -> None:
        """Says goodbye if that is quick, and ends the connection; never raises."""
        client = self._client
        if client is not None:
            with contextlib.suppress(Exception):
                client.wire.sock.settimeout(_GOODBYE_SECONDS)
                self.end_idle()
                client.wire.begin()
                client.wire.logout()
        self.drop()

    # ------------------------------------------------------------ asking

    def ask(self, command: str, *arguments: str | bytes, answer: str | None = None) -> list[Piece | None]:
        """Sends a command and returns its untagged answers. Raises Refused for NO and BAD, and what `errors` has."""
        return self.ask_each(command, [arguments], answer=answer)

    def ask_each(
        self, command: str, each: Sequence[Sequence[str | bytes]], *, answer: str | None = None
    ) -> list[Piece | None]:
        """Sends a command with each of the arguments at once (RFC 3501 5.5) and returns all untagged answers.

        Raises Refused if the first is refused; the others count as unanswered then.
        """
        self.end_idle()
        wire = self.connect()
        self.asked += 1
        with self._guarded():
            wire._check_bye()
            wire.untagged_responses.clear()
            wire.begin()
            results = [wire._get_tagged_response(tag) for tag in wire.send_each(command, each)]
            wire._check_bye()
        typ, data = results[0]
        if typ != "OK":
            raise refused(self.where, f"{command} {_shown(each[0][:1])}".strip(), words_of(data))
        return list(wire.untagged_responses.get(answer or command, []))

    def examine(self, name: bytes, *, anew: bool = False) -> Examined:
        """Opens a mailbox for reading only; one that is open stays so unless `anew`."""
        self.end_idle()
        if self.selected and self.selected.name == name and not anew and self._client:
            return self.selected
        self.selected = None
        self.ask("EXAMINE", quoted(name))
        wire = self.connect()
        wire.state = "SELECTED"
        exists, validity, following = (_told(wire, key) for key in ("EXISTS", "UIDVALIDITY", "UIDNEXT"))
        if validity is None or exists is None:
            raise ProtocolBroken(f"{self.where} tells no UIDVALIDITY or no number of messages (RFC 3501 6.3.1).")
        self.selected = Examined(name, exists, validity, following)
        return self.selected

    def unselect(self) -> None:
        """Leaves the open mailbox (RFC 3691), where the server can do that."""
        self.ask("UNSELECT")
        self.selected = None
        self.connect().state = "AUTH"

    def bearers(self, message_id: str) -> list[int]:
        """The UIDs in the open mailbox of the messages with a Message-ID.

        HEADER finds substrings (RFC 3501 6.4.4), so the angle brackets are part of what is sought.
        """
        wanted = quoted(f"<{message_id}>".encode())
        return numbers(self.ask("UID", "SEARCH", "HEADER", "Message-ID", wanted, answer="SEARCH"))

    # ------------------------------------------------------------ waiting

    def begin_idle(self) -> int:
        """Waits for a change of the open mailbox (RFC 2177) and returns the socket to watch."""
        wire = self.connect()
        with self._guarded():
            wire.untagged_responses.clear()
            wire.begin()
            tag = wire._command("IDLE")
            self._exists = self.selected.exists if self.selected else 0
            self._more_came = False
            while wire._get_response() is not None:
                self._count()
                if wire.tagged_commands[tag]:
                    raise ProtocolBroken(f"{self.where} offers IDLE and refuses it.")
            self._idle = tag
            return int(wire.sock.fileno())

    def idle_news(self) -> bool:
        """Reads what came while waiting, without waiting itself, whatever the server sends; whether messages came.

        Messages came if there are more than before: some servers tell their number (EXISTS) at each wait. Where there
        is much to read, it is left to the next poll. Raises Unreachable if the connection is dead, ProtocolBroken if
        it would have to wait, and ProviderError if the server ended the wait without news.
        """
        if self._client is None or self._idle is None:
            raise Unreachable(f"The connection to {self.where} no longer waits for changes.")
        wire = self._client.wire
        with self._guarded():
            wire.begin()
            read = 0
            while wire.line_is_there():
                if (read := read + 1) > _LINES_AT_ONCE:
                    return True
                wire._get_response()
                wire._check_bye()
                self._count()
                if wire.tagged_commands[self._idle]:
                    del wire.tagged_commands[self._idle]
                    self._idle = None
                    break
        came, self._more_came = self._more_came, False
        if self._idle is None and not came:
            raise ProviderError(f"{self.where} ended the wait for changes by itself.")
        return came

    def _count(self) -> None:
        """Follows the number of messages by the line that was just read; the order of the lines counts."""
        wire = self.connect()
        self._exists -= len(wire.untagged_responses.get("EXPUNGE", ()))
        exists = _told(wire, "EXISTS")
        if exists is not None:
            self._more_came = self._more_came or exists > self._exists
            self._exists = exists
        wire.untagged_responses.clear()

    def end_idle(self) -> None:
        """Ends the wait, if there is one."""
        tag, self._idle = self._idle, None
        if self._client is None or tag is None:
            return
        wire = self._client.wire
        with self._guarded():
            wire.begin()
            wire.send(b"DONE\r\n")
            wire._get_tagged_response(tag)


def _told(wire: Wire, key: str) -> int | None:
    said = wire.untagged_responses.get(key)
    return number(said[-1]) if said and isinstance(said[-1], bytes) else None


def _shown(arguments: Sequence[str | bytes]) -> str:
    words = (part.decode("utf-8", "replace") if isinstance(part, bytes) else part for part in arguments)
    return clean(" ".join(words), NAME_LIMIT)
