"""Many mailboxes and few threads: a server that throttles, one that hangs, and nobody who waits for ever."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from program import json_of, mailwatch, settings_file
from servers.fake_ews import PASSWORD, USER, FakeEws
from servers.fake_ews_office import NOON, Office, ews_account

from mailwatch.adapters import ews_patience
from mailwatch.adapters.ews import EwsAccount, EwsProvider
from mailwatch.adapters.ews_patience import gate_of
from mailwatch.errors import BackOff, Unreachable
from mailwatch.settings.doors import MailboxTable
from mailwatch.testing import mail

OLDEST = NOON - timedelta(days=30)


@pytest.mark.parametrize(("shared", "polls"), [(True, 1000), (False, 200)], ids=["one account", "an account each"])
@pytest.mark.timeout(300)
def test_eight_threads_on_a_throttling_server_make_a_thousand_polls(shared: bool, polls: int) -> None:
    addresses = [f"p{number}@example.com" for number in range(8)]
    server = FakeEws(*addresses)
    server.auth = lambda login: True
    for address, store in server.mailboxes.items():
        store.add(store.folder("inbox"), mail(sender="b@example.com", to=address, sent_at=NOON), NOON)
    before = set(threading.enumerate())
    outcomes: Counter[str] = Counter()
    left = iter(range(polls))
    lock = threading.Lock()

    def poll_on(address: str) -> None:
        provider = EwsProvider(ews_account(server, address, user="svc" if shared else address))
        inbox = None
        while True:
            with lock:
                number = next(left, None)
                if number is None:
                    break
                if number % 3 == 0:
                    server.fail(("busy", "too many connections", "429", "503", "drop")[number % 5])
            try:
                inbox = inbox or provider.mailboxes()[0]
                created = provider.changes(inbox, None, OLDEST).created
                read = [*provider.headers(inbox, created), *provider.texts(inbox, created)]
                assert len(read) == 2
                outcome = "read"
            except (BackOff, Unreachable) as error:
                outcome = type(error).__name__
            with lock:
                outcomes[outcome] += 1
        provider.close()

    try:
        with ThreadPoolExecutor(max_workers=8) as pool:
            list(pool.map(poll_on, addresses))
    finally:
        server.close()
    assert outcomes.total() == polls
    assert outcomes["BackOff"] > polls // 10
    assert outcomes["read"] > polls // 3
    assert server.violations == []
    assert [each.name for each in set(threading.enumerate()) - before if "process_request" not in each.name] == []


def test_a_server_that_hangs_poll_after_poll_leaves_no_thread_behind() -> None:
    server = FakeEws("a@example.com")
    patient = Office(server, "a@example.com")
    patient.poll()
    patient.close()
    one = Office(server, "a@example.com", timeout=0.7)
    before = len(_ours())
    for _ in range(4):
        server.fail("hang")
        with pytest.raises(Unreachable, match=r"did not answer within 0\.7 seconds"):
            one.poll()
    assert len(_ours()) == before
    server.close()
    one.close()


def _ours() -> list[str]:
    """The threads of this process but for those of the server, which do hang."""
    return [each.name for each in threading.enumerate() if "process_request" not in each.name]


def test_a_hung_server_ends_the_poll_and_status_says_so(tmp_path: Path) -> None:
    server = FakeEws("ann@example.com", "bob@example.com")
    door = {"kind": "ews", "endpoint": server.url, "auth": "basic", "access": "impersonation", "user": USER}
    mailboxes = {
        "ann@example.com": {**door, "password": PASSWORD, "timeout": "2s"},
        "bob@example.com": {**door, "password": PASSWORD},
    }
    file = settings_file(tmp_path, mailboxes)
    try:
        # The first to ask is Ann's mailbox: with one thread, users are polled in their order.
        file.write_text(file.read_text().replace("welcome = false", "welcome = false\nthreads = 1"))
        server.fail("hang")
        done = mailwatch("--config", file, "run", "--once", home=tmp_path)
        assert done.returncode == 1
        assert "ann@example.com: 127.0.0.1:" in done.stderr
        assert "did not answer within 2 seconds, so this poll ends" in " ".join(done.stderr.split())
        told = json_of(mailwatch("--config", file, "status", "--json", home=tmp_path))
        ann, bob = told["users"]
        assert "did not answer within 2 seconds" in ann["error"]
        assert (bob["error"], bob["last_sync_at"] is None) == (None, False)
        shown = mailwatch("--config", file, "status", home=tmp_path).stdout
        assert "did not answer within 2 seconds" in " ".join(shown.split())
        file.write_text(file.read_text().replace('timeout = "2s"', 'timeout = "30s"'))
        assert mailwatch("--config", file, "run", "--once", home=tmp_path).returncode == 0
    finally:
        server.close()


def test_a_question_has_thirty_seconds_unless_somebody_says_otherwise() -> None:
    assert EwsAccount("https://mail.example.com/EWS/Exchange.asmx", "a@example.com", lambda: "x").timeout == 30
    assert MailboxTable(kind="maildir", path=Path("x")).timeout == timedelta(seconds=30)


def test_a_mailbox_that_hangs_does_not_hold_up_another_one_of_the_same_account(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ews_patience, "TURN_SECONDS", 0.05)
    server = FakeEws("a@example.com", "b@example.com")
    hanging = Office(server, "a@example.com", timeout=60)
    other = Office(server, "b@example.com")
    errors: list[Exception] = []

    def poll_hanging() -> None:
        try:
            hanging.provider.mailboxes()
        except Unreachable as error:
            errors.append(error)

    server.fail("hang", "GetFolder")
    thread = threading.Thread(target=poll_hanging)
    thread.start()
    while "GetFolder" not in server.asked:
        threading.Event().wait(0.01)
    other.deliver(2)
    other.poll()
    assert thread.is_alive()
    assert other.nothing_is_lost_or_doubled()
    server.close()
    thread.join(20)
    assert not thread.is_alive()
    assert len(errors) == 1
    hanging.close()
    other.close()


def test_mailboxes_of_one_account_ask_one_after_the_other() -> None:
    server = FakeEws("a@example.com", "b@example.com")
    try:
        first, second = (ews_account(server, address) for address in server.mailboxes)
        assert gate_of(first) is gate_of(second)
        assert gate_of(first) is not gate_of(ews_account(server, "a@example.com", user="somebody else"))
    finally:
        server.close()


def test_no_connection_and_no_password_is_shared_between_mailboxes() -> None:
    server = FakeEws("a@example.com", "b@example.com")
    offices = [Office(server, address) for address in server.mailboxes]
    try:
        for one in offices:
            one.deliver(1)
            one.poll()
        wires = [one.provider._session._wire for one in offices]
        assert wires[0] is not None
        assert wires[1] is not None
        assert wires[0].protocol is not wires[1].protocol
        assert all(wire is not None and wire.protocol.session_pool_size == 1 for wire in wires)
        assert all(wire is not None and wire.protocol.max_connections == 1 for wire in wires)
    finally:
        for one in offices:
            one.close()
        server.close()
