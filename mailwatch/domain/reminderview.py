"""What the templates of the reminder are given: the whole digest in finished words."""

from __future__ import annotations

from dataclasses import dataclass

from mailwatch.domain import remindernews
from mailwatch.domain.links import mailto
from mailwatch.domain.mailview import (
    Action,
    ItemView,
    Letterhead,
    each_that_can_be_shown,
    given_name,
    promise_view,
    request_view,
)
from mailwatch.domain.policy import Policy
from mailwatch.domain.receiptwords import not_understood, noted
from mailwatch.domain.reminder import Reminder
from mailwatch.domain.waysout import ways_out
from mailwatch.domain.wording import Wording, capital


@dataclass(frozen=True, slots=True)
class ReminderView:
    """A reminder in words.

    `subject` says the news, `preheader` is what a list of mails shows beside it, `headline` counts, `lead` says
    what helps. `quiet`, `left_out` and `more` are sentences, or empty. `early` pairs honest ways out with words to
    send. `noted` and `not_understood` are sentences about what the user said. `help` pairs what can be said to
    mailwatch with what it means. `stop` ends these mails.
    """

    language: str
    subject: str
    preheader: str
    headline: str
    lead: str
    requests: tuple[ItemView, ...]
    promises: tuple[ItemView, ...]
    quiet: str
    left_out: str
    more: str
    early: tuple[tuple[str, str], ...]
    noted: tuple[str, ...]
    not_understood: tuple[str, ...]
    help: tuple[tuple[str, str], ...]
    stop: Action
    zone: str


def reminder_view(reminder: Reminder, wording: Wording, answers_to: str) -> ReminderView:
    """A reminder in words; an item that cannot be shown is left out, and counted."""
    _ = wording.gettext
    subject = remindernews.subject(reminder, wording)
    letterhead = Letterhead(signature(reminder.policy), answers_to, subject)
    requests, unshown = each_that_can_be_shown(reminder.requests, request_view, wording, letterhead)
    promises, unshown_too = each_that_can_be_shown(reminder.promises, promise_view, wording, letterhead)
    first = next(iter((*requests, *promises)), None)
    return ReminderView(
        language=wording.language,
        subject=subject,
        preheader=f"{first.evidence or first.subject} {first.due}." if first else "",
        headline=remindernews.headline(reminder, wording),
        lead=remindernews.lead(reminder, wording),
        requests=requests,
        promises=promises,
        quiet=_quiet_sentence(reminder.quiet, wording),
        left_out=left_out_sentence(unshown + unshown_too, wording),
        more=more_sentence(reminder.more_requests + reminder.more_promises, wording),
        early=_early(wording, bool(requests)),
        noted=noted(reminder.receipts, wording),
        not_understood=not_understood(reminder.receipts, wording),
        help=help_lines(wording, (*requests, *promises)),
        stop=stop_action(wording, letterhead),
        zone=reminder.policy.calendar.zone.key,
    )


def _quiet_sentence(n: int, wording: Wording) -> str:
    """What is said of open items that have had all their reminders, or nothing."""
    if not n:
        return ""
    words = wording.ngettext(
        "One more is open that you have heard of often enough; it is in the weekly summary.",
        "{n} more are open that you have heard of often enough; they are in the weekly summary.",
        n,
    )
    return capital(words)


def signature(policy: Policy) -> str:
    """The name that the user signs mails to coworkers with."""
    return given_name(policy.user.address)


def stop_action(wording: Wording, letterhead: Letterhead) -> Action:
    """The way to stop that every mail has."""
    say = wording.gettext("stop")
    return Action(wording.gettext("Stop these mails"), say, mailto(letterhead.answers_to, say, say))


def start_action(wording: Wording, letterhead: Letterhead) -> Action:
    """The way back, in the mail that confirms a stop."""
    say = wording.gettext("start")
    return Action(wording.gettext("Start these mails again"), say, mailto(letterhead.answers_to, say, say))


def left_out_sentence(n: int, wording: Wording) -> str:
    """What is said of items that could not be shown, or nothing."""
    if not n:
        return ""
    words = wording.ngettext(
        "One item could not be shown here; “mailwatch status” lists it.",
        "{n} items could not be shown here; “mailwatch status” lists them.",
        n,
    )
    return capital(words)


def more_sentence(n: int, wording: Wording) -> str:
    """What is said of open items that a mail has no room for, or nothing."""
    if not n:
        return ""
    words = wording.ngettext(
        "One more is open; it comes when there is room. “mailwatch status” lists it.",
        "{n} more are open; they come when there is room. “mailwatch status” lists them.",
        n,
    )
    return capital(words)


def help_lines(wording: Wording, items: tuple[ItemView, ...]) -> tuple[tuple[str, str], ...]:
    """What can be said to mailwatch, with the number of the first item as the example."""
    _ = wording.gettext
    n = items[0].number if items else 1
    nothing = _("not a promise {n}") if items and items[0].is_promise else _("not a request {n}")
    lines = (
        (_("done {n}"), _("it is settled, also by phone or in person")),
        (_("snooze {n} until tomorrow"), _("remind me then")),
        (nothing, _("nothing was asked or promised here")),
        (_("delegate {n} to bob@…"), _("a colleague has taken it over")),
        (_("more time {n} until Friday"), _("I need longer; remind me then")),
        (_("mute {n}"), _("never mention it again")),
        (_("reopen {n}"), _("it is open after all")),
    )
    return tuple((say.format(n=n), meaning) for say, meaning in lines)


def mail_help(wording: Wording) -> tuple[tuple[str, str], ...]:
    """What can be said to mailwatch about its mails."""
    _ = wording.gettext
    return (
        (_("pause until Monday"), _("no mails until then")),
        (_("stop"), _("no more mails")),
        (_("start"), _("mails again")),
        (_("help"), _("these lines")),
    )


def _early(wording: Wording, asked: bool) -> tuple[tuple[str, str], ...]:
    """What can be said to the person who waits, before it is late."""
    ways = ways_out(wording, wording.gettext("in time"), asked=asked)
    return tuple((label, capital(words)) for label, words in ways)
