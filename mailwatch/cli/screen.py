"""Draws what is open on a terminal of any width: the state as a word in a colour, the worst first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

from rich import box
from rich.cells import cell_len
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mailwatch.cli.table import (
    ALL,
    OVERDUE,
    Most,
    due_words,
    faults,
    full_moment,
    headline,
    left_out,
    notices,
    progress,
    promise_words,
    silence,
    sleep_words,
    state_words,
    wording,
)
from mailwatch.domain.cleaning import clean
from mailwatch.domain.promise import PromiseState
from mailwatch.domain.wording import Wording
from mailwatch.ports import MailboxReport
from mailwatch.services.health import Service
from mailwatch.services.overview import Overview, PromiseLine, RequestLine

NARROW = 76
"""Columns below which items stand one below the other instead of in a table."""

WIDEST_WHO = 24
_GAP = 2

_COLOURS = {
    OVERDUE: "bold red",
    "due today": "bold yellow",
    "due soon": "bold yellow",
    "waiting": "bold cyan",
    "open": "bold cyan",
}
_MINUTE = timedelta(minutes=1)
_HINT = "Settled otherwise? mailwatch done ID, or snooze, dismiss, delegate, mute"


def show(view: Overview, report: MailboxReport | None, service: Service, most: int | None) -> None:
    """One user's overview on the terminal, as wide as that is."""
    console = Console(highlight=False)
    console.print(overview_for(view, report, service, console.width, (most, most)))
    console.print()


def overview_for(
    view: Overview,
    report: MailboxReport | None,
    service: Service,
    columns: int,
    most: Most = (None, None),
    remedy: str = ALL,
) -> RenderableType:
    """One user's requests and promises, and how reading and sending go, for a terminal of so many columns.

    What is open beyond `most` is counted, and the `remedy` says how to see it.
    """
    words = wording(view)
    asked = [_request(line, words) for line in view.requests[: most[0]]]
    promised = [_promise(line, words) for line in view.promises[: most[1]]]
    # The same widths for both tables, so that their columns stand below each other.
    state = max(len("STATE"), *(item.state.cell_len for item in (*asked, *promised)), 0)
    who = max((max(item.who.cell_len, item.id.cell_len) for item in (*asked, *promised)), default=0)
    widths = (state, min(who, WIDEST_WHO))
    parts: list[RenderableType] = [_top(view, words, columns), Text(headline(view, report)), Text()]
    for title, last, items in (("Waiting for you", "ASKED", asked), ("What you promised", "PROMISED", promised)):
        if items:
            parts += [Text(title.upper(), "bold")]
            parts += [Text(), _cards(items)] if columns < NARROW else [_table(items, last, widths), Text()]
    parts += [Text(line, "dim") for line in left_out(view, most, remedy)]
    parts += [Text(line, "yellow") for line in silence(view, words)]
    parts += [Text(line, "dim") for line in progress(report, service, words)]
    parts += [Text(line, "yellow") for line in notices(report)]
    parts += [Text(line, "red") for line in faults(report, service, words)]
    # In an archive that was only looked through, there is nothing to settle.
    if (view.requests or view.promises) and report and report.last_sync_at:
        parts.append(Text(_HINT, "dim"))
    return Group(*parts)


def _top(view: Overview, words: Wording, columns: int) -> RenderableType:
    """Whose overview it is, and of which moment."""
    user = view.policy.user.address
    name = Text.assemble((clean(user.name, 40), "bold"), f"  {user.addr_spec}" if user.display_name else "")
    moment = Text(full_moment(words.local(view.at)), "dim")
    if columns < NARROW:
        return Group(name, moment)
    top = Table.grid(expand=True, padding=(0, 2))
    top.add_column(overflow="fold")
    top.add_column(justify="right", no_wrap=True)
    top.add_row(name, moment)
    return top


def show_tables(above: str, head: Sequence[str], rows: Sequence[Sequence[str]], cut: int) -> None:
    """A line and a table of figures below it on the terminal, as wide as that is."""
    console = Console(highlight=False)
    console.print(Text(above), Text(), tables_for(head, rows, console.width, cut), sep="\n")


