"""One kept connection to an Exchange server for one mailbox: asks with a deadline, and in its turn."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from mailwatch.adapters.ews_account import EwsAccount
from mailwatch.adapters.ews_errors import (
    Dropped,
    Garbled,
    is_about_one_message,
    is_gone,
    may_be_about_one_message,
    reason,
    translated,
)
from mailwatch.adapters.ews_patience import Deadline, gate_of
from mailwatch.domain.message import SetAside
from mailwatch.errors import (
    CertificateRefused,
    LoginRefused,
    MailwatchError,
    ProtocolBroken,
    SettingsError,
    TokenRefused,
    Unreachable,
)

if TYPE_CHECKING:
    from mailwatch.adapters.ews_wire import Wire

T = TypeVar("T")
Explainer = Callable[[Exception, EwsAccount], MailwatchError]


class EwsSession:
    """Nothing is imported and nothing connected until something is asked. For one thread at a time."""

    def __init__(self, account: EwsAccount) -> None:
        self.account = account
        self.where = account.where
        self.may_have_sent = False
        """Whether the last question, if it failed, may have been heard all the same."""
        self._wire: Wire | None = None
        self._secret = ""
        self._gate = gate_of(account)

    def ask(self, work: Callable[[Wire], T], *, again: bool = True, explain: Explainer = translated) -> T:
        """Asks one question, once more if the connection is lost meanwhile (unless not `again`).

        `explain` makes our error of what went wrong. Raises ProviderError, and SettingsError if the secret cannot be
        had; Unreachable at the latest when `timeout` has passed since the turn to ask came.
        """
        self._connected()
        with self._gate.turn(), Deadline(self.account.timeout, self.where) as deadline:
            try:
                try:
                    return self._once(work, deadline, explain)
                except Dropped:
                    if not again or deadline.passed:
                        raise
                    return self._once(work, deadline, explain)
            finally:
                self.may_have_sent = deadline.sent

    def _once(self, work: Callable[[Wire], T], deadline: Deadline, explain: Explainer) -> T:
        try:
            found = work(self._connected())
        except Exception as error:
            ours = deadline.error() if deadline.passed else explain(error, self.account)
            if isinstance(ours, LoginRefused | Unreachable | CertificateRefused | ProtocolBroken):
                self.drop()
            # A token that is refused locks nothing, and a new right may open the mailbox to the next one.
            if type(error).__name__ == "UnauthorizedError" and self._secret and not isinstance(ours, TokenRefused):
                self._gate.refused(self._secret)
            raise ours from None
        self._gate.welcome()
        return found

    def _connected(self) -> Wire:
        """The connection, which is made when the first request is sent over it."""
        if self._wire is None:
            # exchangelib takes 2 to 4 seconds to import, and 61 MB: only who has a mailbox on Exchange pays that.
            try:
                from mailwatch.adapters.ews_wire import Wire
            except ImportError as error:
                raise SettingsError(
                    'kind = "ews" needs exchangelib, which is not installed; run: '
                    f'pip install "mailwatch[exchange]" ({error.name})'
                ) from None
            self._secret = self.account.secret()
            self._gate.check(self._secret, self.account)
            self._wire = Wire(self.account, self._secret)
        return self._wire

    def fetch(self, ids: Sequence[str], fields: Sequence[str], *, text: bool = False) -> Iterator[tuple[str, Any]]:
        """Each id with the XML of its message, or with a SetAside; what is gone is left out.

        Raises Garbled if several messages were asked for and no answer could be read: then it is not their fault.
        """
        found = self._items(ids, fields, text)
        if len(ids) > 1 and all(isinstance(elem, Garbled) for elem in found):
            raise found[0]
        works = any(not isinstance(elem, Exception) for elem in found)
        for each, elem in zip(ids, found, strict=True):
            if not isinstance(elem, Exception):
                yield each, elem
            elif is_gone(elem):
                continue
            elif isinstance(elem, Garbled):
                yield each, SetAside(each, str(elem))
            elif is_about_one_message(elem):
                yield each, SetAside(each, reason(elem))
            elif works and may_be_about_one_message(elem):
                yield from self._alone(each, fields, text)
            else:
                raise translated(elem, self.account)

    def _items(self, ids: Sequence[str], fields: Sequence[str], text: bool) -> list[Any]:
        """For each id the XML of its message, or the error that it gave.

        Where an answer cannot be read, the half of the ids is asked for, and so on down to the message that is to
        blame, which is asked for twice.
        """
        for last in (False, True):
            try:
                return self.ask(lambda wire: wire.items(ids, fields, text=text))
            except Garbled as error:
                if len(ids) > 1:
                    break
                if last:
                    return [error]
        middle = len(ids) // 2
        return [*self._items(ids[:middle], fields, text), *self._items(ids[middle:], fields, text)]

    def _alone(self, id: str, fields: Sequence[str], text: bool) -> Iterator[tuple[str, Any]]:
        """Asks once more for a message that the server stumbled over while it handed out others."""
        (elem,) = self.ask(lambda wire: wire.items([id], fields, text=text))
        if not isinstance(elem, Exception):
            yield id, elem
        elif is_about_one_message(elem) or may_be_about_one_message(elem):
            if not is_gone(elem):
                yield id, SetAside(id, reason(elem))
        else:
            raise translated(elem, self.account)

    def drop(self) -> None:
        """Throws the connection away."""
        wire, self._wire = self._wire, None
        if wire is not None:
            with contextlib.suppress(Exception):
                wire.close()

    def close(self) -> None:
        """Ends the connection; never raises."""
        self.drop()
