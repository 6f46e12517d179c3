"""The mails as they read: golden files, the same facts in text and HTML, and words that mean harm."""

from __future__ import annotations

import configparser
import fnmatch
import os
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest

from mailwatch.adapters.templates import TemplateRenderer
from mailwatch.adapters.tongues import TRANSLATED, tongue
from mailwatch.bootstrap.desks import sample_renderer
from mailwatch.detection.orders.reading import read_orders
from mailwatch.domain.command import Verb
from mailwatch.domain.letters import Trouble, trouble_of
from mailwatch.domain.links import LONGEST, mailto, reply_subject
from mailwatch.domain.mailview import given_name
from mailwatch.domain.order import Order
from mailwatch.domain.people import Address
from mailwatch.domain.reminder import MOST_PROMISES, MOST_REQUESTS, Reminder
from mailwatch.domain.reminderview import mail_help, reminder_view
from mailwatch.domain.summary import Suggestion
from mailwatch.domain.textlayout import width
from mailwatch.domain.weekview import week_view
from mailwatch.domain.wording import Wording
from mailwatch.errors import (
    BackOff,
    CertificateRefused,
    LoginRefused,
    ProtocolBroken,
    RoleMissing,
    SettingsError,
    TemplateError,
    Unreachable,
)
from mailwatch.ports import RenderedMail
from mailwatch.runtime.sample_letters import sample_unreadable, sample_welcome
from mailwatch.runtime.sample_mails import LANGUAGES, MAILS, render_sample
from mailwatch.runtime.samples import (
    WEEKS,
    ZONE,
    sample_before_deadline,
    sample_due_tomorrow,
    sample_reminder,
    sample_summary,
)

ROOT = Path(__file__).parent.parent.parent
GOLDEN = ROOT / "tests" / "golden"
THURSDAY = datetime(2026, 11, 5, 8, 0, tzinfo=UTC)
MONDAY = datetime(2026, 11, 9, 7, 30, tzinfo=UTC)
OURS = "mailwatch@example.com"
UPDATE = "UPDATE_GOLDEN"

RENDERER = TemplateRenderer(answers_to=OURS, tongues=tongue)
# In other languages than English the golden files are text parts, and of the mails that say most.
GOLDEN_IN_ALL = ("reminder", "weekly-summary-terrible", "welcome")


def sample(name: str, language: str = "en") -> RenderedMail:
    return render_sample(RENDERER, name, THURSDAY if name == "reminder" else MONDAY, language)


