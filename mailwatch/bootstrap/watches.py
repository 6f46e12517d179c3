"""Makes everything that the cycle of each user needs: the doors, the words, and what holds for them."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from mailwatch.bootstrap.desks import desk
from mailwatch.bootstrap.doors import Doors
from mailwatch.bootstrap.policies import directory, mark_of, policy
from mailwatch.runtime.cycle import Watch
from mailwatch.settings import Settings


def watches(settings: Settings, now: datetime) -> tuple[Watch, ...]:
    """One watch a user. Raises SettingsError or DirectoryError."""
    coworkers = directory(settings)
    doors = Doors(settings)
    submitter = doors.submitter()
    return tuple(
        Watch(
            policy=policy(settings, user, now),
            directory=coworkers,
            provider=doors.provider(user),
            submitter=submitter,
            desk=desk(settings, user.address),
            look_back=settings.mailwatch.look_back,
            settle=settings.submit.settle,
            welcomes=settings.mailwatch.welcome,
            retention=settings.mailwatch.retention,
            mark=mark_of(settings, user),
            open_marker=partial(doors.marker, user),
            secret=doors.secret(user),
        )
        for user in settings.users
    )
