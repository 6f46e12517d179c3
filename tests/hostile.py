"""Messages that break mail readers: deep, huge, cut, lying about their charset, or no messages at all."""

from __future__ import annotations

from collections.abc import Callable

_HEAD = (
    b"From: Ann Smith <ann@example.com>\r\nTo: bob@example.com\r\nSubject: Figures\r\n"
    b"Date: Mon, 16 Nov 2026 16:02:11 +0100\r\nMessage-ID: <%s@example.com>\r\n"
)
_BODY = b"\r\nCould you send me the figures?\r\n"


def _simple(name: str, *lines: bytes) -> bytes:
    """A message with these header lines and no others."""
    return b"\r\n".join(lines) + b"\r\nMessage-ID: <" + name.encode() + b"@example.com>\r\n" + _BODY


def nested_multiparts(depth: int = 1000) -> bytes:
    """Multiparts inside multiparts."""
    parts = [_HEAD % b"nested", b"MIME-Version: 1.0\r\n"]
    for level in range(depth):
        parts.append(b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (level, level))
    parts.append(b"Content-Type: text/plain\r\n\r\nCould you send me the figures?\r\n")
    return b"".join(parts)


def nested_messages(depth: int = 1000) -> bytes:
    """Messages attached to messages."""
    return _HEAD % b"attached" + b"Content-Type: message/rfc822\r\n\r\n" * depth + b"Hello\r\n"


def many_parts(count: int = 20_000) -> bytes:
    """A multipart of very many empty parts."""
    return _HEAD % b"many" + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\n" * count


def deep_html(depth: int = 100_000) -> bytes:
    """HTML whose elements never end."""
    return _HEAD % b"deep" + b"Content-Type: text/html\r\n\r\n" + b"<div>" * depth + b"Hello"


