"""The past is told as it was: a week has the same figures however far back one looks, and nothing comes early."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from mailwatch.adapters.ledger import SqlLedger
from mailwatch.cli import shapes
from mailwatch.domain.lifecycle import Event, EventKind
from mailwatch.domain.people import Address, User
from mailwatch.domain.policy import Policy
from mailwatch.domain.promise import Promise, PromiseEnd
from mailwatch.domain.request import Request
from mailwatch.domain.summary import figures_of_weeks
from mailwatch.domain.workcalendar import WorkCalendar
from mailwatch.services.compose import summary_of
from mailwatch.services.overview import overview

ANN, BOB = "ann@example.com", Address("bob@example.com", "Bob Jones")
POLICY = Policy(User(Address(ANN, "Ann Smith")), WorkCalendar(ZoneInfo("UTC")))
MONDAY = datetime(2026, 4, 13, 10, 0, tzinfo=UTC)
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
LONG_AGO = MONDAY - 20 * WEEK


@pytest.fixture
def ledger() -> Iterator[SqlLedger]:
    """A promise and a request of twenty weeks ago, kept and answered on Tuesday."""
    opened = SqlLedger.open("sqlite://")
    answered = Event(EventKind.ANSWERED, MONDAY + DAY, "kept@x")
    asked = Request("r1", ANN, "k1", "1@x", BOB, "Figures", LONG_AGO, events=(answered,))
    made = Promise("p1", ANN, "k2", "2@x", BOB, "Report", LONG_AGO, end=PromiseEnd.KEPT, ended_at=MONDAY + DAY)
    opened.save_triage(ANN, [("c1", ["k1"]), ("c2", ["k2"])], [asked], [made])
    yield opened
    opened.close()


@pytest.mark.parametrize("weeks", [1, 8, 30])
def test_an_old_promise_counts_in_the_week_it_was_kept_however_many_weeks_are_shown(
    ledger: SqlLedger, weeks: int
) -> None:
    now = MONDAY + 3 * DAY
    since = now - timedelta(weeks=weeks)
    this, *_ = figures_of_weeks(POLICY, now, weeks, ledger.requests(ANN, since), ledger.promises(ANN, since))
    assert this.kept + this.kept_early == 1


def test_the_summary_thanks_for_what_was_asked_and_promised_long_ago(ledger: SqlLedger) -> None:
    told = summary_of(ledger, POLICY, MONDAY.date(), MONDAY + WEEK)
    assert told is not None
    assert told.helped == ((BOB, 1),)
    assert told.figures.kept + told.figures.kept_early == 1


def test_what_ended_before_the_moment_is_left_out(ledger: SqlLedger) -> None:
    assert not ledger.requests(ANN, MONDAY + 2 * DAY)
    assert not ledger.promises(ANN, MONDAY + 2 * DAY)


def test_the_status_of_a_moment_shows_what_was_open_then_and_has_ended_since(ledger: SqlLedger) -> None:
    view = overview(ledger, POLICY, LONG_AGO + WEEK, past=True)
    assert [line.request.id for line in view.requests] == ["r1"]
    assert [line.promise.id for line in view.promises] == ["p1"]
    assert not overview(ledger, POLICY, MONDAY + 2 * DAY, past=True).requests


def test_the_status_of_a_moment_tells_nothing_that_came_later(ledger: SqlLedger) -> None:
    later = (
        Event(EventKind.CHASED, MONDAY + DAY, "chaser@x"),
        Event(EventKind.ACKNOWLEDGED, MONDAY + 2 * DAY, "hold@x"),
    )
    asked = Request("r3", ANN, "k3", "3@x", BOB, "Contract", MONDAY, events=later)
    ledger.save_triage(ANN, [("c3", ["k3"])], [asked], [])
    (then,) = [x for x in overview(ledger, POLICY, MONDAY + DAY / 2, past=True).requests if x.request.id == "r3"]
    shown = shapes.request(then)
    assert (shown["chasers"], shown["acknowledged_by"]) == (0, None)
    (now,) = overview(ledger, POLICY, MONDAY + 3 * DAY).requests
    assert (shapes.request(now)["chasers"], shapes.request(now)["acknowledged_by"]) == (1, "hold@x")
