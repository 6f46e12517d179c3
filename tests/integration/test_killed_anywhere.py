"""SIGKILL before any durable step of a cycle that sends a reminder, then a restart: exactly one reminder arrives."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from imapclient import IMAPClient

from mailwatch.adapters.embedded import EmbeddedServer
from mailwatch.adapters.embedded_smtp import Fault

SCRIPT = Path(__file__).with_name("killed_cycle.py")
SLOT = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)  # A Tuesday, so that no weekly summary is due.
ASKED = datetime(2026, 3, 9, 9, 30, tzinfo=UTC)
REQUEST = b"""\
From: Dana Fox <dana@example.com>\r
To: Ann Smith <ann@example.com>\r
Subject: Figures for the board\r
Date: Mon, 09 Mar 2026 09:30:00 +0000\r
Message-ID: <figures@mail.example.com>\r
Content-Type: text/plain; charset=utf-8\r
\r
Hi Ann,\r
\r
could you please send me the sales figures for the board?\r
\r
Dana\r
"""
SETTINGS = """\
[mailwatch]
zone = "UTC"
ledger = "sqlite:///{ledger}"
[coworkers]
domains = ["example.com"]
[submit]
host = "127.0.0.1"
port = {smtp}
security = "plain"
from = "mailwatch@example.com"
[[users]]
address = "ann@example.com"
name = "Ann Smith"
[users.mailbox]
host = "127.0.0.1"
port = {imap}
security = "plain"
password = "secret"
"""


class Office:
    """A mail server with one waiting request, and a ledger that has seen it before the slot."""

    def __init__(self, server: EmbeddedServer, folder: Path) -> None:
        self.server, self.folder = server, folder
        self.prepared = folder / "prepared"
        self.prepared.mkdir()
        self.ledger = folder / "work" / "ledger.db"
        self.settings = folder / "mailwatch.toml"
        self.settings.write_text(SETTINGS.format(ledger=self.ledger, smtp=server.smtp_port, imap=server.imap_port))
        self.settings.chmod(0o600)
        server.append("ann@example.com", "INBOX", REQUEST, ASKED)
        self.ledger.parent.mkdir()
        assert self.cycle(SLOT - timedelta(hours=1)).returncode == 0
        for file in self.ledger.parent.iterdir():
            shutil.copy(file, self.prepared / file.name)

    def start_over(self) -> None:
        """The ledger as it was before the slot, and no mail of ours in the inbox."""
        shutil.rmtree(self.ledger.parent)
        shutil.copytree(self.prepared, self.ledger.parent)
        with self.inbox(readonly=False) as client:
            ours = client.search(["HEADER", "X-Mailwatch", "reminder"])
            if ours:
                client.delete_messages(ours)
                client.expunge()

    def cycle(self, moment: datetime, kill_before: int = 0) -> subprocess.CompletedProcess[str]:
        """One cycle in a process of its own."""
        command = [sys.executable, str(SCRIPT), str(self.settings), moment.isoformat(), str(kill_before)]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    def reminders(self) -> int:
        """How many reminders the inbox holds."""
        with self.inbox() as client:
            return len(client.search(["HEADER", "X-Mailwatch", "reminder"]))

    def inbox(self, *, readonly: bool = True) -> IMAPClient:
        """A client that has the inbox open."""
        client = IMAPClient("127.0.0.1", self.server.imap_port, ssl=False, timeout=10)
        client.login("ann@example.com", "secret")
        client.select_folder("INBOX", readonly=readonly)
        return client


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with EmbeddedServer({"ann@example.com": "secret"}, now=lambda: SLOT) as server:
        yield Office(server, tmp_path_factory.mktemp("killed"))


@pytest.mark.timeout(600)
def test_a_kill_before_any_durable_step_leaves_exactly_one_reminder(office: Office) -> None:
    steps = 0
    while True:
        steps += 1
        office.start_over()
        killed = office.cycle(SLOT, steps)
        if killed.returncode == 0:
            break
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        for later in (timedelta(minutes=2), timedelta(minutes=20)):
            restarted = office.cycle(SLOT + later)
            assert restarted.returncode == 0, restarted.stderr
        assert office.reminders() == 1, f"killed before step {steps}"
    assert office.reminders() == 1
    # The run that was not killed counts every step and the end, so each step before it had its kill.
    assert int(killed.stdout) == steps - 1
    assert steps > 10, "a cycle that sends a mail has more durable steps than that; is the count broken?"


def test_a_lost_reply_to_the_final_dot_leaves_exactly_one_reminder(office: Office) -> None:
    office.start_over()
    office.server.faults.append(Fault.LOSE_REPLY)
    for later in (0, 2, 20, 60):
        assert office.cycle(SLOT + timedelta(minutes=later)).returncode == 0
    assert office.reminders() == 1


def test_a_connection_that_drops_after_the_final_dot_loses_no_reminder(office: Office) -> None:
    office.start_over()
    office.server.faults.append(Fault.DROP)
    for later in (0, 2, 20, 60):
        assert office.cycle(SLOT + timedelta(minutes=later)).returncode == 0
    assert office.reminders() == 1


def test_a_refusal_for_now_is_tried_again_and_sent_once(office: Office) -> None:
    office.start_over()
    office.server.faults.extend([Fault.GREYLIST, Fault.GREYLIST])
    for later in (0, 2, 20, 60):
        assert office.cycle(SLOT + timedelta(minutes=later)).returncode == 0
    assert office.reminders() == 1
