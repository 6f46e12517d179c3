"""When mailwatch may write to a user: reminder slots, the weekly summary, and how often a day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from mailwatch.domain.policy import Policy
from mailwatch.domain.workcalendar import at_local, in_utc

FAR = timedelta(days=366)
"""How far a slot is looked for; a year of leave is asked about again after it."""

_PROMPT = timedelta(minutes=30)  # A time outside the working hours was chosen by the user; a mail may be this late.


def next_slot(policy: Policy, after: datetime) -> datetime:
    """The first reminder slot after a moment, in UTC: the user's local times, on working days alone.

    A time that the clocks skip is taken after the change. If there is no slot within FAR, the moment that is FAR
    away, which is no good slot.
    """
    return next((slot for slot in _slots(policy, after) if slot > after), in_utc(after) + FAR)


def due_slot(policy: Policy, now: datetime) -> datetime | None:
    """The last slot of today that has come and can still be used; None if there is none."""
    slots = [s for s in _slots(policy, now, days=1) if s <= now and slot_is_still_good(policy, s, now)]
    return max(slots, default=None)


def slot_is_still_good(policy: Policy, slot: datetime, now: datetime) -> bool:
    """Whether a slot that has come may still be used: today, and in working hours or almost on time.

    A daemon that was down over a slot writes later that day, but neither at night nor the next morning.
    """
    calendar = policy.calendar
    day = calendar.local(slot).date()
    if slot > now or day != calendar.local(now).date() or not calendar.is_working_day(day):
        return False
    return is_time_to_write(policy, slot, now)


def is_time_to_write(policy: Policy, planned: datetime, now: datetime) -> bool:
    """Whether a mail that was planned for a moment may reach the user now: almost on time, or in working hours."""
    return in_utc(now) - in_utc(planned) <= _PROMPT or is_at_work(policy, now)


def is_at_work(policy: Policy, now: datetime) -> bool:
    """Whether the user works at a moment, by their own hours."""
    return policy.calendar.next_working_moment(now) == in_utc(now)


def next_summary(policy: Policy, after: datetime) -> datetime:
    """When the next weekly summary is due after a moment, in UTC.

    If the user is free on its weekday, the next working day within the week takes its place at the same time; a
    week without one has no summary. If there is none within FAR, the moment that is FAR away.
    """
    day = _summary_day(policy, after)
    for anchor in _days(day, 7, FAR.days // 7):
        due = _summary_at(policy, anchor)
        if due is not None and due > after:
            return due
    return in_utc(after) + FAR


def last_summary(policy: Policy, now: datetime) -> tuple[datetime, date] | None:
    """When the last weekly summary was due, in UTC, and the Monday of the week that it tells; None if long ago.

    That week is the last whole one before the summary's own day, also where it moved to another day, or is late after
    an outage. After a week without a summary it is too late for the one before.
    """
    for anchor in _days(_summary_day(policy, now), -7, 2):
        due = _summary_at(policy, anchor)
        if due is not None and due <= in_utc(now) < due + timedelta(days=7):
            return due, anchor - timedelta(days=anchor.weekday() + 7)
    return None


def _summary_day(policy: Policy, now: datetime) -> date:
    """The last weekday of summaries, today included, in the user's zone."""
    today = policy.calendar.local(now).date()
    return today - timedelta(days=(today.weekday() - policy.manners.summary_weekday) % 7)


def _summary_at(policy: Policy, anchor: date) -> datetime | None:
    """When the summary of a weekday is due: on it, or on the next working day within the week."""
    calendar = policy.calendar
    working = next((day for day in _days(anchor, 1, 7) if calendar.is_working_day(day)), None)
    return at_local(calendar.zone, working, policy.manners.summary_time) if working else None


def may_write(policy: Policy, sent_today: int) -> bool:
    """Whether a reminder may be sent, so many having been sent on the user's day before."""
    return policy.manners.reminders and sent_today < policy.manners.max_per_day


def _slots(policy: Policy, since: datetime, days: int = FAR.days) -> Iterator[datetime]:
    calendar = policy.calendar
    for day in _days(calendar.local(since).date(), 1, days):
        if calendar.is_working_day(day):
            yield from (at_local(calendar.zone, day, clock) for clock in sorted(policy.manners.slots))


def _days(first: date, step: int, count: int) -> Iterator[date]:
    return (first + timedelta(days=step * n) for n in range(count))
