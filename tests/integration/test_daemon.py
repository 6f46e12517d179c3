"""The daemon: a mailbox that hangs delays no other, failures back off, and it ends when it is told to."""

from __future__ import annotations

import errno
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
from mailwatch.domain.loginwaits import wait_after_refusals
from mailwatch.domain.message import Headers, Mailbox, Role, SetAside, Text
from mailwatch.domain.people import Address, Directory, User
from mailwatch.domain.policy import Policy
from mailwatch.domain.reminder import Reminder
from mailwatch.domain.summary import WeeklySummary
from mailwatch.domain.workcalendar import WorkCalendar
from mailwatch.errors import BackOff, LedgerError, LoginRefused, ProviderError, TokenRefused, Unreachable
from mailwatch.ports import Changes, Clock, MailboxReport, Notice, RenderedMail
from mailwatch.runtime import patience, systemd, worker
from mailwatch.runtime.cycle import Watch
from mailwatch.runtime.once import run_once
from mailwatch.runtime.worker import Daemon
from mailwatch.services.compose import Desk
from mailwatch.testing import FrozenClock

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


def watch(box: Box, user: str, secret: Callable[[], str] | None = None) -> Watch:
    nothing = Nothing()
    return Watch(
        policy=Policy(User(Address(user)), WorkCalendar(ZoneInfo("UTC"))),
        directory=Directory(),
        provider=box,
        submitter=nothing,
        desk=Desk(nothing, Address("mailwatch@example.com")),
        look_back=timedelta(days=30),
        settle=timedelta(minutes=15),
        secret=secret,
    )


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[SqlLedger]:
    opened = SqlLedger.open(f"sqlite:///{tmp_path}/ledger.db")
    yield opened
    opened.close()


@contextmanager
def running(
    boxes: Sequence[Box],
    ledger: SqlLedger,
    *,
    poll: float,
    threads: int = 2,
    clock: Clock | None = None,
    secret: Callable[[], str] | None = None,
) -> Iterator[Daemon]:
    watches = [watch(box, f"user{n}@example.com", secret) for n, box in enumerate(boxes)]
    daemon = Daemon(watches, ledger, clock or Still(), poll=timedelta(seconds=poll), threads=threads)
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


def test_the_daemon_ends_though_servers_hang_over_the_goodbye(
    ledger: SqlLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "GOODBYE", 0.2)
    never = threading.Event()

    class Clinging(Box):
        def close(self) -> None:
            super().close()
            never.wait()

    boxes = [Clinging(), Clinging(), Box()]
    with running(boxes, ledger, poll=60):
        for box in boxes:
            box.wait_for(1)
    assert all(box.closed.is_set() for box in boxes)
    never.set()


def test_a_ledger_that_is_busy_does_not_hold_up_the_watch_when_a_poll_stalls(
    ledger: SqlLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "PATIENCE_AT_THE_END", 0.05)
    monkeypatch.setattr(worker, "STALLED", 0.05)
    never, asked = threading.Event(), threading.Event()

    def busy(*_: object, **__: object) -> None:
        asked.set()
        never.wait()

    hanging, quick = Box(lambda n: never.wait() and None), Box()
    report_sync = ledger.report_sync
    monkeypatch.setattr(
        ledger, "report_sync", lambda user, *a, **k: busy() if "user0" in user else report_sync(user, *a, **k)
    )
    with running([hanging, quick], ledger, poll=0.01):
        assert asked.wait(LONG)
        quick.wait_for(quick.polls + 5)
    never.set()


def test_a_notice_that_nothing_can_wait_for_leaves_the_poll_as_it_is(ledger: SqlLedger) -> None:
    class Closed:
        renew_at = NOW + timedelta(minutes=9)

        def fileno(self) -> int:
            return -1

        def changed(self) -> bool:
            raise AssertionError("nothing to read")

        def close(self) -> None:
            pass

    box = Box(notice=Closed())
    with running([box], ledger, poll=0.01):
        box.wait_for(5)


def test_a_machine_without_room_for_another_thread_puts_a_poll_off(
    ledger: SqlLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "HEARTBEAT", 0.01)
    refused, start = [3], threading.Thread.start

    def crowded(thread: threading.Thread) -> None:
        if "_work" in thread.name and refused[0]:
            refused[0] -= 1
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", crowded)
    box = Box()
    with running([box], ledger, poll=0.01):
        box.wait_for(3)
    assert refused == [0]


