"""Builds mailto links: replies to a person in the right conversation, and commands to mailwatch (RFC 6068)."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import quote

from mailwatch.domain.cleaning import clean

LONGEST = 1800
"""Outlook and Windows cut links at 2,083 characters."""

# Stricter than RFC 5322: an encoded comma or quote is one address to the RFC and two to some mail programs.
_PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9.!#$&'*+/=^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?\Z")
_PLAIN_MESSAGE_ID = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~@:-]{3,200}\Z")
_REPLY_MARK = re.compile(r"\s*(?:re|aw|sv|antw|rép|réf|rif)\s*(?:\[\d+\])?\s*:", re.IGNORECASE)


def mailto(addr_spec: str, subject: str, body: str = "", in_reply_to: str | None = None) -> str | None:
    """A link that opens a mail to one person; None if the address cannot stand in a link safely.

    `in_reply_to` (without angle brackets) keeps the conversation together in mail programs that heed it. Lines of
    `body` are parted by CRLF as RFC 6068 5 asks. What would make the link too long is left out, the body last.
    """
    if not _PLAIN_ADDRESS.match(addr_spec):
        return None
    fields = [("subject", clean(subject, 150))]
    if in_reply_to and _PLAIN_MESSAGE_ID.match(in_reply_to):
        fields.append(("In-Reply-To", f"<{in_reply_to}>"))
    if body:
        lines = [clean(line, 500) for line in body.split("\n")]
        fields.append(("body", "\r\n".join(lines)))
    target = "mailto:" + quote(addr_spec, safe="@!$'*+")
    link = ""
    while fields:
        link = target + "?" + "&".join(f"{name}={_quoted(value)}" for name, value in fields)
        if len(link) <= LONGEST:
            return link
        fields.pop()
    return target


@lru_cache(maxsize=256)
def _quoted(value: str) -> str:
    """A value in percent signs; the links of one item have most of theirs in common."""
    return quote(value, safe="")


def reply_subject(subject: str) -> str:
    """Re: and the subject, once (RFC 5322 3.6.5)."""
    words = clean(subject, 150)
    return words if _REPLY_MARK.match(words) else f"Re: {words}".strip()
