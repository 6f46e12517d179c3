"""The ledger in SQLite or PostgreSQL: each method of the port is one transaction around a function of tables."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from mailwatch.adapters import ledger_clearing as clearing
from mailwatch.adapters import ledger_decided as decided
from mailwatch.adapters import ledger_items as items
from mailwatch.adapters import ledger_kept as kept
from mailwatch.adapters import ledger_marks as marked
from mailwatch.adapters import ledger_outbox as sending
from mailwatch.adapters import ledger_seen as seen
from mailwatch.adapters.ledger_database import Database
from mailwatch.domain.command import Command, Word
from mailwatch.domain.marking import Mark, Place
from mailwatch.domain.message import Message, SetAside
from mailwatch.domain.promise import Promise
from mailwatch.domain.request import Request
from mailwatch.ports import MailboxReport, OutboxMail, SyncState

Wordy = TypeVar("Wordy", Request, Promise, Command)


class SqlLedger:
    """What was seen, decided and sent (ports.Ledger); threads and processes may share one database.

    Every method may raise LedgerError. Times must be aware (a naive one raises) and come back in UTC.
    Without `keep_evidence`, sentences of mails that were stored before are not handed out, and pruning ends them.
    """

    def __init__(self, database: Database, *, keep_evidence: bool = True) -> None:
        self._database, self._keep_evidence = database, keep_evidence

    @classmethod
    def open(cls, url: str, *, keep_evidence: bool = True) -> SqlLedger:
        """Opens the ledger at an SQLAlchemy URL and brings its tables up to date.

        A file is created if it is not there, readable by its owner only. Raises LedgerError if it cannot be used.
        """
        return cls(Database.open(url), keep_evidence=keep_evidence)

    # seen
    def sync_states(self, user: str, mailboxes: Sequence[str]) -> Mapping[str, SyncState]:
        """Where the last committed batch of each of these mailboxes ended; one that is new has none."""
        with self._database.peek() as connection:
            return seen.sync_states_of(connection, user, mailboxes)

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
        """Commits a batch with its sync state; false if the stored one is no longer that from which it began."""
        with self._database.write(user) as connection:
            if not seen.is_at(connection, user, mailbox, since):
                return False
            seen.record(connection, user, mailbox, state, messages, set_aside, now, counted)
            return True

    def forget_sync_state(self, user: str, mailbox: str) -> None:
        """Makes the next sync of a mailbox a full round; what was seen stays."""
        with self._database.write(user) as connection:
            seen.forget_sync_state(connection, user, mailbox)

    def report_sync(self, user: str, now: datetime, error: str | None, *, refused: bool = False) -> None:
        """Notes the end of a poll; the first one without an error ends the first round."""
        with self._database.write(user) as connection:
            seen.report_sync(connection, user, now, error, refused)

    def reports(self, user: str | None = None) -> Sequence[MailboxReport]:
        """How reading goes, user by user; for one user, who has none before the first poll, or for all."""
        with self._database.read() as connection:
            wrong = marked.errors_of(connection, user)
            found = seen.reports_of(connection, user)
        return [replace(each, not_marked=wrong.get(each.user, ())) for each in found]

    def set_aside(self, user: str) -> Sequence[SetAside]:
        """The messages that could not be read or followed."""
        with self._database.read() as connection:
            return seen.set_aside_of(connection, user)

    def put_aside(self, user: str, key: str, reason: str, now: datetime) -> None:
        """Deletes a message that was recorded, and sets it aside."""
        with self._database.write(user) as connection:
            seen.put_aside(connection, user, key, reason, now)

    # decided
    def untriaged(self, user: str) -> Sequence[Message]:
        """Messages that no triage has seen, oldest first."""
        with self._database.read() as connection:
            return seen.untriaged(connection, user)

    def neighbours(
        self, user: str, message_ids: Iterable[str], base_subjects: Iterable[str], owed_since: datetime | None = None
    ) -> Sequence[Message]:
        """The messages of conversations with one of these ids or base subjects, or with something open since then."""
        with self._database.read() as connection:
            others = items.open_conversations(connection, user, owed_since) if owed_since else ()
            return seen.neighbours(connection, user, message_ids, base_subjects, others)

    def save_triage(
        self,
        user: str,
        conversations: Sequence[tuple[str, Sequence[str]]],
        requests: Sequence[Request],
        promises: Sequence[Promise],
        forgotten: Sequence[str] = (),
    ) -> None:
        """Commits conversations and what they hold, in the place of what they held before: see Ledger."""
        with self._database.write(user) as connection:
            decided.save_triage(connection, user, conversations, requests, promises)
            seen.forget_messages(connection, user, forgotten)

    def open_requests(self, user: str) -> Sequence[Request]:
        """The requests that nothing has settled, with the user's own commands among their events."""
        with self._database.read() as connection:
            return self._shown(items.open_items(connection, items.REQUESTS, user))

    def open_promises(self, user: str) -> Sequence[Promise]:
        """The promises that have not ended."""
        with self._database.read() as connection:
            return self._shown(items.open_items(connection, items.PROMISES, user))

    def requests(self, user: str, since: datetime) -> Sequence[Request]:
        """The requests that came or to which anything happened since a moment, and the open ones."""
        with self._database.read() as connection:
            return self._shown(items.items_since(connection, items.REQUESTS, user, since))

    def promises(self, user: str, since: datetime) -> Sequence[Promise]:
        """The promises that were made or that ended since a moment, and the open ones."""
        with self._database.read() as connection:
            return self._shown(items.items_since(connection, items.PROMISES, user, since))

    def _shown(self, found: Sequence[Wordy]) -> Sequence[Wordy]:
        return found if self._keep_evidence else [one.without_words() for one in found]

    # told
    def find_item(self, prefix: str) -> Sequence[tuple[str, str]]:
        """(user, id) of the requests and promises whose id begins with a prefix."""
        with self._database.read() as connection:
            return items.find_item(connection, prefix)

    def save_command(self, command: Command) -> bool:
        """Records a command; false if its source was recorded before for this user."""
        with self._database.write(command.user) as connection:
            return decided.save_command(connection, command)

    def standing(self, user: str) -> Sequence[Command]:
        """What the user said about our mails as a whole: stop, pause, start; oldest first."""
        with self._database.read() as connection:
            return items.standing(connection, user)

    def unanswered(self, user: str, since: datetime) -> Sequence[Command]:
        """The commands since a moment that no mail of ours has answered, oldest first."""
        with self._database.read() as connection:
            return self._shown(items.unanswered(connection, user, since))

    def words_of_user(self, user: str) -> Mapping[str, Word]:
        """The user's own word on each item that they settled or opened again, by its id."""
        with self._database.read() as connection:
            return items.words_of_user(connection, user)

    # sent
    def steps_sent(self, user: str, until: datetime | None = None) -> Mapping[str, int]:
        """The last step at which each open item was told, up to a moment: see Ledger."""
        with self._database.read() as connection:
            return sending.steps_sent(connection, user, until)

    def mails_since(self, user: str, since: datetime, until: datetime | None = None) -> int:
        """How many reminders were queued for a user in a time, without those that were superseded."""
        with self._database.read() as connection:
            return sending.mails_since(connection, user, since, until)

    def enqueue(self, mail: OutboxMail) -> bool:
        """Puts a mail into the outbox with its items and steps; false if its (user, kind, period) is there.

        A superseded mail, which was never sent, gives its place to the new one.
        """
        with self._database.write(mail.user) as connection:
            return sending.enqueue(connection, mail)

    def outbox(self, user: str | None = None) -> Sequence[OutboxMail]:
        """The mails that are not sent yet, oldest first, set-aside ones included."""
        with self._database.read() as connection:
            return sending.unsent(connection, user)

    def last_sent_at(self, user: str) -> datetime | None:
        """When the last mail was sent to a user."""
        with self._database.read() as connection:
            return sending.last_sent_at(connection, user)

    def update_outbox(self, mail: OutboxMail, before: OutboxMail) -> bool:
        """Moves a mail to its next state, without bytes if it is not to be sent; false if it is not as before."""
        with self._database.write(mail.user) as connection:
            return sending.update_outbox(connection, mail, before)

    def sent_mail(self, user: str, message_ids: Sequence[str]) -> OutboxMail | None:
        """The mail of ours to this user with one of these Message-IDs, for reading a command in a reply to it."""
        with self._database.read() as connection:
            return sending.sent_mail(connection, user, message_ids)

    # scheduled
    def due_at(self, kind: str, user: str) -> datetime | None:
        """When a kind of work is next due for a user; None if it was never planned."""
        with self._database.read() as connection:
            return sending.due_at(connection, kind, user)

    def claim(self, kind: str, user: str, due_at: datetime | None, next_due_at: datetime) -> bool:
        """Moves a due time on; false if somebody else did. `due_at` None plans it first."""
        with self._database.write(user) as connection:
            return sending.claim(connection, kind, user, due_at, next_due_at)

    # marked
    def marks(self, user: str) -> Sequence[Mark]:
        """What is known of the marks in a user's mailbox."""
        with self._database.read() as connection:
            return marked.marks_of(connection, user)

    def note_mark(self, user: str, mark: Mark) -> None:
        """Stores what is known of a mark, in the place of what was."""
        with self._database.write(user) as connection:
            marked.note_mark(connection, user, mark)

    def forget_mark(self, user: str, mark: Mark) -> None:
        """Forgets a mark."""
        with self._database.write(user) as connection:
            marked.forget_mark(connection, user, mark)

    def places(self, user: str, keys: Collection[str]) -> Mapping[str, Place]:
        """Where messages are, by their keys; one that is not known is left out."""
        with self._database.read() as connection:
            return marked.places(connection, user, keys)

    # kept
    def export(self, user: str) -> Iterator[tuple[str, Mapping[str, object]]]:
        """Everything stored on a user, as (table, row), table by table."""
        for table in kept.TABLES:
            # Read whole, so that no transaction is open while the caller works with the rows.
            with self._database.read() as connection:
                rows = list(kept.rows_of(connection, table, user))
            yield from rows

    def erase(self, user: str) -> int:
        """Deletes everything stored on a user; how many rows. LedgerError if their words stay in the file."""
        return clearing.erase(self._database, user)

    def finish_erasing(self) -> bool:
        """Clears the file of the words of deleted rows, if that is still to be done; false if it is not."""
        return clearing.finish(self._database)

    def prune(self, before: datetime) -> int:
        """Deletes what is settled and older than a moment; how many rows. Sentences go that are not to be kept."""
        return clearing.prune(self._database, before, keep_evidence=self._keep_evidence)

    def close(self) -> None:
        """Ends the connections."""
        self._database.close()
