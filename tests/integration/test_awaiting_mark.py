"""The mark in a real mailbox, by the whole cycle: it comes and goes with the request, and survives kills."""

from __future__ import annotations

import itertools
import logging
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from program import imap_mailbox, settings_file
from servers.dovecot import Dovecot, append, reason_to_skip, shared_server

from mailwatch import settings as settings_of
from mailwatch.adapters.imap_wire import Wire
from mailwatch.bootstrap.ledgers import open_ledger
from mailwatch.bootstrap.watches import watches
from mailwatch.cli.main import cli
from mailwatch.runtime.once import run_once
from mailwatch.testing import FrozenClock, mail

pytestmark = [
    pytest.mark.dovecot,
    pytest.mark.skipif(
        bool(reason_to_skip()) and os.environ.get("CI") != "true", reason=reason_to_skip() or "Dovecot is there"
    ),
]
SCRIPT = Path(__file__).with_name("killed_cycle.py")
ASKED = datetime(2026, 3, 9, 9, 30, tzinfo=UTC)
NOW = ASKED + timedelta(minutes=20)
KEYWORD = "awaiting_my_reply"
QUIET = "[reminders]\nenabled = false\n[summary]\nenabled = false\n[write_back]\nenabled = "
_users = itertools.count(1)


class Desk:
    """Ann's mailbox on Dovecot, and mailwatch as it is set up for it."""

    def __init__(self, server: Dovecot, folder: Path) -> None:
        self.user, self.server, self.folder = f"marked{next(_users)}", server, folder
        self.client = server.client(self.user)
        for name in ("Sent", "Archive"):
            self.client.create(name)
        self.ledger = folder / "work" / "ledger.db"
        self.ledger.parent.mkdir()
        self.settings = folder / "mailwatch.toml"
        self.clock = FrozenClock(NOW)
        self.turn("true")

    def turn(self, enabled: str) -> None:
        """Writes the settings with write-back on or off."""
        mailbox = imap_mailbox(self.server.port, self.user)
        ledger = {"ledger": f"sqlite:///{self.ledger}"}
        settings_file(self.folder, {"ann@example.com": mailbox}, program=ledger, more=f"{QUIET}{enabled}\n")

    def ask(self, number: int) -> None:
        """Bob asks Ann for something."""
        text = "Could you please send me the figures for the board?"
        words = {"subject": f"Figures {number}", "message_id": f"ask{number}@x", "sent_at": ASKED, "text": text}
        append(self.client, "INBOX", mail(sender="bob@example.com", to="ann@example.com", **words), ASKED)

    def answer(self, number: int) -> None:
        """Ann answers from another program."""
        words = {"subject": f"Re: Figures {number}", "in_reply_to": f"ask{number}@x", "message_id": f"re{number}@x"}
        reply = mail(sender="ann@example.com", to="bob@example.com", text="Here they are: 12, 14, 9.", **words)
        append(self.client, "Sent", reply, ASKED + timedelta(minutes=10), ("\\Seen",))

    def cycle(self, kill_before: int = 0) -> subprocess.CompletedProcess[str]:
        """One cycle in a process of its own."""
        command = [sys.executable, str(SCRIPT), str(self.settings), self.clock.now().isoformat(), str(kill_before)]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    def run(self, after: timedelta = timedelta(minutes=5)) -> list[Exception]:
        """One cycle in this process, some time after the one before; what was told."""
        self.clock.set(self.clock.now() + after)
        told: list[Exception] = []
        ledger = open_ledger(settings_of.load(self.settings, {}))
        try:
            run_once(
                watches(settings_of.load(self.settings, {}), self.clock.now()),
                ledger,
                self.clock,
                lambda _, error: told.append(error) if error else None,
            )
        finally:
            ledger.close()
        return told

    def flags(self, mailbox: str = "INBOX") -> dict[str, set[str]]:
        """What another program sees on each message, by its subject."""
        found = {}
        self.client.select(mailbox, readonly=True)
        for uid in self.client.uid("SEARCH", "ALL")[1][0].split():
            told = self.client.uid("FETCH", uid, "(FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])")[1]
            words = b" ".join(each if isinstance(each, bytes) else b" ".join(each) for each in told).decode()
            subject = re.findall(r"Subject: ([\w ]+)", words)[0]
            found[subject] = set(re.findall(r"FLAGS \(([^)]*)\)", words)[0].split()) - {"\\Recent"}
        self.client.close()
        return found

    def store(self, subject: str, flags: str) -> None:
        """Another program sets flags on a message."""
        self.client.select("INBOX")
        uid = self.client.uid("SEARCH", "SUBJECT", f'"{subject}"')[1][0]
        self.client.uid("STORE", uid, "+FLAGS", f"({flags})")
        self.client.close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(shared_server(), tmp_path)
    yield made
    made.client.logout()


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every line that goes to an IMAP server, from now on."""
    sent: list[str] = []
    send: Callable[[Wire, Any], None] = Wire.send

    def heard(self: Wire, data: Any) -> None:
        sent.append(self._shown(bytes(data)))
        send(self, data)

    monkeypatch.setattr(Wire, "send", heard)
    return sent


def test_the_mark_comes_with_the_request_and_goes_with_the_answer(desk: Desk) -> None:
    desk.ask(1)
    desk.ask(2)
    desk.store("Figures 2", "\\Seen \\Flagged Budget")
    assert desk.run() == []
    assert desk.flags() == {"Figures 1": {KEYWORD}, "Figures 2": {KEYWORD, "\\Seen", "\\Flagged", "Budget"}}
    desk.answer(2)
    assert desk.run() == []
    assert desk.flags() == {"Figures 1": {KEYWORD}, "Figures 2": {"\\Seen", "\\Flagged", "Budget"}}


def test_turned_off_not_one_command_is_sent_that_could_write(desk: Desk, lines: list[str]) -> None:
    desk.turn("false")
    desk.ask(1)
    for _ in range(2):
        assert desk.run() == []
    desk.answer(1)
    assert desk.run() == []
    reading = ("CAPABILITY", "LOGIN", "NAMESPACE", "LIST", "STATUS", "EXAMINE", "UID SEARCH", "UID FETCH")
    reading += ("IDLE", "DONE", "NOOP", "LOGOUT", "UNSELECT")
    assert lines
    assert [line for line in lines if not line.startswith(reading)] == []
    assert desk.flags() == {"Figures 1": set()}


def test_what_is_written_is_one_keyword_and_where_nothing_changes_nothing_is_sent(
    desk: Desk, lines: list[str]
) -> None:
    desk.ask(1)
    desk.run()
    assert [line for line in lines if "STORE" in line] == [f"UID STORE 1 +FLAGS.SILENT ({KEYWORD})"]
    assert sum(line.startswith("SELECT") for line in lines) == 1
    lines.clear()
    desk.run()
    assert sum(line.startswith("LOGIN") for line in lines) == 1, "the one of the reading connection"
    desk.answer(1)
    desk.run()
    assert [line for line in lines if "STORE" in line] == [f"UID STORE 1 -FLAGS.SILENT ({KEYWORD})"]


def test_turned_off_again_it_takes_its_marks_away_and_leaves_the_users_own(desk: Desk) -> None:
    desk.ask(1)
    desk.ask(2)
    desk.store("Figures 2", KEYWORD)
    desk.run()
    desk.turn("false")
    desk.run()
    assert desk.flags() == {"Figures 1": set(), "Figures 2": {KEYWORD}}


def test_a_mailbox_that_may_not_be_written_is_told_once_and_stops_nothing(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    desk.ask(1)
    inbox = desk.server.folder / "mail" / desk.user / "maildir"
    folders = (inbox / "cur", inbox / "new", inbox / "tmp", inbox)
    desk.flags()
    for folder in folders:
        folder.chmod(0o555)
    try:
        with caplog.at_level(logging.WARNING, "mailwatch"):
            for _ in range(5):
                assert desk.run() == []
    finally:
        for folder in folders:
            folder.chmod(0o755)
    told = [record.getMessage() for record in caplog.records if "not marked" in record.getMessage()]
    assert len(told) == 1
    assert "the mailbox INBOX for reading only" in told[0]
    status = CliRunner().invoke(cli, ["--config", str(desk.settings), "status"], catch_exceptions=False)
    assert "Not marked: 127.0.0.1" in status.output
    assert "Bob" in status.output or "bob@example.com" in status.output
    desk.run(timedelta(minutes=15))
    assert desk.flags() == {"Figures 1": {KEYWORD}}
    status = CliRunner().invoke(cli, ["--config", str(desk.settings), "--json", "status"], catch_exceptions=False)
    assert '"not_marked": []' in status.output


def test_erase_says_that_marks_would_stay_behind(desk: Desk) -> None:
    desk.ask(1)
    assert desk.run() == []
    assert desk.flags() == {"Figures 1": {KEYWORD}}
    command = ["--config", str(desk.settings), "erase", "ann@example.com"]
    asked = CliRunner().invoke(cli, command, input="n\n")
    assert "1 message in the mailbox bears a mark" in asked.output
    desk.turn("false")
    desk.run()
    erased = CliRunner().invoke(cli, [*command, "--yes"])
    assert "bear a mark" not in erased.output
    assert "are deleted" in erased.output


@pytest.mark.parametrize(("enabled", "said"), [("true", f"on: keyword {KEYWORD}"), ("false", "off: the mailbox")])
def test_doctor_says_whether_it_is_on_and_whether_the_mailbox_permits_it(
    enabled: str, said: str, desk: Desk, lines: list[str]
) -> None:
    desk.ask(1)
    desk.turn(enabled)
    done = CliRunner().invoke(cli, ["--config", str(desk.settings), "doctor"], catch_exceptions=False)
    assert f"write-back ann@example.com: {said}" in done.output
    assert not [line for line in lines if "STORE" in line]
    assert desk.flags() == {"Figures 1": set()}


@pytest.mark.timeout(600)
def test_a_kill_before_any_durable_step_loses_no_mark_and_leaves_none_behind(desk: Desk) -> None:
    desk.ask(1)
    desk.store("Figures 1", "Budget")
    assert desk.cycle().returncode == 0
    desk.answer(1)
    desk.ask(2)
    prepared = desk.folder / "prepared"
    shutil.copytree(desk.ledger.parent, prepared)
    steps = 0
    while True:
        steps += 1
        shutil.rmtree(desk.ledger.parent)
        shutil.copytree(prepared, desk.ledger.parent)
        desk.store("Figures 1", KEYWORD)
        desk.client.select("INBOX")
        desk.client.uid("STORE", "2", "-FLAGS", f"({KEYWORD})")
        desk.client.close()
        desk.clock.set(NOW)
        killed = desk.cycle(steps)
        if killed.returncode == 0:
            break
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        assert desk.run() == []
        assert desk.flags() == {"Figures 1": {"Budget"}, "Figures 2": {KEYWORD}}, f"killed before step {steps}"
        desk.turn("false")
        assert desk.run() == []
        assert desk.flags() == {"Figures 1": {"Budget"}, "Figures 2": set()}, f"killed before step {steps}"
        desk.turn("true")
    assert desk.flags() == {"Figures 1": {"Budget"}, "Figures 2": {KEYWORD}}
    # The run that was not killed counts every step and the end.
    assert int(killed.stdout) == steps - 1
    assert steps > 9, "two batches, their triage, and two marks have more durable steps than that"
