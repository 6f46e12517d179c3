"""`done`, `snooze`, `dismiss`, `delegate`, `mute`, `reopen`: from the shell what a reply by mail can do."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from secrets import token_hex

import click

from mailwatch.bootstrap.ledgers import existing_ledger
from mailwatch.bootstrap.policies import policy_of
from mailwatch.cli import shapes
from mailwatch.cli.context import Context, SystemClock, json_option, moment_option, option_value, pass_context
from mailwatch.cli.table import full_moment
from mailwatch.domain.cleaning import clean
from mailwatch.domain.command import FINAL, SHELL, Command, Verb
from mailwatch.domain.policy import Policy
from mailwatch.domain.promise import Promise
from mailwatch.domain.request import Request
from mailwatch.errors import UsageError
from mailwatch.ports import Ledger
from mailwatch.services.act import act, item_of, next_morning, time_in_words
from mailwatch.settings.kinds import address_of

_SAID = {
    Verb.DONE: "is done",
    Verb.DISMISS: "is not listed or counted any more",
    Verb.DELEGATE: "is with somebody else",
    Verb.MUTE: "is muted, with all of its conversation",
    Verb.SNOOZE: "sleeps",
    Verb.REOPEN: "is open again",
}
_EVER = datetime(1970, 1, 1, tzinfo=UTC)


@click.command("done")
@click.argument("item", metavar="ID")
@json_option
@pass_context
def done_command(context: Context, item: str) -> None:
    """Says that a request is settled, or a promise kept: by phone, in person, elsewhere."""
    _tell(context, item, Verb.DONE)


@click.command("dismiss")
@click.argument("item", metavar="ID")
@json_option
@pass_context
def dismiss_command(context: Context, item: str) -> None:
    """Says that an item is no request, or no promise; it leaves every figure."""
    _tell(context, item, Verb.DISMISS)


@click.command("delegate")
@click.argument("item", metavar="ID")
@click.option("--to", metavar="ADDRESS", help="Who has it now.")
@json_option
@pass_context
def delegate_command(context: Context, item: str, to: str | None) -> None:
    """Says that somebody else has the item now."""
    _tell(context, item, Verb.DELEGATE, to=None if to is None else option_value("--to", address_of, to))


@click.command("mute")
@click.argument("item", metavar="ID")
@json_option
@pass_context
def mute_command(context: Context, item: str) -> None:
    """Never mentions an item and its conversation again."""
    _tell(context, item, Verb.MUTE)


@click.command("snooze")
@click.argument("item", metavar="ID")
@click.option("--until", metavar="TIME", help='Such as "Friday 14:00" or 2026-03-09; else the next working day.')
@json_option
@pass_context
def snooze_command(context: Context, item: str, until: str | None) -> None:
    """Puts an item off until a time; the requester's clock runs on."""
    _tell(context, item, Verb.SNOOZE, until=until)


@click.command("reopen")
@click.argument("item", metavar="ID")
@json_option
@pass_context
def reopen_command(context: Context, item: str) -> None:
    """Says that an item is open after all, whatever you said of it and whatever seemed to answer it until now."""
    _tell(context, item, Verb.REOPEN)


def _tell(context: Context, prefix: str, verb: Verb, *, to: str | None = None, until: str | None = None) -> None:
    ledger = existing_ledger(context.settings)
    try:
        user, item = item_of(ledger, prefix.lower())
        now = SystemClock().now()
        policy = policy_of(context.settings, user, now)
        if to and policy.user.is_me(to):
            raise UsageError(f"--to {to}: that is you; name somebody else")
        still_open = _open_items(ledger, user)
        if verb is Verb.SNOOZE and item not in still_open:
            raise UsageError(f"{item} is settled already, so there is nothing to put off; `reopen` opens it again")
        wakes = _wake_time(policy, until, now) if verb is Verb.SNOOZE else None
        act(ledger, Command(user, item, verb, now, source=f"{SHELL}{token_hex(8)}", until=wakes, to=to))
        later = verb is Verb.REOPEN and item not in _open_items(ledger, user)
        name, subject = still_open.get(item) or _all_items(ledger, user).get(item, ("", ""))
    finally:
        ledger.close()
    if context.json:
        said = {"id": item, "verb": str(verb), "until": shapes.moment(wakes), "to": to}
        shapes.print_json({**said, "name": name, "subject": subject})
        return
    tail = f" until {full_moment(policy.calendar.local(wakes))}" if wakes else f" ({to})" if to else ""
    tail += ", as soon as the daemon has looked at its conversation anew" if later else ""
    what = " ".join(filter(None, (clean(subject, 80), f"({clean(name, 40)})" if name else "")))
    click.echo(f"{item} {_SAID[verb]}{tail}: {what}." if what else f"{item} {_SAID[verb]}{tail}.")
    if verb in FINAL:
        click.echo(f"Not so? mailwatch reopen {item}")


def _open_items(ledger: Ledger, user: str) -> dict[str, tuple[str, str]]:
    """What is open, by its id: the name of the coworker and the subject."""
    return _described(ledger.open_requests(user), ledger.open_promises(user))


def _all_items(ledger: Ledger, user: str) -> dict[str, tuple[str, str]]:
    """The same of all that was ever asked and promised."""
    return _described(ledger.requests(user, _EVER), ledger.promises(user, _EVER))


def _described(requests: Iterable[Request], promises: Iterable[Promise]) -> dict[str, tuple[str, str]]:
    asked = {one.id: (one.requester.name, one.subject) for one in requests}
    return asked | {one.id: (one.to.name, one.subject) for one in promises}


def _wake_time(policy: Policy, until: str | None, now: datetime) -> datetime:
    calendar = policy.calendar
    if until is None:
        return next_morning(calendar, now)
    wakes = time_in_words(until, policy, now) or moment_option(until, calendar.zone)
    if wakes is None or wakes <= now + timedelta(minutes=1):
        raise UsageError(f"--until {until}: that is past; name a time to come")
    return wakes
