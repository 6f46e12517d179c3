"""The time zone of the machine that mailwatch runs on."""

from __future__ import annotations

import os
from collections.abc import Mapping
from zoneinfo import ZoneInfo


def machine_zone(environment: Mapping[str, str] = os.environ) -> ZoneInfo:
    """The zone of this machine: TZ, else /etc/localtime, else UTC."""
    named = environment.get("TZ", "").lstrip(":")
    if not named:
        _, found, rest = os.path.realpath("/etc/localtime").partition("zoneinfo/")
        named = rest if found else ""
    try:
        return ZoneInfo(named or "UTC")
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")
