"""Does the same work on many things side by side: each step on all of them before the next step on any.

What a step needs, its patterns and tables, then stays in the processor's caches for the whole batch. Done for one
message after another, every step has to fetch them anew and takes a quarter longer (docs/detection.md).
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from itertools import islice
from typing import TypeAlias, TypeVar

AT_ONCE = 128
"""More gain nothing, and what lies half read takes memory."""
T = TypeVar("T")

Steps: TypeAlias = Generator[None, None, T]
"""Work that stops between its steps, at each `yield`, and returns what it found."""


def alone(work: Steps[T]) -> T:
    """What a work returns that is done by itself."""
    [found] = together([work])
    return found


def together(works: Iterable[Steps[T]]) -> list[T]:
    """What each of some works returns, in their order. What one of them raises ends all."""
    waiting = iter(works)
    found: list[T] = []
    while batch := list(islice(waiting, AT_ONCE)):
        found += _batch(batch)
    return found


def _batch(works: Iterable[Steps[T]]) -> list[T]:
    going = dict(enumerate(works))
    found: dict[int, T] = {}
    while going:
        for place, work in list(going.items()):
            try:
                next(work)
            except StopIteration as end:
                found[place] = end.value
                del going[place]
    return [found[place] for place in sorted(found)]
