"""Finds the words of a message among its MIME parts and decodes them, without recursion and within caps."""

from __future__ import annotations

import binascii
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from mailwatch.domain.cleaning import many_lines
from mailwatch.domain.colours import announced
from mailwatch.domain.encodedword import decode_base64, decode_bytes
from mailwatch.domain.fields import read_fields, read_parameters, split_message
from mailwatch.domain.html import to_text
from mailwatch.domain.invitations import CALENDAR, invites
from mailwatch.domain.message import Invitation, Text
from mailwatch.domain.pagelines import ANSWER
from mailwatch.domain.plainform import is_placeholder, unflow, without_armour
from mailwatch.domain.reading import ReplyKind

MESSAGE_LIMIT: Final = 1 << 20
TEXT_LIMIT: Final = 256 << 10
MOST_PARTS: Final = 100
MOST_LEVELS: Final = 20

_PART_FIELDS = frozenset({"content-type", "content-transfer-encoding", "content-disposition"})
_READABLE = frozenset({"text/plain", "text/html", "text/enriched", "text/richtext", "text", "text/xhtml"})
_GUESSED_BOUNDARY = re.compile(rb"\s*+--([^\r\n]{1,200}?)[ \t]*+\r?\nContent-", re.IGNORECASE)
_META = re.compile(rb"<meta\s[^>]{0,200}?charset\s*=\s*[\"']?([A-Za-z0-9_-]{1,40})", re.IGNORECASE)
_HEAD: Final = 2000
_PAGES = ("<html", "<!doctype")
"""What calls itself plain text and begins so is HTML."""
_FIRST_LINE: Final = 20
_SEALED: Final = {
    "application/ms-tnef": "winmail.dat, a form of Outlook's own",
    "application/pkcs7-mime": "an S/MIME envelope",
    "application/x-pkcs7-mime": "an S/MIME envelope",
    "application/pgp-encrypted": "a PGP envelope",
}
_REACTION: Final = "text/vnd.google.email-reaction+json"


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A part that holds words; `choice` numbers the outermost multipart/alternative around it, 0 for none."""

    kind: str
    parameters: dict[str, str]
    encoding: str
    body: bytes
    choice: int
    cut: bool


def text_of_message(raw: bytes, provider_id: str) -> Text:
    """The text of a whole message; see `mime.read_text`."""
    header, body = split_message(raw[:MESSAGE_LIMIT])
    return _text(provider_id, *_leaves(header, body, len(raw) > MESSAGE_LIMIT))


def text_of_part(mime_header: bytes, body: bytes, provider_id: str, truncated: bool) -> Text | None:
    """The text of one fetched part, or None; see `mime.read_part`."""
    truncated = truncated or len(body) > MESSAGE_LIMIT
    text = _text(provider_id, *_leaves(mime_header, body[:MESSAGE_LIMIT], truncated))
    says_something = text.words.strip() and not is_placeholder(text.words)
    return text if says_something or text.reply or text.invitation else None


def _text(provider_id: str, leaves: Sequence[_Leaf], told: Collection[str | Invitation]) -> Text:
    """The text of some leaves; a reaction has no words of its own but those that tell of it."""
    if _REACTION in told:
        return Text(provider_id, "", reply=ReplyKind.ACKNOWLEDGEMENT)
    words = _words(leaves)
    if not told:
        return Text(provider_id, words)
    invitation = next((place for place in Invitation if place in told), None)
    sealed = None if words.strip() else next((what for kind, what in _SEALED.items() if kind in told), None)
    return Text(provider_id, words, invitation=invitation, sealed=sealed)


def _leaves(header: bytes, body: bytes, cut: bool) -> tuple[list[_Leaf], set[str | Invitation]]:
    """The parts that hold words, in their order, and what the parts beside them tell of the mail.

    A stack instead of recursion, since parts nest without end.
    """
    leaves: list[_Leaf] = []
    told: set[str | Invitation] = set()
    stack = [(header, body, 0, 0, "text/plain", cut)]
    parts = choices = 0
    while stack and parts < MOST_PARTS:
        header, body, level, choice, default, cut = stack.pop()
        parts += 1
        fields = read_fields(header, _PART_FIELDS)
        kind, parameters = read_parameters(_first(fields, "content-type") or default)
        disposition, described = read_parameters(_first(fields, "content-disposition"))
        if not fields and _GUESSED_BOUNDARY.match(body[:2000]):
            # A server that gives no MIME header; most multiparts inside others are alternatives.
            kind = "multipart/alternative"
        if kind.startswith("multipart/"):
            if disposition == "attachment" or level >= MOST_LEVELS:
                continue
            if kind == "multipart/alternative" and not choice:
                choices += 1
                choice = choices
            inner = _split_parts(body, parameters.get("boundary", ""), cut)
            if inner:
                default = "message/rfc822" if kind == "multipart/digest" else "text/plain"
                stack += [(*split_message(part), level + 1, choice, default, end) for part, end in reversed(inner)]
                continue
            kind = "text/plain"
        if kind == _REACTION or kind in _SEALED:
            told.add(kind)
        elif kind == CALENDAR and invites(parameters.get("method", "")):
            told.add(Invitation.INSTEAD if choice else Invitation.BESIDE)
        # A file beside the text is no text of the sender; but some programs name even the only text there is.
        named = ("filename" in described or "name" in parameters) and bool(leaves)
        if kind in _READABLE and disposition != "attachment" and not named:
            encoding = _first(fields, "content-transfer-encoding").strip().lower()
            leaves.append(_Leaf(kind, parameters, encoding, body, choice, cut))
    return leaves, told


def _first(fields: dict[str, list[str]], name: str) -> str:
    return fields[name][0] if name in fields else ""


def _split_parts(body: bytes, boundary: str, cut: bool) -> list[tuple[bytes, bool]]:
    """The parts between boundary lines (RFC 2046 5.1.1) and whether each is cut; none if no boundary is found."""
    mark = b"--" + boundary.rstrip().encode("utf-8", "replace")
    if not boundary or mark not in body:
        guess = _GUESSED_BOUNDARY.match(body[:2000])
        if guess is None:
            return []
        mark = b"--" + guess[1]
    parts: list[tuple[bytes, bool]] = []
    start = -1
    position = body.find(mark)
    while position >= 0 and len(parts) < MOST_PARTS:
        line_end = body.find(b"\n", position)
        line_end = len(body) if line_end < 0 else line_end
        rest = body[position + len(mark) : min(line_end, position + len(mark) + 200)].strip()
        if rest in (b"", b"--") and (position == 0 or body[position - 1] in b"\r\n"):
            if start >= 0:
                parts.append((_without_last_line_end(body[start:position]), False))
            start = line_end + 1 if rest == b"" else -1
            if rest:
                break
        position = body.find(mark, line_end)
    if start >= 0 and len(parts) < MOST_PARTS:
        parts.append((body[start:], cut))
    return parts


def _without_last_line_end(part: bytes) -> bytes:
    """The line end before a boundary belongs to the boundary."""
    return part[:-2] if part.endswith(b"\r\n") else part[:-1] if part.endswith(b"\n") else part


def _words(leaves: Sequence[_Leaf]) -> str:
    """The words of all leaves, one form of each alternative, capped."""
    pieces: list[str] = []
    room = TEXT_LIMIT
    for place, leaf in enumerate(leaves):
        if room <= 0:
            break
        if leaf.choice:
            if any(earlier.choice == leaf.choice for earlier in leaves[:place]):
                continue
            words = _chosen([each for each in leaves if each.choice == leaf.choice])
        else:
            words = _decoded(leaf)
        if words.strip():
            pieces.append(words[:room])
            room -= len(words)
    return "\n".join(pieces)


def _chosen(forms: Sequence[_Leaf]) -> str:
    """The plain form of an alternative; the HTML form if that says nothing, or if only colours tell answers."""
    plain = "\n".join(_decoded(leaf) for leaf in forms if not _is_html(leaf))
    told = bool(plain.strip()) and not is_placeholder(plain)
    if told and not announced(plain):
        return plain
    rich = "\n".join(_decoded(leaf) for leaf in forms if _is_html(leaf))
    return plain if told and f"\n{ANSWER}" not in rich else rich or plain


def _is_html(leaf: _Leaf) -> bool:
    return leaf.kind in ("text/html", "text/xhtml")


def _decoded(leaf: _Leaf) -> str:
    data = leaf.body
    if leaf.encoding == "base64":
        data = decode_base64(data[: 2 * TEXT_LIMIT])
    elif leaf.encoding == "quoted-printable":
        # A soft break that lost its line end when the text was cut must not show.
        data = binascii.a2b_qp(data[: 3 * TEXT_LIMIT].rstrip(b"=") if leaf.cut else data[: 3 * TEXT_LIMIT])
    cut = leaf.cut or len(data) > 4 * TEXT_LIMIT
    charset = leaf.parameters.get("charset")
    if not charset and _is_html(leaf) and (meta := _META.search(data[:_HEAD])):
        charset = meta[1].decode("ascii", "replace")
    words = decode_bytes(data[: 4 * TEXT_LIMIT], charset, cut=cut)
    if _is_html(leaf) or ("<" in words[:_FIRST_LINE] and words.lstrip()[:9].lower().startswith(_PAGES)):
        return to_text(words)
    words = many_lines(words[:TEXT_LIMIT])
    words = without_armour(words)
    if leaf.parameters.get("format", "").lower() == "flowed":
        words = unflow(words, leaf.parameters.get("delsp", "").lower() == "yes")
    return words
