"""The time zones that people name behind a clock time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_OFFSETS = {
    "utc": 0, "gmt": 0, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
    "bst": 1, "cet": 1, "mez": 1, "cest": 2, "mesz": 2,
}  # fmt: skip
_NAMED = {
    "et": "America/New_York", "eastern": "America/New_York", "ny": "America/New_York",
    "ct": "America/Chicago", "central": "America/Chicago", "houston": "America/Chicago", "chicago": "America/Chicago",
    "mt": "America/Denver", "mountain": "America/Denver",
    "pt": "America/Los_Angeles", "pacific": "America/Los_Angeles",
    "uk": "Europe/London", "london": "Europe/London", "paris": "Europe/Paris", "berlin": "Europe/Berlin",
    "madrid": "Europe/Madrid",
}  # fmt: skip
MAX_OFFSET = 14
_OF_THE_AUTHOR = (
    ("my", "time"), ("my", "local", "time"), ("our", "time"), ("meiner", "zeit"), ("unserer", "zeit"),
    ("mon", "heure"), ("heure", "de", "chez", "moi"), ("mi", "hora"),
)  # fmt: skip


def is_the_authors(tokens: Sequence[str]) -> bool:
    """Whether the words behind a clock time say that it is one of the author's own clock: ["my", "time"]."""
    behind = tuple(token for token in tokens[:5] if token not in ("(", ","))
    return any(behind[: len(words)] == words for words in _OF_THE_AUTHOR)


def zone_of(tokens: Sequence[str]) -> tzinfo | None:
    """The zone that a word names, with the hours that may follow it: ["pacific", "time"], ["utc+", "2"]."""
    name = tokens[0]
    if name in ("utc+", "gmt+"):
        hours = int(tokens[1]) if len(tokens) > 1 and tokens[1].isdigit() and len(tokens[1]) <= 2 else 0
        return timezone(timedelta(hours=hours)) if 0 < hours <= MAX_OFFSET else None
    if name in _OFFSETS:
        return timezone(timedelta(hours=_OFFSETS[name]))
    if name not in _NAMED:
        return None
    try:
        return ZoneInfo(_NAMED[name])
    except ZoneInfoNotFoundError:
        return None
