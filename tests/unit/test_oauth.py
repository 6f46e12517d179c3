"""Tokens: fetched in time, shared, refused in words, kept in a closed file, and never shown."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from servers.token_endpoint import TokenEndpoint

from mailwatch import settings
from mailwatch.adapters.microsoft_login import GRAPH_PERSON, MicrosoftLogin
from mailwatch.adapters.oauth import FAILURE_LASTS, MARGIN, REFUSAL_LASTS, Token, Tokens
from mailwatch.adapters.oauth_command import CommandTokens
from mailwatch.adapters.oauth_file import TokenFile
from mailwatch.adapters.oauth_google import GoogleLogin, GoogleTokens
from mailwatch.adapters.oauth_microsoft import MicrosoftTokens
from mailwatch.bootstrap.doors import Doors
from mailwatch.errors import (
    BackOff,
    LoginRefused,
    MailwatchError,
    ProviderError,
    SettingsError,
    TokenRefused,
    Unreachable,
)

SECRET = "canary-secret"


class Hands:
    """A clock that a test turns by hand."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


class Counted:
    """A provider that gives out numbered tokens, or raises what is put into `error`."""

    def __init__(self, clock: Hands, lasts: float = 3600) -> None:
        self.clock, self.lasts = clock, lasts
        self.asked: list[bool] = []
        self.error: MailwatchError | None = None

    def __call__(self, anew: bool) -> Token:
        self.asked.append(anew)
        if self.error is not None:
            raise self.error
        return Token(f"t{len(self.asked)}", self.clock.now + self.lasts)


@pytest.fixture
def clock() -> Hands:
    return Hands()


@pytest.fixture
def provider(clock: Hands) -> Counted:
    return Counted(clock)


@pytest.fixture
def tokens(provider: Counted, clock: Hands) -> Tokens:
    return Tokens(provider, clock)


def app(endpoint: TokenEndpoint, **more: Any) -> MicrosoftTokens:
    settings = {"secret": lambda: SECRET} | more
    return MicrosoftTokens(MicrosoftLogin("contoso", "client-1", http_client=endpoint, **settings))


def person(endpoint: TokenEndpoint, cache: Path) -> MicrosoftTokens:
    login = MicrosoftLogin("contoso", "client-1", GRAPH_PERSON, "ann@example.com", cache=cache, http_client=endpoint)
    return MicrosoftTokens(login)


# ---------------------------------------------------------------- when a token is asked for


def test_a_token_is_fetched_once_and_used_until_shortly_before_its_end(
    tokens: Tokens, provider: Counted, clock: Hands
) -> None:
    assert [tokens(), tokens()] == ["t1", "t1"]
    clock.now += 3600 - MARGIN - 1
    assert tokens() == "t1"
    clock.now += 1
    assert tokens() == "t2"


def test_a_token_that_lasts_shorter_than_the_margin_is_used_all_the_same(clock: Hands) -> None:
    provider = Counted(clock, lasts=60)
    tokens = Tokens(provider, clock)
    assert [tokens(), tokens()] == ["t1", "t1"]
    clock.now += 31
    assert tokens() == "t2"


def test_an_old_token_serves_while_the_provider_cannot_be_reached(
    tokens: Tokens, provider: Counted, clock: Hands
) -> None:
    tokens()
    provider.error = Unreachable("nobody is there")
    clock.now += 3600 - 10
    assert tokens() == "t1"
    clock.now += 20
    with pytest.raises(Unreachable):
        tokens()


def test_a_provider_that_fails_is_not_asked_again_at_once_while_the_old_token_serves(
    tokens: Tokens, provider: Counted, clock: Hands
) -> None:
    tokens()
    provider.error = Unreachable("nobody is there")
    clock.now += 3600 - MARGIN
    assert [tokens() for _ in range(10)] == ["t1"] * 10
    assert len(provider.asked) == 2
    clock.now += FAILURE_LASTS
    provider.error = None
    assert tokens() == "t3"


def test_without_a_token_what_went_wrong_is_told_again_without_asking(
    tokens: Tokens, provider: Counted, clock: Hands
) -> None:
    provider.error = BackOff("later", 7)
    for _ in range(10):
        with pytest.raises(BackOff, match="later") as told:
            tokens()
        assert told.value.seconds == 7
    assert len(provider.asked) == 1
    clock.now += FAILURE_LASTS
    provider.error = None
    assert tokens() == "t2"


