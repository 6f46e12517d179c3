"""A message as Graph describes it: every value may be missing, of another type, or meant to do harm."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailwatch.adapters.bounded_http import Answer
from mailwatch.adapters.graph_errors import seconds_to_wait
from mailwatch.adapters.graph_read import EXPAND, SELECT, header_block, moment, read_body, read_resource
from mailwatch.adapters.graph_session import query
from mailwatch.adapters.graph_sync import Mark, read_mark
from mailwatch.domain.message import Headers, Mailbox, Role, SetAside
from mailwatch.errors import CannotCalculateChanges

INBOX = Mailbox("1", Role.INBOX, "Inbox")
NOON = "2026-11-10T12:00:00Z"


def person(address: object, name: object = None) -> dict[str, Any]:
    return {"emailAddress": {"address": address, "name": name}}


def read(**values: Any) -> Headers | SetAside:
    return read_resource(
        {"receivedDateTime": NOON, **{key.strip("_"): value for key, value in values.items()}}, "i", INBOX
    )


def test_header_fields_go_before_properties() -> None:
    found = read(
        internetMessageHeaders=[{"name": "From", "value": "Bob <bob@example.com>"}],
        from_=person("x@example.com"),
        subject="from the property",
    )
    assert isinstance(found, Headers)
    assert found.author is not None
    assert (found.author.addr_spec, found.subject) == ("bob@example.com", "from the property")


def test_a_name_cannot_become_an_address_or_a_field() -> None:
    found = read(
        from_=person("bob@example.com", 'Bob" <ceo@example.com>\r\nAuto-Submitted: auto-replied\r\nX: "'),
        subject="a\r\nAuto-Submitted: auto-replied",
        toRecipients=[person("ann@example.com>, <eve@example.com", "Eve"), person("/O=ORG/CN=X500"), person(None)],
    )
    assert isinstance(found, Headers)
    assert found.author is not None
    assert found.author.addr_spec == "bob@example.com"
    assert (found.automatic, found.to) == (None, ())


@pytest.mark.parametrize("number", ["0x1042", "0X1042", "0x00001042"])
def test_mapi_properties_are_known_however_their_number_is_written(number: str) -> None:
    found = read(
        from_=person("bob@example.com"),
        singleValueExtendedProperties=[{"id": f"String {number}", "value": "<m1@x>"}],
    )
    assert isinstance(found, Headers)
    assert found.in_reply_to == ("m1@x",)


@pytest.mark.parametrize("received", [None, "", "yesterday", 5, [], "2026-13-45T99:99:99Z"])
def test_a_message_without_a_receive_time_is_set_aside(received: object) -> None:
    assert isinstance(read(receivedDateTime=received), SetAside)


def test_a_message_of_which_nothing_is_known_is_set_aside() -> None:
    assert isinstance(read(), SetAside)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (NOON, datetime(2026, 11, 10, 12, tzinfo=UTC)),
        ("2026-11-10T12:00:00.1234567Z", datetime(2026, 11, 10, 12, 0, 0, 123456, tzinfo=UTC)),
        ("2026-11-10T14:00:00+02:00", datetime(2026, 11, 10, 12, tzinfo=UTC)),
        ("2026-11-10T12:00:00", datetime(2026, 11, 10, 12, tzinfo=UTC)),
    ],
)
def test_times_are_read_with_any_fraction(written: str, meant: datetime) -> None:
    assert moment(written) == meant


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["name", "value", "id", "emailAddress", "address", "content"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)
NAMES = [*SELECT.split(","), "singleValueExtendedProperties", "body", "@odata.type"]


@given(st.dictionaries(st.sampled_from(NAMES), ANYTHING, max_size=8))
def test_no_value_of_any_type_raises(values: dict[str, Any]) -> None:
    found = read_resource({"receivedDateTime": NOON} | values, "i", INBOX)
    assert isinstance(found, Headers | SetAside)
    if isinstance(found, Headers):
        found.subject.encode()
    read_body(values, "i").words.encode()
    block = header_block(values)
    assert all(b":" in line for line in block.split(b"\r\n") if line)


def test_bodies_are_capped_and_html_is_read() -> None:
    long = read_body({"body": {"contentType": "text", "content": "x" * 300_000}}, "i")
    assert len(long.words) == 256 * 1024
    assert read_body({"body": {"contentType": "html", "content": "<p>a</p><p>b</p>"}}, "i").words.split() == [
        "a",
        "b",
    ]
    assert read_body({}, "i").words == ""


@given(st.text(max_size=40) | st.recursive(st.integers() | st.text(max_size=5), st.lists, max_leaves=4).map(repr))
def test_a_state_is_one_of_ours_or_asks_for_a_full_round(state: str) -> None:
    with contextlib.suppress(CannotCalculateChanges):
        read_mark(state)


@pytest.mark.parametrize(
    "mark", [Mark("a"), Mark("a", rest="b", oldest="c", low="d", seen=5, total=9), Mark("a", oldest="c", total=0)]
)
def test_a_state_is_read_as_it_was_written(mark: Mark) -> None:
    again = read_mark(mark.written())
    assert (again.link, again.rest, again.low, again.seen) == (mark.link, mark.rest, mark.low, mark.seen)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        ("0", 0.0),
        ("", None),
        ("-1", None),
        ("soon", None),
        ("999999999999999999999", 86400.0),
        ("Tue, 10 Nov 2026 12:01:00 GMT", 60.0),
        ("Tue, 10 Nov 2026 11:00:00 GMT", 0.0),
        ("Tue, 99 Nov 2026 12:01:00 GMT", None),
    ],
)
def test_retry_after_is_read_in_both_its_forms(value: str, seconds: float | None) -> None:
    now = datetime(2026, 11, 10, 13, tzinfo=timezone(timedelta(hours=1)))
    assert seconds_to_wait(Answer(429, {"retry-after": value}, b""), now) == seconds


def test_a_query_is_encoded_so_that_no_value_begins_another_parameter() -> None:
    assert (
        query(filter="internetMessageId eq '<a&b=c%@x>'")
        == "$filter=internetMessageId%20eq%20'%3Ca%26b%3Dc%25%40x%3E'"
    )
    assert "&" not in query(expand=EXPAND)
