"""What `status`, `doctor` and `erase` say of the service itself: whether it runs, reads and sends."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import sqlite3
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from program import COMMAND, PATIENCE, environment, imap_mailbox, sent_to, settings_file
from servers.scripted_imap import Conversation, scripted
from unit.test_cli import ANN, BOB, Ended, Mailwatch, mailwatch, settings, watched

from mailwatch.adapters.ledger import SqlLedger
from mailwatch.bootstrap.ledgers import ledger_file, only_one
from mailwatch.domain.wording import Wording
from mailwatch.errors import LedgerError
from mailwatch.ports import OutboxMail, OutboxState
from mailwatch.settings import load

__all__ = ["mailwatch", "settings", "watched"]  # Fixtures.

HOUR = timedelta(hours=1)


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def place(settings: Path) -> Path:
    found = ledger_file(load(settings, {}))
    assert found is not None
    return found


@pytest.fixture
def ledger(place: Path, watched: Mailwatch) -> Iterator[SqlLedger]:
    opened = SqlLedger.open(f"sqlite:///{place}")
    yield opened
    opened.close()


@contextmanager
def running(settings: Path) -> Iterator[None]:
    with only_one(load(settings, {})):
        yield


def set_back(place: Path, days: int) -> None:
    """As if the last poll was some days ago."""
    with sqlite3.connect(place) as connection:
        connection.execute(
            "UPDATE reports SET last_sync_at = datetime(last_sync_at, ?) || '.000000'", [f"-{days} days"]
        )
    connection.close()


def ann(ended: Ended) -> dict[str, object]:
    return next(user for user in ended.json["users"] if user["user"] == ANN)


def local(moment: datetime) -> str:
    """The moment in the words of `status`, on a machine whose zone is UTC."""
    return Wording(datetime.now(UTC), ZoneInfo("UTC")).moment(moment)


def put_aside(ledger: SqlLedger, period: str, at: datetime, state: OutboxState = OutboxState.SET_ASIDE) -> None:
    mail = OutboxMail(ANN, "reminder", period, f"{period}@x", b"x", at)
    ledger.enqueue(mail)
    ledger.update_outbox(replace(mail, state=state, error="550 no", attempts=1, sending_since=at), mail)


def test_a_service_that_reads_is_fine(watched: Mailwatch) -> None:
    assert watched("status", "--check").code == 0
    ended = watched("status", "--json")
    assert ended.json["running"] is False
    assert (ann(ended)["fine"], ann(ended)["alarms"]) == (True, [])
    assert watched("status", "--as-of", "2026-03-09").code == 0


def test_a_dead_daemon_shows(watched: Mailwatch, place: Path) -> None:
    set_back(place, 3)
    ended = watched("status", "--check")
    assert ended.code == 1
    assert "Nothing has been read since" in ended.out
    assert "mailwatch does not run: start it" in ended.out
    assert watched("status").code == 0
    assert ann(watched("status", "--json"))["fine"] is False
    told = watched("doctor")
    assert told.code == 1
    assert f"FAILED  reading {ANN}: Nothing has been read since" in told.out
    assert "ok      service: mailwatch does not run now" in told.out


def test_a_daemon_that_runs_and_reads_nothing_shows(watched: Mailwatch, place: Path, settings: Path) -> None:
    set_back(place, 3)
    with running(settings):
        ended = watched("status", "--check")
        assert ended.code == 1
        assert "mailwatch runs; its log says more" in ended.out
        assert watched("status", "--json").json["running"] is True
        assert "ok      service: mailwatch runs\n" in watched("doctor").out


def test_who_only_looks_whether_a_daemon_runs_keeps_none_from_starting(
    watched: Mailwatch, place: Path, settings: Path
) -> None:
    loaded, waits = load(settings, {}), []
    with place.with_name(place.name + ".lock").open() as looked_at:
        fcntl.flock(looked_at, fcntl.LOCK_SH)

        def wait(seconds: float) -> None:
            waits.append(seconds)
            if len(waits) == 3:
                fcntl.flock(looked_at, fcntl.LOCK_UN)

        with only_one(loaded, wait):
            assert len(waits) == 3


def test_a_daemon_that_keeps_the_ledger_for_a_second_refuses_another_one(settings: Path, watched: Mailwatch) -> None:
    waits: list[float] = []
    with running(settings):
        with (
            pytest.raises(LedgerError, match="another mailwatch runs on this ledger"),
            only_one(load(settings, {}), waits.append),
        ):
            pass
        assert sum(waits) == pytest.approx(1)


def test_a_user_whom_the_daemon_does_not_know_yet_shows(watched: Mailwatch, place: Path, settings: Path) -> None:
    with sqlite3.connect(place) as connection:
        connection.execute("DELETE FROM reports")
    connection.close()
    with running(settings):
        assert "it has the settings of its start" in watched("status").out
        assert watched("status", "--check").code == 1


def test_refused_logins_show_with_what_to_do(watched: Mailwatch, ledger: SqlLedger, now: datetime) -> None:
    for minutes in (3, 2):
        ledger.report_sync(ANN, now - timedelta(minutes=minutes), "refused the login", refused=True)
    assert watched("status", "--check").code == 0
    ledger.report_sync(ANN, now - timedelta(minutes=1), "refused the login", refused=True)
    ended = watched("status", "--check")
    assert ended.code == 1
    assert "The login was refused 3 times in a row." in ended.out
    assert "correct the password" in ended.out
    assert ann(watched("status", "--json"))["login_refusals"] == 3
    assert f"FAILED  reading {ANN}: last read today" in watched("doctor").out


def test_a_fault_that_lasts_is_one(watched: Mailwatch, ledger: SqlLedger, now: datetime) -> None:
    ledger.report_sync(ANN, now - timedelta(minutes=5), "no route")
    assert watched("status", "--check").code == 0
    ledger.report_sync(ANN, now, None)
    ledger.report_sync(ANN, now - 2 * HOUR, "no route")
    assert watched("status", "--check").code == 1


def test_a_mail_that_was_set_aside_shows_until_another_one_leaves(
    watched: Mailwatch, ledger: SqlLedger, now: datetime
) -> None:
    put_aside(ledger, "old", now - timedelta(days=8))
    assert "is not sent" not in watched("status").out
    put_aside(ledger, "new", now - 2 * HOUR)
    ended = watched("status", "--check")
    assert ended.code == 1
    assert ended.out.count("A mail of ours is not sent: 550 no") == 1
    put_aside(ledger, "later", now - HOUR, OutboxState.SENT)
    ended = watched("status", "--check")
    assert ended.code == 0
    assert "is not sent" not in ended.out
    assert ann(watched("status", "--json"))["not_sent"] == []


def test_a_check_says_what_is_wrong_and_nothing_of_what_anybody_was_asked(
    watched: Mailwatch, ledger: SqlLedger, now: datetime
) -> None:
    assert watched("status", "--check").out == "Every mailbox is read and every mail leaves.\n"
    ledger.report_sync(ANN, now - 2 * HOUR, "no route")
    ended = watched("status", "--check")
    assert ended.out.splitlines() == [f"{ANN}: Not read (since {local(now - 2 * HOUR)}): no route"]
    ended = watched("status", "--check", "--json")
    assert ended.code == 1
    assert "figures" not in ended.out
    assert not {"requests", "promises"} & set(json.loads(ended.out)["users"][0])


def test_a_full_disk_shows(watched: Mailwatch, monkeypatch: pytest.MonkeyPatch) -> None:
    assert watched("status", "--json").json["disk"] is None
    monkeypatch.setattr("mailwatch.bootstrap.running.LEAST_ROOM", 1 << 62)
    assert "MB left; make room, or nothing can be noted and no mail leaves." in watched("status").out
    assert "make room" in watched("status", "--json").json["disk"]
    ended = watched("status", "--check")
    assert ended.code == 1
    assert ended.out.startswith("The disk of /")
    assert "make room" not in watched("status", "--as-of", "2026-03-09").out


@pytest.mark.parametrize("other", [("--watch",), ("--as-of", "2026-03-09")])
def test_a_check_is_about_now(watched: Mailwatch, other: tuple[str, ...]) -> None:
    assert watched("status", "--check", *other).code == 2


def test_status_shows_the_worst_and_says_how_many_more_there_are(
    watched: Mailwatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mailwatch.cli.status.MOST", 1)
    ended = watched("status", "--user", ANN)
    assert "2 requests open" in ended.out
    assert ended.out.count("Dana Fox") < watched("status", "--user", ANN, "--all").out.count("Dana Fox")
    assert "1 more request not shown; --all shows everything." in ended.out
    assert "not shown" not in watched("status", "--user", ANN, "--all").out
    assert len(ann(watched("status", "--json"))["requests"]) == 2  # type: ignore[arg-type]


# ---------------------------------------------------------------- the ledger, as doctor sees it


@pytest.mark.parametrize("end", ["", "-wal", "-shm"])
def test_doctor_sees_a_ledger_that_others_can_read(watched: Mailwatch, place: Path, end: str) -> None:
    assert "ok      permissions: " in watched("doctor").out
    left = place.with_name(place.name + end)
    left.touch()
    left.chmod(0o644)
    checks = json.loads(watched("doctor", "--json").out)["checks"]
    (check,) = [each for each in checks if each["name"] == "permissions"]
    assert not check["ok"]
    assert f"others can read what mailwatch stores: {left} (mode 644); chmod 600 {left}" in check["found"]


def test_doctor_sees_a_damaged_ledger(watched: Mailwatch, place: Path) -> None:
    assert f"ok      ledger: sqlite:///{place}: whole, and can be written" in watched("doctor").out
    with place.open("r+b") as file:
        file.seek(8192)
        file.write(os.urandom(60_000))
    ended = watched("doctor")
    assert ended.code == 1
    assert "FAILED  ledger: the ledger" in ended.out
    assert "is damaged" in ended.out


def test_doctor_sees_a_full_disk(watched: Mailwatch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mailwatch.bootstrap.running.LEAST_ROOM", 1 << 62)
    assert "MB left; make room" in watched("doctor").out


# ---------------------------------------------------------------- erase beside a daemon


def test_somebody_whom_the_daemon_may_still_watch_is_not_erased(
    watched: Mailwatch, settings: Path, ledger: SqlLedger
) -> None:
    words = settings.read_text()
    with running(settings):
        time.sleep(0.02)
        settings.write_text(words[: words.rindex("[[users]]")])
        ended = watched("erase", BOB, "--yes")
        assert ended.code == 2
        assert "Restart it first" in ended.err
        assert list(ledger.export(BOB))
        assert "with settings from before" in watched("doctor").out
    time.sleep(0.02)
    with running(settings):
        assert watched("erase", BOB, "--yes").code == 0
    assert not list(ledger.export(BOB))


def test_somebody_whom_the_settings_watch_is_erased_with_a_warning(watched: Mailwatch, settings: Path) -> None:
    with running(settings):
        time.sleep(0.02)
        settings.write_text(settings.read_text() + "\n")
        ended = watched("erase", BOB, "--yes")
    assert ended.code == 0
    assert "The settings still watch" in ended.err


READING = [
    *[("status",), ("report",), ("preview", "reminder", "--user", ANN), ("export", ANN), ("erase", ANN, "--yes")],
    *[("done", "abc"), ("snooze", "abc"), ("doctor",)],
]


@pytest.mark.parametrize("command", READING, ids=lambda command: command[0])
def test_who_only_reads_makes_no_ledger_and_says_that_its_folder_is_not_there(
    mailwatch: Mailwatch, settings: Path, tmp_path: Path, command: tuple[str, ...]
) -> None:
    place = tmp_path / "mistyped" / "dir" / "ledger.db"
    settings.write_text(settings.read_text().replace(str(tmp_path / "ledger.db"), str(place)))
    ended = mailwatch("--config", settings, *command)
    assert ended.code == 1
    assert f"there is no ledger at {place}, nor its folder; correct the place" in ended.out + ended.err
    assert not (tmp_path / "mistyped").exists()


@pytest.mark.parametrize("usual", [True, False], ids=["at the usual place", "in a folder that is there"])
def test_before_the_first_run_nothing_was_read_and_nothing_is_made(
    mailwatch: Mailwatch, settings: Path, tmp_path: Path, usual: bool
) -> None:
    if usual:
        words = settings.read_text().splitlines()
        settings.write_text("\n".join(line for line in words if not line.startswith("ledger =")))
    before = set(tmp_path.rglob("*"))
    status = mailwatch("--config", settings, "status")
    assert status.code == 0, status.err
    assert "Nothing has been read yet" in status.out
    doctor = mailwatch("--config", settings, "doctor").out
    assert "ledger.db: not there yet; `mailwatch run` makes it" in doctor
    assert set(tmp_path.rglob("*")) == before


def test_doctor_says_that_a_ledger_could_not_be_made_in_its_folder(
    mailwatch: Mailwatch, settings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mailwatch.bootstrap.ledgers.os.access", lambda *_: False)  # Who is root may write anywhere.
    said = mailwatch("--config", settings, "doctor").out
    assert f"FAILED  ledger: the ledger {tmp_path / 'ledger.db'} cannot be made; give this user write access" in said


def test_doctor_tries_all_servers_at_the_same_time(mailwatch: Mailwatch, tmp_path: Path) -> None:
    both_are_there = threading.Barrier(2)

    def meet(talk: Conversation, _: str) -> None:
        both_are_there.wait(PATIENCE)
        talk.send(f"{talk.tag} OK welcome\n")

    with scripted({"LOGIN": meet}) as server:
        file = settings_file(tmp_path, {user: imap_mailbox(server.port, user) for user in (ANN, BOB)})
        said = mailwatch("--config", file, "doctor").out
    assert f"ok      mailbox {ANN}: inbox: INBOX, sent: Sent" in said
    assert f"ok      mailbox {BOB}: inbox: INBOX, sent: Sent" in said


def test_doctor_tries_a_silent_server_once_and_says_on_a_terminal_that_it_waits(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    with scripted({"LOGIN": lambda talk, _: None}) as server:
        more = "[write_back]\nenabled = true\n"
        file = settings_file(tmp_path, {ANN: imap_mailbox(server.port, ANN, timeout="2s")}, more=more)
        ended = subprocess.run(
            [*COMMAND, "--config", str(file), "doctor"],
            env=environment(tmp_path, {"NO_COLOR": "1"}),
            stdout=subprocess.PIPE,
            stderr=theirs,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        os.close(theirs)
        assert server.connections == 1
    assert f"wait    mailbox {ANN}: the server has not answered yet".encode() in sent_to(ours)
    os.close(ours)
    assert f"FAILED  mailbox {ANN}: 127.0.0.1:{server.port} did not answer in time" in ended.stdout
    assert f"FAILED  write-back {ANN}: on, but not tried, for the mailbox cannot be read" in ended.stdout
