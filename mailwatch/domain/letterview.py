"""What the templates of the rare mails are given: a headline, and sections of plain paragraphs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from mailwatch.domain.cleaning import clean, shown
from mailwatch.domain.letters import Trouble, Unreadable, Welcome
from mailwatch.domain.mailview import Action, Letterhead, given_name
from mailwatch.domain.policy import Manners, Policy
from mailwatch.domain.reminderview import signature, stop_action
from mailwatch.domain.wording import Wording

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class LetterView:
    """A mail of sections in words.

    `sections` are pairs of a heading and paragraphs; `help`, which may be empty, pairs what can be said to mailwatch
    with what it means; `stop` ends all our mails.
    """

    language: str
    subject: str
    preheader: str
    headline: str
    lead: str
    sections: tuple[tuple[str, tuple[str, ...]], ...]
    stop: Action
    zone: str
    help: tuple[tuple[str, str], ...] = ()


def welcome_view(welcome: Welcome, wording: Wording, answers_to: str) -> LetterView:
    """What is watched and stored, who sees it, and how to stop, on the first day."""
    _, policy = wording.gettext, welcome.policy
    lead = _("There is nothing you need to do. Here is what it does, what it keeps, and how to end it.")
    sections = (
        (_("What is watched"), _watched(welcome, wording)),
        (_("When it writes"), _when(policy, wording)),
        (_("What is stored"), _stored(welcome, wording)),
        (_("Who sees it"), _seen(wording)),
        (_("How to stop"), _stopped(policy, wording)),
    )
    return _letter(
        policy,
        wording,
        answers_to,
        _("mailwatch now looks out for those who wait for you"),
        _("Hello {who}, mailwatch now looks out for those who wait for you.").format(
            who=given_name(policy.user.address)
        ),
        lead,
        sections,
    )


def unreadable_view(letter: Unreadable, wording: Wording, answers_to: str) -> LetterView:
    """That mail cannot be read, why, and what to do."""
    _ = wording.gettext
    subject = _("mailwatch has not been able to read your mail {since}").format(since=wording.since_day(letter.since))
    lead = _("Until it can, no reminders and no summaries come: it could not see what you have answered.")
    sections = (
        (
            _("What is wrong"),
            (
                _troubles(wording)[letter.trouble],
                _("The error in its own words: “{words}”").format(words=shown(letter.reason, 400)),
            ),
        ),
        (
            _("What to do"),
            (
                _("Run “mailwatch doctor”: it checks everything, and says what to do about each fault."),
                _("If somebody else runs mailwatch for you, forward this mail to them."),
            ),
        ),
        (
            _("What happens then"),
            (_("Nothing is lost: as soon as your mail can be read again, mailwatch goes on where it stopped."),),
        ),
    )
    return _letter(letter.policy, wording, answers_to, subject, f"{subject}.", lead, sections)


def _troubles(wording: Wording) -> dict[Trouble, str]:
    """What each kind of trouble means to the user."""
    _ = wording.gettext
    return {
        Trouble.LOGIN: _("The mail server refuses the login: the password or the permission is no longer valid."),
        Trouble.CERTIFICATE: _("The mail server's certificate could not be verified, so it was told nothing."),
        Trouble.UNREACHABLE: _("The mail server cannot be reached."),
        Trouble.BUSY: _("The mail server keeps asking to wait."),
        Trouble.MAILBOX: _("A mailbox that is needed, the inbox or the sent mail, was not found."),
        Trouble.SETTINGS: _("Something in the settings is wrong, or the password could not be had."),
        Trouble.FAULT: _("mailwatch itself has a fault; please report it."),
        Trouble.OTHER: _("The mail server answers in a way that mailwatch does not understand."),
    }


def _letter(
    policy: Policy,
    wording: Wording,
    answers_to: str,
    subject: str,
    headline: str,
    lead: str,
    sections: tuple[tuple[str, tuple[str, ...]], ...],
) -> LetterView:
    letterhead = Letterhead(signature(policy), answers_to, subject)
    return LetterView(
        language=wording.language,
        subject=subject,
        preheader=lead,
        headline=headline,
        lead=lead,
        sections=sections,
        stop=stop_action(wording, letterhead),
        zone=policy.calendar.zone.key,
    )


def _watched(welcome: Welcome, wording: Wording) -> tuple[str, ...]:
    _, user = wording.gettext, welcome.policy.user
    own = [user.address.addr_spec, *sorted(user.aliases)]
    coworkers = [shown(domain, 80) for domain in welcome.coworkers]
    who = (
        _("Coworkers are the people at {domains}, and those whom the settings name.").format(
            domains=wording.listed(coworkers, 6)
        )
        if coworkers
        else _("Coworkers are the people whom the settings name.")
    )
    read = (
        _(
            "The mail of {addresses}. It is only read, but for the mark “{mark}” on messages that wait for your "
            "reply: nothing else is changed, and nothing is moved."
        )
        if welcome.mark
        else _("The mail of {addresses}. It is only read: nothing is marked, moved or changed.")
    )
    return (
        read.format(
            mark=clean(welcome.mark, 80),
            addresses=wording.listed([clean(address, 100) for address in own], 6),
        ),
        _(
            "A request is what a coworker asks of you in their own words, a promise what you say you will do. Mail "
            "from programs and from strangers counts as neither."
        ),
        who,
        wording.ngettext(
            "To begin with, the mail of the last day was read.",
            "To begin with, the mail of the last {n} days was read.",
            _days(welcome.look_back),
        ),
    )


def _when(policy: Policy, wording: Wording) -> tuple[str, ...]:
    _, manners, target = wording.gettext, policy.manners, policy.targets.default
    said: list[str] = []
    if manners.reminders:
        said.append(_reminders(manners, wording))
    if manners.summaries:
        said.append(
            _("Every {weekday} at {clock} comes a summary of the week before.").format(
                weekday=wording.tongue.weekdays[manners.summary_weekday], clock=f"{manners.summary_time:%H:%M}"
            )
        )
    said.append(
        _(
            "In time means a first reply within {acknowledge} and an answer within {answer}, by your own hours: "
            "nights, weekends, holidays and leave do not count."
        ).format(acknowledge=wording.working(target.acknowledge), answer=wording.working(target.answer))
    )
    return tuple(said)


def _reminders(manners: Manners, wording: Wording) -> str:
    clocks = wording.listed([f"{slot:%H:%M}" for slot in manners.slots], 6)
    return wording.gettext(
        "On working days a reminder may come at {clocks}, but only if there is something new to say."
    ).format(clocks=clocks)


def _stored(welcome: Welcome, wording: Wording) -> tuple[str, ...]:
    _ = wording.gettext
    what = (
        _(
            "Ids, times, addresses, subjects and states; of each request and promise the one sentence that shows it, "
            "at most 200 characters."
        )
        if welcome.policy.keep_evidence
        else _("Ids, times, addresses, subjects and states; no sentence of any mail.")
    )
    return (
        what,
        _("Never stored: the body of a mail, attachments, passwords."),
        wording.ngettext(
            "What is settled is deleted after one day.",
            "What is settled is deleted after {n} days.",
            _days(welcome.retention),
        ),
    )


def _seen(wording: Wording) -> tuple[str, ...]:
    _ = wording.gettext
    return (
        _("You, and nobody else. These mails and your figures go to your own mailbox alone."),
        _("As with any program, whoever runs the machine that mailwatch is on could open its database."),
    )


def _stopped(policy: Policy, wording: Wording) -> tuple[str, ...]:
    _ = wording.gettext
    return (
        _("Answer “{say}” to any of these mails, this one too, and no more will come.").format(say=_("stop")),
        _(
            "To be watched no longer, have your address taken out of the settings; “mailwatch erase {address}” then "
            "deletes everything that is stored on you."
        ).format(address=clean(policy.user.address.addr_spec, 100)),
    )


def _days(length: timedelta) -> int:
    return max(round(length / _DAY), 1)
