"""OAuth 2 through the settings file and the program itself: every way to a token, every server that takes one."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from leaks import USER, Place
from program import COMMAND, PATIENCE, Running, Value, environment, imap_mailbox, needs_dovecot, settings_file, until
from servers.dovecot import Dovecot, append
from servers.fake_ews import READS, FakeEws
from servers.fake_graph import FakeGraph
from servers.token_endpoint import TokenEndpoint
from servers.token_server import TokenServer
from servers.token_smtp import TokenSmtp

from mailwatch.domain.sasl import first_message
from mailwatch.testing import mail

ONCE = ("-vv", "run", "--once")
SECRET = "canary-app-secret"
ASKED = mail(sender="bob@example.com", to=USER, message_id="asked@example.com", sent_at=datetime.now(UTC))
Table = dict[str, Value | None]


@dataclass
class World:
    """Who gives out tokens, who takes mail, and the place where mailwatch runs."""

    place: Place
    tokens: TokenServer
    smtp: TokenSmtp
    denied: list[str] = field(default_factory=list)

    @property
    def endpoint(self) -> TokenEndpoint:
        return self.tokens.endpoint

    def takes(self, token: str) -> bool:
        """What the servers ask about each token that they are shown."""
        if self.endpoint.is_good(token):
            return True
        self.denied.append(token)
        return False

    def __contains__(self, token: str) -> bool:
        return self.takes(token)

    def microsoft(self, **more: str) -> str:
        """The table [microsoft]: an app with a secret, unless a person's token_cache is named."""
        who = {"tenant": "contoso", "client": "client-1", "authority": self.tokens.authority}
        return "[microsoft]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in {**who, **more}.items())

    def settings(self, mailbox: Mapping[str, Value | None], submit: Table, more: str = "", **program: Value) -> Path:
        """Writes the settings; the program trusts the certificate of whoever gives out tokens."""
        self.place.env |= self.tokens.environment
        port = {"host": None, "port": None, "security": None} if "kind" in submit else {}
        return settings_file(
            self.place.folder,
            {USER: mailbox},
            smtp_port=self.smtp.port,
            submit={**port, **submit},
            more=more,
            program=program,
        )

    def once(self, file: Path) -> tuple[int, str]:
        """One cycle, with a mail of ours waiting to be sent."""
        return self.place.run("--config", file, *ONCE)

    def requests(self, file: Path) -> list[Any]:
        """Who waits, by `status`."""
        code, told = self.place.run("--config", file, "status", "--json")
        assert code == 0, told
        found: list[Any] = json.loads(told)["users"][0]["requests"]
        return found


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    for name in ("place", "elsewhere"):
        (tmp_path / name).mkdir()
    tokens = TokenServer(tmp_path / "elsewhere")
    made = World(Place(tmp_path / "place"), tokens, TokenSmtp(lambda token: made.takes(token)))
    made.place.known += [b"canary-"]
    for number in range(1, 6):
        for mechanism in ("XOAUTH2", "OAUTHBEARER"):
            said = first_message(mechanism, USER, f"canary-access-{number}", "127.0.0.1", made.smtp.port)
            made.place.known.append(b64encode(said).rstrip(b"="))
    made.place.queue_a_mail()
    yield made
    made.smtp.close()
    tokens.close()


@pytest.fixture
def imap(world: World, request: pytest.FixtureRequest) -> Iterator[Dovecot]:
    """A real server that asks the token server whom a token is for; a test may say which mechanisms it offers."""
    offers = getattr(request, "param", "oauthbearer xoauth2")
    server = Dovecot(introspection=world.tokens.introspection, mechanisms=offers)
    client = server.client(USER)
    client.create("Sent")
    append(client, "INBOX", ASKED, datetime.now(UTC) - timedelta(minutes=5))
    client.logout()
    yield server
    server.close()


def by_token(server: Dovecot, login: str, **more: Value | None) -> Table:
    return imap_mailbox(server.port, USER, login=login, **{"password": None, **more})


