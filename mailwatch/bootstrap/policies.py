"""From settings to the values that decisions need: users, calendars, targets, manners and the directory."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from mailwatch.adapters.directory import load_directory
from mailwatch.adapters.workdays import free_days
from mailwatch.bootstrap.zone import machine_zone
from mailwatch.domain.people import Address, Directory, User, normal_address
from mailwatch.domain.policy import Manners, Policy, Target, Targets
from mailwatch.domain.workcalendar import NINE_TO_FIVE, Span, WorkCalendar
from mailwatch.errors import SettingsError, UsageError
from mailwatch.settings import Settings
from mailwatch.settings.kinds import WEEKDAYS
from mailwatch.settings.tables import Hours, TargetTable, UserTable

Value = TypeVar("Value")
MARK = "Awaiting my reply"


def directory(settings: Settings) -> Directory:
    """The coworkers that the settings and their file name. Raises DirectoryError."""
    table = settings.coworkers
    return load_directory(
        domains=table.domains,
        addresses=(*table.addresses, *(user.address for user in settings.users)),
        exceptions=table.except_,
        groups=table.groups,
        file=table.file.expanduser() if table.file else None,
    )


def policies(settings: Settings, now: datetime) -> tuple[Policy, ...]:
    """What holds for each user; what a user leaves out comes from the file's top. Raises SettingsError."""
    return tuple(policy(settings, user, now) for user in settings.users)


def policy(settings: Settings, user: UserTable, now: datetime) -> Policy:
    """What holds for one user. Raises SettingsError."""
    return Policy(
        user=User(Address(user.address, user.name), frozenset(user.aliases)),
        calendar=_calendar(settings, user, now),
        targets=_targets(settings, user),
        manners=_manners(settings, user),
        language=user.language or settings.mailwatch.language,
        date_order=_date_order(settings, user),
        keep_evidence=settings.mailwatch.evidence,
    )


def _date_order(settings: Settings, user: UserTable) -> str | None:
    """How the user writes dates in figures; English has both orders, so that the language of the mail says."""
    order = user.date_order or settings.mailwatch.date_order
    if order != "auto":
        return order
    return None if (user.language or settings.mailwatch.language) == "en" else "dmy"


def require_users(settings: Settings) -> None:
    """Raises SettingsError if the settings watch nobody."""
    if not settings.users:
        raise SettingsError("the settings watch nobody; add a [[users]] table or run `mailwatch init`")


def user_of(settings: Settings, address: str) -> UserTable | None:
    """The user who has an address, be it an alias; None if the settings do not know it."""
    plain = normal_address(address)
    return next((user for user in settings.users if plain in (user.address, *user.aliases)), None)


def policy_of(settings: Settings, address: str, now: datetime) -> Policy:
    """What holds for the user of that name. Raises UsageError if the settings do not know them."""
    if user := user_of(settings, address):
        return policy(settings, user, now)
    known = ", ".join(user.address for user in settings.users) or "nobody"
    raise UsageError(f"{address}: the settings do not watch this address; they watch {known}")


def mark_of(settings: Settings, user: UserTable) -> str:
    """What the mark in the user's mailbox is called; empty if they want none."""
    own, top = user.write_back, settings.write_back
    wanted = _first(own.enabled, top.enabled, default=False)
    return _first(own.mark, top.mark, default=MARK) if wanted else ""


def _first(*values: Value | None, default: Value) -> Value:
    return next((value for value in values if value is not None), default)


def _calendar(settings: Settings, user: UserTable, now: datetime) -> WorkCalendar:
    zone = user.zone or settings.mailwatch.zone
    hours = user.calendar.hours or settings.calendar.hours
    return WorkCalendar(
        zone=ZoneInfo(zone) if zone else machine_zone(),
        hours=_hours(hours) if hours else NINE_TO_FIVE,
        holidays=free_days(_first(user.calendar.holidays, settings.calendar.holidays, default=()), now),
        leave=_first(user.calendar.leave, settings.calendar.leave, default=()),
    )


def _hours(table: Hours) -> Mapping[int, tuple[Span, ...]]:
    return {day: spans for day, name in enumerate(WEEKDAYS) if (spans := getattr(table, name))}


def _targets(settings: Settings, user: UserTable) -> Targets:
    own, top = user.targets, settings.targets
    answer = _first(own.answer, top.answer, default=Target().answer)
    acknowledge = _first(own.acknowledge, top.acknowledge, default=Target().acknowledge)
    default = Target(acknowledge=min(acknowledge, answer), answer=answer)

    def merged(which: str) -> Mapping[str, Target]:
        tables: dict[str, TargetTable] = {**getattr(top, which), **getattr(own, which)}
        return {
            normal_address(key): Target(
                acknowledge=min(_first(table.acknowledge, default=default.acknowledge), _answer(table, default)),
                answer=_answer(table, default),
            )
            for key, table in tables.items()
        }

    return Targets(default, senders=merged("senders"), groups=merged("groups"), urgent=merged("urgent"))


def _answer(table: TargetTable, default: Target) -> timedelta:
    return _first(table.answer, default=default.answer)


def _manners(settings: Settings, user: UserTable) -> Manners:
    usual = Manners()
    own, top = user.reminders, settings.reminders
    week, weeks = user.summary, settings.summary
    return Manners(
        slots=tuple(sorted(_first(own.slots, top.slots, default=usual.slots))),
        max_steps=_first(own.max_steps, top.max_steps, default=usual.max_steps),
        max_per_day=_first(own.max_per_day, top.max_per_day, default=usual.max_per_day),
        summary_weekday=_first(week.weekday, weeks.weekday, default=usual.summary_weekday),
        summary_time=_first(week.time, weeks.time, default=usual.summary_time),
        reminders=_first(own.enabled, top.enabled, default=True),
        summaries=_first(week.enabled, weeks.enabled, default=True),
    )
