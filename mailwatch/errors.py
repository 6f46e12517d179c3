"""Everything that can go wrong, as one tree; the sentence of an error says what was wrong, where, and what to do.

MailwatchError                     exit code 1
├── UsageError                     exit code 2: the command was called wrongly
│   └── SettingsError              the settings file or the environment
├── ProviderError                  a mailbox cannot be read now
│   ├── Unreachable                no connection, or it was lost; trying again may help
│   ├── CertificateRefused         TLS could not be verified
│   ├── LoginRefused               wrong name or password; the next tries wait long, so as to lock no account
│   │   ├── TokenRefused           no token, or none that opens the mailbox; that locks no account, so nothing waits
│   │   ├── AccessRefused          no such mailbox, or no right to it; that locks no account, so nothing waits
│   │   └── LoginPaused            refused before, and not tried now
│   ├── BackOff                    the server asked to wait
│   ├── RoleMissing                no mailbox has that role
│   ├── MarkRefused                write-back: a mailbox does not let messages be marked
│   ├── ProtocolBroken             the server answered what its protocol does not allow
│   └── CannotCalculateChanges     the sync state is too old (RFC 8620 5.2): a full round is due
├── SubmissionError                a message could not be handed to the mail system
│   ├── SubmissionDeferred         4yz or no connection: nothing was accepted, try later
│   ├── SubmissionRefused          5yz: set aside and shown
│   └── SubmissionUncertain        the data was sent and no reply came: look before sending again
├── LedgerError                    the ledger cannot be opened, is locked, or is newer than this program
├── DirectoryError                 the directory of coworkers cannot be read
├── TemplateError                  a template of a mail is broken
└── UnreadableMessage              one message cannot be read; it is set aside and the rest goes on
"""

from __future__ import annotations


class MailwatchError(Exception):
    """Something failed; the text is a whole sentence for the person at the terminal."""

    exit_code = 1


class UsageError(MailwatchError):
    """The command was called wrongly."""

    exit_code = 2


class SettingsError(UsageError):
    """A setting is wrong; the text names the file, the key, the fault and what would be valid, never a secret."""


class ProviderError(MailwatchError):
    """A mailbox cannot be read now; the text names the server."""


class Unreachable(ProviderError):
    """The server cannot be reached, or the connection was lost."""


class CertificateRefused(ProviderError):
    """The server's TLS certificate could not be verified."""


class LoginRefused(ProviderError):
    """The server refused the name or password."""


class TokenRefused(LoginRefused):
    """Whoever gives out tokens refused one, or the server refused the token, or lets it not into the mailbox."""


class AccessRefused(LoginRefused):
    """The server took the login, and knows no such mailbox or does not let the account into it."""


class LoginPaused(LoginRefused):
    """Logins were refused before, so there was none now; the text says when the next try is."""


class BackOff(ProviderError):
    """The server asked to wait.

    `seconds` is how long at least, or None if it did not say.
    """

    def __init__(self, message: str, seconds: float | None = None) -> None:
        super().__init__(message)
        self.seconds = seconds


class RoleMissing(ProviderError):
    """No mailbox of the account has a role that is needed, or none has the name that was given for it.

    `role` is the one that is missing, and `mailboxes` are the names of those that are there.
    """

    def __init__(self, message: str, role: str = "", mailboxes: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.role, self.mailboxes = role, mailboxes


class MarkRefused(ProviderError):
    """A mailbox does not let messages be marked; others may, and reading goes on."""


class ProtocolBroken(ProviderError):
    """The server answered what its protocol does not allow."""


class CannotCalculateChanges(ProviderError):
    """The sync state is no longer valid (RFC 8620 5.2); a full round is due."""


class SubmissionError(MailwatchError):
    """A message could not be handed to the mail system."""


class SubmissionDeferred(SubmissionError):
    """The mail system did not take the message now (4yz, or no connection); nothing was accepted.

    `seconds` is how long it asked to wait, or None if it did not say.
    """

    def __init__(self, message: str, seconds: float | None = None) -> None:
        super().__init__(message)
        self.seconds = seconds


class SubmissionRefused(SubmissionError):
    """The mail system refused the message for good (5yz)."""


class SubmissionUncertain(SubmissionError):
    """The whole message was sent and no final reply came: it may have been taken."""


class LedgerError(MailwatchError):
    """The ledger cannot be used."""


class DirectoryError(MailwatchError):
    """The directory of coworkers cannot be read."""


class TemplateError(MailwatchError):
    """A template of a mail is broken; the text names file and line."""


class UnreadableMessage(MailwatchError):
    """One message cannot be read; the text is the reason that `status` shows."""
