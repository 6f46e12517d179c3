"""`mailwatch backtest`: reads a Maildir or mbox archive as the daemon would have read it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from mailwatch.adapters.maildir import archive_provider
from mailwatch.bootstrap.policies import directory, policy_of
from mailwatch.bootstrap.zone import machine_zone
from mailwatch.cli import shapes
from mailwatch.cli.context import Context, SystemClock, json_option, moment_option, option_value, pass_context
from mailwatch.cli.progress import progress_bar
from mailwatch.cli.table import print_overview, working_hours
from mailwatch.domain.cleaning import one_line
from mailwatch.domain.people import Address, Directory, User
from mailwatch.domain.policy import Policy
from mailwatch.domain.request import is_open
from mailwatch.domain.wording import counted
from mailwatch.domain.workcalendar import WorkCalendar
from mailwatch.errors import UsageError
from mailwatch.ports import MailboxReport
from mailwatch.services.backtest import Backtest, backtest
from mailwatch.services.overview import OPEN_PROMISES, Overview
from mailwatch.settings.kinds import address_of, domain_of, zone_of

MOST_SET_ASIDE = 10


@click.command("backtest")
@click.argument("path", metavar="PATH")
@click.option("--owner", "owners", metavar="ADDRESS", multiple=True, help="Whose archive; each further one an alias.")
@click.option("--coworkers", metavar="DOMAIN", multiple=True, help="Who coworkers are (default: the owner's domain).")
@click.option("--zone", metavar="ZONE", help="The owner's time zone (default: this machine's).")
@click.option("--as-of", metavar="TIME", help="Ignore mail received after this moment (default: now).")
@json_option
@pass_context
def backtest_command(
    context: Context,
    path: str,
    owners: tuple[str, ...],
    coworkers: tuple[str, ...],
    zone: str | None,
    as_of: str | None,
) -> None:
    """Tells what was asked, promised, answered and missed in an archive; the archive is not touched.

    With --config, users, hours and targets come from the settings.
    """
    now = SystemClock().now()
    policy, known = _who(context, owners, coworkers, zone, now)
    moment = moment_option(as_of, policy.calendar.zone) or now
    if not Path(path).exists():
        raise UsageError(f"{path}: there is no such file or folder")
    provider = archive_provider(Path(path))
    with progress_bar("Reading") as progress:
        result = backtest(provider, policy, known, moment, progress=progress)
    if context.json:
        shapes.print_json(_document(result))
    else:
        _print(result)


def _who(
    context: Context, owners: tuple[str, ...], coworkers: tuple[str, ...], zone: str | None, now: datetime
) -> tuple[Policy, Directory]:
    if context.config:
        if coworkers or zone:
            raise UsageError(
                "--coworkers and --zone are for reading without settings; with --config they come from it"
            )
        if len(owners) > 1:
            raise UsageError("give --owner once; with --config its aliases come from the settings")
        policies = context.settings.users
        owner = owners[0] if owners else policies[0].address if policies else ""
        return policy_of(context.settings, owner, now), directory(context.settings)
    if not owners:
        raise UsageError("whose mail is it? Give --owner ADDRESS, or --config FILE")
    address, *aliases = (option_value("--owner", address_of, owner) for owner in owners)
    domains = frozenset(option_value("--coworkers", domain_of, one) for one in coworkers)
    domains = domains or frozenset({Address(address).domain})
    user = User(Address(address), frozenset(aliases))
    return Policy(user, WorkCalendar(zone_of(zone) if zone else machine_zone())), Directory(domains=domains)


def _document(result: Backtest) -> dict[str, object]:
    return {
        "as_of": shapes.moment(result.as_of),
        "owner": result.policy.user.address.addr_spec,
        "messages": result.messages,
        "set_aside": shapes.set_aside(result.set_aside),
        "requests": [shapes.request(line) for line in result.requests],
        "promises": [shapes.promise(line) for line in result.promises],
        "summary": shapes.figures(result.figures),
    }


def _print(result: Backtest) -> None:
    open_now = Overview(
        result.policy,
        result.as_of,
        tuple(line for line in result.requests if is_open(line.figures.state)),
        tuple(line for line in result.promises if line.state in OPEN_PROMISES),
    )
    # An archive has no mailbox that somebody reads again and again, so there is nothing to say on how that goes.
    print_overview(open_now, MailboxReport(result.policy.user.address.addr_spec, None, True, 0, 0, None, None))
    figures = result.figures
    share = "–" if figures.on_time is None else f"{figures.on_time:.0%}"
    aside = result.set_aside
    click.echo(f"{counted(result.messages, 'message')} read, {len(aside)} set aside{':' if aside else '.'}")
    for one in aside[:MOST_SET_ASIDE]:
        click.echo(f"  {one_line(one.provider_id, 200)}: {one_line(one.reason, 200)}")
    if len(aside) > MOST_SET_ASIDE:
        click.echo(f"  and {len(aside) - MOST_SET_ASIDE} more; --json shows them all.")
    click.echo(
        f"{counted(figures.asked, 'request')}, {figures.answered} answered, {share} on time; first response: "
        f"median {working_hours(figures.median_first_response)}, p90 {working_hours(figures.p90_first_response)}."
    )
