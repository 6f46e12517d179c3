"""No password shows anywhere: not in output, logs, errors, the ledger's bytes, or the command line of the process."""

from __future__ import annotations

import subprocess
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest
from program import COMMAND, PATIENCE, Value, environment, imap_mailbox, needs_dovecot, settings_file
from servers.dovecot import PASSWORD, Dovecot
from servers.scripted_imap import Conversation, scripted
from servers.scripted_smtp import Do, ScriptedSmtp

from mailwatch.adapters.ledger import SqlLedger
from mailwatch.ports import OutboxMail

IMAP_WORD = PASSWORD
SMTP_WORD = "canary-of-submission-7f3a"
WRONG_WORD = 'canary "with\\ marks'
USER = "ann@example.com"
SOURCES = ("password", "password_file", "password_command", "password_env", "password_credential")
ONCE = ("-vv", "run", "--once")

pytestmark = needs_dovecot


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    dovecot = Dovecot()
    dovecot.client("ann").create("Sent")
    yield dovecot
    dovecot.close()


def forms(word: str, login: str) -> list[bytes]:
    """What a password looks like on its way: as it is, quoted for IMAP, and in base64 as AUTH LOGIN and PLAIN say."""
    encoded = (word, f"\0{login}\0{word}", f"{login}\0{login}\0{word}")
    in_base64 = [b64encode(one.encode()).rstrip(b"=") for one in encoded]
    return [word.encode(), word.replace("\\", "\\\\").replace('"', '\\"').encode(), *in_base64]


@dataclass
class Place:
    """A folder in which mailwatch runs, the secrets that lie about in it, and all that it has told so far."""

    folder: Path
    known: list[bytes] = field(default_factory=list)
    env: dict[str, str] = field(default_factory=dict)
    secrets: list[Path] = field(default_factory=list)

    def hide(self, source: str, name: str, word: str, login: str) -> dict[str, Value | None]:
        """Puts a password where a source takes it from; the keys that say so."""
        self.known += forms(word, login)
        file = self.folder / f"{name}.secret"
        file.touch(0o600)
        file.write_text(word + "\n")
        self.secrets.append(file)
        if source == "password":
            return {"password": word}
        if source == "password_env":
            self.env[f"SECRET_OF_{name.upper()}"] = word
            return {"password": None, source: f"SECRET_OF_{name.upper()}"}
        if source == "password_credential":
            self.env["CREDENTIALS_DIRECTORY"] = str(self.folder)
            return {"password": None, source: file.name}
        return {"password": None, source: str(file) if source == "password_file" else f"cat {file}"}

    def run(self, *arguments: str | Path) -> tuple[int, str]:
        """Runs a command and looks at all it shows, at its process table entries, and at what it leaves on disk."""
        seen: set[bytes] = set()
        out, err = self.folder / "out", self.folder / "err"
        with out.open("wb") as stdout, err.open("wb") as stderr:
            process = subprocess.Popen(
                [*COMMAND, *map(str, arguments)],
                stdout=stdout,
                stderr=stderr,
                env=environment(self.folder, self.env),
                cwd=self.folder,
            )
            for _ in range(int(PATIENCE * 100)):
                with suppress(psutil.Error):
                    own = psutil.Process(process.pid)
                    seen |= {"\0".join(p.cmdline()).encode() for p in (own, *own.children(recursive=True))}
                with suppress(subprocess.TimeoutExpired):
                    process.wait(0.01)
                    break
        assert any(b"mailwatch" in line for line in seen)
        told = {"process table": b"\n".join(seen)}
        for file in self.folder.rglob("*"):
            if file.is_file() and file not in self.secrets and file.name != "mailwatch.toml":
                told[file.name] = file.read_bytes()
        for where, words in told.items():
            for form in self.known:
                assert form not in words, f"{arguments}: {form!r} shows in {where}"
        assert process.returncode is not None
        return process.returncode, out.read_text() + err.read_text()

    def queue_a_mail(self) -> None:
        """Puts a mail into the outbox, so that a cycle logs in for submission."""
        raw = f"From: mailwatch@example.com\r\nTo: {USER}\r\nSubject: x\r\n\r\nHello\r\n".encode()
        ledger = SqlLedger.open(f"sqlite:///{self.folder}/ledger.db")
        ledger.enqueue(OutboxMail(USER, "weekly-summary", "2026-03-09", "x@example.com", raw, datetime.now(UTC)))
        ledger.close()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.mark.parametrize("source", SOURCES)
