"""What Graph's delta queries do to a reader: duplicates, sparse updates, removals that are none, cut rounds."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from servers.fake_graph import FakeGraph

from mailwatch.adapters.graph import GraphAccount, GraphProvider
from mailwatch.domain.message import Headers, Mailbox, Role, Text
from mailwatch.errors import RoleMissing, SettingsError
from mailwatch.ports import SyncState
from mailwatch.testing import mail

NOW = datetime(2026, 11, 10, 12, tzinfo=UTC)
OLDEST = NOW - timedelta(days=30)
USER = "ann@example.com"


@pytest.fixture
def graph() -> Iterator[FakeGraph]:
    server = FakeGraph()
    yield server
    server.close()
    assert server.violations == []


def provider(graph: FakeGraph, **settings: Any) -> GraphProvider:
    chosen = {"base_url": graph.base_url, "timeout": 30} | settings
    return GraphProvider(GraphAccount(USER, lambda: "good-token", **chosen), sleep=lambda _: None)


def deliver(graph: FakeGraph, numbers: range, mailbox: str = "inbox", **more: Any) -> list[str]:
    found = []
    for number in numbers:
        fields = more.get("fields")
        message = mail(
            sender="bob@example.com", to=USER, subject=f"m{number}", message_id=f"m{number}@x", fields=fields
        )
        received = NOW - timedelta(days=2) + timedelta(seconds=number)
        found.append(graph.store.deliver(mailbox, message, received, kind=more.get("kind", "IPM.Note")))
    return found


def box(door: GraphProvider, role: Role = Role.INBOX) -> Mailbox:
    return next(each for each in door.mailboxes() if each.role is role)


def read(door: GraphProvider, state: SyncState | None = None, role: Role = Role.INBOX) -> tuple[list[str], SyncState]:
    """The subjects of all that a round hands out, and the state after it."""
    found: list[str] = []
    while True:
        changes = door.changes(box(door, role), state, OLDEST)
        found += [
            each.subject for each in door.headers(box(door, role), changes.created) if isinstance(each, Headers)
        ]
        state = changes.state
        if not changes.has_more:
            return found, state


def test_pages_that_overlap_hand_out_nothing_wrong(graph: FakeGraph) -> None:
    deliver(graph, range(10))
    graph.twice = True
    found, _ = read(provider(graph, batch=3))
    assert set(found) == {f"m{number}" for number in range(10)}


def test_a_message_that_is_told_twice_in_a_page_comes_once(graph: FakeGraph) -> None:
    door = provider(graph)
    _, state = read(door)
    (identity,) = deliver(graph, range(1))
    graph.store.touch(identity)
    found, _ = read(door, state)
    assert found == ["m0"]


def test_a_message_that_is_only_marked_as_read_is_not_new(graph: FakeGraph) -> None:
    (identity,) = deliver(graph, range(1))
    door = provider(graph)
    _, state = read(door)
    graph.store.touch(identity)
    found, after = read(door, state)
    assert found == []
    assert after != state


def test_a_message_that_was_moved_away_and_back_is_found_though_it_is_told_as_removed(graph: FakeGraph) -> None:
    door = provider(graph)
    _, state = read(door)
    (identity,) = deliver(graph, range(1))
    graph.store.away_and_back(identity)
    found, _ = read(door, state)
    assert found == ["m0"]


def test_a_message_that_was_deleted_or_moved_to_elsewhere_is_not_handed_out(graph: FakeGraph) -> None:
    graph.store.add_folder("Elsewhere")
    first, second, _ = deliver(graph, range(3))
    door = provider(graph)
    _, state = read(door)
    graph.store.delete(first)
    graph.store.move(second, "Elsewhere")
    found, _ = read(door, state)
    assert found == []


def test_what_moves_into_the_archive_is_found_there_under_the_same_id(graph: FakeGraph) -> None:
    graph.store.add_folder("Archive", well_known="archive")
    (identity,) = deliver(graph, range(1))
    door = provider(graph)
    _, state = read(door, role=Role.ARCHIVE)
    graph.store.move(identity, "archive")
    changes = door.changes(box(door, Role.ARCHIVE), state, OLDEST)
    assert changes.created == (identity,)


def test_what_is_older_than_a_cut_round_told_is_read_from_the_list(graph: FakeGraph) -> None:
    deliver(graph, range(20))
    graph.filter_limit = 7
    door = provider(graph, batch=3)
    found, state = read(door)
    assert sorted(set(found)) == sorted(f"m{number}" for number in range(20))
    deliver(graph, range(20, 22))
    later, _ = read(door, state)
    assert later == ["m21", "m20"]


def test_a_cut_round_resumes_in_another_process(graph: FakeGraph) -> None:
    deliver(graph, range(20))
    graph.filter_limit = 7
    found: list[str] = []
    state: SyncState | None = None
    more = True
    while more:
        door = provider(graph, batch=3)
        changes = door.changes(box(door), state, OLDEST)
        found += [each.subject for each in door.headers(box(door), changes.created) if isinstance(each, Headers)]
        state, more = changes.state, changes.has_more
        door.close()
    assert sorted(set(found)) == sorted(f"m{number}" for number in range(20))


def test_drafts_are_not_read_wherever_they_lie(graph: FakeGraph) -> None:
    graph.store.deliver("inbox", mail(sender=USER, to="bob@example.com"), NOW, draft=True)
    assert read(provider(graph))[0] == []


def test_what_a_sent_message_answers_is_known_though_it_has_no_header_fields(graph: FakeGraph) -> None:
    reply = mail(sender=USER, to="bob@example.com", message_id="r@x", in_reply_to="m0@x")
    graph.store.deliver("sentitems", reply, NOW)
    for expands in (True, False):
        # A server that leaves out what was to be expanded in a delta query is asked message by message.
        graph.expands = expands
        door = provider(graph)
        changes = door.changes(box(door, Role.SENT), None, OLDEST)
        graph.expands = True
        (found,) = door.headers(box(door, Role.SENT), changes.created)
        assert isinstance(found, Headers)
        assert (found.message_id, found.in_reply_to, found.references) == ("r@x", ("m0@x",), ("m0@x",))
        assert found.author is not None
        assert (found.author.addr_spec, found.role) == (USER, Role.SENT)


AUTOMATIC = {
    "auto-submitted": ({"Auto-Submitted": "auto-replied"}, "IPM.Note", "auto-submitted"),
    "a list": ({"List-Id": "<all.example.com>"}, "IPM.Note", "list"),
    "an invitation": ({}, "IPM.Schedule.Meeting.Request", "calendar"),
    "a bounce": ({}, "REPORT.IPM.Note.NDR", "dsn"),
    "a receipt": ({}, "REPORT.IPM.Note.IPNRN", "mdn"),
    "an absence": ({}, "IPM.Note.Rules.OofTemplate.Microsoft", "auto-submitted"),
    "a person": ({}, "IPM.Note", None),
    "a signed one": ({}, "IPM.Note.SMIME.MultipartSigned", None),
}


@pytest.mark.parametrize("name", sorted(AUTOMATIC))
def test_mail_from_programs_is_known_by_its_fields_or_by_its_class(name: str, graph: FakeGraph) -> None:
    fields, kind, rule = AUTOMATIC[name]
    deliver(graph, range(1), fields=fields, kind=kind)
    if not fields:
        # What Exchange makes itself has none of the fields that say so.
        graph.headers_kept = False
    door = provider(graph)
    (found,) = door.headers(box(door), door.changes(box(door), None, OLDEST).created)
    assert isinstance(found, Headers)
    assert found.automatic == rule


def test_headers_cost_no_request_and_texts_one_each_four_at_once(graph: FakeGraph) -> None:
    deliver(graph, range(30))
    door = provider(graph, batch=50)
    changes = door.changes(box(door), None, OLDEST)
    asked = len(graph.requests)
    assert len(list(door.headers(box(door), changes.created))) == 30
    assert len(graph.requests) == asked
    graph.slow = 0.01
    graph.most_at_once = 0
    found = list(door.texts(box(door), changes.created))
    assert [each.provider_id for each in found] == list(changes.created)
    assert len(graph.requests) == asked + 30
    assert graph.most_at_once == 4


def test_two_doors_to_one_mailbox_share_the_four_requests(graph: FakeGraph) -> None:
    deliver(graph, range(20))
    doors = [provider(graph, batch=50) for _ in range(3)]
    ids = doors[0].changes(box(doors[0]), None, OLDEST).created
    graph.slow = 0.005
    threads = [threading.Thread(target=lambda d=door: list(d.texts(box(d), ids))) for door in doors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert graph.most_at_once <= 4


def test_a_text_that_comes_as_html_all_the_same_is_read(graph: FakeGraph) -> None:
    (identity,) = deliver(graph, range(1))
    graph.as_html = True
    door = provider(graph)
    (found,) = door.texts(box(door), [identity])
    assert isinstance(found, Text)
    assert found.words.strip() == "Could you send me the figures?"


def test_a_poll_without_news_is_one_request_a_mailbox(graph: FakeGraph) -> None:
    deliver(graph, range(3))
    door = provider(graph)
    _, state = read(door)
    asked = len(graph.requests)
    assert read(door, state) == ([], state)
    assert len(graph.requests) == asked + 1


def test_chosen_mailboxes_are_found_by_their_path(graph: FakeGraph) -> None:
    inbox = graph.store.folder("inbox")
    assert inbox is not None
    below = graph.store.add_folder("Bob's", parent=inbox.id)
    graph.store.add_folder("Customers", parent=below)
    door = provider(graph, also=("Inbox/Bob's/Customers",))
    chosen = box(door, Role.OTHER)
    assert chosen.name == "Inbox/Bob's/Customers"
    deliver(graph, range(1), mailbox=chosen.id)
    assert read(door, role=Role.OTHER)[0] == ["m0"]


def test_a_name_is_shown_without_what_a_terminal_or_a_log_obeys(graph: FakeGraph) -> None:
    inbox = graph.store.folder("inbox")
    assert inbox is not None
    inbox.name = "x\x1b[2J\r\n2026-03-09 INFO a line\u202e" + "y" * 200
    shown = provider(graph).mailboxes()[0].name
    assert shown.isprintable()
    assert len(shown) <= 80


@pytest.mark.parametrize("path", ["Nowhere", "Inbox/Nowhere", "", "/"])
def test_a_chosen_mailbox_that_is_not_there_is_named(path: str, graph: FakeGraph) -> None:
    with pytest.raises(RoleMissing, match="also"):
        provider(graph, also=(path,)).mailboxes()


def test_the_same_mailbox_chosen_twice_is_read_once(graph: FakeGraph) -> None:
    assert [each.role for each in provider(graph, also=("Inbox",)).mailboxes()] == [Role.INBOX, Role.SENT]


@pytest.mark.parametrize("message_id", ["it's@x", "a&b=c@x", "100%@x", "ü@x", "a'' or 1 eq 1@x"])
def test_an_id_with_signs_of_the_query_language_is_sought_as_it_is(message_id: str, graph: FakeGraph) -> None:
    graph.store.deliver("inbox", mail(sender="b@example.com", to=USER, message_id="other@x"), NOW)
    door = provider(graph)
    assert not door.holds(message_id)
    if message_id.isascii() and " " not in message_id:
        graph.store.deliver("inbox", mail(sender="b@example.com", to=USER, message_id=message_id), NOW)
        assert door.holds(message_id)


@pytest.mark.parametrize("base_url", ["http://graph.example.com/v1.0", "graph.example.com", "ftp://127.0.0.1/"])
def test_a_token_does_not_cross_a_network_unencrypted(base_url: str) -> None:
    with pytest.raises(SettingsError, match="https"):
        GraphAccount(USER, lambda: "x", base_url=base_url)
