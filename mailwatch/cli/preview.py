"""`mailwatch preview`: a mail as it would go out, from the ledger or from a sample week."""

from __future__ import annotations

import webbrowser
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import click

from mailwatch.bootstrap.desks import desk, own_folder, sample_renderer
from mailwatch.bootstrap.ledgers import open_ledger
from mailwatch.bootstrap.policies import policies, policy_of
from mailwatch.cli import shapes
from mailwatch.cli.context import Context, SystemClock, json_option, pass_context
from mailwatch.domain.policy import Policy
from mailwatch.errors import SettingsError, UsageError
from mailwatch.ports import RenderedMail
from mailwatch.runtime.sample_mails import LANGUAGES, LETTERS, REMINDERS, morning_of, render_sample
from mailwatch.runtime.samples import WEEKS
from mailwatch.services.compose import REMINDER, WEEKLY_SUMMARY, digest_of, summary_of

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
) -> None:
    """Shows the mail that would go out now; nothing is sent and nothing is recorded.

    KIND is reminder or weekly-summary. As samples there are a reminder of a due promise (due-tomorrow) and one
    before a deadline (before-deadline), and the rare mails: welcome, unreadable, receipt.
    """
    if open_it and html is None:
        raise UsageError("--open shows what --html FILE has written; give both")
    now = SystemClock().now()
    sampled = week or kind in _SAMPLED
    mail = _sample(context, kind, week or "", now, lang or "en") if sampled else _real(context, kind, user, now, lang)
    if mail is None and context.json:
        shapes.print_json({"subject": None, "text": None, "html": None})
        return
    if mail is None:
        click.echo("Nothing to say now, so nothing would be sent. A sample: --week terrible")
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


def _real(context: Context, kind: str, user: str | None, now: datetime, language: str | None) -> RenderedMail | None:
    policy = policy_of(context.settings, user, now) if user else _only(policies(context.settings, now))
    policy = replace(policy, language=language or policy.language)
    renderer = desk(context.settings, policy.user.address.addr_spec).renderer
    ledger = open_ledger(context.settings)
    try:
        if kind == REMINDER:
            digest = digest_of(ledger, policy, now, steps_sent={})
            return renderer.reminder(digest) if digest else None
        today = policy.calendar.local(now).date()
        told = summary_of(ledger, policy, today - timedelta(days=today.weekday() + 7), now)
        return renderer.weekly_summary(told) if told else None
    finally:
        ledger.close()


def _only(known: tuple[Policy, ...]) -> Policy:
    if len(known) == 1:
        return known[0]
    if not known:
        raise SettingsError("the settings watch nobody; add a [[users]] table or give --week for a sample")
    raise UsageError(f"whose mail? Give --user, one of {', '.join(p.user.address.addr_spec for p in known)}")
