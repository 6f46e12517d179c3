"""One cycle for each user, then the end: for cron, for a first look, and for tests."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from mailwatch.domain.fault import trace_of
from mailwatch.errors import MailwatchError, SubmissionError
from mailwatch.ports import Clock, Ledger
from mailwatch.runtime.cycle import Watch, cycle, note_fault

log = logging.getLogger("mailwatch")


def run_once(
    watches: Sequence[Watch],
    ledger: Ledger,
    clock: Clock,
    tell: Callable[[Watch, Exception | None], None],
    *,
    threads: int = 1,
    attended: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> int:
    """One cycle for each user; how many failed. `tell` hears how each went, as it ends.

    After refused logins a mailbox waits for its time, but where somebody looks on (`attended`).
    """

    def once(watch: Watch) -> list[Exception]:
        try:
            told = (lambda _, done, left: progress(done, left)) if progress else None
            outcome = cycle(watch, ledger, clock, told, heed_refusals=not attended)
        except MailwatchError as error:
            return [error]
        except Exception as error:
            log.debug("%s: %s", watch.user, trace_of(error))
            return [note_fault(watch, ledger, clock, error)]
        finally:
            watch.provider.close()
        for fault in outcome.not_marked:
            log.warning("%s: not marked: %s", watch.user, fault)
        return [SubmissionError(f"a mail of ours is not sent: {fault}") for fault in outcome.not_sent]

    failed = 0
    with ThreadPoolExecutor(max_workers=threads) as pool:
        for watch, errors in zip(watches, pool.map(once, watches), strict=True):
            failed += bool(errors)
            if not errors:
                tell(watch, None)
            for error in errors:
                tell(watch, error)
    return failed
