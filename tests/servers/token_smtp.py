"""A real submission server for tests that lets users in by token and nothing else."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from servers.dovecot import free_port

_TOKEN = re.compile(rb"auth=Bearer ([^\x01]+)\x01\x01\Z")


class TokenSmtp:
    """A server on a free loopback port that takes tokens which `is_good`, and nothing else.

    `messages` holds (recipients, bytes) of what it took, `shown` every token that it was shown.
    """

    def __init__(self, is_good: Callable[[str], bool]) -> None:
        self.is_good = is_good
        self.messages: list[tuple[list[str], bytes]] = []
        self.shown: list[str] = []
        self._controller = Controller(
            _Handler(self),
            hostname="127.0.0.1",
            port=free_port(),
            auth_require_tls=False,
            auth_exclude_mechanism=["LOGIN", "PLAIN"],
        )
        self._controller.start()
        self.port: int = self._controller.port

    def close(self) -> None:
        """Ends the server."""
        self._controller.stop()


class _Handler:
    def __init__(self, owner: TokenSmtp) -> None:
        self._owner = owner

    async def auth_XOAUTH2(self, server: Any, args: list[str]) -> AuthResult:
        return await self._token(server, args)

    async def auth_OAUTHBEARER(self, server: Any, args: list[str]) -> AuthResult:
        return await self._token(server, args)

    async def _token(self, server: Any, args: list[str]) -> AuthResult:
        said = base64.b64decode(args[1]) if len(args) > 1 else await server.challenge_auth("")
        found = _TOKEN.search(said)
        token = found[1].decode() if found else ""
        self._owner.shown.append(token)
        if self._owner.is_good(token):
            return AuthResult(success=True, auth_data=b"somebody")
        # The reason comes as a challenge, and the refusal when the client has answered it (RFC 7628 3.2.3).
        await server.challenge_auth('{"status":"invalid_token"}')
        await server.push("535 5.7.8 The token is not good")
        return AuthResult(success=False, handled=True)

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        return "250 2.1.0 Ok"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self._owner.messages.append((envelope.rcpt_tos, envelope.original_content))
        return "250 2.0.0 Ok"
