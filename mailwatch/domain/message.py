"""What is known of one message: its headers, its text while it is read, and what its new words say."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, StrEnum
from hashlib import blake2b

from mailwatch.domain.people import Address
from mailwatch.domain.reading import NOTHING_READ, Reading, ReplyKind


class Role(StrEnum):
    """What a mailbox is for (RFC 8621 2, RFC 6154)."""

    INBOX = "inbox"
    SENT = "sent"
    ARCHIVE = "archive"
    ALL = "all"
    DRAFTS = "drafts"
    JUNK = "junk"
    TRASH = "trash"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A mailbox of an account: the provider's stable `id` for it, its role, and the name that people see."""

    id: str
    role: Role
    name: str


@dataclass(frozen=True, slots=True)
class Headers:
    """The header fields of a message that decisions need, decoded, capped and cleaned of control characters.

    Message-IDs stand without angle brackets. Times are aware and in UTC. `received_at` is the server's own
    receive time (INTERNALDATE and the like), never the sender's claim; `sent_at` is the Date field, or None, and
    `sent_offset` how far ahead of UTC the clock was by which it was written; None if it was not, or nobody knows.
    `automatic` names the rule that shows a program wrote it (RFC 3834), or is None for a person's mail.

    `key` is the same for every copy of one message, and for no other: 20 hexadecimal digits. A Message-ID alone is
    reused by some programs, so author, Date and subject count too; without a Message-ID the receive time and the
    recipients stand in for it, which survive a change of UIDVALIDITY. Two such messages that came in one second from
    one author to the same people with the same subject count as one.
    """

    provider_id: str
    received_at: datetime
    role: Role = Role.INBOX
    message_id: str | None = None
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    author: Address | None = None
    reply_to: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()
    subject: str = ""
    sent_at: datetime | None = None
    sent_offset: timedelta | None = None
    automatic: str | None = None
    key: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        author = self.author.addr_spec if self.author else ""
        parts = [self.message_id or "", author, str(self.sent_at or ""), self.subject]
        if not self.message_id:
            # Not Bcc: only the copy in Sent has it.
            parts += [str(self.received_at), *(address.addr_spec for address in self.to + self.cc)]
        seed = "\0".join(parts).encode("utf-8", "replace")
        object.__setattr__(self, "key", blake2b(seed, digest_size=10).hexdigest())

    @property
    def author_name(self) -> str:
        """How the author is called, by the display name if there is one; empty without an author."""
        return self.author.name if self.author else ""

    @property
    def recipients(self) -> tuple[Address, ...]:
        """Everyone the message says it goes to."""
        return self.to + self.cc + self.bcc

    @property
    def ancestors(self) -> tuple[str, ...]:
        """The Message-IDs that this message answers, nearest first, each once."""
        return tuple(dict.fromkeys((*self.in_reply_to, *reversed(self.references))))


class Invitation(Enum):
    """Where a calendar stands in a mail that invites, or that answers an invitation (RFC 5546, RFC 6047)."""

    INSTEAD = "instead"  # as another form of the words
    BESIDE = "beside"  # as a file that goes with them


@dataclass(frozen=True, slots=True)
class Text:
    """The readable text of a message, quotes and all, capped; it is read and never stored.

    `reply` says what a reply counts as whose words nobody can read, or that has none. `invitation` says where a
    calendar stands that invites, or that answers an invitation. `sealed` says in what the words stand, if there are
    none that can be read.
    """

    provider_id: str
    words: str
    reply: ReplyKind | None = None
    invitation: Invitation | None = None
    sealed: str | None = None


@dataclass(frozen=True, slots=True)
class SetAside:
    """A message that could not be read: which one, and why in a sentence. It is counted and shown."""

    provider_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Message:
    """A message of interest as the ledger keeps it: headers, and what its new words said; no body."""

    headers: Headers
    reading: Reading = field(default=NOTHING_READ)