def test_a_failure_that_a_clock_which_was_ahead_left_behind_holds_up_nothing(
    tokens: Tokens, provider: Counted, clock: Hands
) -> None:
    provider.error = Unreachable("nobody is there")
    with pytest.raises(Unreachable):
        tokens()
    clock.now -= 86400
    provider.error = None
    assert tokens() == "t2"


def test_a_provider_that_hangs_counts_as_failed_from_the_end_of_the_wait(clock: Hands) -> None:
    asked: list[float] = []

    def hang(anew: bool) -> Token:
        asked.append(clock.now)
        clock.now += 2 * FAILURE_LASTS
        raise Unreachable("no answer in time")

    tokens = Tokens(hang, clock)
    for _ in range(10):
        with pytest.raises(Unreachable):
            tokens()
    assert len(asked) == 1


def test_nobody_waits_for_a_provider_that_hangs_while_the_old_token_is_good(clock: Hands) -> None:
    hangs, ends = threading.Event(), threading.Event()
    given = iter([Token("old", clock.now + 3600), Token("new", clock.now + 7200)])

    def fetch(anew: bool) -> Token:
        token = next(given)
        if token.value == "new":
            hangs.set()
            assert ends.wait(30)
        return token

    tokens, found = Tokens(fetch, clock), []
    assert tokens() == "old"
    clock.now += 3600 - MARGIN
    asks = threading.Thread(target=lambda: found.append(tokens()))
    asks.start()
    assert hangs.wait(30)
    assert [tokens() for _ in range(10)] == ["old"] * 10
    ends.set()
    asks.join()
    assert [*found, tokens()] == ["new", "new"]


def test_a_refusal_is_remembered_for_a_minute_so_that_a_thousand_mailboxes_ask_once(
    tokens: Tokens, provider: Counted, clock: Hands
) -> None:
    provider.error = LoginRefused("no")
    for _ in range(1000):
        with pytest.raises(LoginRefused, match="no"):
            tokens()
    assert len(provider.asked) == 1
    clock.now += REFUSAL_LASTS + 1
    provider.error = None
    assert tokens() == "t2"


def test_a_token_that_a_server_refused_is_replaced_by_a_new_one(tokens: Tokens, provider: Counted) -> None:
    tokens.forget(tokens())
    assert tokens() == "t2"
    assert provider.asked == [False, True]
    tokens.forget("another")
    assert tokens() == "t2"


def test_many_threads_get_one_token(tokens: Tokens, provider: Counted) -> None:
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(tokens())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["t1"] * 8
    assert len(provider.asked) == 1


# ---------------------------------------------------------------- Microsoft: an app


def test_an_app_gets_a_token_with_its_secret() -> None:
    endpoint = TokenEndpoint()
    assert app(endpoint)(False).value == "canary-access-1"
    assert endpoint.forms[0]["grant_type"] == "client_credentials"
    assert endpoint.forms[0]["scope"] == "https://graph.microsoft.com/.default"


def test_an_app_that_is_asked_anew_does_not_repeat_the_kept_token() -> None:
    fetch = app(TokenEndpoint())
    assert [fetch(False).value, fetch(False).value, fetch(True).value] == [
        "canary-access-1",
        "canary-access-1",
        "canary-access-2",
    ]


def certificate(folder: Path, passphrase: bytes | None = None) -> Path:
    """A key and a certificate in one closed file, as openssl makes them."""
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mailwatch")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    locked = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    encoding = serialization.Encoding.PEM
    file = folder / "app.pem"
    file.write_bytes(
        key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, locked) + made.public_bytes(encoding)
    )
    file.chmod(0o600)
    return file


@pytest.mark.parametrize("passphrase", [None, "canary-passphrase"])
def test_an_app_gets_a_token_with_its_certificate(tmp_path: Path, passphrase: str | None) -> None:
    endpoint = TokenEndpoint()
    file = certificate(tmp_path, passphrase.encode() if passphrase else None)
    unlock = (lambda: passphrase) if passphrase else None
    assert app(endpoint, secret=None, certificate=file, passphrase=unlock)(False).value == "canary-access-1"
    assertion = endpoint.forms[0]["client_assertion"]
    assert jwt.decode(assertion, options={"verify_signature": False})["iss"] == "client-1"
    assert "client_secret" not in endpoint.forms[0]


