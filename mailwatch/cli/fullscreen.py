"""Draws the overviews of all users on the whole terminal: as much as it has room for, and how much it has not."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from rich.console import Console, Group, RenderableType
from rich.text import Text

from mailwatch.cli.screen import overview_for
from mailwatch.cli.table import ALL, faults, wording
from mailwatch.domain.wording import counted
from mailwatch.ports import MailboxReport
from mailwatch.services.health import Service
from mailwatch.services.overview import Overview

TOO_LOW = "a higher window has room for them"

User = tuple[Overview, MailboxReport | None, Service]


class Screen:
    """The whole terminal, drawn anew in place, so that nothing flickers.

    A context manager: on the way out, an interrupt included, what stood there before comes back.
    """

    def __init__(self) -> None:
        self._console = Console(highlight=False)
        self._screen = self._console.screen(hide_cursor=True)

    def __enter__(self) -> Screen:
        self._screen.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._screen.__exit__(None, None, None)

    def draw(self, users: Sequence[User], note: str, most: int | None, disk: str = "") -> None:
        """Draws a note, the fault of the disk if there is one, and the users below, as far as there is room."""
        above = [Text(note, "dim"), *([Text(disk, "red")] if disk else []), Text()]
        self._screen.update(page_for(users, above, most, self._console))


def page_for(
    users: Sequence[User], above: Sequence[RenderableType], most: int | None, console: Console
) -> RenderableType:
    """The overviews of all users below some lines, cut so that they fit into the height of the terminal.

    Each user's requests and promises are cut at the same number, the worst first, and the rest is counted; what room
    is left then is the requests'. If not even the users without their items fit, those with whom something is wrong
    go before the others, who are counted.
    """
    height = console.height
    limit = height if most is None else min(most, height)

    def page(shown: Sequence[User], requests: int, promises: int) -> RenderableType:
        remedy = ALL if requests == promises == most else TOO_LOW
        parts = list(above)
        for view, report, service in shown:
            parts += [overview_for(view, report, service, console.width, (requests, promises), remedy), Text()]
        if more := len(users) - len(shown):
            parts.append(Text(f"{counted(more, 'more user')} not shown; --user ADDRESS shows one.", "dim"))
        return Group(*parts)

    def lines(drawing: RenderableType) -> int:
        return len(console.render_lines(drawing, console.options.update(height=None), pad=False))

    if lines(page(users, 0, 0)) <= height:
        each = bisect_right(range(1, limit + 1), height, key=lambda n: lines(page(users, n, n)))
        asked = bisect_right(range(1, limit + 1), height, key=lambda n: lines(page(users, n, min(n, each))))
        return page(users, asked, each)
    worst = sorted(users, key=lambda user: not faults(user[1], user[2], wording(user[0])))
    count = bisect_right(range(1, len(worst)), height, key=lambda n: lines(page(worst[:n], 0, 0)))
    return page(worst[: max(count, 1)], 0, 0)
