"""Tokens of Google Workspace for a service account with domain-wide delegation (RFC 7523)."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from mailwatch.adapters.bounded_http import Http
from mailwatch.adapters.oauth import Token
from mailwatch.adapters.oauth_file import read_closed
from mailwatch.domain.cleaning import clean
from mailwatch.domain.hosts import is_loopback
from mailwatch.errors import BackOff, CertificateRefused, LoginRefused, SettingsError

MAIL = ("https://mail.google.com/",)
TOKENS = "https://oauth2.googleapis.com/token"
_LASTS = 3600
_ANSWER_LIMIT = 1 << 20
_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"

Post = Callable[[str, dict[str, str]], tuple[int, bytes]]
"""Posts a form to an address and returns status and body. Raises ProviderError."""


@dataclass(frozen=True, slots=True)
class GoogleLogin:
    """A service account (its key file, JSON, mode 0600) that acts for `user`.

    Tokens are asked for where the key file says (`token_uri`), as Google's own libraries do.
    """

    user: str
    key_file: Path
    scopes: Sequence[str] = MAIL
    timeout: float = 30
    post: Post | None = field(default=None, repr=False)


class GoogleTokens:
    """Fetches tokens of one hour each; the key file is read anew each time."""

    def __init__(self, login: GoogleLogin) -> None:
        self._login = login

    def __call__(self, anew: bool) -> Token:
        """See Fetch."""
        # Imported here, since it loads a cryptographic library and only Google's service accounts need it.
        import jwt

        login = self._login
        account, key, where = self._key()
        now = int(time.time())
        claims = {
            "iss": account,
            "sub": login.user,
            "scope": " ".join(login.scopes),
            "aud": where,
            "iat": now,
            "exp": now + _LASTS,
        }
        try:
            assertion = jwt.encode(claims, key, algorithm="RS256")
        except (ValueError, TypeError, jwt.PyJWTError):
            raise SettingsError(f"{login.key_file} holds a private key that cannot be used.") from None
        post = login.post or self._post
        status, body = post(where, {"grant_type": _GRANT, "assertion": assertion})
        told = self._object(body)
        value = told.get("access_token")
        if status == 200 and isinstance(value, str) and value:
            lasts = told.get("expires_in")
            return Token(value, time.time() + (float(lasts) if isinstance(lasts, int | float) else _LASTS))
        if status == 429 or status >= 500:
            raise BackOff(f"Google gives no tokens for the moment (HTTP {status}).")
        error = clean(str(told.get("error") or f"HTTP {status}"))
        reason = clean(str(told.get("error_description") or "").replace(assertion, "***"))
        raise LoginRefused(
            f"Google refused a token for {login.user}: {error}{': ' + reason if reason else ''}. {self._hint(error)}"
        )

    def _hint(self, error: str) -> str:
        if error == "unauthorized_client":
            return (
                "Allow the client id of the service account the scope " + " ".join(self._login.scopes) + " under "
                "Domain-wide delegation in the admin console; it can take a day to work."
            )
        if error == "invalid_grant":
            return "Check the user's address, that the key was not deleted, and this machine's clock."
        return "Check the key file and the delegation in the admin console."

    def _key(self) -> tuple[str, str, str]:
        """The account, its private key, and where tokens are to be had."""
        held = read_closed(self._login.key_file, "a key", "key_file")
        if held is None:
            raise SettingsError(f"{self._login.key_file} is not there; check key_file under [google].")
        told = self._object(held)
        account, key, where = told.get("client_email"), told.get("private_key"), told.get("token_uri", TOKENS)
        if not isinstance(account, str) or not isinstance(key, str) or not account or not key:
            raise SettingsError(
                f"{self._login.key_file} is no key of a service account: it needs client_email and private_key."
            )
        parts = urlsplit(where) if isinstance(where, str) else urlsplit("")
        if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname or "")):
            raise SettingsError(f"{self._login.key_file} names no token_uri that begins with https://.")
        return account, key, where

    def _post(self, address: str, form: dict[str, str]) -> tuple[int, bytes]:
        where = urlsplit(address).netloc
        http = Http(where, timeout=self._login.timeout, ca_file=None, connections=1)
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        try:
            data = urlencode(form).encode()
            answer = http.ask("POST", address, token=None, headers=headers, data=data, limit=_ANSWER_LIMIT)
        except CertificateRefused:
            raise CertificateRefused(
                f"The certificate of {where} could not be verified, so no token was asked for. If a company's own "
                "authority signed it, name its file as REQUESTS_CA_BUNDLE in the environment."
            ) from None
        finally:
            http.close()
        return answer.status, answer.body

    @staticmethod
    def _object(body: bytes) -> dict[str, Any]:
        try:
            told = json.loads(body)
        except (ValueError, RecursionError):
            return {}
        return told if isinstance(told, dict) else {}
