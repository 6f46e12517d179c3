"""What each command loads: libraries that take seconds and tens of megabytes only for mailboxes of their kind."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from leaks import USER
from program import Value, environment, settings_file
from servers.scripted_imap import scripted
from servers.scripted_smtp import ScriptedSmtp

HEAVY = {"exchangelib", "msal", "requests", "urllib3", "jwt", "cryptography", "lxml", "holidays", "pymap", "aiosmtpd"}
MICROSOFT = '[microsoft]\ntenant = "contoso"\nclient = "app"\npassword = "x"\n'
GOOGLE = '[google]\nkey_file = "/nowhere"\n'
KINDS: Mapping[str, Mapping[str, Value | None]] = {
    "imap": {"host": "imap.example.com", "password": "x"},
    "imap by Microsoft's token": {"host": "imap.example.com", "login": "microsoft"},
    "imap by Google's token": {"host": "imap.example.com", "login": "google"},
    "ews": {"kind": "ews", "endpoint": "https://mail.example.com/EWS/Exchange.asmx", "password": "x"},
    "graph": {"kind": "graph"},
    "maildir": {"kind": "maildir", "path": "/nowhere"},
}
SUBMITS: Mapping[str, Mapping[str, Value | None]] = {
    "imap": {},
    "ews": {"host": None, "port": None, "security": None, **KINDS["ews"]},
    "graph": {"host": None, "port": None, "security": None, "kind": "graph"},
}


def loaded(file: Path, *arguments: str) -> tuple[set[str], int, str]:
    """The packages that a command loads, as the interpreter tells them itself."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "mailwatch", "--config", str(file), *arguments],
        env=environment(file.parent),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    assert len(lines) > 100
    packages = {line.rpartition("|")[2].strip().partition(".")[0] for line in lines}
    assert "mailwatch" in packages
    return packages, done.returncode, done.stdout + done.stderr.rpartition("import time:")[2].partition("\n")[2]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("command", ["status", "report"])
def test_a_command_that_reads_the_ledger_loads_no_mail_library(kind: str, command: str, tmp_path: Path) -> None:
    file = settings_file(tmp_path, {USER: KINDS[kind]}, submit=SUBMITS.get(kind, {}), more=MICROSOFT + GOOGLE)
    packages, code, told = loaded(file, command)
    assert code == 0, told
    assert packages & HEAVY == set()
    assert "imapclient" not in packages


def test_a_cycle_over_imap_alone_loads_neither_exchangelib_nor_msal(tmp_path: Path) -> None:
    date = datetime.now(UTC).strftime("%d-%b-%Y %H:%M:%S +0000")
    header = f"From: bob@example.com\r\nTo: {USER}\r\nSubject: Hello\r\nMessage-ID: <a@x>\r\n\r\n"
    answer = f'* 1 FETCH (UID 1 INTERNALDATE "{date}" BODY[HEADER.FIELDS (FROM)]<0> {{{len(header)}}}\n{header})\n'
    script = {
        "EXAMINE": "* 1 EXISTS\n* OK [UIDVALIDITY 7] ok\n* OK [UIDNEXT 2] ok\n{tag} OK [READ-ONLY] done",
        "UID SEARCH": "* SEARCH 1\n{tag} OK done",
        "UID FETCH": f"{answer}{{tag}} OK done".replace("\r\n", "\n"),
    }
    with scripted(script) as imap, ScriptedSmtp() as smtp:
        door: Mapping[str, Value] = {
            "host": "127.0.0.1",
            "port": imap.port,
            "security": "plain",
            "password": "x",
        }
        file = settings_file(tmp_path, {USER: door}, smtp_port=smtp.port)
        packages, code, told = loaded(file, "run", "--once")
        assert code == 0, told
        assert any(line.startswith("UID FETCH") for line in imap.commands)
    assert packages & (HEAVY - {"holidays"}) == set()
    assert "imapclient" in packages


@pytest.mark.parametrize(
    ("library", "door"),
    [
        ("exchangelib", {**KINDS["ews"], "endpoint": "http://127.0.0.1:1/EWS/Exchange.asmx"}),
        ("msal", {"kind": "graph", "endpoint": "http://127.0.0.1:1/v1.0"}),
    ],
)
def test_a_mailbox_of_their_kind_loads_them(library: str, door: Mapping[str, Value | None], tmp_path: Path) -> None:
    file = settings_file(tmp_path, {USER: door}, more=MICROSOFT + 'authority = "https://127.0.0.1:1"\n')
    packages, code, _ = loaded(file, "run", "--once")
    assert code == 1
    assert library in packages
