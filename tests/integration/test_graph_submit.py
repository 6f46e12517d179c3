"""Sending through Graph: the message as it is, to its one recipient, and for certain what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from typing import Any

import pytest
from servers.fake_graph import FakeGraph
from servers.fake_graph_faults import PAGE, Fault, drop, hang, raw, status, take_and_drop

from mailwatch.adapters.graph import GraphAccount, GraphProvider
from mailwatch.adapters.graph_submit import GraphSubmitter
from mailwatch.adapters.ledger import SqlLedger
from mailwatch.errors import (
    LoginRefused,
    SubmissionDeferred,
    SubmissionError,
    SubmissionRefused,
    SubmissionUncertain,
)
from mailwatch.ports import OutboxMail, OutboxState
from mailwatch.services.submit import submit
from mailwatch.testing import mail

USER = "ann@example.com"
TOKEN = "canary-token"
NOW = datetime(2026, 11, 10, 12, tzinfo=UTC)
OURS = mail(
    sender="mailwatch@example.com",
    to=USER,
    subject="2 people wait",
    message_id="ours-1@example.com",
    fields={"Auto-Submitted": "auto-generated", "X-Mailwatch": "1"},
)


@pytest.fixture
def graph() -> Iterator[FakeGraph]:
    server = FakeGraph(tokens={TOKEN})
    yield server
    server.close()
    assert server.violations == []


def account(graph: FakeGraph, **more: Any) -> GraphAccount:
    settings = {"token": lambda: TOKEN, "base_url": graph.base_url, "timeout": 30} | more
    return GraphAccount(USER, **settings)


def test_the_message_goes_out_with_its_own_header(graph: FakeGraph) -> None:
    GraphSubmitter(account(graph)).submit("mailwatch@example.com", USER, OURS)
    (sent,) = graph.sent
    assert sent == OURS.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    header = message_from_bytes(sent)
    assert (header["Message-ID"], header["Auto-Submitted"]) == ("<ours-1@example.com>", "auto-generated")


@pytest.mark.parametrize("name", ["To", "Cc", "Bcc"])
def test_a_message_that_names_anyone_else_is_not_sent(name: str, graph: FakeGraph) -> None:
    message = OURS if name != "To" else OURS.replace(b"To: ann@", b"To: bob@example.com, ann@")
    if name != "To":
        message = name.encode() + b": bob@example.com\n" + OURS
    with pytest.raises(SubmissionRefused, match="to others too"):
        GraphSubmitter(account(graph)).submit("mailwatch@example.com", USER, message)
    assert graph.sent == []


def test_a_message_that_is_too_large_is_refused_here(graph: FakeGraph) -> None:
    with pytest.raises(SubmissionRefused, match="at most"):
        GraphSubmitter(account(graph)).submit("mailwatch@example.com", USER, OURS + b"x" * (4 << 20))


CASES: dict[str, tuple[Fault, type[SubmissionError], str]] = {
    "400": (status(400, "ErrorInvalidRecipients", "At least one is bad"), SubmissionRefused, "At least one is bad"),
    "413": (status(413), SubmissionRefused, "refused the message"),
    "401": (status(401, "InvalidAuthenticationToken", f"Bad {TOKEN}"), SubmissionDeferred, "certificate or secret"),
    "403": (status(403, "ErrorSendAsDenied"), SubmissionDeferred, "Mail.Send"),
    "404": (status(404, "ErrorInvalidUser"), SubmissionDeferred, "knows no mailbox"),
    "429": (status(429, "", **{"Retry-After": "9"}), SubmissionDeferred, "wait 9 seconds"),
    "503": (status(503, "serviceUnavailable"), SubmissionDeferred, "now"),
    "a redirect": (raw(302, b""), SubmissionDeferred, "HTTP 302"),
    "500": (status(500), SubmissionUncertain, "no clear answer"),
    "504": (raw(504, PAGE, "text/html"), SubmissionUncertain, "no clear answer"),
    "200 with a page": (raw(200, PAGE, "text/html"), SubmissionUncertain, "no clear answer"),
    "407 with a page": (raw(407, PAGE, "text/html"), SubmissionUncertain, "no clear answer"),
    "a hang": (hang, SubmissionUncertain, "may have been taken"),
    "a lost connection": (drop, SubmissionUncertain, "may have been taken"),
}


@pytest.mark.parametrize("name", sorted(CASES))
def test_each_fault_is_deferred_refused_or_uncertain_and_told_in_words(
    name: str, graph: FakeGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault, kind, words = CASES[name]
    graph.fail(fault, on="sendMail")
    timeout = 30.0
    if fault is hang:
        timeout = 0.4
        monkeypatch.setattr("mailwatch.adapters.graph_submit._PATIENCE", timeout)
    with pytest.raises(kind, match=words) as caught:
        GraphSubmitter(account(graph, timeout=timeout)).submit("mailwatch@example.com", USER, OURS)
    assert "canary" not in str(caught.value)
    assert graph.sent == []


def test_a_server_that_asked_to_wait_is_left_alone_with_the_other_mails_too(graph: FakeGraph) -> None:
    submitter = GraphSubmitter(account(graph))
    graph.fail(status(429, "", **{"Retry-After": "900"}), on="sendMail")
    left = []
    for words in ("wait 900 seconds", "given no mail for 15 minutes", "given no mail for 15 minutes"):
        with pytest.raises(SubmissionDeferred, match=words) as caught:
            submitter.submit("mailwatch@example.com", USER, OURS)
        left.append(caught.value.seconds)
    assert left[0] == 900
    assert all(800 < each <= 900 for each in left)
    assert graph.sent == []


def test_nobody_there_means_that_nothing_was_taken() -> None:
    settings = GraphAccount(USER, lambda: TOKEN, base_url="http://127.0.0.1:1/v1.0")
    with pytest.raises(SubmissionDeferred, match="cannot be reached"):
        GraphSubmitter(settings).submit("mailwatch@example.com", USER, OURS)


def test_a_token_that_cannot_be_had_defers(graph: FakeGraph) -> None:
    def refuse() -> str:
        raise LoginRefused("Microsoft refused a token.")

    with pytest.raises(SubmissionDeferred, match="Microsoft refused"):
        GraphSubmitter(account(graph, token=refuse)).submit("mailwatch@example.com", USER, OURS)


def test_a_token_that_ended_early_is_replaced_once(graph: FakeGraph) -> None:
    held = ["stale-token", TOKEN]
    submitter = GraphSubmitter(account(graph, token=lambda: held[0], forget_token=held.remove))
    submitter.submit("mailwatch@example.com", USER, OURS)
    assert len(graph.sent) == 1


def test_a_probe_sends_nothing_and_names_a_bad_token(graph: FakeGraph) -> None:
    GraphSubmitter(account(graph)).probe()
    graph.fail(status(403, "ErrorAccessDenied"))
    GraphSubmitter(account(graph)).probe()
    with pytest.raises(SubmissionDeferred, match="certificate or secret"):
        GraphSubmitter(account(graph, token=lambda: "stale-token")).probe()
    assert graph.sent == []


@pytest.mark.parametrize(("fault", "copies"), [(take_and_drop, 1), (drop, 1), (status(503), 1)])
def test_a_mail_whose_answer_was_lost_is_looked_for_and_sent_once(
    fault: Fault, copies: int, graph: FakeGraph
) -> None:
    ledger = SqlLedger.open("sqlite:///:memory:")
    ledger.enqueue(OutboxMail(USER, "reminder", "2026-11-10T09", "ours-1@example.com", OURS, NOW))
    graph.fail(fault, on="sendMail")
    door = GraphProvider(account(graph), sleep=lambda _: None)
    submitter = GraphSubmitter(account(graph))
    settle = timedelta(minutes=15)
    for minutes in (0, 5, 16, 40):
        submit(
            ledger,
            submitter,
            door.holds,
            USER,
            NOW + timedelta(minutes=minutes),
            sender="mailwatch@example.com",
            settle=settle,
        )
    assert len(graph.sent) == copies
    assert [each for each in ledger.outbox(USER) if each.state is not OutboxState.SENT] == []
    ledger.close()
