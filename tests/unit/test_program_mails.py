"""Whole mails of programs, and mails of people that look like them: calendars, receipts, recalls, tickets."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from mailwatch.domain.message import Role
from mailwatch.domain.mime import read_headers, read_text
from mailwatch.domain.quotation import split
from mailwatch.domain.secondlook import second_look

CORPUS = Path(__file__).parent.parent / "corpus" / "programs"
PROGRAMS = sorted(path for path in CORPUS.glob("*/*.eml") if path.parent.name != "person")
PEOPLE = sorted(CORPUS.glob("person/*.eml"))
NOW = datetime(2026, 11, 17, tzinfo=UTC)


def test_the_corpus_is_there() -> None:
    assert len(PROGRAMS) >= 35
    assert len(PEOPLE) >= 15


@pytest.mark.parametrize("path", PROGRAMS, ids=[path.stem for path in PROGRAMS])
def test_a_programs_mail_is_known_by_the_rule_that_its_folder_names(path: Path) -> None:
    raw = path.read_bytes()
    headers = read_headers(raw, provider_id="1", role=Role.INBOX, received_at=NOW)
    headers, _ = second_look(headers, read_text(raw, provider_id="1"))
    assert headers.automatic == path.parent.name


@pytest.mark.parametrize("path", PEOPLE, ids=[path.stem for path in PEOPLE])
def test_a_persons_mail_is_theirs_and_keeps_its_words(path: Path) -> None:
    raw = path.read_bytes()
    headers = read_headers(raw, provider_id="1", role=Role.INBOX, received_at=NOW)
    headers, text = second_look(headers, read_text(raw, provider_id="1"))
    assert headers.automatic is None
    said = split(text.words, subject=headers.subject).new
    assert said.split() == path.with_suffix(".expected.txt").read_text().split()


@pytest.mark.parametrize(("name", "sealed"), [("winmail_alone", True), ("winmail_beside_the_words", False)])
def test_a_text_that_only_outlook_can_read_says_so(name: str, sealed: bool) -> None:
    text = read_text((CORPUS / "person" / f"{name}.eml").read_bytes(), provider_id="1")
    assert (text.sealed is not None) is sealed
