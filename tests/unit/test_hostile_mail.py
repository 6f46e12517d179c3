"""Whatever bytes arrive, reading them ends in values or in one kind of error, and never in anything else."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailwatch.domain.html import to_text
from mailwatch.domain.message import Headers, Role, Text
from mailwatch.domain.mime import read_headers, read_part, read_text, received_at, split_message
from mailwatch.domain.quotation import split
from mailwatch.errors import UnreadableMessage

sys.path.insert(0, str(Path(__file__).parent.parent))

from hostile import hostile_messages

NOW = datetime(2026, 11, 17, tzinfo=UTC)
MESSAGES = hostile_messages()
UNREADABLE = {
    "no headers",
    "no header and no body",
    "only line ends",
    "only carriage returns",
    "all bytes",
    "ten megabytes of header",
}


def headers(raw: bytes) -> Headers:
    return read_headers(raw, provider_id="7", role=Role.INBOX, received_at=NOW)


def strings(value: Headers) -> list[str]:
    people = [value.author] if value.author else []
    people += [*value.recipients, *value.reply_to]
    words = [value.subject, value.message_id or "", *value.in_reply_to, *value.references]
    return words + [person.addr_spec for person in people] + [person.display_name for person in people]


def assert_clean(words: list[str]) -> None:
    for each in words:
        each.encode("utf-8")
        assert each.isprintable()


def test_there_are_enough_of_them() -> None:
    assert len(MESSAGES) >= 20


@pytest.mark.parametrize(("name", "raw"), MESSAGES, ids=[name for name, _ in MESSAGES])
def test_headers_are_read_or_the_message_is_set_aside(name: str, raw: bytes) -> None:
    if name in UNREADABLE:
        with pytest.raises(UnreadableMessage):
            headers(raw)
        return
    found = headers(raw)
    assert found.author is not None
    assert len(found.to) <= 500
    assert len(found.subject) <= 300
    assert_clean(strings(found))


@pytest.mark.parametrize(("name", "raw"), MESSAGES, ids=[name for name, _ in MESSAGES])
def test_texts_are_read_and_split(name: str, raw: bytes) -> None:
    text = read_text(raw, provider_id="7")
    text.words.encode("utf-8")
    assert len(text.words) <= 256 << 10
    split(text.words)
    header, body = split_message(raw)
    read_part(header, body[:16384], provider_id="7", truncated=True)
    received_at(raw)


def by_name(name: str) -> bytes:
    return dict(MESSAGES)[name]


def test_nothing_escapes_from_an_encoded_word_into_another_field() -> None:
    found = headers(by_name("line ends in encoded words"))
    assert found.subject == "Figures Auto-Submitted: no Hello"
    assert found.author is not None
    assert found.author.addr_spec == "ann@example.com"
    assert found.author.display_name == "Ann Bcc: eve@example.net"


def test_a_broken_message_id_survives() -> None:
    assert headers(by_name("broken message id")).message_id == "[x@y"


def test_a_group_in_from_names_its_first_member() -> None:
    author = headers(by_name("groups")).author
    assert author is not None
    assert author.addr_spec == "ann@example.com"
    assert headers(by_name("groups")).to == ()


@pytest.mark.parametrize("name", ["31 June", "a zone beyond the world", "the last moment", "digits as a date"])
def test_an_impossible_date_is_none(name: str) -> None:
    assert headers(by_name(name)).sent_at is None


def test_the_message_id_behind_thousands_of_recipients_is_found() -> None:
    assert headers(by_name("eighty kilobytes of recipients")).message_id == "crowd@example.com"


def test_bytes_without_a_charset_are_words() -> None:
    found = headers(by_name("latin-1 without a charset"))
    assert found.subject == "Café"
    assert found.author is not None
    assert found.author.display_name == "Jürgen"
    assert "Café" in read_text(by_name("unknown charset"), provider_id="7").words


FIELD = st.sampled_from(
    [
        b"From",
        b"To",
        b"Subject",
        b"Date",
        b"Message-ID",
        b"References",
        b"Content-Type",
        b'"Cc"',
        b"Sender",
        b"Received",
    ]
)
SCRAPS = st.one_of(
    st.binary(max_size=30),
    st.sampled_from(
        [b"=?utf-8?Q?", b"=?x?B?", b"?=", b"<", b">", b'"', b"(", b")", b"\\", b",", b";", b":", b"@", b"a@b.example"]
    ),
    st.sampled_from(
        [b"multipart/mixed; boundary=", b"text/html", b"\r\n ", b"\r\n", b"\r", b"\xed\xa0\x80", b"1 Jan 2026"]
    ),
)
FIELDS = st.lists(
    st.tuples(FIELD, st.lists(SCRAPS, max_size=8).map(b"".join)).map(lambda pair: pair[0] + b": " + pair[1]),
    max_size=8,
).map(b"\r\n".join)


@given(st.one_of(st.binary(max_size=400), FIELDS))
def test_any_bytes_are_headers_or_unreadable(raw: bytes) -> None:
    try:
        found = headers(raw)
    except UnreadableMessage:
        return
    assert isinstance(found, Headers)
    assert_clean(strings(found))
    assert found.sent_at is None or found.sent_at.utcoffset() is not None


@given(st.one_of(st.binary(max_size=400), FIELDS), st.binary(max_size=400), st.booleans())
def test_any_bytes_are_a_text(head: bytes, body: bytes, truncated: bool) -> None:
    assert isinstance(read_text(head + b"\r\n\r\n" + body, provider_id="7"), Text)
    part = read_part(head, body, provider_id="7", truncated=truncated)
    assert part is None or part.words.strip()


@given(st.lists(st.sampled_from(["<div>", "</p>", "<blockquote>", "<pre>", "x\n", "<br>", "&#xD800;", "<a", "\0"])))
def test_any_html_is_text(pieces: list[str]) -> None:
    to_text("".join(pieces)).encode("utf-8")
