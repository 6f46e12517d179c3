"""What the embedded server's SMTP side takes, and what it does wrong when it is told to."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aiosmtpd.smtp import SMTP, Envelope, Session


class Fault(StrEnum):
    """What the SMTP side does wrong with the next message, when it is told to."""

    REFUSE_RECIPIENT = "550 at RCPT"
    GREYLIST = "451 at RCPT"
    REFUSE_MESSAGE = "554 after the final dot"
    LOSE_REPLY = "the message is delivered and the connection closes before the final 250"
    DROP = "the connection closes after the final dot and nothing is delivered"


class Deliverer:
    """The SMTP server's hooks: which recipients there are, what becomes of a message, and what goes wrong."""

    def __init__(
        self,
        faults: deque[Fault],
        recipient: Callable[[str], str | None],
        deliver: Callable[[str, str, bytes], Awaitable[None]],
    ) -> None:
        self._faults, self._recipient, self._deliver = faults, recipient, deliver

    async def handle_RCPT(
        self, smtp: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        fault = self._faults[0] if self._faults else None
        if fault in (Fault.REFUSE_RECIPIENT, Fault.GREYLIST):
            self._faults.popleft()
            if fault is Fault.GREYLIST:
                return "451 4.7.1 Greylisted, please try again later"
            return "550 5.1.1 No such user here"
        if self._recipient(address) is None:
            return "550 5.1.1 No such user here"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, smtp: SMTP, session: Session, envelope: Envelope) -> str:
        fault = self._faults.popleft() if self._faults else None
        if fault is Fault.REFUSE_MESSAGE:
            return "554 5.6.0 The message is refused"
        content = envelope.original_content or b""
        if fault is not Fault.DROP:
            for address in envelope.rcpt_tos:
                user = self._recipient(address)
                if user is not None:
                    await self._deliver(user, envelope.mail_from or "", content)
        if fault in (Fault.DROP, Fault.LOSE_REPLY) and isinstance(smtp.transport, asyncio.Transport):
            smtp.transport.abort()
        return "250 2.0.0 Ok, delivered"
