"""What the templates of both mails are given of one item: finished words and links, nothing left to work out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from mailwatch.domain.cleaning import clean, shown
from mailwatch.domain.links import mailto, reply_subject
from mailwatch.domain.people import Address
from mailwatch.domain.reminder import PromiseItem, RequestItem
from mailwatch.domain.request import EventKind, RequestState
from mailwatch.domain.waysout import ways_out
from mailwatch.domain.wording import Wording

Item = TypeVar("Item")


class Tone(StrEnum):
    """How a status is coloured; the word beside it says the same."""

    LATE = "late"
    SOON = "soon"
    CALM = "calm"


@dataclass(frozen=True, slots=True)
class Status:
    """A status as a word, and its tone for those who see colours."""

    word: str
    tone: Tone


@dataclass(frozen=True, slots=True)
class Action:
    """Something to do about an item.

    `label` is what a link says, `say` what a reply by mail says to the same end ("done 2"), or an empty string;
    `href` is a mailto link, or None where none can be made.
    """

    label: str
    say: str
    href: str | None


@dataclass(frozen=True, slots=True)
class ItemView:
    """A request or a promise as a mail shows it; every word is cleaned.

    `who` is the given name, `whom` the whole name with the address, `name` and `address` its two parts. `since`
    ("Waiting since Tuesday 10:15, 6 working hours") and `due` ("Overdue since yesterday 16:00") are sentences
    without a full stop. `evidence` is the sentence that asks or promises, without quotation marks, or empty.
    `reply` answers the person; `commands` tell mailwatch; `words` open a mail to the person that has begun.
    """

    number: int
    is_promise: bool
    who: str
    whom: str
    name: str
    address: str
    subject: str
    evidence: str
    since: str
    due: str
    status: Status
    reply: Action
    commands: tuple[Action, ...]
    words: tuple[Action, ...]


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Who reads and who is answered: the user's name for signing, mailwatch's address, the mail's subject."""

    signature: str
    answers_to: str
    subject: str = ""


def given_name(address: Address) -> str:
    """How one calls a coworker: Dana of "Dana Whitfield" and "Whitfield, Dana"; else what is known."""
    name = shown(address.display_name, 60)
    if not name or "@" in name:
        return clean(address.addr_spec.partition("@")[0], 40) or clean(address.addr_spec, 40)
    last, comma, first = name.partition(",")
    words = (first if comma and first.strip() else last).split()
    # A title or an initial is no name to call somebody by.
    return next((w for w in words if len(w) > 1 and not w.endswith(".")), name)


def whole_name(address: Address) -> str:
    """The name with the address, so that nobody is taken for somebody else."""
    name, spec = shown(address.display_name, 60), clean(address.addr_spec, 100)
    return f"{name} <{spec}>" if name and name.lower() != spec else spec


def request_view(item: RequestItem, wording: Wording, letterhead: Letterhead) -> ItemView:
    """An open request in words."""
    request, figures, _ = item.request, item.figures, wording.gettext
    since = _("Waiting {since}, {working}").format(
        since=wording.since(request.received_at), working=wording.working(figures.waited.working)
    )
    if chasers := sum(event.kind is EventKind.CHASED for event in request.events):
        more = wording.ngettext("asked once more", "asked {n} more times", chasers)
        since = _("{facts}; {more}").format(facts=since, more=more)
    evidence = shown(request.evidence)
    words = shown(request.deadline.words, 60) if request.deadline else ""
    if words.casefold() not in evidence.casefold():  # What is quoted beside it need not be said twice.
        since = _("{facts}; {more}").format(facts=since, more=_("wanted “{words}”").format(words=words))
    if figures.state is RequestState.ACKNOWLEDGED:
        since += ". " + _("You have said that you are on it")
    to = _Correspondence(request.requester, request.subject, request.message_id, wording, letterhead)
    by = _("at once") if figures.overdue else wording.by_day(wording.local(figures.due_at).date())
    return ItemView(
        number=item.number,
        is_promise=False,
        who=given_name(request.requester),
        whom=whole_name(request.requester),
        name=shown(request.requester.display_name, 60),
        address=clean(request.requester.addr_spec, 100),
        subject=shown(request.subject, 120) or _("(no subject)"),
        evidence=evidence,
        since=since,
        due=wording.due(figures.due_at, figures.overdue),
        status=_status(wording, figures.due_at, figures.overdue, figures.state is RequestState.ACKNOWLEDGED),
        reply=to.reply(),
        commands=_commands(
            (
                (_("Done"), _("done {n}")),
                (_("Remind me tomorrow"), _("snooze {n} until tomorrow")),
                (_("Not a request"), _("not a request {n}")),
            ),
            item.number,
            request.id,
            letterhead,
        ),
        words=to.words(by, asked=True, late=figures.overdue),
    )


