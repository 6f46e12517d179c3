"""Sync: brings the ledger up to what a user's mailboxes hold, headers first, texts only of what matters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from mailwatch.detection.reader import read_messages
from mailwatch.domain.candidate import Interest, as_group_mail, interest
from mailwatch.domain.fault import NOT_OF_A_MESSAGE, sentence_of
from mailwatch.domain.message import Headers, Mailbox, Message, Role, SetAside, Text
from mailwatch.domain.people import Directory
from mailwatch.domain.policy import Policy
from mailwatch.domain.secondlook import second_look
from mailwatch.errors import CannotCalculateChanges
from mailwatch.ports import Changes, Ledger, MailProvider, SyncState

Read = TypeVar("Read", Headers, Text)

Progress = Callable[[str, int, int], None]
"""Called after each batch with the mailbox's name, the messages done and those that remain."""

Hear = Callable[[Headers, Text], bool]
"""Called with each text before its batch is committed; true if it was said to mailwatch and is not to be kept."""


@dataclass(frozen=True, slots=True)
class SyncOutcome:
    """What a sync did: messages looked at, kept as facts, and set aside."""

    seen: int = 0
    kept: int = 0
    set_aside: int = 0


def sync(
    provider: MailProvider,
    ledger: Ledger,
    policy: Policy,
    directory: Directory,
    now: datetime,
    *,
    look_back: timedelta,
    progress: Progress | None = None,
    hear: Hear | None = None,
    command_addresses: frozenset[str] = frozenset(),
) -> SyncOutcome:
    """Reads what is new in every mailbox of the user, batch by batch, each committed with its sync state.

    A sync that was cut off goes on where its last batch ended, and what it had heard is heard again. Mail of the
    user to one of the `command_addresses` is read for `hear`. Raises ProviderError, CannotCalculateChanges among them
    where the ledger forgot meanwhile what the round began with.
    """
    outcome = SyncOutcome()
    user = policy.user.address.addr_spec
    heard_at = command_addresses if hear else frozenset()
    mailboxes = provider.mailboxes()
    states = ledger.sync_states(user, [mailbox.id for mailbox in mailboxes])
    for mailbox in mailboxes:
        done = 0
        for began, changes in _rounds(provider, ledger, user, mailbox, states.get(mailbox.id), now - look_back):
            fetched = fetch(provider, mailbox, changes.created, policy, directory, heard_at)
            messages, set_aside = read(fetched, policy, hear)
            counted = len(changes.created)
            state = changes.state
            if not ledger.record(user, mailbox.id, state, messages, set_aside, now, since=began, counted=counted):
                raise CannotCalculateChanges(
                    f"What was known of {mailbox.name} was erased or changed by another program while it was read; "
                    "the next poll begins anew."
                )
            outcome = SyncOutcome(
                outcome.seen + counted, outcome.kept + len(messages), outcome.set_aside + len(set_aside)
            )
            done += counted
            if progress:
                progress(mailbox.name, done, changes.remaining)
    return outcome


def _rounds(
    provider: MailProvider, ledger: Ledger, user: str, mailbox: Mailbox, state: SyncState | None, oldest: datetime
) -> Iterator[tuple[SyncState | None, Changes]]:
    """The batches, each with the state that it was calculated from."""
    while True:
        try:
            changes = provider.changes(mailbox, state, oldest)
        except CannotCalculateChanges:
            if state is None:
                raise
            # What was seen stays in the ledger and is found again by its key: nothing is doubled or lost.
            ledger.forget_sync_state(user, mailbox.id)
            state = None
            continue
        if changes.state != state or changes.created:
            yield state, changes
        if not changes.has_more:
            return
        state = changes.state


