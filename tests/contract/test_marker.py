"""What every door to marks promises (ports.Marker): one keyword or category, on one message, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from contract.marked_accounts import KINDS, MarkedAccount, Seen, open_account

from mailwatch.domain.marking import Place
from mailwatch.domain.message import Headers, Role
from mailwatch.errors import MarkRefused
from mailwatch.ports import Marker
from mailwatch.testing import mail

NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
NAME = "Awaiting my reply"
KEEPING = sorted(set(KINDS) - {"embedded"})


def opened(kind: str, folder: Path) -> MarkedAccount:
    """An account with three messages, the second of which is read."""
    account = open_account(kind, folder, (Role.INBOX, Role.SENT, Role.ARCHIVE))
    for number in range(3):
        message = mail(
            sender="bob@example.com", to="ann@example.com", subject=f"m{number}", message_id=f"m{number}@x"
        )
        flags = ("\\Seen",) if number == 1 else ()
        account.account.deliver(Role.INBOX, message, NOON + timedelta(minutes=number), flags)
    return account


@pytest.fixture(params=KEEPING)
def account(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MarkedAccount]:
    made = opened(request.param, tmp_path)
    yield made
    made.close()


@pytest.fixture
def marker(account: MarkedAccount) -> Marker:
    return account.marker()


def place(account: MarkedAccount, subject: str) -> Place:
    """Where a message of the inbox is, as a sync would have it."""
    provider = account.account.provider()
    try:
        inbox = next(mailbox for mailbox in provider.mailboxes() if mailbox.role is Role.INBOX)
        ids = provider.changes(inbox, None, NOON - timedelta(days=1)).created
        for each in provider.headers(inbox, ids):
            if isinstance(each, Headers) and each.subject == subject:
                return Place(each.key, inbox.id, each.provider_id, each.message_id)
    finally:
        provider.close()
    raise AssertionError(f"no {subject} in the inbox")


def other(seen: Seen, subject: str) -> Seen:
    """What is seen of all messages but one."""
    return {name: flags for name, flags in seen.items() if not name.endswith(f" {subject}")}


def flags(account: MarkedAccount, subject: str) -> frozenset[str]:
    (found,) = [flags for name, flags in account.seen().items() if name.endswith(f" {subject}")]
    return found


@pytest.mark.parametrize("subject", ["m0", "m1"], ids=["unread", "read"])
def test_a_mark_is_set_and_taken_away_and_nothing_else_changes(
    subject: str, account: MarkedAccount, marker: Marker
) -> None:
    account.add(subject, "Budget")
    before, where = account.seen(), place(account, subject)
    assert marker.bears(where, NAME) is False
    assert account.writes() == 0
    assert marker.put(where, NAME)
    assert flags(account, subject) == next(
        flags for name, flags in before.items() if name.endswith(f" {subject}")
    ) | {account.called(NAME)}
    assert other(account.seen(), subject) == other(before, subject)
    assert marker.bears(where, NAME) is True
    marker.take(where, NAME)
    assert account.seen() == before
    assert marker.bears(where, NAME) is False
    assert account.writes() == 2


def test_setting_and_taking_away_twice_is_written_once(account: MarkedAccount, marker: Marker) -> None:
    where = place(account, "m0")
    before = account.seen()
    assert marker.put(where, NAME)
    assert marker.put(where, NAME)
    assert account.marker().put(where, NAME)
    marker.take(where, NAME)
    marker.take(where, NAME)
    account.marker().take(where, NAME)
    assert account.writes() == 2
    assert account.seen() == before


def test_what_others_set_meanwhile_stays(account: MarkedAccount, marker: Marker) -> None:
    where = place(account, "m0")
    marker.put(where, NAME)
    account.add("m0", "Later")
    marker.take(where, NAME)
    assert flags(account, "m0") == {"Later"}


def test_a_mark_of_the_users_own_is_told(account: MarkedAccount, marker: Marker) -> None:
    account.add("m0", account.called(NAME))
    assert marker.bears(place(account, "m0"), NAME) is True


def test_a_message_that_was_moved_is_found(account: MarkedAccount, marker: Marker) -> None:
    where = place(account, "m0")
    assert marker.put(where, NAME)
    account.move("m0")
    assert marker.bears(where, NAME) is True
    assert account.called(NAME) in flags(account, "m0")
    marker.take(where, NAME)
    assert account.called(NAME) not in flags(account, "m0")
    assert account.marker().put(where, NAME)
    assert account.called(NAME) in flags(account, "m0")


def test_a_message_that_is_gone_is_told_and_no_other_is_touched(account: MarkedAccount, marker: Marker) -> None:
    where = place(account, "m0")
    account.account.empty(Role.INBOX)
    assert marker.bears(where, NAME) is None
    assert marker.put(where, NAME) is False
    marker.take(where, NAME)
    assert account.writes() == 0


@pytest.mark.parametrize("provider_id", ["INBOX/999/1", "AAMk-no-such-id", "inbox/1", "", "INBOX/7/99999999999999"])
def test_an_id_of_another_kind_of_mailbox_is_no_obstacle(
    provider_id: str, account: MarkedAccount, marker: Marker
) -> None:
    there = Place("k", "of another kind", provider_id, "m2@x")
    assert marker.put(there, NAME)
    assert account.called(NAME) in flags(account, "m2")
    nowhere = Place("k", "of another kind", provider_id, None)
    assert marker.put(nowhere, NAME) is False


def test_of_two_messages_with_one_id_none_is_taken_for_the_other(account: MarkedAccount, marker: Marker) -> None:
    for number in (7, 8):
        message = mail(sender="bob@example.com", to="ann@example.com", subject=f"m{number}", message_id="same@x")
        account.account.deliver(Role.INBOX, message, NOON)
    assert marker.put(Place("k", "elsewhere", "INBOX/1/1/1", "same@x"), NAME) is False
    assert account.writes() == 0


def test_a_mailbox_that_may_not_be_written_refuses_in_words(account: MarkedAccount, marker: Marker) -> None:
    where = place(account, "m0")
    before = account.seen()
    account.lock()
    with pytest.raises(MarkRefused, match=r"\.$"):
        marker.put(where, NAME)
    assert account.seen() == before
    with pytest.raises(MarkRefused):
        marker.probe(NAME, where)


def test_looking_whether_the_mailbox_permits_marks_changes_nothing(account: MarkedAccount, marker: Marker) -> None:
    account.add("m0", "Budget")
    before = account.seen()
    said = marker.probe(NAME, place(account, "m0"))
    assert account.called(NAME) in said
    assert marker.probe(NAME, None)
    assert account.seen() == before


def test_other_names_are_marks_of_their_own(account: MarkedAccount, marker: Marker) -> None:
    where = place(account, "m0")
    marker.put(where, NAME)
    marker.put(where, "Wartet auf mich – ü")
    assert flags(account, "m0") == {account.called(NAME), account.called("Wartet auf mich – ü")}
    marker.take(where, NAME)
    assert flags(account, "m0") == {account.called("Wartet auf mich – ü")}


def test_a_door_can_be_closed_twice_and_before_anything_was_asked(account: MarkedAccount) -> None:
    unused = account.marker()
    unused.close()
    unused.close()


def test_a_server_that_keeps_no_keywords_refuses_in_words_and_is_not_written(tmp_path: Path) -> None:
    account = opened("embedded", tmp_path)
    try:
        before, where = account.seen(), place(account, "m0")
        marker = account.marker()
        assert marker.bears(where, NAME) is False
        with pytest.raises(MarkRefused, match="keeps no keywords of one's own in the mailbox INBOX"):
            marker.put(where, NAME)
        with pytest.raises(MarkRefused, match="PERMANENTFLAGS"):
            marker.probe(NAME, where)
        assert account.writes() == 0
        assert account.seen() == before
    finally:
        account.close()
