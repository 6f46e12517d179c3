"""Receipts: what became of the user's words, said once, in the digest or in a mail of its own, harmlessly."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from html import unescape
from zoneinfo import ZoneInfo

import pytest

from mailwatch.adapters.ledger import SqlLedger
from mailwatch.adapters.templates import TemplateRenderer
from mailwatch.adapters.tongues import tongue
from mailwatch.domain.command import Command, Verb, Why
from mailwatch.domain.people import Address, User
from mailwatch.domain.policy import Policy
from mailwatch.domain.receipt import Receipt, ReceiptLetter
from mailwatch.domain.receiptwords import MOST, not_understood, noted
from mailwatch.domain.request import Request
from mailwatch.domain.wording import Wording
from mailwatch.domain.workcalendar import WorkCalendar
from mailwatch.ports import OutboxMail, OutboxState
from mailwatch.runtime.samples import sample_reminder
from mailwatch.services.compose import Desk, confirm, digest_of, is_stale, remind, summarize

ZONE = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 10, 9, 0, tzinfo=ZONE)  # A Tuesday.
HOUR = timedelta(hours=1)
ANN, DANA = Address("ann@example.com", "Ann Smith"), Address("dana@example.com", "Dana Fox")
POLICY = Policy(User(ANN), WorkCalendar(ZONE))
RENDERER = TemplateRenderer(answers_to="mailwatch@example.com", tongues=tongue)
DESK = Desk(RENDERER, Address("mailwatch@example.com", "mailwatch"))
WORDING = Wording(NOW, ZONE)
_UNTIL = {Verb.SNOOZE: 24 * HOUR, Verb.MORE_TIME: 24 * HOUR, Verb.PAUSE: 72 * HOUR}


def command(verb: Verb, number: int = 1, **values: object) -> Command:
    fields: dict = {
        "user": ANN.addr_spec,
        "item": "" if verb in (Verb.STOP, Verb.PAUSE, Verb.START, Verb.HELP, Verb.UNCLEAR) else "r1",
        "verb": verb,
        "at": NOW - HOUR + timedelta(seconds=number),
        "source": f"key{number}:1.0.0",
        "until": NOW + _UNTIL[verb] if verb in _UNTIL else None,
    }
    return Command(**(fields | values))


def receipt(verb: Verb, number: int = 1, **values: object) -> Receipt:
    about = command(verb, number, **values)
    return Receipt(about, DANA, "Figures") if about.item else Receipt(about)


EVERYTHING = (
    *(receipt(verb, n) for n, verb in enumerate(Verb) if verb is not Verb.UNCLEAR),
    receipt(Verb.DELEGATE, 20, to="bob@example.com"),
    replace(receipt(Verb.DISMISS, 21), of_promise=True),
    Receipt(command(Verb.DONE, 22)),
    *(receipt(Verb.UNCLEAR, 30 + n, words=f"words {why}", why=why) for n, why in enumerate(Why)),
)


def plain(words: str) -> str:
    return " ".join(words.split())


@pytest.mark.parametrize("language", ["en", "de", "fr", "es"])
def test_text_and_html_say_the_same_of_every_word(language: str) -> None:
    wording = Wording(NOW, ZONE, tongue=tongue(language))
    said = (*noted(EVERYTHING, wording), *not_understood(EVERYTHING, wording))
    assert len(set(said)) == len(EVERYTHING)
    assert all(sentence.endswith(".") and "{" not in sentence for sentence in said)
    of = replace(POLICY, language=language)
    digest = replace(sample_reminder(NOW, language), receipts=EVERYTHING, policy=of, at=NOW)
    for mail in (RENDERER.reminder(digest), RENDERER.receipt(ReceiptLetter(of, NOW, EVERYTHING))):
        text, html = plain(mail.text), plain(unescape(mail.html))
        assert [sentence for sentence in said if plain(sentence) not in text] == []
        assert [sentence for sentence in said if plain(sentence) not in html] == []


def test_what_was_said_of_an_item_names_who_and_what() -> None:
    assert noted([receipt(Verb.DONE)], WORDING) == ("Figures (Dana): done. Not so? Answer “reopen [r1]”.",)
    assert noted([receipt(Verb.REOPEN)], WORDING) == ("Figures (Dana): open again.",)
    assert noted([receipt(Verb.SNOOZE)], WORDING) == ("Figures (Dana): snoozed until tomorrow (Wednesday) 09:00.",)
    assert noted([Receipt(command(Verb.MUTE, item=""))], WORDING) == ("An item: never mentioned again.",)


def test_of_a_hundred_words_twenty_are_listed_and_the_others_counted() -> None:
    said = noted([receipt(Verb.DONE, n) for n in range(100)], WORDING)
    assert len(said) == MOST + 1
    assert said[-1] == "And 80 more."


@pytest.mark.parametrize(
    "words",
    [
        "<script>alert(1)</script>",
        "x\r\nBcc: eve@example.net",
        "{{7*7}}",
        "{0.__class__}",
        "\u202etxet",
        "A" * 10_000,
    ],
)
def test_strange_words_are_shown_harmlessly(words: str) -> None:
    strange = receipt(Verb.UNCLEAR, words=words, why=Why.UNKNOWN)
    given = replace(receipt(Verb.DELEGATE, 2, to=words), subject=words, coworker=Address("x@example.com", words))
    mail = RENDERER.receipt(ReceiptLetter(POLICY, NOW, (strange, given)))
    assert "<script" not in mail.html
    assert "49" not in mail.text
    assert not re.search("[\u202a-\u202e\r]", mail.text)
    assert all(len(line) <= 78 for line in mail.text.splitlines())
    assert len(mail.text) < 4000


@pytest.mark.parametrize(
    ("verbs", "subject"),
    [
        ([Verb.STOP], "No more mails from mailwatch"),
        ([Verb.PAUSE], "No mails from mailwatch until Friday 09:00"),
        ([Verb.STOP, Verb.START], "mailwatch writes to you again"),
        ([Verb.HELP], "What you can say to mailwatch"),
        ([Verb.DONE, Verb.UNCLEAR], "mailwatch did not understand you"),
    ],
)
def test_the_subject_of_a_receipt_says_the_news(verbs: list[Verb], subject: str) -> None:
    said = tuple(receipt(verb, n, words="hm", why=Why.UNKNOWN) for n, verb in enumerate(verbs))
    mail = RENDERER.receipt(ReceiptLetter(POLICY, NOW, said))
    assert mail.subject == subject
    way_out = "Start these mails again" if verbs[-1] in (Verb.STOP, Verb.PAUSE) else "Stop these mails"
    assert f"{way_out}: answer" in mail.text


# ---------------------------------------------------------------- when they come


@pytest.fixture
def ledger() -> Iterator[SqlLedger]:
    opened = SqlLedger.open("sqlite://")
    asked = [
        Request(id, ANN.addr_spec, f"k{id}", f"{id}@example.com", DANA, f"Figures {id}", NOW - 48 * HOUR)
        for id in ("r1", "r2")
    ]
    opened.save_triage(ANN.addr_spec, [(one.key, [one.key]) for one in asked], asked, [])
    yield opened
    opened.close()


def queued(ledger: SqlLedger) -> list[OutboxMail]:
    return list(ledger.outbox(ANN.addr_spec))


def text_of(mail: OutboxMail) -> str:
    part = message_from_bytes(mail.message, policy=policy.default).get_body(("plain",))
    return plain(str(part.get_content()))  # type: ignore[union-attr]


def test_what_was_said_stands_in_the_next_digest_and_not_in_the_one_after(ledger: SqlLedger) -> None:
    ledger.save_command(command(Verb.DONE))
    assert not confirm(ledger, DESK, POLICY, NOW)
    assert remind(ledger, DESK, POLICY, NOW, NOW)
    (first,) = queued(ledger)
    assert "NOTED" in text_of(first)
    assert "Figures r1 (Dana): done." in text_of(first)
    digest = digest_of(ledger, POLICY, NOW + 5 * HOUR, {})
    assert digest is not None
    assert digest.receipts == ()


def test_a_digest_that_never_left_has_confirmed_nothing(ledger: SqlLedger) -> None:
    ledger.save_command(command(Verb.DONE))
    assert remind(ledger, DESK, POLICY, NOW, NOW)
    assert remind(ledger, DESK, POLICY, NOW + 5 * HOUR, NOW + 5 * HOUR)
    (second,) = queued(ledger)
    assert second.period == (NOW + 5 * HOUR).isoformat()
    assert "Figures r1 (Dana): done." in text_of(second)


def test_what_was_typed_in_a_shell_needs_no_receipt(ledger: SqlLedger) -> None:
    ledger.save_command(command(Verb.DONE, source="shell:1"))
    digest = digest_of(ledger, POLICY, NOW, {})
    assert digest is not None
    assert digest.receipts == ()


def test_words_of_last_week_need_no_receipt(ledger: SqlLedger) -> None:
    ledger.save_command(command(Verb.STOP, at=NOW - timedelta(days=8)))
    assert not confirm(ledger, DESK, POLICY, NOW)


@pytest.mark.parametrize("verb", [Verb.STOP, Verb.PAUSE, Verb.START, Verb.HELP])
def test_what_is_said_of_our_mails_is_confirmed_at_once_and_once(ledger: SqlLedger, verb: Verb) -> None:
    ledger.save_command(command(verb))
    assert confirm(ledger, DESK, POLICY, NOW)
    assert not confirm(ledger, DESK, POLICY, NOW)
    (mail,) = queued(ledger)
    assert (mail.kind, mail.state) == ("receipt", OutboxState.QUEUED)
    assert not is_stale(ledger, POLICY, mail, NOW)


@pytest.mark.parametrize("verb", [Verb.STOP, Verb.PAUSE])
def test_a_user_who_wants_no_mails_gets_none(ledger: SqlLedger, verb: Verb) -> None:
    assert remind(ledger, DESK, POLICY, NOW, NOW)
    (waiting,) = queued(ledger)
    assert not is_stale(ledger, POLICY, waiting, NOW)
    ledger.save_command(command(verb, at=NOW))
    assert is_stale(ledger, POLICY, waiting, NOW), "not even what was queued before leaves"
    ledger.save_command(command(Verb.UNCLEAR, 2, words="hm", why=Why.UNKNOWN))
    assert not remind(ledger, DESK, POLICY, NOW + 5 * HOUR, NOW + 5 * HOUR)
    assert not summarize(ledger, DESK, POLICY, NOW.date() - timedelta(days=8), NOW)
    ledger.save_command(command(Verb.START, 3, at=NOW + 5 * HOUR))
    assert remind(ledger, DESK, POLICY, NOW + 24 * HOUR, NOW + 24 * HOUR)


def test_where_there_is_nothing_else_to_say_only_what_was_not_understood_is_answered(ledger: SqlLedger) -> None:
    for number, item in enumerate(("r1", "r2"), start=1):
        ledger.save_command(command(Verb.DONE, number, item=item))
    assert not remind(ledger, DESK, POLICY, NOW, NOW)
    assert queued(ledger) == []
    ledger.save_command(command(Verb.UNCLEAR, 3, words="the third one", why=Why.WHICH))
    assert remind(ledger, DESK, POLICY, NOW + 5 * HOUR, NOW + 5 * HOUR)
    assert not remind(ledger, DESK, POLICY, NOW + 24 * HOUR, NOW + 24 * HOUR)
    (mail,) = queued(ledger)
    assert mail.kind == "receipt"
    assert "“the third one”: which one? That mail named several: add the number." in text_of(mail)
    assert "Figures r2 (Dana): done." in text_of(mail)
