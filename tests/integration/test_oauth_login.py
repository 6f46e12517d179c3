"""Logging in to IMAP and SMTP with a token: the best mechanism, one attempt, and refusals without the token."""

from __future__ import annotations

import base64
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from servers.scripted_smtp import Do, ScriptedSmtp
from servers.token_imap import TokenImap

from mailwatch.adapters.imap import ImapAccount, ImapProvider
from mailwatch.adapters.smtp import SmtpAccount, SmtpSubmitter
from mailwatch.domain.message import Role
from mailwatch.errors import BackOff, LoginRefused, SubmissionDeferred, TokenRefused
from mailwatch.testing import mail

USER = "ann@example.com"
TOKEN = "canary-token/of+hers=="
MAIL = mail(sender="mailwatch@example.com", to=USER)


@pytest.fixture
def serve() -> Iterator[Callable[..., TokenImap]]:
    servers: list[TokenImap] = []

    def one(*tokens: str, **more: Any) -> TokenImap:
        servers.append(TokenImap(*tokens, **more))
        return servers[-1]

    yield one
    for server in servers:
        server.close()


def provider(server: TokenImap, token: Callable[[], str] = lambda: TOKEN) -> ImapProvider:
    account = ImapAccount("127.0.0.1", server.port, USER, token=token, security="plain", timeout=5)
    return ImapProvider(account, sleep=lambda _: None)


@pytest.mark.parametrize(
    ("offers", "begins"),
    [("AUTH=XOAUTH2 AUTH=OAUTHBEARER", b"n,a=ann@example.com,\x01"), ("AUTH=XOAUTH2", b"user=ann@example.com\x01")],
)
def test_imap_takes_a_token_by_the_best_mechanism(
    offers: str, begins: bytes, serve: Callable[..., TokenImap]
) -> None:
    server = serve(TOKEN, offers=offers)
    door = provider(server)
    assert [each.role for each in door.mailboxes()] == [Role.INBOX, Role.SENT]
    assert server.said[0].startswith(begins)
    door.close()


def test_a_token_is_asked_for_at_each_login(serve: Callable[..., TokenImap]) -> None:
    server = serve("one", "two")
    given = iter(["one", "two"])
    door = provider(server, lambda: next(given))
    door.mailboxes()
    door.close()
    provider(server, lambda: next(given)).mailboxes()
    assert [b"Bearer one" in server.said[0], b"Bearer two" in server.said[1]] == [True, True]


@pytest.mark.parametrize(("offers", "last"), [("AUTH=XOAUTH2", b""), ("AUTH=OAUTHBEARER", b"\x01")])
def test_a_refused_token_is_told_with_the_servers_reason(
    offers: str, last: bytes, serve: Callable[..., TokenImap]
) -> None:
    server = serve("another", offers=offers, refusal="[AUTHENTICATIONFAILED] no")
    with pytest.raises(TokenRefused, match=r"refused the token for ann@example\.com.*invalid_token"):
        provider(server).mailboxes()
    assert server.after_refusal == [last]
    assert len(server.said) == 1


