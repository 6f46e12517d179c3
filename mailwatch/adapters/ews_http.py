"""The HTTP below EWS: verified TLS, a deadline, a cap on answers, and an error in words for all that is no SOAP.

Only `ews_wire` imports this module, since it needs the libraries that come with exchangelib.
"""

from __future__ import annotations

import re
import socket
import ssl
from contextlib import suppress
from typing import Any

import lxml.etree  # type: ignore[import-untyped]
import requests
import urllib3

from mailwatch.adapters.ews_account import EwsAccount
from mailwatch.adapters.ews_connection import POOLS
from mailwatch.adapters.ews_errors import Dropped, Garbled, busy, forbidden
from mailwatch.adapters.ews_patience import current
from mailwatch.adapters.trust import trusting
from mailwatch.adapters.trusted_http import TrustedAdapter
from mailwatch.domain.cleaning import clean
from mailwatch.errors import CertificateRefused, MailwatchError, ProtocolBroken, SettingsError, Unreachable

ANSWER_LIMIT = 64 << 20
_PIECE = 1 << 16
_LONGEST_WAIT = 3600.0  # seconds; a server that names more is asked again after that

# What XML 1.0 cannot hold (2.2), written as characters or as references. Exchange sends both.
_ILLEGAL = re.compile(
    rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]|\xed[\xa0-\xbf][\x80-\xbf]"
    rb"|&#(?:x0*(?:[0-8bcef]|1[0-9a-f]|d[89a-f][0-9a-f]{2}|fff[ef])|0*(?:[0-8]|1[124-9]|2\d|3[01]));",
    re.IGNORECASE,
)


class Adapter(TrustedAdapter):
    """Sends requests for one account. `soap` is false for the token endpoint, which answers in JSON."""

    def __init__(self, account: EwsAccount, where: str, *, soap: bool) -> None:
        self._account, self._where, self._soap = account, where, soap
        try:
            context = trusting(account.ca_file, "http")
        except OSError as error:
            raise SettingsError(f"ca_file = {account.ca_file} cannot be used: {error.strerror or error}") from None
        super().__init__(context, pool_connections=1, pool_maxsize=1, pool_block=True, max_retries=0)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **options: Any) -> None:
        """Puts our connections into the pools."""
        super().init_poolmanager(connections, maxsize, block, **options)
        self.poolmanager.pool_classes_by_scheme = POOLS

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        """The same for connections through a proxy."""
        manager = super().proxy_manager_for(proxy, **options)
        manager.pool_classes_by_scheme = POOLS
        return manager

    def send(
        self,
        request: Any,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Any = None,
    ) -> Any:
        """Sends one request and returns the whole answer; only SOAP and 401 come back."""
        deadline = current.get()
        try:
            response: Any = super().send(request, True, timeout, verify, cert, proxies)
            # A step of NTLM is left unread: its next step looks at the socket below, for the channel binding.
            if response.status_code != 401 or self._account.auth != "ntlm":
                # Set here, so that nobody reads it again without the cap.
                response._content = self._read(response)
                response._content_consumed = True
        except MailwatchError:
            raise
        except (
            requests.RequestException,
            urllib3.exceptions.HTTPError,
            OSError,
            ValueError,
            AttributeError,
        ) as error:
            if deadline is not None and deadline.passed:
                raise deadline.error() from None
            raise connection_error(error, self._where) from None
        if deadline is not None:
            if deadline.passed:
                raise deadline.error()
            if response.status_code < 500:
                deadline.sent = response.status_code == 200
        if self._soap:
            self._check(response)
        elif response.status_code in (429, 503):
            raise busy(self._where, wait_told(response.headers.get("Retry-After")))
        return response

    def _read(self, response: Any) -> bytes:
        pieces: list[bytes] = []
        size = 0
        for piece in response.raw.stream(_PIECE, decode_content=True):
            size += len(piece)
            if size > ANSWER_LIMIT:
                response.close()
                raise Garbled(f"{self._where} sent an answer of more than {ANSWER_LIMIT >> 20} MB.")
            pieces.append(piece)
        return b"".join(pieces)

    def _check(self, response: Any) -> None:
        status, headers, body = response.status_code, response.headers, response._content
        if status == 401:
            # Beside these fields exchangelib takes a refused login for a busy server.
            for field in ("Connection", "X-CasErrorCode"):
                headers.pop(field, None)
            return
        if status in (429, 503):
            if deadline := current.get():
                deadline.sent = False
            raise busy(self._where, wait_told(headers.get("Retry-After")))
        if status == 403:
            raise forbidden(self._where, self._account.login)
        if status in (200, 500) and b"Envelope" in body[:400] and body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
            response._content = sound = self._sound(body)
            # exchangelib reads an answer byte by byte, which takes longer than all the rest.
            response.iter_content = lambda *_, **__: iter((sound,))
            return
        told = clean(str(headers.get("X-CasErrorCode") or ""), 80)
        if status >= 500:
            raise Unreachable(
                f"{self._where} failed (HTTP {status} {told}".rstrip() + "); mailwatch tries again later."
            )
        if 300 <= status < 400 or (status == 200 and b"<html" in body[:4096].lower()):
            raise ProtocolBroken(
                f"{self._where} answered with a web page instead of EWS, such as a login page. Check endpoint, and "
                "that no proxy or form login stands before /EWS/Exchange.asmx."
            )
        raise ProtocolBroken(
            f"{self._where} has no EWS at this address (HTTP {status} {told}".rstrip()
            + "). Check endpoint; it usually ends in /EWS/Exchange.asmx."
        )

    def _sound(self, body: bytes) -> bytes:
        """An answer that is whole and well formed.

        exchangelib repairs broken XML silently, and what it cannot repair is then missing: messages behind a
        broken one, with a sync state that says they were handed out.
        """
        if not body.rstrip(b" \t\r\n\0").endswith(b">"):
            raise Dropped(f"The connection to {self._where} was lost in the middle of an answer.")
        for attempt in (body, _ILLEGAL.sub(b"?", body)):
            with suppress(lxml.etree.XMLSyntaxError):
                lxml.etree.fromstring(attempt, _strict())
                return attempt
        if not body.rstrip(b" \t\r\n\0").endswith(b"Envelope>"):
            raise Dropped(f"The connection to {self._where} was lost in the middle of an answer.")
        raise Garbled(f"{self._where} sent an answer that is no well-formed XML. If it goes on, please report it.")


