"""The IMAP adapter against a real Dovecot: nothing is written, TLS is verified, and a broken server is survived."""

from __future__ import annotations

import dataclasses
import itertools
import os
import re
import selectors
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from contract.accounts import DovecotAccount, Unavailable, imap_state
from imapclient import imap_utf7
from servers.dovecot import PASSWORD, Dovecot, append, reason_to_skip

from mailwatch.adapters.imap import ImapAccount, ImapProvider
from mailwatch.domain.message import Headers, Mailbox, Role, Text
from mailwatch.errors import CannotCalculateChanges, CertificateRefused, LoginRefused, Unreachable
from mailwatch.ports import Notice
from mailwatch.testing import mail

NOW = datetime(2026, 11, 10, 12, tzinfo=UTC)
OLDEST = NOW - timedelta(days=30)
READS = ("CAPABILITY", "LOGIN", "AUTHENTICATE", "NAMESPACE", "LIST", "STATUS", "EXAMINE", "UID SEARCH", "UID FETCH")
READS += ("IDLE", "DONE", "NOOP", "LOGOUT", "STARTTLS", "UNSELECT")
_names = itertools.count(1)

pytestmark = [
    pytest.mark.dovecot,
    pytest.mark.skipif(
        bool(reason_to_skip()) and os.environ.get("CI") != "true", reason=reason_to_skip() or "Dovecot is there"
    ),
]


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    dovecot = Dovecot(tls=True)
    yield dovecot
    dovecot.close()


@pytest.fixture
def user(server: Dovecot) -> str:
    name = f"person{next(_names)}"
    client = server.client(name)
    client.create("Sent")
    client.logout()
    return name


def account(server: Dovecot, user: str, **settings: Any) -> ImapAccount:
    plain = ImapAccount("localhost", server.port, user, lambda: PASSWORD, "plain")
    return dataclasses.replace(plain, **settings)


def deliver(server: Dovecot, user: str, count: int, *, first: int = 0, name: str = "INBOX") -> None:
    client = server.client(user)
    for number in range(first, first + count):
        message = mail(
            sender="bob@example.com", to="ann@example.com", subject=f"m{number}", message_id=f"m{number}@x"
        )
        append(client, name, message, NOW + timedelta(seconds=number), ("\\Seen",) if number % 3 == 0 else ())
    client.logout()


def inbox(provider: ImapProvider) -> Mailbox:
    return next(mailbox for mailbox in provider.mailboxes() if mailbox.role is Role.INBOX)


def poll(provider: ImapProvider, states: dict[str, str]) -> int:
    """What a poll does: every mailbox, headers and texts; how many messages were read."""
    read = 0
    for mailbox in provider.mailboxes():
        while True:
            changes = provider.changes(mailbox, states.get(mailbox.id), OLDEST)
            states[mailbox.id] = changes.state
            for each in (*provider.headers(mailbox, changes.created), *provider.texts(mailbox, changes.created)):
                assert isinstance(each, Headers | Text)
            read += len(changes.created)
            if not changes.has_more:
                break
    return read


def wait_for(notice: Notice) -> None:
    with selectors.DefaultSelector() as selector:
        selector.register(notice.fileno(), selectors.EVENT_READ)
        assert selector.select(20)


@pytest.mark.parametrize("storage", ["maildir", "sdbox"])
def test_a_poll_of_a_thousand_messages_leaves_all_as_it_was_and_sends_no_command_that_writes(storage: Any) -> None:
    server = Dovecot(storage=storage)
    client = server.client("ann")
    client.create("Sent")
    deliver(server, "ann", 900)
    deliver(server, "ann", 100, first=900, name="Sent")
    before = imap_state(client)
    sent: list[str] = []
    provider = ImapProvider(account(server, "ann", batch=400), on_command=sent.append)
    states: dict[str, str] = {}
    assert poll(provider, states) == 1000
    assert poll(provider, states) == 0
    assert provider.holds("m0@x")
    notice = provider.notice(NOW)
    assert notice is not None
    notice.close()
    provider.close()
    assert imap_state(client) == before
    assert [command for command in sent if not command.startswith(READS)] == []
    # To fetch a body without PEEK would mark the message as read (RFC 3501 6.4.5).
    assert [command for command in sent if re.search(r"BODY\[|RFC822", command)] == []
    assert not any(PASSWORD in command for command in sent)
    server.close()