class Readable(Protocol):
    """What a batch is read from: the part of a MailProvider that hands out messages."""

    def headers(self, mailbox: Mailbox, ids: Sequence[str]) -> Iterable[Headers | SetAside]:
        """See MailProvider."""

    def texts(self, mailbox: Mailbox, ids: Sequence[str]) -> Iterable[Text | SetAside]:
        """See MailProvider."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A batch as it came: the messages of interest, the texts of those that may matter, and what could not be read.

    `to_hear` is the user's own mail to mailwatch.
    """

    kept: Mapping[str, Message]
    texts: Sequence[Text]
    to_hear: Mapping[str, Headers]
    set_aside: Sequence[SetAside]


def fetch(
    provider: Readable,
    mailbox: Mailbox,
    ids: Sequence[str],
    policy: Policy,
    directory: Directory,
    command_addresses: frozenset[str] = frozenset(),
) -> Fetched:
    """Two passes over a batch: all the headers, then the texts of those that a triage by headers leaves open."""
    kept: dict[str, Message] = {}
    to_hear: dict[str, Headers] = {}
    wanted: list[str] = []
    set_aside: list[SetAside] = []
    for found in _readable(provider.headers(mailbox, ids) if ids else (), set_aside):
        try:
            headers = as_group_mail(found, policy, directory)
            level = interest(headers, policy, directory)
        except Exception as error:  # Whatever is in one header, the others are read.
            set_aside.append(SetAside(found.provider_id, sentence_of(error)))
            continue
        if level is not Interest.NONE:
            kept[headers.provider_id] = Message(headers)
        # Where mailwatch has no address of its own, all mail to the user goes there, and little of it is theirs.
        if headers.role is Role.SENT and any(address.addr_spec in command_addresses for address in headers.to):
            to_hear[headers.provider_id] = headers
        if level is Interest.TEXT or headers.provider_id in to_hear:
            wanted.append(headers.provider_id)
    texts = tuple(_readable(provider.texts(mailbox, wanted) if wanted else (), set_aside))
    return Fetched(kept, texts, to_hear, set_aside)


def read(fetched: Fetched, policy: Policy, hear: Hear | None = None) -> tuple[list[Message], list[SetAside]]:
    """The messages of a batch with what their new words say, and those that could not be read.

    What `hear` takes for a command is none of them, and neither is what its text shows to be a program's. A text at
    which the reading itself fails is set aside, as one that cannot be fetched: the header stays.
    """
    set_aside = list(fetched.set_aside)
    try:
        return _read(fetched, policy, hear), set_aside
    except NOT_OF_A_MESSAGE:
        raise
    except Exception:
        read_alone = dict(fetched.kept)
    for text in fetched.texts:
        header = read_alone.pop(text.provider_id, None)
        kept = {text.provider_id: header} if header else {}
        try:
            found = _read(replace(fetched, kept=kept, texts=[text]), policy, hear)
        except NOT_OF_A_MESSAGE:
            raise
        except Exception as error:
            set_aside.append(SetAside(text.provider_id, sentence_of(error)))
            found = list(kept.values())
        read_alone |= {message.headers.provider_id: message for message in found}
    return list(read_alone.values()), set_aside


def _read(fetched: Fetched, policy: Policy, hear: Hear | None) -> list[Message]:
    messages = dict(fetched.kept)
    to_read: dict[str, tuple[Headers, Text]] = {}
    for text in fetched.texts:
        said = fetched.to_hear.get(text.provider_id)
        if said is not None and hear is not None and hear(said, text):
            messages.pop(text.provider_id, None)
        elif message := messages.get(text.provider_id):
            headers, seen = second_look(message.headers, text)
            if headers.automatic:
                messages.pop(text.provider_id)
            else:
                to_read[text.provider_id] = headers, seen
    readings = read_messages(to_read.values(), policy)
    for id, reading in zip(to_read, readings, strict=True):
        messages[id] = replace(messages[id], reading=reading)
    return list(messages.values())


def _readable(found: Iterable[Read | SetAside], set_aside: list[SetAside]) -> Iterator[Read]:
    for one in found:
        if isinstance(one, SetAside):
            set_aside.append(one)
        else:
            yield one
