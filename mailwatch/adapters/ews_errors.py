"""Turns what an Exchange server or exchangelib complains of into the error, and the sentence, that a person needs."""

from __future__ import annotations

from mailwatch.adapters.ews_account import EwsAccount
from mailwatch.domain.cleaning import clean
from mailwatch.domain.wording import counted
from mailwatch.errors import (
    AccessRefused,
    BackOff,
    CannotCalculateChanges,
    LoginRefused,
    MailwatchError,
    ProtocolBroken,
    ProviderError,
    RoleMissing,
    TokenRefused,
    Unreachable,
)

# Errors are told apart by their names, so that this module needs no exchangelib: the names are those of the EWS
# schema (ResponseCodeType), and the library has a class for each.
_WAIT = frozenset(
    {
        "ErrorServerBusy",
        "RateLimitError",
        "ErrorExceededConnectionCount",
        "ErrorTooManyObjectsOpened",
        "ErrorExceededSubscriptionCount",
    }
)
# The mailbox as a whole is away.
_AWAY = frozenset(
    {
        "ErrorMailboxStoreUnavailable",
        "ErrorMailboxMoveInProgress",
        "ErrorMailboxFailover",
        "ErrorMailboxLogonFailed",
        "ErrorADUnavailable",
        "ErrorADOperation",
        "ErrorADSessionFilter",
        "ErrorInsufficientResources",
        "ErrorNoRespondingCASInDestinationSite",
    }
)
# The server stumbled: over itself, or over one message.
_STUMBLED = frozenset(
    {
        "ErrorInternalServerError",
        "ErrorInternalServerTransientError",
        "ErrorTimeoutExpired",
        "ErrorConnectionFailed",
        "ErrorConnectionFailedTransientError",
        "ErrorNotEnoughMemory",
        "ErrorBatchProcessingStopped",
        "ErrorProxyRequestProcessingFailed",
    }
)
_NO_RIGHT = frozenset(
    {
        "ErrorAccessDenied",
        "ErrorImpersonateUserDenied",
        "ErrorImpersonationDenied",
        "ErrorImpersonationFailed",
        "ErrorCallerIsInvalidADAccount",
        "ErrorInvalidExchangeImpersonationHeaderData",
        "ErrorTokenSerializationDenied",
    }
)
_NO_MAILBOX = frozenset(
    {
        "ErrorNonExistentMailbox",
        "ErrorMissingEmailAddress",
        "ErrorInvalidSmtpAddress",
    }
)
_LOGIN = frozenset(
    {
        "UnauthorizedError",
        "ErrorAccountDisabled",
        "ErrorPasswordExpired",
        "ErrorPasswordChangeRequired",
    }
)
_NO_FOLDER = frozenset(
    {
        "ErrorFolderNotFound",
        "ErrorSyncFolderNotFound",
        "ErrorParentFolderNotFound",
    }
)
_STATE = frozenset({"ErrorInvalidSyncStateData"})
_GONE = frozenset({"ErrorItemNotFound"})
# Of one message, these may say that the server does not get along with it, or that nothing works just now.
_DOUBTFUL = _STUMBLED | {"ErrorAccessDenied"}
# Every other code that comes for a message is about that message alone.
_NOT_ABOUT_A_MESSAGE = _WAIT | _AWAY | _DOUBTFUL | _LOGIN | _STATE | _NO_FOLDER | _NO_RIGHT | _NO_MAILBOX

_MICROSOFT = (
    ".outlook.com",
    ".office365.com",
    ".office.com",
    ".office365.us",
    ".office.de",
    ".outlook.cn",
    ".office365.cn",
    ".microsoft.com",
)


class Garbled(ProtocolBroken):
    """An answer that cannot be read; one message in it may be the reason, so smaller questions may help."""


class Dropped(Unreachable):
    """The connection was lost in the middle of a question, which may be asked once more."""


def is_microsoft(where: str) -> bool:
    """Whether a server is one of Exchange Online."""
    host = f".{where.partition(':')[0].lower()}"
    return any(host.endswith(domain) for domain in _MICROSOFT)


def forbidden(where: str, login: str) -> AccessRefused:
    """The error for HTTP 403."""
    if is_microsoft(where):
        return AccessRefused(
            f"{where} no longer serves EWS (HTTP 403): Exchange Online has closed it. "
            'Use kind = "graph" for this mailbox.'
        )
    return AccessRefused(
        f"{where} does not let {login} use EWS (HTTP 403). Ask the server's administrator to allow it "
        "(Set-CASMailbox -EwsEnabled, and the organisation's EwsApplicationAccessPolicy)."
    )


