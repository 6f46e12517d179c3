"""Each rule that tells a program's mail from a person's has a mail that it hits and one that it misses."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mailwatch.domain.automatic import RULES, why_automatic
from mailwatch.domain.message import Role
from mailwatch.domain.mime import read_headers

PERSON = "From: Ann Smith <ann@example.com>\nTo: bob@example.com\nSubject: Figures\n"

HITS = [
    ("mailwatch", "X-Mailwatch: reminder\n"),
    ("auto-submitted", "Auto-Submitted: auto-generated\n"),
    ("auto-submitted", "Auto-Submitted: auto-replied; owner-email=ann@example.com\n"),
    ("auto-submitted", "Auto-submitted: AUTO-NOTIFIED (by a program)\n"),
    ("auto-reply", "X-Autoreply: yes\n"),
    ("auto-reply", "X-Autorespond: Figures\n"),
    ("auto-reply", "X-Loop: tickets@example.com\n"),
    ("mdn", "Content-Type: multipart/report; report-type=disposition-notification; boundary=a\n"),
    ("dsn", 'Content-Type: Multipart/Report; boundary="a b"; report-type="delivery-status"\n'),
    ("dsn", "Content-Type: multipart/report; boundary=a; report-type=feedback-report\n"),
    ("calendar", "Content-Type: text/calendar; method=REPLY\n"),
    ("calendar", "Content-Class: urn:content-classes:calendarmessage\n"),
    ("calendar", "X-MS-Exchange-Calendar-Originator-Id: 1234;/o=Example\n"),
    ("calendar", "X-MS-Exchange-Calendar-Series-Instance-Id: BAAAAIIA\n"),
    ("list", "List-Id: The board <board.example.com>\n"),
    ("list", "List-Post: <mailto:board@example.com>\n"),
    ("list", "Precedence: list\n"),
    ("precedence", "Precedence: bulk\n"),
    ("precedence", "Precedence: JUNK\n"),
    ("bulk", "List-Unsubscribe: <https://example.com/off>\n"),
    ("bulk", "Feedback-ID: 1:2:3:sender\n"),
    ("suppress", "X-Auto-Response-Suppress: All\n"),
    ("suppress", "X-Auto-Response-Suppress: DR, OOF, AutoReply\n"),
    ("null-return-path", "Return-Path: <>\n"),
    ("mailer-daemon", "Sender: board-bounces@lists.example.com\n"),
    ("mailer-daemon", "Sender: owner-board@example.com\n"),
]
MISSES = [
    ("auto-submitted", "Auto-Submitted: no\n"),
    ("auto-submitted", "Auto-Submitted: No (a person)\n"),
    ("auto-submitted", "Auto-Submitted:\n"),
    ("auto-reply", "X-Autoreply: no\n"),
    ("mdn", "Content-Type: multipart/mixed; boundary=report-type\n"),
    ("dsn", "Content-Type: text/plain; name=report.txt\n"),
    ("calendar", "Content-Type: multipart/alternative; boundary=text-calendar\n"),
    ("calendar", "Content-Class: urn:content-classes:message\n"),
    ("list", "Precedence: normal\n"),
    ("precedence", "Precedence: first-class\n"),
    ("suppress", "X-Auto-Response-Suppress: DR, RN, NRN\n"),
    ("null-return-path", "Return-Path: <ann@example.com>\n"),
    ("mailer-daemon", "Sender: Carla Diaz <carla@example.com>\n"),
]
PROGRAMS = [
    ("mailer-daemon", "MAILER-DAEMON@mx.example.com"),
    ("mailer-daemon", "MAILER-DAEMON (Mail Delivery System)"),
    ("mailer-daemon", "postmaster@example.com"),
    ("mailer-daemon", "Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@example.com>"),
    ("mailer-daemon", "board-request@example.com"),
    ("mailer-daemon", "bounce-1234@example.com"),
    ("mailer-daemon", "root@build.example.com"),
    ("noreply", "noreply@example.com"),
    ("noreply", "Example <no-reply@example.com>"),
    ("noreply", "Do.Not_Reply@example.com"),
    ("noreply", "tickets-noreply@example.com"),
    ("noreply", "no-reply+1234@example.com"),
    ("noreply", "notifications@example.com"),
    ("noreply", "newsletter@example.com"),
]
PEOPLE = ["Ann Smith <ann@example.com>", "daemond@example.com", "noor.eply@example.com", "alert.smith@example.com"]
SUBJECTS = [
    ("away", "Automatic reply: Figures"),
    ("away", "Out of Office: Re: Figures"),
    ("away", "OOO: AW: Zahlen"),
    ("away", "Out of Office AutoReply: Figures"),
    ("away", "[Auto-Reply] Figures"),
    ("away", "Abwesenheitsnotiz: Figures"),
    ("away", "Automatische Antwort: Figures"),
    ("away", "=?utf-8?q?R=C3=A9ponse_automatique_=3A_Figures?="),
    ("away", "=?utf-8?B?UmVzcHVlc3RhIGF1dG9tw6F0aWNhOiBGaWd1cmVz?="),
    ("away", "Risposta automatica: Figures"),
    ("away", "Automatisch antwoord: Figures"),
    ("away", "Resposta automática: Figures"),
    ("away", "Odpowiedź automatyczna: Figures"),
    ("away", "Autosvar: Figures"),
    ("away", "Automatisk svar: Figures"),
    ("dsn", "Mail delivery failed: returning message to sender"),
    ("dsn", "Undelivered Mail Returned to Sender"),
    ("dsn", "Delivery Status Notification (Failure)"),
]
HUMAN_SUBJECTS = [
    "Re: Automatic reply: Figures",
    "AW: Abwesenheitsnotiz: Figures",
    "Out of office next week, who stands in?",
    "The automatic reply is broken",
    "Accepted papers",
    "Accepted: the offer of Miller",
    "Failure notice for machine 3",
    "OOO: who covers for me?",
    "Delivery status of the pallets",
    "Out of office: who has the keys?",
    "Automatic reply is broken",
    "Automatische Antwort auf Kundenanfragen",
    "Canceled: the order of lamps",
]


def why(header: str) -> str | None:
    raw = header.encode() + b"\n"
    return read_headers(
        raw, provider_id="1", role=Role.INBOX, received_at=datetime(2026, 11, 17, tzinfo=UTC)
    ).automatic


def test_an_ordinary_mail_is_a_persons() -> None:
    assert why(PERSON) is None


@pytest.mark.parametrize(("rule", "line"), HITS)
def test_a_field_shows_that_a_program_wrote_it(rule: str, line: str) -> None:
    assert why(PERSON + line) == rule


@pytest.mark.parametrize(("rule", "line"), MISSES)
def test_a_field_that_says_nothing_of_the_kind_is_passed_over(rule: str, line: str) -> None:
    assert why(PERSON + line) is None


@pytest.mark.parametrize(("rule", "author"), PROGRAMS)
def test_some_addresses_belong_to_programs(rule: str, author: str) -> None:
    assert why(f"From: {author}\nSubject: Figures\n") == rule


@pytest.mark.parametrize("author", PEOPLE)
def test_other_addresses_belong_to_people(author: str) -> None:
    assert why(f"From: {author}\nSubject: Figures\n") is None


@pytest.mark.parametrize(("rule", "subject"), SUBJECTS)
def test_a_notice_without_fields_is_known_by_its_subject(rule: str, subject: str) -> None:
    assert why(f"From: ann@example.com\nSubject: {subject}\n") == rule


@pytest.mark.parametrize("subject", HUMAN_SUBJECTS)
def test_a_person_may_write_about_notices(subject: str) -> None:
    assert why(f"From: ann@example.com\nSubject: {subject}\n") is None


def test_every_rule_has_a_hit() -> None:
    shown = {rule for rule, _ in (*HITS, *PROGRAMS, *SUBJECTS)}
    assert shown == {rule.name for rule in RULES}


def test_no_fields_at_all_show_nothing() -> None:
    assert why_automatic({}, None) is None