def test_a_password_shows_nowhere_wherever_it_comes_from(server: Dovecot, place: Place, source: str) -> None:
    mailbox = imap_mailbox(server.port, "ann", **place.hide(source, "imap", IMAP_WORD, "ann"))
    submit = {"user": "mailer", **place.hide(source, "smtp", SMTP_WORD, "mailer")}
    with ScriptedSmtp() as smtp:
        file = settings_file(place.folder, {USER: mailbox}, smtp_port=smtp.port, submit=submit)
        place.queue_a_mail()
        assert place.run("--config", file, *ONCE)[0] == 0
        assert any(line.startswith("AUTH ") for line in smtp.commands)
        assert len(smtp.messages) == 1


def test_no_command_shows_a_password(server: Dovecot, place: Place) -> None:
    mailbox = imap_mailbox(server.port, "ann", **place.hide("password", "imap", IMAP_WORD, "ann"))
    submit = {"user": "mailer", **place.hide("password", "smtp", SMTP_WORD, "mailer")}
    with ScriptedSmtp() as smtp:
        file = settings_file(place.folder, {USER: mailbox}, smtp_port=smtp.port, submit=submit)
        for command in (
            ONCE,
            ("-vv", "status"),
            ("-vv", "status", "--json"),
            ("-vv", "doctor"),
            ("-vv", "doctor", "--json"),
            ("-vv", "export", USER),
        ):
            assert place.run("--config", file, *command)[0] == 0


def test_a_wrong_password_shows_in_no_error(server: Dovecot, place: Place) -> None:
    mailbox = imap_mailbox(server.port, "ann", **place.hide("password", "imap", WRONG_WORD, "ann"))
    submit = {"user": "mailer", **place.hide("password", "smtp", SMTP_WORD, "mailer")}
    with ScriptedSmtp({"AUTH": Do("535 5.7.8 Wrong\r\n")}) as smtp:
        file = settings_file(place.folder, {USER: mailbox}, smtp_port=smtp.port, submit=submit)
        for command, code in ((ONCE, 1), (("-vv", "doctor"), 1), (("status", "--json"), 0)):
            ended, told = place.run("--config", file, *command)
            assert ended == code
            assert "refused the login of ann" in told


def test_servers_that_repeat_the_password_do_not_make_it_show(place: Place) -> None:
    def parrot(talk: Conversation, command: str) -> None:
        talk.send(f"{talk.tag} NO I do not know {command}\n")

    mailbox = place.hide("password_file", "imap", WRONG_WORD, "ann")
    submit = {"user": "mailer", **place.hide("password_file", "smtp", SMTP_WORD, "mailer")}
    repeated = b64encode(f"\0mailer\0{SMTP_WORD}".encode()).decode()
    with (
        scripted({"LOGIN": parrot}) as imap,
        ScriptedSmtp({"AUTH": Do(f"535 5.7.8 What is {SMTP_WORD} or {repeated}?\r\n")}) as smtp,
    ):
        file = settings_file(
            place.folder, {USER: imap_mailbox(imap.port, "ann", **mailbox)}, smtp_port=smtp.port, submit=submit
        )
        for command, code in ((ONCE, 1), (("-vv", "doctor"), 1), (("status", "--json"), 0)):
            ended, told = place.run("--config", file, *command)
            assert ended == code
            assert "refused the login of ann" in told


@pytest.mark.parametrize(
    "words",
    [
        "[[users]]\naddress = 'ann@example.com'\n[users.mailbox]\nhost = 'x'\npasword = '{}'\n",
        "[[users]]\naddress = 'ann@example.com'\n[users.mailbox]\nhost = 'x'\npassword = ['{}']\n",
        "[[users]]\naddress = 'ann@example.com'\nmailbox = '{}'\n",
        "[submit]\nport = '{}'\n",
        "[submit]\npassword = '{}'\npassword_env = '{}'\n",
        "[mailwatch]\nledger = 'postgres:secret={}@localhost'\n",
        "[submit]\npassword = '{}\n",
    ],
)
def test_a_password_in_the_wrong_place_of_the_settings_shows_in_no_error(place: Place, words: str) -> None:
    place.known = forms(SMTP_WORD, "ann")
    file = place.folder / "mailwatch.toml"
    file.write_text(words.replace("{}", SMTP_WORD))
    code, told = place.run("--config", file, "-vv", "status")
    assert code == 2
    assert "mailwatch.toml" in told


def test_the_ledgers_own_password_shows_in_no_error(place: Place, server: Dovecot) -> None:
    place.known = forms(SMTP_WORD, "ann")
    program: Mapping[str, Value | None] = {"ledger": f"postgresql://ann:{SMTP_WORD}@127.0.0.1:1/mailwatch"}
    file = settings_file(place.folder, {USER: imap_mailbox(server.port, "ann")}, program=program)
    for command, code in (("status", 1), ("doctor", 1)):
        ended, told = place.run("--config", file, "-vv", command)
        assert ended == code
        assert "ledger" in told
