"""A promise in the user's own sent mail, and whether it was kept, early or late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from mailwatch.domain.people import Address
from mailwatch.domain.policy import Policy
from mailwatch.domain.reading import Deadline


class PromiseState(StrEnum):
    """The words of state of a promise."""

    OPEN = "open"
    KEPT_EARLY = "kept_early"
    KEPT = "kept"
    KEPT_LATE = "kept_late"
    RENEGOTIATED = "renegotiated"
    MISSED = "missed"
    WITHDRAWN = "withdrawn"


class PromiseEnd(StrEnum):
    """How a promise ended, as a fact."""

    KEPT = "kept"
    RENEGOTIATED = "renegotiated"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Promise:
    """What the user committed to towards a coworker; `deadline` is None if no date was named."""

    id: str
    user: str
    key: str
    message_id: str | None
    to: Address
    subject: str
    made_at: datetime
    evidence: str = ""
    deadline: Deadline | None = None
    references: tuple[str, ...] = ()
    end: PromiseEnd | None = None
    ended_at: datetime | None = None
    ended_by: str | None = None


def due_at(promise: Promise, policy: Policy) -> datetime | None:
    """When the promise falls due, in UTC: a bare day means the end of the user's working day on it."""
    raise NotImplementedError


def state_of(promise: Promise, policy: Policy, now: datetime) -> PromiseState:
    """The state of a promise at a moment; early is at least a working day before it was due."""
    raise NotImplementedError
