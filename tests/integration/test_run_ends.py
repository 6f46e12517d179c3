"""`mailwatch run` as a service: it gets ready, reads what comes, ends when told to, and goes on where it was."""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from program import Running, imap_mailbox, mailwatch, needs_dovecot, settings_file, until
from servers.dovecot import Dovecot, append

from mailwatch.adapters.ledger import SqlLedger
from mailwatch.ports import MailboxReport
from mailwatch.testing import mail

ANN, BOB = "ann@example.com", "bob@example.com"
MANY = 4000  # Several batches.
LONGEST_END = 10.0  # seconds
NEVER = {"poll": "1d"}  # So that nothing but the server's own word brings news.

pytestmark = needs_dovecot


@pytest.fixture
def server() -> Iterator[Dovecot]:
    dovecot = Dovecot()
    for user in ("ann", "bob"):
        dovecot.client(user).create("Sent")
    yield dovecot
    dovecot.close()


@pytest.fixture
def settings(server: Dovecot, tmp_path: Path) -> Path:
    """A settings file that watches Ann and Bob."""
    mailboxes = {ANN: imap_mailbox(server.port, "ann"), BOB: imap_mailbox(server.port, "bob")}
    return settings_file(tmp_path, mailboxes, program=NEVER)


@pytest.fixture
def run(settings: Path) -> Iterator[Callable[[], Running]]:
    """Starts `mailwatch run`, as often as a test likes."""
    started: list[Running] = []

    def start() -> Running:
        started.append(Running(settings, home=settings.parent))
        return started[-1]

    yield start
    for one in started:
        one.close()


def ledger_of(settings: Path) -> SqlLedger:
    return SqlLedger.open(f"sqlite:///{settings.parent}/ledger.db")


def report_of(ledger: SqlLedger, user: str) -> MailboxReport | None:
    return next((report for report in ledger.reports() if report.user == user), None)


def is_read(ledger: SqlLedger, user: str, messages: int) -> bool:
    report = report_of(ledger, user)
    return report is not None and report.first_round_done and report.messages >= messages


def asked(ledger: SqlLedger, user: str) -> set[str | None]:
    return {request.message_id for request in ledger.open_requests(user)}


def request(to: str, message_id: str) -> bytes:
    return mail(
        sender="Dana Fox <dana@example.com>",
        to=to,
        subject=f"Branch {message_id}",
        text="Could you please send me the figures of your branch?",
        sent_at=datetime.now(UTC),
        message_id=message_id,
    )


def deliver(server: Dovecot, to: str, message_id: str) -> None:
    client = server.client(to.partition("@")[0])
    append(client, "INBOX", request(to, message_id), datetime.now(UTC))
    client.logout()


def test_a_service_gets_ready_reads_what_comes_ends_and_goes_on_where_it_was(
    server: Dovecot, settings: Path, run: Callable[[], Running]
) -> None:
    deliver(server, ANN, "first@x")
    deliver(server, BOB, "second@x")
    first = run()
    first.wait_for_word("READY=1")
    ledger = ledger_of(settings)
    until(lambda: is_read(ledger, ANN, 1) and is_read(ledger, BOB, 1), "the first round")

    # What arrives while it waits is read at the server's word.
    deliver(server, ANN, "third@x")
    until(lambda: "third@x" in asked(ledger, ANN), "the notice of a new message")

    other = mailwatch("--config", settings, "run", home=settings.parent)
    assert other.returncode == 1
    assert "another mailwatch runs on this ledger" in other.stderr
    assert len(other.stderr.splitlines()) == 1

    code, seconds = first.terminate()
    assert code == 0, first.errors()
    assert seconds < LONGEST_END
    first.wait_for_word("STOPPING=1")
    assert "Traceback" not in first.errors()
    states = {user: ledger.sync_states(user, ["INBOX"]) for user in (ANN, BOB)}

    # What arrives while nothing runs is read at the next start, and it alone.
    deliver(server, BOB, "fourth@x")
    second = run()
    second.wait_for_word("READY=1")
    until(lambda: "fourth@x" in asked(ledger, BOB), "the message that came in between")
    until(lambda: is_read(ledger, BOB, 2), "the count of it")
    assert second.terminate()[0] == 0, second.errors()
    counted = {user: report_of(ledger, user) for user in (ANN, BOB)}
    assert {user: report.messages for user, report in counted.items() if report} == {ANN: 2, BOB: 2}
    assert ledger.sync_states(ANN, ["INBOX"]) == states[ANN]
    assert ledger.sync_states(BOB, ["INBOX"]) != states[BOB]
    assert asked(ledger, ANN) == {"first@x", "third@x"}
    assert asked(ledger, BOB) == {"second@x", "fourth@x"}
    ledger.close()


