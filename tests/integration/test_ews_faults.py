"""Every fault of an Exchange server by its name: what happens, what the operator reads, and that no mail is lost."""

from __future__ import annotations

import re
import threading
import time

import pytest
from servers.fake_ews import PASSWORD
from servers.fake_ews_office import NOON, Office, office

from mailwatch.adapters import ews_http
from mailwatch.adapters.ews_errors import forbidden
from mailwatch.errors import (
    AccessRefused,
    BackOff,
    LoginRefused,
    ProtocolBroken,
    ProviderError,
    RoleMissing,
    Unreachable,
)

LONG = 20.0  # Seconds; a poll that meets a fault ends at once, or at its deadline, and never waits out a back-off.
Expected = tuple[type[ProviderError] | None, str]

# At any operation: the error and the words that the operator reads; None means that the poll goes on unharmed.
ANYWHERE: dict[str, Expected] = {
    "busy": (BackOff, r"asks to wait 95 seconds"),
    "busy without a time": (BackOff, r"asks to wait 10 seconds"),
    "503": (BackOff, r"too busy; mailwatch tries again later"),
    "429": (BackOff, r"asks to wait 77 seconds"),
    "may not impersonate": (AccessRefused, r"may not open the mailbox ann@example.com .*Grant it the rights"),
    "no such mailbox": (AccessRefused, r"knows no mailbox ann@example.com"),
    "schema": (ProtocolBroken, r"ErrorSchemaValidation"),
    "401": (LoginRefused, r"refused the login of svc. Check user and password"),
    "403": (AccessRefused, r"does not let svc use EWS \(HTTP 403\)"),
    "404": (ProtocolBroken, r"no EWS at this address \(HTTP 404\).*usually ends in /EWS/Exchange.asmx"),
    "502": (Unreachable, r"failed \(HTTP 502\)"),
    "500 without soap": (Unreachable, r"failed \(HTTP 500\)"),
    "login page": (ProtocolBroken, r"web page instead of EWS"),
    "redirect": (ProtocolBroken, r"web page instead of EWS"),
    "empty answer": (ProtocolBroken, r"no EWS at this address"),
    "drop": (None, ""),
    "lost reply": (None, ""),
    "cut": (None, ""),
    "cut without a length": (None, ""),
}
# In answers to SyncFolderItems.
SYNC: dict[str, Expected] = {
    "too many objects": (BackOff, r"asks to wait"),
    "too many connections": (BackOff, r"too busy"),
    "invalid sync state": (None, ""),
    "folder is gone": (RoleMissing, r"The mailbox Inbox cannot be read now"),
    "store is away": (Unreachable, r"cannot serve ann@example.com now \(ErrorMailboxStoreUnavailable\)"),
    "mailbox is moving": (Unreachable, r"ErrorMailboxMoveInProgress"),
    "inner error": (Unreachable, r"ErrorInternalServerError"),
    "timed out inside": (Unreachable, r"ErrorTimeoutExpired"),
    "access denied": (AccessRefused, r"may not open the mailbox .*ErrorAccessDenied"),
    "unknown code": (ProtocolBroken, r"cannot be read"),
    "broken xml": (ProtocolBroken, r"no well-formed XML"),
    "huge": (ProtocolBroken, r"more than 1 MB"),
    "stands still": (None, ""),
    "told twice": (None, ""),
}
# In answers to GetItem, for each message that was asked for.
ITEMS: dict[str, Expected] = {
    "too many objects": (BackOff, r"too busy"),
    "store is away": (Unreachable, r"ErrorMailboxStoreUnavailable"),
    "mailbox is moving": (Unreachable, r"ErrorMailboxMoveInProgress"),
    "inner error": (Unreachable, r"ErrorInternalServerError"),
    "access denied": (AccessRefused, r"may not open the mailbox"),
    "timed out inside": (Unreachable, r"ErrorTimeoutExpired"),
    "control characters": (None, ""),
    "broken xml": (None, ""),
    "huge": (None, ""),
}
CASES = [
    pytest.param(name, operation, *expected, id=f"{name} at {operation}")
    for operation, table in {"SyncFolderItems": ANYWHERE | SYNC, "GetItem": ANYWHERE | ITEMS}.items()
    for name, expected in table.items()
]


