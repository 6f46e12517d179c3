"""What is said to the user of their own words, a sentence each: noted, or not understood and why."""

from __future__ import annotations

from collections.abc import Sequence

from mailwatch.domain.cleaning import clean, shown
from mailwatch.domain.command import FINAL, Command, Verb, Why
from mailwatch.domain.mailview import given_name
from mailwatch.domain.receipt import Receipt
from mailwatch.domain.wording import Wording

MOST = 20
"""Sentences of one kind in one mail; whoever says more at once knows what they said."""


def noted(receipts: Sequence[Receipt], wording: Wording) -> tuple[str, ...]:
    """A sentence for each command that was obeyed, with a full stop."""
    return _at_most([_noted(one, wording) for one in receipts if one.command.verb is not Verb.UNCLEAR], wording)


def not_understood(receipts: Sequence[Receipt], wording: Wording) -> tuple[str, ...]:
    """A sentence for each thing that was not understood, with the user's words and what to say instead."""
    return _at_most([_asked(one.command, wording) for one in receipts if one.command.verb is Verb.UNCLEAR], wording)


def _noted(receipt: Receipt, wording: Wording) -> str:
    _, command = wording.gettext, receipt.command
    until = wording.full_moment(command.until) if command.until else ""
    to = shown(command.to or "", 100)
    match command.verb:
        case Verb.STOP:
            return _("No more mails, until you answer “{start}”.").format(start=_("start"))
        case Verb.PAUSE:
            return _("No mails until {moment}.").format(moment=until)
        case Verb.START:
            return _("Mails come again.")
        case Verb.HELP:
            return _("You asked what can be said.")
        case Verb.DONE:
            what = _("done")
        case Verb.SNOOZE:
            what = _("snoozed until {moment}").format(moment=until)
        case Verb.MORE_TIME:
            what = _("you take time until {moment}; tell them so, too").format(moment=until)
        case Verb.DISMISS:
            what = _("not a promise") if receipt.of_promise else _("not a request")
        case Verb.DELEGATE:
            what = _("{who} has it now").format(who=to) if to else _("somebody else has it now")
        case Verb.REOPEN:
            what = _("open again")
        case _:
            what = _("never mentioned again")
    sentence = _("{item}: {what}.").format(item=_item(receipt, wording), what=what)
    if command.verb not in FINAL or not command.item:
        return sentence
    # The item is in no later mail, so only its id can name it.
    say = _("reopen {n}").format(n=f"[{clean(command.item, 40)}]")
    back = _("Not so? Answer “{say}”.").format(say=say)
    return f"{sentence} {back}"


def _item(receipt: Receipt, wording: Wording) -> str:
    _ = wording.gettext
    if receipt.coworker is None:
        return _("An item")
    subject = shown(receipt.subject, 80) or _("(no subject)")
    return _("{subject} ({who})").format(subject=subject, who=given_name(receipt.coworker))


def _asked(command: Command, wording: Wording) -> str:
    _ = wording.gettext
    match command.why:
        case Why.WHICH:
            why = _("which one? That mail named several: add the number.")
        case Why.NO_SUCH:
            why = _("that mail has no such item, so nothing was done.")
        case Why.NO_REPLY:
            why = _("which one? Say it in a reply to the mail that names it.")
        case Why.WHEN:
            why = _("until when? Name a time to come, such as “Friday” or “tomorrow 14:00”.")
        case Why.BELOW:
            why = _("it stands below the quoted mail, where nothing is read. Write above it.")
        case _:
            why = _("this was not understood, so nothing was done.")
    words = shown(command.words, 120)
    return _("“{words}”: {why}").format(words=words, why=why) if words else why[:1].upper() + why[1:]


def _at_most(sentences: list[str], wording: Wording) -> tuple[str, ...]:
    more = len(sentences) - MOST
    return (*sentences[:MOST], *([wording.ngettext("And one more.", "And {n} more.", more)] if more > 0 else []))