def test_the_end_of_a_terminal_ends_the_service_in_order_and_lets_it_be_started_again(
    run: Callable[[], Running],
) -> None:
    # A suite under nohup ignores the signal, and so would what it starts.
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    try:
        running = run()
    finally:
        signal.signal(signal.SIGHUP, before)
    running.wait_for_word("READY=1")
    running.process.send_signal(signal.SIGHUP)
    running.wait_for_word("STOPPING=1")
    assert running.process.wait(LONGEST_END) == 1  # By Restart=on-failure, systemd starts it again.
    assert running.errors().splitlines()[-1].startswith("mailwatch: ended by SIGHUP")


def test_a_ledger_that_is_replaced_under_the_service_ends_it(settings: Path, run: Callable[[], Running]) -> None:
    running = run()
    running.wait_for_word("READY=1")
    for file in settings.parent.glob("ledger.db*"):
        file.rename(file.with_name(f"moved-{file.name}"))
    running.wait_for_word("STOPPING=1")
    assert running.process.wait(LONGEST_END) == 1
    assert "ledger.db: the ledger was deleted or replaced" in running.errors()
    again = run()
    again.wait_for_word("READY=1")
    assert again.terminate()[0] == 0


def test_a_ledger_has_one_service_by_whatever_link_it_is_reached(settings: Path, run: Callable[[], Running]) -> None:
    run().wait_for_word("READY=1")
    (settings.parent / "elsewhere").mkdir()
    (settings.parent / "elsewhere" / "link.db").symlink_to(settings.parent / "ledger.db")
    second = settings.with_name("second.toml")
    second.write_text(settings.read_text().replace("/ledger.db", "/elsewhere/link.db"))
    second.chmod(0o600)
    refused = mailwatch("--config", second, "run", home=settings.parent)
    assert refused.returncode == 1
    assert "another mailwatch runs on this ledger" in refused.stderr


def test_the_service_may_open_as_many_files_as_the_machine_allows(run: Callable[[], Running]) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 256), hard))
    try:
        running = run()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    running.wait_for_word("READY=1")
    assert resource.prlimit(running.process.pid, resource.RLIMIT_NOFILE) == (hard, hard)


def test_a_first_sync_that_is_cut_off_goes_on_where_it_was(
    server: Dovecot, settings: Path, run: Callable[[], Running]
) -> None:
    fill(server, "ann", MANY)
    first = run()
    ledger = ledger_of(settings)
    until(lambda: seen(ledger) > 0, "the first batch")
    code, seconds = first.terminate()
    assert code == 0, first.errors()
    assert seconds < LONGEST_END
    assert "Traceback" not in first.errors()
    cut_at = seen(ledger)
    assert 0 < cut_at < MANY
    assert ledger.open_requests(ANN) == []  # Nothing is decided on half a mailbox.

    done = mailwatch("--config", settings, "run", "--once", home=settings.parent)
    assert done.returncode == 0, done.stderr
    assert seen(ledger) == MANY  # None was read twice, none was left out.
    assert len(asked(ledger, ANN)) == MANY // 100
    report = report_of(ledger, ANN)
    assert report
    assert report.first_round_done
    ledger.close()


def seen(ledger: SqlLedger) -> int:
    report = report_of(ledger, ANN)
    return report.messages if report else 0


def fill(server: Dovecot, user: str, count: int) -> None:
    """Puts many messages into an inbox, past the server; each hundredth is a request."""
    inbox = server.folder / "mail" / user / "maildir" / "cur"
    owner = inbox.stat()
    received_at = datetime.now(UTC) - timedelta(days=2)
    asking = request(ANN, "number@x")
    telling = asking.replace(b"Could you please send me", b"For your information: here are").replace(b"?\n", b".\n")
    for number in range(count):
        raw = (telling if number % 100 else asking).replace(b"number@x", b"m%d@x" % number)
        file = inbox / f"{1700000000 + number}.M{number}.host:2,S"
        file.write_bytes(raw)
        os.utime(file, (received_at.timestamp() + number,) * 2)
        os.chown(file, owner.st_uid, owner.st_gid)
