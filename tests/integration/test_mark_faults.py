"""What goes wrong when a message is marked, by name: what is written, what is told, and that nothing else is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from servers.fake_ews import FakeEws
from servers.fake_ews_office import ANN, ews_account
from servers.fake_graph import FakeGraph
from servers.fake_graph_faults import drop, hang, status
from servers.scripted_imap import Conversation, scripted

from mailwatch.adapters.ews_marks import EwsMarker
from mailwatch.adapters.graph import GraphAccount
from mailwatch.adapters.graph_marks import GraphMarker
from mailwatch.adapters.imap import ImapAccount
from mailwatch.adapters.imap_marks import ImapMarker, keyword_of
from mailwatch.domain.marking import Place
from mailwatch.errors import BackOff, LoginRefused, MailwatchError, MarkRefused, ProtocolBroken, Unreachable
from mailwatch.testing import mail

NAME = "Awaiting my reply"
NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
MESSAGE = mail(sender="bob@example.com", to=ANN, subject="Figures", message_id="ask@x")
KEYWORD = "awaiting_my_reply"
SELECTED = "* 3 EXISTS\n* OK [UIDVALIDITY 7] ok\n* OK [PERMANENTFLAGS (\\Seen \\*)] ok\n{tag} OK [READ-WRITE] done"

# ---------------------------------------------------------------- IMAP


@pytest.mark.parametrize(
    ("name", "keyword"),
    [
        (NAME, KEYWORD),
        ('To "do" (now) 50%', "to__do___now__50_"),
        ("a\\b{c}[d]*", "a_b_c__d__"),
        ("Wartet – ü", "wartet_&ibm-_&apw-"),
        ("R&D", "r&-d"),
    ],
)
def test_a_keyword_is_an_atom_made_of_the_name(name: str, keyword: str) -> None:
    made = keyword_of(name)
    assert made.isascii()
    assert not set(made) & set(' ()<>{}/%*"\\[]')
    assert made == keyword


class Imap:
    """A scripted server with one message, UID 5, in the inbox; it keeps the keywords that it is told to keep."""

    def __init__(self, *, keeps: bool = True) -> None:
        self.flags = {"\\Seen", "Budget"}
        self._keeps = keeps

    def fetch(self, talk: Conversation, command: str) -> None:
        found = f"* 3 FETCH (UID 5 FLAGS ({' '.join(sorted(self.flags))}))\n" if " 5 " in command else ""
        talk.send(f"{found}{talk.tag} OK done\n")

    def store(self, talk: Conversation, command: str) -> None:
        keyword = command.partition("(")[2].rstrip(")")
        if self._keeps:
            self.flags = self.flags | {keyword} if "+FLAGS" in command else self.flags - {keyword}
        talk.send(f"{talk.tag} OK done\n")

    def script(self, **more: Any) -> dict[str, Any]:
        return {"UID FETCH": self.fetch, "UID STORE": self.store, "SELECT": SELECTED} | more


def imap(port: int, **options: Any) -> ImapMarker:
    account = ImapAccount("127.0.0.1", port, "ann", lambda: "secret", "plain", timeout=30)
    return ImapMarker(account, sleep=lambda _: None, **options)


HERE = Place("k", "INBOX", "INBOX/7/5", "ask@x")


def test_a_mark_is_looked_for_by_examine_and_stored_by_one_command() -> None:
    with scripted(Imap().script()) as server:
        marker = imap(server.port)
        assert marker.bears(HERE, NAME) is False
        assert not [line for line in server.commands if line.startswith(("SELECT", "UID STORE"))]
        assert marker.put(HERE, NAME)
        marker.take(HERE, NAME)
        marker.close()
    written = [line for line in server.commands if not line.startswith(("EXAMINE", "UID FETCH", "LIST", "NAMESPACE"))]
    assert [line for line in written if line.partition(" ")[0] not in ("CAPABILITY", "LOGIN", "LOGOUT")] == [
        'SELECT "INBOX"',
        f"UID STORE 5 +FLAGS.SILENT ({KEYWORD})",
        f"UID STORE 5 -FLAGS.SILENT ({KEYWORD})",
    ]


def test_many_marks_cost_one_listing_of_the_mailboxes() -> None:
    with scripted(Imap().script()) as server:
        marker = imap(server.port)
        for _ in range(20):
            assert marker.bears(HERE, NAME) is not None
            assert marker.put(HERE, NAME)
        marker.close()
    assert [line.partition(" ")[0] for line in server.commands].count("LIST") == 1
    assert server.commands.count("NAMESPACE") == 1


REFUSALS = {
    "reading only": (
        {"SELECT": SELECTED.replace("READ-WRITE", "READ-ONLY")},
        r"opens the mailbox INBOX for reading only.*right to set keywords \(w, RFC 4314\)",
    ),
    "no keywords": ({"SELECT": SELECTED.replace(" \\*", "")}, r"keeps no keywords .* INBOX \(PERMANENTFLAGS\)"),
    "no flags at all": ({"SELECT": SELECTED.replace("\\Seen \\*", "")}, r"keeps no keywords"),
    "SELECT refused": ({"SELECT": "{tag} NO not for you"}, r"INBOX cannot be opened for writing: .*not for you"),
    "STORE refused": ({"UID STORE": "{tag} NO over quota of keywords"}, r"was not stored: .*over quota of keywords"),
}


@pytest.mark.parametrize("fault", REFUSALS)
def test_a_refusal_is_told_in_words_and_the_connection_goes_on(fault: str) -> None:
    script, said = REFUSALS[fault]
    with scripted(Imap().script(**script)) as server:
        marker = imap(server.port)
        for _ in range(2):
            with pytest.raises(MarkRefused, match=said):
                marker.put(HERE, NAME)
        assert marker.bears(HERE, NAME) is False
        marker.close()
    assert server.connections == 1
    if fault != "STORE refused":
        assert not [line for line in server.commands if line.startswith("UID STORE")]


@pytest.mark.parametrize(
    "flags", [f"\\Seen {KEYWORD}", f"\\Seen {KEYWORD.upper()}", None], ids=["its own", "in capitals", "not told"]
)
def test_a_mailbox_may_permit_the_keyword_in_other_ways(flags: str | None) -> None:
    line = f"* OK [PERMANENTFLAGS ({flags})] ok\n" if flags else ""
    selected = f"* 3 EXISTS\n* OK [UIDVALIDITY 7] ok\n{line}{{tag}} OK done"
    with scripted(Imap().script(SELECT=selected)) as server:
        marker = imap(server.port)
        assert marker.put(HERE, NAME)
        marker.close()


def test_a_server_that_agrees_and_drops_the_keyword_is_found_out() -> None:
    with scripted(Imap(keeps=False).script()) as server:
        marker = imap(server.port)
        with pytest.raises(
            MarkRefused, match="said that it stored the keyword awaiting_my_reply and did not keep it"
        ):
            marker.put(HERE, NAME)
        marker.close()


def test_gmail_is_told_to_be_unsupported_and_nothing_is_opened() -> None:
    with scripted(Imap().script(), capabilities="IMAP4rev1 UNSELECT IDLE X-GM-EXT-1") as server:
        marker = imap(server.port)
        questions: tuple[Callable[[], object], ...] = (
            lambda: marker.bears(HERE, NAME),
            lambda: marker.put(HERE, NAME),
            lambda: marker.probe(NAME, None),
        )
        for question in questions:
            with pytest.raises(MarkRefused, match="is Gmail, whose pages show no keywords"):
                question()
        marker.close()
    assert not [line for line in server.commands if line.startswith(("EXAMINE", "SELECT", "UID"))]


def test_a_connection_that_is_lost_in_the_middle_is_made_anew_and_the_mark_is_set_once() -> None:
    box = Imap()
    lost = iter([True])

    def store(talk: Conversation, command: str) -> None:
        if next(lost, False):
            box.flags.add(KEYWORD)
            talk.drop()
        box.store(talk, command)

    with scripted(box.script(**{"UID STORE": store})) as server:
        marker = imap(server.port)
        assert marker.put(HERE, NAME)
        marker.close()
    assert server.connections == 2
    assert sum(line.startswith("UID STORE") for line in server.commands) == 1


def test_a_mailbox_that_is_numbered_anew_is_searched_and_no_uid_is_taken_for_another() -> None:
    with scripted(Imap().script(**{"UID SEARCH": "* SEARCH\n{tag} OK done"})) as server:
        marker = imap(server.port)
        assert marker.bears(Place("k", "INBOX", "INBOX/6/5", "ask@x"), NAME) is None
        assert marker.put(Place("k", "INBOX", "INBOX/6/5", 'a"b\r\nA1 DELETE Sent'), NAME) is False
        marker.close()
    assert not [line for line in server.commands if line.startswith(("SELECT", "UID STORE", "DELETE", "A1"))]


# ---------------------------------------------------------------- Exchange Server


@pytest.fixture
def ews() -> Iterator[FakeEws]:
    server = FakeEws(ANN)
    yield server
    server.heal()
    server.close()
    assert server.violations == []
    assert server.updated <= {"item:Categories"}


def of_ews(server: FakeEws, **options: Any) -> tuple[EwsMarker, Place, Callable[[], tuple[str, ...]]]:
    store = server.mailboxes[ANN]
    item = store.add(store.folder("inbox"), MESSAGE, NOON, categories=("Budget",))
    settings = {"timeout": 30} | options
    place = Place("k", "inbox", item.id, "ask@x")
    return EwsMarker(ews_account(server, **settings)), place, lambda: store.find(item.id)[1].categories


EWS_FAULTS: dict[str, tuple[type[MailwatchError] | None, str]] = {
    "busy": (BackOff, "asks to wait 95 seconds"),
    "429": (BackOff, "asks to wait 77 seconds"),
    "503": (BackOff, "too busy"),
    "access denied": (MarkRefused, "may not change the categories .*ErrorAccessDenied.*Grant it EditAllItems"),
    "store is away": (Unreachable, "ErrorMailboxStoreUnavailable"),
    "401": (LoginRefused, "refused the login"),
    "403": (LoginRefused, "does not let svc use EWS"),
    "login page": (ProtocolBroken, "web page instead of EWS"),
    "schema": (ProtocolBroken, "ErrorSchemaValidation"),
    "hang": (Unreachable, "did not answer within"),
    "drop": (None, ""),
    "lost reply": (None, ""),
    "cut": (None, ""),
}


@pytest.mark.parametrize("fault", EWS_FAULTS)
def test_each_fault_of_exchange_while_a_mark_is_set(fault: str, ews: FakeEws) -> None:
    expected, said = EWS_FAULTS[fault]
    marker, place, categories = of_ews(ews, timeout=0.7 if fault == "hang" else 30)
    assert marker.bears(place, NAME) is False
    ews.fail(fault, "UpdateItem")
    if expected is None:
        assert marker.put(place, NAME)
    else:
        with pytest.raises(expected, match=said):
            marker.put(place, NAME)
        ews.heal()
        marker.close()
        marker = EwsMarker(ews_account(ews))
        assert marker.put(place, NAME)
    assert categories() == ("Budget", NAME)
    marker.take(place, NAME)
    assert categories() == ("Budget",)
    marker.close()


def test_looking_for_many_messages_that_moved_costs_one_listing_of_the_mailboxes(ews: FakeEws) -> None:
    marker, place, _ = of_ews(ews)
    moved = replace(place, provider_id="gone")
    for _ in range(5):
        marker.put(moved, NAME)
    marker.close()
    assert ews.asked.count("FindFolder") == 1


@pytest.mark.parametrize("times", [1, 2])
def test_a_category_that_somebody_sets_between_reading_and_writing_is_kept(
    times: int, ews: FakeEws, monkeypatch: pytest.MonkeyPatch
) -> None:
    marker, place, categories = of_ews(ews)
    write, left = EwsMarker._write, iter(range(times))

    def overtaken(self: EwsMarker, *arguments: Any) -> None:
        if (turn := next(left, None)) is not None:
            ews.mailboxes[ANN].change(place.provider_id, categories=(*categories(), f"Quick {turn}"))
        write(self, *arguments)

    monkeypatch.setattr(EwsMarker, "_write", overtaken)
    assert marker.put(place, NAME)
    assert categories() == ("Budget", *(f"Quick {turn}" for turn in range(times)), NAME)
    marker.close()


def test_an_exchange_message_that_changes_all_the_time_is_left_for_later(
    ews: FakeEws, monkeypatch: pytest.MonkeyPatch
) -> None:
    marker, place, categories = of_ews(ews)
    write = EwsMarker._write

    def overtaken(self: EwsMarker, *arguments: Any) -> None:
        ews.mailboxes[ANN].change(place.provider_id, read=True)
        write(self, *arguments)

    monkeypatch.setattr(EwsMarker, "_write", overtaken)
    with pytest.raises(BackOff, match="changed by others 3 times"):
        marker.put(place, NAME)
    assert categories() == ("Budget",)
    marker.close()


def test_the_last_category_is_removed_with_its_property(ews: FakeEws) -> None:
    marker, place, categories = of_ews(ews)
    ews.mailboxes[ANN].change(place.provider_id, categories=())
    marker.put(place, NAME)
    marker.take(place, NAME)
    assert categories() == ()
    assert ews.asked.count("UpdateItem") == 2
    marker.close()


# ---------------------------------------------------------------- Graph


@pytest.fixture
def graph() -> Iterator[FakeGraph]:
    server = FakeGraph(write_back=True)
    yield server
    server.close()
    assert server.violations == []


def of_graph(server: FakeGraph, **options: Any) -> tuple[GraphMarker, Place, Callable[[], tuple[str, ...]]]:
    id = server.store.deliver("inbox", MESSAGE, NOON)
    server.store.categorize(id, ["Budget"])
    settings: dict[str, Any] = {"token": lambda: "good-token", "base_url": server.base_url, "timeout": 30} | options
    marker = GraphMarker(GraphAccount(ANN, **settings), sleep=lambda _: None)
    return marker, Place("k", "inbox", id, "ask@x"), lambda: server.store.messages[id].categories


GRAPH_FAULTS: dict[str, tuple[Any, type[MailwatchError], str]] = {
    "403": (status(403, "ErrorAccessDenied"), MarkRefused, "Give it Mail.ReadWrite for that mailbox"),
    "429": (status(429, "ApplicationThrottled", **{"Retry-After": "7"}), BackOff, "asks to wait 7 seconds"),
    "503": (status(503, "serviceNotAvailable"), BackOff, "asks to wait"),
    "500": (status(500, "internal"), Unreachable, "has a fault of its own"),
    "drop": (drop, Unreachable, "was lost"),
    "hang": (hang, Unreachable, "did not answer within"),
}


@pytest.mark.parametrize("fault", GRAPH_FAULTS)
def test_each_fault_of_graph_while_a_mark_is_set(fault: str, graph: FakeGraph) -> None:
    wrong, expected, said = GRAPH_FAULTS[fault]
    marker, place, categories = of_graph(graph, timeout=0.7 if fault == "hang" else 30)
    assert marker.bears(place, NAME) is False

    def only_a_change(handler: Any) -> bool:
        if handler.command != "PATCH":
            graph.fail(only_a_change)
            return False
        return bool(wrong(handler))

    graph.fail(only_a_change)
    with pytest.raises(expected, match=said):
        marker.put(place, NAME)
    assert categories() == ("Budget",)
    marker.close()
    marker = GraphMarker(GraphAccount(ANN, lambda: "good-token", base_url=graph.base_url))
    assert marker.put(place, NAME)
    assert categories() == ("Budget", NAME)
    marker.close()


def test_a_refused_token_is_replaced_once(graph: FakeGraph) -> None:
    tokens = ["old-token"]
    marker, place, categories = of_graph(
        graph, token=lambda: tokens[-1], forget_token=lambda _: tokens.append("good-token")
    )
    assert marker.put(place, NAME)
    assert categories() == ("Budget", NAME)
    marker.close()


@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_category_set_in_between_is_kept_by_graph_too(
    times: int, graph: FakeGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    marker, place, categories = of_graph(graph)
    write, left = GraphMarker._write, iter(range(times))

    def overtaken(self: GraphMarker, *arguments: Any) -> None:
        if (turn := next(left, None)) is not None:
            graph.store.categorize(place.provider_id, [*categories(), f"Quick {turn}"])
        write(self, *arguments)

    monkeypatch.setattr(GraphMarker, "_write", overtaken)
    quick = tuple(f"Quick {turn}" for turn in range(times))
    if times < 3:
        assert marker.put(place, NAME)
        assert categories() == ("Budget", *quick, NAME)
    else:
        with pytest.raises(BackOff, match="changed by others 3 times"):
            marker.put(place, NAME)
        assert categories() == ("Budget", *quick)
    marker.close()


def test_every_request_that_writes_is_a_patch_of_categories_alone(graph: FakeGraph) -> None:
    marker, place, _ = of_graph(graph)
    marker.put(place, NAME)
    marker.probe(NAME, place)
    marker.take(place, NAME)
    marker.close()
    assert {line.partition(" ")[0] for line in graph.requests} == {"GET", "PATCH"}
    # The fake counts a change of anything else as a violation, which the end of this test looks for.
    assert sum(line.startswith("PATCH") for line in graph.requests) == 3


def test_the_fake_refuses_a_change_where_write_back_is_off() -> None:
    server = FakeGraph()
    marker, place, _ = of_graph(server)
    with pytest.raises(ProtocolBroken):
        marker.put(place, NAME)
    server.close()
    assert server.violations