def fine(world: World, file: Path) -> None:
    """doctor finds nothing wrong; a cycle reads what was asked, and sends what waited."""
    code, told = world.place.run("--config", file, "-vv", "doctor")
    assert code == 0, told
    code, told = world.once(file)
    assert code == 0, told
    assert [each["message_id"] for each in world.requests(file)] == ["asked@example.com"]
    assert world.denied == []


# ---------------------------------------------------------------- every way to a token, IMAP and SMTP


class TestImap:
    """Against Dovecot, and a submission server of aiosmtpd."""

    pytestmark = needs_dovecot

    @pytest.mark.parametrize("imap", ["xoauth2", "oauthbearer xoauth2"], indirect=True)
    def test_an_app_of_microsoft_reads_and_sends(self, world: World, imap: Dovecot) -> None:
        file = world.settings(
            by_token(imap, "microsoft"),
            {"user": USER, "login": "microsoft"},
            world.microsoft(password=SECRET),
        )
        fine(world, file)
        assert len(world.smtp.messages) == 1
        grants = [(form["grant_type"], form["scope"]) for form in world.endpoint.forms]
        assert set(grants) == {("client_credentials", "https://outlook.office365.com/.default")}
        # Both doors of a cycle, reading and sending, share one token.
        before = len(world.endpoint.forms)
        world.once(file)
        assert len(world.endpoint.forms) == before + 1

    def test_a_person_who_signed_in_reads_and_sends(self, world: World, imap: Dovecot) -> None:
        cache = world.place.folder / "tokens.json"
        world.place.secrets.append(cache)
        file = world.settings(
            by_token(imap, "microsoft"),
            {"user": USER, "login": "microsoft"},
            world.microsoft(token_cache=str(cache)),
        )
        code, told = world.once(file)
        assert code == 1
        assert f"mailwatch login {USER}" in told
        code, told = world.place.run("--config", file, "-vv", "login", USER)
        assert code == 0, told
        assert "enter ABCD-EFGH" in told
        assert stat.S_IMODE(cache.stat().st_mode) == 0o600
        assert "canary-refresh" in cache.read_text()
        fine(world, file)
        assert len(world.smtp.messages) == 1
        assert stat.S_IMODE(cache.stat().st_mode) == 0o600

    def test_a_service_account_of_google_reads_and_sends(self, world: World, imap: Dovecot, tmp_path: Path) -> None:
        key = rsa.generate_private_key(65537, 2048)
        words = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()
        where = f"{world.tokens.plain}/token"
        key_file = tmp_path / "google.json"
        key_file.write_text(
            json.dumps({"client_email": "bot@project.example", "private_key": words, "token_uri": where})
        )
        key_file.chmod(0o600)
        world.place.known.append(words.splitlines()[1].encode())
        file = world.settings(
            by_token(imap, "google"), {"user": USER, "login": "google"}, f'[google]\nkey_file = "{key_file}"\n'
        )
        fine(world, file)
        assert len(world.smtp.messages) == 1
        for form in world.endpoint.forms:
            claims = jwt.decode(form["assertion"], key.public_key(), algorithms=["RS256"], audience=where)
            assert (claims["iss"], claims["sub"]) == ("bot@project.example", USER)

    def test_a_command_that_prints_a_token_reads_and_sends(self, world: World, imap: Dovecot, tmp_path: Path) -> None:
        printed = tmp_path / "printed"
        printed.write_text(json.dumps({"access_token": "canary-access-99", "expires_in": 900}))
        world.endpoint.ends["canary-access-99"] = datetime.now(UTC).timestamp() + 900
        command = f"cat {printed}"
        file = world.settings(
            by_token(imap, "command", token_command=command),
            {"user": USER, "login": "command", "token_command": command},
        )
        fine(world, file)
        assert len(world.smtp.messages) == 1

    # ------------------------------------------------------------ tokens that are refused

    def test_a_kept_token_that_was_withdrawn_is_replaced_once_for_imap(self, world: World, imap: Dovecot) -> None:
        cache = world.place.folder / "tokens.json"
        world.place.secrets.append(cache)
        file = world.settings(
            by_token(imap, "microsoft"),
            {"user": USER, "login": "microsoft"},
            world.microsoft(password=SECRET, token_cache=str(cache)),
        )
        assert world.once(file)[0] == 0
        assert world.once(file)[0] == 0
        assert len(world.endpoint.forms) == 1
        world.endpoint.ends.clear()
        code, told = world.once(file)
        assert code == 0, told
        assert len(world.endpoint.forms) == 2

    def test_a_kept_token_that_was_withdrawn_is_replaced_once_for_smtp(self, world: World, imap: Dovecot) -> None:
        cache = world.place.folder / "tokens.json"
        world.place.secrets.append(cache)
        file = world.settings(
            imap_mailbox(imap.port, USER),
            {"user": USER, "login": "microsoft"},
            world.microsoft(password=SECRET, token_cache=str(cache)),
        )
        assert world.place.run("--config", file, "-vv", "doctor")[0] == 0
        world.endpoint.ends.clear()
        code, told = world.once(file)
        assert code == 0, told
        assert len(world.smtp.messages) == 1
        assert world.smtp.shown == ["canary-access-1", "canary-access-1", "canary-access-2"]

    def test_a_token_that_is_refused_again_is_told_in_words_after_one_more_try(
        self, world: World, imap: Dovecot
    ) -> None:
        world.endpoint.is_good = lambda token: False  # type: ignore[method-assign]
        file = world.settings(
            by_token(imap, "microsoft"), {"user": USER, "login": "microsoft"}, world.microsoft(password=SECRET)
        )
        code, told = world.once(file)
        assert code == 1
        assert told.count(f"refused the token for {USER}") == 1
        assert len(world.endpoint.forms) == 2
        code, told = world.place.run("--config", file, "-vv", "status")
        assert "refused the token for" in " ".join(told.split())

    def test_a_refused_refresh_is_told_once_in_words_and_loses_no_token(self, world: World, imap: Dovecot) -> None:
        cache = world.place.folder / "tokens.json"
        world.place.secrets.append(cache)
        world.endpoint.lasts = 1
        file = world.settings(
            by_token(imap, "microsoft"),
            {"user": USER, "login": "microsoft"},
            world.microsoft(token_cache=str(cache)),
        )
        assert world.place.run("--config", file, "login", USER)[0] == 0
        world.endpoint.refusal = {
            "error": "invalid_grant",
            "error_description": "AADSTS700082: The refresh token has expired (canary-refresh-1).\r\nTrace ID: 1",
        }
        asked = len(world.endpoint.forms)
        code, told = world.once(file)
        assert code == 1
        assert told.count("Microsoft refused a token") == 1
        assert f"Sign in again with: mailwatch login {USER}" in told
        assert len(world.endpoint.forms) == asked + 1
        world.endpoint.refusal, world.endpoint.lasts = None, 3600
        code, told = world.once(file)
        assert code == 0, told
        assert len(world.smtp.messages) == 1

    def test_a_kill_while_a_token_is_refreshed_loses_none(self, world: World, imap: Dovecot) -> None:
        cache = world.place.folder / "tokens.json"
        world.place.secrets.append(cache)
        world.endpoint.lasts = 1
        file = world.settings(
            by_token(imap, "microsoft"),
            {"user": USER, "login": "microsoft"},
            world.microsoft(token_cache=str(cache)),
        )
        assert world.place.run("--config", file, "login", USER)[0] == 0
        kept = cache.read_text()
        process: list[subprocess.Popen[bytes]] = []
        started = []

        def kill(form: Mapping[str, str]) -> None:
            started.append(form["grant_type"])
            until(lambda: bool(process), "the process")
            process[0].send_signal(signal.SIGKILL)
            process[0].wait(PATIENCE)

        world.endpoint.before = kill
        env = environment(world.place.folder, world.place.env)
        process.append(subprocess.Popen([*COMMAND, "--config", str(file), "run", "--once"], env=env))
        assert process[0].wait(PATIENCE) == -signal.SIGKILL
        assert started == ["refresh_token"]
        assert cache.read_text() == kept
        world.endpoint.before, world.endpoint.lasts = (lambda form: None), 3600
        code, told = world.once(file)
        assert code == 0, told
        assert len(world.smtp.messages) == 1
        assert stat.S_IMODE(cache.stat().st_mode) == 0o600
        assert sorted(os.listdir(world.place.folder)).count("tokens.json.new") == 0


