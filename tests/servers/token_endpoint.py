"""An authority for tests that gives out tokens: what msal and Google's flow ask for, without a network."""

from __future__ import annotations

import base64
import itertools
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

TENANT = "https://login.microsoftonline.com/contoso"


@dataclass
class Reply:
    """What msal's door wants an answer to be."""

    status_code: int
    text: str
    headers: dict[str, str] = field(default_factory=dict)

    def raise_for_status(self) -> None:
        if self.status_code >= 400:
            raise OSError(f"HTTP {self.status_code}")


@dataclass
class TokenEndpoint:
    """Gives out numbered tokens; `refusal` is what it says instead, `before` is called with each form it is sent.

    `authority` is its address and tenant. `ends` has the tokens that are good, and when each ends.
    """

    lasts: int = 3600
    refusal: dict[str, Any] | None = None
    status: int = 400
    page: str | None = None
    unreachable: bool = False
    user: str = "ann@example.com"
    waits: int = 0  # how many times a device is told that the person is not done yet
    before: Callable[[dict[str, str]], None] = lambda _: None
    authority: str = TENANT
    ends: dict[str, float] = field(default_factory=dict)
    forms: list[dict[str, str]] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    _numbers: Any = field(default_factory=lambda: itertools.count(1))

    def get(self, url: str, **_: Any) -> Reply:
        self._heard(url)
        if self.page is not None:
            return Reply(200, self.page)
        ends = {"token_endpoint": "token", "authorization_endpoint": "authorize"}
        base = self.authority
        told = {name: f"{base}/oauth2/v2.0/{end}" for name, end in ends.items()}
        told |= {"device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode", "issuer": f"{base}/v2.0"}
        return Reply(200, json.dumps(told))

    def post(self, url: str, *, data: Any = None, **_: Any) -> Reply:
        self._heard(url)
        form = dict(data) if isinstance(data, dict) else dict(parse_qsl(data or ""))
        self.forms.append(form)
        self.before(form)
        if self.page is not None:
            return Reply(200, self.page)
        if self.refusal is not None:
            return Reply(self.status, json.dumps(self.refusal))
        if url.endswith("devicecode"):
            told = {
                "device_code": "device",
                "user_code": "ABCD-EFGH",
                "verification_uri": "https://microsoft.com/devicelogin",
            }
            return Reply(200, json.dumps(told | {"expires_in": 900, "interval": 0}))
        if self.waits:
            self.waits -= 1
            return Reply(400, json.dumps({"error": "authorization_pending"}))
        return Reply(200, json.dumps(self._tokens(form)))

    def close(self) -> None:
        """There is nothing to end."""

    def google(self, address: str, form: dict[str, str]) -> tuple[int, bytes]:
        """The door of Google's flow."""
        reply = self.post(address, data=form)
        return reply.status_code, reply.text.encode()

    def is_good(self, token: str) -> bool:
        """Whether a server that is shown this token should let the user in."""
        return self.ends.get(token, 0.0) > time.time()

    def _heard(self, url: str) -> None:
        self.addresses.append(url)
        if self.unreachable:
            raise ConnectionRefusedError("nobody is there")

    def _tokens(self, form: dict[str, str]) -> dict[str, Any]:
        number = next(self._numbers)
        self.ends[f"canary-access-{number}"] = time.time() + self.lasts
        told: dict[str, Any] = {
            "token_type": "Bearer",
            "access_token": f"canary-access-{number}",
            "expires_in": self.lasts,
        }
        if form.get("grant_type") in ("refresh_token", "urn:ietf:params:oauth:grant-type:device_code"):
            told |= {
                "refresh_token": f"canary-refresh-{number}",
                "scope": form.get("scope")
                or "https://graph.microsoft.com/Mail.Read https://graph.microsoft.com/Mail.Send",
                "id_token": _id_token(self.user),
                "client_info": _part({"uid": "u1", "utid": "t1"}),
            }
        return told


def _part(claims: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")


def _id_token(user: str) -> str:
    claims = {
        "aud": "client-1",
        "iss": TENANT,
        "iat": time.time(),
        "exp": time.time() + 900,
        "oid": "u1",
        "tid": "t1",
    }
    return f"{_part({'alg': 'none'})}.{_part(claims | {'preferred_username': user, 'sub': 's'})}.x"