def promise_view(item: PromiseItem, wording: Wording, letterhead: Letterhead) -> ItemView:
    """An open promise in words."""
    promise, _ = item.promise, wording.gettext
    to = _Correspondence(promise.to, promise.subject, promise.message_id, wording, letterhead)
    by = _("at once") if item.overdue else wording.by_day(wording.local(item.due_at).date())
    return ItemView(
        number=item.number,
        is_promise=True,
        who=given_name(promise.to),
        whom=whole_name(promise.to),
        name=shown(promise.to.display_name, 60),
        address=clean(promise.to.addr_spec, 100),
        subject=shown(promise.subject, 120) or _("(no subject)"),
        evidence=shown(promise.evidence),
        since=_("Promised {moment}").format(moment=wording.moment(promise.made_at)),
        due=wording.due(item.due_at, item.overdue),
        status=_status(wording, item.due_at, item.overdue, False),
        reply=to.reply(),
        commands=_commands(
            (
                (_("Done"), _("done {n}")),
                (_("Remind me tomorrow"), _("snooze {n} until tomorrow")),
                (_("Not a promise"), _("not a promise {n}")),
            ),
            item.number,
            promise.id,
            letterhead,
        ),
        words=to.words(by, asked=False, late=item.overdue),
    )


def each_that_can_be_shown(
    items: Iterable[Item],
    show: Callable[[Item, Wording, Letterhead], ItemView],
    wording: Wording,
    letterhead: Letterhead,
) -> tuple[tuple[ItemView, ...], int]:
    """The views of items, and how many had to be left out: one broken item never stops a mail."""
    views: list[ItemView] = []
    left_out = 0
    for item in items:
        try:
            views.append(show(item, wording, letterhead))
        except Exception:  # Whatever a stranger's mail led to, the other items are still to be told.
            left_out += 1
    return tuple(views), left_out


def _status(wording: Wording, due_at: datetime, overdue: bool, acknowledged: bool) -> Status:
    _ = wording.gettext
    if overdue:
        return Status(_("overdue"), Tone.LATE)
    day = wording.local(due_at).date()
    if (day - wording.local(wording.now).date()).days <= 1:
        return Status(_("due {day}").format(day=wording.day(day)), Tone.SOON)
    return Status(_("answer open") if acknowledged else _("open"), Tone.CALM)


def _commands(said: Iterable[tuple[str, str]], number: int, id: str, letterhead: Letterhead) -> tuple[Action, ...]:
    """What can be said of an item, as (label, words); {n} stands for its number."""
    subject = reply_subject(letterhead.subject)
    actions: list[Action] = []
    for label, words in said:
        say = words.format(n=number)
        # Most mail programs drop In-Reply-To from a link, and a number belongs to one mail only: hence the id.
        actions.append(Action(label, say, mailto(letterhead.answers_to, subject, f"{say} [{clean(id, 40)}]")))
    return tuple(actions)


@dataclass(frozen=True, slots=True)
class _Correspondence:
    """A conversation with one person, to which replies can be begun."""

    to: Address
    subject: str
    message_id: str | None
    wording: Wording
    letterhead: Letterhead

    def reply(self, label: str = "", words: str = "") -> Action:
        """A reply to the person; without a label it is the plain one, in which nothing is written yet."""
        _, who = self.wording.gettext, given_name(self.to)
        body = _("Hi {who},\n\n{words}\n\n{me}").format(who=who, words=words, me=self.letterhead.signature)
        return Action(
            label or _("Reply to {who}").format(who=who),
            "",
            mailto(self.to.addr_spec, reply_subject(self.subject), body if words else "", self.message_id),
        )

    def words(self, by: str, *, asked: bool, late: bool) -> tuple[Action, ...]:
        """Replies that say what cannot be made, and offer something."""
        return tuple(self.reply(label, words) for label, words in ways_out(self.wording, by, asked=asked, late=late))
