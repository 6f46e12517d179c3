"""Prints what is open: plain columns into a pipe; what a terminal gets is drawn in `screen`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime, timedelta

import click

from mailwatch.domain.cleaning import clean
from mailwatch.domain.people import User
from mailwatch.domain.promise import PromiseState
from mailwatch.domain.request import RequestState, is_users_turn
from mailwatch.domain.wording import Wording, counted, usual_working_day
from mailwatch.ports import MailboxReport
from mailwatch.services.health import Service, alarms
from mailwatch.services.overview import Overview, PromiseLine, RequestLine

REQUESTS = ("ID", "WHO", "STATE", "WAITED", "DUE", "ASKED")
PROMISES = ("ID", "TO", "STATE", "DUE", "PROMISED")
OVERDUE = "overdue"
SOON = 0.5
ALL = "--all shows everything"

Most = tuple[int | None, int | None]
"""How many requests and how many promises are shown; None for all."""

UNWATCHED = Service()


def print_overview(
    view: Overview, report: MailboxReport | None, service: Service = UNWATCHED, most: int | None = None
) -> None:
    """One user's requests and promises, worst first, `most` of each, and how the reading of their mail goes."""
    if sys.stdout.isatty():
        # Imported here because rich takes 0.1 s, which a pipe need not wait for.
        from mailwatch.cli.screen import show

        show(view, report, service, most)
        return
    words = wording(view)
    click.echo(f"{who(view.policy.user)}, {full_moment(words.local(view.at))}")
    click.echo(headline(view, report))
    if view.requests:
        print_table(REQUESTS, [_request_row(line, words) for line in view.requests[:most]])
    if view.promises:
        print_table(PROMISES, [_promise_row(line, words) for line in view.promises[:most]])
    for line in (*left_out(view, (most, most)), *silence(view, words), *health(report, service, words)):
        click.echo(line)
    click.echo()


def wording(view: Overview) -> Wording:
    """How to say things to the user of an overview."""
    return Wording(view.at, view.policy.calendar.zone, usual_working_day(view.policy.calendar))


def who(user: User) -> str:
    """A user by name and address, or by the address alone."""
    address = user.address
    return f"{clean(address.name)} <{address.addr_spec}>" if address.display_name else address.addr_spec


def full_moment(local: datetime) -> str:
    """Monday 9 March 2026, 09:30: the moment that all other words on the screen speak from."""
    return f"{local:%A} {local.day} {local:%B %Y, %H:%M}"