# ---------------------------------------------------------------- Graph


@pytest.fixture
def graph(world: World) -> Iterator[FakeGraph]:
    server = FakeGraph()
    server.tokens = world  # type: ignore[assignment]
    server.store.deliver("inbox", ASKED, datetime.now(UTC) - timedelta(minutes=5))
    yield server
    server.close()
    assert server.violations == []


def graph_settings(world: World, graph: FakeGraph, **app: str) -> Path:
    door: Table = {"kind": "graph", "endpoint": graph.base_url}
    return world.settings(door, {**door, "from": USER}, world.microsoft(**app), poll="1s")


def test_an_app_reads_and_sends_through_graph(world: World, graph: FakeGraph) -> None:
    fine(world, graph_settings(world, graph, password=SECRET))
    assert len(graph.sent) == 1
    host = graph.base_url.split("/")[2]
    assert {form["scope"] for form in world.endpoint.forms} == {f"https://{host}/.default"}


def test_a_person_reads_and_sends_through_graph(world: World, graph: FakeGraph) -> None:
    cache = world.place.folder / "tokens.json"
    world.place.secrets.append(cache)
    file = graph_settings(world, graph, token_cache=str(cache))
    assert world.place.run("--config", file, "login", USER)[0] == 0
    fine(world, file)
    assert len(graph.sent) == 1
    assert stat.S_IMODE(cache.stat().st_mode) == 0o600


