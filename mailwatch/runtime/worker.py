"""The embedded engine: one thread that waits for sockets and times, and a thread for each cycle that runs."""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import selectors
import threading
import time
from collections.abc import Callable, Sequence
from datetime import timedelta

from mailwatch.domain.fault import sentence_of, trace_of
from mailwatch.domain.wording import counted
from mailwatch.errors import LoginPaused, MailwatchError, ProviderError, TokenRefused
from mailwatch.ports import Clock, Ledger, Notice
from mailwatch.runtime import systemd
from mailwatch.runtime.cycle import Watch, cycle, note_fault
from mailwatch.runtime.farewell import close_all
from mailwatch.runtime.patience import locks_out, wait_after
from mailwatch.runtime.task import Task, began
from mailwatch.runtime.upkeep import upkeep

log = logging.getLogger("mailwatch")

HEARTBEAT = 5.0  # seconds between two signs of life, at most
PATIENCE_AT_THE_END = 7.0  # seconds that running cycles have to come to a batch's end after SIGTERM
GOODBYE = 2.0  # seconds for the connections after that
SLOW = 10.0  # seconds of a cycle after which its place is given to another mailbox
CROWD = 16  # how many times `threads` may run in all, the slow ones included
ENDED = 60.0  # seconds from one poll to the next, at least, where the server has ended the wait for changes
STALLED = 600.0  # seconds without a batch after which a cycle is called stalled
UPKEEP_LOOK = 3600.0  # seconds between two looks whether the day's upkeep is due


class Interrupted(Exception):
    """The daemon is asked to end; what was committed stays."""


