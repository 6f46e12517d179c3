"""The reminder: which items a digest names at a slot, in what order, and which step each has reached."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from mailwatch.domain.policy import Policy
from mailwatch.domain.promise import Promise
from mailwatch.domain.request import Figures, Request


@dataclass(frozen=True, slots=True)
class RequestItem:
    """An open request in a digest; `number` is how the user names it in a reply."""

    number: int
    request: Request
    figures: Figures
    step: int


@dataclass(frozen=True, slots=True)
class PromiseItem:
    """An open promise in a digest; `due_at` in UTC."""

    number: int
    promise: Promise
    due_at: datetime
    overdue: bool
    step: int


@dataclass(frozen=True, slots=True)
class Reminder:
    """One digest for one user at one slot; all its items are still open at `at` (UTC).

    `quiet` counts the open items that have had all their steps and are left to the weekly summary.
    """

    policy: Policy
    at: datetime
    requests: tuple[RequestItem, ...]
    promises: tuple[PromiseItem, ...]
    quiet: int = 0


def compose(
    policy: Policy,
    now: datetime,
    requests: Sequence[Request],
    promises: Sequence[Promise],
    steps_sent: Mapping[str, int],
) -> Reminder | None:
    """The reminder that is due at a slot, or None if there is nothing new to say.

    `steps_sent` maps an item's id to the last step that it was named at. An item is named when it has reached
    a further step: 50 % of its target, 100 %, then each working day, at most `Manners.max_steps`; a promise
    on the working day before it is due, on the day, then each working day. When one item is named, the open
    items that were named before are listed with it, so that a digest is always the whole list.
    """
    raise NotImplementedError
