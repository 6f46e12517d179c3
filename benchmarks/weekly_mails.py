"""Renders the weekly summaries of many users, each with a week of its own, in all languages by turns."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import css_inline

from mailwatch.bootstrap.desks import sample_renderer
from mailwatch.domain.people import Address, User
from mailwatch.domain.summary import WeeklySummary
from mailwatch.runtime.sample_mails import LANGUAGES
from mailwatch.runtime.samples import WEEKS, sample_summary

MONDAY = datetime(2026, 11, 9, 7, 30, tzinfo=UTC)
AIM = 5.0
"""Milliseconds of CPU that a summary may take."""


def report(users: int = 1000) -> str:
    """What `make bench` prints: milliseconds of CPU a mail, beside the inliner of styles alone on the same HTML."""
    renderer = sample_renderer()
    for language in LANGUAGES:  # Templates and catalogues are read once for each language, then kept.
        renderer.weekly_summary(sample_summary("usual", MONDAY, language))
    html = renderer.weekly_summary(sample_summary("usual", MONDAY)).html
    inliner = css_inline.CSSInliner(load_remote_stylesheets=False)
    alone = statistics.median(_cpu(lambda: inliner.inline(html)) for _ in range(100))
    took: dict[str, list[float]] = {kind: [] for kind in WEEKS}
    for number in range(users):
        week = _of_user(number)
        took[WEEKS[number % len(WEEKS)]].append(_cpu(lambda week=week: renderer.weekly_summary(week)))  # type: ignore[misc]
    mean = statistics.fmean(one for kind in took.values() for one in kind)
    longest = max(statistics.fmean(kind) for kind in took.values())
    verdict = "under" if mean < AIM else "OVER"
    return (
        f"weekly summaries of {users} users: {mean:.1f} ms of CPU each ({verdict} {AIM:.0f}), {longest:.1f} for the "
        f"longest kind of week; inlining the styles anew alone: {alone:.1f}"
    )


def _cpu(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return (time.process_time() - begun) * 1e3


def _of_user(number: int) -> WeeklySummary:
    """The week of one user: kinds of week and languages by turns, other words and names for each."""
    week = sample_summary(WEEKS[number % len(WEEKS)], MONDAY, LANGUAGES[number // len(WEEKS) % len(LANGUAGES)])
    user = User(Address(f"user{number}@example.com", f"User {number}"))
    waiting = tuple(
        replace(item, request=replace(item.request, subject=f"{item.request.subject} {number}"))
        for item in week.waiting
    )
    return replace(week, policy=replace(week.policy, user=user), waiting=waiting)


if __name__ == "__main__":
    print(report())
