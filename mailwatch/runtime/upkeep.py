"""Upkeep: once a day, what is settled and older than the retention leaves the ledger."""

from __future__ import annotations

import logging
from datetime import timedelta

from mailwatch.ports import Clock, Ledger

UPKEEP = "upkeep"
CAUTION = "upkeep-caution"
"""The schedule's kind of the upkeep that follows on one which was put off; it is not put off again."""

EVERYONE = ""  # The schedule's user of work that is done for all users at once.
EVERY = timedelta(days=1)

log = logging.getLogger("mailwatch")


def upkeep(ledger: Ledger, clock: Clock, retention: timedelta) -> int:
    """Prunes the ledger if that is due; how many rows left it. Of several programs on one ledger one does it.

    After half of the retention without upkeep it waits for a day more, once: if it is the clock that jumped, nothing
    is lost that cannot be got back.
    """
    now = clock.now()
    due = ledger.due_at(UPKEEP, EVERYONE)
    if due is not None and now < due <= now + EVERY:  # One that lies further ahead is of a clock that was wrong.
        return 0
    if not ledger.claim(UPKEEP, EVERYONE, due, now + EVERY):
        return 0
    cautioned = ledger.due_at(CAUTION, EVERYONE)
    if due is not None and now - due > retention / 2 and cautioned != due:
        ledger.claim(CAUTION, EVERYONE, cautioned, now + EVERY)
        log.warning("upkeep: none for %d days; if the clock is wrong, correct it within a day", (now - due).days)
        return 0
    rows = ledger.prune(now - retention)
    log.info("upkeep: %d rows older than %d days left the ledger", rows, retention.days)
    return rows
