"""The parts of the Exchange adapter that need no server: times, states, errors, settings, the keeper of turns."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailwatch.adapters.ews_account import EwsAccount
from mailwatch.adapters.ews_errors import (
    Garbled,
    forbidden,
    is_about_one_message,
    is_gone,
    may_be_about_one_message,
    translated,
)
from mailwatch.adapters.ews_fields import TYPES, is_mail, moment, read_item, read_words
from mailwatch.adapters.ews_patience import Gate
from mailwatch.adapters.ews_sync import Mark, read_mark
from mailwatch.domain.message import Role
from mailwatch.errors import (
    AccessRefused,
    BackOff,
    CannotCalculateChanges,
    LoginRefused,
    ProtocolBroken,
    ProviderError,
    RoleMissing,
    SettingsError,
    TokenRefused,
    Unreachable,
    UnreadableMessage,
)
from mailwatch.runtime.patience import locks_out

ENDPOINT = "https://mail.example.com/EWS/Exchange.asmx"
ACCOUNT = EwsAccount(ENDPOINT, "ann@example.com", lambda: "canary", user="OFFICE\\ann")


def element(**fields: str) -> ElementTree.Element:
    item = ElementTree.Element(f"{TYPES}Message")
    for name, text in fields.items():
        ElementTree.SubElement(item, TYPES + name).text = text
    return item


def error(name: str, text: str = "", *bases: str) -> Exception:
    kinds = tuple(type(base, (Exception,), {}) for base in bases) or (Exception,)
    return type(name, kinds, {})(text)  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("told", "read"),
    [
        ("2026-11-10T12:00:00Z", datetime(2026, 11, 10, 12, tzinfo=UTC)),
        ("2026-11-10T12:00:00.123456789Z", datetime(2026, 11, 10, 12, tzinfo=UTC)),
        ("2026-11-10T12:00:00.5+01:00", datetime(2026, 11, 10, 11, tzinfo=UTC)),
        ("2026-11-10T12:00:00-05:30", datetime(2026, 11, 10, 17, 30, tzinfo=UTC)),
        (" 2026-11-10T12:00:00 ", datetime(2026, 11, 10, 12, tzinfo=UTC)),
        ("2026-02-30T12:00:00Z", None),
        ("2026-11-10T25:00:00Z", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("2026-11-10", None),
        ("2026-11-10T12:00:00+99:99", None),
        ("", None),
        (None, None),
        ("٢٠٢٦-11-10T12:00:00Z", None),
    ],
)
def test_a_time_is_read_to_the_second(told: str | None, read: datetime | None) -> None:
    assert moment(told) == read


@given(st.text(max_size=60))
def test_whatever_stands_for_a_time_raises_nothing(told: str) -> None:
    read = moment(told)
    assert read is None or read.tzinfo is UTC


@given(st.text(min_size=1), st.integers(min_value=0, max_value=10**9))
def test_a_state_is_read_as_it_was_written(state: str, left: int) -> None:
    for since in (None, "2026-11-10T12:00:00+00:00"):
        mark = Mark(state, since, left)
        assert read_mark(mark.written()) == mark


@given(st.one_of(st.text(), st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps)))
def test_a_state_that_is_none_of_ours_asks_for_a_full_round(state: str) -> None:
    with pytest.raises(CannotCalculateChanges):
        read_mark(state)


@pytest.mark.parametrize(
    "told", [{"state": ""}, {"state": 1}, {"state": "x", "since": "y"}, {"state": "x", "left": "1"}, {"what": 1}, {}]
)
def test_a_state_with_wrong_parts_asks_for_a_full_round(told: dict[str, object]) -> None:
    with pytest.raises(CannotCalculateChanges):
        read_mark(json.dumps(told))


@pytest.mark.parametrize(
    ("item_class", "mail"),
    [("IPM.Note", True), ("IPM.NOTE.SMIME", True), ("IPM.Notes", False), ("IPM", False), ("", True), (None, True)],
)
def test_a_class_tells_what_is_mail(item_class: str | None, mail: bool) -> None:
    assert is_mail(item_class) is mail


@pytest.mark.parametrize("name", ["ErrorAccessDenied", "ErrorImpersonateUserDenied", "ErrorNonExistentMailbox"])
def test_a_right_or_a_mailbox_that_lacks_counts_as_no_refused_password(name: str) -> None:
    assert not locks_out(translated(error(name, "detail"), ACCOUNT))
    assert not locks_out(forbidden("mail.example.com", "svc"))
    assert locks_out(translated(error("UnauthorizedError", "detail"), ACCOUNT))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("ErrorServerBusy", BackOff),
        ("RateLimitError", BackOff),
        ("ErrorInvalidSyncStateData", CannotCalculateChanges),
        ("UnauthorizedError", LoginRefused),
        ("ErrorPasswordExpired", LoginRefused),
        ("ErrorImpersonationDenied", AccessRefused),
        ("ErrorNonExistentMailbox", AccessRefused),
        ("InvalidClientError", TokenRefused),
        ("ErrorSyncFolderNotFound", RoleMissing),
        ("ErrorInternalServerError", Unreachable),
        ("ErrorMailboxMoveInProgress", Unreachable),
        ("ErrorInvalidRequest", ProtocolBroken),
        ("SOAPError", Garbled),
        ("AttributeError", Garbled),
    ],
)
def test_each_error_has_its_kind_and_names_the_server(name: str, kind: type[ProviderError]) -> None:
    bases = {"InvalidClientError": "OAuth2Error", "ErrorInvalidRequest": "ResponseMessageError"}
    ours = translated(error(name, "detail", *filter(None, [bases.get(name)])), ACCOUNT)
    assert type(ours) is kind
    assert "mail.example.com" in str(ours)
    assert "canary" not in str(ours)


def test_words_of_a_server_are_cleaned() -> None:
    ours = translated(error("ErrorOdd", "bad\x1b[31m\nnews\u202e", "ResponseMessageError"), ACCOUNT)
    assert str(ours).isprintable()


def test_what_is_wrong_with_one_message_is_told_from_what_is_wrong_with_all() -> None:
    assert is_about_one_message(error("ErrorItemCorrupt"))
    assert is_about_one_message(error("ErrorNeverHeardOf"))
    assert not is_about_one_message(error("ErrorMailboxStoreUnavailable"))
    assert not is_about_one_message(error("ErrorInternalServerError"))
    assert may_be_about_one_message(error("ErrorInternalServerError"))
    assert not may_be_about_one_message(error("ErrorServerBusy"))
    assert is_gone(error("ErrorItemNotFound"))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"endpoint": "mail.example.com"}, "no address of a web service"),
        ({"endpoint": "http://mail.example.com/EWS/Exchange.asmx"}, "unencrypted"),
        ({"endpoint": "ftp://mail.example.com"}, "no address of a web service"),
        ({"auth": "oauth-client"}, "needs client, and tenant"),
        ({"auth": "oauth-client", "client_id": "x", "token_url": "http://login.example.com"}, "unencrypted"),
    ],
)
def test_settings_that_cannot_work_are_refused_in_words(settings: dict[str, str], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        EwsAccount(**{"endpoint": ENDPOINT, "address": "ann@example.com", "secret": lambda: "canary"} | settings)  # type: ignore[arg-type]


def test_an_account_shows_no_secret_and_fills_in_what_follows_from_the_rest() -> None:
    account = EwsAccount(
        ENDPOINT, "ann@example.com", lambda: "canary", auth="oauth-client", client_id="c", tenant="t"
    )
    assert "canary" not in repr(account)
    assert account.token_endpoint == "https://login.microsoftonline.com/t/oauth2/v2.0/token"
    assert account.token_scope == "https://mail.example.com/.default"
    assert (account.login, ACCOUNT.login) == ("c", "OFFICE\\ann")
    assert EwsAccount("http://127.0.0.1:1/x", "a@example.com", str).where == "127.0.0.1:1"


def test_a_gate_counts_refusals_of_one_secret_only() -> None:
    gate = Gate()
    for secret in ("old", "old", "new", "old", "old"):
        gate.refused(secret)
        gate.check(secret, ACCOUNT)
    gate.refused("old")
    gate.check("new", ACCOUNT)
    with pytest.raises(LoginRefused, match="3 times"):
        gate.check("old", ACCOUNT)
    gate.welcome()
    gate.check("old", ACCOUNT)


def test_a_message_of_which_nothing_is_known_is_set_aside() -> None:
    with pytest.raises(UnreadableMessage, match="no header field"):
        read_item(element(DateTimeReceived="2026-11-10T12:00:00Z"), "id", Role.INBOX)
    with pytest.raises(UnreadableMessage, match="receive time"):
        read_item(element(Subject="hello"), "id", Role.INBOX)


def test_the_topmost_received_field_stands_in_for_the_receive_time() -> None:
    item = element(Subject="hello")
    headers = ElementTree.SubElement(item, f"{TYPES}InternetMessageHeaders")
    for stamp in ("by us; Tue, 10 Nov 2026 12:00:00 +0000", "by them; Mon, 9 Nov 2026 12:00:00 +0000"):
        field = ElementTree.SubElement(headers, f"{TYPES}InternetMessageHeader", {"HeaderName": "Received"})
        field.text = stamp
    read = read_item(item, "id", Role.INBOX)
    assert read is not None
    assert read.received_at == datetime(2026, 11, 10, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "spec", "shown"),
    [
        ('Bob "B" \\ Bell', "bob@example.com", "Bob B Bell"),
        ("x> <evil@example.net", "bob@example.com", "x> <evil@example.net"),
        ("", "BOB@example.com", ""),
        ("evil@example.net, Bob", "bob@example.com", None),
    ],
)
def test_a_name_cannot_change_the_address(name: str, spec: str, shown: str | None) -> None:
    item = element(DateTimeReceived="2026-11-10T12:00:00Z")
    mailbox = ElementTree.SubElement(ElementTree.SubElement(item, f"{TYPES}From"), f"{TYPES}Mailbox")
    ElementTree.SubElement(mailbox, f"{TYPES}Name").text = name
    ElementTree.SubElement(mailbox, f"{TYPES}EmailAddress").text = spec
    read = read_item(item, "id", Role.INBOX)
    assert read is not None
    assert read.author is not None
    assert read.author.addr_spec == "bob@example.com"
    assert shown is None or read.author.display_name == shown


def test_a_long_text_is_cut_and_an_html_one_is_read_as_html() -> None:
    long = read_words(element(Body="word " * 500_000), "id")
    assert len(long.words) <= 256 << 10
    html = element(Body="<p>Could you <b>look</b>?</p>")
    html[0].set("BodyType", "HTML")
    assert read_words(html, "id").words.split() == ["Could", "you", "look?"]
    assert read_words(element(), "id").words == ""