def encoded_words(size: int = 1 << 20) -> bytes:
    """A subject of a million bytes of encoded words."""
    word = b"=?utf-8?B?w6TDtsO8?= "
    return _simple("words", b"From: ann@example.com", b"Subject: " + word * (size // len(word)))


def folded_subject(size: int = 11 << 20) -> bytes:
    """A subject of eleven million bytes, folded."""
    return _simple("folded", b"From: ann@example.com", b"Subject: Figures" + b"\r\n xxxxxxxxx" * (size // 12))


def huge_header(size: int = 10 << 20) -> bytes:
    """Ten million bytes of header fields before the author."""
    return (
        b"X-Filler: "
        + b"y" * 70
        + (b"\r\nX-Filler: " + b"y" * 70) * (size // 82)
        + b"\r\nFrom: a@b.example\r\n\r\nHi"
    )


def many_recipients(count: int = 3000) -> bytes:
    """Eighty thousand bytes of recipients."""
    people = b", ".join(b'"Person, %d" <p%d@example.com>' % (number, number) for number in range(count))
    return _simple("crowd", b"From: ann@example.com", b"To: " + people, b"Subject: All of you")


def bad_base64() -> bytes:
    """Base64 with foreign bytes and a cut end."""
    head = _HEAD % b"base64" + b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return head + b"Q291bGQgeW91IHNlbmQ\xff*** gbWUgdGhlIGZpZ3VyZXM/C"


_MAKERS: dict[str, Callable[[], bytes]] = {
    "nested multiparts": nested_multiparts,
    "nested messages": nested_messages,
    "many parts": many_parts,
    "deep html": deep_html,
    "a megabyte of encoded words": encoded_words,
    "eleven megabytes of subject": folded_subject,
    "ten megabytes of header": huge_header,
    "eighty kilobytes of recipients": many_recipients,
    "broken base64": bad_base64,
    "nested comments": lambda: _simple("comments", b"From: " + b"(" * 500 + b"x" + b")" * 500 + b" ann@example.com"),
    "open comments": lambda: _simple("open", b"From: " + b"(" * 30_000 + b" ann@example.com", b"Subject: x"),
    "open quotation mark": lambda: _simple("quote", b'From: "Ann <ann@example.com>', b'To: "' + b"\\" * 9999),
    "line ends in encoded words": lambda: _simple(
        "crlf",
        b"From: =?utf-8?Q?Ann=0D=0ABcc:_eve@example.net?= <ann@example.com>",
        b"Subject: =?utf-8?Q?Figures=0D=0AAuto-Submitted:_no=0D=0A=0D=0AHello?=",
    ),
    "broken message id": lambda: b"From: ann@example.com\r\nMessage-ID: <[x@y\r\nReferences: <<>> > <\r\n" + _BODY,
    "unknown charset": lambda: (
        _HEAD % b"charset"
        + b"Content-Type: text/plain; charset=klingon-8\r\nX: =?x-unknown?Q?=E9?=\r\n"
        + b"\r\nCaf\xe9 and =E9\r\n"
    ),
    "charset that runs escapes": lambda: _simple(
        "escape", b"From: a@b.example", b"Subject: =?unicode_escape?Q?\\ud800?="
    ),
    "slow charset": lambda: _simple("idna", b"From: a@b.example", b"Subject: =?punycode?Q?" + b"a-" * 15_000 + b"?="),
    "lone surrogates": lambda: _simple(
        "surrogates", b"From: =?utf-7?Q?+2AA-?= \xed\xa0\x80 <ann@example.com>", b"Subject: \xed\xa0\x80\xff\xfe"
    ),
    "latin-1 without a charset": lambda: _simple("latin", b"From: J\xfcrgen <j@example.com>", b"Subject: Caf\xe9"),
    "no headers": lambda: b"\r\nCould you send me the figures?\r\n",
    "no header and no body": lambda: b"",
    "only line ends": lambda: b"\r\n" * 1000,
    "only carriage returns": lambda: b"\r" * 1000,
    "an old macintosh": lambda: b"From: ann@example.com\rSubject: Figures\r\rCould you?\r",
    "nul bytes": lambda: _simple("nul", b"From: a\0nn@example.com", b"Subj\0ect: x", b"Subject: Fig\0ures"),
    "all bytes": lambda: bytes(range(256)) * 100,
    "groups": lambda: _simple(
        "groups", b"From: Board: Ann <ann@example.com>, bob@example.com;", b"To: undisclosed-recipients:;"
    ),
    "31 June": lambda: _simple("june", b"From: ann@example.com", b"Date: Tue, 31 Jun 2026 10:00:00 +0000"),
    "a zone beyond the world": lambda: _simple(
        "zone", b"From: a@b.example", b"Date: Mon, 1 Jun 2026 10:00:00 +99999"
    ),
    "the last moment": lambda: _simple("last", b"From: a@b.example", b"Date: Fri, 31 Dec 9999 23:59:59 -2359"),
    "digits as a date": lambda: _simple("digits", b"From: a@b.example", b"Date: " + b"9" * 20_000),
    "twice everything": lambda: _simple("twice", *[b"From: a@b.example", b"To: c@d.example", b"Subject: x"] * 5000),
    "boundary without an end": lambda: (
        _HEAD % b"boundary" + b'Content-Type: multipart/mixed; boundary="' + b"x" * 70_000 + b"\r\n" + _BODY
    ),
    "parameters without end": lambda: (
        _HEAD % b"params" + b"Content-Type: text/plain" + b"; a=b" * 10_000 + b"\r\n" + _BODY
    ),
    "dashes": lambda: _HEAD % b"dashes" + b"Content-Type: multipart/mixed; boundary=-\r\n\r\n" + b"--" * 300_000,
    "spaces": lambda: _simple(
        "spaces", b"From:" + b" " * 60_000 + b"ann@example.com,", b"To: a" + b" " * 30_000 + b"<"
    ),
    "quoted to death": lambda: _HEAD % b"quoted" + b"\r\n" + (b">" * 1000 + b"\r\n") * 250,
}


def hostile_messages() -> list[tuple[str, bytes]]:
    """Each message with its name; made anew, since some are large."""
    return [(name, make()) for name, make in _MAKERS.items()]
