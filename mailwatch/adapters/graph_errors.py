"""Turns what Graph answers instead of mail into the error, and the sentence, that a person needs."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from mailwatch.adapters.bounded_http import Answer
from mailwatch.adapters.categories import Overtaken
from mailwatch.domain.cleaning import clean
from mailwatch.domain.wording import counted
from mailwatch.errors import (
    BackOff,
    CannotCalculateChanges,
    MailwatchError,
    ProtocolBroken,
    RoleMissing,
    TokenRefused,
    Unreachable,
)

_LONGEST_WAIT = 86_400
_STALE_CODES = ("syncstate", "resync", "deltatoken", "badlyformedtoken", "invaliddeltatoken")
_NOT_ENABLED = ("mailboxnotenabledforrestapi", "mailboxnotsupportedforrestapi", "mailboxhostedonpremises")


class Gone(ProtocolBroken):
    """What was asked for does not exist (any more)."""


def told(answer: Answer, token: str) -> tuple[str, str]:
    """Code and message of an error that Graph sends as JSON, both cleaned; empty where there is none.

    A server may repeat the token in its complaint, and the complaint is shown: so the token is taken out.
    """
    try:
        error = json.loads(answer.body).get("error")
        code, message = (str(error.get(key) or "").replace(token, "***") for key in ("code", "message"))
        return clean(code), clean(message)
    except (ValueError, AttributeError, RecursionError):
        return "", ""


def is_page(answer: Answer) -> bool:
    """Whether a web page came instead of data."""
    kind = answer.headers.get("content-type", "").lower()
    return "html" in kind or answer.body[:200].lstrip().lower().startswith((b"<!doctype html", b"<html"))


def seconds_to_wait(answer: Answer, now: datetime) -> float | None:
    """What Retry-After says (RFC 9110 10.2.3), in seconds, or None."""
    value = answer.headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(min(int(value[:9]), _LONGEST_WAIT))
    try:
        until = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError):
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return min(max((until - now).total_seconds(), 0.0), _LONGEST_WAIT)


def failure(answer: Answer, *, where: str, user: str, now: datetime, token: str) -> MailwatchError:
    """The error for an answer that is no success; `where` names the server, `user` whose mailbox was asked for.

    `token` is what must not show.
    """
    code, message = told(answer, token)
    said = ": ".join(word for word in (code, message) if word) or f"HTTP {answer.status}"
    plain = code.replace("_", "").lower()
    if answer.status in (429, 503) or "throttl" in plain or plain in ("errorserverbusy", "applicationthrottled"):
        seconds = seconds_to_wait(answer, now)
        wait = f" {counted(round(seconds), 'second')}" if seconds is not None else ""
        return BackOff(f"{where} asks to wait{wait} ({said}); mailwatch tries again after that.", seconds)
    if answer.status >= 500:
        return Unreachable(f"{where} has a fault of its own (HTTP {answer.status}, {said}); mailwatch tries again.")
    if is_page(answer):
        return a_page_came(where, answer.status)
    if answer.status == 410 or any(word in plain for word in _STALE_CODES):
        return CannotCalculateChanges(f"{where} no longer knows where the last round ended ({said}).")
    if answer.status == 401:
        return TokenRefused(
            f"{where} refused the token for {user} ({said}). Check tenant, client and certificate or secret; a "
            f"person who signed in does so again with: mailwatch login {user}"
        )
    if plain in _NOT_ENABLED:
        return RoleMissing(
            f"{user} has no mailbox in Exchange Online ({said}). If it is on a server of your own, use "
            'kind = "ews" or kind = "imap".'
        )
    if answer.status == 403:
        return TokenRefused(
            f"{where} does not let this app into the mailbox of {user} ({said}). Give it Mail.Read for that mailbox "
            "by RBAC for Applications (docs/howto/microsoft-365.md); a new right takes up to two hours to work."
        )
    if answer.status == 404:
        if plain in ("errorinvaliduser", "requestresourcenotfound", "resourcenotfound", "usernotfound"):
            return RoleMissing(f"{where} knows nobody called {user} ({said}). Check the address.")
        return Gone(f"{where} does not have what was asked for ({said}).")
    if plain.startswith("errorinvalidid"):
        return Gone(f"{where} has nothing with an id like that ({said}).")
    if answer.status in (409, 412):
        return Overtaken(f"{where} has another version of what was to be changed ({said}).")
    return ProtocolBroken(f"{where} refused a request of mailwatch (HTTP {answer.status}, {said}).")


def a_page_came(where: str, status: int) -> ProtocolBroken:
    """The error for a web page in the place of data."""
    return ProtocolBroken(
        f"{where} answered with a web page instead of data (HTTP {status}): a proxy or a login page of the network "
        "stands between. Open the way to it, or set HTTPS_PROXY."
    )
