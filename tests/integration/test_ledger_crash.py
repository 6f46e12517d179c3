"""A program that writes the ledger is killed at each of its steps; what it had committed must be there, and no more.

Run as a program, this file is the one that is killed: at the step whose number it is given, a step being a statement
sent to the database or a line of its own progress.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, event

from mailwatch.adapters.ledger import SqlLedger
from mailwatch.domain.message import Headers, Message, SetAside
from mailwatch.ports import OutboxMail, OutboxState

USER = "ann@example.com"
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BATCHES, SIZE = 3, 20
MAIL = OutboxMail(USER, "reminder", "mon", "m@example.com", b"Hello", NOW, {1: "r1"}, {"r1": 1})


def batch(number: int) -> list[Message]:
    return [
        Message(Headers(f"{number}:{n}", NOW + timedelta(minutes=n), message_id=f"{number}.{n}@example.com"))
        for n in range(SIZE)
    ]


def write(ledger: SqlLedger, progress) -> None:
    for number in range(1, BATCHES + 1):
        since, bad = str(number - 1) if number > 1 else None, [SetAside(str(number), "bad")]
        ledger.record(USER, "INBOX", str(number), batch(number), bad, NOW, since=since, counted=SIZE)
        progress(f"recorded {number}")
    ledger.enqueue(MAIL)
    progress("queued")
    ledger.update_outbox(replace(MAIL, state=OutboxState.SENDING, attempts=1, sending_since=NOW), MAIL)
    progress("sending")


def run_and_die(folder: str) -> None:
    """For each step in turn: a child that dies there. Prints a line of progress a child; ends when one lives."""
    step = 0
    while True:
        step += 1
        path = f"{folder}/{step}.db"
        log = f"{folder}/{step}.log"
        child = os.fork()
        if child == 0:
            _live(path, log, step)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            print(step, os.waitstatus_to_exitcode(status))  # noqa: T201
            return


def _live(path: str, log: str, last: int) -> None:
    count = 0

    def step(*_: object, **__: object) -> None:
        nonlocal count
        count += 1
        if count == last:
            os.kill(os.getpid(), signal.SIGKILL)

    def progress(line: str) -> None:
        with open(log, "a", encoding="ascii") as file:
            file.write(line + "\n")
        step()

    event.listen(Engine, "before_cursor_execute", step)
    event.listen(Engine, "commit", step)
    write(SqlLedger.open(f"sqlite:///{path}"), progress)


def test_a_ledger_whose_writer_was_killed_holds_what_was_committed_and_no_more(tmp_path):
    done = subprocess.run(
        [sys.executable, __file__, str(tmp_path)], capture_output=True, text=True, check=True, timeout=100
    )
    steps, code = map(int, done.stdout.split())
    assert code == 0
    assert steps > 30  # All of creating, three batches, the mail and its state were cut somewhere.
    states = set()
    for step in range(1, steps + 1):
        states.add(what_is_left(tmp_path, step))
    assert {state for state, _ in states} == {None, "1", "2", "3"}
    assert {mail for _, mail in states} == {None, OutboxState.QUEUED, OutboxState.SENDING}


def what_is_left(folder: Path, step: int) -> tuple[str | None, OutboxState | None]:
    """Opens what a killed writer left and checks that it hangs together."""
    path, log = folder / f"{step}.db", folder / f"{step}.log"
    said = log.read_text(encoding="ascii").split("\n") if log.exists() else []
    ledger = SqlLedger.open(f"sqlite:///{path}")
    state = ledger.sync_states(USER, ["INBOX"]).get("INBOX")
    batches = int(state or 0)
    told = sum(line.startswith("recorded") for line in said)
    assert told <= batches <= told + 1
    assert [report.messages for report in ledger.reports()] == ([batches * SIZE] if batches else [])
    assert {m.headers.provider_id for m in ledger.untriaged(USER)} == {
        m.headers.provider_id for number in range(1, batches + 1) for m in batch(number)
    }
    assert len(ledger.set_aside(USER)) == batches
    mails = ledger.outbox(USER)
    if "queued" in said:
        assert [(mail.message, dict(mail.items), dict(mail.steps)) for mail in mails] == [
            (b"Hello", {1: "r1"}, {"r1": 1})
        ]
    if "sending" in said:
        assert mails[0].state is OutboxState.SENDING
    # Whoever comes next goes on where the dead one ended, and the result is as if nobody had died.
    write(ledger, lambda line: None)
    assert len(ledger.untriaged(USER)) == BATCHES * SIZE
    assert len(ledger.outbox(USER)) == 1
    ledger.close()
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    return state, mails[0].state if mails else None


if __name__ == "__main__":
    run_and_die(sys.argv[1])
