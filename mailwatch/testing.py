"""The shipped fake of a mail account, and a builder of mail, for our own tests and for those of others."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime

from mailwatch.domain.message import Headers, Mailbox, Role, SetAside, Text
from mailwatch.domain.mime import read_headers, read_text
from mailwatch.errors import CannotCalculateChanges, ProviderError, RoleMissing, Unreachable, UnreadableMessage
from mailwatch.ports import Changes, Notice, SyncState

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_numbers = itertools.count(1)


class FrozenClock:
    """A clock that a test turns by hand."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> datetime:
        """The moment that was set, in UTC."""
        return self._now

    def set(self, now: datetime) -> None:
        """Turns the clock to an aware moment."""
        self._now = now.astimezone(UTC)


def mail(
    *,
    sender: str,
    to: str,
    subject: str = "A question",
    text: str = "Could you send me the figures?",
    sent_at: datetime | None = None,
    message_id: str | None = None,
    in_reply_to: str | None = None,
    fields: Mapping[str, str] | None = None,
) -> bytes:
    """A whole message as it arrives; ids stand without angle brackets, `fields` are added as they are."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    if sent_at is not None:
        message["Date"] = format_datetime(sent_at)
    message["Message-ID"] = f"<{message_id or f'message-{next(_numbers)}@example.com'}>"
    if in_reply_to:
        message["In-Reply-To"] = message["References"] = f"<{in_reply_to}>"
    for name, value in (fields or {}).items():
        message[name] = value
    message.set_content(text)
    return message.as_bytes()


@dataclass(slots=True)
class _Stored:
    number: int
    message: bytes
    received_at: datetime
    flags: tuple[str, ...]


@dataclass(slots=True)
class _FakeMailbox:
    role: Role
    validity: int = 1
    next: int = 1
    messages: list[_Stored] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Mark:
    """A sync state: from `next` on all is new; below `low` and not below `floor` lies the rest of a round."""

    validity: int
    next: int
    low: int | None = None
    floor: int = 1
    since: str | None = None

    def has(self, stored: _Stored) -> bool:
        inside = self.low is not None and self.floor <= stored.number < self.low
        return inside and (self.since is None or stored.received_at >= datetime.fromisoformat(self.since))


def _read_mark(state: SyncState) -> _Mark:
    try:
        return _Mark(**json.loads(state))
    except (ValueError, TypeError, RecursionError):
        raise CannotCalculateChanges("The sync state is not one of a fake account.") from None


class FakeAccount:
    """A mail account in memory. `failure`, once set, is raised by whatever a provider is asked next, every time."""

    def __init__(self, roles: Sequence[Role] = (Role.INBOX, Role.SENT)) -> None:
        self.boxes = {str(role): _FakeMailbox(role) for role in roles}
        self.failure: ProviderError | None = None

    def deliver(self, mailbox: str, message: bytes, received_at: datetime, flags: Sequence[str] = ()) -> None:
        """Puts a message into a mailbox, given by its role."""
        if received_at.tzinfo is None:
            raise ValueError(f"the receive time has no zone: {received_at.isoformat()}")
        box = self.boxes[str(mailbox)]
        box.messages.append(_Stored(box.next, message, received_at.astimezone(UTC), tuple(flags)))
        box.next += 1

    def empty(self, mailbox: str) -> None:
        """Takes every message out of a mailbox."""
        self.boxes[str(mailbox)].messages.clear()

    def provider(self, batch: int = 1000) -> FakeProvider:
        """A new provider that reads this account."""
        return FakeProvider(self, batch)

    def state(self) -> object:
        """A value to compare: everything there is."""
        return {
            name: (box.validity, box.next, tuple((each.number, each.flags) for each in box.messages))
            for name, box in self.boxes.items()
        }

    def invalidate(self) -> None:
        """Numbers all messages anew."""
        for box in self.boxes.values():
            box.validity += 1

    def close(self) -> None:
        """There is nothing to end."""


class FakeProvider:
    """A MailProvider over a FakeAccount, with batches and sync states like those of a real one."""

    def __init__(self, account: FakeAccount, batch: int = 1000) -> None:
        self._account, self._batch = account, batch

    def mailboxes(self) -> Sequence[Mailbox]:
        """See MailProvider."""
        self._work()
        for needed in (Role.INBOX, Role.SENT):
            if needed not in self._account.boxes:
                raise RoleMissing(f"The account has no {needed} mailbox.")
        unread = (Role.DRAFTS, Role.JUNK, Role.TRASH)
        return [Mailbox(name, box.role, name) for name, box in self._account.boxes.items() if box.role not in unread]

    def changes(self, mailbox: Mailbox, since: SyncState | None, oldest: datetime) -> Changes:
        """See MailProvider."""
        box = self._box(mailbox)
        if since is None:
            mark = _Mark(box.validity, box.next, box.next, 1, oldest.isoformat())
        else:
            mark = _read_mark(since)
            if mark.validity != box.validity or mark.next > box.next:
                raise CannotCalculateChanges(f"The mailbox {mailbox.name} was numbered anew.")
            if mark.low is None:
                mark = _Mark(box.validity, box.next, box.next, mark.next)
        left = sorted((each for each in box.messages if mark.has(each)), key=lambda each: -each.number)
        now, later = left[: self._batch], left[self._batch :]
        after = replace(mark, low=now[-1].number) if later else _Mark(mark.validity, mark.next)
        ids = tuple(f"{mailbox.id}/{mark.validity}/{each.number}" for each in now)
        return Changes(ids, json.dumps(asdict(after)), has_more=bool(later), remaining=len(later))

    def headers(self, mailbox: Mailbox, ids: Sequence[str]) -> Iterator[Headers | SetAside]:
        """See MailProvider."""
        for each, stored in self._stored(mailbox, ids):
            try:
                yield read_headers(
                    stored.message, provider_id=each, role=mailbox.role, received_at=stored.received_at
                )
            except UnreadableMessage as error:
                yield SetAside(each, str(error))

    def texts(self, mailbox: Mailbox, ids: Sequence[str]) -> Iterator[Text | SetAside]:
        """See MailProvider."""
        for each, stored in self._stored(mailbox, ids):
            yield read_text(stored.message, provider_id=each)

    def holds(self, message_id: str) -> bool:
        """See MailProvider."""
        sought = message_id.strip("<>")
        return any(
            isinstance(each, Headers) and each.message_id == sought
            for name, box in self._account.boxes.items()
            if box.role is not Role.DRAFTS
            for mailbox in [Mailbox(name, box.role, name)]
            for each in self.headers(mailbox, self.changes(mailbox, None, _BEGINNING).created)
        )

    def notice(self, now: datetime) -> Notice | None:
        """None: a fake has no push."""
        self._work()
        return None

    def close(self) -> None:
        """See MailProvider."""

    def _work(self) -> None:
        if self._account.failure is not None:
            raise self._account.failure

    def _box(self, mailbox: Mailbox) -> _FakeMailbox:
        self._work()
        if mailbox.id not in self._account.boxes:
            raise Unreachable(f"There is no mailbox {mailbox.name}.")
        return self._account.boxes[mailbox.id]

    def _stored(self, mailbox: Mailbox, ids: Sequence[str]) -> Iterator[tuple[str, _Stored]]:
        box = self._box(mailbox)
        there = {f"{mailbox.id}/{box.validity}/{each.number}": each for each in box.messages}
        return ((each, there[each]) for each in ids if each in there)
