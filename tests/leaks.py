"""A place where mailwatch runs and whatever it shows or leaves is searched for the secrets that lie about there."""

from __future__ import annotations

import subprocess
from base64 import b64encode
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psutil
from program import COMMAND, PATIENCE, Value, environment

from mailwatch.adapters.ledger import SqlLedger
from mailwatch.ports import OutboxMail

USER = "ann@example.com"


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
