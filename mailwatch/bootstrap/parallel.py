"""Does things that wait for servers at the same time, on a few threads that end with the program."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


def begin(works: Sequence[Callable[[], T]], threads: int) -> list[Future[T]]:
    """Begins works in their order, and gives what each will have found.

    Nobody waits for the threads at the end of the program, as an executor's are: Ctrl-C ends it at once.
    """
    futures: list[Future[T]] = [Future() for _ in works]
    left = deque(zip(works, futures, strict=True))

    def work() -> None:
        while left:
            try:
                one, future = left.popleft()
            except IndexError:
                return  # Another thread has just taken the last one.
            try:
                future.set_result(one())
            except BaseException as error:
                future.set_exception(error)

    for _ in range(min(threads, len(works))):
        threading.Thread(target=work, daemon=True, name="parallel").start()
    return futures