def test_where_nothing_changed_a_poll_is_one_status_a_mailbox(server: Dovecot, user: str) -> None:
    deliver(server, user, 5)
    sent: list[str] = []
    provider = ImapProvider(account(server, user), on_command=sent.append)
    states: dict[str, str] = {}
    poll(provider, states)
    poll(provider, states)
    sent.clear()
    poll(provider, states)
    assert sent == ['STATUS "INBOX" (UIDNEXT UIDVALIDITY)', 'STATUS "Sent" (UIDNEXT UIDVALIDITY)']
    provider.close()


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_tls_with_a_certificate_that_is_vouched_for(security: Any, server: Dovecot, user: str) -> None:
    port = server.tls_port if security == "tls" else server.port
    sent: list[str] = []
    settings = account(server, user, security=security, port=port, ca_file=str(server.ca_file))
    provider = ImapProvider(settings, on_command=sent.append)
    assert inbox(provider).role is Role.INBOX
    deliver(server, user, 3)
    assert poll(provider, {}) == 3
    notice = provider.notice(NOW)
    assert notice is not None
    assert not notice.changed()
    deliver(server, user, 1, first=3)
    wait_for(notice)
    assert notice.changed()
    assert poll(provider, {}) == 4
    provider.close()
    if security == "starttls":
        assert sent.index("STARTTLS") < sent.index("LOGIN")


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_certificate_that_nobody_vouches_for_gets_no_password(security: Any, server: Dovecot, user: str) -> None:
    port = server.tls_port if security == "tls" else server.port
    sent: list[str] = []
    provider = ImapProvider(account(server, user, security=security, port=port), on_command=sent.append)
    with pytest.raises(CertificateRefused, match=rf"localhost:{port} could not be verified: .*ca_file"):
        provider.mailboxes()
    assert "LOGIN" not in sent


def test_a_certificate_for_another_host_is_refused(server: Dovecot, user: str) -> None:
    settings = account(
        server, user, host="127.0.0.1", security="tls", port=server.tls_port, ca_file=str(server.ca_file)
    )
    with pytest.raises(CertificateRefused, match=r"127\.0\.0\.1"):
        ImapProvider(settings).mailboxes()


def test_a_wrong_password_says_whose_and_where(server: Dovecot, user: str) -> None:
    provider = ImapProvider(account(server, user, secret=lambda: "canary-wrong"))
    with pytest.raises(LoginRefused, match=rf"localhost:{server.port} refused the login of {user}") as caught:
        provider.mailboxes()
    assert "canary" not in str(caught.value)


def test_a_message_that_arrives_is_noticed_until_the_next_command(server: Dovecot, user: str) -> None:
    provider = ImapProvider(account(server, user))
    states: dict[str, str] = {}
    poll(provider, states)
    notice = provider.notice(NOW)
    assert notice is not None
    assert notice.renew_at - NOW <= timedelta(minutes=9)
    assert not notice.changed()
    deliver(server, user, 1)
    wait_for(notice)
    assert notice.changed()
    # The next command takes the connection back by itself.
    assert poll(provider, states) == 1
    with pytest.raises(Unreachable):
        notice.changed()
    provider.close()


