"""The words of command: what our own mails teach is understood, in every language, and nothing hangs or raises."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailwatch.adapters.tongues import tongue
from mailwatch.detection.orders.reading import read_orders
from mailwatch.detection.orders.words import LANGUAGES, SMALL, TIMES, all_words, from_tables, table_of
from mailwatch.domain.command import Command, Silence, Verb, Why, silence_of
from mailwatch.domain.order import NotUnderstood, Order
from mailwatch.domain.reminderview import help_lines, mail_help
from mailwatch.domain.wording import Wording
from mailwatch.domain.workcalendar import WorkCalendar

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 10, 10, 0, tzinfo=BERLIN)  # A Tuesday.
CALENDAR = WorkCalendar(BERLIN)


def read(words: str, language: str = "en", now: datetime = NOW) -> tuple[Order | NotUnderstood, ...]:
    return read_orders(words, now, CALENDAR, language=language, names=("ann",))


def until(words: str, language: str = "en", now: datetime = NOW) -> str:
    """Until when something sleeps, in Berlin; why not, if it does not."""
    (one,) = read(f"snooze 1 {words}", language, now)
    if isinstance(one, NotUnderstood):
        return str(one.why)
    assert one.until is not None
    return f"{one.until.astimezone(BERLIN):%a %d.%m.%y %H:%M}"


# ---------------------------------------------------------------- what our own mails say


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_our_mails_teach_is_understood(language: str) -> None:
    wording = Wording(NOW, BERLIN, tongue=tongue(language))
    _ = wording.gettext
    taught = [say for say, _ in (*help_lines(wording, ()), *mail_help(wording))]
    taught += [_(words).format(n=4) for words in ("done {n}", "snooze {n} until tomorrow", "not a request {n}")]
    taught += [_("not a promise {n}").format(n=4), _("stop"), _("start")]
    read_as = {words: read(words, language) for words in taught}
    strange = [words for words, found in read_as.items() if not all(isinstance(one, Order) for one in found)]
    assert not strange
    verbs = {one.verb for found in read_as.values() for one in found if isinstance(one, Order)}
    assert verbs == set(Verb) - {Verb.UNCLEAR}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_kind_of_word(language: str) -> None:
    table = table_of(language)
    assert set(table["verbs"]) == {str(verb) for verb in Verb if verb is not Verb.UNCLEAR}
    assert set(table["words"]) == set(SMALL)
    assert set(table["time"]) == set(TIMES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_verb_is_understood_with_a_number(language: str) -> None:
    for verb, phrases in table_of(language)["verbs"].items():
        tail = {"more_time": " 1 2026-03-12", "pause": " 2026-03-12"}.get(verb, " 1")
        for phrase in phrases:
            said = phrase + ("" if verb in ("stop", "start", "help") else tail)
            (found,) = read(said, language)
            assert isinstance(found, Order), said
            assert found.verb == verb, said


@pytest.mark.parametrize("language", ["en", "de"])
def test_with_points_the_day_stands_first_whatever_the_other_number_is(language: str) -> None:
    assert until("13.12.", language) == "Mon 14.12.26 09:00"  # The 13th is a Sunday.
    assert until("12.13.", language) == until("12.31.2026", language) == until("31.2.", language) == "when"
    assert until("12/13", language) == until("13/12", language) == "Mon 14.12.26 09:00"


def test_a_phrase_that_would_mean_two_things_is_refused() -> None:
    table = table_of("en")
    twice = {**table, "verbs": {**table["verbs"], "mute": ["done"]}}
    with pytest.raises(ValueError, match="'done' stands in the table verbs as done and as mute"):
        from_tables([twice])
    with pytest.raises(ValueError, match="known are"):
        from_tables([{**table, "words": {"nonsense": ["x"]}}])
    assert all_words() is all_words()


def test_what_the_documentation_says_can_be_said_is_understood() -> None:
    page = (Path(__file__).parents[2] / "docs" / "howto" / "answering.md").read_text("utf-8")
    rows = re.findall(r"^\| (`.+?) \|", page, re.MULTILINE)
    said = [words for row in rows for words in re.findall("`([^`]+)`", row)]
    said += page.partition("```\n")[2].partition("```")[0].strip().split("\n")
    said += re.findall(
        "`((?:done|all|1 done)[^`]*)`", page.partition("- **Numbers**")[2].partition("- **A remark**")[0]
    )
    said += ["1 erledigt, 2 morgen", "fait 1", "hecho!", "done 2, I called her"]
    assert len(said) > 18
    assert [words for words in said if not all(isinstance(one, Order) for one in read(words))] == []
    assert all(isinstance(one, NotUnderstood) for one in read("done 2, but not 3"))


# ---------------------------------------------------------------- until when


@pytest.mark.parametrize(
    ("words", "moment"),
    [
        ("until tomorrow", "Wed 11.03.26 09:00"),
        ("until the day after tomorrow", "Thu 12.03.26 09:00"),
        ("until Tuesday", "Tue 17.03.26 09:00"),
        ("until Saturday", "Mon 16.03.26 09:00"),
        ("until next Friday", "Fri 20.03.26 09:00"),
        ("until Friday at 3pm", "Fri 13.03.26 15:00"),
        ("until 15:30", "Tue 10.03.26 15:30"),
        ("until 9:30", "Wed 11.03.26 09:30"),
        ("for 3 hours", "Tue 10.03.26 13:00"),
        ("for a couple of days", "Thu 12.03.26 09:00"),
        ("for three working days", "Fri 13.03.26 09:00"),
        ("in 2 weeks", "Tue 24.03.26 09:00"),
        ("for a month", "Fri 10.04.26 09:00"),
        ("until the end of the week", "Fri 13.03.26 09:00"),
        ("until the end of the month", "Tue 31.03.26 09:00"),
        ("until next month", "Wed 01.04.26 09:00"),
        ("until March 19", "Thu 19.03.26 09:00"),
        ("until 19 March 2026", "Thu 19.03.26 09:00"),
        ("until the 5th", "Mon 06.04.26 09:00"),
        ("until 19.3.", "Thu 19.03.26 09:00"),
        ("until 4/3", "Fri 03.04.26 09:00"),
        ("until 13/3", "Fri 13.03.26 09:00"),
        ("until 1 March", "Mon 01.03.27 09:00"),
        ("until tonight", "Tue 10.03.26 18:00"),
        ("until tomorrow morning", "Wed 11.03.26 09:00"),
        ("until later today", "Tue 10.03.26 13:00"),
        ("until 1 March 2026", "when"),
        ("until 30 February", "when"),
        ("until 12 March 2031", "when"),
        ("until 25:99", "when"),
        ("for 500 days", "when"),
        ("until never", "when"),
    ],
)
def test_a_time_is_counted_in_the_users_zone_and_hours(words: str, moment: str) -> None:
    assert until(words) == moment


@pytest.mark.parametrize(
    ("language", "words", "moment"),
    [
        ("de", "bis übermorgen früh", "Thu 12.03.26 09:00"),
        ("de", "bis Montag um 14 Uhr", "Mon 16.03.26 14:00"),
        ("de", "auf den 4.3.", "Thu 04.03.27 09:00"),
        ("de", "bis 3/4", "Fri 03.04.26 09:00"),
        ("de", "für zwei Wochen", "Tue 24.03.26 09:00"),
        ("de", "bis Ende der Woche", "Fri 13.03.26 09:00"),
        ("fr", "jusqu'à après-demain", "Thu 12.03.26 09:00"),
        ("fr", "jusqu'au 1er avril", "Wed 01.04.26 09:00"),
        ("fr", "dans trois jours", "Fri 13.03.26 09:00"),
        ("fr", "à vendredi 14h", "Fri 13.03.26 14:00"),
        ("es", "hasta pasado mañana", "Thu 12.03.26 09:00"),
        ("es", "hasta la semana que viene", "Mon 16.03.26 09:00"),
        ("es", "hasta el viernes a las 15:00", "Fri 13.03.26 15:00"),
        ("es", "hasta el lunes por la tarde", "Mon 16.03.26 14:00"),
    ],
)
def test_times_of_other_languages(language: str, words: str, moment: str) -> None:
    assert until(words, language) == moment


def test_tomorrow_counts_from_the_users_day_and_not_from_utc() -> None:
    assert until("until tomorrow", now=datetime(2026, 3, 10, 23, 30, tzinfo=UTC)) == "Thu 12.03.26 09:00"


def test_a_day_of_the_change_of_clocks_is_a_day() -> None:
    assert until("until Monday", now=datetime(2026, 3, 27, 10, tzinfo=BERLIN)) == "Mon 30.03.26 09:00"


# ---------------------------------------------------------------- whatever is written


@given(st.text(max_size=600))
def test_no_words_raise(words: str) -> None:
    for one in read(words):
        assert one.line >= 1
        assert len(one.words) <= 400


_PIECES = """
    done snooze until 1 2 12.3. tomorrow and , stop not a [raaaaaa1] Bob to 5pm next week ? all 3-5 März bis Freitag
    is 14 Uhr jusqu'à lundi hasta mañana an à . : more time
