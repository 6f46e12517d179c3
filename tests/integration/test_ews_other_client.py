"""Another mail program on the same Exchange mailbox: exchangelib itself moves, deletes and looks people up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from exchangelib import DELEGATE, Account, Build, Configuration, Credentials, Message, Version
from servers.fake_ews import PASSWORD, USER, FakeEws
from servers.fake_ews_office import ANN, BOB, Office


@pytest.fixture
def server() -> Iterator[FakeEws]:
    running = FakeEws(ANN, BOB)
    yield running
    running.close()
    assert running.violations == []


@pytest.fixture
def one(server: FakeEws) -> Iterator[Office]:
    opened = Office(server)
    yield opened
    opened.close()


@pytest.fixture
def program(server: FakeEws) -> Iterator[Account]:
    config = Configuration(
        service_endpoint=server.url,
        credentials=Credentials(USER, PASSWORD),
        auth_type="basic",
        version=Version(Build(15, 1)),
        max_connections=1,
    )
    account = Account(ANN, config=config, autodiscover=False, access_type=DELEGATE)
    yield account
    # exchangelib keeps protocols for ever, by endpoint and credentials.
    account.protocol.close()
    type(account.protocol).clear_cache()


def in_inbox(program: Account, subject: str) -> Message:
    """A message as the other program has it in its hands."""
    ids = [(item.id, item.changekey) for _, item in program.inbox.sync_items(only_fields=["item_class"])]
    return next(item for item in program.fetch(ids, only_fields=["subject"]) if item.subject == subject)


def archive(program: Account) -> Any:
    """The folder that a person calls Archive."""
    return next(each for each in program.root.walk() if each.name == "Archive")


def to_archive(program: Account, item: Message) -> None:
    item.move(archive(program))


WAYS: dict[str, Callable[[Account, Message], object]] = {
    "moved into the archive": to_archive,
    "moved to the deleted items": lambda program, item: item.move_to_trash(),
    "deleted softly": lambda program, item: item.soft_delete(),
    "deleted for good": lambda program, item: item.delete(),
}


@pytest.mark.parametrize("way", WAYS)
def test_what_is_moved_or_deleted_after_it_was_read_is_neither_lost_nor_doubled(
    way: str, one: Office, program: Account
) -> None:
    one.deliver(4)
    one.poll()
    one.server.asked.clear()
    WAYS[way](program, in_inbox(program, "m2"))
    assert {"MoveItem", "DeleteItem"} & set(one.server.asked)
    one.server.asked.clear()
    one.deliver(1)
    one.poll()
    one.poll()
    assert one.nothing_is_lost_or_doubled()
    assert len(one.store.folder("inbox").there()) == 4


@pytest.mark.parametrize("way", WAYS)
def test_what_is_moved_or_deleted_before_it_was_read_is_found_where_it_is_read(
    way: str, one: Office, program: Account
) -> None:
    one.deliver(4)
    WAYS[way](program, in_inbox(program, "m2"))
    one.server.asked.clear()
    if way != "moved into the archive":
        one.expected.remove("m2@x")
    one.poll()
    assert one.nothing_is_lost_or_doubled()


def test_what_is_deleted_between_two_questions_of_a_poll_is_left_out(one: Office, program: Account) -> None:
    one.deliver(3)
    inbox = one.provider.mailboxes()[0]
    ids = one.provider.changes(inbox, None, one.store.folder("inbox").items[0].received_at).created
    in_inbox(program, "m1").delete()
    found = [each.message_id for each in one.provider.headers(inbox, ids)]  # type: ignore[union-attr]
    assert sorted(found) == ["m0@x", "m2@x"]  # type: ignore[type-var]
    assert [each.provider_id for each in one.provider.texts(inbox, ids)] == [ids[0], ids[2]]


def test_people_are_looked_up(program: Account) -> None:
    found = [each.email_address for each in program.protocol.resolve_names(["bob"])]
    assert found == [BOB]
    assert [str(type(each).__name__) for each in program.protocol.resolve_names(["nobody"])] == [
        "ErrorNameResolutionNoResults"
    ]