def test_a_server_that_is_restarted_in_the_middle_is_found_again_and_nothing_is_lost() -> None:
    server = Dovecot()
    server.client("ann").create("Sent")
    deliver(server, "ann", 30)
    provider = ImapProvider(account(server, "ann", batch=10), sleep=lambda seconds: None)
    box = inbox(provider)
    first = provider.changes(box, None, OLDEST)
    headers = provider.headers(box, first.created)
    seen = [next(iter(headers))]
    server.kill()
    with pytest.raises(Unreachable, match="Check host and port"):
        provider.changes(box, '{"validity": 1, "next": 2}', OLDEST)
    server.start()
    seen += headers
    state, more = first.state, True
    while more:
        changes = provider.changes(box, state, OLDEST)
        seen += provider.headers(box, changes.created)
        state, more = changes.state, changes.has_more
    assert sorted(each.subject for each in seen if isinstance(each, Headers)) == sorted(f"m{n}" for n in range(30))
    provider.close()
    server.close()


def test_a_dead_server_is_noticed_while_waiting() -> None:
    server = Dovecot()
    server.client("ann").create("Sent")
    provider = ImapProvider(account(server, "ann"), sleep=lambda seconds: None)
    notice = provider.notice(NOW)
    assert notice is not None
    server.kill()
    wait_for(notice)
    with pytest.raises(Unreachable):
        notice.changed()
    notice.close()
    provider.close()
    server.close()


def test_a_mailbox_that_is_deleted_and_made_again_asks_for_a_full_round(server: Dovecot, user: str) -> None:
    deliver(server, user, 2, name="Sent")
    provider = ImapProvider(account(server, user))
    sent = next(mailbox for mailbox in provider.mailboxes() if mailbox.role is Role.SENT)
    state = provider.changes(sent, None, OLDEST).state
    client = server.client(user)
    client.delete("Sent")
    client.create("Sent")
    client.logout()
    with pytest.raises(CannotCalculateChanges):
        provider.changes(sent, state, OLDEST)
    provider.close()


@pytest.mark.parametrize(
    "name", ["Gesendete Elemente", "Éléments envoyés", "送信済みメール", "INBOX.Sent Items", "R&D Sent"]
)
def test_sent_mailboxes_of_many_languages_are_found_by_name_or_by_setting(name: str) -> None:
    server = Dovecot(special_use=())
    client = server.client("ann")
    raw = imap_utf7.encode(name).decode("ascii")
    client.create(f'"{raw}"')
    append(client, raw, mail(sender="ann@example.com", to="bob@example.com", subject="sent"), NOW)
    client.logout()
    named = {"sent": name} if "R&D" in name else {}
    provider = ImapProvider(account(server, "ann", roles=named))
    sent = next(mailbox for mailbox in provider.mailboxes() if mailbox.role is Role.SENT)
    assert sent.name == name
    (found,) = provider.headers(sent, provider.changes(sent, None, OLDEST).created)
    assert isinstance(found, Headers)
    assert (found.subject, found.role) == ("sent", Role.SENT)
    provider.close()
    server.close()


def test_a_header_of_ten_megabytes_and_a_message_of_fifty_take_little_memory(server: Dovecot, user: str) -> None:
    client = server.client(user)
    append(client, "INBOX", b"From: bob@example.com\r\nTo: " + b"a@example.com, " * 650_000 + b"\r\n\r\nx\r\n", NOW)
    append(client, "INBOX", b"From: bob@example.com\r\nSubject: big\r\n\r\n" + b"words, words\r\n" * 3_500_000, NOW)
    client.logout()
    program = f"""
import resource
from datetime import UTC, datetime
from mailwatch.adapters.imap import ImapAccount, ImapProvider
provider = ImapProvider(ImapAccount("localhost", {server.port}, {user!r}, lambda: {PASSWORD!r}, "plain"))
box = provider.mailboxes()[0]
ids = provider.changes(box, None, datetime(2026, 10, 1, tzinfo=UTC)).created
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
found = [*provider.headers(box, ids), *provider.texts(box, ids)]
print(len(found), (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=root)
    count, megabytes = map(int, done.stdout.split())
    assert count == 4
    assert megabytes < 60


def test_hostile_account_builder_says_why_it_cannot_be_built(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("servers.dovecot._BINARY", None)
    with pytest.raises(Unavailable, match="apt-get install"):
        DovecotAccount(tmp_path, ())