def test_a_certificate_that_others_can_read_is_not_used(tmp_path: Path) -> None:
    file = certificate(tmp_path)
    file.chmod(0o644)
    with pytest.raises(SettingsError, match="chmod 600"):
        app(TokenEndpoint(), secret=None, certificate=file)(False)


@pytest.mark.parametrize("content", [b"", b"\xff", b"-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----"])
def test_a_file_that_is_no_certificate_is_named(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "app.pem"
    with pytest.raises(SettingsError, match=r"app\.pem is not there; check certificate under \[microsoft\]"):
        app(TokenEndpoint(), secret=None, certificate=file)(False)
    file.write_bytes(content)
    file.chmod(0o600)
    with pytest.raises(SettingsError, match=r"app\.pem (has to hold a private key|holds a certificate)"):
        app(TokenEndpoint(), secret=None, certificate=file)(False)


def test_a_certificate_without_its_passphrase_is_told_in_words(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="passphrase"):
        app(TokenEndpoint(), secret=None, certificate=certificate(tmp_path, b"x"))(False)


REFUSALS = {
    "wrong secret": (
        "invalid_client",
        f"AADSTS7000215: Invalid client secret provided ({SECRET}).",
        "secret is wrong",
    ),
    "expired secret": (
        "invalid_client",
        "AADSTS7000222: The provided client secret keys are expired.",
        "has expired",
    ),
    "unknown app": ("unauthorized_client", "AADSTS700016: Application not found.", "no app with this client"),
    "unknown tenant": ("invalid_request", "AADSTS90002: Tenant 'x' not found.", "no such tenant"),
    "other": ("invalid_request", "AADSTS99999: Something.\r\nTrace ID: 1", "Check tenant, client"),
}


@pytest.mark.parametrize("name", sorted(REFUSALS))
def test_a_refusal_says_what_to_do_and_repeats_no_secret(name: str) -> None:
    error, description, words = REFUSALS[name]
    endpoint = TokenEndpoint(refusal={"error": error, "error_description": description}, status=401)
    with pytest.raises(LoginRefused, match=words) as caught:
        app(endpoint)(False)
    assert SECRET not in str(caught.value)
    assert "Trace ID" not in str(caught.value)


TROUBLES: dict[str, tuple[dict[str, Any], type[MailwatchError]]] = {
    "nobody answers": ({"unreachable": True}, Unreachable),
    "a login page of the network": ({"page": "<html>Welcome</html>"}, Unreachable),
    "busy": ({"refusal": {"error": "temporarily_unavailable"}}, BackOff),
    "out of order": ({"refusal": {"error": "x"}, "status": 503}, Unreachable),
}


@pytest.mark.parametrize("name", sorted(TROUBLES))
def test_trouble_on_the_way_is_no_refusal(name: str) -> None:
    settings, kind = TROUBLES[name]
    with pytest.raises(kind):
        app(TokenEndpoint(**settings))(False)


# ---------------------------------------------------------------- Microsoft: a person


def test_a_person_signs_in_once_and_another_process_goes_on(tmp_path: Path) -> None:
    endpoint, shown = TokenEndpoint(waits=2), list[str]()
    cache = tmp_path / "private" / "tokens.json"
    person(endpoint, cache).sign_in(shown.append)
    assert shown == ["Open https://microsoft.com/devicelogin in a browser and enter ABCD-EFGH"]
    assert stat.S_IMODE(cache.stat().st_mode) == 0o600
    assert stat.S_IMODE(cache.parent.stat().st_mode) == 0o700
    assert person(endpoint, cache)(False).value == "canary-access-1"
    assert person(endpoint, cache)(True).value == "canary-access-2"
    assert endpoint.forms[-1]["refresh_token"] == "canary-refresh-1"
    assert person(endpoint, cache)(True).value == "canary-access-3"
    assert endpoint.forms[-1]["refresh_token"] == "canary-refresh-2"


def test_signing_in_keeps_the_tokens_of_others(tmp_path: Path) -> None:
    cache = tmp_path / "tokens.json"
    cache.write_text(json.dumps({"RefreshToken": {"of bob": {"secret": "b"}}}))
    cache.chmod(0o600)
    person(TokenEndpoint(), cache).sign_in(lambda _: None)
    kept = json.loads(cache.read_text())["RefreshToken"]
    assert kept["of bob"] == {"secret": "b"}
    assert len(kept) == 2


def test_who_has_not_signed_in_is_told_how(tmp_path: Path) -> None:
    with pytest.raises(LoginRefused, match=r"mailwatch login ann@example\.com"):
        person(TokenEndpoint(), tmp_path / "tokens.json")(False)


def test_signing_in_as_someone_else_is_refused_and_not_kept(tmp_path: Path) -> None:
    cache = tmp_path / "tokens.json"
    with pytest.raises(LoginRefused, match=r"mallory@example\.com"):
        person(TokenEndpoint(user="mallory@example.com"), cache).sign_in(lambda _: None)
    assert not cache.exists()


def test_a_refresh_that_is_refused_asks_to_sign_in_again_and_loses_nothing(tmp_path: Path) -> None:
    endpoint, cache = TokenEndpoint(), tmp_path / "tokens.json"
    person(endpoint, cache).sign_in(lambda _: None)
    endpoint.refusal = {"error": "invalid_grant", "error_description": "AADSTS700082: The refresh token has expired."}
    with pytest.raises(LoginRefused, match=r"Sign in again with: mailwatch login ann@example\.com"):
        person(endpoint, cache)(True)
    endpoint.refusal = None
    assert person(endpoint, cache)(True).value == "canary-access-2"


def test_a_person_without_a_cache_is_a_matter_of_settings() -> None:
    with pytest.raises(SettingsError, match="token_cache"):
        MicrosoftTokens(MicrosoftLogin("contoso", "client-1", GRAPH_PERSON, "ann@example.com"))


# ---------------------------------------------------------------- the file


@pytest.mark.parametrize("content", [b"nonsense", b"\xff", b"[]", b'{"AccessToken": 1}', b"[" * 5000])
def test_a_file_that_holds_no_tokens_is_told_in_words(tmp_path: Path, content: bytes) -> None:
    cache = tmp_path / "tokens.json"
    cache.write_bytes(content)
    cache.chmod(0o600)
    with pytest.raises(SettingsError, match="sign in again"):
        person(TokenEndpoint(), cache)(False)


def test_a_file_of_tokens_that_others_can_read_is_not_used(tmp_path: Path) -> None:
    cache = tmp_path / "tokens.json"
    cache.write_text("{}")
    cache.chmod(0o640)
    with pytest.raises(SettingsError, match="chmod 600"):
        person(TokenEndpoint(), cache)(False)


def test_what_a_crash_left_open_to_others_is_closed_before_tokens_go_into_it(tmp_path: Path) -> None:
    file = tmp_path / "tokens.json"
    left = tmp_path / "tokens.json.new"
    left.write_text("old")
    left.chmod(0o666)
    TokenFile(file).write("new")
    assert (file.read_text(), stat.S_IMODE(file.stat().st_mode), left.exists()) == ("new", 0o600, False)


def test_a_link_in_the_place_of_the_new_file_is_not_followed(tmp_path: Path) -> None:
    target = tmp_path / "target"
    (tmp_path / "tokens.json.new").symlink_to(target)
    with pytest.raises(SettingsError):
        TokenFile(tmp_path / "tokens.json").write("secret")
    assert not target.exists()


KILLED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from servers.token_endpoint import TokenEndpoint
from mailwatch.adapters import oauth_file
from mailwatch.adapters.microsoft_login import GRAPH_PERSON, MicrosoftLogin
from mailwatch.adapters.oauth_microsoft import MicrosoftTokens
def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)
step, cache = sys.argv[1], Path(sys.argv[2])
endpoint = TokenEndpoint()
if step == "while asking":
    endpoint.before = lambda form: die()
