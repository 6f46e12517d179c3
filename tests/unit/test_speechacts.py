"""What the rules make of a sentence, and how sentences add up to a message."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailwatch.detection import addressing, cues, folding, language, lexicons, sentences, speechacts, weighing
from mailwatch.detection.addressing import Called
from mailwatch.detection.speechacts import Sentence

ENGLISH = lexicons.load("en")


def read(words: str) -> Sentence:
    return speechacts.read(words, sentences.tokens(words), ENGLISH)


def test_an_offer_is_left_out_but_the_request_beside_it_is_not() -> None:
    offer = read("Please let me know if you have any questions.")
    assert offer.best("request") is None
    assert "en.void.offer" in offer.left_out
    both = read("Let me know if you have any questions and please send me the draft.")
    assert both.best("request") is not None


def test_a_condition_makes_a_request_less_sure() -> None:
    plain, wanted = read("Please call Tom."), read("If you want to take part, please call Tom.")
    assert plain.best("request") is not None
    assert wanted.best("request") is not None
    assert wanted.best("request").score < plain.best("request").score  # type: ignore[union-attr]
    assert "en.damp.conditional" in wanted.weakened


def test_a_direct_question_is_firm_whatever_stands_before_it() -> None:
    assert read("If you want the job, could you call Tom?").best("request").score > 0.9  # type: ignore[union-attr]


def test_a_promise_on_a_condition_is_none() -> None:
    assert read("If you send it, I will sign it.").best("promise") is None
    assert read("I will sign it today.").best("promise") is not None


SPLITS = [
    ("One. Two? Three!", ["One.", "Two?", "Three!"]),
    ("Call Mr. Smith at 3 p.m. on Friday. Thanks.", ["Call Mr. Smith at 3 p.m. on Friday.", "Thanks."]),
    (
        "This line is so long that the mail program broke it\nin two. The rest follows.",
        ["This line is so long that the mail program broke it in two.", "The rest follows."],
    ),
    ("Hi Ann,\n\nplease call.", ["Hi Ann,", "please call."]),
    ("Bitte z.B. morgen anrufen.", ["Bitte z.B. morgen anrufen."]),
    ("...", []),
    ("Really?! Yes.", ["Really?!", "Yes."]),
    ("see www.example.com/a.b.c for more", ["see www.example.com/a.b.c for more"]),
]


@pytest.mark.parametrize(("text", "wanted"), SPLITS, ids=[text[:30] for text, _ in SPLITS])
def test_a_text_is_cut_into_sentences(text: str, wanted: list[str]) -> None:
    assert sentences.split(text) == wanted


def test_a_bullet_that_became_a_question_mark_asks_nothing() -> None:
    assert "?" not in "".join(sentences.split("Items   ?\n? first item\nsecond item   ?"))


TOKENS = [
    ("It’s five o’clock.", ["it's", "five", "o'clock", "."]),
    ("at 5 p.m. sharp", ["at", "5", "pm", "sharp"]),
    ("Müßten Œuvres señor", ["mussten", "ouvres", "senor"]),
    ("write to ann@example.com or https://example.com/x?y", ["write", "to", "~link", "or", "~link"]),
    ("10/26/01, 24.12. and 2001-05-16", ["10/26/01", ",", "24.12", ".", "and", "2001-05-16"]),
]


@pytest.mark.parametrize(("text", "wanted"), TOKENS, ids=[text for text, _ in TOKENS])
def test_a_sentence_becomes_plain_tokens(text: str, wanted: list[str]) -> None:
    assert sentences.tokens(text) == wanted


@given(st.text(max_size=3000))
def test_no_sentence_is_longer_than_the_limit(text: str) -> None:
    assert all(0 < len(piece) <= sentences.SENTENCE_LIMIT for piece in sentences.split(text))


OPENINGS = [
    ("send it", [0]),
    ("please send it", [0, 1]),
    ("ann , please send it", [0, 2, 3]),
    ("hi ann - send it", [0, 1, 3]),
]


@pytest.mark.parametrize(("words", "wanted"), OPENINGS, ids=[words for words, _ in OPENINGS])
def test_a_first_clause_may_begin_after_a_name_and_opening_words(words: str, wanted: list[int]) -> None:
    tokens = words.split()
    places = cues.openings_of(tokens, ENGLISH.opening)
    starts = [3 + sum(len(token) + 1 for token in tokens[:number]) for number in range(len(tokens))]
    assert [starts.index(place) for place in places] == wanted


CALLS = [
    ("Bob, can you check this?", Called.ANOTHER),
    ("Bob can you check this?", Called.ANOTHER),
    ("Hi Bob, can you check this?", Called.ANOTHER),
    ("Could you check this, Bob?", Called.ANOTHER),
    ("@Bob please check", Called.ANOTHER),
    ("* Bob, please check this.", Called.ANOTHER),
    ("- Ann: please check this.", Called.READER),
    ("2. Bob - can you check this?", Called.ANOTHER),
    ("Ann, can you check this?", Called.READER),
    ("Ann and Bob, can you check this?", Called.TOGETHER),
    ("Reminder: send your reports.", Called.NOBODY),
    ("Carl, can you check this?", Called.NOBODY),
    ("I met Bob yesterday.", Called.NOBODY),
]


@pytest.mark.parametrize(("sentence", "wanted"), CALLS, ids=[sentence for sentence, _ in CALLS])
def test_a_sentence_speaks_to_whom_it_calls(sentence: str, wanted: Called) -> None:
    assert addressing.whom(sentence, ("ann", "smith"), ("bob",)) is wanted


def test_a_greeting_holds_until_somebody_else_is_called() -> None:
    mail = ["Hi Bob,", "please check this.", "Ann, please print it.", "Thank you."]
    assert addressing.each(mail, ("ann",), ("bob",)) == [
        Called.ANOTHER, Called.ANOTHER, Called.READER, Called.NOBODY,
    ]  # fmt: skip


LANGUAGES = [
    ("Could you send me the file?", "en"),
    ("Kannst du mir das schicken?", "de"),
    ("Pouvez-vous me l'envoyer ?", "fr"),
    ("¿Puedes mandármelo?", "es"),
    ("Puoi mandarmi il documento che ti ho chiesto ieri?", "it"),
    ("Kun je mij dat document sturen dat ik gisteren vroeg?", "nl"),
    ("Tudsz holnap jönni a megbeszélésre az irodába?", "und"),
    ("OK", "en"),
]


@pytest.mark.parametrize(("text", "wanted"), LANGUAGES, ids=[text for text, _ in LANGUAGES])
def test_the_language_is_told_by_small_words(text: str, wanted: str) -> None:
    assert language.language_of(sentences.tokens(text)) == wanted


def test_only_the_languages_that_are_allowed_are_told() -> None:
    assert language.language_of(sentences.tokens("La reunión es mañana"), ("fr", "it")) != "es"
    assert language.language_of(["ok"], ("de",)) == "de"


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_surer_sentence_is_never_a_less_likely_request(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert weighing.calibrated(low) <= weighing.calibrated(high)
    assert 0 <= weighing.calibrated(one) <= 1


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_a_second_opinion_keeps_the_score_between_nothing_and_one(
    rule: float, probability: float, share: float
) -> None:
    assert 0 <= weighing.blended(rule, probability, share) <= 1


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_of_two_sentences_with_one_opinion_the_rules_decide(one: float, other: float, share: float) -> None:
    low, high = sorted((one, other))
    scores = [weighing.blended(rule, 0.4, share) for rule in (low, high)]
    assert scores[0] <= scores[1]


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_of_two_sentences_with_one_rule_the_opinion_decides(one: float, other: float, share: float) -> None:
    low, high = sorted((one, other))
    scores = [weighing.blended(0.4, probability, share) for probability in (low, high)]
    assert scores[0] <= scores[1]


def test_an_accent_at_the_end_of_a_word_may_tell_two_words_apart() -> None:
    spanish = folding.kept("éó", "")
    assert sentences.tokens("Revisó qué pasó con él.", spanish) == ["revisó", "que", "pasó", "con", "el", "."]
    assert sentences.tokens("Revisó qué pasó con él.") == ["reviso", "que", "paso", "con", "el", "."]
    assert folding.forms("Revisó für", spanish) == ["revisó", "reviso", "fur", "fuer"]
    assert folding.forms("reunión", spanish) == ["reunion"]


@pytest.mark.parametrize(
    ("text", "promised"),
    [("Lo reviso mañana.", True), ("Ana lo revisó.", False), ("Lo revisaré mañana.", True), ("Lo revisare", True)],
)
def test_what_was_done_is_no_promise(text: str, promised: bool) -> None:
    spanish = lexicons.load("es")
    read = speechacts.read(text, sentences.tokens(text, spanish.accents), spanish)
    assert (read.best("promise") is not None) is promised
