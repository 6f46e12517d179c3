"""Which messages bear the mark: those that wait for the user; and nobody else's mark is ever touched."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailwatch.domain.marking import OURS, Mark, MarkState, awaiting, plan_marks
from mailwatch.domain.people import Address
from mailwatch.domain.request import Event, EventKind, Request

ASKED = datetime(2026, 11, 10, 9, tzinfo=UTC)
NOW = ASKED + timedelta(hours=6)
NAME = "Awaiting my reply"


def event(kind: EventKind, hour: int, until: datetime | None = None) -> Event:
    return Event(kind, ASKED + timedelta(hours=hour), until=until)


def request(*events: Event, key: str = "k1") -> Request:
    return Request("r1", "ann@example.com", key, "1@x", Address("bob@example.com"), "Figures", ASKED, events=events)


@pytest.mark.parametrize(
    ("events", "marked"),
    [
        ((), True),
        ((event(EventKind.CHASED, 1),), True),
        ((event(EventKind.ACKNOWLEDGED, 1),), True),
        ((event(EventKind.SNOOZED, 1, NOW + timedelta(days=1)),), True),
        ((event(EventKind.ASKED_BACK, 1),), False),
        ((event(EventKind.ASKED_BACK, 1), event(EventKind.SNOOZED, 2, NOW + timedelta(days=1))), False),
        ((event(EventKind.ASKED_BACK, 1), event(EventKind.TOLD, 2)), True),
        ((event(EventKind.ANSWERED, 1),), False),
        ((event(EventKind.ANSWERED_BY_COLLEAGUE, 1),), False),
        ((event(EventKind.DELEGATED, 1),), False),
        ((event(EventKind.WITHDRAWN, 1),), False),
        ((event(EventKind.DONE, 1),), False),
        ((event(EventKind.DISMISSED, 1),), False),
        ((event(EventKind.MUTED, 1),), False),
        ((event(EventKind.ANSWERED, 7),), True),
    ],
    ids=lambda value: "+".join(str(each.kind) for each in value) or "waiting" if isinstance(value, tuple) else "",
)
def test_a_message_bears_the_mark_while_it_is_the_users_turn(events: tuple[Event, ...], marked: bool) -> None:
    assert awaiting([request(*events)], NOW) == ({"k1"} if marked else set())


def mark(state: MarkState, key: str = "k1", name: str = NAME) -> Mark:
    return Mark(key, name, state)


@pytest.mark.parametrize(
    ("state", "wanted", "name", "does"),
    [
        (None, True, NAME, "set"),
        (None, True, "", "nothing"),
        (None, False, NAME, "nothing"),
        (MarkState.WANTED, True, NAME, "set"),
        (MarkState.WANTED, False, NAME, "forget"),
        (MarkState.SETTING, True, NAME, "set"),
        (MarkState.SETTING, False, NAME, "clear"),
        (MarkState.SET, True, NAME, "nothing"),
        (MarkState.SET, False, NAME, "clear"),
        (MarkState.SET, True, "", "clear"),
        (MarkState.SET, True, "Open", "clear and set"),
        (MarkState.THEIRS, True, NAME, "nothing"),
        (MarkState.THEIRS, False, NAME, "forget"),
        (MarkState.THEIRS, True, "Open", "forget and set"),
        (MarkState.GONE, True, NAME, "nothing"),
        (MarkState.GONE, False, NAME, "forget"),
    ],
)
def test_what_is_done_about_a_mark(state: MarkState | None, wanted: bool, name: str, does: str) -> None:
    known = [mark(state)] if state else []
    plan = plan_marks({"k1"} if wanted else (), known, name)
    assert plan.to_clear == (tuple(known) if "clear" in does else ())
    assert plan.to_forget == (tuple(known) if "forget" in does else ())
    assert [each.key for each in plan.to_set] == (["k1"] if "set" in does else [])
    assert all(each.name == name for each in plan.to_set)


MARKS = st.lists(
    st.builds(Mark, st.sampled_from("abc"), st.sampled_from(["x", "y"]), st.sampled_from(MarkState)),
    unique_by=lambda each: (each.key, each.name),
)


@given(st.sets(st.sampled_from("abcd")), MARKS, st.sampled_from(["", "x", "y"]))
def test_no_plan_takes_away_what_is_not_ours_or_sets_what_is_there(
    wanted: set[str], known: list[Mark], name: str
) -> None:
    plan = plan_marks(wanted, known, name)
    assert all(each in known and each.state in OURS for each in plan.to_clear)
    assert all(each.name == name and each.key in wanted for each in plan.to_set)
    assert not {(each.key, each.name) for each in plan.to_set} & {(each.key, each.name) for each in plan.to_clear}
    # When it is done, there is nothing more to do.
    left = [each for each in known if each not in (*plan.to_clear, *plan.to_forget, *plan.to_set)]
    left += [Mark(each.key, each.name, MarkState.SET) for each in plan.to_set]
    assert plan_marks(wanted, left, name) == plan_marks((), (), "")
