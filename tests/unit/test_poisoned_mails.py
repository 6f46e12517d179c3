"""Every mail of ours with harmful words in every place: they are shown, do nothing, and the mail goes to its user."""

from __future__ import annotations

import email
import email.policy
import html
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from urllib.parse import parse_qsl, unquote

import pytest
from poison import POISON

from mailwatch.adapters.templates import TemplateRenderer
from mailwatch.adapters.tongues import tongue
from mailwatch.domain.cleaning import clean, shown
from mailwatch.domain.command import Command, Verb, Why
from mailwatch.domain.letters import Trouble, Unreadable
from mailwatch.domain.people import Address
from mailwatch.domain.policy import Policy
from mailwatch.domain.reading import Deadline
from mailwatch.domain.receipt import Receipt, ReceiptLetter
from mailwatch.domain.reminder import PromiseItem, Reminder, RequestItem
from mailwatch.domain.summary import WeeklySummary
from mailwatch.domain.textlayout import width
from mailwatch.ports import OutboxMail, RenderedMail
from mailwatch.runtime.sample_letters import sample_unreadable, sample_welcome
from mailwatch.runtime.samples import (
    WEEKS,
    sample_before_deadline,
    sample_due_tomorrow,
    sample_reminder,
    sample_summary,
)
from mailwatch.services.compose import Desk, message_bytes
from mailwatch.services.submit import why_not_to_send

ANN = "ann@example.com"
OURS = Address("mailwatch@example.com", "mailwatch")
THURSDAY = datetime(2026, 11, 5, 8, 0, tzinfo=UTC)
MONDAY = datetime(2026, 11, 9, 7, 30, tzinfo=UTC)
RENDERER = TemplateRenderer(answers_to=OURS.addr_spec, tongues=tongue)

TAGS = {
    *("html", "head", "meta", "title", "style", "body", "div", "table", "tbody", "tr", "td", "th"),
    *("p", "h1", "h2", "h3", "a", "span"),
}


# ---------------------------------------------------------------- poisoning whatever a stranger chooses


def _user(policy: Policy, words: str) -> Policy:
    """The user's own name is poisoned too: it stands in To and under the replies."""
    return replace(policy, user=replace(policy.user, address=Address(ANN, words)))


def _request(item: RequestItem, words: str) -> RequestItem:
    asked = item.request
    deadline = Deadline(datetime(2026, 11, 6).date(), None, words)  # noqa: DTZ001 (a date has no zone)
    who = Address(asked.requester.addr_spec, words)
    asked = replace(asked, requester=who, subject=words, evidence=words, message_id=words, deadline=deadline)
    return replace(item, request=asked)


def _promise(item: PromiseItem, words: str) -> PromiseItem:
    made = item.promise
    to = Address(made.to.addr_spec, words)
    return replace(item, promise=replace(made, to=to, subject=words, evidence=words, message_id=words))


def _receipts(words: str) -> tuple[Receipt, ...]:
    who = Address("eve@example.com", words)
    unclear = (Command(ANN, "", Verb.UNCLEAR, THURSDAY, f"u{why}", words=words, why=why) for why in Why)
    given = Command(ANN, "r1", Verb.DELEGATE, THURSDAY, "d", to=words)
    return (Receipt(given, who, words), *(Receipt(command) for command in unclear))


def _reminder(whole: Reminder, words: str) -> RenderedMail:
    return RENDERER.reminder(
        replace(
            whole,
            policy=_user(whole.policy, words),
            requests=tuple(_request(item, words) for item in whole.requests),
            promises=tuple(_promise(item, words) for item in whole.promises),
            receipts=_receipts(words),
        )
    )


def _week(whole: WeeklySummary, words: str) -> RenderedMail:
    early = tuple(replace(made, to=Address(made.to.addr_spec, words), subject=words) for made in whole.early)
    uneven = replace(whole.uneven, who=Address("dana@example.com", words)) if whole.uneven else None
    return RENDERER.weekly_summary(
        replace(
            whole,
            policy=_user(whole.policy, words),
            waiting=tuple(_request(item, words) for item in whole.waiting),
            promises=tuple(_promise(item, words) for item in whole.promises),
            helped=tuple((Address(who.addr_spec, words), n) for who, n in whole.helped),
            early=early,
            uneven=uneven,
        )
    )


def _receipt(words: str) -> RenderedMail:
    policy = sample_reminder(THURSDAY).policy
    return RENDERER.receipt(ReceiptLetter(_user(policy, words), THURSDAY, _receipts(words)))


def _welcome(words: str) -> RenderedMail:
    whole = sample_welcome(MONDAY)
    return RENDERER.welcome(replace(whole, policy=_user(whole.policy, words), coworkers=(words, "example.com")))


def _unreadable(words: str) -> RenderedMail:
    whole: Unreadable = sample_unreadable(MONDAY)
    policy = _user(whole.policy, words)
    return RENDERER.unreadable(replace(whole, policy=policy, reason=words, trouble=Trouble.OTHER))


def _week_of(kind: str) -> Callable[[str], RenderedMail]:
    return lambda words: _week(sample_summary(kind, MONDAY), words)


