"""Logs in to IMAP with an OAuth 2 token in the place of a password (RFC 7628; XOAUTH2 of Google and Microsoft)."""

from __future__ import annotations

import imaplib
from base64 import b64encode

from mailwatch.adapters.imap_account import ImapAccount
from mailwatch.adapters.imap_errors import wait_wanted
from mailwatch.adapters.imap_wire import Wire
from mailwatch.domain.cleaning import clean
from mailwatch.domain.sasl import AFTER_A_REFUSAL, first_message, mechanism, refusal
from mailwatch.errors import LoginRefused, TokenRefused


class TokenNotTaken(TokenRefused):
    """The server refused a token, which may have been withdrawn before its end."""


def log_in_with_token(wire: Wire, account: ImapAccount, token: str) -> None:
    """One attempt with the best mechanism that is offered.

    Raises TokenNotTaken, LoginRefused, BackOff, and what imaplib raises.
    """
    chosen = mechanism([word for word in wire.capabilities if word.upper().startswith("AUTH=")])
    if chosen is None:
        raise LoginRefused(
            f"{account.where} takes no login by token (OAUTHBEARER, XOAUTH2). Check host and port, or use a password."
        )
    try:
        said = first_message(chosen, account.user, token, account.host, account.port)
    except ValueError as error:
        raise LoginRefused(f"There is no login at {account.where}: {error}.") from None
    reasons: list[str] = []
    asked = 0

    def answer(challenge: bytes) -> bytes:
        nonlocal asked
        asked += 1
        if asked == 1:
            return said
        # The server wants one more line before it says NO, and tells the reason in its question.
        reasons.append(refusal(challenge))
        return AFTER_A_REFUSAL[chosen]

    try:
        wire.authenticate(chosen, answer)
    except imaplib.IMAP4.abort as error:
        raise imaplib.IMAP4.abort(_without(token, said, str(error))) from None
    except imaplib.IMAP4.error as error:
        words = _without(token, said, str(error))
        reason = ", ".join(_without(token, said, each) for each in reasons if each)
        raise (wait_wanted(account.where, words) or _refused(account, words, reason)) from None


def _refused(account: ImapAccount, words: str, reason: str) -> TokenNotTaken:
    told = clean(words) or "no reason given"
    return TokenNotTaken(
        f"{account.where} refused the token for {account.user}: {told}{f' ({reason})' if reason else ''}. Check that "
        "the token is for this mailbox, that it has the right to use IMAP, and that IMAP is allowed for the mailbox."
    )


def _without(token: str, said: bytes, words: str) -> str:
    """A server may repeat what it was sent, and imaplib repeats the server."""
    for form in (b64encode(said).decode("ascii").rstrip("="), token, token.rstrip("=")):
        words = words.replace(form, "…") if form else words
    return words
