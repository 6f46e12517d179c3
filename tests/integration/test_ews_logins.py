"""Logging in to an Exchange server: who may, how often it is tried, in whose name, and what is never told."""

from __future__ import annotations

import base64
import datetime
import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from servers.certificate import certificate
from servers.fake_ews import PASSWORD, TOKEN, FakeEws, bearer
from servers.fake_ews_office import ANN, NOON, Office, ews_account

from mailwatch.adapters import ews_patience
from mailwatch.adapters.ews import EwsProvider
from mailwatch.adapters.ews_account import EwsAccount
from mailwatch.domain.message import Headers
from mailwatch.errors import (
    CertificateRefused,
    LoginRefused,
    MailwatchError,
    SettingsError,
    TokenRefused,
    Unreachable,
)

CARL = "carl@example.com"


@pytest.fixture
def server() -> Iterator[FakeEws]:
    running = FakeEws(ANN, CARL)
    yield running
    running.close()


def first_subjects(account: EwsAccount) -> list[str]:
    provider = EwsProvider(account)
    try:
        inbox = provider.mailboxes()[0]
        ids = provider.changes(inbox, None, NOON - datetime.timedelta(days=9)).created
        return [each.subject for each in provider.headers(inbox, ids) if isinstance(each, Headers)]
    finally:
        provider.close()


def test_one_account_reads_several_mailboxes_in_the_names_of_their_owners(server: FakeEws) -> None:
    for address in (ANN, CARL):
        store = server.mailboxes[address]
        store.add(store.folder("inbox"), f"From: b@example.com\r\nSubject: to {address}\r\n\r\nx".encode(), NOON)
    for access in ("impersonation", "delegate"):
        for address in (ANN, CARL):
            assert first_subjects(ews_account(server, address, access=access)) == [f"to {address}"]
    assert server.violations == []