def busy(where: str, seconds: float | None) -> BackOff:
    """The error for a server that asks to wait."""
    if seconds:
        wait = counted(round(seconds), "second")
        return BackOff(f"{where} asks to wait {wait}; mailwatch tries again after that.", seconds)
    return BackOff(f"{where} is too busy; mailwatch tries again later.")


def names_of(error: BaseException) -> frozenset[str]:
    """The names by which an error may be known."""
    return frozenset(each.__name__ for each in type(error).__mro__)


def is_gone(error: BaseException) -> bool:
    """Whether a message was moved or deleted since its id was told."""
    return bool(names_of(error) & _GONE)


def is_about_one_message(error: BaseException) -> bool:
    """Whether an error that came for one message is about that message, whatever else goes on."""
    return not names_of(error) & _NOT_ABOUT_A_MESSAGE


def may_be_about_one_message(error: BaseException) -> bool:
    """Whether it is about that message if other messages can be had."""
    return bool(names_of(error) & _DOUBTFUL)


def reason(error: BaseException) -> str:
    """Why a message was set aside."""
    return f"The server cannot hand it out ({type(error).__name__}: {clean(str(error), 120)})."


def translated(error: Exception, account: EwsAccount) -> MailwatchError:
    """The error of ours for an exception; it never holds the secret, a token, or words of a message."""
    if isinstance(error, MailwatchError):
        return error
    names, where = names_of(error), account.where
    for known, make in _ERRORS:
        if names & known:
            return make(error, account)
    if "OAuth2Error" in names or "MissingTokenError" in names:
        told = clean(str(getattr(error, "error", "") or type(error).__name__), 60)
        return TokenRefused(
            f"The token for {where} was refused ({told}). Check tenant, client and the client secret, which may have "
            "expired."
        )
    if "SOAPError" in names or "MalformedResponseError" in names or "ParseError" in names:
        return Garbled(f"{where} sent an answer that cannot be read. If it goes on, please report it.")
    if "ResponseMessageError" in names:
        return ProtocolBroken(f"{where} answered {type(error).__name__}: {clean(str(error), 160)}.")
    # What else comes out of reading an answer (ValueError, AttributeError, KeyError) is the answer's fault.
    return Garbled(f"{where} sent an answer that cannot be read ({type(error).__name__}).")


def _wait(error: Exception, account: EwsAccount) -> ProviderError:
    seconds = getattr(error, "back_off", None) or getattr(error, "wait", None)
    return busy(account.where, float(seconds) if seconds else None)


def _later(error: Exception, account: EwsAccount) -> ProviderError:
    return Unreachable(
        f"{account.where} cannot serve {account.address} now ({type(error).__name__}); mailwatch tries again later."
    )


def _login(error: Exception, account: EwsAccount) -> ProviderError:
    if account.auth == "oauth-client":
        return TokenRefused(
            f"{account.where} refused the token of {account.login}. Check that the app may use EWS "
            "(full_access_as_app) and that endpoint has the server's own name, for which the token is asked."
        )
    return LoginRefused(
        f"{account.where} refused the login of {account.login}. Check user and password, and that "
        f'auth = "{account.auth}" is what the server offers; Exchange often wants DOMAIN\\name.'
    )


def _no_right(error: Exception, account: EwsAccount) -> ProviderError:
    right = (
        "Give it the role ApplicationImpersonation over this mailbox."
        if account.access == "impersonation"
        else 'Grant it the rights to read the mailbox, or use access = "impersonation".'
    )
    return AccessRefused(
        f"{account.login} may not open the mailbox {account.address} at {account.where} "
        f"({type(error).__name__}). {right}"
    )


def _no_mailbox(error: Exception, account: EwsAccount) -> ProviderError:
    return AccessRefused(
        f"{account.where} knows no mailbox {account.address} ({type(error).__name__}). "
        "Check the address: it has to be the mailbox's primary one."
    )


def _state(error: Exception, account: EwsAccount) -> ProviderError:
    return CannotCalculateChanges(f"{account.where} no longer knows the sync state; a full round is due.")


def _no_folder(error: Exception, account: EwsAccount) -> ProviderError:
    return RoleMissing(f"A mailbox of {account.address} is no longer at {account.where}; it is looked for again.")


_ERRORS = (
    (_WAIT, _wait),
    (_STATE, _state),
    (_LOGIN, _login),
    (_NO_RIGHT, _no_right),
    (_NO_MAILBOX, _no_mailbox),
    (_NO_FOLDER, _no_folder),
    (_AWAY | _STUMBLED, _later),
)
