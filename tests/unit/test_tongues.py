"""The languages of our mails: every word is translated, and every mail says in each what it says in English."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from string import Formatter
from zoneinfo import ZoneInfo

import catalogues
import pytest
from babel import Locale

from mailwatch.adapters import tongues
from mailwatch.adapters.tongues import TRANSLATED, tongue
from mailwatch.bootstrap.desks import sample_renderer
from mailwatch.domain.tongue import ENGLISH
from mailwatch.domain.wording import Wording
from mailwatch.errors import TemplateError
from mailwatch.ports import RenderedMail
from mailwatch.runtime.sample_mails import MAILS, render_sample

THURSDAY = datetime(2026, 11, 5, 8, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def say(code: str) -> Wording:
    return Wording(THURSDAY, BERLIN, tongue=tongue(code))


# ---------------------------------------------------------------- catalogues


@pytest.mark.parametrize("code", TRANSLATED)
def test_every_word_is_translated_and_none_is_left_over(code: str) -> None:
    wanted = {message.id for message in catalogues.words_to_translate() if message.id}
    catalogue = catalogues.read(code)
    known = {message.id for message in catalogue if message.id}
    assert wanted - known == set(), "make catalogues"
    assert known - wanted == set(), "make catalogues"
    for message in catalogue:
        forms = message.string if isinstance(message.string, tuple) else (message.string,)
        assert all(forms), f"{code}: {message.id!r} is not translated."
        assert not message.fuzzy
        if message.pluralizable:
            assert len(forms) == catalogue.num_plurals


@pytest.mark.parametrize("code", TRANSLATED)
def test_a_translation_has_the_places_of_its_original(code: str) -> None:
    for message in catalogues.read(code):
        if not message.id:
            continue
        originals = message.id if isinstance(message.id, tuple) else (message.id,)
        forms = message.string if isinstance(message.string, tuple) else (message.string,)
        wanted = set().union(*(_places(words) for words in originals))
        for words in forms:
            # The form for one may say the number or leave it to the noun.
            assert _places(words) <= wanted, words
            assert wanted - _places(words) <= ({"n", "answered"} if message.pluralizable else set()), words


def _places(words: str) -> set[str]:
    """The {places} and %(places)s of a text."""
    braces = {name for _, name, _, _ in Formatter().parse(words) if name}
    return braces | {part.partition(")s")[0] for part in words.split("%(")[1:]}


def test_the_catalogues_are_those_that_are_offered() -> None:
    assert {file.parent.parent.name for file in catalogues.LOCALE.glob("*/LC_MESSAGES/mailwatch.po")} == set(
        TRANSLATED
    )
    assert set(catalogues.LANGUAGES) == set(TRANSLATED)


def test_a_broken_catalogue_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "locale" / "de" / "LC_MESSAGES"
    place.mkdir(parents=True)
    (place / "mailwatch.po").write_text('msgid "a\nnonsense', encoding="utf-8")
    monkeypatch.setattr(tongues, "files", lambda package: tmp_path)
    with pytest.raises(TemplateError, match=r"mailwatch\.po cannot be read"):
        tongues.tongue.__wrapped__("de")


def test_a_language_that_nobody_translated_is_told_in_english() -> None:
    assert tongue("xx") is ENGLISH


# ---------------------------------------------------------------- dates and numbers


@pytest.mark.parametrize("code", TRANSLATED)
def test_weekdays_and_months_are_those_of_the_cldr(code: str) -> None:
    locale = Locale.parse(code)
    assert tongue(code).weekdays[0] == locale.days["format"]["wide"][0]
    assert tongue(code).months[11] == locale.months["format"]["wide"][12]
    assert len(tongue(code).weekdays) == 7
    assert len(tongue(code).months) == len(tongue(code).short_months) == 12


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("en", ["3 March 2025", "1 May", "4 Nov", "82 %", "12,345", "since Tuesday 10:15", "by 1 December"]),
        ("de", ["3. März 2025", "1. Mai", "4. Nov.", "82\xa0%", "12.345", "seit Dienstag, 10:15 Uhr",
                "bis zum 1. Dezember"]),
        ("fr", ["3 mars 2025", "1er mai", "4 nov.", "82\xa0%", "12\u202f345", "depuis mardi à 10:15",
                "d’ici le 1er décembre"]),
        ("es", ["3 de marzo de 2025", "1 de mayo", "4 nov", "82\xa0%", "12.345", "desde el martes, 10:15 h",
                "para el 1 de diciembre"]),
    ],
)  # fmt: skip
def test_dates_and_numbers_are_written_as_people_write_them(code: str, said: list[str]) -> None:
    wording = say(code)
    assert [
        wording.dated(date(2025, 3, 3)),
        wording.dated(date(2026, 5, 1)),
        wording.short_date(date(2026, 11, 4)),
        wording.percent(0.82),
        wording.count(12_345),
        wording.since(datetime(2026, 11, 3, 10, 15, tzinfo=BERLIN)),
        wording.by_day(date(2026, 12, 1)),
    ] == said


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("de", ["eine Arbeitsminute", "zwei Arbeitsstunden", "2. bis 8. November", "31. August bis 6. September"]),
        ("fr", ["une minute ouvrée", "deux heures ouvrées", "2 au 8 novembre", "31 août au 6 septembre"]),
        ("es", ["un minuto laborable", "dos horas laborables", "2 al 8 de noviembre",
                "31 de agosto al 6 de septiembre"]),
    ],
)  # fmt: skip
def test_plurals_and_weeks_follow_the_language(code: str, said: list[str]) -> None:
    wording = say(code)
    assert [
        wording.working(timedelta(minutes=1)),
        wording.working(timedelta(hours=2)),
        wording.week(date(2026, 11, 2)),
        wording.week(date(2026, 8, 31)),
    ] == said


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("de", "Überfällig seit dem 26. Oktober (Montag), 12:00 Uhr"),
        ("fr", "En retard depuis le 26 octobre (lundi) à 12:00"),
        ("es", "Vencida desde el 26 de octubre (lunes), 12:00 h"),
        ("en", "Overdue since 26 October (Monday) 12:00"),
    ],
)
def test_what_is_long_overdue_is_said_with_its_date(code: str, said: str) -> None:
    assert say(code).due(datetime(2026, 10, 26, 12, tzinfo=BERLIN), overdue=True) == said


# ---------------------------------------------------------------- cost


def test_babel_is_loaded_only_where_a_mail_is_worded_in_another_language() -> None:
    check = (
        "import sys, mailwatch.cli.status, mailwatch.bootstrap.desks as d; from datetime import *; "
        "from mailwatch.runtime.samples import *; now = datetime(2026, 11, 9, tzinfo=UTC); "
        "d.sample_renderer().reminder(sample_reminder(now)); assert 'babel' not in sys.modules; "
        "d.sample_renderer().reminder(sample_reminder(now, 'de')); assert 'babel' in sys.modules"
    )
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0


@pytest.mark.parametrize("code", TRANSLATED)
@pytest.mark.parametrize("name", MAILS)
def test_no_english_is_left_in_a_mail_of_another_language(
    name: str, code: str, english: Callable[[str], RenderedMail]
) -> None:
    """Sentences of the English mail do not stand in the other one, but for what coworkers wrote."""
    other = render_sample(sample_renderer(), name, THURSDAY + timedelta(days=4), code)
    ours = {line.strip() for line in english(name).text.splitlines() if len(line.split()) > 2}
    theirs = {line.strip() for line in other.text.splitlines()}
    quoted = ("|", "1 ", "2 ", "3 ", "4 ", "5 ")
    left = {line for line in ours & theirs if not line.startswith(quoted) and not set(line) <= {"-", "#"}}
    subjects = ("08–", "1", "Budget", "Which", "Access", "Offer", "Rota", "Photos", "imap.example", "password in")
    assert {line for line in left if not line.startswith(subjects)} == set()


@pytest.fixture(scope="module")
def english() -> Callable[[str], RenderedMail]:
    return lambda name: render_sample(sample_renderer(), name, THURSDAY + timedelta(days=4))
