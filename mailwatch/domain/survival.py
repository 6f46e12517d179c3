"""Medians of waiting times in which those still waiting count too (Kaplan and Meier 1958)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from itertools import groupby

Wait = tuple[timedelta, bool]
"""How long somebody waited, and whether the waiting ended then; if not, it is known to last longer."""

_ROUNDING = 1e-9


def quantile(waits: Iterable[Wait], share: float) -> timedelta | None:
    """The shortest time by which at least `share` (0 to 1) of all waits have ended, by the product-limit estimate.

    None if that share is not reached, because too many still wait. Of an even number the median is the lower one
    of the two in the middle. Waits that end at the same time as others are broken off are counted first.
    """
    ordered = sorted(waits)
    at_risk, lasting = len(ordered), 1.0
    for time, group in groupby(ordered, key=_lasted):
        ends = [ended for _, ended in group]
        lasting *= 1 - sum(ends) / at_risk
        if any(ends) and lasting <= 1 - share + _ROUNDING:
            return time
        at_risk -= len(ends)
    return None


def at_least(waits: Iterable[Wait]) -> timedelta | None:
    """The median that holds even if everyone who still waits were served now; None without waits.

    It bounds the true median from below where `quantile` has none to give.
    """
    return quantile([(time, True) for time, _ in waits], 0.5)


def _lasted(wait: Wait) -> timedelta:
    return wait[0]
