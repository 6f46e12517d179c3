"""Act: does what the user says about an item: done, snooze, not a request, delegated, muted."""

from __future__ import annotations

from mailwatch.domain.command import Command
from mailwatch.errors import UsageError
from mailwatch.ports import Ledger


def item_of(ledger: Ledger, prefix: str) -> tuple[str, str]:
    """(user, id) of the one item whose id begins so. Raises UsageError if none or several do."""
    found = ledger.find_item(prefix)
    if not found:
        raise UsageError(f"there is no item {prefix!r}; `mailwatch status` shows the ids of what is open")
    if len(found) > 1:
        near = ", ".join(id for _, id in found[:5])
        raise UsageError(f"{prefix!r} could be {near}; give more of the id")
    return found[0]


def act(ledger: Ledger, command: Command) -> bool:
    """Records a command; false if it was recorded before, for each command counts once."""
    return ledger.save_command(command)
