"""What counts as timely for a user, and how mailwatch behaves towards them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta

from mailwatch.domain.people import User
from mailwatch.domain.workcalendar import WorkCalendar


@dataclass(frozen=True, slots=True)
class Target:
    """The working time within which a request should be acknowledged, and answered."""

    acknowledge: timedelta = timedelta(hours=4)
    answer: timedelta = timedelta(hours=8)


@dataclass(frozen=True, slots=True)
class Targets:
    """The default target and the stricter or looser ones of senders, groups and urgent words.

    Keys are in lower case: addr-specs (or @domain) in `senders`, group addresses in `groups`, words in `urgent`.
    """

    default: Target = Target()
    senders: Mapping[str, Target] = field(default_factory=dict)
    groups: Mapping[str, Target] = field(default_factory=dict)
    urgent: Mapping[str, Target] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Manners:
    """When and how often mailwatch writes to the user; times are local to the user."""

    slots: tuple[time, ...] = (time(9), time(14))
    max_steps: int = 5
    max_per_day: int = 2
    summary_weekday: int = 0
    summary_time: time = time(8, 30)
    reminders: bool = True
    summaries: bool = True


@dataclass(frozen=True, slots=True)
class Policy:
    """Everything that decisions about one user need beside the mail.

    `date_order` is "dmy" or "mdy" for dates in figures that do not show it; None goes by the mail's language.
    """

    user: User
    calendar: WorkCalendar
    targets: Targets = Targets()
    manners: Manners = Manners()
    language: str = "en"
    keep_evidence: bool = True
    date_order: str | None = None
