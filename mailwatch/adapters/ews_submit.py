"""Hands a message to an Exchange server for sending, and says for certain what became of it."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes
from email.utils import getaddresses

from mailwatch.adapters.ews_account import EwsAccount
from mailwatch.adapters.ews_errors import names_of, translated
from mailwatch.adapters.ews_session import EwsSession
from mailwatch.adapters.submit_patience import SubmitPatience
from mailwatch.domain.cleaning import clean
from mailwatch.errors import (
    BackOff,
    CertificateRefused,
    LoginRefused,
    MailwatchError,
    SettingsError,
    SubmissionDeferred,
    SubmissionRefused,
    SubmissionUncertain,
)

# The server answered, and nothing was sent; another time it may be.
_LATER = frozenset(
    {
        "ErrorServerBusy",
        "ErrorExceededConnectionCount",
        "ErrorTooManyObjectsOpened",
        "ErrorMailboxStoreUnavailable",
        "ErrorMailboxMoveInProgress",
        "ErrorMailboxFailover",
        "ErrorMailboxLogonFailed",
        "ErrorADUnavailable",
        "ErrorInsufficientResources",
        "ErrorQuotaExceeded",
        "ErrorSubmissionQuotaExceeded",
    }
)
# The server gave up in the middle, and does not say where.
_DOUBTFUL = frozenset(
    {
        "ErrorTimeoutExpired",
        "ErrorInternalServerError",
        "ErrorInternalServerTransientError",
        "ErrorConnectionFailed",
        "ErrorConnectionFailedTransientError",
        "ErrorBatchProcessingStopped",
        "ErrorProxyRequestProcessingFailed",
    }
)
_SETTINGS = (BackOff, CertificateRefused, LoginRefused, SettingsError)


class EwsSubmitter:
    """Sends messages from a mailbox on an Exchange server, each over a connection of its own.

    With impersonation the mailbox is the sender's, whose name stands in From; else it is the account's own, which
    then needs the right to send as the sender. A copy stays in the sent items. Safe to use from several threads.
    """

    def __init__(self, account: EwsAccount) -> None:
        self._account = account
        self._patience = SubmitPatience(account.where)

    def submit(self, sender: str, recipient: str, message: bytes) -> None:
        """Returns when the server has taken the message; see Submitter.

        EWS has no envelope: the message goes to whom it names. Raises SubmissionRefused if that is not `recipient`.
        While the server wants to be left alone it is not asked.
        """
        with self._patience.heeded():
            self._submit(sender, recipient, message)

    def probe(self) -> None:
        """Logs in and looks at the sent items, and sends nothing. Raises SubmissionDeferred with what to repair."""
        session = EwsSession(self._account)
        try:
            (found,) = session.ask(lambda wire: wire.folders(["sentitems"]))
            if isinstance(found, Exception):
                raise translated(found, self._account)
        except MailwatchError as error:
            raise SubmissionDeferred(str(error)) from None
        finally:
            session.close()

    def _submit(self, sender: str, recipient: str, message: bytes) -> None:
        if _recipients(message) != {recipient.lower()}:
            raise SubmissionRefused(f"The message is not to {recipient} alone, so it was not sent.")
        account = self._account
        if account.access == "impersonation" and sender:
            account = replace(account, address=sender)
        session = EwsSession(account)
        try:
            session.ask(lambda wire: wire.send(message), again=False, explain=_explained)
        except (SubmissionDeferred, SubmissionRefused, SubmissionUncertain):
            raise
        except _SETTINGS as error:
            raise SubmissionDeferred(str(error), _seconds(error)) from None
        except MailwatchError as error:
            if session.may_have_sent:
                raise SubmissionUncertain(
                    f"{account.where} was sent the message for <{recipient}> and gave no clear reply, so it may have "
                    f"been taken. {error}"
                ) from None
            raise SubmissionDeferred(str(error)) from None
        finally:
            session.close()


def _explained(error: Exception, account: EwsAccount) -> MailwatchError:
    names, where = names_of(error), account.where
    code = type(error).__name__
    if "ResponseMessageError" not in names:
        return translated(error, account)
    if names & _LATER:
        seconds = _seconds(translated(error, account))
        return SubmissionDeferred(f"{where} did not take the message now ({code}); it is tried again later.", seconds)
    if names & _DOUBTFUL:
        return SubmissionUncertain(f"{where} failed while it took the message ({code}); it may have been taken.")
    ours = translated(error, account)
    if isinstance(ours, LoginRefused):
        return ours
    todo = " Grant it Send As on the sender's mailbox." if code == "ErrorSendAsDenied" else ""
    return SubmissionRefused(f"{where} refused the message ({code}: {clean(str(error), 160)}).{todo}")


def _seconds(error: MailwatchError) -> float | None:
    """How long the server asked to wait."""
    return error.seconds if isinstance(error, BackOff) else None


def _recipients(message: bytes) -> set[str]:
    headers = message_from_bytes(message.partition(b"\r\n\r\n")[0])
    named = [field for name in ("To", "Cc", "Bcc") for field in headers.get_all(name, [])]
    return {address.lower() for _, address in getaddresses(named)}