def test_what_the_check_raises_ends_the_daemon_in_order(ledger: SqlLedger) -> None:
    def check() -> None:
        if box.polls:
            raise LedgerError("the ledger was deleted")

    box = Box()
    daemon = Daemon(
        [watch(box, "ann@example.com")], ledger, Still(), poll=timedelta(seconds=1), threads=1, check=check
    )
    with pytest.raises(LedgerError):
        daemon.run()
    assert box.closed.is_set()


def test_the_daemon_ends_though_a_mailbox_hangs(ledger: SqlLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "PATIENCE_AT_THE_END", 3.0)
    never = threading.Event()
    box, idle = Box(lambda n: never.wait() and None), Box()
    with running([box, idle], ledger, poll=60):
        box.wait_for(1)
        idle.wait_for(1)
    assert idle.closed.is_set()
    never.set()


def test_a_fault_of_ours_in_one_mailbox_ends_no_other_watch_and_shows_in_status_and_log_without_words_of_mail(
    ledger: SqlLedger, caplog: pytest.LogCaptureFixture
) -> None:
    words = "The salary of Carol is 81000"

    def stumble(n: int) -> None:
        raise KeyError(words)

    broken, fine = Box(stumble), Box()
    with running([broken, fine], ledger, poll=0.01):
        fine.wait_for(5)
        broken.wait_for(1)
    errors = {report.user: report.error for report in ledger.reports()}
    assert "(KeyError in mailwatch/services/sync.py:" in (errors["user0@example.com"] or "")
    assert errors["user1@example.com"] is None
    assert "in stumble" in caplog.text
    assert "Carol" not in caplog.text + str(errors)


