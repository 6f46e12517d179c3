"""Every door to the outside, on one page: what the services need, and nothing of how it is done."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from mailwatch.domain.command import Command, Word
from mailwatch.domain.letters import Unreadable, Welcome
from mailwatch.domain.marking import Mark, Place
from mailwatch.domain.message import Headers, Mailbox, Message, SetAside, Text
from mailwatch.domain.promise import Promise
from mailwatch.domain.receipt import ReceiptLetter
from mailwatch.domain.reminder import Reminder
from mailwatch.domain.request import Request
from mailwatch.domain.summary import WeeklySummary

SyncState = str
"""What a provider needs to go on (RFC 8620 5.2); opaque to everyone else."""


class Clock(Protocol):
    """The time of day, so that tests own it."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""


# ---------------------------------------------------------------- reading mail


@dataclass(frozen=True, slots=True)
class Changes:
    """What happened in a mailbox since a sync state (RFC 8620 5.2).

    `created` holds provider ids, newest first, a batch at most. `state` is to be committed together with what was
    made of the batch; `has_more` says to ask again with it at once. `remaining` counts what is left to fetch.
    """

    created: tuple[str, ...]
    state: SyncState
    has_more: bool = False
    remaining: int = 0


class Notice(Protocol):
    """Something to select on that turns readable when a mailbox changed (RFC 2177 and the like).

    At `renew_at` at the latest a poll must end the wait, before the server or a middlebox forgets it.
    """

    renew_at: datetime

    def fileno(self) -> int:
        """The socket to watch."""

    def changed(self) -> bool:
        """Reads what the socket holds; true if a poll is worth while. Raises Unreachable if it is dead."""

    def close(self) -> None:
        """Ends the wait and leaves the connection usable."""


class MailProvider(Protocol):
    """One account, read-only: nothing that is called here changes the mailbox in any way."""

    def mailboxes(self) -> Sequence[Mailbox]:
        """The mailboxes to read: inbox, sent, archive or all mail, and those named in the settings.

        Raises RoleMissing if there is no inbox or no sent mailbox.
        """

    def changes(self, mailbox: Mailbox, since: SyncState | None, oldest: datetime) -> Changes:
        """What came since a sync state; all that was received since `oldest` if that is None.

        Raises CannotCalculateChanges if the state is no longer valid.
        """

    def headers(self, mailbox: Mailbox, ids: Sequence[str]) -> Iterable[Headers | SetAside]:
        """The headers of messages; one that cannot be read comes as SetAside, one that is gone is left out."""

    def texts(self, mailbox: Mailbox, ids: Sequence[str]) -> Iterable[Text | SetAside]:
        """The texts of messages, capped, fetched as they are asked for."""

    def holds(self, message_id: str) -> bool:
        """Whether a message with this Message-ID is in any mailbox of the user's but drafts, be it read or not."""

    def notice(self, now: datetime) -> Notice | None:
        """Waits for a change of the inbox without a thread; None where the server has no push."""

    def close(self) -> None:
        """Ends the connection; never raises."""


# ---------------------------------------------------------------- writing mail


class Submitter(Protocol):
    """Hands a message to the mail system (RFC 6409)."""

    def submit(self, sender: str, recipient: str, message: bytes) -> None:
        """Returns when the mail system has taken responsibility for the message.

        Raises SubmissionDeferred (not taken), SubmissionRefused (never will be), SubmissionUncertain (reply lost).
        """


@dataclass(frozen=True, slots=True)
class RenderedMail:
    """The words of one of our mails, before it has headers."""

    subject: str
    text: str
    html: str


class Renderer(Protocol):
    """Turns a frozen value into the words of a mail. Raises TemplateError."""

    def reminder(self, reminder: Reminder) -> RenderedMail:
        """The digest of what is open."""

    def weekly_summary(self, summary: WeeklySummary) -> RenderedMail:
        """The week in figures and words."""

    def receipt(self, letter: ReceiptLetter) -> RenderedMail:
        """What the user said, what became of it, and what was not understood."""

    def welcome(self, welcome: Welcome) -> RenderedMail:
        """What is watched and stored, who sees it, and how to stop."""

    def unreadable(self, unreadable: Unreadable) -> RenderedMail:
        """That the user's mail cannot be read, why, and what to do."""


