"""Leaves a mail system alone for as long as it asked to, whoever's mail is next."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable, Iterator

from mailwatch.domain.wording import counted
from mailwatch.errors import SubmissionDeferred

LONGEST_WAIT = 3600.0  # seconds; a server that names more is asked again after that


class SubmitPatience:
    """What all mails over one account have in common: until when its server wants none. For several threads.

    `where` names the server; the clock counts in seconds.
    """

    def __init__(self, where: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._where, self._clock = where, clock
        self._until = 0.0

    @contextlib.contextmanager
    def heeded(self) -> Iterator[None]:
        """Around a submission, whose wait it remembers. Raises SubmissionDeferred while an earlier one lasts."""
        left = self._until - self._clock()
        if left > 0:
            minutes = counted(math.ceil(left / 60), "minute")
            raise SubmissionDeferred(f"{self._where} asked to wait, so it is given no mail for {minutes}.", left)
        try:
            yield
        except SubmissionDeferred as error:
            if error.seconds:
                self._until = self._clock() + min(error.seconds, LONGEST_WAIT)
            raise
