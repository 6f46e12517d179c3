"""Sync: brings the ledger up to what a user's mailboxes hold, headers first, texts only of what matters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from mailwatch.detection.reader import read_message
from mailwatch.domain.candidate import Interest, as_group_mail, interest
from mailwatch.domain.message import Headers, Mailbox, Message, SetAside, Text
from mailwatch.domain.people import Directory
from mailwatch.domain.policy import Policy
from mailwatch.errors import CannotCalculateChanges
from mailwatch.ports import Changes, Ledger, MailProvider

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
    user to one of the `command_addresses` is read for `hear`. Raises ProviderError.
    """
    outcome = SyncOutcome()
    for mailbox in provider.mailboxes():
        done = 0
        for changes in _rounds(provider, ledger, policy, mailbox, now - look_back):
            messages, set_aside = read_batch(
                provider, mailbox, changes.created, policy, directory, hear=hear, command_addresses=command_addresses
            )
            counted = len(changes.created)
            user = policy.user.address.addr_spec
            ledger.record(user, mailbox.id, changes.state, messages, set_aside, now, counted=counted)
            outcome = SyncOutcome(
                outcome.seen + counted, outcome.kept + len(messages), outcome.set_aside + len(set_aside)
            )
            done += counted
            if progress:
                progress(mailbox.name, done, changes.remaining)
    return outcome


def _rounds(
    provider: MailProvider, ledger: Ledger, policy: Policy, mailbox: Mailbox, oldest: datetime
) -> Iterator[Changes]:
    user = policy.user.address.addr_spec
    state = ledger.sync_state(user, mailbox.id)
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
            yield changes
        if not changes.has_more:
            return
        state = changes.state


class Readable(Protocol):
    """What a batch is read from: the part of a MailProvider that hands out messages."""

    def headers(self, mailbox: Mailbox, ids: Sequence[str]) -> Iterable[Headers | SetAside]:
        """See MailProvider."""

    def texts(self, mailbox: Mailbox, ids: Sequence[str]) -> Iterable[Text | SetAside]:
        """See MailProvider."""


def read_batch(
    provider: Readable,
    mailbox: Mailbox,
    ids: tuple[str, ...],
    policy: Policy,
    directory: Directory,
    *,
    hear: Hear | None = None,
    command_addresses: frozenset[str] = frozenset(),
) -> tuple[list[Message], list[SetAside]]:
    """Two passes over a batch: all the headers, then the texts of those that may ask, answer or promise."""
    kept: dict[str, Message] = {}
    to_hear: dict[str, Headers] = {}
    wanted: list[str] = []
    set_aside: list[SetAside] = []
    for found in _readable(provider.headers(mailbox, ids) if ids else (), set_aside):
        headers = as_group_mail(found, policy, directory)
        level = interest(headers, policy, directory)
        if level is not Interest.NONE:
            kept[headers.provider_id] = Message(headers)
        if hear is not None and any(address.addr_spec in command_addresses for address in headers.to):
            to_hear[headers.provider_id] = headers
        if level is Interest.TEXT or headers.provider_id in to_hear:
            wanted.append(headers.provider_id)
    for text in _readable(provider.texts(mailbox, wanted) if wanted else (), set_aside):
        said = to_hear.get(text.provider_id)
        if said is not None and hear is not None and hear(said, text):
            kept.pop(text.provider_id, None)
        elif message := kept.get(text.provider_id):
            kept[text.provider_id] = replace(message, reading=read_message(message.headers, text, policy))
    return list(kept.values()), set_aside


def _readable(found: Iterable[Read | SetAside], set_aside: list[SetAside]) -> Iterator[Read]:
    for one in found:
        if isinstance(one, SetAside):
            set_aside.append(one)
        else:
            yield one