def test_a_fault_in_the_upkeep_of_a_day_does_not_end_that_of_the_next_days(
    ledger: SqlLedger, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    clock, words, pruned = FrozenClock(NOW), "The salary of Carol is 81000", threading.Event()

    def prune(before: datetime) -> int:
        if clock.now() == NOW:
            clock.set(NOW + timedelta(days=1))
            raise KeyError(words)
        pruned.set()
        return 0

    monkeypatch.setattr(worker, "UPKEEP_LOOK", 0.01)
    monkeypatch.setattr(ledger, "prune", prune)
    with running([], ledger, poll=60, clock=clock):
        assert pruned.wait(LONG)
    assert "upkeep: a fault of mailwatch itself (KeyError in mailwatch/runtime/upkeep.py:" in caplog.text
    assert "in prune" in caplog.text
    assert "Carol" not in caplog.text


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


def refuse(n: int) -> None:
    raise LoginRefused("imap.example.com refused the password of user0")


@pytest.fixture
def no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets a failure be followed by the next poll at once."""
    monkeypatch.setattr(patience, "LONGEST", 0.0)
    monkeypatch.setattr(patience, "SPREAD", 0.0)


@pytest.mark.usefixtures("no_waits")
def test_a_mailbox_whose_login_is_refused_is_left_alone_until_the_time_of_the_next_try(ledger: SqlLedger) -> None:
    clock = FrozenClock(NOW)
    box, other = Box(refuse), Box()
    with running([box, other], ledger, poll=0.01, clock=clock):
        tries = []
        for hours in (0, 0.2, 0.3, 1.2, 1.3, 7.2, 7.4, 13, 14, 19):
            clock.set(NOW + timedelta(hours=hours))
            other.wait_for(other.polls + 20)
            tries.append(box.polls)
    assert tries == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert next(r for r in ledger.reports() if r.user == "user0@example.com").login_refusals == 5


@pytest.mark.usefixtures("no_waits")
def test_a_mailbox_that_fails_asks_for_no_report_on_others(
    ledger: SqlLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str | None] = []
    reports = ledger.reports

    def watched(user: str | None = None) -> Sequence[MailboxReport]:
        asked.append(user)
        return reports(user)

    monkeypatch.setattr(ledger, "reports", watched)
    box = Box(refuse)
    with running([box, Box()], ledger, poll=0.01):
        box.wait_for(1)
    assert set(asked) == {"user0@example.com"}


@pytest.mark.usefixtures("no_waits")
def test_another_password_is_tried_at_the_next_poll(ledger: SqlLedger, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    word = ["wrong"]

    def check(n: int) -> None:
        if word[0] != "right":
            raise LoginRefused("imap.example.com refused the password of user0")

    box, other = Box(check), Box()
    with running([box, other], ledger, poll=0.01, secret=lambda: word[0]):
        other.wait_for(20)
        assert box.polls == 1
        word[0] = "wrong too"
        box.wait_for(2)
        other.wait_for(other.polls + 20)
        assert box.polls == 2
        word[0] = "right"
        box.wait_for(5)
    assert [report.error for report in ledger.reports()] == [None, None]
    assert "user0@example.com: read again after 2 failures" in caplog.messages
    assert len([words for words in caplog.messages if "once there is another password" in words]) == 2


@pytest.mark.usefixtures("no_waits")
def test_another_start_tries_a_refused_login_at_once(ledger: SqlLedger) -> None:
    for n in range(1, 3):
        box = Box(refuse)
        with running([box], ledger, poll=0.01):
            box.wait_for(1)
        assert box.polls == 1
        assert ledger.reports()[0].login_refusals == n


@pytest.mark.usefixtures("no_waits")
def test_other_failures_do_not_lengthen_the_wait_after_a_refused_login(ledger: SqlLedger) -> None:
    def fail(n: int) -> None:
        raise LoginRefused("no") if n == 3 else Unreachable("gone")

    clock = FrozenClock(NOW)
    box, other = Box(fail), Box()
    with running([box, other], ledger, poll=0.01, clock=clock):
        box.wait_for(3)
        other.wait_for(other.polls + 20)
        assert box.polls == 3
        clock.set(NOW + timedelta(minutes=16))
        box.wait_for(10)


def test_once_leaves_a_refused_login_alone_where_nobody_looks_on(ledger: SqlLedger) -> None:
    clock = FrozenClock(NOW)
    box, told = Box(refuse), []
    for minutes in range(0, 60, 5):
        clock.set(NOW + timedelta(minutes=minutes))
        assert run_once([watch(box, "ann@example.com")], ledger, clock, lambda _, error: told.append(str(error))) == 1
    assert box.polls == 2  # At once, and after a quarter of an hour.
    assert told[-1] == (
        "After 2 refused logins the next try is on 2026-03-09 at 12:15, or once there is another password. "
        "imap.example.com refused the password of user0"
    )
    run_once([watch(box, "ann@example.com")], ledger, clock, lambda *_: None, attended=True)
    assert box.polls == 3
    for hours in (4, 8):  # A clock that was ahead leaves no long wait behind.
        clock.set(NOW + timedelta(hours=hours) - timedelta(days=hours % 8 * 100))
        run_once([watch(box, "ann@example.com")], ledger, clock, lambda *_: None)
    assert box.polls == 5


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
    assert patience.wait_after(Unreachable("gone"), 1) != patience.wait_after(Unreachable("gone"), 1)
    monkeypatch.setattr(patience, "SPREAD", 0.0)
    waits = [patience.wait_after(Unreachable("gone"), n) for n in (1, 3, 6, 20, 100_000)]
    seconds = [wait.total_seconds() for wait in waits]
    assert seconds == sorted(seconds)
    assert seconds[-1] == 1800
    told = patience.wait_after(BackOff("busy", seconds=7200), 1)
    assert told >= timedelta(hours=2)
    hours = [wait_after_refusals(n) / timedelta(hours=1) for n in (1, 2, 3, 4, 1000)]
    assert hours == [0.25, 1, 6, 6, 6]


def test_once_tells_of_every_mailbox_and_counts_the_failed(ledger: SqlLedger) -> None:
    def fail(n: int) -> None:
        raise Unreachable("imap.example.com cannot be reached")

    told: list[tuple[str, str]] = []
    watches = [watch(Box(fail), "ann@example.com"), watch(Box(), "bob@example.com")]
    failed = run_once(watches, ledger, Still(), lambda w, error: told.append((w.user, str(error or ""))))
    assert failed == 1
    assert told == [("ann@example.com", "imap.example.com cannot be reached"), ("bob@example.com", "")]


def test_a_machine_without_another_descriptor_does_not_end_the_daemon(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> socket.socket:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setenv("NOTIFY_SOCKET", "/run/notify")
    monkeypatch.setattr(systemd.socket, "socket", full)
    systemd.notify("WATCHDOG=1")


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