elif step == "while writing":
    class Half:
        def __init__(self, real): self.real = real
        def __enter__(self): return self
        def __exit__(self, *_): pass
        def fileno(self): return self.real.fileno()
        def write(self, data):
            self.real.write(data[: len(data) // 2]); self.real.flush(); die()
    fdopen = os.fdopen
    os.fdopen = lambda *a, **k: Half(fdopen(*a, **k))
elif step == "before replacing":
    os.replace = die
elif step == "after replacing":
    replace = os.replace
    os.replace = lambda *a: (replace(*a), die())
login = MicrosoftLogin("contoso", "client-1", GRAPH_PERSON, "ann@example.com", cache=cache, http_client=endpoint)
MicrosoftTokens(login)(True)
"""


@pytest.mark.parametrize("step", ["while asking", "while writing", "before replacing", "after replacing"])
def test_a_kill_during_a_refresh_loses_no_token(step: str, tmp_path: Path) -> None:
    endpoint, cache = TokenEndpoint(), tmp_path / "tokens.json"
    person(endpoint, cache).sign_in(lambda _: None)
    tests = str(Path(__file__).parents[1])
    done = subprocess.run([sys.executable, "-c", KILLED, step, str(cache), tests], check=False)
    assert done.returncode == -signal.SIGKILL
    kept = json.loads(cache.read_text())
    assert len(kept["RefreshToken"]) == 1
    assert person(endpoint, cache)(True).value.startswith("canary-access-")
    assert sorted(os.listdir(tmp_path)) == ["tokens.json", "tokens.json.lock"]


# ---------------------------------------------------------------- Google, and commands


@pytest.fixture(scope="module")
def google_key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    key = rsa.generate_private_key(65537, 2048)
    words = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    file = tmp_path_factory.mktemp("google") / "key.json"
    file.write_text(json.dumps({"client_email": "bot@project.example", "private_key": words}))
    file.chmod(0o600)
    return file


def google(key: Path, endpoint: TokenEndpoint) -> GoogleTokens:
    return GoogleTokens(GoogleLogin("ann@example.com", key, post=endpoint.google))


def test_a_service_account_asks_in_the_name_of_the_user(google_key: Path) -> None:
    endpoint = TokenEndpoint()
    assert google(google_key, endpoint)(False).value == "canary-access-1"
    public = serialization.load_pem_private_key(
        json.loads(google_key.read_text())["private_key"].encode(), None
    ).public_key()
    claims = jwt.decode(
        endpoint.forms[0]["assertion"], public, algorithms=["RS256"], audience="https://oauth2.googleapis.com/token"
    )
    assert (claims["iss"], claims["sub"]) == ("bot@project.example", "ann@example.com")
    assert claims["scope"] == "https://mail.google.com/"
    assert claims["exp"] - claims["iat"] == 3600


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("unauthorized_client", "Domain-wide delegation"),
        ("invalid_grant", "this machine's clock"),
        ("x", "key file"),
    ],
)
def test_google_refuses_in_words(error: str, words: str, google_key: Path) -> None:
    with pytest.raises(LoginRefused, match=words):
        google(google_key, TokenEndpoint(refusal={"error": error}))(False)


def test_google_being_busy_is_no_refusal(google_key: Path) -> None:
    with pytest.raises(BackOff):
        google(google_key, TokenEndpoint(refusal={}, status=503))(False)


def drip(connection: socket.socket) -> Iterator[bytes]:
    connection.settimeout(30)
    while True:
        yield b" "
        # Whoever hangs up ends it; until then a byte goes out five times in the time that the answer may take.
        with contextlib.suppress(TimeoutError):
            connection.settimeout(0.1)
            if not connection.recv(4096):
                return


def flood(connection: socket.socket) -> Iterator[bytes]:
    for _ in range(600):
        yield b" " * (1 << 20)


@pytest.mark.parametrize(
    ("answer", "error"), [(drip, r"within 0\.5 seconds"), (flood, "more than 1 MB")], ids=["drips", "floods"]
)
def test_a_token_endpoint_that_never_ends_its_answer_is_left(
    answer: Callable[[socket.socket], Iterator[bytes]], error: str, google_key: Path, tmp_path: Path
) -> None:
    sent: list[int] = []

    def serve() -> None:
        connection, _ = listener.accept()
        with connection, contextlib.suppress(OSError):
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
            for piece in answer(connection):
                connection.sendall(piece)
                sent.append(len(piece))

    with socket.create_server(("127.0.0.1", 0)) as listener:
        file = tmp_path / "key.json"
        where = f"http://127.0.0.1:{listener.getsockname()[1]}/token"
        file.write_text(json.dumps({**json.loads(google_key.read_text()), "token_uri": where}))
        file.chmod(0o600)
        server = threading.Thread(target=serve)
        server.start()
        with pytest.raises(ProviderError, match=error):
            GoogleTokens(GoogleLogin("ann@example.com", file, timeout=0.5))(False)
        server.join(30)
    assert not server.is_alive()
    assert sum(sent) < 64 << 20


@pytest.mark.parametrize("where", ["http://tokens.example.com/token", "ftp://127.0.0.1/token", 7])
def test_a_key_file_that_would_send_the_assertion_in_clear_is_not_used(
    where: object, google_key: Path, tmp_path: Path
) -> None:
    file = tmp_path / "key.json"
    file.write_text(json.dumps({**json.loads(google_key.read_text()), "token_uri": where}))
    file.chmod(0o600)
    endpoint = TokenEndpoint()
    with pytest.raises(SettingsError, match="https://"):
        google(file, endpoint)(False)
    assert endpoint.forms == []


def test_a_refusal_that_repeats_a_kept_token_does_not_show_it(tmp_path: Path) -> None:
    endpoint, cache = TokenEndpoint(), tmp_path / "tokens.json"
    person(endpoint, cache).sign_in(lambda _: None)
    endpoint.refusal = {"error": "invalid_grant", "error_description": "AADSTS700082: canary-refresh-1 has expired."}
    with pytest.raises(LoginRefused, match="AADSTS700082") as caught:
        person(endpoint, cache)(True)
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe{", b"[]", b"{}", b'{"client_email": "a", "private_key": "canary-key"}']
)
def test_a_key_file_that_is_none_is_named_and_not_shown(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "key.json"
    with pytest.raises(SettingsError, match=r"key\.json is not there; check key_file under \[google\]"):
        google(file, TokenEndpoint())(False)
    file.write_bytes(content)
    file.chmod(0o600)
    with pytest.raises(SettingsError, match=r"key\.json (is no key of a service account|holds a private)") as caught:
        google(file, TokenEndpoint())(False)
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    ("printed", "value", "lasts"),
    [
        ("abc", "abc", 120),
        ('{"access_token": "abc", "expires_in": 900}', "abc", 900),
        ('{"access_token": "abc", "expires_in": "900"}', "abc", 900),
        ('{"access_token": "abc", "expires_in": null}', "abc", 120),
    ],
)
def test_a_command_prints_a_token_or_json(printed: str, value: str, lasts: float, clock: Hands) -> None:
    token = CommandTokens(lambda: printed, "users.mailbox", clock)(False)
    assert (token.value, token.ends_at - clock.now) == (value, lasts)


@pytest.mark.parametrize("printed", ["", "two canary words", "{", '{"error": "canary"}', '{"access_token": 1}'])
def test_a_command_that_prints_no_token_is_a_refusal_that_repeats_nothing(printed: str, clock: Hands) -> None:
    with pytest.raises(LoginRefused, match=r"users\.mailbox") as caught:
        CommandTokens(lambda: printed, "users.mailbox", clock)(False)
    assert "canary" not in str(caught.value)


def test_a_command_that_fails_is_a_refusal_in_words() -> None:
    mailbox = {"host": "imap.example.com", "login": "command", "token_command": "false"}
    told = settings.check({"users": [{"address": "ann@example.com", "mailbox": mailbox}]}, "here.toml", {})
    door = Doors(told)._imap_account(told.users[0])
    assert door.token is not None
    with pytest.raises(TokenRefused, match=r"had: users\.mailbox\.token_command: false failed with exit code 1"):
        door.token()


# ---------------------------------------------------------------- canaries


def test_no_secret_and_no_token_is_in_any_log_error_or_repr(
    tmp_path: Path, google_key: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    seen: list[object] = []

    def look(work: Callable[[], object]) -> None:
        try:
            seen.append(work())
        except MailwatchError as error:
            seen.append(f"{error!r} {error}")

    endpoint = TokenEndpoint()
    refusing = TokenEndpoint(refusal={"error": f"x {SECRET}", "error_description": f"AADSTS7000215 {SECRET}"})
    cache = tmp_path / "tokens.json"
    look(lambda: person(endpoint, cache).sign_in(seen.append))
    for fetch in (app(endpoint), person(endpoint, cache), google(google_key, endpoint)):
        tokens = Tokens(fetch)
        look(lambda fetch=fetch: fetch(True))
        tokens()
        seen.append(tokens)
    look(lambda: app(refusing)(False))
    seen.append(MicrosoftLogin("t", "c", secret=lambda: SECRET))
    words = repr(seen) + str(seen) + caplog.text + "".join(capsys.readouterr())
    assert "canary" not in words