@pytest.mark.parametrize("refusal", ["no {token}", "no {said}", "token {token} {said}"])
def test_a_token_shows_nowhere_though_the_server_repeats_it(
    refusal: str, serve: Callable[..., TokenImap], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server = serve("another", refusal=refusal)
    door = provider(server)
    with pytest.raises(LoginRefused) as caught:
        door.mailboxes()
    words = f"{caught.value!r} {caught.value} {ImapAccount('h', 1, USER, token=lambda: TOKEN)!r} {caplog.text}"
    assert "canary" not in words
    assert base64.b64encode(server.said[0]).decode()[:40] not in words


def test_a_server_that_wants_to_be_left_alone_is(serve: Callable[..., TokenImap]) -> None:
    with pytest.raises(BackOff):
        provider(serve("another", refusal="[UNAVAILABLE] try again later")).mailboxes()


def test_a_server_without_logins_by_token_is_named(serve: Callable[..., TokenImap]) -> None:
    with pytest.raises(LoginRefused, match="no login by token"):
        provider(serve(TOKEN, offers="AUTH=PLAIN")).mailboxes()


def test_what_is_no_token_is_not_sent(serve: Callable[..., TokenImap]) -> None:
    server = serve(TOKEN)
    with pytest.raises(LoginRefused, match="no bearer token"):
        provider(server, lambda: "two words").mailboxes()
    assert server.said == []


def test_a_token_that_cannot_be_had_is_the_error(serve: Callable[..., TokenImap]) -> None:
    def refuse() -> str:
        raise LoginRefused("Microsoft refused a token.")

    with pytest.raises(LoginRefused, match="Microsoft refused"):
        provider(serve(TOKEN), refuse).mailboxes()


# ---------------------------------------------------------------- SMTP


def ehlo(*mechanisms: str) -> Do:
    return Do(f"250-scripted\r\n250 AUTH {' '.join(mechanisms)}\r\n")


def submitter(server: ScriptedSmtp, token: Callable[[], str] = lambda: TOKEN) -> SmtpSubmitter:
    return SmtpSubmitter(
        SmtpAccount("127.0.0.1", server.port, "plain", user=USER, token=token, timeout=5, final_timeout=5)
    )


@pytest.mark.parametrize(
    ("offers", "verb", "begins"),
    [
        (("PLAIN", "XOAUTH2", "OAUTHBEARER"), "AUTH OAUTHBEARER ", b"n,a=ann@example.com,\x01"),
        (("LOGIN", "XOAUTH2"), "AUTH XOAUTH2 ", b"user=ann@example.com\x01"),
    ],
)
def test_smtp_takes_a_token_by_the_best_mechanism(offers: tuple[str, ...], verb: str, begins: bytes) -> None:
    with ScriptedSmtp({"EHLO": ehlo(*offers)}) as server:
        submitter(server).submit("mailwatch@example.com", USER, MAIL)
    (said,) = [line for line in server.commands if line.startswith("AUTH")]
    assert said.startswith(verb)
    assert base64.b64decode(said.removeprefix(verb)).startswith(begins)
    assert len(server.messages) == 1


@pytest.mark.parametrize(("offer", "last"), [("XOAUTH2", ""), ("OAUTHBEARER", "AQ==")])
def test_smtp_refusing_a_token_defers_in_words_and_shows_no_token(offer: str, last: str) -> None:
    why = base64.b64encode(b'{"status":"401"}').decode()
    script = {
        "EHLO": ehlo(offer),
        "AUTH": Do(f"334 {why}\r\n"),
        last: Do(f"535 5.7.3 Authentication unsuccessful {TOKEN}\r\n"),
    }
    with ScriptedSmtp(script) as server, pytest.raises(SubmissionDeferred, match="535") as caught:
        submitter(server).submit("mailwatch@example.com", USER, MAIL)
    assert "canary" not in f"{caught.value!r}"
    assert "token" in str(caught.value)
    assert last in server.commands


def test_smtp_without_logins_by_token_is_named() -> None:
    with ScriptedSmtp({"EHLO": ehlo("PLAIN")}) as server, pytest.raises(SubmissionDeferred, match="XOAUTH2"):
        submitter(server).submit("mailwatch@example.com", USER, MAIL)


def test_smtp_without_a_token_to_show_defers() -> None:
    def refuse() -> str:
        raise LoginRefused("Microsoft refused a token.")

    with ScriptedSmtp({"EHLO": ehlo("XOAUTH2")}) as server, pytest.raises(SubmissionDeferred, match="Microsoft"):
        submitter(server, refuse).submit("mailwatch@example.com", USER, MAIL)
    assert "canary" not in repr(SmtpAccount("h", 1, token=lambda: TOKEN))