@pytest.fixture(autouse=True)
def small_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cap on answers is the same rule at one megabyte, and quicker to reach."""
    monkeypatch.setattr(ews_http, "ANSWER_LIMIT", 1 << 20)


def poll_expecting(one: Office, error: type[ProviderError] | None, words: str) -> None:
    begun = time.monotonic()
    if error is None:
        one.poll()
        assert time.monotonic() - begun < LONG
        return
    with pytest.raises(error) as caught:
        one.poll()
    assert time.monotonic() - begun < LONG
    assert re.search(words, str(caught.value)), str(caught.value)
    assert PASSWORD not in repr(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(("name", "operation", "error", "words"), CASES)
def test_a_fault_in_a_later_poll_costs_one_poll_at_most(
    name: str, operation: str, error: type[ProviderError] | None, words: str
) -> None:
    with office() as one:
        one.deliver(3)
        one.deliver(1, "sentitems")
        one.poll()
        one.deliver(3)
        one.server.fail(name, operation)
        poll_expecting(one, error, words)
        one.poll()
        one.server.violations[:] = [each for each in one.server.violations if "ErrorNeverHeardOf" not in each]
        assert one.nothing_is_lost_or_doubled()
        assert list(one.ledger.set_aside(one.address)) == []


@pytest.mark.parametrize(("name", "operation", "error", "words"), CASES)
def test_a_fault_in_the_middle_of_the_first_round_is_made_up_for(
    name: str, operation: str, error: type[ProviderError] | None, words: str
) -> None:
    with office(batch=2) as one:
        one.deliver(5)
        one.deliver(1, "sentitems")
        one.server.fail(name, operation, after=1)
        poll_expecting(one, error, words)
        one.deliver(1)
        # What comes while a round goes on is told in the next one.
        one.poll()
        one.poll()
        one.server.violations[:] = [each for each in one.server.violations if "ErrorNeverHeardOf" not in each]
        assert one.nothing_is_lost_or_doubled()


def test_a_server_that_always_says_there_is_more_is_not_asked_for_ever() -> None:
    with office() as one:
        one.deliver(3)
        one.server.fail("stands still", times=1000)
        one.poll()
        asked = len(one.server.asked)
        one.poll()
        assert one.server.asked[asked:] == ["SyncFolderItems"] * 3
        assert one.nothing_is_lost_or_doubled()


@pytest.mark.parametrize("name", ["drop", "cut", "cut without a length"])
def test_a_connection_that_is_lost_twice_is_reported(name: str) -> None:
    with office() as one:
        one.deliver(2)
        one.server.fail(name, times=2)
        poll_expecting(one, Unreachable, r"The connection to 127.0.0.1:\d+ was lost")
        one.poll()
        assert one.nothing_is_lost_or_doubled()


@pytest.mark.parametrize("name", ["hang", "drip"])
@pytest.mark.parametrize("operation", ["GetFolder", "SyncFolderItems", "GetItem"])
def test_a_server_that_hangs_ends_the_poll_at_the_deadline_and_leaves_no_thread(name: str, operation: str) -> None:
    with office(timeout=0.7) as one:
        one.deliver(2)
        one.server.fail(name, operation)
        poll_expecting(one, Unreachable, r"did not answer within 0.7 seconds, so this poll ends")
        assert [each.name for each in threading.enumerate() if each.name == "ews-deadline"] == []
        one.be_patient()
        one.poll()
        assert one.nothing_is_lost_or_doubled()


def test_a_server_of_exchange_online_that_refuses_ews_is_told_to_use_graph() -> None:
    for host in ("outlook.office365.com", "outlook.office365.com:443", "eu-mail.outlook.com"):
        assert 'Use kind = "graph"' in str(forbidden(host, "svc"))
    for host in ("mail.example.com", "outlook.office365.com.example.net", "notoutlook.com"):
        assert "graph" not in str(forbidden(host, "svc"))


def test_an_older_server_is_asked_in_its_own_version() -> None:
    with office() as one:
        one.server.oldest_version = one.server.version = "Exchange2010_SP2"
        one.deliver(3)
        one.poll()
        # On its way down exchangelib names a version that the schema does not know.
        one.server.violations[:] = [each for each in one.server.violations if "Exchange2015_SP1" not in each]
        assert one.nothing_is_lost_or_doubled()


@pytest.mark.parametrize(
    "code",
    [
        "ErrorItemNotFound",
        "ErrorItemCorrupt",
        "ErrorContentConversionFailed",
        "ErrorInternalServerError",
        "ErrorAccessDenied",
    ],
)
def test_one_message_that_cannot_be_handed_out_stops_no_other(code: str) -> None:
    with office() as one:
        items = one.deliver(5)
        one.store.broken[items[2].id] = code
        one.expected.remove("m2@x")
        one.poll()
        assert one.nothing_is_lost_or_doubled()
        set_aside = [each.provider_id for each in one.ledger.set_aside(one.address)]
        assert set_aside == ([] if code == "ErrorItemNotFound" else [items[2].id])


def test_a_message_that_makes_the_answer_unreadable_is_found_and_set_aside() -> None:
    with office() as one:
        items = one.deliver(9)
        one.server.unreadable = items[4].id
        one.expected.remove("m4@x")
        one.poll()
        assert one.nothing_is_lost_or_doubled()
        (found,) = one.ledger.set_aside(one.address)
        assert (found.provider_id, "XML" in found.reason) == (items[4].id, True)


def test_a_server_that_only_babbles_loses_no_mail() -> None:
    with office() as one:
        one.deliver(6)
        one.server.fail("broken xml", "GetItem", times=1000)
        poll_expecting(one, ProtocolBroken, "no well-formed XML")
        one.server.heal()
        one.poll()
        assert one.nothing_is_lost_or_doubled()
        assert list(one.ledger.set_aside(one.address)) == []


def test_times_with_nine_digits_and_missing_values_are_survived() -> None:
    with office() as one:
        one.deliver(1, DateTimeReceived="2026-11-10T12:00:00.123456789Z", DateTimeSent="2026-11-10T12:00:00.1234567Z")
        one.deliver(1, DateTimeReceived="2026-11-10T12:00:00.999999999+01:00")
        one.deliver(1, DateTimeReceived=None, ItemClass=None, From=None, ToRecipients=None, Subject=None)
        one.server.violations.clear()
        one.poll()
        assert sorted(str(each) for each in one.known()) == one.expected
        headers = {m.headers.message_id: m.headers for m in one.ledger.untriaged(one.address)}
        assert headers["m0@x"].received_at == NOON
        assert headers["m0@x"].sent_at == NOON
        assert headers["m1@x"].received_at.hour == 11
        assert headers["m2@x"].author is not None


def test_a_message_without_any_time_is_set_aside() -> None:
    with office() as one:
        one.deliver(1, DateTimeReceived=None, DateTimeCreated="never")
        one.expected.clear()
        one.server.violations.clear()
        one.poll()
        assert one.known() == []
        assert "receive time" in next(iter(one.ledger.set_aside(one.address))).reason