def _strict() -> Any:
    return lxml.etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)


def wait_told(value: str | None) -> float | None:
    """The seconds of Retry-After (RFC 9110 10.2.3); None for a date, which no Exchange server sends."""
    if value is None or not re.fullmatch(r"\d{1,6}", value.strip()):
        return None
    return min(float(value), _LONGEST_WAIT)


def connection_error(error: BaseException, where: str) -> MailwatchError:
    """The error of ours for one of the connection, found in the chain of those that wrap it."""
    chain = _chain(error)
    for each in chain:
        if isinstance(each, ssl.SSLCertVerificationError):
            return CertificateRefused(
                f"The certificate of {where} could not be verified: {clean(each.verify_message)}. Check endpoint; "
                "if a company's own authority signed it, name its file as ca_file."
            )
    for each in chain:
        if isinstance(each, ssl.SSLError):
            return Unreachable(f"{where} does not speak TLS as expected ({clean(each.reason or str(each), 80)}).")
        if isinstance(each, socket.gaierror):
            return Unreachable(f"{where} cannot be found ({clean(each.strerror or '')}). Check the name in endpoint.")
        if isinstance(each, ConnectionRefusedError):
            return Unreachable(f"{where} cannot be reached: connection refused. Check endpoint, and the network.")
    if any(isinstance(each, TimeoutError | urllib3.exceptions.TimeoutError | requests.Timeout) for each in chain):
        return Unreachable(f"{where} did not answer in time. Check endpoint, and that no firewall is between.")
    return Dropped(f"The connection to {where} was lost. mailwatch connects again.")


def _chain(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting and len(found) < 20:
        each = waiting.pop(0)
        if isinstance(each, BaseException) and each not in found:
            found.append(each)
            waiting += [*each.args, getattr(each, "reason", None), each.__cause__, each.__context__]
    return found
