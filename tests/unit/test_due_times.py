"""Which of the times in a message are due times, by the rules and by the opinion beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from mailwatch.detection import deadlines, detector, due_opinion, due_times, sentences, timetables
from mailwatch.detection.deadlines import Mention, Standing
from mailwatch.detection.detector import Context
from mailwatch.detection.due_opinion import DueOpinion
from mailwatch.detection.timewords import Telltales
from mailwatch.domain.reading import Deadline, ReplyKind

BERLIN = ZoneInfo("Europe/Berlin")
CONTEXT = Context(datetime(2026, 11, 18, 10, tzinfo=BERLIN), BERLIN)

UNRULED = "Are you coming to the fair in June? They've asked for names by the 25th and nobody wants to go alone."


def due_in(text: str) -> tuple[str, str]:
    reading = detector.read(text, CONTEXT)
    return str(reading.request_deadline or ""), str(reading.promise_deadline or "")


@pytest.mark.parametrize(
    ("text", "asked", "promised"),
    [
        (UNRULED, "2026-11-25", ""),
        ("Your report went out on Monday. Please send me the figures by Thursday.", "2026-11-19", ""),
        ("Please send me the figures by Thursday. I'll send you the report tomorrow.", "2026-11-19", "2026-11-19"),
        ("We met on Friday. Can you tell me what the plan is?", "", ""),
        ("See you on Friday. Can you bring the folder?", "", ""),
    ],
)
def test_due_times_belong_to_what_is_asked_and_promised(text: str, asked: str, promised: str) -> None:
    assert due_in(text) == (asked, promised)


FILLING = "The room is large. The food is good. The bar is open. "


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("The fair opens on Friday. Can you send me the list by then?", "2026-11-20"),
        (f"The fair opens on Friday. {FILLING} Can you send me the list by then?", "2026-11-20"),
        (f"The fair opens on Friday. {3 * FILLING} Can you send me the list by then?", ""),
        ("The fair opens on Friday at 9. We pack on Thursday. Can you send me the list before then?", "2026-11-19"),
    ],
)
def test_by_then_goes_back_to_the_last_day_of_the_sentences_right_before(text: str, due: str) -> None:
    assert due_in(text)[0] == due


def test_each_sentence_is_read_a_few_times_at_most_for_what_it_names(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    mentions = deadlines.mentions

    def counted(tokens: Sequence[str], *rest: Any) -> tuple[Mention, ...]:
        read.append(" ".join(tokens))
        return mentions(tokens, *rest)

    monkeypatch.setattr(deadlines, "mentions", counted)
    detector.read("Can you send it by then? " * 100, CONTEXT)
    assert len(read) <= 4 * 100


def test_a_message_that_neither_asks_nor_promises_has_no_due_time() -> None:
    assert due_in("The parcel came on Monday, and the party was by Friday at noon.") == ("", "")


def test_without_an_opinion_the_rules_decide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(due_opinion, "load", lambda language: None)
    assert due_in("Please send me the figures by Thursday.") == ("2026-11-19", "")
    assert due_in(UNRULED) == ("", "")


def test_an_opinion_may_refuse_what_the_rules_take_for_a_due_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(due_opinion, "load", lambda language: DueOpinion(-1000, {}, frozenset(), (0.0, 0.0)))
    assert due_in("Please send me the figures by Thursday.") == ("", "")


def at(day: int, hour: int | None = None) -> Mention:
    due = Deadline(date(2026, 11, day), time(hour) if hour else None, "then")
    return Mention(due, Standing.SURE, "by 0", (), 0, 1, (), ())


@pytest.mark.parametrize(
    ("due", "wanted"),
    [
        ([(at(20), 2.0), (at(19), 1.6)], {"request": "2026-11-19"}),
        ([(at(20), 2.0), (at(19), 1.4)], {"request": "2026-11-20"}),
        ([(at(20), 2.0), (at(20, 9), 2.0)], {"request": "2026-11-20T09:00"}),
        ([], {}),
    ],
)
def test_an_act_is_due_at_the_earliest_of_the_times_that_are_nearly_as_sure_as_the_surest(
    due: list[tuple[Mention, float]], wanted: dict[str, str]
) -> None:
    found = due_times.chosen(("request", mention, sureness) for mention, sureness in due)
    assert {act: str(deadline) for act, deadline in found.items()} == wanted


def test_what_is_asked_and_what_is_promised_are_due_apart_from_each_other() -> None:
    found = due_times.chosen([("request", at(20), 3.0), ("promise", at(19), 0.5)])
    assert [str(found[act]) for act in ("request", "promise")] == ["2026-11-20", "2026-11-19"]


def test_the_opinion_adds_up_the_weights_of_the_features_that_it_knows() -> None:
    opinion = DueOpinion(-50, {"owned": 120, "short": -20}, frozenset(), (0.0, 0.0))
    assert opinion.of({"owned", "unknown"}) == pytest.approx(0.7)
    assert opinion.of({"owned", "short"}) == pytest.approx(0.5)


def test_a_language_without_weights_has_no_opinion() -> None:
    assert due_opinion.load("xx") is None


@pytest.mark.parametrize(
    ("language", "words", "named", "cued"),
    [
        ("en", "we have this in every course of these", False, False),
        ("en", "than that there is no sooner", False, False),
        ("en", "no later than friday", True, True),
        ("en", "the open day is 12 june", True, False),
        ("en", "it went out on 1/31", True, False),
        ("en", "the train leaves at 7:15", True, False),
        ("en", "there are 12 of them", False, False),
        ("en", "the well-known call", False, False),
        ("en", "the mid-monday call", True, False),
        ("de", "das ist schon am 3. so", True, False),
        ("fr", "d'ici la fin du mois", True, True),
        ("es", "a las 11 te llamo", True, False),
    ],
)
def test_few_sentences_are_searched_for_times(language: str, words: str, named: bool, cued: bool) -> None:
    known = timetables.words_of(language)
    tokens = sentences.tokens(words)
    assert (known.any_in(tokens, behind_a_cue=False), known.any_in(tokens, behind_a_cue=True)) == (named, cued)


def test_a_phrase_is_a_sign_only_as_a_whole() -> None:
    signs = Telltales.of([("today",), ("end", "of", "business"), ("close", "of", "business")])
    assert signs.among(["by", "close", "of", "business"])
    assert signs.among(["today"])
    assert not signs.among(["business", "of", "the", "end"])
    assert not signs.among([])


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("I won't make it by Friday, is Monday ok?", "2026-11-23"),
        ("It won't be ready by Thursday; you'll get it on Friday.", "2026-11-20"),
        ("I can't by Friday, Tuesday works.", "2026-11-24"),
        ("I need until Friday, Thursday won't work.", "2026-11-20"),
        ("I don't think I'll manage this by Thursday. Could we say Monday instead?", "2026-11-23"),
        ("Can we move the deadline from Thursday to Friday?", "2026-11-20"),
        ("Jeudi c'est trop juste, je te l'envoie vendredi.", "2026-11-20"),
        ("Ich schaffe es bis Donnerstag leider nicht, geht auch Freitag?", "2026-11-20"),
        ("No llego para el jueves, ¿te vale el viernes?", "2026-11-20"),
        ("Could I have till Friday for the list?", "2026-11-20"),
        ("Est-ce que je peux te le rendre mardi plutôt que vendredi ?", "2026-11-24"),
        ("I can't make it by Wednesday, I'll send it on Friday instead.", "2026-11-20"),
        ("Mittwoch klappt leider nicht, du bekommst es am Freitag.", "2026-11-20"),
        ("Small delay: Thursday instead of Friday.", "2026-11-26"),
        ("The draft has slipped to Tuesday.", "2026-11-24"),
        ("Der Entwurf verschiebt sich auf Dienstag.", "2026-11-24"),
        ("El borrador se retrasa hasta el martes.", "2026-11-24"),
        ("The draft won't be there before Tuesday.", "2026-11-24"),
        ("Ce ne sera pas prêt avant mardi.", "2026-11-24"),
        ("The meeting moves to Tuesday.", ""),
        ("I won't make it by Friday. Can we discuss it today?", ""),
        ("I won't make it by Friday, sorry.", ""),
        ("Can you send me the figures by Thursday, and the plan by Friday?", ""),
    ],
)
def test_the_time_that_a_reply_offers_goes_before_the_one_that_it_cannot_keep(text: str, offered: str) -> None:
    own = replace(CONTEXT, own=True, is_reply=True)
    assert str(detector.read(text, own).promise_deadline or "") == offered


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("Today's hopeless but I'll go through it tomorrow and tell you what I find.", "2026-11-19"),
        ("Today won't work, I'll do it on Friday.", "2026-11-20"),
        ("This week is full; I'll send it next week.", "2026-11-27"),
        ("I have the auditors here today, I'll do it tomorrow.", "2026-11-19"),
        ("Heute ist schlecht, aber morgen schicke ich es.", "2026-11-19"),
        ("Aujourd'hui c'est mort, je te l'envoie demain.", "2026-11-19"),
        ("Mañana estoy fuera, te lo envío el viernes.", "2026-11-20"),
        ("I'll talk to Ruth today and call you tomorrow.", "2026-11-19"),
    ],
)
def test_a_promise_is_due_when_its_own_part_of_the_sentence_says(text: str, due: str) -> None:
    assert str(detector.read(text, replace(CONTEXT, own=True, is_reply=True)).deadline or "") == due


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("Friday.", "2026-11-20"),
        ("By Friday, hopefully. Sorry!", "2026-11-20"),
        ("Should be ready tomorrow.", "2026-11-19"),
        ("In an hour.", "2026-11-18T11:00"),
        ("Spätestens am Freitag.", "2026-11-20"),
        ("Demain.", "2026-11-19"),
        ("El viernes.", "2026-11-20"),
        ("Thanks! Friday.", "2026-11-20"),
        ("Friday?", ""),
        ("Monday or Friday.", ""),
        ("Ann has it since Friday.", ""),
        ("It was on Friday.", ""),
        ("Seven.", ""),
    ],
)
def test_a_reply_that_names_nothing_but_a_time_promises_that_time(text: str, due: str) -> None:
    own = detector.read(text, replace(CONTEXT, own=True, is_reply=True))
    assert (own.only_a_time, str(own.promise_deadline or "")) == (bool(due), due)
    assert not due or own.reply is ReplyKind.ACKNOWLEDGEMENT
    assert not detector.read(text, replace(CONTEXT, is_reply=True)).only_a_time


def test_no_other_week_is_offered_after_the_end_of_the_calendar() -> None:
    last = replace(CONTEXT, sent_at=datetime(9999, 12, 27, 10, tzinfo=BERLIN), own=True, is_reply=True)
    assert detector.read("I can't by Friday, Tuesday works.", last).promise_deadline is None


def test_what_a_coworker_offers_is_no_due_time_of_theirs() -> None:
    reading = detector.read("I can't come on Thursday, can you do Friday?", replace(CONTEXT, is_reply=True))
    assert reading.promise_deadline is None
