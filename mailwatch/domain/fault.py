"""Tells of a fault of ours where it lies, and nothing that its words may quote from a mail."""

from __future__ import annotations

import traceback
from pathlib import Path

from mailwatch.errors import MailwatchError

NOT_OF_A_MESSAGE = (MailwatchError, MemoryError, OSError)
"""Errors for which no message is to blame: the ledger, or a machine that lacks memory or open files."""

_PACKAGE = Path(__file__).parents[1]


def sentence_of(error: BaseException, while_it: str = "") -> str:
    """What is said of a fault: its kind, and the innermost line of ours; `while_it` is what was being done."""
    frames = traceback.walk_tb(error.__traceback__)
    places = [(Path(frame.f_code.co_filename), line) for frame, line in frames]
    ours = [f" in {file.relative_to(_PACKAGE.parent)}:{line}" for file, line in places if _PACKAGE in file.parents]
    doing = f" while it {while_it}" if while_it else ""
    return f"a fault of mailwatch itself{doing} ({type(error).__name__}{ours[-1] if ours else ''}); please report it"


def trace_of(error: BaseException) -> str:
    """The way to a fault as Python prints it, but without the words of the error."""
    lines = traceback.format_tb(error.__traceback__)
    return f"Traceback (most recent call last):\n{''.join(lines)}{type(error).__name__}"
