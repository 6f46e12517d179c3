"""What the template of a receipt is given: what became of the user's words, and what can be said."""

from __future__ import annotations

from mailwatch.domain.command import STANDING, Verb
from mailwatch.domain.letterview import LetterView
from mailwatch.domain.mailview import Letterhead
from mailwatch.domain.receipt import ReceiptLetter
from mailwatch.domain.receiptwords import not_understood, noted
from mailwatch.domain.reminderview import help_lines, mail_help, signature, start_action, stop_action
from mailwatch.domain.wording import Wording


def receipt_view(mail: ReceiptLetter, wording: Wording, answers_to: str) -> LetterView:
    """A mail that only confirms: its subject is the last thing that was said about our mails, if anything was."""
    _ = wording.gettext
    subject, lead = _news(mail, wording)
    said, strange = noted(mail.receipts, wording), not_understood(mail.receipts, wording)
    sections = ((_("Noted"), said), (_("Not understood"), strange))
    silent = _last_word(mail) in (Verb.STOP, Verb.PAUSE)
    letterhead = Letterhead(signature(mail.policy), answers_to, subject)
    return LetterView(
        language=wording.language,
        subject=subject,
        preheader=lead,
        headline=f"{subject}.",
        lead=lead,
        sections=tuple((heading, words) for heading, words in sections if words),
        stop=(start_action if silent else stop_action)(wording, letterhead),
        zone=mail.policy.calendar.zone.key,
        help=(*help_lines(wording, ()), *mail_help(wording)),
    )


def _news(mail: ReceiptLetter, wording: Wording) -> tuple[str, str]:
    _ = wording.gettext
    commands = [receipt.command for receipt in mail.receipts]
    last = next((command for command in reversed(commands) if command.verb in STANDING), None)
    if last is None:
        if any(command.verb is Verb.HELP for command in commands):
            return _("What you can say to mailwatch"), _("Answer any of its mails with one of these.")
        return _("mailwatch did not understand you"), _("Nothing was done about it, so please say it in other words.")
    if last.verb is Verb.STOP:
        lead = _("Neither reminders nor summaries come, until you answer “{start}”.").format(start=_("start"))
        return _("No more mails from mailwatch"), lead
    if last.verb is Verb.PAUSE and last.until:
        moment = wording.full_moment(last.until)
        lead = _("Reminders and summaries come again after that, or as soon as you answer “{start}”.")
        return _("No mails from mailwatch until {moment}").format(moment=moment), lead.format(start=_("start"))
    return _("mailwatch writes to you again"), _("Reminders and summaries come as they did before.")


def _last_word(mail: ReceiptLetter) -> Verb | None:
    """What was said last about our mails."""
    return next((r.command.verb for r in reversed(mail.receipts) if r.command.verb in STANDING), None)
