"""Tokens of Microsoft 365 by msal: for an app of its own (certificate or secret), or for a person (device code)."""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import re
import ssl
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from mailwatch.adapters.microsoft_login import MicrosoftLogin
from mailwatch.adapters.oauth import Token
from mailwatch.adapters.oauth_file import TokenFile, read_closed
from mailwatch.domain.cleaning import clean
from mailwatch.errors import BackOff, LoginRefused, ProviderError, SettingsError, Unreachable

# It repeats what a server said of a refused token, which may be the token; whatever matters comes as an answer.
logging.getLogger("msal").setLevel(logging.CRITICAL + 1)

_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
_LARGEST_FILE = 1 << 20
_HINTS = {
    "AADSTS7000215": "The secret is wrong: its value is needed, not its id.",
    "AADSTS7000222": "The secret has expired; make a new one in Entra, or better use a certificate.",
    "AADSTS700027": "The certificate is not the one that Entra knows for this app.",
    "AADSTS700016": "The tenant knows no app with this client; check tenant and client.",
    "AADSTS90002": "There is no such tenant; check tenant.",
    "AADSTS65001": "Nobody has consented to these rights yet; an administrator has to.",
    "AADSTS50057": "The account is disabled.",
}


class MicrosoftTokens:
    """Fetches tokens; what msal keeps beside them lives in the cache file, or in memory if there is none."""

    def __init__(self, login: MicrosoftLogin) -> None:
        self._login = login
        self._file = TokenFile(login.cache) if login.cache else None
        self._kept = ""
        if not login.is_app and self._file is None:
            raise SettingsError("token_cache is missing: the tokens of a person who signed in need a file to live in")

    def __call__(self, anew: bool) -> Token:
        """See Fetch."""
        with self._locked(), self._application(kept := self._read()) as (application, given, cache):
            # Whoever gives out tokens may repeat in a refusal what it was shown.
            secrets = (*given, *_tokens_in(kept))
            if self._login.is_app:
                if anew:
                    application.remove_tokens_for_client()
                told = application.acquire_token_for_client(list(self._login.scopes))
            else:
                accounts = application.get_accounts(username=self._login.user or None)
                if not accounts:
                    raise LoginRefused(
                        f"{self._login.user or 'Nobody'} has not signed in yet; do so with: {self._sign_in_again()}"
                    )
                told = application.acquire_token_silent_with_error(
                    list(self._login.scopes), account=accounts[0], force_refresh=anew
                )
            if cache.has_state_changed:
                # Before anything else: a refresh token may have been exchanged for another one.
                self._keep(cache.serialize())
            return self._token(told, secrets)

    def sign_in(self, show: Callable[[str], None]) -> None:
        """Lets a person sign in by device code (RFC 8628); waits until they did. `show` hears what they have to do.

        Raises LoginRefused if they do not, or sign in as someone else.
        """
        with self._application("") as (application, _, cache):
            flow = application.initiate_device_flow(scopes=list(self._login.scopes))
            if "user_code" not in flow:
                raise self._refused(flow, ())
            where, code = clean(str(flow.get("verification_uri", ""))), clean(str(flow["user_code"]))
            show(f"Open {where} in a browser and enter {code}")
            told = application.acquire_token_by_device_flow(flow)
            self._token(told, ())
            name = str((told.get("id_token_claims") or {}).get("preferred_username") or "")
            if self._login.user and name and name.lower() != self._login.user.lower():
                raise LoginRefused(f"You signed in as {clean(name)}; the mailbox is that of {self._login.user}.")
            # The file was free while the person took their time, so others may have put tokens of theirs into it.
            with self._locked():
                kept, new = json.loads(self._read() or "{}"), json.loads(cache.serialize())
                self._keep(json.dumps({key: {**kept.get(key, {}), **new.get(key, {})} for key in {**kept, **new}}))

    # ------------------------------------------------------------ msal

    @contextlib.contextmanager
    def _application(self, kept: str) -> Iterator[tuple[Any, tuple[str, ...], Any]]:
        """An application over kept tokens, the secrets it was given, and the cache with what it has learnt.

        It is made anew each time, so that a changed secret or certificate is used without a restart.
        """
        # Imported here, since msal takes long to load and only those need it who log in at Microsoft.
        import msal

        login = self._login
        cache = msal.SerializableTokenCache()
        cache.deserialize(kept or None)
        credential, secrets = self._credential()
        kind = msal.ConfidentialClientApplication if login.is_app else msal.PublicClientApplication
        try:
            application = kind(
                login.client,
                authority=f"{login.authority}/{login.tenant}",
                token_cache=cache,
                http_client=login.http_client,
                timeout=login.timeout if login.http_client is None else None,
                instance_discovery=False,
                **({"client_credential": credential} if credential else {}),
            )
            yield application, secrets, cache
        except (OSError, msal.exceptions.MsalServiceError) as error:
            raise self._unreachable(error) from None
        except (ValueError, TypeError) as error:
            # A key that needs a passphrase and got none is a TypeError.
            raise self._misconfigured(error, secrets) from None

    def _locked(self) -> contextlib.AbstractContextManager[None]:
        return self._file.locked() if self._file else contextlib.nullcontext()

    def _read(self) -> str:
        """The kept tokens, which are a JSON object of objects."""
        if self._file is None:
            return self._kept
        words = self._file.read()
        try:
            told = json.loads(words or "{}")
        except (ValueError, RecursionError):
            told = None
        if not isinstance(told, dict) or not all(isinstance(each, dict) for each in told.values()):
            raise self._file.broken()
        return words

    def _keep(self, words: str) -> None:
        self._kept = words
        if self._file:
            self._file.write(words)

    def _credential(self) -> tuple[Any, tuple[str, ...]]:
        login = self._login
        if login.secret is not None:
            secret = str(login.secret())
            return secret, (secret,)
        if login.certificate is None:
            return None, ()
        held = read_closed(login.certificate, "a key", "certificate")
        if held is None:
            raise SettingsError(f"{login.certificate} is not there; check certificate under [microsoft].")
        words = held[:_LARGEST_FILE].decode("utf-8", "replace")
        found = _CERTIFICATE.search(words)
        if found is None or "PRIVATE KEY-----" not in words:
            raise SettingsError(f"{login.certificate} has to hold a private key and its certificate, both as PEM.")
        try:
            der = ssl.PEM_cert_to_DER_cert(found[0])
        except ValueError:
            raise SettingsError(f"{login.certificate} holds a certificate that cannot be read.") from None
        passphrase = str(login.passphrase()) if login.passphrase else ""
        credential = {
            "private_key": words,
            "thumbprint": hashlib.sha1(der, usedforsecurity=False).hexdigest(),
            **({"passphrase": passphrase} if passphrase else {}),
        }
        return credential, tuple(each for each in (passphrase,) if each)

    # ------------------------------------------------------------ in words

    def _token(self, told: Mapping[str, Any] | None, secrets: Sequence[str]) -> Token:
        value = (told or {}).get("access_token")
        if not isinstance(value, str) or not value:
            raise self._refused(told or {}, secrets)
        lasts = (told or {}).get("expires_in")
        return Token(value, time.time() + (float(lasts) if isinstance(lasts, int | float) else 0.0))

    def _refused(self, told: Mapping[str, Any], secrets: Sequence[str]) -> ProviderError:
        error = clean(str(told.get("error") or "no token"))
        description = str(told.get("error_description") or "")
        for secret in secrets:
            description = description.replace(secret, "***")
        # What follows the first sentence is the ids of the request, which help nobody here.
        reason = clean(description.partition("Trace ID")[0].partition("\r\n")[0], 300)
        if error in ("temporarily_unavailable", "server_error") or "AADSTS90033" in description:
            return BackOff(f"{self._login.authority} gives no tokens for the moment ({error}).")
        who = (
            f"{self._login.user}" if self._login.user and not self._login.is_app else f"the app {self._login.client}"
        )
        hint = next((words for code, words in _HINTS.items() if code in description), "")
        if not hint and not self._login.is_app:
            hint = f"Sign in again with: {self._sign_in_again()}"
        if not hint:
            hint = "Check tenant, client, and certificate or secret."
        return LoginRefused(f"Microsoft refused a token for {who}: {reason or error} {hint}")

    def _unreachable(self, error: Exception) -> Unreachable:
        return Unreachable(
            f"{self._login.authority} cannot be asked for a token ({type(error).__name__}). Check the network."
        )

    def _misconfigured(self, error: Exception, secrets: Sequence[str]) -> ProviderError | SettingsError:
        if isinstance(error, json.JSONDecodeError) or isinstance(error.__context__, json.JSONDecodeError):
            # A proxy or a login page of the network answered in its place.
            return self._unreachable(error)
        words = str(error)
        for secret in secrets:
            words = words.replace(secret, "***")
        if "authority configuration" in words or "tenant" in words:
            return LoginRefused(f"Microsoft knows no tenant {clean(self._login.tenant)}; check tenant.")
        if self._login.certificate is not None:
            return SettingsError(f"{self._login.certificate} holds a key that cannot be used; check its passphrase.")
        return LoginRefused(f"No token can be had from {self._login.authority}: {clean(words)}")

    def _sign_in_again(self) -> str:
        return f"mailwatch login {self._login.user}".strip()


def _tokens_in(kept: str) -> tuple[str, ...]:
    """The tokens that a cache of msal holds."""
    entries = [each for section in json.loads(kept or "{}").values() for each in section.values()]
    return tuple(str(each["secret"]) for each in entries if isinstance(each, dict) and each.get("secret"))
