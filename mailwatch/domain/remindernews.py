"""What a reminder says first: its subject, its headline, and the line below it."""

from __future__ import annotations

from mailwatch.domain.mailview import given_name
from mailwatch.domain.reminder import Reminder, RequestItem
from mailwatch.domain.request import RequestState
from mailwatch.domain.wording import Wording, capital


def subject(reminder: Reminder, wording: Wording) -> str:
    """The news; if the first item is broken, how many there are."""
    try:
        return _news(reminder, wording)
    except Exception:  # The other items are still to be told.
        return _counted(reminder, wording)


def headline(reminder: Reminder, wording: Wording) -> str:
    """How much is open; of a single item, or of promises alone, the news itself."""
    alone = len(reminder.requests) + len(reminder.promises) == 1 or not reminder.requests
    return f"{subject(reminder, wording) if alone else _counted(reminder, wording)}."


def lead(reminder: Reminder, wording: Wording) -> str:
    """What helps now, which depends on whether anything is late, be it named here or not."""
    _ = wording.gettext
    late = any(item.figures.overdue for item in reminder.requests) or any(item.overdue for item in reminder.promises)
    if late or reminder.more_overdue:
        return _("Even a short reply helps: say when they can expect it.")
    if reminder.requests:
        return _("Nothing is late yet. If you cannot make it, say so now: the words are ready below.")
    return _("There is still time. What you cannot keep is best said now: the words are ready below.")


def _counted(reminder: Reminder, wording: Wording) -> str:
    """Three requests are waiting for you, and one promise is due"""
    _ = wording.gettext
    requests = len(reminder.requests) + reminder.more_requests
    promises = len(reminder.promises) + reminder.more_promises
    asked = wording.ngettext("{n} request is waiting for you", "{n} requests are waiting for you", requests)
    promised = wording.ngettext("{n} promise is due", "{n} promises are due", promises)
    if requests and promises:
        return capital(_("{first}, and {second}").format(first=asked, second=promised))
    return capital(asked if requests else promised)


def _news(reminder: Reminder, wording: Wording) -> str:
    """Who has waited longest, how many more, and the promise that comes first."""
    _ = wording.gettext
    promised = _promised(reminder, wording)
    if not reminder.requests:
        return capital(promised) or _("Nothing is waiting for you")
    words = _asked(reminder.requests[0], len(reminder.requests) + reminder.more_requests - 1, wording)
    return _("{news}; {promise}").format(news=words, promise=promised) if promised else words


def _asked(item: RequestItem, more: int, wording: Wording) -> str:
    """The worst of the requests, and how many more there are."""
    _ = wording.gettext
    who = given_name(item.request.requester)
    if item.request.deadline and not item.figures.overdue:
        by = wording.by_day(wording.local(item.figures.due_at).date())
        words = _("{who} needs your answer {by}").format(who=who, by=by)
        others = wording.ngettext("one more is waiting", "{n} more are waiting", more)
        return _("{news}; {promise}").format(news=words, promise=others) if more else words
    if item.figures.state is RequestState.ACKNOWLEDGED:
        words = _("{who} still counts on your answer").format(who=who)
    else:
        words = _("{who} has waited {since}").format(who=who, since=wording.since_day(item.request.received_at))
    others = wording.ngettext("one more", "{n} more", more)
    return _("{news}, and {more}").format(news=words, more=others) if more else words


def _promised(reminder: Reminder, wording: Wording) -> str:
    """The promise, or how many there are, and their day if they have one in common."""
    _, promises = wording.gettext, reminder.promises
    if not promises:
        return ""
    days = {wording.local(item.due_at).date() for item in promises}
    day = wording.day(days.pop()) if len(days) == 1 and not reminder.more_promises else ""
    n, late = len(promises) + reminder.more_promises, any(item.overdue for item in promises)
    if n > 1 and day and not late:
        many = wording.tongue.catalogue.ngettext("{n} promise is due {day}", "{n} promises are due {day}", n)
        return many.format(n=wording.number(n), day=day)
    if n > 1:
        return wording.ngettext("{n} promise is due", "{n} promises are due", n)
    who = given_name(promises[0].promise.to)
    words = _("your promise to {who} was due {day}") if late else _("your promise to {who} is due {day}")
    return words.format(who=who, day=day)