"""


@given(st.lists(st.sampled_from(_PIECES.split()), max_size=25).map(" ".join))
def test_no_mixture_of_words_of_command_raises(words: str) -> None:
    for one in read(words):
        if isinstance(one, Order) and one.until is not None:
            assert NOW < one.until <= NOW + timedelta(days=366)


def test_a_huge_reply_is_capped() -> None:
    found = read("done 1, " * 100_000 + "\n" + "mute 2\n" * 100_000)
    assert len(found) < 200


def test_lines_that_are_no_orders_come_as_one() -> None:
    found = read("I would rather\nnot say\n\ndone 1\nmore prose")
    assert [type(one) for one in found] == [NotUnderstood, Order, NotUnderstood]
    assert found[0].words == "I would rather not say"


# ---------------------------------------------------------------- silence


def said(verb: Verb, hours: int, until_hours: int | None = None) -> Command:
    end = NOW + timedelta(hours=until_hours) if until_hours is not None else None
    return Command("ann@example.com", "", verb, NOW + timedelta(hours=hours), f"{verb}{hours}", end)


@pytest.mark.parametrize(
    ("words", "silence"),
    [
        ([], None),
        ([said(Verb.HELP, -1)], None),
        ([said(Verb.STOP, -2)], Silence(NOW - timedelta(hours=2))),
        ([said(Verb.STOP, -2), said(Verb.START, -1)], None),
        ([said(Verb.START, -2), said(Verb.STOP, -1)], Silence(NOW - timedelta(hours=1))),
        ([said(Verb.PAUSE, -2, 5)], Silence(NOW - timedelta(hours=2), NOW + timedelta(hours=5))),
        ([said(Verb.PAUSE, -2, 0)], None),
        ([said(Verb.STOP, -3), said(Verb.PAUSE, -2, 5)], Silence(NOW - timedelta(hours=2), NOW + timedelta(hours=5))),
        ([said(Verb.STOP, 1)], None),
    ],
)
def test_the_last_word_about_mails_holds(words: list[Command], silence: Silence | None) -> None:
    assert silence_of(words, NOW) == silence
    assert silence_of(reversed(words), NOW) == silence


def test_every_reason_has_its_own_word() -> None:
    assert len({str(why) for why in Why}) == len(Why)
