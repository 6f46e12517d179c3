"""The time zone of the machine that mailwatch runs on."""

from __future__ import annotations

import os
from zoneinfo import ZoneInfo


def machine_zone() -> ZoneInfo:
    """The zone of this machine: TZ, else /etc/localtime, else UTC."""
    named = os.environ.get("TZ", "").lstrip(":")
    if not named:
        _, found, rest = os.path.realpath("/etc/localtime").partition("zoneinfo/")
        named = rest if found else ""
    try:
        return ZoneInfo(named or "UTC")
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")
