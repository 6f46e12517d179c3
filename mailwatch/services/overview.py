"""Overview: what is open for a user at a moment, worst first, as `status` and `backtest` show it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from mailwatch.domain import promise as promises_of
from mailwatch.domain.command import Silence, silence_of
from mailwatch.domain.policy import Policy
from mailwatch.domain.promise import Promise, PromiseState
from mailwatch.domain.reminder import badness
from mailwatch.domain.request import Figures, Request, RequestState, figures_of, is_open
from mailwatch.ports import Ledger

OPEN_PROMISES = frozenset({PromiseState.OPEN, PromiseState.MISSED})


@dataclass(frozen=True, slots=True)
class RequestLine:
    """A request and what the user's clock says of it."""

    request: Request
    figures: Figures


@dataclass(frozen=True, slots=True)
class PromiseLine:
    """A promise, its state, and when it falls due (UTC), if ever."""

    promise: Promise
    state: PromiseState
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Overview:
    """What is open for one user at `at` (UTC); `silence` if the user wants no mails then."""

    policy: Policy
    at: datetime
    requests: tuple[RequestLine, ...]
    promises: tuple[PromiseLine, ...]
    silence: Silence | None = None


def overview(ledger: Ledger, policy: Policy, now: datetime, *, past: bool = False) -> Overview:
    """What is open for a user at a moment, snoozed last; `past` also looks at what was settled since then."""
    user = policy.user.address.addr_spec
    requests = ledger.requests(user, now) if past else ledger.open_requests(user)
    promises = ledger.promises(user, now) if past else ledger.open_promises(user)
    asked = [line for line in request_lines(requests, policy, now) if is_open(line.figures.state)]
    return Overview(
        policy,
        now,
        tuple(sorted(asked, key=lambda line: line.figures.state is RequestState.SNOOZED)),
        tuple(line for line in promise_lines(promises, policy, now) if line.state in OPEN_PROMISES),
        silence_of(ledger.standing(user), now),
    )


def request_lines(requests: Iterable[Request], policy: Policy, now: datetime) -> list[RequestLine]:
    """Requests received until a moment with their figures: overdue first, then what falls due first.

    What happened later is left out of their events.
    """
    known = (r.until(now) for r in requests if r.received_at <= now)
    lines = [RequestLine(r, figures_of(r, policy, now)) for r in known]
    return sorted(lines, key=lambda line: badness(line.figures, line.request))


def promise_lines(promises: Iterable[Promise], policy: Policy, now: datetime) -> list[PromiseLine]:
    """Promises made until a moment with their states: what falls due first stands first, undated ones last."""
    lines = [
        PromiseLine(p, promises_of.state_of(p, policy, now), promises_of.due_at(p, policy))
        for p in promises
        if p.made_at <= now
    ]
    return sorted(lines, key=lambda line: (line.due_at is None, line.due_at or line.promise.made_at))
