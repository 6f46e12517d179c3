"""What a message says to its reader, as a whole."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailwatch.detection import detector, lexicons, sentences
from mailwatch.detection.detector import Context
from mailwatch.domain.reading import ReplyKind

ZONE = ZoneInfo("America/Chicago")
WEDNESDAY = datetime(2001, 5, 16, 10, tzinfo=ZONE)


def read(words: str, **known: object) -> detector.Reading:
    return detector.read(words, Context(WEDNESDAY, ZONE, **known))  # type: ignore[arg-type]


def test_a_polite_question_is_a_request_with_its_deadline() -> None:
    reading = read("Hi Ann,\n\nCould you send me the draft by Friday?\n\nThanks, Bob")
    assert reading.request
    assert reading.request.evidence is not None
    assert reading.request.evidence.rule == "en.request.can-you"
    assert str(reading.deadline) == "2001-05-18"


def test_a_question_that_its_writer_answers_is_no_request() -> None:
    question = "Pourquoi la page n'était pas sur le site de la mairie ?"
    assert read(f"Bonjour, {question} Merci de me répondre.", languages=("fr",)).request
    assert not read(f"Bonjour, {question} Parce que le serveur était en panne.", languages=("fr",)).request


def test_an_offer_to_answer_questions_is_no_request() -> None:
    assert not read("The report is attached. Please let me know if you have any questions.").request


def test_a_request_to_somebody_else_by_name_is_none_of_the_reader() -> None:
    mail = "Bob, can you check the figures?"
    assert not read(mail, reader_names=("ann", "smith"), other_names=("bob",)).request
    assert read(mail, reader_names=("bob", "miller")).request
    assert read(mail, reader_names=("bob", "miller")).names_reader


@pytest.mark.parametrize(
    ("words", "to_do"),
    [
        ("Could you send me the list?", True),
        ("Please send me the list by Friday.", True),
        ("When you have a minute, could you send me the list?", True),
        ("Kannst du mir die Liste schicken, wenn sie da ist?", True),
        ("¿Me mandas la lista?", True),
        ("When can you send me the list?", False),
        ("Any ETA on this?", False),
        ("What day does the tuner come?", False),
        ("Bis wann bekomme ich die Liste?", False),
        ("Quand est-ce que tu l'envoies ?", False),
        ("¿Qué semana te va bien?", False),
        ("El técnico, ¿viene el lunes o el martes?", False),
    ],
)
def test_what_is_to_be_done_is_told_from_questions(words: str, to_do: bool) -> None:
    reading = read(words)
    assert reading.request
    assert reading.asks_to_do is to_do


@pytest.mark.parametrize(
    ("words", "called"),
    [
        ("I'd do it by Thursday - Ann, is that ok for you?", True),
        ("The plan is attached, and Ann, could you check the totals?", True),
        ("Could you, Ann, check the totals by Thursday?", True),
        ("Könntest du, Ann, die Summen prüfen?", True),
        ("Could Ann please check the totals?", True),
        ("Plan attached.\n\n+Ann: please check the totals.", True),
        ("I met Bob and Ann, please tell them.", False),
        ("He said - Ann, by the way - that it rains. Can you check?", False),
        ("Can you ask whether Ann has it?", False),
    ],
)
def test_a_name_calls_the_reader_inside_a_sentence_too(words: str, called: bool) -> None:
    assert read(words, reader_names=("ann", "smith"), other_names=("bob",)).names_reader is called


@pytest.mark.parametrize(
    ("words", "apart"),
    [
        ("Ann, can you do the slides? Bob, could you check the budget?", True),
        ("Hi Ann,\ncan you do the slides? And Bob, the budget?", True),
        ("Hi Ann and Bob,\ncan you do the slides? Bob, could you check the budget?", False),
        ("For Friday, please:\n- Ann: can you do the slides?\n- Bob: the budget", True),
        ("Thanks Bob! Ann, can you do the slides?", True),
        ("Ann, can you do the slides?", True),
        ("Hi Ann,\ncan you do the slides?", False),
        ("Hi Ann, hi Bob,\ncan you do the slides?", False),
        ("Dear Ann, dear Mike,\ncan you do the slides?", False),
        ("Can you do the slides?", False),
    ],
)
def test_who_is_asked_by_name_is_asked_apart_from_the_others(words: str, apart: bool) -> None:
    reading = read(words, reader_names=("ann", "smith"), other_names=("bob",))
    assert reading.request
    assert reading.asked_apart is apart


def test_nothing_but_blank_lines_is_empty() -> None:
    assert read(" \n\n ").empty


def test_a_naive_time_of_sending_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Context(datetime(2001, 5, 16, 10), ZONE)  # noqa: DTZ001 - the naive time is what is tested


def test_an_unknown_language_falls_back_to_questions_and_says_so() -> None:
    reading = read("Tudsz holnap jönni a megbeszélésre az irodába velünk együtt?")
    assert reading.request.evidence is not None
    assert reading.request.evidence.rule == "unknown-language.request.question"


@pytest.mark.parametrize(
    ("words", "question"),
    [
        ("您好，会议改到星期四了。请问您能参加吗？谢谢", "请问您能参加吗?"),
        ("資料を送っていただけますか？よろしくお願いします。", "資料を送っていただけますか?"),
        ("هل يمكنك إرسال التقرير؟ شكرا جزيلا", "هل يمكنك إرسال التقرير?"),
        ("Καλημέρα Άννα, μπορείς να μου στείλεις την αναφορά; Ευχαριστώ.", None),
        ("報告書は昨日送りました。ありがとうございます。", ""),
        ("Καλημέρα Άννα, η αναφορά είναι έτοιμη.", ""),
    ],
)
def test_other_scripts_have_question_marks_of_their_own(words: str, question: str | None) -> None:
    found = read(words).request
    assert bool(found) is (question != "")
    if question:
        assert found.evidence is not None
        assert found.evidence.words == question


def test_a_question_mark_may_be_that_of_another_keyboard() -> None:
    found = read("Can you send me the file by Friday？").request
    assert found.evidence is not None
    assert found.evidence.rule == "en.request.can-you"


def test_a_greeting_to_somebody_else_holds_for_the_whole_mail() -> None:
    mail = "Hi Bob,\n\nplease send me the figures.\n\nThanks\nCarl"
    assert not read(mail, reader_names=("ann",), other_names=("bob",)).request
    assert read(mail, reader_names=("bob",)).request


def test_a_word_of_urgency_is_found_unless_it_is_negated() -> None:
    assert read("This is urgent, please call.").urgency == "urgent"
    assert read("Please call.", subject="URGENT: contract").urgency == "urgent"
    assert read("Please call, it is not urgent.").urgency is None
    assert read("Por favor, envíame el informe cuanto antes.").urgency == "cuanto antes"


@pytest.mark.parametrize(
    ("word", "words", "subject"),
    [
        ("blocker", "This is urgent and a blocker, please call.", ""),
        ("high priority", "Please call.", "High Priority: contract"),
        ("p1", "Please call.", "[P1] contract"),
        ("schnellstmöglich", "Bitte schicken Sie mir die Zahlen schnellstmoeglich.", ""),
        ("spoed", "Kunt u mij de cijfers sturen? Het is spoed voor de klant.", ""),
    ],
)
def test_the_readers_own_words_of_urgency_go_first_in_every_language(word: str, words: str, subject: str) -> None:
    assert read(words, subject=subject, urgent=("lunch", word)).urgency == word
    assert read(words, subject=subject).urgency != word or word == "schnellstmöglich"


def test_a_word_of_ones_own_can_be_negated_too() -> None:
    assert read("Please call, it is not a blocker.", urgent=("blocker",)).urgency is None


@pytest.mark.parametrize(
    ("words", "asks"),
    [
        ("Hi everybody,\n\nplease remember to lock the cellar.", False),
        ("Hello team,\n\nthe machine is out of order. Please use the one in the canteen.", False),
        ("Please use the one in the canteen.", True),
        ("Hi all,\n\nplease send me your plans.", True),
        ("Hi all,\n\nplease lock the cellar by noon.", True),
        ("Hi all,\n\nplease lock the cellar. Ann, please bring me the key.", True),
        ("Hallo zusammen,\n\nbitte solange die Treppe benutzen.", False),
        ("Hallo zusammen,\n\nbitte schickt mir eure Pläne.", True),
        ("Bonjour à tous,\n\nmerci de fermer les fenêtres le soir.", False),
        ("Bonjour à tous,\n\nmerci de m'envoyer vos congés.", True),
        ("Buenos días a todos:\n\npor favor, usad la escalera.", False),
        ("Hi all,\n\nplease contact Jana about invoices.", False),
        ("Hi all,\n\nplease contact me about invoices.", True),
        ("Hallo zusammen,\n\nbitte wendet euch bei Fragen an Jana.", False),
        ("Hallo zusammen,\n\nbitte meldet euch bei mir.", True),
        ("Bonjour à tous,\n\nmerci de vous adresser à Jana.", False),
        ("Bonjour à tous,\n\nmerci de me contacter.", True),
        ("Hola a todos:\n\ndirigíos a Jana, por favor.", False),
        ("Buenos días a todos:\n\npor favor, enviadme vuestros planes.", True),
    ],
)
def test_how_all_are_to_behave_is_asked_of_nobody(words: str, asks: bool) -> None:
    assert bool(read(words, reader_names=("ann",), other_names=("bob",)).request) is asks


_ORDER = "But hurry: you must order by 9 a.m. on Saturday, and select overnight delivery."


@pytest.mark.parametrize(
    ("words", "asks"),
    [
        (f"Dear Anna, our cups are 10% off until Sunday. Call us toll free. {_ORDER} Discounts end soon.", False),
        (f"Dear Acme Customer,\n\nthe new cups are there. {_ORDER}", False),
        ("To our banking customers:\n\nthe logins work again. Please try the last six digits of your number.", False),
        (f"Dear Anna, {_ORDER}", True),
        (
            "Hi all, the migration starts on Friday. All files must be copied by Thursday. The help desk is open.",
            True,
        ),
        ("Dear Anna, a customer called. Please try the last six digits of the number.", True),
    ],
)
def test_what_a_firm_tells_its_customers_asks_nobody_not_even_by_a_day(words: str, asks: bool) -> None:
    assert bool(read(words).request) is asks


def test_a_legal_notice_asks_for_nothing() -> None:
    notice = "If you are not the intended recipient, please notify the sender and delete this message."
    mail = f"Here is the draft we talked about.\nIt has four pages.\n{notice}\nPlease reply at once."
    assert not read(mail).request


def test_an_absence_note_asks_and_promises_nothing() -> None:
    mail = "I am out of the office until Monday.\nPlease contact Jane in urgent cases.\nI will reply when I am back."
    assert not read(mail).request
    assert not read(mail).promise


def test_a_request_is_withdrawn() -> None:
    reading = read("Never mind, I found it.")
    assert reading.withdrawal
    assert reading.reply is ReplyKind.WITHDRAWAL


def test_evidence_is_cut_to_200_characters() -> None:
    evidence = read("Could you please send me " + "the very long list of all items " * 20 + "today?").request.evidence
    assert evidence is not None
    assert len(evidence.words) <= 200


def test_a_question_in_the_readers_own_mail_asks_back() -> None:
    assert read("Which of the two do you mean?", own=True, is_reply=True).reply is ReplyKind.QUESTION


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=400), st.text(max_size=40), st.booleans())
def test_no_text_makes_the_detector_fail(words: str, subject: str, own: bool) -> None:
    reading = read(words, subject=subject, own=own, reader_names=("ann",), other_names=("bob",))
    assert 0 <= reading.request.score <= 1


PIECES = st.lists(
    st.sampled_from(
        ["please", "by", "Friday", "?", "\n", "if you", "have any", "\ud800", "I will", "Bob,", "2/30", "."]
    ),
    max_size=40,
)


@settings(max_examples=150, deadline=None)
@given(PIECES)
def test_no_heap_of_cues_makes_the_detector_fail(pieces: list[str]) -> None:
    reading = read(" ".join(pieces), reader_names=("ann",), other_names=("bob",))
    assert 0 <= reading.promise.score <= 1


@pytest.mark.parametrize(
    "subject",
    ["Re: Figures", "RE : Figures", "Re[2]: Figures", "[EXT] Re: Figures", "Odpověď: Figures", "回复：Figures"],
)
def test_every_prefix_of_a_reply_shows_that_a_message_is_one(subject: str) -> None:
    assert read("We request an extension of the time limit.", subject=subject).reply is ReplyKind.RENEGOTIATION


def test_a_subject_that_speaks_of_answers_is_not_that_of_a_reply() -> None:
    words = "We request an extension of the time limit."
    assert read(words, subject="Antwerp").reply is read(words).reply


def test_a_reply_that_only_holds_is_an_acknowledgement() -> None:
    assert read("Got it, I'll look into it and get back to you.", own=True).reply is ReplyKind.ACKNOWLEDGEMENT


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("Could you send me the file?", "A question or polite question that asks the reader to act."),
        (
            "Tudsz holnap jönni a megbeszélésre az irodába?",
            "A question, in a language of which mailwatch knows no more.",
        ),
    ],
)
def test_what_was_found_can_be_explained_in_a_sentence(words: str, sentence: str) -> None:
    found = read(words).request
    assert found.evidence is not None
    assert detector.why(found.evidence.rule) == sentence


def test_every_rule_that_a_finding_can_name_has_its_sentence() -> None:
    for language in lexicons.languages():
        assert all(detector.why(rule.full_name) for rule in lexicons.load(language).rules)
    assert all(detector.why(name).endswith(".") for name in detector.NO_RULES)
    assert detector.why("en.request.of-tomorrow") == detector.why("xx.request") == ""


def test_a_message_is_read_alike_in_every_run() -> None:
    """Sets of words are in another order in each process; what is made of them must not be."""
    program = (
        "import tomllib, sys, datetime as d\n"
        "from mailwatch.detection.detector import Context, read\n"
        "at = Context(d.datetime(2026, 3, 2, 9, tzinfo=d.UTC), d.UTC, is_reply=True)\n"
        "for each in tomllib.load(open(sys.argv[1], 'rb')).values():\n"
        "    print(*[read(words, at) for words in each], sep='\\n')\n"
    )
    corpus = Path(__file__).parents[1] / "corpus" / "replies_eighth.toml"
    command = [sys.executable, "-c", program, str(corpus)]
    runs = [
        subprocess.run(
            command, env={**os.environ, "PYTHONHASHSEED": seed}, check=True, capture_output=True, text=True
        )
        for seed in ("1", "2", "3")
    ]
    assert runs[0].stdout.count("Reading(") > 50
    assert len({run.stdout for run in runs}) == 1


@pytest.mark.parametrize(
    ("subject", "words", "asks"),
    [
        ("Can you send me the figures by Friday?", "", True),
        ("Can you send me the figures by Friday?", "Thanks\nBob", True),
        ("Kannst du mir bis Freitag die Zahlen schicken?", "LG Bob", True),
        ("Can you send me the figures by Friday?", "(sorry, in a meeting)\n\nBob", True),
        ("Can you send me the figures by Friday?", "Never mind, I have found them.", False),
        ("Can you send me the figures by Friday?", "That was what I asked Tom, who has sent them.", False),
        ("Re: Can you send me the figures by Friday?", "Thanks\nBob", False),
        ("WG: Kannst du mir die Zahlen schicken?", "Bob", False),
        ("Lunch on Friday", "See you there", False),
        ("Hello", "", False),
    ],
)
def test_a_subject_asks_where_little_more_than_a_name_stands_below_it(subject: str, words: str, asks: bool) -> None:
    reading = read(words, subject=subject)
    assert bool(reading.request) is asks
    assert str(reading.request_deadline) == ("2001-05-18" if asks else "None")


def test_a_question_mark_in_a_link_asks_nothing() -> None:
    assert not read("ecco il file: https://x.example.com/f?id=3 grazie a tutti voi per il lavoro di oggi").request
    assert len(sentences.split("It is at https://x.example.com/f?id=3 since Monday.")) == 1


@pytest.mark.parametrize(
    "words",
    ["Yes, I'll send it by Friday.", "Ja, mache ich bis Freitag.", "Oui, je vous l'envoie vendredi."],
)
def test_a_yes_that_only_promises_is_no_answer_yet(words: str) -> None:
    assert read(words, is_reply=True).reply is ReplyKind.ACKNOWLEDGEMENT
