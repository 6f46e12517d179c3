"""Recognises the headings of Lotus Notes, which has no "From:" and may set each field in a line of its own."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mailwatch.domain.attribution import FIELDS, LONGEST_NAME, continues_field, field_meaning

_LOTUS_MOMENT = re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4},?\s++(?:at\s++)?\d{1,2}[:.]\d\d", re.IGNORECASE)


def lotus_labels(lines: Sequence[str], start: int) -> tuple[int, int]:
    """Where a Lotus Notes block begins and ends whose fields stand each on a line of its own, as in a table.

    `start` is the line that says only "To"; above it stand a name and a time. (0, 0) if it is no such block.
    """
    if _label(lines[start]) != "to":
        return 0, 0
    end = next((at for at in range(start, min(start + 60, len(lines))) if _label(lines[at]) == "subject"), 0)
    first = next((at for at in range(start, max(-1, start - 5), -1) if _LOTUS_MOMENT.match(lines[at].strip())), 0)
    if not end or first < 1 or not lines[first - 1].strip():
        return 0, 0
    return first - 1, min(end + 2, len(lines))


def _label(line: str) -> str | None:
    """What a field is called that has a line for its name alone."""
    name = line.strip(" \t*_").lower()
    return FIELDS.get(name) if len(name) < LONGEST_NAME else None


def lotus_block(lines: Sequence[str], start: int) -> tuple[int, int]:
    """Where a Lotus Notes block (a name and a time, then To, cc, Subject) around a "To:" line begins and ends.

    (0, 0) if it is none. Notes writes no "From:", and the time may share a line with the name.
    """
    if field_meaning(lines[start]) != "to" or (start and field_meaning(lines[start - 1]) == "to"):
        return 0, 0
    found: set[str | None] = set()
    end = start
    while end < len(lines) and end < start + 60:
        meaning = field_meaning(lines[end])
        if not meaning and (not lines[end].strip() or not continues_field(lines[end])):
            break
        found.add(meaning)
        end += 1
    if "subject" not in found:
        return 0, 0
    first = start - 1
    seen = 0
    while first >= 0 and seen < 4 and start - first < 8:
        line = lines[first]
        seen += bool(line.strip())
        if len(line) < 200 and (moment := _LOTUS_MOMENT.search(line)):
            # A line that begins with the time has the name on the line above.
            named = bool(line[: moment.start()].strip()) or first == 0 or not lines[first - 1].strip()
            return (first, end) if named else (first - 1, end)
        first -= 1
    return 0, 0
