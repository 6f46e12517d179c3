"""One mailbox's place in the daemon's plan, and how a thread is begun for it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from mailwatch.ports import Notice
from mailwatch.runtime.cycle import Watch
from mailwatch.runtime.logins import Password

log = logging.getLogger("mailwatch")


@dataclass(eq=False)
class Task:
    """One user's place in the plan; only the waiting thread changes it while no cycle runs."""

    watch: Watch
    next_at: float = 0.0
    running_since: float | None = None
    beat: float = 0.0
    failures: int = 0
    stall_told: bool = False
    notice: Notice | None = None
    error: Exception | None = None
    told: str = ""
    password: Password = field(init=False)

    def __post_init__(self) -> None:
        self.password = Password(self.watch.secret)


def began(work: Callable[..., None], *given: Task | str) -> bool:
    """Whether a thread could be begun that does some work; the machine may have no room for another one."""
    try:
        threading.Thread(target=work, args=given, daemon=True).start()
    except RuntimeError as error:
        log.warning("a step is put off: %s", error)
        return False
    return True