MAILS: dict[str, Callable[[str], RenderedMail]] = {
    "reminder": lambda words: _reminder(sample_reminder(THURSDAY), words),
    "due-tomorrow": lambda words: _reminder(sample_due_tomorrow(THURSDAY), words),
    "before-deadline": lambda words: _reminder(sample_before_deadline(THURSDAY), words),
    **{f"weekly-summary-{kind}": _week_of(kind) for kind in WEEKS},
    "receipt": _receipt,
    "welcome": _welcome,
    "unreadable": _unreadable,
}
ITEMS_OF = {"reminder": 4, "due-tomorrow": 1, "before-deadline": 1, "weekly-summary-usual": 3}


class Page(HTMLParser):
    """The tags, attributes and words of an HTML mail."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.comments: list[str] = []
        self.words = ""
        self._inside = ""
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        self._inside = tag

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    def handle_data(self, data: str) -> None:
        if self._inside != "style":
            self.words += data

    def of(self, name: str) -> list[str]:
        """All values of an attribute."""
        return [value for attribute, value in self.attributes if attribute == name]


def squeezed(words: str) -> str:
    """Words without blanks and the marks before quoted lines, so that line breaks do not matter."""
    return re.sub(r"[\s|]+", "", words)


@pytest.fixture(scope="module")
def plain() -> dict[str, Page]:
    """The mails with harmless words."""
    return {name: Page(make("Figures").html) for name, make in MAILS.items()}


@pytest.fixture(scope="module", params=MAILS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module", params=POISON)
def words(request: pytest.FixtureRequest) -> str:
    return POISON[request.param]


@pytest.fixture(scope="module")
def mail(name: str, words: str) -> RenderedMail:
    return MAILS[name](words)


def test_there_are_enough_poisons() -> None:
    assert len(POISON) >= 60
    assert len(set(POISON.values())) == len(POISON)


def test_the_html_has_no_tag_attribute_or_style_that_the_plain_mail_lacks(
    mail: RenderedMail, name: str, plain: dict[str, Page]
) -> None:
    page, usual = Page(mail.html), plain[name]
    assert page.tags <= TAGS
    assert {key for key, _ in page.attributes} <= {key for key, _ in usual.attributes}
    known = set().union(*(set(other.of("style")) for other in plain.values()))
    assert set(page.of("style")) <= known
    assert set(page.of("class")) <= set().union(*(set(other.of("class")) for other in plain.values()))
    assert page.comments == usual.comments


def test_every_link_opens_a_mail_to_one_known_person(mail: RenderedMail) -> None:
    for link in Page(mail.html).of("href"):
        address, _, query = link.removeprefix("mailto:").partition("?")
        assert link.startswith("mailto:")
        assert unquote(address).endswith("@example.com")
        assert unquote(address).count("@") == 1
        fields = parse_qsl(query, keep_blank_values=True)
        assert {field for field, _ in fields} <= {"subject", "body", "In-Reply-To"}
        for field, value in fields:
            assert field == "body" or not re.search("[\r\n]", value)


def test_no_address_of_the_web_stands_in_the_mail(mail: RenderedMail) -> None:
    for part in (mail.subject, mail.text, Page(mail.html).words):
        assert not re.search(r"https?:|//|www\.|evil\.example/|\\\\", part, re.IGNORECASE)


def test_nothing_unseen_is_in_the_mail_and_no_line_is_too_long(mail: RenderedMail) -> None:
    unseen = (
        "[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
    )
    for part in (mail.text, html.unescape(mail.html)):
        assert not re.search(unseen, part)
    assert not re.search("\n", mail.subject)
    assert all(width(line) <= 72 for line in mail.text.splitlines())
    assert len(mail.subject) < 300
    assert len(mail.text) < 12_000


def test_no_template_is_worked_out(mail: RenderedMail, words: str) -> None:
    if "7*7" in words:
        assert "49" not in mail.text + mail.subject
    if words.startswith(("{", "%", "100")):
        assert "<class" not in mail.text
        assert "Europe/Berlin" not in mail.subject


def test_the_poisoned_item_is_shown(mail: RenderedMail, name: str, words: str) -> None:
    if name not in ITEMS_OF:
        return
    seen = squeezed(shown(words)[:40].rstrip("…")) or "(nosubject)"
    for part in (mail.text, Page(mail.html).words):
        assert squeezed(part).count(seen) >= ITEMS_OF[name]
        assert "could not be shown" not in part


def test_it_goes_to_its_user_alone_and_its_headers_are_ours(mail: RenderedMail, name: str, words: str) -> None:
    policy = _user(sample_reminder(THURSDAY).policy, words)
    raw = message_bytes(Desk(RENDERER, OURS), policy, "reminder", name, mail, THURSDAY)
    waiting = OutboxMail(ANN, "reminder", name, "x@example.com", raw, THURSDAY)
    assert why_not_to_send(waiting) is None
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert [address.addr_spec for address in message["To"].addresses] == [ANN]
    assert [address.addr_spec for address in message["From"].addresses] == [OURS.addr_spec]
    assert {key.lower() for key in message} == {
        *("from", "to", "subject", "date", "message-id", "auto-submitted", "x-auto-response-suppress"),
        *("x-mailwatch", "list-unsubscribe", "mime-version", "content-type"),
    }
    assert message["Subject"] == clean(mail.subject) or message["Subject"].split() == clean(mail.subject).split()
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]
    assert squeezed(message.get_body(("plain",)).get_content()) == squeezed(mail.text)  # type: ignore[union-attr]
