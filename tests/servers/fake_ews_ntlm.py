"""The server's side of NTLM over HTTP, for one connection of the fake Exchange server."""

from __future__ import annotations

import base64
import os
from typing import Any
from unittest import mock

import spnego


class Ntlm:
    """Logs one connection in; `users` is a file of DOMAIN:user:password."""

    def __init__(self, users: str) -> None:
        self._users = users
        self._context: Any = None
        self._known = False

    def challenge(self, login: str) -> str | None:
        """What WWW-Authenticate is to say, or None if the connection is logged in."""
        if self._known:
            return None
        scheme, _, token = login.partition(" ")
        if scheme not in ("NTLM", "Negotiate") or not token:
            return "NTLM"
        try:
            with mock.patch.dict(os.environ, {"NTLM_USER_FILE": self._users}):
                if self._context is None:
                    self._context = spnego.server(protocol="ntlm")
                answer = self._context.step(base64.b64decode(token))
        except spnego.exceptions.SpnegoError:
            self._context = None
            return "NTLM"
        self._known = self._context.complete
        return None if self._known else f"NTLM {base64.b64encode(answer or b'').decode()}"
