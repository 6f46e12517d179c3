"""The howtos of Exchange, Microsoft 365 and Google: their settings are valid, and what doctor prints is its own word.

The settings of a howto are run against a server of our own, with hosts and files in the place of those that the page
names, and doctor's output is put back into the page's names. UPDATE_GOLDEN=1 writes it into the page.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from program import mailwatch, needs_dovecot
from servers.dovecot import Dovecot
from servers.fake_ews import PASSWORD, FakeEws
from servers.fake_graph import FakeGraph
from servers.token_server import TokenServer
from servers.token_smtp import TokenSmtp

from mailwatch.settings import Settings

HOWTO = Path(__file__).parents[2] / "docs/howto"
PAGES = ("exchange-server.md", "microsoft-365.md", "google-workspace.md")
ANN = "ann@example.com"
TOP = '[mailwatch]\nzone = "Europe/Berlin"\nledger = "{ledger}"\n[coworkers]\ndomains = ["example.com"]\n'
NAMES = {"{file}": "/etc/mailwatch/mailwatch.toml", "{ledger}": "sqlite:////var/lib/mailwatch/ledger.db"}
_BLOCK = re.compile(r"^( *)```toml\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
_DOCTOR = re.compile(r"(?<=```\n)(?:ok|FAILED) .*?(?=```)", re.DOTALL)


def blocks(page: str) -> list[str]:
    """The settings that a page shows."""
    found = _BLOCK.findall((HOWTO / page).read_text("utf-8"))
    return [re.sub(rf"(?m)^{indent}", "", words) for indent, words in found]


def whole(block: str) -> str:
    """A file of settings around what a page shows of one."""
    mailbox = (
        '[users.mailbox]\nkind = "ews"\nendpoint = "https://mail.example.com/EWS/Exchange.asmx"\npassword = "x"\n'
    )
    if not block.lstrip().startswith("["):
        keys = {line.partition(" = ")[0] for line in block.splitlines()}
        kept = [line for line in mailbox.splitlines() if line.partition(" = ")[0] not in keys]
        block = (
            "\n".join(line for line in kept if "password_file" not in keys or "password" not in line) + f"\n{block}"
        )
    if "[[users]]" not in block:
        user = f'[[users]]\naddress = "{ANN}"\n'
        if "[users.mailbox]" in block:
            block = block.replace("[users.mailbox]", f"{user}[users.mailbox]")
        else:
            block += f'\n{user}[users.mailbox]\nhost = "imap.example.com"\npassword = "x"\n'
    if "[microsoft]" not in block:
        block += '\n[microsoft]\ntenant = "t"\nclient = "c"\n'
    return block if "[google]" in block else f'{block}\n[google]\nkey_file = "/x"\n'


@pytest.mark.parametrize(("page", "number"), [(page, n) for page in PAGES for n in range(len(blocks(page)))])
def test_the_settings_of_a_howto_are_valid(page: str, number: int) -> None:
    Settings.model_validate(tomllib.loads(whole(blocks(page)[number])))


# ---------------------------------------------------------------- doctor


@dataclass
class Stage:
    """What to put in the place of a page's names, and the names to put back into what doctor prints."""

    settings: str
    back: dict[str, str] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)


def replaced(words: str, *pairs: tuple[str, str]) -> str:
    for old, new in pairs:
        assert old in words, f"the page no longer says {old!r}"
        words = words.replace(old, new)
    return words


@contextmanager
def exchange(folder: Path) -> Iterator[Stage]:
    users, secret = folder / "users", folder / "secret"
    users.write_text(f"OFFICE:ann:{PASSWORD}\nOFFICE:svc-mailwatch:{PASSWORD}\n")
    secret.touch(0o600)
    secret.write_text(PASSWORD)
    server = FakeEws(ANN, "mailwatch@example.com")
    server.ntlm_users = str(users)
    one, sending = blocks("exchange-server.md")[0], blocks("exchange-server.md")[-1]
    settings = replaced(
        sending + one,
        ("https://mail.example.com/EWS/Exchange.asmx", server.url),
        ("/etc/mailwatch/ann.secret", str(secret)),
        ("/etc/mailwatch/exchange.secret", str(secret)),
    )
    try:
        yield Stage(settings)
        assert server.violations == []
    finally:
        server.close()


