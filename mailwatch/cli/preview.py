"""`mailwatch preview`: a mail as it would go out, from the ledger or from a sample week."""

from __future__ import annotations

import webbrowser
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import click

from mailwatch.bootstrap.desks import desk, own_folder, sample_renderer
from mailwatch.bootstrap.ledgers import existing_ledger
from mailwatch.bootstrap.policies import policies, policy_of
from mailwatch.cli import shapes
from mailwatch.cli.context import Context, SystemClock, json_option, pass_context
from mailwatch.cli.table import full_moment, unread
from mailwatch.domain.policy import Policy
from mailwatch.domain.slots import next_slot, slot_is_still_good
from mailwatch.errors import SettingsError, UsageError
from mailwatch.ports import Ledger, RenderedMail
from mailwatch.runtime.sample_mails import LANGUAGES, LETTERS, REMINDERS, morning_of, render_sample
from mailwatch.runtime.samples import WEEKS
from mailwatch.services.compose import REMINDER, WEEKLY_SUMMARY, digest_of, has_reminders_left, silence, summary_of

_NOTHING = "Nothing to say now, so nothing would be sent. A sample: --week terrible"
_READ_FIRST = "`mailwatch run --once` reads the mailbox now. A sample: --week terrible"
_ALL = "With --all you see what is open as a mail."
_SAMPLED = (*(name for name in REMINDERS if name != REMINDER), *LETTERS)


@click.command("preview")
@click.argument("kind", metavar="KIND", type=click.Choice([REMINDER, WEEKLY_SUMMARY, *_SAMPLED]))
@click.option("--user", metavar="ADDRESS", help="Whose mail; needed if the settings watch several.")
@click.option("--week", type=click.Choice(WEEKS), help="A sample week instead of the ledger.")
@click.option("--lang", type=click.Choice(LANGUAGES), help="The language; else the user's, and English for samples.")
@click.option(
    "--html", "html", metavar="FILE", type=click.Path(path_type=Path), help="Write the HTML part to a file."
)
@click.option("--text", "text_too", is_flag=True, help="Print the text part also when --html is given.")
@click.option("--open", "open_it", is_flag=True, help="Show the HTML part in the browser (with --html).")
@click.option("--all", "everything", is_flag=True, help="All that is open, also where no mail would go out now.")
@json_option
@pass_context
def preview_command(
    context: Context,
    kind: str,
    user: str | None,
    week: str | None,
    lang: str | None,
    html: Path | None,
    text_too: bool,
    open_it: bool,
    everything: bool,
) -> None:
    """Shows the mail that would go out if it were its time now; nothing is sent and nothing is recorded.

    A reminder goes out when something has reached a further step since the last one. If none would, it is said why,
    and when the next may come; --all shows it all the same, with everything that is open.

    KIND is reminder or weekly-summary. As samples there are a reminder of a due promise (due-tomorrow) and one
    before a deadline (before-deadline), and the rare mails: welcome, unreadable, receipt.
    """
    if open_it and html is None:
        raise UsageError("--open shows what --html FILE has written; give both")
    now = SystemClock().now()
    sampled = week or kind in _SAMPLED
    if sampled:
        mail: RenderedMail | str = _sample(context, kind, week or "", now, lang or "en")
    else:
        mail = _real(context, kind, user, now, lang, everything=everything)
    if isinstance(mail, str):
        if context.json:
            shapes.print_json({"subject": None, "text": None, "html": None, "why": mail})
        else:
            click.echo(mail)
        if html is not None:
            click.echo(f"mailwatch: {html} was not written, for there is no mail to show", err=True)
        return
    if html is not None:
        html.write_text(mail.html, encoding="utf-8")
        if open_it:
            webbrowser.open(html.resolve().as_uri())
    if context.json:
        shapes.print_json({"subject": mail.subject, "text": mail.text, "html": mail.html})
    elif html is None or text_too:
        click.echo(f"Subject: {mail.subject}\n\n{mail.text}", nl=False)


def _sample(context: Context, kind: str, week: str, now: datetime, language: str) -> RenderedMail:
    name = f"{kind}-{week}" if kind == WEEKLY_SUMMARY else kind
    settings = context.settings_if_any()
    return render_sample(
        sample_renderer(own_folder(settings) if settings else None), name, morning_of(name, now), language
    )


def _real(
    context: Context, kind: str, user: str | None, now: datetime, language: str | None, *, everything: bool
) -> RenderedMail | str:
    """The mail from the ledger, or in a sentence why there is none."""
    policy = policy_of(context.settings, user, now) if user else _only(policies(context.settings, now))
    policy = replace(policy, language=language or policy.language)
    address = policy.user.address.addr_spec
    renderer = desk(context.settings, address).renderer
    ledger = existing_ledger(context.settings)
    try:
        if not everything and (unwanted := silence(ledger, policy, now)):
            until = f" until {_moment(policy, unwanted.until)}" if unwanted.until else ""
            return f"This user wants no mails{until}, so nothing would be sent. {_ALL}"
        if kind == REMINDER:
            digest = digest_of(ledger, policy, now, {} if everything else ledger.steps_sent(address))
            if digest and (everything or has_reminders_left(ledger, policy, now)):
                return renderer.reminder(digest)
            return _why_no_reminder(ledger, policy, now)
        today = policy.calendar.local(now).date()
        told = summary_of(ledger, policy, today - timedelta(days=today.weekday() + 7), now)
        return renderer.weekly_summary(told) if told else _nothing(ledger, address)
    finally:
        ledger.close()


def _why_no_reminder(ledger: Ledger, policy: Policy, now: datetime) -> str:
    address, slot = policy.user.address.addr_spec, next_slot(policy, now)
    if not policy.manners.reminders:
        return "The settings turn reminders off for this user, so nothing would be sent."
    if not (ledger.open_requests(address) or ledger.open_promises(address)):
        return _nothing(ledger, address)
    next_one = f"The next may come {_moment(policy, slot)}. " if slot_is_still_good(policy, slot, slot) else ""
    if not has_reminders_left(ledger, policy, now):
        return f"This user has had all reminders of the day, so nothing would be sent. {next_one}{_ALL}"
    return f"Nothing has reached a further step since the last reminder, so nothing would be sent. {next_one}{_ALL}"


def _nothing(ledger: Ledger, address: str) -> str:
    """That nothing is to be said; of a mailbox that nobody has read yet, that it is so."""
    report = next((one for one in ledger.reports() if one.user == address), None)
    missing = unread(report)
    return f"{missing} {_READ_FIRST}" if missing else _NOTHING


def _moment(policy: Policy, at: datetime) -> str:
    return full_moment(policy.calendar.local(at))


def _only(known: tuple[Policy, ...]) -> Policy:
    if len(known) == 1:
        return known[0]
    if not known:
        raise SettingsError("the settings watch nobody; add a [[users]] table or give --week for a sample")
    raise UsageError(f"whose mail? Give --user, one of {', '.join(p.user.address.addr_spec for p in known)}")
