"""A notice of change by IDLE (RFC 2177): on the account's own connection, which the next command takes back."""

from __future__ import annotations

import contextlib
import os
from datetime import datetime, timedelta

from mailwatch.adapters.imap_session import ImapSession
from mailwatch.errors import ProviderError

RENEW_AFTER = timedelta(minutes=9)  # Middleboxes forget a silent connection sooner than servers do.


class IdleNotice:
    """Waits for new messages in the open mailbox of a session.

    The wait shares the connection that polls use, because providers count connections (Gmail allows fifteen): the
    session sends DONE by itself before its next command, and a notice that was ended so has nothing more to say.
    """

    def __init__(self, session: ImapSession, now: datetime) -> None:
        self._session = session
        self._fileno = session.begin_idle()
        self.renew_at = now + RENEW_AFTER

    def fileno(self) -> int:
        """The connection's socket."""
        return self._fileno

    def changed(self) -> bool:
        """Whether messages came. Raises ProviderError if the connection is dead or waits no longer."""
        return self._session.idle_news()

    def close(self) -> None:
        """Ends the wait; a connection that is dead is thrown away."""
        with contextlib.suppress(ProviderError):
            self._session.end_idle()


class NewsAlready:
    """A notice for what came between the poll and the wait: it can be read at once."""

    def __init__(self, now: datetime) -> None:
        # The reading end of a pipe without a writing end is readable for ever.
        self._pipe, writing = os.pipe()
        os.close(writing)
        self.renew_at = now + RENEW_AFTER

    def fileno(self) -> int:
        """A descriptor that is readable."""
        return self._pipe

    def changed(self) -> bool:
        """True."""
        return True

    def close(self) -> None:
        """Gives the descriptor back."""
        pipe, self._pipe = self._pipe, -1
        if pipe >= 0:
            os.close(pipe)

    def __del__(self) -> None:
        self.close()