class Page(HTMLParser):
    """The words and links of an HTML mail, and whatever might act."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[str] = []
        self.links: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.headings: list[str] = []
        self.preheader = ""
        self._inside: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in ("meta", "br", "img", "link", "input"):
            self._inside.append("preheader" if ("class", "preheader") in attrs else tag)
        if tag == "a":
            self.links.append(dict(attrs).get("href") or "")

    def handle_endtag(self, tag: str) -> None:
        if self._inside:
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        words = " ".join(data.split())
        if "preheader" in self._inside:
            self.preheader += words
            return
        if words and {"h1", "h2"} & set(self._inside):
            self.headings.append(words)
        if words and not {"style", "title", "a"} & set(self._inside):
            self.words.append(words)


def flat(text: str) -> str:
    """The words of the text part without its lines, quote marks and capital letters."""
    return " ".join(re.sub(r"^\s*\|? *", "", line) for line in text.splitlines() if line).casefold()


@pytest.fixture(scope="module", params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module", params=MAILS)
def mail(request: pytest.FixtureRequest, language: str) -> RenderedMail:
    return sample(request.param, language)


@pytest.mark.parametrize(
    ("name", "language"),
    [*((name, "en") for name in MAILS), *((name, code) for name in GOLDEN_IN_ALL for code in TRANSLATED)],
)
def test_a_mail_reads_as_it_did(name: str, language: str) -> None:
    rendered = sample(name, language)
    text = f"{name}.txt" if language == "en" else f"{name}.{language}.txt"
    golden = [(GOLDEN / text, f"Subject: {rendered.subject}\n\n{rendered.text}")]
    if language == "en":
        golden.append((GOLDEN / f"{name}.html", rendered.html))
    for file, now in golden:
        if os.environ.get(UPDATE):
            file.write_text(now, encoding="utf-8")
        assert file.read_text(encoding="utf-8") == now, f"{file.name} changed; {UPDATE}=1 writes it anew."


def test_every_fact_of_the_html_stands_in_the_text(mail: RenderedMail) -> None:
    text = " ".join(flat(mail.text).split())
    page = Page(mail.html)
    missing = [words for words in page.words if words.casefold().lstrip(": ") not in text]
    # A label before links says what the text says with "Say:".
    label = {tongue(code).catalogue.gettext("Tell mailwatch:").replace("\xa0", " ") for code in LANGUAGES}
    assert [words for words in missing if words not in label] == []


def test_facts_come_in_the_same_order(mail: RenderedMail) -> None:
    text = " ".join(flat(mail.text).split())
    at = 0
    for heading in Page(mail.html).headings:
        at = text.index(heading.casefold(), at) + 1


def test_what_a_link_tells_mailwatch_can_be_said_in_a_reply(mail: RenderedMail) -> None:
    said = [dict(parse_qsl(urlsplit(link).query)).get("body", "") for link in Page(mail.html).links if OURS in link]
    assert said
    for words in said:
        assert re.sub(r" \[.*\]", "", words).casefold() in " ".join(flat(mail.text).split())


def test_what_a_link_tells_mailwatch_is_understood(mail: RenderedMail) -> None:
    calendar = sample_reminder(THURSDAY).policy.calendar
    said = [dict(parse_qsl(urlsplit(link).query)).get("body", "") for link in Page(mail.html).links if OURS in link]
    for words in said:
        (order,) = read_orders(words, THURSDAY, calendar)
        assert isinstance(order, Order), words
        assert order.ids or order.verb in (Verb.STOP, Verb.START)


def test_what_can_be_said_is_understood_as_it_is_meant(language: str) -> None:
    whole = sample_reminder(THURSDAY, language)
    wording = Wording(THURSDAY, whole.policy.calendar.zone, tongue=tongue(language))
    view = reminder_view(whole, wording, OURS)
    said = [words.replace("bob@…", "bob@example.com") for words, _ in (*view.help, *mail_help(wording))]
    read = [order for words in said for order in read_orders(words, THURSDAY, whole.policy.calendar)]
    items = [Verb.DONE, Verb.SNOOZE, Verb.DISMISS, Verb.DELEGATE, Verb.MORE_TIME, Verb.MUTE, Verb.REOPEN]
    mails = [Verb.PAUSE, Verb.STOP, Verb.START, Verb.HELP]
    assert [order.verb for order in read if isinstance(order, Order)] == [*items, *mails]


def test_no_line_of_text_is_long_and_none_ends_in_blanks(mail: RenderedMail) -> None:
    for line in mail.text.splitlines():
        assert width(line) <= 72
        assert line == line.rstrip()


def test_the_text_has_no_tag_and_no_entity(mail: RenderedMail) -> None:
    assert not re.search(r"</?(?:p|td|tr|table|span|a|br|h\d|div)\b|&(?:#\d+|[a-z]+);", mail.text)
    assert "{{" not in mail.text + mail.html
    assert "None" not in mail.text + mail.html


def test_nothing_is_fetched_and_nothing_acts(mail: RenderedMail) -> None:
    page = Page(mail.html)
    assert not {"script", "img", "iframe", "form", "input", "link", "object", "svg", "video", "base"} & set(page.tags)
    assert not {name for name, _ in page.attributes if name in ("src", "srcset", "background") or name[:2] == "on"}
    assert "http" not in mail.html
    assert "url(" not in mail.html
    assert "@import" not in mail.html


def test_links_are_mails_to_one_person_each(mail: RenderedMail) -> None:
    for link in Page(mail.html).links:
        address, _, query = link.removeprefix("mailto:").partition("?")
        assert link.startswith("mailto:")
        assert len(link) <= LONGEST
        assert unquote(address).count("@") == 1
        assert {name for name, _ in parse_qsl(query)} <= {"subject", "body", "In-Reply-To"}


def test_every_mail_says_how_to_stop(mail: RenderedMail) -> None:
    catalogue = tongue(re.search('lang="(..)"', mail.html)[1]).catalogue
    ways = [
        catalogue.gettext(word) for word in ("stop", "start")
    ]  # to start again is all that a stopped user can want
    (way,) = [way for way in ways if f"mailto:{OURS}?subject={way}&body={way}" in Page(mail.html).links]
    assert way in mail.text.rstrip().splitlines()[-1]


@pytest.mark.parametrize(
    ("code", "first", "last"),
    [
        ("en", "the mail of the last day was read", "is deleted after one day."),
        ("de", "die Mail des letzten Tages gelesen", "wird nach einem Tag gelöscht."),
        ("es", "el correo del último día", "se borra al cabo de un día."),
        ("fr", "les messages du dernier jour ont été lus", "est effacé après un jour."),
    ],
)
def test_a_single_day_is_not_said_in_the_plural(code: str, first: str, last: str) -> None:
    day = timedelta(days=1)
    welcome = replace(sample_welcome(datetime(2026, 11, 5, 8, tzinfo=UTC), code), look_back=day, retention=day)
    text = " ".join(sample_renderer().welcome(welcome).text.split())
    assert first in text
    assert last in text


def test_in_english_stopping_is_said_like_this() -> None:
    assert "Stop these mails: answer “stop”." in sample("welcome").text


def test_the_language_is_named(language: str) -> None:
    assert f'<html lang="{language}"' in sample("reminder", language).html


def test_layout_tables_say_so(mail: RenderedMail) -> None:
    tables = re.findall(r"<table[^>]*>", mail.html)
    assert all('role="presentation"' in table or 'class="grid"' in table for table in tables)
    assert "prefers-color-scheme: dark" in mail.html


def test_the_preheader_is_told_in_the_text_too() -> None:
    rendered = sample("reminder")
    preheader = Page(rendered.html).preheader
    text = " ".join(flat(rendered.text).split())
    assert all(sentence.strip(" .").casefold() in text for sentence in preheader.split("? "))


# ---------------------------------------------------------------- what the words say


def test_the_subject_says_the_news() -> None:
    say = Wording(THURSDAY, sample_reminder(THURSDAY).policy.calendar.zone)
    whole = sample_reminder(THURSDAY)

    def subject(reminder: Reminder) -> str:
        return reminder_view(reminder, say, OURS).subject

    assert subject(replace(whole, promises=())) == "Dana has waited since Tuesday, and two more"
    assert subject(replace(whole, promises=(), requests=whole.requests[:1])) == "Dana has waited since Tuesday"
    assert subject(replace(whole, promises=(), requests=whole.requests[:2])).endswith(", and one more")
    assert subject(replace(whole, promises=(), requests=whole.requests[2:])) == "Bilal still counts on your answer"
    assert subject(replace(whole, requests=())) == "Your promise to Alex is due tomorrow"
    assert subject(whole) == "Dana has waited since Tuesday, and two more; your promise to Alex is due tomorrow"
    late = replace(whole.promises[0], overdue=True, due_at=THURSDAY.replace(day=4))
    assert subject(replace(whole, requests=(), promises=(late,))) == "Your promise to Alex was due yesterday"
    assert subject(replace(whole, requests=(), promises=(late, late))) == "Two promises are due"


@pytest.mark.parametrize(
    ("kind", "subject"),
    [
        ("usual", "Your week: 9 of 11 answered, two still waiting"),
        ("first", "Your first week: 9 of 11 answered, two still waiting"),
        ("empty", "Your week: nobody had to wait for you"),
        ("perfect", "Your week: everyone has their answer"),
        ("terrible", "Your week: 9 of 13 answered, four still waiting"),
        ("leave", "Welcome back: one request is waiting"),
    ],
)
def test_each_kind_of_week_has_its_news(kind: str, subject: str) -> None:
    assert RENDERER.weekly_summary(sample_summary(kind, MONDAY)).subject == subject


@pytest.mark.parametrize("kind", WEEKS)
def test_no_week_shames_anybody(kind: str) -> None:
    text = RENDERER.weekly_summary(sample_summary(kind, MONDAY)).text.lower()
    for word in (
        "fail",
        "bad",
        "poor",
        "worst",
        "lazy",
        "unfortunately",
        "only you",
        "neglect",
        "ignored",
        "you should",
    ):
        assert word not in text


def test_a_perfect_week_gets_a_kind_line_and_no_suggestion() -> None:
    week = sample_summary("perfect", MONDAY)
    view = week_view(replace(week, suggestion=Suggestion.SAY_WHEN), Wording(MONDAY, week.policy.calendar.zone), OURS)
    assert view.kind.endswith("Thank you.")
    assert view.suggestion == ""
    assert view.requests == ()


@pytest.mark.parametrize("name", Suggestion)
def test_every_suggestion_has_its_words(name: Suggestion) -> None:
    week = replace(sample_summary("usual", MONDAY), suggestion=name)
    assert week_view(week, Wording(MONDAY, week.policy.calendar.zone), OURS).suggestion.endswith(".")


@pytest.mark.parametrize(("kind", "now"), [("usual", ["2 Nov"]), ("terrible", ["2 Nov"]), ("empty", [])])
def test_of_the_weeks_only_the_one_that_is_told_stands_out(kind: str, now: list[str]) -> None:
    week = sample_summary(kind, MONDAY)
    view = week_view(week, Wording(MONDAY, week.policy.calendar.zone), OURS)
    assert [bar.label for bar in view.trend if not bar.past] == now
    assert RENDERER.weekly_summary(week).html.count('class="chart-label now"') == len(now)


def news_of(reminder: Reminder) -> tuple[str, str, str]:
    """The subject, the headline and the lead."""
    view = reminder_view(reminder, Wording(THURSDAY, reminder.policy.calendar.zone), OURS)
    return view.subject, view.headline, view.lead


READY = "the words are ready below."
HELPS = "Even a short reply helps: say when they can expect it."


def test_a_digest_of_one_promise_reads_as_the_mail_on_that_promise() -> None:
    due = "Your promise to Alex is due tomorrow"
    lead = f"There is still time. What you cannot keep is best said now: {READY}"
    assert news_of(sample_due_tomorrow(THURSDAY)) == (due, f"{due}.", lead)


def test_promises_of_one_day_are_counted_with_their_day() -> None:
    alone = sample_due_tomorrow(THURSDAY)
    two = replace(alone, promises=alone.promises * 2)
    assert news_of(two)[:2] == ("Two promises are due tomorrow", "Two promises are due tomorrow.")
    later = replace(alone.promises[0], due_at=alone.promises[0].due_at + timedelta(days=3))
    assert news_of(replace(alone, promises=(*alone.promises, later)))[0] == "Two promises are due"
    late = replace(alone.promises[0], due_at=THURSDAY - timedelta(days=1), overdue=True)
    assert news_of(replace(alone, promises=(late,))) == (
        "Your promise to Alex was due yesterday", "Your promise to Alex was due yesterday.", HELPS
    )  # fmt: skip


def test_before_a_deadline_the_deadline_is_the_news() -> None:
    alone = sample_before_deadline(THURSDAY)
    lead = f"Nothing is late yet. If you cannot make it, say so now: {READY}"
    needs = "Dana needs your answer by tomorrow"
    assert news_of(alone) == (needs, f"{needs}.", lead)
    assert news_of(replace(alone, requests=alone.requests * 3))[:2] == (
        f"{needs}; two more are waiting", "Three requests are waiting for you."
    )  # fmt: skip
    over = replace(alone.requests[0], figures=replace(alone.requests[0].figures, overdue=True))
    assert news_of(replace(alone, requests=(over,)))[::2] == ("Dana has waited since yesterday", HELPS)


def test_nothing_is_called_in_time_while_something_that_the_mail_does_not_name_is_late() -> None:
    alone = sample_before_deadline(THURSDAY)
    assert news_of(replace(alone, quiet=1, more_overdue=True))[2] == HELPS
    promise = sample_due_tomorrow(THURSDAY)
    assert news_of(replace(promise, more_requests=1, more_overdue=True))[2] == HELPS


def test_words_that_are_begun_go_to_the_person_in_their_conversation() -> None:
    (it,) = reminder_view(sample_before_deadline(THURSDAY), Wording(THURSDAY, ZONE), OURS).requests
    assert [action.label for action in it.words] == ["More time", "Someone else", "An alternative"]
    for action in it.words:
        fields = dict(parse_qsl(urlsplit(action.href or "").query))
        assert (action.href or "").startswith("mailto:dana.whitfield@example.com?")
        assert fields["subject"] == "Re: Budget figures for the third quarter"
        assert fields["In-Reply-To"] == "<1.dana.whitfield@mail.example.com>"
        assert fields["body"].startswith("Hi Dana,\r\n\r\n")
        assert fields["body"].endswith("\r\n\r\nAnn")
    assert "I cannot make it by tomorrow" in unquote(it.words[0].href or "")


def test_what_is_late_is_not_called_in_time() -> None:
    view = reminder_view(sample_reminder(THURSDAY), Wording(THURSDAY, ZONE), OURS)
    late, due = (unquote(it.words[0].href or "") for it in view.requests[:2])
    assert "This is late, and I am sorry; you will have it by ____." in late
    assert "I cannot make it today," in due


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (LoginRefused("no"), "refuses the login"),
        (CertificateRefused("no"), "certificate"),
        (Unreachable("no"), "cannot be reached"),
        (BackOff("no", 60), "asking to wait"),
        (RoleMissing("no"), "was not found"),
        (SettingsError("no"), "settings"),
        (ProtocolBroken("no"), "does not understand"),
    ],
)
def test_why_mail_cannot_be_read_is_said_by_its_kind(error: Exception, words: str, language: str) -> None:
    letter = replace(sample_unreadable(MONDAY, language), trouble=trouble_of(error), reason="no")
    told = " ".join(RENDERER.unreadable(letter).text.split())
    usual = " ".join(RENDERER.unreadable(replace(letter, trouble=Trouble.OTHER)).text.split())
    assert (words in told) is (language == "en")
    assert (told != usual) is (letter.trouble is not Trouble.OTHER)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_week_in_which_nothing_came_is_not_called_quiet_while_somebody_waits(language: str) -> None:
    week = sample_summary("empty", MONDAY, language)
    usual = sample_summary("usual", MONDAY, language)
    quiet = " ".join(RENDERER.weekly_summary(week).text.split())
    waiting = " ".join(RENDERER.weekly_summary(replace(week, waiting=usual.waiting)).text.split())
    broken = replace(week, promises=(replace(usual.promises[0], overdue=True),))
    broken_words = " ".join(RENDERER.weekly_summary(broken).text.split())
    late = replace(usual.waiting[0], request=replace(usual.waiting[0].request, received_at=MONDAY))
    since = " ".join(RENDERER.weekly_summary(replace(week, waiting=(late,) * 308)).text.split())
    if language == "en":
        assert "Nobody asked you for anything new. It was a quiet week." in quiet
        assert "Nobody asked you for anything new. Two are still waiting. A short reply to Dana would" in waiting
        assert "Nobody asked you for anything new. A short reply to Alex would" in broken_words
        assert "308 requests are waiting for you. A short reply to Dana would be a good start." in since
        assert "Nobody asked" not in since
    for words in (waiting, broken_words, since):
        assert "quiet" not in words
        assert ("A short reply to" in words) is (language == "en")


def test_a_leave_week_shows_no_figures() -> None:
    week = sample_summary("leave", MONDAY)
    view = week_view(week, Wording(MONDAY, week.policy.calendar.zone), OURS)
    assert view.numbers == view.trend == view.tiles == ()


def test_an_unknown_week_is_refused() -> None:
    with pytest.raises(ValueError, match="usual, empty"):
        sample_summary("golden", MONDAY)


@pytest.mark.parametrize(
    ("name", "spec", "given"),
    [
        ("Dana Whitfield", "d@example.com", "Dana"),
        ("Whitfield, Dana", "d@example.com", "Dana"),
        ("Dr. Dana Whitfield", "d@example.com", "Dana"),
        ("", "dana.whitfield@example.com", "dana.whitfield"),
        ("boss@example.com", "eve@example.com", "eve"),
        ("王小明", "w@example.com", "王小明"),
        ("A.", "a@example.com", "A."),
    ],
)
def test_people_are_called_by_their_given_name(name: str, spec: str, given: str) -> None:
    assert given_name(Address(spec, name)) == given


# ---------------------------------------------------------------- broken items


@pytest.mark.parametrize(
    "spec", ["", "x", "a,b@example.com", "a b@example.com", "<a@b>", "a@b@c", "a@b?bcc=c@d", "ü@b.c"]
)
def test_a_strange_address_gets_no_link_and_the_mail_still_goes(spec: str) -> None:
    whole = sample_reminder(THURSDAY)
    first = whole.requests[0]
    strange = replace(first, request=replace(first.request, requester=Address(spec, "Dana")))
    rendered = RENDERER.reminder(replace(whole, requests=(strange,), promises=()))
    assert all(OURS in link for link in Page(rendered.html).links)
    assert "Dana" in rendered.text


def test_a_broken_item_is_left_out_and_the_mail_still_goes() -> None:
    whole = sample_reminder(THURSDAY)
    naive = datetime(2026, 11, 4, 10)  # noqa: DTZ001 (that is what is tested)
    broken = replace(whole.requests[0], request=replace(whole.requests[0].request, received_at=naive))
    rendered = RENDERER.reminder(replace(whole, requests=(broken, *whole.requests[1:])))
    assert "Dana" not in rendered.text
    assert "Marta Kowalska" in rendered.text
    assert "One item could not be shown here" in " ".join(rendered.text.split())
    assert rendered.subject == "Three requests are waiting for you, and one promise is due"


# ---------------------------------------------------------------- room

GMAIL_CUTS_AT = 102 * 1024
LONG = "Could you please send me all of the figures for the third quarter, and those of the year before? " * 2


def crowded(reminder: Reminder) -> Reminder:
    """A reminder with as many items as there is room for, whose words are as long as they may be."""
    asked, made = reminder.requests[0], reminder.promises[0]
    asked = replace(asked, request=replace(asked.request, subject=LONG, evidence=LONG))
    made = replace(made, promise=replace(made.promise, subject=LONG, evidence=LONG))
    return replace(
        reminder,
        requests=tuple(replace(asked, number=n) for n in range(1, MOST_REQUESTS + 1)),
        promises=tuple(replace(made, number=MOST_REQUESTS + n) for n in range(1, MOST_PROMISES + 1)),
        more_requests=30,
        more_promises=2,
    )


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_full_mail_is_not_cut_off_by_gmail(code: str) -> None:
    full = crowded(sample_reminder(THURSDAY, code))
    week = sample_summary("usual", MONDAY, code)
    many = replace(week, waiting=full.requests * 4, promises=full.promises * 2)
    for mail in (RENDERER.reminder(full), RENDERER.weekly_summary(many)):
        assert len(mail.html.encode()) < GMAIL_CUTS_AT


def test_a_full_mail_says_how_many_more_there_are() -> None:
    full = crowded(sample_reminder(THURSDAY))
    mail = RENDERER.reminder(full)
    assert mail.subject == "Dana has waited since Tuesday, and 37 more; six promises are due"
    assert "38 requests are waiting for you, and six promises are due." in " ".join(mail.text.split())
    assert "32 more are open; they come when there is room." in " ".join(mail.text.split())
    week = replace(sample_summary("usual", MONDAY), waiting=full.requests * 4, promises=full.promises * 2)
    mail = RENDERER.weekly_summary(week)
    assert "32 are still waiting." in " ".join(mail.text.split())
    assert "28 more are open; they come when there is room." in " ".join(mail.text.split())
    assert re.findall(r"^(\d+)  \w", mail.text, re.MULTILINE) == [str(n) for n in range(1, 13)]


def test_a_sentence_that_begins_with_a_number_in_words_begins_with_a_capital_letter() -> None:
    mail = RENDERER.reminder(replace(sample_reminder(THURSDAY), quiet=2, more_requests=10))
    assert "\nTen more are open; they come when there is room." in mail.text
    assert "\nTwo more are open that you have heard of often enough;" in mail.text


def test_only_what_a_summary_shows_can_be_answered_by_its_number() -> None:
    full = crowded(sample_reminder(THURSDAY))
    week = replace(sample_summary("usual", MONDAY), waiting=full.requests * 4, promises=full.promises * 2)
    requests, promises = week.shown
    assert [item.number for item in (*requests, *promises)] == list(range(1, MOST_REQUESTS + MOST_PROMISES + 1))


# ---------------------------------------------------------------- links


def test_a_reply_link_keeps_the_conversation() -> None:
    link = mailto("dana@example.com", reply_subject("Budget & more"), "Hi Dana,\nsoon.", "1.x@mail.example.com")
    assert link == (
        "mailto:dana@example.com?subject=Re%3A%20Budget%20%26%20more&In-Reply-To=%3C1.x%40mail.example.com%3E"
        "&body=Hi%20Dana%2C%0D%0Asoon."
    )


@pytest.mark.parametrize(
    ("subject", "reply"),
    [("Budget", "Re: Budget"), ("Re: Budget", "Re: Budget"), ("AW: Budget", "AW: Budget"), ("RE[2]: x", "RE[2]: x"),
     ("Really", "Re: Really"), ("", "Re:")],
)  # fmt: skip
def test_a_reply_is_marked_once(subject: str, reply: str) -> None:
    assert reply_subject(subject) == reply


def test_a_link_that_would_be_too_long_loses_its_body() -> None:
    link = mailto("dana@example.com", "x", "\n".join(["日本語" * 100] * 9), "1@example.com")
    assert link == "mailto:dana@example.com?subject=x&In-Reply-To=%3C1%40example.com%3E"


# ---------------------------------------------------------------- the user's own templates


def test_a_users_own_template_goes_first_and_the_others_stay(tmp_path: Path) -> None:
    (tmp_path / "reminder.txt").write_text("{{ mail.requests|length }} open", encoding="utf-8")
    rendered = TemplateRenderer(tmp_path, answers_to=OURS).reminder(sample_reminder(THURSDAY))
    assert rendered.text == "3 open\n"
    assert rendered.html == sample("reminder").html


@pytest.mark.parametrize(
    ("source", "line", "reason"),
    [
        ("fine\n{% if %}", 2, "Expected an expression"),
        ("fine\n\n{{ mail.nonsense }}", 3, ": ReminderView has no field 'nonsense'."),
        ("{{ nonsense }}", 1, "'nonsense' is undefined"),
        ("{{ 1 / 0 }}", 1, "ZeroDivisionError"),
        ('\n{% include "gone.txt" %}', 0, "gone.txt is not there"),
        ("{{ mail.subject|gone }}", 1, "gone"),
    ],
)
def test_a_broken_template_is_named_with_its_line(tmp_path: Path, source: str, line: int, reason: str) -> None:
    (tmp_path / "reminder.txt").write_text(source, encoding="utf-8")
    with pytest.raises(TemplateError) as caught:
        TemplateRenderer(tmp_path).reminder(sample_reminder(THURSDAY))
    assert reason in str(caught.value)
    assert "reminder.txt" in str(caught.value)
    if line:
        assert f"line {line}" in str(caught.value)


def test_a_template_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "reminder.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(TemplateError, match=r"reminder\.txt"):
        TemplateRenderer(tmp_path).reminder(sample_reminder(THURSDAY))


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="gone is not there"):
        TemplateRenderer(tmp_path / "gone")


def test_without_an_address_of_its_own_mailwatch_is_answered_at_the_users() -> None:
    rendered = TemplateRenderer().reminder(sample_reminder(THURSDAY))
    assert "mailto:ann@example.com?subject=stop&body=stop" in Page(rendered.html).links


@pytest.mark.parametrize("name", ["reminder.subject.txt", "reminder.html", "_layout.html", "email.css"])
def test_a_template_that_is_not_utf_8_is_named_itself(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"one\ntwo \xe9\nthree\n")
    with pytest.raises(TemplateError) as caught:
        TemplateRenderer(tmp_path).reminder(sample_reminder(THURSDAY))
    assert str(caught.value) == f"{tmp_path / name}, line 2: is not UTF-8 text; save the file as UTF-8."


def test_a_language_without_a_catalogue_is_told_in_english_and_says_so() -> None:
    rendered = RENDERER.reminder(sample_reminder(THURSDAY, "nl"))
    assert '<html lang="en"' in rendered.html


def test_every_template_is_packaged() -> None:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    globs = [glob.strip() for glob in setup["options.package_data"]["mailwatch.templates"].split(",")]
    for file in (ROOT / "templates").iterdir():
        if file.is_file() and file.suffix != ".py":
            assert any(fnmatch.fnmatch(file.name, glob) for glob in globs), file.name