class Marker(Protocol):
    """Sets marks on messages of one account and takes them away, and changes nothing else.

    A mark is given by its name. Every method raises MarkRefused where the mailbox does not let itself be marked, and
    any other ProviderError where nothing can be done now.
    """

    def bears(self, place: Place, name: str) -> bool | None:
        """Whether a message bears the mark; None if it is gone."""

    def put(self, place: Place, name: str) -> bool:
        """Lets a message bear the mark, which it may do already; false if it is gone."""

    def take(self, place: Place, name: str) -> None:
        """Takes the mark from a message, if it is there and bears it."""

    def probe(self, name: str, sample: Place | None) -> str:
        """How the mark would be written, in words; found out without writing, on a sample message if there is one."""

    def close(self) -> None:
        """Ends the connection; never raises."""


# ---------------------------------------------------------------- remembering


class OutboxState(StrEnum):
    """Where a mail of ours is on its way."""

    QUEUED = "queued"
    SENDING = "sending"
    SENDING_AGAIN = "sending_again"  # for the second and last time: no answer came to the first, and nothing arrived
    SENT = "sent"
    SET_ASIDE = "set_aside"
    SUPERSEDED = "superseded"  # never sent: a newer digest took its place, and its steps do not count


@dataclass(frozen=True, slots=True)
class OutboxMail:
    """A mail of ours, every byte fixed: unique for (user, kind, period)."""

    user: str
    kind: str
    period: str
    message_id: str
    message: bytes
    created_at: datetime
    items: Mapping[int, str] = field(default_factory=dict)  # number in the mail -> id of request or promise
    steps: Mapping[str, int] = field(default_factory=dict)  # id of request or promise -> step it was named at
    answers: tuple[str, ...] = ()  # sources of the commands that it confirms
    state: OutboxState = OutboxState.QUEUED
    attempts: int = 0
    next_try_at: datetime | None = None
    sending_since: datetime | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class MailboxReport:
    """How reading a user's mailbox goes, for `status`; `not_marked` says why messages do not bear the mark."""

    user: str
    last_sync_at: datetime | None
    first_round_done: bool
    messages: int
    set_aside: int
    error: str | None
    failing_since: datetime | None
    login_refusals: int = 0
    not_marked: tuple[str, ...] = ()