def test_three_refused_logins_are_the_last_for_hours_for_all_mailboxes_of_an_account(
    server: FakeEws, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = ["wrong"]
    accounts = [ews_account(server, address, secret=lambda: secret[0]) for address in (ANN, CARL)]
    for account in (*accounts, *accounts, *accounts):
        with pytest.raises(LoginRefused):
            first_subjects(account)
    assert len(server.logins) == 3
    with pytest.raises(LoginRefused, match="3 times, so it is not tried again until the password is changed"):
        first_subjects(accounts[0])
    assert len(server.logins) == 3
    monkeypatch.setattr(ews_patience, "LOGIN_PAUSE", 0.0)
    with pytest.raises(LoginRefused, match="refused the login of svc"):
        first_subjects(accounts[0])
    monkeypatch.undo()
    with pytest.raises(LoginRefused, match="4 times"):
        first_subjects(accounts[1])
    assert len(server.logins) == 4
    secret[0] = PASSWORD
    assert first_subjects(accounts[0]) == []


def test_a_login_that_works_begins_the_count_anew(server: FakeEws) -> None:
    secret = ["wrong"]
    account = ews_account(server, secret=lambda: secret[0])
    for each in ("wrong", "wrong", PASSWORD, "wrong", "wrong", PASSWORD):
        secret[0] = each
        if each == PASSWORD:
            assert first_subjects(account) == []
            continue
        with pytest.raises(LoginRefused):
            first_subjects(account)


def test_a_server_that_closes_with_its_401_is_no_busy_server(server: FakeEws) -> None:
    server.refusal = {"Connection": "close", "X-CasErrorCode": "CAS error: whatever"}
    with pytest.raises(LoginRefused, match="refused the login of svc"):
        first_subjects(ews_account(server, secret=lambda: "wrong"))


def test_a_kept_connection_does_not_outlive_a_changed_password(server: FakeEws) -> None:
    secret = [PASSWORD]
    one = Office(server, secret=lambda: secret[0])
    one.poll()
    server.auth = lambda login: login.endswith(base64.b64encode(b"svc:new").decode())
    with pytest.raises(LoginRefused):
        one.poll()
    secret[0] = "new"
    one.poll()
    one.close()


def test_ntlm_logs_in_once_a_connection_and_a_wrong_password_is_told(server: FakeEws, tmp_path: Path) -> None:
    users = tmp_path / "users"
    users.write_text(f"OFFICE:ann:{PASSWORD}\n")
    server.ntlm_users = str(users)
    one = Office(server, auth="ntlm", user="OFFICE\\ann")
    one.deliver(3)
    one.poll()
    assert one.nothing_is_lost_or_doubled()
    one.close()
    asked = len(server.asked)
    with pytest.raises(LoginRefused, match=r"DOMAIN\\name"):
        first_subjects(ews_account(server, auth="ntlm", user="OFFICE\\ann", secret=lambda: "wrong"))
    assert len(server.asked) == asked


@pytest.fixture
def plain_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    """oauthlib asks for https, which the fake on loopback need not have."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")


def token_account(server: FakeEws, **options: Any) -> EwsAccount:
    settings = {"client_id": "app", "token_url": server.token_url}
    return ews_account(server, auth="oauth-client", access="impersonation", **settings | options)


@pytest.mark.usefixtures("plain_tokens")
def test_client_credentials_become_a_token_for_the_server_that_is_named(server: FakeEws) -> None:
    server.auth = bearer
    assert first_subjects(token_account(server)) == []
    asked = server.token_requests[0]
    assert asked["grant_type"] == ["client_credentials"]
    assert asked["scope"] == [token_account(server).token_scope]
    assert server.violations == []


@pytest.mark.usefixtures("plain_tokens")
def test_a_token_that_is_refused_locks_nothing_so_it_is_tried_until_the_right_is_there(server: FakeEws) -> None:
    server.auth = lambda login: False
    for _ in range(5):
        with pytest.raises(TokenRefused, match="refused the token of app"):
            first_subjects(token_account(server))
    server.auth = bearer
    assert first_subjects(token_account(server)) == []


@pytest.mark.usefixtures("plain_tokens")
def test_a_token_that_ended_is_asked_for_anew(server: FakeEws) -> None:
    server.auth = bearer
    server.token_seconds = -1
    one = Office(server, auth="oauth-client", access="impersonation", client_id="app", token_url=server.token_url)
    server.token_seconds_after = 3599
    one.deliver(2)
    one.poll()
    assert one.nothing_is_lost_or_doubled()
    assert len(server.token_requests) > 1
    one.close()


@pytest.mark.usefixtures("plain_tokens")
def test_a_refused_client_secret_is_told_in_words(server: FakeEws) -> None:
    with pytest.raises(LoginRefused, match=r"The token for .* was refused .*client secret") as caught:
        first_subjects(token_account(server, secret=lambda: "canary-wrong"))
    assert "canary" not in repr(caught.value)


@pytest.mark.usefixtures("plain_tokens")
@pytest.mark.parametrize("auth", ["basic", "oauth-client"])
def test_no_log_at_any_level_holds_a_secret_or_words_of_mail(
    auth: str, server: FakeEws, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    store = server.mailboxes[ANN]
    server.auth = server.auth if auth == "basic" else bearer
    account = ews_account(server) if auth == "basic" else token_account(server)
    store.add(store.folder("inbox"), b"From: b@example.com\r\nSubject: canary-subject\r\n\r\ncanary-text", NOON)
    assert first_subjects(account) == ["canary-subject"]
    errors: list[str] = []
    for name in ("401", "broken xml", "login page", "busy", "drop", "unknown code"):
        server.fail(name, times=2)
        try:
            first_subjects(account)
        except MailwatchError as error:
            errors.append(repr(error))
        server.heal()
    assert len(errors) >= 4
    told = "\n".join([*errors, caplog.text])
    for canary in ("canary", PASSWORD, TOKEN, base64.b64encode(f"svc:{PASSWORD}".encode()).decode()):
        assert canary not in told
    assert PASSWORD not in repr(account)


# ---------------------------------------------------------------- TLS


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[tuple[FakeEws, Path]]:
    context, file = certificate(tmp_path)
    running = FakeEws(ANN, tls=context)
    yield running, file
    running.close()


def test_a_certificate_that_nobody_vouches_for_is_refused(
    secure: tuple[FakeEws, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, file = secure
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(file))
    with pytest.raises(CertificateRefused, match=r"could not be verified.*ca_file"):
        first_subjects(ews_account(server))
    assert server.logins == []


def test_a_companys_own_authority_is_named_by_its_file(secure: tuple[FakeEws, Path]) -> None:
    server, file = secure
    assert first_subjects(ews_account(server, ca_file=str(file))) == []


def test_the_deadline_holds_over_tls(secure: tuple[FakeEws, Path]) -> None:
    server, file = secure
    for name in ("hang", "drip"):
        server.fail(name)
        with pytest.raises(Unreachable, match=r"within 0\.7 seconds"):
            first_subjects(ews_account(server, ca_file=str(file), timeout=0.7))


def test_a_ca_file_that_cannot_be_read_is_named(secure: tuple[FakeEws, Path]) -> None:
    with pytest.raises(SettingsError, match="ca_file = /nowhere"):
        first_subjects(ews_account(secure[0], ca_file="/nowhere"))


def test_https_to_a_server_that_speaks_http_is_told(server: FakeEws) -> None:
    account = ews_account(server)
    with pytest.raises(Unreachable, match="does not speak TLS"):
        first_subjects(replace(account, endpoint=account.endpoint.replace("http:", "https:")))
