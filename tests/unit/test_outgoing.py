"""What goes out: exactly one recipient, no injected header, the same bytes every time."""

from __future__ import annotations

import email
import email.policy
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.message import EmailMessage, Message
from email.utils import getaddresses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailwatch.domain.cleaning import clean
from mailwatch.domain.outgoing import compose_message, new_message_id
from mailwatch.domain.people import Address

NOON = datetime(2026, 11, 5, 12, 0, tzinfo=UTC)
SENDER = Address("mailwatch@example.com", "mailwatch")
ANN = Address("ann@example.com", "Ann Smith")


def composed(**changes: object) -> bytes:
    given_: dict[str, object] = {
        "sender": SENDER,
        "recipient": ANN,
        "subject": "Dana has waited since Tuesday, and two more",
        "text": "Dana has waited since Tuesday.\n",
        "html": "<p>Dana has waited since Tuesday.</p>",
        "message_id": "token@example.com",
        "date": NOON,
        "kind": "reminder",
    }
    return compose_message(**(given_ | changes))  # type: ignore[arg-type]


def read(raw: bytes) -> EmailMessage:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def decoded(raw: bytes, field: str) -> str:
    """A field as a reader decodes it who follows RFC 2047 to the letter."""
    old: Message = email.message_from_bytes(raw, policy=email.policy.compat32)
    return str(make_header(decode_header(old[field].replace("\r\n", ""))))


def test_a_mail_says_who_when_and_that_a_program_wrote_it() -> None:
    message = read(composed())
    assert message["From"] == "mailwatch <mailwatch@example.com>"
    assert message["To"] == "Ann Smith <ann@example.com>"
    assert message["Date"] == "Thu, 05 Nov 2026 12:00:00 +0000"
    assert message["Message-ID"] == "<token@example.com>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "All"
    assert message["X-Mailwatch"] == "reminder"
    assert message["List-Unsubscribe"] == "<mailto:mailwatch@example.com?subject=stop>"
    assert "Precedence" not in message


def test_the_text_comes_first_and_both_parts_come_back() -> None:
    message = read(composed(text="Grüße\nund Küsse\n", html="<p>Grüße</p>"))
    assert message.get_content_type() == "multipart/alternative"
    text, html = message.iter_parts()
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert text.get_content().splitlines() == ["Grüße", "und Küsse"]
    assert html.get_content().strip() == "<p>Grüße</p>"


def test_the_same_words_give_the_same_bytes() -> None:
    assert composed() == composed()


def test_every_line_ends_in_cr_lf_and_none_is_long() -> None:
    raw = composed(text="x" * 5000, html="<p>" + "ü" * 5000 + "</p>", subject="ü" * 5000)
    assert raw.count(b"\r") == raw.count(b"\n") == raw.count(b"\r\n")
    assert max(len(line) for line in raw.split(b"\r\n")) <= 78 + len("boundary=")
    assert raw.isascii()


@pytest.mark.parametrize(
    "poison",
    [
        "x\r\nBcc: eve@example.net",
        "x\nBcc: eve@example.net\n\nbody",
        "x\r\n\r\n<html>",
        "x\x85Bcc: eve@example.net",
        "x\u2028Bcc: eve@example.net",
        "\ud800\udfff lone",
        "\u202eevil\u202c",
        "=?utf-8?q?x=0D=0ABcc:_eve@example.net?=",
        '", eve@example.net, "',
        "eve@example.net>, <eve2@example.net",
        "a\\",
        "(",
        "\x00",
        "ü" * 10_000,
        "x " * 10_000,
        "",
        "日本語、名前" * 30,
    ],
)
def test_no_words_add_a_header_or_a_recipient(poison: str) -> None:
    raw = composed(
        subject=poison,
        recipient=Address("ann@example.com", poison),
        sender=Address("mailwatch@example.com", poison),
        kind=poison,
    )
    message = read(raw)
    assert [name for name, _ in message.items()] == [name for name, _ in read(composed()).items()]
    assert [a.addr_spec for a in message["To"].addresses] == ["ann@example.com"]
    assert [spec for _, spec in getaddresses([message["To"]])] == ["ann@example.com"]
    assert "\n" not in decoded(raw, "Subject")
    assert decoded(raw, "Subject") == (clean(poison) or "mailwatch")


