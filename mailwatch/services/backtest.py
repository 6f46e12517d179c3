"""Backtest: reads an archive without touching it and gives the answer that the daemon would have given."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from mailwatch.domain import conversation, summary, turns
from mailwatch.domain.message import Headers, Mailbox, Message, SetAside, Text
from mailwatch.domain.people import Directory
from mailwatch.domain.policy import Policy
from mailwatch.domain.promise import Promise
from mailwatch.domain.request import Request
from mailwatch.domain.summary import WeekFigures
from mailwatch.ports import MailProvider
from mailwatch.services.overview import PromiseLine, RequestLine, promise_lines, request_lines
from mailwatch.services.sync import fetch, read

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Backtest:
    """What an archive tells of one user as of a moment (UTC); `figures` are of the whole of it."""

    policy: Policy
    as_of: datetime
    messages: int
    set_aside: tuple[SetAside, ...]
    requests: tuple[RequestLine, ...]
    promises: tuple[PromiseLine, ...]
    figures: WeekFigures


def backtest(
    provider: MailProvider,
    policy: Policy,
    directory: Directory,
    as_of: datetime,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> Backtest:
    """Reads every mailbox of an archive once; mail received after `as_of` is ignored. Raises ProviderError."""
    past = _Past(provider, as_of)
    messages: list[Message] = []
    set_aside: list[SetAside] = []
    for mailbox in provider.mailboxes():
        state, more = None, True
        while more:
            changes = provider.changes(mailbox, state, BEGINNING)
            state, more = changes.state, changes.has_more
            fetched = fetch(past, mailbox, changes.created, policy, directory)
            found, unread = read(fetched, policy)
            messages += found
            set_aside += unread
            if progress:
                progress(past.read, changes.remaining)
    requests: list[Request] = []
    promises: list[Promise] = []
    for one in conversation.link(messages, policy.user):
        asked, promised = turns.follow(one, policy, directory)
        requests += asked
        promises += promised
    return Backtest(
        policy,
        as_of,
        past.read,
        tuple(set_aside),
        tuple(request_lines(requests, policy, as_of)),
        tuple(promise_lines(promises, policy, as_of)),
        summary.figures_between(policy, as_of, BEGINNING, as_of + timedelta(seconds=1), requests, promises),
    )


class _Past:
    """A provider's mail as it was at a moment: what was received later is left out, and its text is not read."""

    def __init__(self, provider: MailProvider, as_of: datetime) -> None:
        self._provider, self._as_of = provider, as_of
        self.read = 0

    def headers(self, mailbox: Mailbox, ids: Sequence[str]) -> Iterator[Headers | SetAside]:
        """The headers, counted in `read`; what cannot be read is counted too, for its time is not known."""
        for one in self._provider.headers(mailbox, ids):
            if isinstance(one, SetAside) or one.received_at <= self._as_of:
                self.read += 1
                yield one

    def texts(self, mailbox: Mailbox, ids: Sequence[str]) -> Iterable[Text | SetAside]:
        """See MailProvider."""
        return self._provider.texts(mailbox, ids)
