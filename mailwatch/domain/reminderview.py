"""What the templates of the reminder are given: the whole digest in finished words."""

from __future__ import annotations

from dataclasses import dataclass

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
from mailwatch.domain.reminder import Reminder, RequestItem
from mailwatch.domain.request import RequestState
from mailwatch.domain.wording import Wording, capital


@dataclass(frozen=True, slots=True)
class ReminderView:
    """A reminder in words.

    `subject` says the news, `preheader` is what a list of mails shows beside it, `headline` counts. `quiet` and
    `left_out` are sentences, or empty. `early` pairs honest ways out with words to send. `noted` and
    `not_understood` are sentences about what the user said. `help` pairs what can be said to mailwatch with what it
    means. `stop` ends these mails.
    """

    language: str
    subject: str
    preheader: str
    headline: str
    requests: tuple[ItemView, ...]
    promises: tuple[ItemView, ...]
    quiet: str
    left_out: str
    early: tuple[tuple[str, str], ...]
    noted: tuple[str, ...]
    not_understood: tuple[str, ...]
    help: tuple[tuple[str, str], ...]
    stop: Action
    zone: str


def reminder_view(reminder: Reminder, wording: Wording, answers_to: str) -> ReminderView:
    """A reminder in words; an item that cannot be shown is left out, and counted."""
    _ = wording.gettext
    subject = _subject(reminder, wording)
    letterhead = Letterhead(signature(reminder.policy), answers_to, subject)
    requests, unshown = each_that_can_be_shown(reminder.requests, request_view, wording, letterhead)
    promises, unshown_too = each_that_can_be_shown(reminder.promises, promise_view, wording, letterhead)
    first = next(iter((*requests, *promises)), None)
    return ReminderView(
        language=wording.language,
        subject=subject,
        preheader=f"{first.evidence or first.subject} {first.due}." if first else "",
        headline=_headline(len(reminder.requests), len(reminder.promises), wording),
        requests=requests,
        promises=promises,
        quiet=wording.ngettext(
            "One more is open that you have been told of often enough; the weekly summary keeps it.",
            "{n} more are open that you have been told of often enough; the weekly summary keeps them.",
            reminder.quiet,
        )
        if reminder.quiet
        else "",
        left_out=left_out_sentence(unshown + unshown_too, wording),
        early=_early(wording, bool(promises)),
        noted=noted(reminder.receipts, wording),
        not_understood=not_understood(reminder.receipts, wording),
        help=help_lines(wording, (*requests, *promises)),
        stop=stop_action(wording, letterhead),
        zone=reminder.policy.calendar.zone.key,
    )


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
    return wording.ngettext(
        "One item could not be shown here; “mailwatch status” lists it.",
        "{n} items could not be shown here; “mailwatch status” lists them.",
        n,
    )


def help_lines(wording: Wording, items: tuple[ItemView, ...]) -> tuple[tuple[str, str], ...]:
    """What can be said to mailwatch, with the number of the first item as the example."""
    _ = wording.gettext
    n = items[0].number if items else 1
    lines = (
        (_("done {n}"), _("it is settled, also by phone or in person")),
        (_("snooze {n} until tomorrow"), _("remind me later")),
        (_("not a request {n}"), _("nothing was asked of me, or promised")),
        (_("delegate {n} to bob@…"), _("a colleague has taken it over")),
        (_("more time {n} until Friday"), _("I need longer, remind me then")),
        (_("mute {n}"), _("never mention it again")),
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


def _early(wording: Wording, promised: bool) -> tuple[tuple[str, str], ...]:
    """What can be said to the person who waits, before it is late."""
    _ = wording.gettext
    ways = (
        (_("I need more time"), _("You are not forgotten. I cannot make it in time; you will have it by ____.")),
        (
            _("Someone else can help"),
            _("____ can help you with this better than I can; I have put them in copy."),
        ),
    )
    instead = (_("Offer an alternative"), _("I cannot give you all of it in time. What I can give you is ____."))
    return (*ways, instead) if promised else ways


def _headline(requests: int, promises: int, wording: Wording) -> str:
    """Three things are waiting for you, and one promise is due."""
    _ = wording.gettext
    asked = wording.ngettext("{n} request is waiting for you", "{n} requests are waiting for you", requests)
    promised = wording.ngettext("{n} promise is due", "{n} promises are due", promises)
    if requests and promises:
        return capital(_("{first}, and {second}.").format(first=asked, second=promised))
    return capital(_("{first}.").format(first=asked if requests else promised))


def _subject(reminder: Reminder, wording: Wording) -> str:
    """The news; if the first item is broken, how many there are."""
    try:
        return _news(reminder, wording)
    except Exception:  # The other items are still to be told.
        return _headline(len(reminder.requests), len(reminder.promises), wording).rstrip(".")


def _news(reminder: Reminder, wording: Wording) -> str:
    """Who has waited longest, how many more, and the promise that comes first."""
    _ = wording.gettext
    promised = _promised(reminder, wording)
    if not reminder.requests:
        return capital(promised) or _("Nothing is waiting for you")
    words = _asked(reminder.requests[0], wording)
    if more := len(reminder.requests) - 1:
        words = _("{news}, and {more}").format(news=words, more=wording.ngettext("one more", "{n} more", more))
    return _("{news}; {promise}").format(news=words, promise=promised) if promised else words


def _asked(item: RequestItem, wording: Wording) -> str:
    _ = wording.gettext
    who = given_name(item.request.requester)
    if item.figures.state is RequestState.ACKNOWLEDGED:
        return _("{who} still counts on your answer").format(who=who)
    return _("{who} has waited {since}").format(who=who, since=wording.since_day(item.request.received_at))


def _promised(reminder: Reminder, wording: Wording) -> str:
    _ = wording.gettext
    if not reminder.promises:
        return ""
    first = reminder.promises[0]
    if len(reminder.promises) > 1:
        return wording.ngettext("{n} promise is due", "{n} promises are due", len(reminder.promises))
    who = given_name(first.promise.to)
    day = wording.day(wording.local(first.due_at).date())
    if first.overdue:
        return _("your promise to {who} was due {day}").format(who=who, day=day)
    return _("your promise to {who} is due {day}").format(who=who, day=day)