@given(st.text(), st.text())
def test_any_subject_and_name_can_be_sent(subject: str, name: str) -> None:
    raw = composed(subject=subject, recipient=Address("ann@example.com", name))
    assert decoded(raw, "Subject") == (clean(subject) or "mailwatch")
    head = raw.split(b"\r\n\r\n")[0]
    starts = [line for line in head.split(b"\r\n") if not line.startswith(b" ")]
    assert len(starts) == 11
    assert getaddresses([read(raw)["To"]])[0][1] == "ann@example.com"


@given(st.text(), st.text())
def test_any_text_comes_back_line_by_line(text: str, html: str) -> None:
    parts = list(read(composed(text=text, html=html)).iter_parts())
    assert len(parts) == 2
    sent = text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n").split("\n")
    got = parts[0].get_payload(decode=True)
    assert isinstance(got, bytes)
    assert got.decode().replace("\r\n", "\n").rstrip("\n").split("\n") == [s.rstrip(" \t") for s in sent]


@pytest.mark.parametrize(
    "spec",
    ["", "ann", "ann@", "@example.com", "ann@exam ple.com", "a b@example.com", "ann@example.com, eve@example.net",
     "ann\r\n@example.com", "ann@example.com\r\nbcc:eve@example.net", "<ann>@example.com", "a..b@example.com",
     "jürg@example.com", "x" * 65 + "@example.com", '"ann smith"@example.com', "ann@" + "x" * 64 + ".example"],
)  # fmt: skip
def test_an_address_that_cannot_stand_in_a_header_is_refused(spec: str) -> None:
    with pytest.raises(ValueError, match=r"cannot|address|domain"):
        composed(recipient=Address(spec))


def test_a_domain_of_other_letters_is_encoded() -> None:
    assert read(composed(recipient=Address("ann@bücher.example")))["To"] == "ann@xn--bcher-kva.example"


@pytest.mark.parametrize("message_id", ["", "x", "a b@c", "a@b>\r\nBcc: x@y.z", "a@" + "b" * 300])
def test_a_message_id_that_is_none_is_refused(message_id: str) -> None:
    with pytest.raises(ValueError, match="Message-ID"):
        composed(message_id=message_id)


def test_the_way_to_stop_is_a_link_to_the_sender() -> None:
    message = read(composed(sender=Address("o'brien&co@example.com")))
    assert message["List-Unsubscribe"] == "<mailto:o'brien%26co@example.com?subject=stop>"
    assert "List-Unsubscribe" not in read(composed(sender=Address("50%@example.com")))  # no mail program agrees on it


def test_a_naive_date_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        composed(date=datetime(2026, 11, 5, 12))  # noqa: DTZ001 (that is what is tested)


def test_a_message_id_is_a_dot_atom_at_a_domain() -> None:
    assert new_message_id("ab.cd", "Example.COM.") == "ab.cd@example.com"
    assert new_message_id("a b\r\n<>ü..c", "bücher.example") == "ab.c@xn--bcher-kva.example"
    with pytest.raises(ValueError, match="Message-ID"):
        new_message_id("<>", "example.com")
    with pytest.raises(ValueError, match="domain"):
        new_message_id("a", "exa mple")


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("  plain   words ", "plain words"),
        ("a\r\nb\tc\x85d\u2028e", "a b c d e"),
        ("a\u202eb\u2066c\u200fd", "abcd"),
        ("\ud800", "\ufffd"),
        ("pass\xadword\u200b\ufeff", "password"),
        ("👩\u200d💻", "👩\u200d💻"),
        ("x" * 201, "x" * 199 + "…"),
        ("x" * 200, "x" * 200),
        ("e\u0301", "e\u0301"),
        ("\x1b[31mred\x1b[0m", "[31mred[0m"),
        ("\r\n", ""),
    ],
)
def test_words_of_strangers_are_made_harmless(words: str, shown: str) -> None:
    assert clean(words) == shown


def test_a_tower_of_accents_is_cut_down() -> None:
    assert clean("z" + "\u0301" * 500) == "z" + "\u0301" * 4


@given(st.text(), st.integers(1, 300))
def test_cleaned_words_keep_the_limit_and_cleaning_again_changes_nothing(words: str, limit: int) -> None:
    once = clean(words, limit)
    assert len(once) <= limit
    assert clean(once, limit) == once
    once.encode("utf-8")
