"""Runs mailwatch as a program of its own, on settings files that are made for a test."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from servers.dovecot import PASSWORD, reason_to_skip

COMMAND = (sys.executable, "-m", "mailwatch")
PATIENCE = 60.0  # Seconds after which a program hangs; nothing takes that long when all is well.

# A child's peak memory counts that of the process which started it, so a small one stands between.
_MEASURED = (
    "import resource, subprocess, sys; code = subprocess.run(sys.argv[2:]).returncode;"
    "peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss; open(sys.argv[1], 'w').write(str(peak));"
    "sys.exit(code)"
)

needs_dovecot = [
    pytest.mark.dovecot,
    pytest.mark.skipif(
        bool(reason_to_skip()) and os.environ.get("CI") != "true", reason=reason_to_skip() or "Dovecot is there"
    ),
]
"""For `pytestmark`: skips where there is no Dovecot, but for CI, where the test then fails."""

Value = str | int | bool | Sequence[str]


def environment(folder: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """What a program sees of the world: nothing of the settings and the zone of whoever runs the tests."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("MAILWATCH_", "NOTIFY_", "TZ"))}
    return {**kept, "HOME": str(folder), "TZ": "UTC", **(more or {})}


def mailwatch(
    *arguments: str | Path, home: Path, more: Mapping[str, str] | None = None, said: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs a command to its end; `more` goes into its environment, `said` to its standard input."""
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        env=environment(home, more),
        cwd=home,
        input=said,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def measured(*arguments: str | Path, home: Path) -> tuple[subprocess.CompletedProcess[str], int]:
    """Runs a command to its end; also its peak memory in bytes."""
    peak = home / "peak"
    done = subprocess.run(
        [sys.executable, "-c", _MEASURED, str(peak), *COMMAND, *map(str, arguments)],
        env=environment(home),
        cwd=home,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    return done, int(peak.read_text()) * 1024


def json_of(done: subprocess.CompletedProcess[str]) -> Any:
    """What a command printed as JSON; the test fails if it ended otherwise than well."""
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def table(name: str, values: Mapping[str, Value | None]) -> str:
    """A table of TOML; a value that is None is left out."""
    lines = [f"{key} = {json.dumps(value)}" for key, value in values.items() if value is not None]
    return "\n".join([f"[[{name}]]" if name == "users" else f"[{name}]", *lines, ""])


def imap_mailbox(port: int, login: str, /, **other: Value | None) -> dict[str, Value | None]:
    """The table [users.mailbox] for a server on loopback; a value of None takes a key out."""
    usual = {"host": "127.0.0.1", "port": port, "security": "plain", "user": login}
    return {**usual, **({} if "password_file" in other else {"password": PASSWORD}), **other}


def settings_file(
    folder: Path,
    mailboxes: Mapping[str, Mapping[str, Value | None]],
    *,
    smtp_port: int = 9,
    program: Mapping[str, Value | None] | None = None,
    submit: Mapping[str, Value | None] | None = None,
    more: str = "",
) -> Path:
    """Writes a settings file that watches one user for each mailbox, by address; all times are UTC.

    Nobody is welcomed, so that the mails that a test counts are those that it is about.
    """
    ledger = f"sqlite:///{folder}/ledger.db"
    smtp = {"host": "127.0.0.1", "port": smtp_port, "security": "plain", "from": "mailwatch@example.com"}
    parts = [
        table("mailwatch", {"zone": "UTC", "ledger": ledger, "welcome": False, **(program or {})}),
        table("coworkers", {"domains": ["example.com"]}),
        table("submit", {**smtp, **(submit or {})}),
        more,
    ]
    for address, mailbox in mailboxes.items():
        name = address.partition("@")[0].title() + " Smith"
        parts += [
            table("users", {"address": address, "name": name, "aliases": ["a." + address]}),
            table("users.mailbox", mailbox),
        ]
    file = folder / "mailwatch.toml"
    file.write_text("\n".join(parts))
    file.chmod(0o600)
    return file


def sent_to(terminal: int) -> bytes:
    """What a pseudo-terminal was sent; Linux ends it with an error once nobody writes any more."""
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""


class Running:
    """A `mailwatch run` that goes on in the background, with a service manager that listens to it."""

    def __init__(self, file: Path, *, home: Path) -> None:
        self._folder = tempfile.TemporaryDirectory()  # A path that is short enough for a socket.
        self._manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._manager.bind(f"{self._folder.name}/notify")
        self._manager.settimeout(PATIENCE)
        self._errors = (home / "run.err").open("w+")
        self.process = subprocess.Popen(
            [*COMMAND, "--config", str(file), "run"],
            env=environment(home, {"NOTIFY_SOCKET": f"{self._folder.name}/notify"}),
            cwd=home,
            stdout=subprocess.DEVNULL,
            stderr=self._errors,
        )

    def wait_for_word(self, word: str) -> None:
        """Waits until the program tells its service manager something."""
        while word not in self._manager.recv(4096).decode().splitlines():
            pass

    def terminate(self) -> tuple[int, float]:
        """Sends SIGTERM; the exit code and how many seconds the end took."""
        begin = time.monotonic()
        self.process.terminate()
        return self.process.wait(PATIENCE), time.monotonic() - begin

    def errors(self) -> str:
        """What the program said on standard error."""
        self._errors.seek(0)
        return self._errors.read()

    def close(self) -> None:
        """Ends what still runs."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._errors.close()
        self._manager.close()
        self._folder.cleanup()


def until(holds: Callable[[], bool], what: str) -> None:
    """Waits until something holds, looking again and again."""
    give_up = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < give_up, f"{what} did not come about within {PATIENCE:.0f} seconds"
        time.sleep(0.02)
