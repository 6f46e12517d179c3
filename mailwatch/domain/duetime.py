"""A due time, and who comes too late for it: by a target in working time, or by what a sender wrote."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from mailwatch.domain.reading import Deadline
from mailwatch.domain.workcalendar import WorkCalendar, at_local


@dataclass(frozen=True, slots=True)
class DueTime:
    """`at` is what people are told (UTC); late is who comes after it and not before `late_from`.

    The two differ where no working time lies between: a target that runs out at the end of a working day is
    still met that evening, and so is a day that was named without a clock time.
    """

    at: datetime
    late_from: datetime

    def missed_at(self, moment: datetime) -> bool:
        """Whether that which was due came too late if it came at this moment."""
        return moment > self.at and moment >= self.late_from


def due_by_target(calendar: WorkCalendar, start: datetime, working: timedelta) -> DueTime:
    """Due when so much has been worked since `start`; late from the next working moment on."""
    at = calendar.after(start, working)
    return DueTime(at, calendar.next_working_moment(at))


def due_by_deadline(deadline: Deadline, calendar: WorkCalendar) -> DueTime:
    """Due at what was written, in the zone that it named or else the user's own.

    A clock time is due then, and late after it. A bare day is due at the end of the user's working day on it (on
    a free day at the usual end), read in the zone that was named, and late from the next day on.
    """
    zone = deadline.zone or calendar.zone
    if deadline.clock:
        at = at_local(zone, deadline.day, deadline.clock)
        return DueTime(at, at)
    at = calendar.end_of_day(deadline.day)
    if deadline.zone:
        wall = calendar.local(at)
        at = at_local(zone, wall.date(), wall.time())
    tomorrow = min(deadline.day, date.max - timedelta(days=1)) + timedelta(days=1)
    return DueTime(at, at_local(zone, tomorrow, time()))
