"""Times, durations, numbers and lists in words, and text in columns."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from gettext import NullTranslations
from typing import ClassVar
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailwatch.domain import textlayout
from mailwatch.domain.tongue import Tongue
from mailwatch.domain.wording import Wording, capital, usual_working_day
from mailwatch.domain.workcalendar import WorkCalendar

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 5, 9, 0, tzinfo=BERLIN)  # a Thursday
SAY = Wording(NOW, BERLIN)


def at(day: int, hour: int = 10, minute: int = 15, month: int = 11, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (at(5, 8, 0), "since today 08:00"),
        (at(4), "since yesterday 10:15"),
        (at(3), "since Tuesday 10:15"),
        (at(30, month=10), "since Friday 10:15"),
        (at(29, month=10), "since 29 October"),
        (at(29, month=10, year=2025), "since 29 October 2025"),
    ],
)
def test_since_when_is_said_as_people_say_it(moment: datetime, words: str) -> None:
    assert SAY.since(moment) == words
    assert SAY.since(moment.astimezone(UTC)) == words


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (at(5, 8), "since this morning"),
        (at(4, 23, 59), "since yesterday"),
        (at(3), "since Tuesday"),
        (at(1, month=9), "since 1 September"),
    ],
)
def test_a_subject_says_the_day(moment: datetime, words: str) -> None:
    assert SAY.since_day(moment) == words


@pytest.mark.parametrize(
    ("moment", "overdue", "words"),
    [
        (at(5, 14, 0), False, "Due today 14:00"),
        (at(6, 17, 0), False, "Due tomorrow (Friday) 17:00"),
        (at(9, 17, 0), False, "Due Monday 17:00"),
        (at(12, 17, 0), False, "Due 12 November (Thursday) 17:00"),
        (at(4, 16, 0), True, "Overdue since yesterday (Wednesday) 16:00"),
        (at(2, 16, 0), True, "Overdue since Monday 16:00"),
        (at(5, 8, 0), True, "Overdue since today 08:00"),
    ],
)
def test_due_when_is_said_with_the_day(moment: datetime, overdue: bool, words: str) -> None:
    assert SAY.due(moment, overdue) == words


def test_the_day_is_the_readers_own() -> None:
    late = datetime(2026, 11, 5, 23, 30, tzinfo=UTC)
    assert SAY.moment(late) == "tomorrow 00:30"
    assert Wording(NOW, ZoneInfo("America/New_York")).moment(late) == "today 18:30"


def test_a_naive_moment_is_refused() -> None:
    naive = datetime(2026, 11, 5)  # noqa: DTZ001 (that is what is tested)
    with pytest.raises(ValueError, match="no time zone"):
        SAY.moment(naive)
    with pytest.raises(ValueError, match="no time zone"):
        Wording(naive, BERLIN)


@pytest.mark.parametrize(
    ("duration", "words"),
    [
        (timedelta(), "no working time yet"),
        (timedelta(seconds=59), "no working time yet"),
        (timedelta(minutes=1), "one working minute"),
        (timedelta(minutes=45), "45 working minutes"),
        (timedelta(minutes=60), "one working hour"),
        (timedelta(hours=6, minutes=20), "six working hours"),
        (timedelta(hours=15), "15 working hours"),
        (timedelta(hours=16), "two working days"),
        (timedelta(hours=80), "ten working days"),
    ],
)
def test_working_time_is_rounded_as_one_would_say_it(duration: timedelta, words: str) -> None:
    assert SAY.working(duration) == words


@pytest.mark.parametrize(
    ("duration", "words"),
    [
        (None, "–"),
        (timedelta(), "0 min"),
        (timedelta(minutes=59), "59 min"),
        (timedelta(minutes=59, seconds=40), "1 h"),
        (timedelta(hours=2, minutes=5), "2 h 05 m"),
        (timedelta(hours=11, minutes=40), "12 h"),
        (timedelta(seconds=-5), "0 min"),
    ],
)
def test_durations_in_a_table_are_short(duration: timedelta | None, words: str) -> None:
    assert SAY.duration(duration) == words


@pytest.mark.parametrize(
    ("share", "words"), [(None, "–"), (0.0, "0 %"), (0.823, "82 %"), (0.999, "99 %"), (1.0, "100 %")]
)
def test_only_the_whole_is_called_a_hundred_percent(share: float | None, words: str) -> None:
    assert SAY.percent(share) == words


def test_lists_are_joined_and_what_is_long_is_counted() -> None:
    assert SAY.listed([]) == ""
    assert SAY.listed(["Ann"]) == "Ann"
    assert SAY.listed(["Ann", "Bob"]) == "Ann and Bob"
    assert SAY.listed(["Ann", "Bob", "Cid"]) == "Ann, Bob and Cid"
    assert SAY.listed(["Ann", "Bob", "Cid", "Dee"], at_most=2) == "Ann, Bob and two others"
    assert SAY.listed(["Ann", "Bob", "Cid"], at_most=2) == "Ann, Bob and one other"


def test_weeks_are_named_by_their_days() -> None:
    assert SAY.week(date(2026, 11, 2)) == "2 to 8 November"
    assert SAY.week(date(2026, 10, 26)) == "26 October to 1 November"


def test_a_catalogue_gives_the_words_of_its_language() -> None:
    class German(NullTranslations):
        words: ClassVar = {
            "since {moment}": "seit {moment}",
            "{day} {clock}": "{day}, {clock} Uhr",
        }

        def gettext(self, message: str) -> str:
            return self.words.get(message, message)

        def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
            return "{n} Arbeitsstunde" if n == 1 else "{n} Arbeitsstunden"

    days = ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag")
    say = Wording(NOW, BERLIN, tongue=Tongue("de", German(), weekdays=days))
    assert say.since(at(3)) == "seit Dienstag, 10:15 Uhr"
    assert say.working(timedelta(hours=20 / 2)) == "ten Arbeitsstunden"


def test_the_usual_working_day_is_the_mean_of_the_days_that_are_worked() -> None:
    assert usual_working_day(WorkCalendar(BERLIN)) == timedelta(hours=8)
    split = {0: ((time(9), time(12)), (time(13), time(17))), 1: ((time(9), time(12)),)}
    assert usual_working_day(WorkCalendar(BERLIN, split)) == timedelta(hours=5)
    assert usual_working_day(WorkCalendar(BERLIN, {0: ((time(22), time(6)),)})) == timedelta(hours=8)
    assert usual_working_day(WorkCalendar(BERLIN, {})) == timedelta(hours=8)


def test_a_sentence_begins_with_a_capital() -> None:
    assert capital("über alles") == "Über alles"
    assert capital("") == ""


# ---------------------------------------------------------------- columns


def test_wide_signs_take_two_columns_and_marks_none() -> None:
    assert textlayout.width("abc") == 3
    assert textlayout.width("日本") == 4
    assert textlayout.width("e\u0301") == 1


@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Mn", "Me", "Cf"]), max_size=300), st.integers(10, 80))
def test_wrapping_loses_nothing_and_keeps_the_columns(words: str, columns: int) -> None:
    lines = textlayout.wrap(words, columns, "   ", "1  ").split("\n")
    assert all(textlayout.width(line) <= columns for line in lines)
    assert "".join("".join(lines).split()) == "1" + "".join(words.split())


def test_a_long_word_is_broken() -> None:
    assert textlayout.wrap("a " + "x" * 12, 8, "  ") == "  a\n  xxxxxx\n  xxxxxx"


def test_a_table_is_aligned() -> None:
    assert textlayout.table([("", "Last"), ("Asked", "11"), ("時間", "9")]) == "       Last\nAsked    11\n時間      9"
    assert textlayout.table([]) == ""


def test_two_ends_share_a_line_if_they_fit() -> None:
    assert textlayout.ends("1  Ann", "OVERDUE", 20) == "1  Ann       OVERDUE"
    assert (
        textlayout.ends("1  Ann Katharina Smith", "OVERDUE", 20) == "1  Ann Katharina\n   Smith\n             OVERDUE"
    )


@pytest.mark.parametrize(("share", "length"), [(0, 0), (0.001, 1), (0.5, 12), (1, 24), (7, 24), (-1, 0)])
def test_a_bar_is_as_long_as_its_share(share: float, length: int) -> None:
    assert len(textlayout.bar(share)) == length
