"""Mark: lets the messages that wait for the user's reply, and no others, bear the mark in the user's own mailbox."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from mailwatch.domain.marking import Mark, MarkPlan, MarkState, Place, awaiting, plan_marks
from mailwatch.errors import BackOff, MailwatchError, MarkRefused
from mailwatch.ports import Ledger, Marker

WRITE_BACK = "write_back"
RETRY = timedelta(minutes=15)
_Step = Callable[[Marker, Mark, Place], Iterator[Mark]]
_GONE = "A message that waits for a reply is in none of the mailboxes that are read any more, so it bears no mark."


def mark(ledger: Ledger, open_marker: Callable[[], Marker], user: str, name: str, now: datetime) -> tuple[str, ...]:
    """Sets and takes away what is to be; what went wrong and was not told before, a sentence each.

    `name` is the mark's; without one every mark of ours is taken away. Nothing is opened when there is nothing to do.
    After a failure the next try is a quarter of an hour later, or when the server says. Raises LedgerError alone.
    """
    known = ledger.marks(user)
    due = ledger.due_at(WRITE_BACK, user) if name or known else now + RETRY
    if due is not None and due > now:
        return ()
    plan = plan_marks(awaiting(ledger.open_requests(user), now) if name else (), known, name)
    for each in plan.to_forget:
        ledger.forget_mark(user, each)
    if not plan.to_set and not plan.to_clear:
        return ()
    work = _Pass(ledger, user)
    try:
        marker = open_marker()
    except MailwatchError as error:
        work.fails((*plan.to_clear, *plan.to_set)[0], error)
    else:
        try:
            work.do(marker, plan)
        finally:
            marker.close()
    if work.again_after:
        ledger.claim(WRITE_BACK, user, due, now + work.again_after)
    before = {each.error for each in known}
    return tuple(sentence for sentence in dict.fromkeys(work.errors) if sentence not in before)


class _Pass:
    """One pass over a plan; what a mailbox refuses for one message it is not asked for the others."""

    def __init__(self, ledger: Ledger, user: str) -> None:
        self._ledger, self._user = ledger, user
        self.errors: list[str] = []
        self.again_after: timedelta | None = None

    def do(self, marker: Marker, plan: MarkPlan) -> None:
        """Takes away first, then sets; in order of mailboxes, because opening one takes a command."""
        places = self._ledger.places(self._user, [each.key for each in (*plan.to_clear, *plan.to_set)])
        steps: list[tuple[Mark, Place, _Step]] = []
        both: tuple[tuple[tuple[Mark, ...], _Step], ...] = ((plan.to_clear, self._clear), (plan.to_set, self._set))
        for marks, step in both:
            found = [(each, places[each.key], step) for each in marks if each.key in places]
            steps += sorted(found, key=lambda one: (one[1].mailbox, one[1].key))
        refused: set[str] = set()
        for each, place, step in steps:
            if place.mailbox in refused:
                continue
            current = each
            try:
                for current in step(marker, each, place):
                    self._ledger.note_mark(self._user, current)
            except MarkRefused as error:
                refused.add(place.mailbox)
                self.fails(current, error)
            except MailwatchError as error:
                self.fails(current, error)
                return

    def _set(self, marker: Marker, mark: Mark, place: Place) -> Iterator[Mark]:
        """Each state of the mark, to be committed before the next step is taken."""
        if mark.state is not MarkState.SETTING:
            borne = marker.bears(place, mark.name)
            if borne:
                yield Mark(mark.key, mark.name, MarkState.THEIRS)
            if borne is None:
                yield self._gone(mark)
            if borne is not False:
                return
            yield Mark(mark.key, mark.name, MarkState.SETTING)
        there = marker.put(place, mark.name)
        yield Mark(mark.key, mark.name, MarkState.SET) if there else self._gone(mark)

    def _clear(self, marker: Marker, mark: Mark, place: Place) -> Iterator[Mark]:
        marker.take(place, mark.name)
        self._ledger.forget_mark(self._user, mark)
        yield from ()

    def _gone(self, mark: Mark) -> Mark:
        self.errors.append(_GONE)
        return Mark(mark.key, mark.name, MarkState.GONE, _GONE)

    def fails(self, mark: Mark, error: MailwatchError) -> None:
        """Notes what went wrong, where `status` looks for it, and when to try again."""
        self.errors.append(str(error))
        self._ledger.note_mark(self._user, replace(mark, error=str(error)))
        wait = timedelta(seconds=error.seconds or 0) if isinstance(error, BackOff) else RETRY
        self.again_after = max(wait, RETRY, self.again_after or RETRY)
