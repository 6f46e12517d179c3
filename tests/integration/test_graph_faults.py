"""Every fault of Graph by its name: what happens, what the operator reads, and that no mail is lost or doubled."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from servers.fake_graph import FakeGraph
from servers.fake_graph_faults import (
    PAGE,
    Fault,
    drip,
    drop,
    hang,
    hang_in_the_middle,
    raw,
    status,
)

from mailwatch.adapters.graph import GraphAccount, GraphProvider
from mailwatch.adapters.ledger import SqlLedger
from mailwatch.domain.people import Address, Directory, User
from mailwatch.domain.policy import Policy
from mailwatch.domain.workcalendar import WorkCalendar
from mailwatch.errors import (
    BackOff,
    LoginRefused,
    MailwatchError,
    ProtocolBroken,
    RoleMissing,
    TokenRefused,
    Unreachable,
)
from mailwatch.services.sync import sync
from mailwatch.testing import mail

NOW = datetime(2026, 11, 10, 12, tzinfo=UTC)
USER = "ann@example.com"
POLICY = Policy(User(Address(USER)), WorkCalendar(ZoneInfo("UTC")))
COWORKERS = Directory(domains=frozenset({"example.com"}))
TOKEN = "canary/token+of=="
PATIENCE = 30.0  # seconds an answer may take from a server that gives one
SHORT = 0.4  # seconds that one which gives none is waited for
LONG = 20.0  # seconds after which a poll that should have ended is a failure of the test


@pytest.fixture
def graph() -> Iterator[FakeGraph]:
    server = FakeGraph(tokens={TOKEN})
    yield server
    server.close()
    assert server.violations == []


@pytest.fixture
def ledger() -> Iterator[SqlLedger]:
    opened = SqlLedger.open("sqlite:///:memory:")
    yield opened
    opened.close()


def provider(graph: FakeGraph, token: Callable[[], str] = lambda: TOKEN, **settings: object) -> GraphProvider:
    chosen = {"timeout": PATIENCE, "batch": 3, "base_url": graph.base_url} | settings
    return GraphProvider(GraphAccount(USER, token, **chosen), sleep=lambda _: None)  # type: ignore[arg-type]


def deliver(graph: FakeGraph, numbers: range) -> None:
    for number in numbers:
        message = mail(sender="bob@example.com", to=USER, subject=f"m{number}", message_id=f"m{number}@x")
        graph.store.deliver("inbox", message, NOW - timedelta(hours=30) + timedelta(minutes=number))


def poll(door: GraphProvider, ledger: SqlLedger) -> None:
    sync(door, ledger, POLICY, COWORKERS, NOW, look_back=timedelta(days=30))


def subjects(ledger: SqlLedger) -> list[str]:
    return sorted(each.headers.subject for each in ledger.untriaged(USER))


@dataclass(frozen=True)
class Case:
    """A fault, which requests meet it and how many of them, and what comes of it: an error, or nothing at all."""

    fault: Fault
    error: type[MailwatchError] | None
    words: str = ""
    on: str = "delta"
    times: int = 3
    seconds: float | None = None
    at_first: type[MailwatchError] | None = None  # where the first round differs
    timeout: float = PATIENCE


WAIT = {"Retry-After": "7"}
CASES = {
    "429 with Retry-After": Case(status(429, "ApplicationThrottled", **WAIT), BackOff, "wait 7 seconds", seconds=7),
    "429 with nothing": Case(status(429, "TooManyRequests"), BackOff, "asks to wait"),
    "429 with a date that is past": Case(
        status(429, "", **{"Retry-After": "Sun, 06 Nov 1994 08:49:37 GMT"}), BackOff, "asks to wait 0", seconds=0
    ),
    "429 with nonsense": Case(status(429, "", **{"Retry-After": "soon, maybe"}), BackOff, "asks to wait"),
    "429 for a year": Case(status(429, "", **{"Retry-After": "99999999999"}), BackOff, "wait 86400", seconds=86400),
    "503 with Retry-After": Case(status(503, "serviceUnavailable", **WAIT), BackOff, "wait 7 seconds", seconds=7),
    "busy without 429": Case(status(500, "ErrorServerBusy"), BackOff, "asks to wait"),
    "429 while texts are read": Case(status(429, "", **WAIT), BackOff, "wait 7 seconds", on="select=body"),
    "429 while mailboxes are listed": Case(status(429, "", **WAIT), BackOff, "wait 7", on="mailFolders/inbox?"),
    "500 once": Case(status(500, "InternalServerError"), None, times=1),
    "500 for good": Case(status(500, "InternalServerError"), Unreachable, "a fault of its own"),
    "502 with a page": Case(raw(502, PAGE, "text/html"), Unreachable, "HTTP 502"),
    "the connection is lost once": Case(drop, None, times=1),
    "the connection is lost for good": Case(drop, Unreachable, "was lost"),
    "a hang": Case(hang, Unreachable, "did not answer within 0.4 seconds", timeout=SHORT),
    "a hang in the middle": Case(hang_in_the_middle, Unreachable, "within 0.4 seconds", timeout=SHORT),
    "an answer that drips": Case(drip, Unreachable, "did not answer within 0.4 seconds", timeout=SHORT),
    "a login page of the network": Case(raw(200, PAGE, "text/html"), ProtocolBroken, "a web page instead of data"),
    "a login page that says it is JSON": Case(raw(200, PAGE), ProtocolBroken, "a web page instead of data"),
    "a page for the headers' JSON, cut": Case(raw(200, b'{"value": ['), ProtocolBroken, "no JSON object"),
    "a JSON list": Case(raw(200, b"[]"), ProtocolBroken, "no JSON object"),
    "deep JSON": Case(raw(200, b"[" * 100_000), ProtocolBroken, "no JSON object"),
    "a page without messages": Case(raw(200, b"{}"), ProtocolBroken, "without messages"),
    "a round without end": Case(raw(200, b'{"value": []}'), ProtocolBroken, "without a link"),
    "a link that leads elsewhere": Case(
        raw(200, b'{"value": [], "@odata.nextLink": "https://evil.example/v1.0/users"}'), ProtocolBroken, "to itself"
    ),
    "400": Case(
        status(400, "ErrorInvalidRequest", "What?"), ProtocolBroken, r"HTTP 400, ErrorInvalidRequest: What\?"
    ),
    "401 once": Case(status(401, "InvalidAuthenticationToken"), None, times=1),
    "401 for good": Case(status(401, "InvalidAuthenticationToken"), TokenRefused, "mailwatch login"),
    "403": Case(status(403, "ErrorAccessDenied"), TokenRefused, "RBAC for Applications"),
    "a mailbox on the premises": Case(
        status(404, "MailboxNotEnabledForRESTAPI"), RoleMissing, 'kind = "ews"', on="mailFolders/inbox?"
    ),
    "an unknown user": Case(status(404, "ErrorInvalidUser"), RoleMissing, "nobody called", on="mailFolders/inbox?"),
    "410": Case(status(410, "SyncStateNotFound"), None, "cannot be read now", times=1, at_first=RoleMissing),
    "410 by its code alone": Case(
        status(400, "SyncStateInvalid"), None, "cannot be read now", times=1, at_first=RoleMissing
    ),
    "a link that leads nowhere": Case(
        status(404, "ErrorItemNotFound"), None, "cannot be read now", times=1, at_first=RoleMissing
    ),
}


@pytest.mark.parametrize("name", sorted(CASES))
@pytest.mark.parametrize("stage", ["in the first round", "in a later round"])
def test_a_fault_is_told_in_words_and_no_mail_is_lost_or_doubled(
    name: str, stage: str, graph: FakeGraph, ledger: SqlLedger
) -> None:
    case = CASES[name]
    if stage == "in a later round":
        deliver(graph, range(4))
        before = provider(graph)
        poll(before, ledger)
        before.close()
        deliver(graph, range(4, 8))
    else:
        deliver(graph, range(8))
    door = provider(graph, forget_token=lambda _: None, timeout=case.timeout)
    graph.fail(case.fault, on=case.on, times=case.times)
    begun = time.monotonic()
    error = case.at_first if case.at_first and stage == "in the first round" else case.error
    if error is None:
        poll(door, ledger)
    else:
        with pytest.raises(error, match=case.words) as caught:
            poll(door, ledger)
        assert TOKEN not in f"{caught.value} {caught.value!r}"
        if case.seconds is not None:
            assert caught.value.seconds == case.seconds
    assert time.monotonic() - begun < LONG
    graph.faults.clear()
    if case.timeout == SHORT:
        door.close()
        door = provider(graph)
    poll(door, ledger)
    poll(door, ledger)
    assert subjects(ledger) == [f"m{number}" for number in range(8)]
    door.close()


@pytest.mark.parametrize("page", range(4))
def test_a_round_that_is_cut_off_goes_on_where_it_was(page: int, graph: FakeGraph, ledger: SqlLedger) -> None:
    deliver(graph, range(10))
    door = provider(graph)
    graph.faults = [("delta", lambda handler: False)] * page + [("delta", drop)] * 3
    with pytest.raises(Unreachable):
        poll(door, ledger)
    asked = len(graph.requests)
    poll(provider(graph), ledger)
    assert subjects(ledger) == sorted(f"m{number}" for number in range(10))
    pages = [each for each in graph.requests[asked:] if "inbox/messages/delta" in each or "skiptoken" in each]
    assert len(pages) <= 4 - page + 1


def test_a_poll_that_takes_too_long_is_ended_and_goes_on_later(graph: FakeGraph, ledger: SqlLedger) -> None:
    deliver(graph, range(9))
    door = provider(graph, deadline=0.0)
    graph.slow = 0.002
    with pytest.raises(BackOff, match="what was read is kept"):
        poll(door, ledger)
    door.close()
    poll(provider(graph), ledger)
    assert len(subjects(ledger)) == 9


def test_nobody_at_the_address_is_told_with_the_address(graph: FakeGraph) -> None:
    door = GraphProvider(GraphAccount(USER, lambda: TOKEN, base_url="http://127.0.0.1:1/v1.0"), sleep=lambda _: None)
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1:1 cannot be reached"):
        door.mailboxes()


def test_a_proxy_of_the_environment_is_used_and_named_when_it_cannot_be(
    graph: FakeGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with pytest.raises(Unreachable, match=r"The proxy on the way to .* cannot be used"):
        provider(graph).mailboxes()
    assert graph.requests == []
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    assert provider(graph).mailboxes()


def test_what_a_netrc_or_a_cookie_says_is_not_sent(
    graph: FakeGraph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login ann password of-another-place\n")
    monkeypatch.setenv("NETRC", str(netrc))
    graph.extra_headers = {"Set-Cookie": "session=1; Path=/"}
    door = provider(graph)
    door.mailboxes()
    door.close()
    assert {header for seen in graph.headers_seen for header in seen} & {"Cookie", "cookie"} == set()
    assert {seen["Authorization"] for seen in graph.headers_seen} == {f"Bearer {TOKEN}"}


def test_a_token_that_ended_early_is_replaced_within_the_poll(graph: FakeGraph, ledger: SqlLedger) -> None:
    deliver(graph, range(3))
    held = ["stale-token", TOKEN]
    poll(provider(graph, lambda: held[0], forget_token=held.remove), ledger)
    assert len(subjects(ledger)) == 3
    assert held == [TOKEN]


def test_a_token_that_cannot_be_had_is_the_error(graph: FakeGraph, ledger: SqlLedger) -> None:
    def refuse() -> str:
        raise LoginRefused("Microsoft refused a token.")

    with pytest.raises(LoginRefused, match="Microsoft refused"):
        poll(provider(graph, refuse), ledger)


def test_no_token_is_in_any_log_error_or_repr(
    graph: FakeGraph, ledger: SqlLedger, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    deliver(graph, range(5))
    door = provider(graph)
    seen: list[object] = [door, GraphAccount(USER, lambda: TOKEN)]
    poll(door, ledger)
    echo = f"Token Bearer {TOKEN} is not good. {'x' * 300}"
    escaped = b'{"error": {"code": "x", "message": "%s"}}' % TOKEN.replace("/", "\\/").encode()
    echoes = (status(401, "InvalidAuthenticationToken", echo), status(403, TOKEN), status(429, "", echo))
    for fault in (*echoes, raw(403, escaped), raw(400, TOKEN.encode()), drop):
        graph.faults.clear()
        graph.fail(fault, times=3)
        with pytest.raises(MailwatchError) as caught:
            poll(door, ledger)
        seen += [str(caught.value), repr(caught.value)]
    assert "canary" not in caplog.text + str(seen)