def tables_for(head: Sequence[str], rows: Sequence[Sequence[str]], columns: int, cut: int) -> RenderableType:
    """A table of figures, numbers to the right; two or more where a terminal of so many columns is too narrow.

    Each of them begins with the first column, and the first one ends before the column `cut` if it can.
    """
    widths = [max(cell_len(row[at]) for row in (head, *rows)) for at in range(len(head))]
    halves: tuple[range, ...] = (range(1, cut), range(cut, len(head)))
    if sum(widths) + _GAP * (len(head) - 1) <= columns:
        halves = (range(1, len(head)),)
    parts: list[RenderableType] = []
    for piece in (piece for half in halves for piece in _pieces(half, widths, columns)):
        table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
        for at in (0, *piece):
            table.add_column(head[at], justify="right" if at else "left", overflow="fold")
        for row in rows:
            table.add_row(*(Text(row[at]) for at in (0, *piece)))
        parts += [table, Text()]
    return Group(*parts[:-1])


def _pieces(whole: range, widths: Sequence[int], columns: int) -> Iterator[range]:
    """Runs of columns that each fit beside the first one."""
    start, taken = whole.start, widths[0]
    for at in whole:
        taken += _GAP + widths[at]
        if taken > columns and at > start:
            yield range(start, at)
            start, taken = at, widths[0] + _GAP + widths[at]
    yield range(start, whole.stop)


class _Item:
    """What an item shows: its state, who, when (the due time, then the waiting), the words, and its id."""

    def __init__(self, state: str, who: str, when: str, waited: str, evidence: str, subject: str, id: str) -> None:
        self.state = Text(state, _COLOURS.get(state, "dim"))
        self.who = Text(who, "bold")
        self.when, self.waited = Text(when), Text(waited, "dim")
        # The sentence itself says more than the subject, which stands for it where none was kept.
        self.words = Text(f"“{evidence}”" if evidence else subject)
        self.id = Text(id, "dim")


def _request(line: RequestLine, words: Wording) -> _Item:
    asked, figures = line.request, line.figures
    chased = sum(event.kind == "chased" for event in asked.events)
    again = f", {words.ngettext('asked once more', 'asked {n} more times', chased)}" if chased else ""
    working = figures.waited.working
    state = state_words(line, words)
    waited = f"waits {words.working(working)}" if working >= _MINUTE else "came outside your working hours"
    return _Item(
        state,
        clean(asked.requester.name, 40),
        sleep_words(line, words) or due_words(figures.due_at, state == OVERDUE, words),
        f"{waited}{again}",
        clean(asked.evidence, 160),
        clean(asked.subject, 100),
        asked.id,
    )


def _promise(line: PromiseLine, words: Wording) -> _Item:
    made = line.promise
    return _Item(
        promise_words(line),
        clean(made.to.name, 40),
        due_words(line.due_at, line.state is PromiseState.MISSED, words),
        f"promised {words.moment(made.made_at)}",
        clean(made.evidence, 160),
        clean(made.subject, 100),
        made.id,
    )


def _table(items: Iterable[_Item], last: str, widths: tuple[int, int]) -> RenderableType:
    # The lines between items are empty ones: rules would speak louder than the words.
    table = Table(box=None, expand=True, pad_edge=False, padding=(0, 2, 1, 0), header_style="dim")
    table.add_column("STATE", no_wrap=True, width=widths[0])
    table.add_column("WHO", width=widths[1], overflow="fold")
    table.add_column("DUE", ratio=1, overflow="fold")
    table.add_column(last, ratio=1, overflow="fold")
    for item in items:
        table.add_row(item.state, Group(item.who, item.id), Group(item.when, item.waited), item.words)
    return table


def _cards(items: Iterable[_Item]) -> RenderableType:
    parts: list[RenderableType] = []
    for item in items:
        head = Table.grid(expand=True, padding=(0, 1))
        head.add_column(overflow="fold")
        head.add_column(justify="right", no_wrap=True)
        head.add_row(item.who, item.state)
        said = item.when.plain.startswith(("since", "until", "was due"))
        when = item.when if said else Text.assemble(("due ", "dim"), item.when)
        below = Group(item.words, when, item.waited, Text.assemble(("id ", "dim"), item.id))
        parts += [head, Padding(below, (0, 0, 1, 2))]
    return Group(*parts)
