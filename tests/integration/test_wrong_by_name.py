"""What is wrong is told in a line that names it and says what to do, with the right exit code and no traceback."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from program import Value, imap_mailbox, json_of, mailwatch, needs_dovecot, settings_file
from servers.dovecot import PASSWORD, Dovecot, append, free_port
from servers.scripted_smtp import Do, ScriptedSmtp

from mailwatch.adapters.ledger import SqlLedger
from mailwatch.ports import OutboxMail
from mailwatch.testing import mail

ANN, BOB = "ann@example.com", "bob@example.com"
ONCE = ("run", "--once")
SEVERAL = "[mailwatch]\nledgre = 1\npoll = true\n[submit]\nport = 'x'\n"

pytestmark = needs_dovecot


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    dovecot = Dovecot(tls=True)
    for user in ("ann", "bob"):
        dovecot.client(user).create("Sent")
    yield dovecot
    dovecot.close()


@pytest.fixture
def settings(server: Dovecot, tmp_path: Path) -> Path:
    """A settings file that watches Ann, with nothing wrong in it."""
    return settings_file(tmp_path, {ANN: imap_mailbox(server.port, "ann")})


def said(done: subprocess.CompletedProcess[str], code: int, *words: str, lines: int = 1) -> None:
    """Checks how a command has ended and what it said on standard error."""
    assert done.returncode == code, done.stderr
    told = done.stderr.splitlines()
    assert len(told) == lines, done.stderr
    assert all(line.startswith("mailwatch: ") for line in told)
    assert "Traceback" not in done.stdout + done.stderr
    assert ".." not in done.stderr
    for word in words:
        assert word in done.stderr, done.stderr


# ---------------------------------------------------------------- the settings file


@pytest.mark.parametrize(
    ("text", "lines", "words"),
    [
        pytest.param("[mailwatch\n", 1, ["is not valid TOML", "line 1"], id="bad TOML"),
        pytest.param("mailwatch = 3\n", 1, ["mailwatch: a table is needed"], id="no table"),
        pytest.param(
            SEVERAL,
            3,
            ["mailwatch.ledgre", "did you mean 'ledger'", "mailwatch.poll", "90m", "submit.port"],
            id="three at once",
        ),
        pytest.param("[mailwatch]\nledger = 'ledger.db'\n", 1, ["mailwatch.ledger", "sqlite:///"], id="a plain path"),
        pytest.param("[mailwatch]\nzone = 'Mars'\n", 1, ['mailwatch.zone = "Mars"', "Europe/Berlin"], id="a zone"),
        pytest.param("[calendar]\nholidays = ['XX']\n", 1, ["calendar.holidays", "XX"], id="an unknown country"),
        pytest.param("", 1, ["watch nobody", "[[users]]"], id="nobody to watch"),
        pytest.param("\x00", 1, ["is not valid TOML"], id="NUL"),
    ],
)
def test_a_wrong_settings_file_is_named_with_every_wrong_key(
    tmp_path: Path, server: Dovecot, text: str, lines: int, words: list[str]
) -> None:
    file = tmp_path / "my.toml"
    if "holidays" in text:
        settings_file(tmp_path, {ANN: imap_mailbox(server.port, "ann")}, more=text).rename(file)
    else:
        file.write_text(text)
    done = mailwatch("--config", file, *ONCE, home=tmp_path)
    said(done, 2, *words, lines=lines)
    assert done.stderr.count(str(file)) == lines


def test_a_settings_file_in_another_encoding_is_told(tmp_path: Path) -> None:
    file = tmp_path / "my.toml"
    file.write_bytes(b"\xff\xfe[")
    said(mailwatch("--config", file, "status", home=tmp_path), 2, str(file), "UTF-8")


def test_a_missing_settings_file_is_told_with_how_to_make_one(tmp_path: Path) -> None:
    said(mailwatch("--config", "nowhere.toml", "status", home=tmp_path), 2, "nowhere.toml", "mailwatch init")
    said(mailwatch("status", home=tmp_path), 2, "~/.config/mailwatch/mailwatch.toml", "mailwatch init")


@pytest.mark.parametrize(
    ("mailbox", "words"),
    [
        ({"password": None}, ["users[1].mailbox", "a secret is missing"]),
        ({"password_env": "X"}, ["users[1].mailbox", "only one of password, password_env"]),
        ({"host": None}, ["users[1].mailbox", "host is missing"]),
        ({"host": "imap.example.com"}, [ANN, 'security = "plain"', "allow_plaintext"]),
        ({"kind": "pop3"}, ["users[1].mailbox.kind", "'imap'"]),
    ],
)
def test_a_mailbox_that_is_described_wrongly_is_named(
    server: Dovecot, tmp_path: Path, mailbox: Mapping[str, Value | None], words: list[str]
) -> None:
    file = settings_file(tmp_path, {ANN: {**imap_mailbox(server.port, "ann"), **mailbox}})
    said(mailwatch("--config", file, *ONCE, home=tmp_path), 2, str(file), *words)


def test_a_missing_submission_server_is_named(server: Dovecot, tmp_path: Path) -> None:
    file = settings_file(tmp_path, {ANN: imap_mailbox(server.port, "ann")}, submit={"host": None})
    said(mailwatch("--config", file, *ONCE, home=tmp_path), 2, str(file), "submit.host", "smtp.example.com")


# ---------------------------------------------------------------- the mailbox


def broken_mailboxes(server: Dovecot, folder: Path) -> dict[str, tuple[dict[str, Any], list[str]]]:
    """Mailboxes that cannot be read, each with what its error must name."""
    open_secret = folder / "open-secret"
    open_secret.write_text(PASSWORD)
    open_secret.chmod(0o644)
    nowhere = free_port()
    no_password: dict[str, Any] = {"password": None}
    return {
        "wrong password": ({"password": "wrong"}, [f"127.0.0.1:{server.port}", "of ann", "Check user and password"]),
        "closed port": ({"port": nowhere}, [f"127.0.0.1:{nowhere}", "refused", "Check host and port"]),
        "no such host": (
            {"host": "imap.invalid", "allow_plaintext": True},
            ["imap.invalid", "cannot be found", "Check the host"],
        ),
        "untrusted": (
            {"host": "localhost", "port": server.tls_port, "security": "tls"},
            [f"localhost:{server.tls_port}", "could not be verified", "ca_file"],
        ),
        "untrusted after STARTTLS": (
            {"host": "localhost", "security": "starttls"},
            [f"localhost:{server.port}", "could not be verified", "ca_file"],
        ),
        "another host's certificate": (
            {"port": server.tls_port, "security": "tls", "ca_file": str(server.ca_file)},
            [f"127.0.0.1:{server.tls_port}", "could not be verified", "Check the host"],
        ),
        "no certificates": (
            {"host": "localhost", "security": "starttls", "ca_file": "/nonexistent"},
            ["mailwatch.toml", "ca_file", "/nonexistent"],
        ),
        "TLS to a plain port": (
            {"host": "localhost", "security": "tls"},
            [f"localhost:{server.port}", "TLS", "Check port"],
        ),
        "no sent mailbox": (
            {"user": "carl"},
            [f"127.0.0.1:{server.port}", "no sent mailbox", "[users.mailbox.roles]", 'sent = "…"', "INBOX"],
        ),
        "open password file": (
            {"password_file": str(open_secret), **no_password},
            ["mailwatch.toml", "users.mailbox.password_file", f"chmod 600 {open_secret}"],
        ),
        "no password file": (
            {"password_file": "/nonexistent", **no_password},
            ["users.mailbox.password_file", "/nonexistent"],
        ),
        "failing command": (
            {"password_command": "false", **no_password},
            ["mailwatch.toml", "users.mailbox.password_command", "false", "exit code 1", "by hand"],
        ),
        "no such command": (
            {"password_command": "/nonexistent show", **no_password},
            ["users.mailbox.password_command", "/nonexistent", "No such file"],
        ),
        "unset variable": (
            {"password_env": "MAIL_SECRET", **no_password},
            ["mailwatch.toml", "users.mailbox.password_env", "MAIL_SECRET"],
        ),
        "no credentials": (
            {"password_credential": "ann", **no_password},
            ["users.mailbox.password_credential", "LoadCredential=ann:FILE"],
        ),
    }


BROKEN = (
    *("wrong password", "closed port", "no such host", "untrusted", "untrusted after STARTTLS"),
    *("another host's certificate", "no certificates", "TLS to a plain port", "no sent mailbox"),
    *("open password file", "no password file", "failing command", "no such command"),
    *("unset variable", "no credentials"),
)


def test_every_broken_mailbox_is_named_and_the_others_are_read(server: Dovecot, tmp_path: Path) -> None:
    """All in one program, so that each fault is told in its own line beside the others."""
    append(
        server.client("ann"),
        "INBOX",
        mail(sender="dana@example.com", to=ANN, text="Could you please send me the sales figures?"),
        datetime.now(UTC) - timedelta(hours=1),
    )
    broken = broken_mailboxes(server, tmp_path)
    assert set(broken) == set(BROKEN)
    mailboxes: dict[str, Mapping[str, Value | None]] = {}
    for number, name in enumerate(BROKEN):
        mailboxes[f"user{number}@example.com"] = {**imap_mailbox(server.port, "ann"), **broken[name][0]}
    mailboxes[ANN] = imap_mailbox(server.port, "ann")
    file = settings_file(tmp_path, mailboxes)
    done = mailwatch("--config", file, *ONCE, home=tmp_path)
    said(done, 1, lines=len(BROKEN))
    told = done.stderr.splitlines()
    users = json_of(mailwatch("--config", file, "status", "--json", home=tmp_path))["users"]
    for number, name in enumerate(BROKEN):
        user = f"user{number}@example.com"
        line = next(line for line in told if line.startswith(f"mailwatch: {user}: "))
        for word in broken[name][1]:
            assert word in line, f"{name}: {line}"
        shown = next(one for one in users if one["user"] == user)
        assert shown["error"], name
        assert shown["error"] in line
        assert shown["failing_since"], name
        assert not shown["requests"], name
    ann = next(one for one in users if one["user"] == ANN)
    assert ann["error"] is None
    assert ann["first_round_done"]
    assert [asked["from"] for asked in ann["requests"]] == ["dana@example.com"]
    plain = mailwatch("--config", file, "status", home=tmp_path).stdout
    assert plain.count("Not read") == len(BROKEN)


def test_doctor_says_of_a_broken_mailbox_what_run_says(server: Dovecot, tmp_path: Path) -> None:
    mailboxes = {ANN: imap_mailbox(server.port, "ann"), BOB: imap_mailbox(server.port, "bob", password="wrong")}
    file = settings_file(tmp_path, mailboxes, smtp_port=free_port())
    done = mailwatch("--config", file, "doctor", home=tmp_path)
    assert done.returncode == 1
    assert done.stderr == ""
    failed = [line for line in done.stdout.splitlines() if line.startswith("FAILED")]
    assert [line.split(": ")[0].split(None, 1)[1] for line in failed] == ["submission", f"mailbox {BOB}"]
    assert "refused the login of bob" in done.stdout
    assert f"mailbox {ANN}: inbox: INBOX, sent: Sent" in done.stdout


# ---------------------------------------------------------------- submission


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ({"RCPT": Do("550 5.7.1 Not you\r\n")}, ["refused the recipient", "Not you"]),
        ({"AUTH": Do("535 5.7.8 Wrong\r\n")}, ["refused the login of ann", "check user and password in [submit]"]),
    ],
)
def test_a_refused_submission_is_told_by_run_and_by_status(
    server: Dovecot, tmp_path: Path, script: dict[str, Do], words: list[str]
) -> None:
    with ScriptedSmtp(script) as smtp:
        file = settings_file(
            tmp_path,
            {ANN: imap_mailbox(server.port, "ann")},
            smtp_port=smtp.port,
            submit={"user": "ann", "password": "wrong"},
        )
        ledger = SqlLedger.open(f"sqlite:///{tmp_path}/ledger.db")
        raw = b"From: mailwatch@example.com\r\nTo: ann@example.com\r\nSubject: x\r\n\r\nHello\r\n"
        ledger.enqueue(OutboxMail(ANN, "weekly-summary", "2026-03-09", "x@y", raw, datetime.now(UTC)))
        ledger.close()
        done = mailwatch("--config", file, *ONCE, home=tmp_path)
    said(done, 1, ANN, "a mail of ours is not sent", f"127.0.0.1:{smtp.port}", *words)
    (shown,) = json_of(mailwatch("--config", file, "status", "--json", home=tmp_path))["users"]
    assert len(shown["not_sent"]) == 1
    assert words[0] in shown["not_sent"][0]


# ---------------------------------------------------------------- the ledger


def not_a_database(folder: Path) -> str:
    (folder / "words.db").write_text("These are words, and no database. " * 200)
    return str(folder / "words.db")


@pytest.mark.parametrize(
    ("place", "words"),
    [
        pytest.param(lambda folder: "/proc/ledger.db", ["/proc/ledger.db", "write access"], id="not writable"),
        pytest.param(lambda folder: str(folder), ["is a directory", "name another file"], id="a folder"),
        pytest.param(lambda folder: "/dev/null/x/ledger.db", ["/dev/null/x"], id="below a file"),
        pytest.param(not_a_database, ["words.db", "is not a database", "choose another file"], id="no database"),
    ],
)
def test_a_ledger_that_cannot_be_used_is_named(
    server: Dovecot, tmp_path: Path, place: Callable[[Path], str], words: list[str]
) -> None:
    file = settings_file(
        tmp_path, {ANN: imap_mailbox(server.port, "ann")}, program={"ledger": f"sqlite:///{place(tmp_path)}"}
    )
    said(mailwatch("--config", file, *ONCE, home=tmp_path), 1, "ledger", *words)


# ---------------------------------------------------------------- the command line


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("status", "--user", "eve@example.com"), ["eve@example.com", "they watch ann@example.com"]),
        (("status", "--as-of", "yesterday"), ["yesterday", "2026-03-09"]),
        (("done", "abc"), ["'abc'", "mailwatch status"]),
        (("snooze", "abc"), ["'abc'", "mailwatch status"]),
        (("explain", "nowhere.eml"), ["nowhere.eml"]),
        (("backtest", "nowhere", "--owner", ANN), ["nowhere"]),
        (("backtest", ".", "--owner", "eve@example.com"), ["eve@example.com", "they watch ann@example.com"]),
        (("backtest", ".", "--owner", ANN, "--zone", "UTC"), ["--zone", "--config"]),
        (("preview", "reminder", "--user", "eve@example.com"), ["eve@example.com"]),
        (("preview", "reminder", "--open"), ["--html"]),
        (("init", "--non-interactive"), ["mailwatch.toml", "--config"]),
    ],
)
def test_a_wrong_option_is_named(settings: Path, command: tuple[str, ...], words: list[str]) -> None:
    said(mailwatch("--config", settings, *command, home=settings.parent), 2, *words)


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("backtest", "."), ["--owner ADDRESS", "--config FILE"]),
        (("backtest", ".", "--owner", "ann"), ["--owner", "ann@example.com"]),
        (("backtest", ".", "--owner", ANN, "--zone", "Mars"), ["Mars", "Europe/Berlin"]),
        (("explain",), ["message.eml", "--jsonl"]),
    ],
)
def test_a_wrong_option_is_named_where_there_are_no_settings(
    tmp_path: Path, command: tuple[str, ...], words: list[str]
) -> None:
    said(mailwatch(*command, home=tmp_path), 2, *words)


@pytest.mark.parametrize("command", [("nix",), ("status", "--nix")])
def test_a_command_line_that_is_none_ends_with_two(settings: Path, command: tuple[str, ...]) -> None:
    done = mailwatch("--config", settings, *command, home=settings.parent)
    assert done.returncode == 2
    assert "Error: " in done.stderr
    assert "Traceback" not in done.stderr