def test_a_token_is_replaced_before_it_ends(world: World, graph: FakeGraph) -> None:
    world.endpoint.lasts = 6
    file = graph_settings(world, graph, password=SECRET)
    running = _running(file, world.place.folder, {**os.environ, **world.tokens.environment})
    try:
        while len(world.endpoint.forms) < 3:
            running.wait_for_word("WATCHDOG=1")
    finally:
        running.terminate()
        running.close()
    assert world.denied == []
    assert len(graph.sent) == 1


def _running(file: Path, home: Path, env: Mapping[str, str]) -> Running:
    with pytest.MonkeyPatch.context() as patched:
        for name, value in env.items():
            patched.setenv(name, value)
        return Running(file, home=home)


# ---------------------------------------------------------------- Exchange Server


def test_client_credentials_read_and_send_over_ews(world: World) -> None:
    server = FakeEws(USER, tls=world.tokens.context)
    try:
        server.auth = lambda login: world.takes(login.removeprefix("Bearer "))
        store = server.mailboxes[USER]
        store.add(store.folder("inbox"), ASKED, datetime.now(UTC) - timedelta(minutes=5))
        door: Table = {
            "kind": "ews",
            "endpoint": server.url,
            "auth": "oauth-client",
            "access": "impersonation",
            "client": "app",
            "token_url": f"{world.tokens.authority}/token",
            "ca_file": str(world.tokens.ca_file),
            "password": SECRET,
        }
        fine(world, world.settings(door, {**door, "from": USER}))
        assert len(server.sent) == 1
        assert {form["client_secret"] for form in world.endpoint.forms} == {SECRET}
        assert set(server.asked) <= READS | {"CreateItem"}
        assert server.violations == []
    finally:
        server.close()
