"""Backtest: reads an archive without touching it and gives the answer that the daemon would have given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from mailwatch.domain import conversation, summary, turns
from mailwatch.domain.message import Message, SetAside
from mailwatch.domain.people import Directory
from mailwatch.domain.policy import Policy
from mailwatch.domain.promise import Promise
from mailwatch.domain.request import Request
from mailwatch.domain.summary import WeekFigures
from mailwatch.ports import MailProvider
from mailwatch.services.overview import PromiseLine, RequestLine, promise_lines, request_lines
from mailwatch.services.sync import read_batch

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
    seen = 0
    messages: list[Message] = []
    set_aside: list[SetAside] = []
    for mailbox in provider.mailboxes():
        state, more = None, True
        while more:
            changes = provider.changes(mailbox, state, BEGINNING)
            state, more = changes.state, changes.has_more
            batch, unread = read_batch(provider, mailbox, changes.created, policy, directory)
            seen += len(changes.created)
            set_aside += unread
            messages += (message for message in batch if message.headers.received_at <= as_of)
            if progress:
                progress(seen, changes.remaining)
    requests: list[Request] = []
    promises: list[Promise] = []
    for one in conversation.link(messages):
        asked, promised = turns.follow(one, policy, directory)
        requests += asked
        promises += promised
    return Backtest(
        policy,
        as_of,
        seen,
        tuple(set_aside),
        tuple(request_lines(requests, policy, as_of)),
        tuple(promise_lines(promises, policy, as_of)),
        summary.figures_between(policy, as_of, BEGINNING, as_of + timedelta(seconds=1), requests, promises),
    )
