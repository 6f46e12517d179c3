"""A small mail server inside this process, for the demo and for tests: IMAP and SMTP on loopback, nothing on disk."""

from __future__ import annotations

import asyncio
import threading
from argparse import Namespace
from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Mapping
from concurrent.futures import Future
from datetime import UTC, datetime
from email.utils import format_datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from mailwatch.adapters.embedded_smtp import Deliverer, Fault
from mailwatch.domain.people import without_subaddress
from mailwatch.errors import UsageError

if TYPE_CHECKING:
    from pymap.backend.dict import Identity

T = TypeVar("T")
MAILBOXES = ("INBOX", "Sent", "Archive", "Drafts", "Junk", "Trash")
_LOOPBACK = "127.0.0.1"
_START_SECONDS = 20.0


def _utc_now() -> datetime:
    return datetime.now(UTC)


class EmbeddedServer:
    """An IMAP and an SMTP server on free loopback ports, in one background thread with a loop of its own.

    `users` maps the address of each user, which is also the login name, to the password. Everyone has the
    mailboxes of MAILBOXES. A message that SMTP takes for a user is appended to that user's INBOX with the receive
    time that `now` tells; other recipients get 550. Neither side speaks TLS; SMTP wants no login. `faults` holds
    what goes wrong with the next messages, first things first. Used as a context manager; nothing outlives it.
    """

    def __init__(self, users: Mapping[str, str], *, now: Callable[[], datetime] = _utc_now) -> None:
        self._users = {address.lower(): password for address, password in users.items()}
        self._now = now
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._identity: Callable[[str], Identity]
        self._servers: list[asyncio.Server] = []
        self.faults: deque[Fault] = deque()
        self.host = _LOOPBACK
        self.imap_port = 0
        self.smtp_port = 0

    def __enter__(self) -> Self:
        try:
            # Both belong to the extra `demo`, so that a server without it runs mailwatch all the same.
            import aiosmtpd.smtp  # noqa: F401
            import pymap.backend.dict  # noqa: F401
        except ImportError as error:
            raise UsageError(
                f"The embedded mail server needs the package {error.name}, which is not installed. "
                "Install it with: pip install 'mailwatch[demo]' (in a checkout: pip install '.[demo]', or make demo)"
            ) from None
        started: Future[None] = Future()
        self._thread = threading.Thread(target=self._run, args=(started,), name="embedded mail server", daemon=True)
        self._thread.start()
        try:
            started.result(_START_SECONDS)
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def append(
        self, user: str, mailbox: str, message: bytes, received_at: datetime, flags: Iterable[str] = ()
    ) -> None:
        """Puts a message into a mailbox as a delivery or a client would have; `received_at` is aware.

        Raises UsageError for a user or a mailbox that is not there.
        """
        if received_at.tzinfo is None:
            raise ValueError(f"the receive time has no zone: {received_at.isoformat()}")
        if user.lower() not in self._users:
            raise UsageError(f"The embedded mail server has no user {user}; it knows {', '.join(self._users)}.")
        if mailbox not in MAILBOXES:
            raise UsageError(f"The embedded mail server has no mailbox {mailbox}; it has {', '.join(MAILBOXES)}.")
        self._ask(self._append(user.lower(), mailbox, message, received_at, tuple(flags)))

    # ------------------------------------------------------------ in the thread of the servers

    def _run(self, started: Future[None]) -> None:
        loop = asyncio.new_event_loop()
        self._loop = loop
        try:
            loop.run_until_complete(self._start())
            started.set_result(None)
            loop.run_forever()
        except Exception as error:
            started.set_exception(error)
        finally:
            # What is still open belongs to clients that are gone; its end is no news to anyone.
            loop.set_exception_handler(lambda _loop, _context: None)
            for server in self._servers:
                server.close()
            tasks = asyncio.all_tasks(loop)
            for task in tasks:
                task.cancel()
            if tasks:
                loop.run_until_complete(asyncio.wait(tasks, timeout=2))
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.close()

    async def _start(self) -> None:
        # Imported here because they belong to the extra `demo`.
        from aiosmtpd.smtp import SMTP

        loop = asyncio.get_running_loop()
        imap = await asyncio.start_server(await self._imap_callback(), _LOOPBACK, 0)
        smtp = await loop.create_server(
            lambda: SMTP(
                Deliverer(self.faults, self.recipient, self.deliver),
                hostname="localhost",
                ident="embedded",
                loop=loop,
                timeout=60,
            ),
            _LOOPBACK,
            0,
        )
        self._servers = [imap, smtp]
        self.imap_port = imap.sockets[0].getsockname()[1]
        self.smtp_port = smtp.sockets[0].getsockname()[1]

    async def _imap_callback(
        self,
    ) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]]:
        # Imported here because these belong to the extra `demo`, as do those below.
        from proxyprotocol.sock import SocketInfo
        from pymap.backend.dict import Config, Identity, Login
        from pymap.concurrent import Subsystem
        from pymap.imap import IMAPServer
        from pymap.user import UserMetadata
        from pysasl.hashing import Cleartext

        # The passwords live in this process alone, so hashing them would only cost time.
        config = Config(
            Namespace(passlib_cfg=None, proxy_protocol=None),
            host=_LOOPBACK,
            port=0,
            demo_data=False,
            demo_user="",
            demo_password="",
            tls_enabled=False,
            secure_auth=False,
            reject_dnsbl=False,
            invalid_user_sleep=0.0,
            hash_context=Cleartext(),
            cpu_subsystem=Subsystem.for_asyncio(),
        )
        config.apply_context()
        login = Login(config)
        self._identity = lambda user: Identity(user, login, None, frozenset())
        for address, password in self._users.items():
            login.users_dict[address] = UserMetadata(config, address, password=password)
            async with self._identity(address).new_session() as session:
                for name in MAILBOXES[1:]:
                    await session.mailbox_set.add_mailbox(name)
        server = IMAPServer(login, config)

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await server(reader, writer, SocketInfo.get(writer, None))

        return serve

    async def _append(
        self, user: str, mailbox: str, message: bytes, received_at: datetime, flags: tuple[str, ...]
    ) -> None:
        # Imported here because they belong to the extra `demo`.
        from pymap.parsing.message import AppendMessage
        from pymap.parsing.specials.flag import Flag

        async with self._identity(user).new_session() as session:
            box = await session.mailbox_set.get_mailbox(mailbox)
            marks = frozenset(Flag(flag.encode("ascii")) for flag in flags)
            await box.append(AppendMessage(message, received_at, marks), recent=True)

    async def deliver(self, recipient: str, sender: str, message: bytes) -> None:
        """Appends what SMTP took to the recipient's INBOX, with the trace fields of RFC 5321 4.4 on top."""
        now = self._now()
        trace = (
            f"Return-Path: <{sender}>\r\n"
            f"Received: from localhost (localhost [{_LOOPBACK}]) by localhost (embedded) with ESMTP\r\n"
            f"\tfor <{recipient}>; {format_datetime(now)}\r\n"
        )
        await self._append(recipient, "INBOX", trace.encode("utf-8") + message, now, ())

    def recipient(self, address: str) -> str | None:
        """The user that an address belongs to, subaddresses included; None if nobody has it."""
        plain = address.strip("<>").lower()
        return next((name for name in (plain, without_subaddress(plain)) if name in self._users), None)

    # ------------------------------------------------------------ in the thread of the caller

    def _ask(self, work: Coroutine[Any, Any, T]) -> T:
        if self._loop is None or not self._loop.is_running():
            work.close()
            raise UsageError("The embedded mail server is not running.")
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_START_SECONDS)

    def _stop(self) -> None:
        if self._loop is not None and self._loop.is_running():
            self._loop.call_soon_threadsafe(self._loop.stop)
        if self._thread is not None:
            self._thread.join(_START_SECONDS)
