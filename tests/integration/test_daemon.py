"""The daemon: a mailbox that hangs delays no other, failures back off, and it ends when it is told to."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from mailwatch.adapters.ledger import SqlLedger
from mailwatch.domain.letters import Unreadable, Welcome
from mailwatch.domain.message import Headers, Mailbox, Role, SetAside, Text
from mailwatch.domain.people import Address, Directory, User
from mailwatch.domain.policy import Policy
from mailwatch.domain.reminder import Reminder
from mailwatch.domain.summary import WeeklySummary
from mailwatch.domain.workcalendar import WorkCalendar
from mailwatch.errors import BackOff, LoginRefused, ProviderError, TokenRefused, Unreachable
from mailwatch.ports import Changes, Notice, RenderedMail
from mailwatch.runtime import patience, systemd, worker
from mailwatch.runtime.cycle import Watch
from mailwatch.runtime.once import run_once
from mailwatch.runtime.worker import Daemon
from mailwatch.services.compose import Desk

NOW = datetime(2026, 3, 9, 11, 0, tzinfo=UTC)
LONG = 20.0  # Seconds after which a test has failed; nothing waits that long when all is well.


class Still:
    """A clock that stands."""

    def now(self) -> datetime:
        return NOW


class Nothing:
    """A renderer and a submitter that are never asked in these tests."""

    def reminder(self, reminder: Reminder) -> RenderedMail:
        raise AssertionError("no reminder is due")

    def weekly_summary(self, summary: WeeklySummary) -> RenderedMail:
        raise AssertionError("no summary is due")

    def welcome(self, welcome: Welcome) -> RenderedMail:
        raise AssertionError("no welcome is due")

    def unreadable(self, unreadable: Unreadable) -> RenderedMail:
        return RenderedMail("cannot be read", "cannot be read", "<p>cannot be read</p>")

    def submit(self, sender: str, recipient: str, message: bytes) -> None:
        assert b"X-Mailwatch: unreadable" in message, "nothing else is to be sent"


class Box:
    """A provider of one empty mailbox; `poll` is what a poll does, and `polls` counts them."""

    def __init__(self, poll: Callable[[int], None] = lambda n: None, notice: Notice | None = None) -> None:
        self._poll, self._notice = poll, notice
        self.polls = 0
        self.polled = threading.Condition()
        self.closed = threading.Event()

    def mailboxes(self) -> Sequence[Mailbox]:
        with self.polled:
            self.polls += 1
            self.polled.notify_all()
        self._poll(self.polls)
        return [Mailbox("INBOX", Role.INBOX, "INBOX")]

    def changes(self, mailbox: Mailbox, since: str | None, oldest: datetime) -> Changes:
        return Changes((), "state")

    def headers(self, mailbox: Mailbox, ids: Sequence[str]) -> Iterable[Headers | SetAside]:
        return ()

    def texts(self, mailbox: Mailbox, ids: Sequence[str]) -> Iterable[Text | SetAside]:
        return ()

    def holds(self, message_id: str) -> bool:
        return False

    def notice(self, now: datetime) -> Notice | None:
        return self._notice

    def close(self) -> None:
        self.closed.set()

    def wait_for(self, polls: int) -> None:
        with self.polled:
            assert self.polled.wait_for(lambda: self.polls >= polls, LONG), f"only {self.polls} polls"


def watch(box: Box, user: str) -> Watch:
    nothing = Nothing()
    return Watch(
        policy=Policy(User(Address(user)), WorkCalendar(ZoneInfo("UTC"))),
        directory=Directory(),
        provider=box,
        submitter=nothing,
        desk=Desk(nothing, Address("mailwatch@example.com")),
        look_back=timedelta(days=30),
        settle=timedelta(minutes=15),
    )


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[SqlLedger]:
    opened = SqlLedger.open(f"sqlite:///{tmp_path}/ledger.db")
    yield opened
    opened.close()


@contextmanager
def running(boxes: Sequence[Box], ledger: SqlLedger, *, poll: float, threads: int = 2) -> Iterator[Daemon]:
    watches = [watch(box, f"user{n}@example.com") for n, box in enumerate(boxes)]
    daemon = Daemon(watches, ledger, Still(), poll=timedelta(seconds=poll), threads=threads)
    thread = threading.Thread(target=daemon.run, daemon=True)
    thread.start()
    try:
        yield daemon
    finally:
        daemon.stop()
        thread.join(LONG)
        assert not thread.is_alive(), "the daemon did not end"


def test_mailboxes_that_hang_delay_no_other(ledger: SqlLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "PATIENCE_AT_THE_END", 0.05)
    never = threading.Event()
    monkeypatch.setattr(worker, "SLOW", 0.05)
    # More hang than there are places for quick ones.
    hanging = [Box(lambda n: never.wait() and None if n > 1 else None) for _ in range(4)]
    quick = Box()
    with running([*hanging, quick], ledger, poll=0.01, threads=2):
        for box in hanging:
            box.wait_for(1)
        quick.wait_for(5)
        ahead = quick.polls
        quick.wait_for(ahead + 5)
    never.set()


def test_a_mailbox_that_hangs_from_its_first_poll_delays_no_other(
    ledger: SqlLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "PATIENCE_AT_THE_END", 0.05)
    monkeypatch.setattr(worker, "SLOW", 0.05)
    never = threading.Event()
    quick = Box()
    late = Box(lambda n: never.wait() and None)
    with running([late, quick], ledger, poll=0.01, threads=1):
        quick.wait_for(1)
        late.wait_for(1)
        quick.wait_for(10)
    never.set()


def test_the_daemon_ends_though_a_mailbox_hangs(ledger: SqlLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "PATIENCE_AT_THE_END", 3.0)
    never = threading.Event()
    box, idle = Box(lambda n: never.wait() and None), Box()
    with running([box, idle], ledger, poll=60):
        box.wait_for(1)
        idle.wait_for(1)
    assert idle.closed.is_set()
    never.set()


def test_a_fault_of_ours_in_one_mailbox_ends_no_other_watch_and_shows_in_status(ledger: SqlLedger) -> None:
    def stumble(n: int) -> None:
        raise ZeroDivisionError("a fault of ours")

    broken, fine = Box(stumble), Box()
    with running([broken, fine], ledger, poll=0.01):
        fine.wait_for(5)
        broken.wait_for(1)
    errors = {report.user: report.error for report in ledger.reports()}
    assert "a fault of ours" in (errors["user0@example.com"] or "")
    assert errors["user1@example.com"] is None


def test_a_notice_wakes_the_mailbox_before_its_next_poll(ledger: SqlLedger) -> None:
    ours, theirs = socket.socketpair()

    class Bell:
        renew_at = NOW + timedelta(minutes=9)

        def fileno(self) -> int:
            return ours.fileno()

        def changed(self) -> bool:
            return bool(ours.recv(100))

        def close(self) -> None:
            pass

    box = Box(notice=Bell())
    with running([box], ledger, poll=3600):
        box.wait_for(1)
        theirs.send(b"* 5 EXISTS")
        box.wait_for(2)
    ours.close()
    theirs.close()


def test_a_mailbox_whose_login_is_refused_three_times_is_left_alone(
    ledger: SqlLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "LONGEST", 0.0)
    monkeypatch.setattr(patience, "SPREAD", 0.0)

    def refuse(n: int) -> None:
        raise LoginRefused("imap.example.com refused the password of user0")

    box, other = Box(refuse), Box()
    with running([box, other], ledger, poll=0.01):
        box.wait_for(3)
        other.wait_for(other.polls + 20)
    assert box.polls == 3
    assert next(r for r in ledger.reports() if r.user == "user0@example.com").login_refusals == 3


def test_a_refused_login_after_other_failures_is_tried_again(
    ledger: SqlLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "LONGEST", 0.0)
    monkeypatch.setattr(patience, "SPREAD", 0.0)

    def fail(n: int) -> None:
        if n != 4:
            raise LoginRefused("no") if n % 3 == 0 else Unreachable("gone")

    box, other = Box(fail), Box()
    with running([box, other], ledger, poll=0.01):
        box.wait_for(12)
        other.wait_for(other.polls + 20)
    assert box.polls == 12  # The success after the first refusal leaves three others to come: 6, 9, 12.


def test_a_notice_that_cannot_be_had_leaves_the_poll_as_it_is(ledger: SqlLedger) -> None:
    class Deaf(Box):
        def notice(self, now: datetime) -> Notice | None:
            raise ProviderError("imap.example.com refuses IDLE")

    box = Deaf()
    with running([box], ledger, poll=0.01):
        box.wait_for(10)
    assert [report.error for report in ledger.reports()] == [None]


def test_a_server_that_ends_every_wait_is_not_polled_without_a_pause(ledger: SqlLedger) -> None:
    ours, theirs = socket.socketpair()
    theirs.close()
    ended = threading.Event()

    class Gone:
        renew_at = NOW + timedelta(minutes=9)

        def fileno(self) -> int:
            return ours.fileno()

        def changed(self) -> bool:
            ended.set()
            raise ProviderError("imap.example.com ended the wait")

        def close(self) -> None:
            pass

    box, other = Box(notice=Gone()), Box()
    with running([box, other], ledger, poll=3600) as daemon:
        assert ended.wait(LONG)
        box.wait_for(1)
        daemon.stop()
    assert box.polls == 1
    ours.close()


def test_a_token_that_is_refused_is_told_once_for_all_mailboxes_and_asked_for_again(
    ledger: SqlLedger, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(patience, "LONGEST", 0.0)
    monkeypatch.setattr(patience, "SPREAD", 0.0)
    refused = [True]

    def refuse(n: int) -> None:
        if refused[0]:
            raise TokenRefused("Microsoft refused a token for the app: it has expired.")

    boxes = [Box(refuse), Box(refuse)]
    with running(boxes, ledger, poll=0.01):
        for box in boxes:
            box.wait_for(5)
        refused[0] = False
        for box in boxes:
            box.wait_for(box.polls + 2)
    told = [record.message for record in caplog.records if "refused a token" in record.message]
    assert [words.partition(": ")[2] for words in told] == ["Microsoft refused a token for the app: it has expired."]
    assert [report.error for report in ledger.reports()] == [None, None]


def test_the_wait_after_failures_grows_and_obeys_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    assert patience.wait_after(Unreachable("gone"), 1, 0) != patience.wait_after(Unreachable("gone"), 1, 0)
    monkeypatch.setattr(patience, "SPREAD", 0.0)
    waits = [patience.wait_after(Unreachable("gone"), n, 0) for n in (1, 3, 6, 20, 100_000)]
    assert all(wait is not None for wait in waits)
    seconds = [wait.total_seconds() for wait in waits if wait]
    assert seconds == sorted(seconds)
    assert seconds[-1] == 1800
    told = patience.wait_after(BackOff("busy", seconds=7200), 1, 0)
    assert told is not None
    assert told >= timedelta(hours=2)
    assert patience.wait_after(LoginRefused("no"), 3, 3) is None
    assert patience.wait_after(LoginRefused("no"), 7, 2) is not None
    assert patience.wait_after(Unreachable("gone"), 7, 3) is not None


def test_once_tells_of_every_mailbox_and_counts_the_failed(ledger: SqlLedger) -> None:
    def fail(n: int) -> None:
        raise Unreachable("imap.example.com cannot be reached")

    told: list[tuple[str, str]] = []
    watches = [watch(Box(fail), "ann@example.com"), watch(Box(), "bob@example.com")]
    failed = run_once(watches, ledger, Still(), lambda w, error: told.append((w.user, str(error or ""))))
    assert failed == 1
    assert told == [("ann@example.com", "imap.example.com cannot be reached"), ("bob@example.com", "")]


def test_systemd_is_told_through_its_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        systemd.notify("READY=1", "STATUS=fine")
        assert manager.recv(100) == b"READY=1\nSTATUS=fine"
        # One that reads nothing holds nobody up: the kernel keeps a few hundred messages at most.
        for _ in range(2000):
            systemd.notify("WATCHDOG=1")
    systemd.notify("WATCHDOG=1")  # Nobody listens any more, and nothing is raised.