class Ledger(Protocol):
    """What was seen, decided and sent. Every method is one transaction; times go in and come out in UTC."""

    # seen
    def sync_states(self, user: str, mailboxes: Sequence[str]) -> Mapping[str, SyncState]:
        """Where the last committed batch of each of these mailboxes ended; one that is new has none."""

    def record(
        self,
        user: str,
        mailbox: str,
        state: SyncState,
        messages: Sequence[Message],
        set_aside: Sequence[SetAside],
        now: datetime,
        *,
        since: SyncState | None,
        counted: int,
    ) -> bool:
        """Commits a batch with its sync state; a message whose key is known is not doubled (a Sent copy wins).

        `since` is the state it was calculated from; false, and nothing is committed, if that is not the stored one.
        """

    def forget_sync_state(self, user: str, mailbox: str) -> None:
        """Makes the next sync of a mailbox a full round; what was seen stays."""

    def report_sync(self, user: str, now: datetime, error: str | None, *, refused: bool = False) -> None:
        """Notes the end of a poll; an error without end has one `failing_since`. `refused` counts login refusals."""

    def reports(self, user: str | None = None) -> Sequence[MailboxReport]:
        """How reading goes, user by user; for one user, who has none before the first poll, or for all."""

    def set_aside(self, user: str) -> Sequence[SetAside]:
        """The messages that could not be read or followed."""

    def put_aside(self, user: str, key: str, reason: str, now: datetime) -> None:
        """Deletes a message that was recorded, and sets it aside."""

    # decided
    def untriaged(self, user: str) -> Sequence[Message]:
        """Messages that no triage has seen."""

    def neighbours(
        self, user: str, message_ids: Iterable[str], base_subjects: Iterable[str], owed_since: datetime | None = None
    ) -> Sequence[Message]:
        """Triaged messages of conversations with one of these ids or base subjects, or with something open since."""

    def save_triage(
        self,
        user: str,
        conversations: Sequence[tuple[str, Sequence[str]]],
        requests: Sequence[Request],
        promises: Sequence[Promise],
        forgotten: Sequence[str] = (),
    ) -> None:
        """Commits conversations (id, keys of their messages) and what they hold; replaces what they held before.

        Messages whose keys are `forgotten` are deleted. A request or promise of these conversations that is no
        longer among those given is dropped, unless the user has had it in a mail or said something about it.
        """

    def open_requests(self, user: str) -> Sequence[Request]:
        """The requests that nothing has settled, with the user's own commands among their events."""

    def open_promises(self, user: str) -> Sequence[Promise]:
        """The promises that have not ended."""

    def requests(self, user: str, since: datetime) -> Sequence[Request]:
        """The requests that came or to which anything happened since a moment, and the open ones."""

    def promises(self, user: str, since: datetime) -> Sequence[Promise]:
        """The promises that were made or that ended since a moment, and the open ones."""

    # told
    def find_item(self, prefix: str) -> Sequence[tuple[str, str]]:
        """(user, id) of the requests and promises whose id begins with a prefix."""

    def save_command(self, command: Command) -> bool:
        """Records a command; false if its source was recorded before."""

    def standing(self, user: str) -> Sequence[Command]:
        """What the user said about our mails as a whole: stop, pause, start; oldest first."""

    def unanswered(self, user: str, since: datetime) -> Sequence[Command]:
        """The commands since a moment that no mail of ours has answered, oldest first."""

    def words_of_user(self, user: str) -> Mapping[str, Word]:
        """The user's own word on each item of which they said that it is settled, or open after all, by its id."""

    # sent
    def steps_sent(self, user: str, until: datetime | None = None) -> Mapping[str, int]:
        """The last step at which each open item was named, up to a moment, in a mail not superseded or set aside.

        One that was named in many set-aside mails counts as told by the last of them.
        """

    def mails_since(self, user: str, since: datetime, until: datetime | None = None) -> int:
        """How many reminders were queued for a user since a moment, up to another one."""

    def enqueue(self, mail: OutboxMail) -> bool:
        """Puts a mail into the outbox with its items and steps; false if its (user, kind, period) is there."""

    def outbox(self, user: str | None = None) -> Sequence[OutboxMail]:
        """The mails that are not sent yet, oldest first, set-aside ones included."""

    def sent_mail(self, user: str, message_ids: Sequence[str]) -> OutboxMail | None:
        """The mail of ours to this user with one of these Message-IDs, for reading a command in a reply to it."""

    def last_sent_at(self, user: str) -> datetime | None:
        """When the last mail was sent to a user."""

    def update_outbox(self, mail: OutboxMail, before: OutboxMail) -> bool:
        """Moves a mail from one state to the next; false if it is no longer as it was before."""

    # scheduled
    def due_at(self, kind: str, user: str) -> datetime | None:
        """When a kind of work is next due for a user; None if it was never planned."""

    def claim(self, kind: str, user: str, due_at: datetime | None, next_due_at: datetime) -> bool:
        """Moves a due time on; false if somebody else did (update where unchanged). `due_at` None plans it first."""

    # marked
    def marks(self, user: str) -> Sequence[Mark]:
        """What is known of the marks in a user's mailbox."""

    def note_mark(self, user: str, mark: Mark) -> None:
        """Stores what is known of a mark, in the place of what was."""

    def forget_mark(self, user: str, mark: Mark) -> None:
        """Forgets a mark."""

    def places(self, user: str, keys: Collection[str]) -> Mapping[str, Place]:
        """Where messages are, by their keys; one that is not known is left out."""

    # kept
    def export(self, user: str) -> Iterator[tuple[str, Mapping[str, object]]]:
        """Everything stored on a user, as (table, row)."""

    def erase(self, user: str) -> int:
        """Deletes everything stored on a user; how many rows. Raises LedgerError if only the rows are gone."""

    def finish_erasing(self) -> bool:
        """Clears the file of what an erase that was kept from it left there; false if there is nothing to clear."""

    def prune(self, before: datetime) -> int:
        """Deletes what is settled and older than a moment; how many rows."""

    def close(self) -> None:
        """Ends the connections."""
