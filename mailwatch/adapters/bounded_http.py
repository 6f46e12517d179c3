"""One HTTP request at a time, bounded in time and size: to Graph, and for tokens."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from mailwatch.adapters.trust import trusting
from mailwatch.domain.cleaning import clean
from mailwatch.errors import CertificateRefused, ProtocolBroken, SettingsError, Unreachable

if TYPE_CHECKING:
    import requests

_PIECE = 1 << 16
_CONNECT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered; the names of `headers` are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class NotSent(Unreachable):
    """No connection came about, so the server has seen nothing of the request."""


class Http:
    """Kept connections to one server; safe to use from several threads. Raises SettingsError for a bad `ca_file`."""

    def __init__(self, where: str, *, timeout: float, ca_file: str | None, connections: int) -> None:
        # Imported here, since it takes longer to load than `mailwatch status` may take, and few need it.
        import requests.adapters
        import urllib3

        self._requests, self._urllib3 = requests, urllib3
        self._where, self._timeout = where, timeout
        # The part of requests below its sessions, which would take twice the time for what is not wanted here:
        # cookies, redirects, ~/.netrc, and a look at the whole environment before each request.
        self._adapter = requests.adapters.HTTPAdapter(pool_maxsize=connections, pool_block=True)
        if ca_file:
            # Imported here for the same reason.
            from mailwatch.adapters.trusted_http import TrustedAdapter

            try:
                context = trusting(ca_file, "http")
            except OSError as error:
                raise SettingsError(f"ca_file = {ca_file} cannot be used: {error.strerror or error}") from None
            self._adapter = TrustedAdapter(context, pool_maxsize=connections, pool_block=True)
        self._headers = {**requests.utils.default_headers(), "User-Agent": "mailwatch"}
        self._environment: dict[str, Any] | None = None

    def ask(
        self,
        method: Literal["GET", "POST"],
        url: str,
        *,
        token: str | None,
        headers: Mapping[str, str],
        data: bytes | None = None,
        limit: int,
    ) -> Answer:
        """The answer to one request, whatever its status; at most `limit` bytes of it.

        `token` is what logs in, if that is needed. A redirect is an answer: following it could carry the token
        to another server. Raises NotSent, Unreachable, CertificateRefused or ProtocolBroken.
        """
        end = time.monotonic() + self._timeout
        try:
            request = self._requests.Request(
                method, url, {**self._headers, **headers}, data=data, auth=_Bearer(token) if token else None
            )
            with self._adapter.send(
                request.prepare(),
                stream=True,
                timeout=(min(self._timeout, _CONNECT_SECONDS), self._timeout),
                **self._from_environment(url),
            ) as response:
                body = self._body(response, end, limit)
                named = {name.lower(): value for name, value in response.headers.items()}
                return Answer(response.status_code, named, body)
        except self._requests.RequestException as error:
            raise self._translated(error) from None
        except self._urllib3.exceptions.ReadTimeoutError:
            raise self._late() from None
        except (OSError, ValueError, self._urllib3.exceptions.HTTPError) as error:
            raise Unreachable(f"The connection to {self._where} was lost ({type(error).__name__}).") from None

    def _from_environment(self, url: str) -> dict[str, Any]:
        """The proxies on the way and the trust where no `ca_file` is, as requests reads them of the environment."""
        if self._environment is None:
            with self._requests.Session() as reader:
                found = reader.merge_environment_settings(url, {}, None, True, None)
            self._environment = {"proxies": found["proxies"], "verify": found["verify"]}
        return self._environment

    def _body(self, response: requests.Response, end: float, limit: int) -> bytes:
        pieces: list[bytes] = []
        size = 0
        read = getattr(response.raw, "read1", None)
        while True:
            # read1 returns what is there, so that a server which drips its answer cannot outlast the deadline.
            piece: bytes = read(_PIECE, decode_content=True) if read else response.raw.read(1024, decode_content=True)
            if not piece:
                return b"".join(pieces)
            pieces.append(piece)
            size += len(piece)
            if size > limit:
                raise ProtocolBroken(f"{self._where} sent an answer of more than {limit >> 20} MB; it was not read.")
            if time.monotonic() > end:
                raise self._late()

    def _translated(self, error: requests.RequestException) -> Unreachable | CertificateRefused:
        kinds = self._requests.exceptions
        reason = getattr(error.args[0] if error.args else None, "reason", None)
        if isinstance(error, kinds.SSLError):
            return CertificateRefused(
                f"The certificate of {self._where} could not be verified ({clean(_innermost(error))}). If a "
                "company's own authority signed it, name its file as ca_file."
            )
        if isinstance(error, kinds.ConnectTimeout):
            return NotSent(f"{self._where} cannot be reached: no connection in time. Check the network.")
        if isinstance(error, kinds.Timeout):
            return self._late()
        if isinstance(error, kinds.ProxyError):
            return NotSent(f"The proxy on the way to {self._where} cannot be used ({clean(_innermost(error))}).")
        if type(reason).__name__ in ("NewConnectionError", "NameResolutionError", "ConnectTimeoutError"):
            return NotSent(f"{self._where} cannot be reached ({clean(_innermost(error))}). Check host and network.")
        return Unreachable(f"The connection to {self._where} was lost ({clean(_innermost(error))}).")

    def _late(self) -> Unreachable:
        return Unreachable(f"{self._where} did not answer within {self._timeout:g} seconds.")

    def close(self) -> None:
        """Ends the connections; never raises."""
        with contextlib.suppress(Exception):
            self._adapter.close()


class _Bearer:
    """Puts the token into a request; it shows nothing of it when it is printed."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def _innermost(error: BaseException) -> str:
    """The words of the cause; those of requests repeat the whole address and the names of classes."""
    seen = 0
    while seen < 8:
        inner = getattr(error, "reason", None) or next((a for a in error.args if isinstance(a, BaseException)), None)
        if not isinstance(inner, BaseException):
            break
        error, seen = inner, seen + 1
    words = str(getattr(error, "strerror", None) or error)
    return words.rpartition(">: ")[2] or type(error).__name__
