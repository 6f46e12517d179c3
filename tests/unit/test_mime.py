"""Headers and texts of raw messages, ordinary and broken ones."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest

from mailwatch.domain.addresslist import read_addresses
from mailwatch.domain.datefield import read_date, read_offset
from mailwatch.domain.encodedword import decode_base64, decode_words
from mailwatch.domain.message import Headers, Role
from mailwatch.domain.mime import HEADER_FIELDS, read_headers, read_part, read_text, received_at, split_message
from mailwatch.domain.plainform import unflow
from mailwatch.errors import UnreadableMessage

NOW = datetime(2026, 11, 17, tzinfo=UTC)
ORDINARY = (
    b"Return-Path: <ann@example.com>\r\n"
    b'From: "Smith, Ann" <Ann@Example.com>\r\n'
    b"To: Bob Brown <bob@example.com>,\r\n\tcarla@example.com\r\n"
    b"Cc: =?utf-8?Q?J=C3=BCrgen?= <j@example.com>\r\n"
    b"Reply-To: board@example.com\r\n"
    b"Subject: Figures for\r\n the board\r\n"
    b"Date: Mon, 16 Nov 2026 16:02:11 +0100 (CET)\r\n"
    b"Message-ID: <one@example.com>\r\n"
    b"In-Reply-To: <zero@example.com>\r\n"
    b"References: <minus@example.com>\r\n <zero@example.com>\r\n"
    b"\r\n"
    b"Could you send me the figures?\r\n"
)


def headers(raw: bytes) -> Headers:
    return read_headers(raw, provider_id="7", role=Role.INBOX, received_at=NOW)


def words(raw: bytes) -> str:
    return read_text(raw, provider_id="7").words


def test_an_ordinary_header_is_read() -> None:
    found = headers(ORDINARY)
    assert found.author is not None
    assert (found.author.addr_spec, found.author.display_name) == ("ann@example.com", "Smith, Ann")
    assert [each.addr_spec for each in found.to] == ["bob@example.com", "carla@example.com"]
    assert found.cc[0].display_name == "Jürgen"
    assert found.reply_to[0].addr_spec == "board@example.com"
    assert found.subject == "Figures for the board"
    assert found.sent_at == datetime(2026, 11, 16, 15, 2, 11, tzinfo=UTC)
    assert found.message_id == "one@example.com"
    assert found.in_reply_to == ("zero@example.com",)
    assert found.references == ("minus@example.com", "zero@example.com")
    assert found.automatic is None
    assert (found.provider_id, found.received_at, found.role) == ("7", NOW, Role.INBOX)


def test_a_header_block_reads_like_the_whole_message() -> None:
    assert headers(split_message(ORDINARY)[0]) == headers(ORDINARY)


@pytest.mark.parametrize("line_end", [b"\n", b"\r", b"\r\r\n"])
def test_other_line_ends_read_the_same(line_end: bytes) -> None:
    assert headers(ORDINARY.replace(b"\r\n", line_end)) == headers(ORDINARY)


def test_quoted_field_names_and_spaces_before_the_colon_are_survived() -> None:
    found = headers(b'"From": ann@example.com\r\n"SUBJECT" : Figures\r\nTo : bob@example.com\r\n')
    assert found.subject == "Figures"
    assert found.to[0].addr_spec == "bob@example.com"


def test_the_line_of_an_mbox_is_no_field() -> None:
    assert headers(b"From ann@example.com Mon Nov 16 2026\n" + ORDINARY).author == headers(ORDINARY).author


def test_a_message_without_any_known_field_is_unreadable() -> None:
    with pytest.raises(UnreadableMessage, match="no header field"):
        headers(b"X-Something: else\r\n\r\nHello\r\n")


def test_sender_stands_in_for_a_from_without_an_address() -> None:
    found = headers(b"From: Ann\r\nSender: carla@example.com\r\n")
    assert found.author is not None
    assert found.author.addr_spec == "carla@example.com"


def test_a_receive_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        read_headers(ORDINARY, provider_id="7", role=Role.INBOX, received_at=datetime(2026, 11, 17))  # noqa: DTZ001


def test_the_only_text_is_read_though_it_has_a_file_name() -> None:
    head = b"Content-Type: text/html\r\nContent-Disposition: inline; filename=page.html\r\n\r\n"
    assert words(HEAD + head + b"<p>html words</p>") == "html words"


def test_everything_that_is_read_is_asked_for() -> None:
    asked = {name.lower() for name in HEADER_FIELDS}
    assert {"from", "to", "cc", "subject", "date", "message-id", "in-reply-to", "references"} <= asked
    assert {"auto-submitted", "precedence", "list-id", "return-path", "content-type", "x-mailwatch"} <= asked


def test_only_the_last_fifty_references_are_kept() -> None:
    many = b" ".join(b"<%d@example.com>" % number for number in range(80))
    found = headers(b"From: a@b.example\r\nReferences: " + many).references
    assert (len(found), found[-1]) == (50, "79@example.com")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("<one@example.com>", "one@example.com"),
        ("one@example.com", "one@example.com"),
        ("<[x@y", "[x@y"),
        ("<one two@example.com>", "onetwo@example.com"),
        ("=?utf-8?Q?=3Cone@example.com=3E?=", "one@example.com"),
        ("0815", "0815"),
        ("<>", None),
        ("", None),
    ],
)
def test_message_ids_are_read_without_angle_brackets(value: str, expected: str | None) -> None:
    assert headers(f"From: a@b.example\r\nMessage-ID: {value}\r\n".encode()).message_id == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("ann@example.com", [("ann@example.com", "")]),
        ("Ann <ann@example.com>, bob@example.com", [("ann@example.com", "Ann"), ("bob@example.com", "")]),
        ('"Smith, Ann" <ann@example.com>', [("ann@example.com", "Smith, Ann")]),
        ("Smith, Ann <ann@example.com>", [("ann@example.com", "Smith, Ann")]),
        ("=?utf-8?Q?Smith,_Ann?= <ann@example.com>", [("ann@example.com", "Smith, Ann")]),
        ('"=?utf-8?B?w4RubmE=?=" <anna@example.com>', [("anna@example.com", "Änna")]),
        ("ann@example.com (Ann (the one) Smith)", [("ann@example.com", "Ann (the one) Smith")]),
        ("Board: Ann <ann@example.com>, b@example.com;", [("ann@example.com", "Ann"), ("b@example.com", "")]),
        ("undisclosed-recipients:;", []),
        ("<@relay,@other:ann@example.com>", [("ann@example.com", "")]),
        ("Ann <ann@example.com>; Bob <bob@example.com>", [("ann@example.com", "Ann"), ("bob@example.com", "Bob")]),
        ("'ann@example.com' <ann@example.com>", [("ann@example.com", "")]),
        ('"A \\"x\\" B" <ann@example.com>', [("ann@example.com", 'A "x" B')]),
        ('"Ann <ann@example.com>', [("ann@example.com", "")]),
        ("Ann <ann@example.com", [("ann@example.com", "Ann")]),
        ("Ann@work <ann@example.com>", [("ann@example.com", "Ann@work")]),
        ('"ann smith"@example.com', [('"ann smith"@example.com', "")]),
        ("ann@[192.0.2.1]", [("ann@[192.0.2.1]", "")]),
        (", ,", []),
        ("root", []),
        ("a@b@c", []),
        ("ann\x1b@example.com, \x01@\x01, b@example.com", [("b@example.com", "")]),
        ("=?utf-8?Q?eve=40example.net=3E?= <ann@example.com>", [("ann@example.com", "eve@example.net>")]),
    ],
)
def test_addresses_are_read(value: str, expected: list[tuple[str, str]]) -> None:
    assert [(each.addr_spec, each.display_name) for each in read_addresses(value)] == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("plain", "plain"),
        ("=?utf-8?Q?Caf=C3=A9_au_lait?=", "Café au lait"),
        ("=?iso-8859-1?q?Caf=E9?= today", "Café today"),
        ("=?utf-8?B?w6Q=?= =?utf-8?B?w7Y=?=", "äö"),
        ("=?utf-8?B?w?= =?utf-8?B?6Q=?=", "=?"),
        ("=?utf-8?Q?=C3?=\r\n =?utf-8?Q?=A9?=", "é"),
        ("=?utf-8?Q?a?= and =?utf-8?Q?b?=", "a and b"),
        ("=?utf-8?Q?a?= =?iso-8859-1?Q?=E4?=", "aä"),
        ("=?klingon?Q?=E4?=", "ä"),
        ("=?utf-8*de?Q?=C3=A4?=", "ä"),
        ("=?gb2312?B?1tC5+g==?=", "中国"),
        ("=?utf-8?Q?with space?=", "with space"),
        ("=?utf-8?X?abc?=", "=?utf-8?X?abc?="),
        ("=?utf-8?Q?Preisliste_f=C3=BCr?", "Preisliste für"),
        ("=?utf-8?Q?Preis?= =?utf-8?Q?liste_f", "Preisliste f"),
        ("=?utf-8?B?UHJlaXM", "Preis"),
        ("=?", "=?"),
    ],
)
def test_encoded_words_are_decoded(value: str, expected: str) -> None:
    found = decode_words(value)
    assert found == expected or (expected == "=?" and isinstance(found, str))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Mon, 16 Nov 2026 16:02:11 +0100", (2026, 11, 16, 15, 2, 11)),
        ("16 Nov 2026 16:02 -0330", (2026, 11, 16, 19, 32, 0)),
        ("Mon, 16 Nov 2026 16:02:11 GMT", (2026, 11, 16, 16, 2, 11)),
        ("Mon, 16 Nov 2026 16:02:11", (2026, 11, 16, 16, 2, 11)),
        ("Mon, 16 Nov 26 16:02:11 EST", (2026, 11, 16, 21, 2, 11)),
        ("Mon Nov 16 16:02:11 2026", (2026, 11, 16, 16, 2, 11)),
        ("Wed, 31 Dec 2025 23:59:60 +0000", (2025, 12, 31, 23, 59, 59)),
    ],
)
def test_dates_are_read_as_utc(value: str, expected: tuple[int, int, int, int, int, int]) -> None:
    assert read_date(value) == datetime(*expected, tzinfo=UTC)


@pytest.mark.parametrize(
    "value", ["", "soon", "31 Jun 2026 10:00:00 +0000", "1 Jun 2026 10:00 +99999", "1 Foo 2026 1:00 +0000"]
)
def test_what_is_no_date_is_none(value: str) -> None:
    assert read_date(value) is None


@pytest.mark.parametrize(
    ("value", "minutes"),
    [
        ("Mon, 16 Nov 2026 16:02:11 +0100", 60),
        ("16 Nov 2026 16:02 -0330", -210),
        ("Mon, 16 Nov 2026 16:02:11 -0700 (PDT)", -420),
        ("Mon, 16 Nov 2026 16:02:11 +0000", None),
        ("Mon, 16 Nov 2026 16:02:11 -0000", None),
        ("Mon, 16 Nov 2026 16:02:11 GMT", None),
        ("Mon, 16 Nov 2026 16:02:11 +2300", None),
        ("Mon, 16 Nov 2026 16:02:11", None),
        ("soon", None),
        ("", None),
    ],
)
def test_the_zone_of_a_date_is_kept_where_it_tells_something(value: str, minutes: int | None) -> None:
    assert read_offset(value) == (None if minutes is None else timedelta(minutes=minutes))


def test_the_headers_keep_the_zone_of_the_date() -> None:
    raw = b"From: ann@example.com\r\nDate: Thu, 4 Jun 2026 23:00:00 -0400\r\n\r\n"
    found = read_headers(raw, provider_id="1", role=Role.INBOX, received_at=datetime(2026, 6, 5, 4, tzinfo=UTC))
    assert (found.sent_at, found.sent_offset) == (datetime(2026, 6, 5, 3, tzinfo=UTC), timedelta(hours=-4))


def test_the_topmost_received_field_names_the_receive_time() -> None:
    raw = (
        b"Received: from mx by store; Tue, 17 Nov 2026 09:00:00 +0100\r\n"
        b"Received: from a by mx;\r\n Tue, 17 Nov 2026 08:59:00 +0100\r\n" + ORDINARY
    )
    assert received_at(raw) == datetime(2026, 11, 17, 8, 0, tzinfo=UTC)
    assert received_at(ORDINARY) is None


HEAD = b"From: ann@example.com\r\nMIME-Version: 1.0\r\n"


def alternative(plain: bytes, html: bytes) -> bytes:
    return (
        HEAD + b'Content-Type: multipart/alternative; boundary="x y"\r\n\r\nPreamble\r\n--x y\r\n'
        b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + plain + b"\r\n--x y\r\n"
        b"Content-Type: text/html; charset=utf-8\r\n\r\n" + html + b"\r\n--x y--\r\nEpilogue\r\n"
    )


def test_the_plain_form_of_an_alternative_is_preferred() -> None:
    assert words(alternative(b"plain words", b"<p>html words</p>")) == "plain words"


@pytest.mark.parametrize(
    "plain",
    [
        "",
        "\r\n \r\n",
        "Your mail client does not support HTML messages.",
        "This is an HTML message. Please use a program that can show it.",
        "View this message in your browser: https://mail.example.com/show?id=7",
        "If you cannot read this mail, open it in a web browser.\r\n<https://mail.example.com/7>",
        "Diese E-Mail im Browser ansehen",
        "Ihr E-Mail-Programm unterstützt kein HTML.",
        "Voir ce message dans votre navigateur",
        "Votre logiciel de messagerie ne lit pas le HTML.",
        "Ver este mensaje en su navegador",
        "Su cliente de correo no admite HTML.",
        "[cid:image001.png@01DC5F2A.7D0B3C10]",
        "[cid:image001.png@01DC5F2A.7D0B3C10]\r\n\r\n[cid:image002.png@01DC5F2A.7D0B3C10]\r\n",
        "[image: image.png]\r\n",
        "[Inline image 1]",
    ],
)
def test_the_html_form_is_read_if_the_plain_one_says_nothing(plain: str) -> None:
    assert words(alternative(plain.encode(), b"<p>html words</p>")) == "html words"


@pytest.mark.parametrize(
    "plain",
    [
        "Can you view this in your browser?",
        "It looks odd in the browser.",
        "See the plan:\n[cid:image001.png@01DC5F2A.7D0B3C10]",
        "ok",
        "https://wiki.example.com/plan shows it.",
        "I opened the HTML file. " + "It has many words. " * 20,
    ],
)
def test_a_plain_form_with_words_of_its_own_is_read(plain: str) -> None:
    assert words(alternative(plain.encode(), b"<p>html words</p>")) == plain


def test_attachments_and_attached_messages_are_not_the_senders_words() -> None:
    raw = (
        HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nmy words\r\n--b\r\n"
        b"Content-Type: text/plain; name=notes.txt\r\nContent-Disposition: attachment\r\n\r\nnotes\r\n--b\r\n"
        b"Content-Type: message/rfc822\r\n\r\nSubject: other\r\n\r\nother words\r\n--b\r\n"
        b"Content-Type: text/plain; name=more.txt\r\n\r\nmore\r\n--b--\r\n"
    )
    assert words(raw) == "my words"


def test_text_parts_around_a_picture_are_put_together() -> None:
    raw = (
        HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nabove\r\n--b\r\n"
        b"Content-Type: image/png\r\n\r\nxxxx\r\n--b\r\n\r\nbelow\r\n--b--\r\n"
    )
    assert words(raw) == "above\nbelow"


@pytest.mark.parametrize(
    "kind",
    [
        b'multipart/encrypted; protocol="application/pgp-encrypted"; boundary=b',
        b"application/pkcs7-mime; name=smime.p7m",
    ],
)
def test_encrypted_mail_has_no_words(kind: bytes) -> None:
    body = b"--b\r\nContent-Type: application/octet-stream\r\n\r\nsecret\r\n--b--\r\n"
    assert words(HEAD + b"Content-Type: " + kind + b"\r\n\r\n" + body) == ""


def test_an_encrypted_block_in_a_text_is_left_out() -> None:
    assert words(HEAD + b"\r\n-----BEGIN PGP MESSAGE-----\r\n\r\nhQEMA\r\n").strip() == ""


def test_charsets_and_transfer_encodings_are_undone() -> None:
    head = (
        HEAD + b"Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    )
    assert words(head + b"Caf=E9 um =\r\nzw=F6lf =ZZ") == "Café um zwölf =ZZ"
    head = HEAD + b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: BASE64\r\n\r\n"
    assert words(head + base64.encodebytes("Grüße".encode())) == "Grüße"
    assert words(HEAD + b"Content-Type: text/plain; charset=us-ascii\r\n\r\nGr\xc3\xbc\xc3\x9fe") == "Grüße"
    assert words(HEAD + b"Content-Type: text/plain; charset=us-ascii\r\n\r\nGr\xfc\xdfe") == "Grüße"


@pytest.mark.parametrize(
    ("page", "charset"),
    [
        ('<html><head><meta charset="shift_jis"></head>送ってください', "shift_jis"),
        ("<meta http-equiv=Content-Type content='text/html; charset=windows-1251'><p>Пришлите</p>", "windows-1251"),
        ("<META CHARSET=gb2312><p>请发给我</p>", "gb18030"),
    ],
)
def test_html_whose_header_names_no_charset_is_read_by_its_own(page: str, charset: str) -> None:
    raw = HEAD + b"Content-Type: text/html\r\n\r\n" + page.encode(charset)
    assert words(raw) == page.removesuffix("</p>").rpartition(">")[2]


def test_parts_are_found_though_the_header_names_another_boundary() -> None:
    raw = (
        alternative(b"plain words", b"<p>html words</p>")
        .replace(b'boundary="x y"', b"boundary=z")
        .replace(b"Preamble\r\n", b"")
    )
    assert words(raw) == "plain words"


def test_html_that_calls_itself_plain_is_read_as_html() -> None:
    assert (
        words(HEAD + b"Content-Type: text/plain\r\n\r\n<html><body><p>a &amp; <b>b</b></p></body></html>") == "a & b"
    )
    assert words(HEAD + b"Content-Type: text/plain\r\n\r\n<b>a</b>") == "<b>a</b>"


@pytest.mark.parametrize("length", range(0, 60, 7))
def test_base64_may_be_cut_anywhere(length: int) -> None:
    whole = "Könntest du mir die Zahlen schicken?".encode()
    assert whole.startswith(decode_base64(base64.b64encode(whole)[:length]))


def test_flowed_lines_are_joined() -> None:
    assert (
        unflow("one \ntwo\n> a \n> b\n-- \nBob\n  stuffed", delete_space=False)
        == "one two\n> a b\n-- \nBob\n stuffed"
    )
    assert unflow("on \ne", delete_space=True) == "one"


PART = b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"


def test_a_part_is_read_though_it_was_cut() -> None:
    body = base64.encodebytes("Grüße aus Köln".encode())[:7]
    found = read_part(PART, body, provider_id="7", truncated=True)
    assert found is not None
    assert found.words == "Grü"


def test_a_part_that_is_a_multipart_is_read_from_what_was_fetched() -> None:
    header, body = split_message(alternative(b"plain words", b"<p>html words</p>"))
    found = read_part(header, body, provider_id="7")
    assert found is not None
    assert found.words == "plain words"
    guessed = read_part(b"", body.removeprefix(b"Preamble\r\n"), provider_id="7")
    assert guessed is not None
    assert guessed.words == "plain words"


@pytest.mark.parametrize(
    ("header", "body"),
    [
        (b"Content-Type: image/png\r\n\r\n", b"xxxx"),
        (b"Content-Type: message/rfc822\r\n\r\n", b"Subject: x\r\n\r\nwords"),
        (b"Content-Type: text/plain\r\nContent-Disposition: attachment\r\n\r\n", b"words"),
        (b"Content-Type: text/plain\r\n\r\n", b" \r\n"),
        (b"Content-Type: text/plain\r\n\r\n", b"Please use a client that can show HTML mail."),
    ],
)
def test_a_part_without_words_is_none(header: bytes, body: bytes) -> None:
    assert read_part(header, body, provider_id="7") is None


def test_a_long_text_is_cut() -> None:
    found = read_text(HEAD + b"\r\n" + b"words " * 60_000, provider_id="7")
    assert len(found.words) == 256 << 10


def test_words_below_a_text_that_is_signed_within_the_text_are_read_too() -> None:
    signed = (
        "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nmy words\n- -- \nBob\n"
        "-----BEGIN PGP SIGNATURE-----\n\niQEz\n-----END PGP SIGNATURE-----\nfooter of a list\n"
    )
    assert words(HEAD + b"\r\n" + signed.encode()) == "my words\n-- \nBob\nfooter of a list\n"
    quoted = "".join(f"> {line}\n" for line in signed.splitlines())
    assert words(HEAD + b"\r\n" + quoted.encode()) == quoted
