"""Requests and promises as the weekly figures count them: which are counted, when, and as what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from mailwatch.domain.policy import Policy
from mailwatch.domain.promise import Promise, PromiseState, due_at, state_of
from mailwatch.domain.request import Figures, Request, RequestState, figures_of, is_open
from mailwatch.domain.survival import Wait

_NOT_COUNTED = frozenset({RequestState.DISMISSED, RequestState.MUTED, RequestState.WITHDRAWN})


@dataclass(frozen=True, slots=True)
class Case:
    """A request that counts, with its figures."""

    request: Request
    figures: Figures

    @property
    def settled(self) -> bool:
        """Whether it has its answer: from the user or a colleague, or from whom it was handed to."""
        return not is_open(self.figures.state)

    @property
    def wait(self) -> Wait | None:
        """The working time to the user's first response; None if a colleague answered and the user never did."""
        response = self.figures.first_response
        if response:
            return response.working, True
        return None if self.settled else (self.figures.waited.working, False)

    @property
    def in_time(self) -> bool | None:
        """Whether both targets were met; None while its time is not up, or if a colleague answered alone."""
        if self.figures.answered_late or self.figures.overdue:
            return False
        return True if self.settled and self.figures.first_response else None

    @property
    def answered_at(self) -> datetime | None:
        """When the user answered."""
        answer = self.figures.answer
        return self.request.received_at + answer.elapsed if answer else None


@dataclass(frozen=True, slots=True)
class Outcome:
    """A promise with its state; `at` is when that came about: its end, its due time if it was missed, or None."""

    promise: Promise
    state: PromiseState
    due_at: datetime | None
    at: datetime | None


def cases_of(policy: Policy, now: datetime, requests: Iterable[Request]) -> tuple[Case, ...]:
    """The requests received until now, but for those dismissed, muted or withdrawn."""
    all_cases = (Case(r, figures_of(r, policy, now)) for r in requests if r.received_at <= now)
    return tuple(case for case in all_cases if case.figures.state not in _NOT_COUNTED)


def outcomes_of(policy: Policy, now: datetime, promises: Iterable[Promise]) -> tuple[Outcome, ...]:
    """The promises made until now, but for those withdrawn."""
    return tuple(
        outcome
        for outcome in (_outcome(policy, now, promise) for promise in promises if promise.made_at <= now)
        if outcome.state is not PromiseState.WITHDRAWN
    )


def _outcome(policy: Policy, now: datetime, promise: Promise) -> Outcome:
    state, due = state_of(promise, policy, now), due_at(promise, policy)
    if state is PromiseState.OPEN:
        return Outcome(promise, state, due, None)
    return Outcome(promise, state, due, due if state is PromiseState.MISSED else promise.ended_at or promise.made_at)