class Daemon:
    """Runs the cycles of many users until `stop` is called; a mailbox that hangs delays no other.

    At most `threads` cycles run that are quick. One that is not done after SLOW seconds (a first sync, a server that
    hangs) goes on, and its place is given to the next mailbox.

    `poll` is the longest time between two polls of a mailbox; where the server pushes, a change is read at once.
    `check` is asked at each turn, and what it raises ends the daemon. The thread that runs it waits for no server and
    for no ledger: whatever may take long is done on other threads.
    """

    def __init__(
        self,
        watches: Sequence[Watch],
        ledger: Ledger,
        clock: Clock,
        *,
        poll: timedelta,
        threads: int,
        retention: timedelta = timedelta(days=400),
        check: Callable[[], None] = lambda: None,
    ) -> None:
        self._tasks = [Task(watch) for watch in watches]
        self._ledger, self._clock = ledger, clock
        self._poll = poll.total_seconds()
        self._threads, self._retention, self._check = threads, retention, check
        self._finished: queue.SimpleQueue[Task] = queue.SimpleQueue()
        self._stop = threading.Event()
        self._selector = selectors.DefaultSelector()
        self._wake_read, self._wake_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._selector.register(self._wake_read, selectors.EVENT_READ)

    def stop(self) -> None:
        """Asks the daemon to end; safe in a signal handler and from any thread."""
        self._stop.set()
        with contextlib.suppress(BlockingIOError, OSError):
            os.write(self._wake_write, b"s")

    def run(self) -> None:
        """Works until `stop`; returns when the cycles have ended, or after nine seconds at most."""
        systemd.notify("READY=1", f"STATUS=watching {counted(len(self._tasks), 'mailbox', 'mailboxes')}")
        began(self._keep_up)
        try:
            while not self._stop.is_set():
                self._check()
                self._start_what_is_due()
                self._wait()
                systemd.notify("WATCHDOG=1")
        finally:
            systemd.notify("STOPPING=1")
            self._end()

    def _keep_up(self) -> None:
        """Looks every hour whether the day's upkeep is due."""
        while not self._stop.is_set():
            try:
                upkeep(self._ledger, self._clock, self._retention)
            except MailwatchError as error:
                log.warning("upkeep: %s", error)
            except Exception as error:  # The next upkeep may go well, and deleting in time is promised.
                log.error("upkeep: %s\n%s", sentence_of(error), trace_of(error))
            self._stop.wait(UPKEEP_LOOK)

    def _start_what_is_due(self) -> None:
        now = time.monotonic()
        due = sorted((t for t in self._idle() if t.next_at <= now), key=lambda task: task.next_at)
        for task in due[: self._free_places(now)]:
            self._forget_notice(task)
            task.running_since = task.beat = now
            if not began(self._work, task):
                task.running_since, task.next_at = None, now + HEARTBEAT

    def _idle(self) -> list[Task]:
        return [task for task in self._tasks if task.running_since is None]

    def _free_places(self, now: float) -> int:
        running = [task.running_since for task in self._tasks if task.running_since is not None]
        quick = sum(since + SLOW > now for since in running)
        return max(min(self._threads - quick, self._threads * CROWD - len(running)), 0)

    def _wait(self) -> None:
        now = time.monotonic()
        if self._free_places(now):
            times = [task.next_at for task in self._idle()]
        else:
            # A place is free again when a cycle ends, which wakes this thread, or when one turns out to be slow.
            since = [task.running_since for task in self._tasks if task.running_since is not None]
            times = [start + SLOW for start in since if start + SLOW > now]
        pause = min([HEARTBEAT, *(at - now for at in times)])
        for key, _ in self._selector.select(max(pause, 0)):
            if key.fd == self._wake_read:
                with contextlib.suppress(BlockingIOError):
                    os.read(self._wake_read, 4096)
            else:
                self._heed(key.data)
        with contextlib.suppress(queue.Empty):
            while True:
                self._plan(self._finished.get_nowait())
        for task in self._tasks:
            self._tell_if_stalled(task)

    def _heed(self, task: Task) -> None:
        """A mailbox spoke up: it is polled at once if something changed, and soon if its server ended the wait."""
        try:
            if task.notice is not None and not task.notice.changed():
                return
            task.next_at = time.monotonic()
        except ProviderError:
            # A server that ends every wait at once would be polled without a pause.
            task.next_at = min(task.next_at, max(time.monotonic(), task.beat + ENDED))
        self._forget_notice(task)

    def _plan(self, task: Task) -> None:
        now = time.monotonic()
        task.running_since, task.stall_told = None, False
        if task.error is None:
            if task.failures:
                log.info("%s: read again after %s", task.watch.user, counted(task.failures, "failure"))
            task.failures, task.told = 0, ""
            task.next_at = now + self._poll
            if task.notice is not None:
                try:
                    self._selector.register(task.notice.fileno(), selectors.EVENT_READ, task)
                except (OSError, ValueError, KeyError) as error:
                    log.warning(
                        "%s: changes are only polled, since nothing can wait for them: %s", task.watch.user, error
                    )
                    task.notice = None
                    return
                until = (task.notice.renew_at - self._clock.now()).total_seconds()
                task.next_at = now + min(self._poll, max(until, 1.0))
            return
        self._plan_after(task, task.error, now)

    def _plan_after(self, task: Task, error: Exception, now: float) -> None:
        words = str(error)
        if isinstance(error, LoginPaused):
            task.next_at = now + self._poll
            log.log(logging.DEBUG if task.told == words else logging.INFO, "%s: %s", task.watch.user, words)
            task.told = words
            return
        task.failures += 1
        task.next_at = now + wait_after(error, task.failures).total_seconds()
        # One app gives tokens to all mailboxes, and each would say the same at each poll.
        again = isinstance(error, TokenRefused) and any(each.told == words for each in self._tasks)
        task.told = words
        log.log(logging.INFO if again else logging.WARNING, "%s: %s", task.watch.user, words)

    def _forget_notice(self, task: Task) -> None:
        if task.notice is not None:
            with contextlib.suppress(KeyError, ValueError, OSError):
                self._selector.unregister(task.notice.fileno())
            task.notice = None

    def _tell_if_stalled(self, task: Task) -> None:
        still = time.monotonic() - task.beat
        if task.running_since is not None and still > STALLED and not task.stall_told:
            task.stall_told = True
            sentence = f"the poll makes no progress since {int(still) // 60} minutes"
            log.warning("%s: %s", task.watch.user, sentence)
            began(self._note, task, sentence)

    def _note(self, task: Task, sentence: str) -> None:
        with contextlib.suppress(MailwatchError):  # A ledger that is busy must not end the watch.
            self._ledger.report_sync(task.watch.user, self._clock.now(), sentence)

    def _work(self, task: Task) -> None:
        try:
            task.error = self._run_one(task)
        finally:
            self._finished.put(task)
            with contextlib.suppress(BlockingIOError, OSError):
                os.write(self._wake_write, b"w")

    def _run_one(self, task: Task) -> Exception | None:
        def beat(mailbox: str, done: int, remaining: int) -> None:
            task.beat = time.monotonic()
            if remaining:
                log.info("%s: %s: %d read, %d to go", task.watch.user, mailbox, done, remaining)
            if self._stop.is_set():
                raise Interrupted

        try:
            heed = not task.password.may_be_tried()
            outcome = cycle(task.watch, self._ledger, self._clock, beat, heed_refusals=heed)
            task.password.accepted()
            if count := outcome.sync.set_aside:
                log.warning("%s: %s set aside; status says why", task.watch.user, counted(count, "message"))
            for fault in outcome.not_sent:
                log.warning("%s: a mail of ours is not sent: %s", task.watch.user, fault)
            for fault in outcome.not_marked:
                log.warning("%s: not marked: %s", task.watch.user, fault)
            task.notice = None if self._stop.is_set() else self._notice(task)
        except Interrupted:
            return None
        except MailwatchError as error:
            if locks_out(error):
                task.password.refused()
            return error
        except Exception as error:
            log.error("%s: %s\n%s", task.watch.user, sentence_of(error), trace_of(error))
            return note_fault(task.watch, self._ledger, self._clock, error)
        return None

    def _notice(self, task: Task) -> Notice | None:
        """What tells of changes before the next poll; where it cannot be had, the poll comes all the same."""
        try:
            return task.watch.provider.notice(self._clock.now())
        except (ProviderError, OSError) as error:
            log.info("%s: changes are not told by the server, only polled: %s", task.watch.user, error)
            return None

    def _end(self) -> None:
        until = time.monotonic() + PATIENCE_AT_THE_END
        running = {id(task) for task in self._tasks if task.running_since is not None}
        while running and (left := until - time.monotonic()) > 0:
            with contextlib.suppress(queue.Empty):
                running.discard(id(self._finished.get(timeout=left)))
        close_all((task.watch.provider for task in self._tasks if id(task) not in running), GOODBYE)