@contextmanager
def microsoft(folder: Path) -> Iterator[Stage]:
    from unit.test_oauth import certificate  # A key with its certificate, as the page has it made.

    tokens, graph = TokenServer(folder), FakeGraph()
    graph.tokens = _Good(tokens)  # type: ignore[assignment]
    graph.store.add_folder("Archive", well_known="archive")
    graph.store.user = ANN
    door = f'kind = "graph"\nendpoint = "{graph.base_url}"'
    settings = replaced(
        blocks("microsoft-365.md")[0],
        ("/etc/mailwatch/microsoft.pem", str(certificate(folder))),
        ('client = "CLIENT-ID"', f'client = "client-1"\nauthority = "{tokens.authority}"'),
        ('tenant = "example.onmicrosoft.com"', 'tenant = "contoso"'),
        ('kind = "graph"', door),
    )
    try:
        yield Stage(settings, environment=tokens.environment)
        assert graph.violations == []
    finally:
        graph.close()
        tokens.close()


class _Good:
    """The tokens that a token server gave out."""

    def __init__(self, tokens: TokenServer) -> None:
        self._tokens = tokens

    def __contains__(self, token: str) -> bool:
        return self._tokens.endpoint.is_good(token)


@contextmanager
def google(folder: Path) -> Iterator[Stage]:
    tokens = TokenServer(folder)
    words = (
        rsa.generate_private_key(65537, 2048)
        .private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        .decode()
    )
    key = folder / "google.json"
    key.touch(0o600)
    key.write_text(json.dumps({"client_email": "b@x", "private_key": words, "token_uri": f"{tokens.plain}/token"}))
    special_use = (("[Gmail]/Sent Mail", "\\Sent"), ("[Gmail]/All Mail", "\\All"), ("[Gmail]/Drafts", "\\Drafts"))
    # At Gmail, and only there, all mail is read.
    imap = Dovecot(
        storage="sdbox",
        introspection=tokens.introspection,
        special_use=special_use,
        capability="X-GM-EXT-1",
    )
    smtp = TokenSmtp(tokens.endpoint.is_good)
    client = imap.client(ANN)
    for name, _ in special_use:
        client.create(f'"{name}"')
    client.logout()
    settings = replaced(
        blocks("google-workspace.md")[0],
        ("/etc/mailwatch/google.json", str(key)),
        ('host = "imap.gmail.com"', f'host = "127.0.0.1"\nport = {imap.port}\nsecurity = "plain"'),
        ('host = "smtp.gmail.com"', f'host = "127.0.0.1"\nport = {smtp.port}\nsecurity = "plain"'),
    )
    try:
        yield Stage(settings, back={"submission: 127.0.0.1 takes": "submission: smtp.gmail.com takes"})
    finally:
        smtp.close()
        imap.close()
        tokens.close()


STAGES: Mapping[str, Callable[[Path], contextmanager]] = {  # type: ignore[type-arg]
    "exchange-server.md": exchange,
    "microsoft-365.md": microsoft,
    "google-workspace.md": google,
}


@pytest.mark.parametrize(
    "page", [pytest.param(page, marks=needs_dovecot if "google" in page else ()) for page in PAGES]
)
def test_what_doctor_prints_in_a_howto_is_what_doctor_prints(page: str, tmp_path: Path) -> None:
    (tmp_path / "servers").mkdir()
    file, ledger = tmp_path / "mailwatch.toml", f"sqlite:///{tmp_path}/ledger.db"
    with STAGES[page](tmp_path / "servers") as stage:
        file.write_text(TOP.replace("{ledger}", ledger) + stage.settings)
        file.chmod(0o600)
        done = mailwatch("--config", file, "doctor", home=tmp_path, more=stage.environment)
    told = done.stdout
    assert done.returncode == 0, told + done.stderr
    for ours, theirs in {**stage.back, str(file): NAMES["{file}"], ledger: NAMES["{ledger}"]}.items():
        assert ours in told
        told = told.replace(ours, theirs)
    assert "127.0.0.1" not in told
    whole_page = (HOWTO / page).read_text("utf-8")
    if os.environ.get("UPDATE_GOLDEN"):
        whole_page = _DOCTOR.sub(lambda _: told, whole_page)
        (HOWTO / page).write_text(whole_page, "utf-8")
    assert _DOCTOR.findall(whole_page) == [told], "UPDATE_GOLDEN=1 writes it anew"