def print_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table in plain columns."""
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
    for row in (head, *rows):
        click.echo("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def headline(view: Overview, report: MailboxReport | None) -> str:
    """How many wait, how many of them too long, and how many promises are to be kept."""
    waiting = [line for line in view.requests if line.figures.state is not RequestState.SNOOZED]
    overdue = sum(line.figures.overdue for line in waiting)
    if not view.requests and not view.promises:
        return unread(report) or "Nobody is waiting for you."
    asked = f"{counted(len(waiting), 'request')} open"
    late = f", {overdue} overdue" if overdue else ", none overdue" if waiting else ""
    asleep = f", {len(view.requests) - len(waiting)} snoozed" if len(view.requests) > len(waiting) else ""
    kept = f"; {counted(len(view.promises), 'promise')} to keep" if view.promises else ""
    return asked + late + asleep + kept + "."


def unread(report: MailboxReport | None) -> str:
    """That nothing can be said of a mailbox yet, for who waits is found at the end of the first round; else empty."""
    if report is None or not (report.first_round_done or report.messages):
        return "Nothing has been read yet."
    return (
        "" if report.first_round_done else "The mailbox has not been read to its end yet; until then nobody is named."
    )


def state_words(line: RequestLine, words: Wording) -> str:
    """The state as a person says it: overdue, due today and due soon go before the state itself, but for a snooze."""
    if line.figures.overdue and line.figures.state is not RequestState.SNOOZED:
        return OVERDUE
    if is_users_turn(line.figures.state):
        if words.local(line.figures.due_at).date() == words.local(words.now).date():
            return "due today"
        if line.figures.share >= SOON:
            return "due soon"
    return str(line.figures.state).replace("_", " ")


def sleep_words(line: RequestLine, words: Wording) -> str:
    """Until when a request sleeps; empty if it does not."""
    if line.figures.state is not RequestState.SNOOZED:
        return ""
    ends = [event.until for event in line.request.events if event.until and event.at <= words.now]
    return f"until {words.moment(ends[-1])}"


def due_words(due: datetime | None, late: bool, words: Wording) -> str:
    """When something falls due, or fell: a weekday alone reads as the coming one."""
    if due is None:
        return "no date"
    if late:
        return words.since(due)
    return f"was due {words.moment(due)}" if due < words.now else words.moment(due)


def waited_words(length: timedelta, words: Wording) -> str:
    """A waiting time in working time, for a column: in days where hours say little."""
    return words.duration(length) if length < 2 * words.working_day else words.working(length)


def promise_words(line: PromiseLine) -> str:
    """The state of a promise as a person says it of what can still be kept."""
    return OVERDUE if line.state is PromiseState.MISSED else str(line.state)


def _request_row(line: RequestLine, words: Wording) -> tuple[str, ...]:
    asked = line.request
    chased = sum(event.kind == "chased" for event in asked.events)
    state = state_words(line, words)
    waited = waited_words(line.figures.waited.working, words) + (f", chased {chased}×" if chased else "")
    due = sleep_words(line, words) or due_words(line.figures.due_at, state == OVERDUE, words)
    return (
        asked.id,
        clean(asked.requester.name, 30),
        state,
        waited,
        due,
        clean(asked.evidence or asked.subject, 60),
    )


def _promise_row(line: PromiseLine, words: Wording) -> tuple[str, ...]:
    made = line.promise
    due = due_words(line.due_at, line.state is PromiseState.MISSED, words)
    return made.id, clean(made.to.name, 30), promise_words(line), due, clean(made.evidence or made.subject, 60)


def left_out(view: Overview, most: Most, remedy: str = ALL) -> list[str]:
    """That more is open than is shown, if it is so, and how to see it."""
    kinds = ((view.requests, "request", most[0]), (view.promises, "promise", most[1]))
    more = [
        counted(len(lines) - shown, f"more {what}" if shown else what)
        for lines, what, shown in kinds
        if shown is not None and len(lines) > shown
    ]
    return [f"{' and '.join(more)} not shown; {remedy}."] if more else []


def silence(view: Overview, words: Wording) -> list[str]:
    """That the user wants no mails, if it is so."""
    if not view.silence:
        return []
    wanted = view.silence
    until = f"until {words.full_moment(wanted.until)}" if wanted.until else 'until they answer "start"'
    return [f"This user wants no mails {until}; they said so {words.moment(wanted.since)}."]


def health(report: MailboxReport | None, service: Service, words: Wording) -> list[str]:
    """How the reading and the sending go, in sentences."""
    return [*progress(report, service, words), *notices(report), *faults(report, service, words)]


def progress(report: MailboxReport | None, service: Service, words: Wording) -> list[str]:
    """How far a mailbox has been read, as long as nothing is wrong with it."""
    if report is None:
        hint = "`mailwatch run --once` reads the mailbox now; `mailwatch run` watches it."
        return [] if alarms(report, service, words) else [hint]
    if report.error:
        return []
    read = counted(report.messages, "message")
    if report.last_sync_at:
        first = "" if report.first_round_done else "; the first round is not finished"
        return [f"Last read {words.moment(report.last_sync_at)}, {read} looked at so far{first}."]
    return [] if report.first_round_done else [f"The first round is not finished; {read} so far."]


def notices(report: MailboxReport | None) -> list[str]:
    """That some messages could not be read, which stops nothing."""
    if report is None or not report.set_aside:
        return []
    aside = counted(report.set_aside, "message")
    return [f"{aside} could not be read; `mailwatch status --json` names them."]


def faults(report: MailboxReport | None, service: Service, words: Wording) -> list[str]:
    """What is wrong with the reading, the marking and the sending; not a word of what the user was asked."""
    said = []
    if report and report.error:
        since = f" ({words.since(report.failing_since)})" if report.failing_since else ""
        said.append(f"Not read{since}: {clean(report.error, 300)}")
    if report:
        said += [f"Not marked: {clean(error, 300)}" for error in report.not_marked]
    said += [f"A mail of ours is not sent: {clean(mail.error or '', 300)}" for mail in service.not_sent]
    return said + alarms(report, service, words)


def hours(length: timedelta | None) -> str:
    """A duration in hours for a table of figures."""
    return "–" if length is None else f"{length.total_seconds() / 3600:.1f}"


def working_hours(length: timedelta | None) -> str:
    """A duration in a sentence of figures."""
    return "–" if length is None else f"{hours(length)} h"
