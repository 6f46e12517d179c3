"""The second opinion: what it sees in a sentence, and how it adds up its weights."""

from __future__ import annotations

import json
import math
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailwatch.detection import lexicons, second_opinion, sentences, speechacts
from mailwatch.detection.second_opinion import NO_SHARES, SecondOpinion, Shares

CORPUS = Path(__file__).parent.parent / "corpus"
WORDS = frozenset(["can", "you", "send", "i", "will", "it"])
ROW = st.tuples(*[st.integers(-900, 900)] * 3)


def read(text: str) -> list[speechacts.Sentence]:
    lexicon = lexicons.load("en")
    return [speechacts.read(piece, sentences.tokens(piece), lexicon) for piece in sentences.split(text)]


def test_words_that_are_not_known_are_masked_by_their_kind() -> None:
    tokens = sentences.tokens("Can you send Tom 12 apples?")
    assert second_opinion.mask(tokens, WORDS, {"tom"}) == ["^", "can", "you", "send", "Xx", "#", "x", "?", "$"]


def test_features_are_words_in_a_row_rules_and_the_place_of_the_sentence() -> None:
    first, second = second_opinion.features(read("Can you send it? I am away."), WORDS)
    assert {"can", "can you", "can you send", "en.request.can-you", "~asks", "~first", "~before i"} <= first
    assert {"~last", "~after asking", "~after ?", "i x", "~another asks"} <= second
    assert not any("you" in name for name in second)


def test_a_sentence_of_a_longer_message_without_rule_or_first_person_is_passed_over() -> None:
    found = read("It rained all day. I sat inside. The cat slept on the sofa.")
    assert [bool(seen) for seen in second_opinion.features(found, WORDS, frozenset(["i"]))] == [False, True, False]
    assert all(second_opinion.features(found, WORDS))
    assert all(second_opinion.features(found[:2], WORDS, frozenset(["i"])))


@pytest.mark.parametrize(("share", "heard"), [(0.3, [False, True, False]), (0.5, [True, True, True])])
def test_no_sentence_is_passed_over_where_the_opinion_counts_as_much_as_the_rules(
    share: float, heard: list[bool]
) -> None:
    opinion = SecondOpinion.of_rows((0, 0, 0), {}, WORDS, Shares((share, share, share), share))
    found = opinion.of(read("It rained all day. I sat inside. The cat slept on the sofa."), frozenset(["i"]))
    assert [one is not second_opinion.NO_OPINION for one in found] == heard


def test_what_is_added_up_are_the_weights_of_the_features() -> None:
    opinion = second_opinion.load("en")
    assert opinion is not None
    source = resources.files("mailwatch.detection.lexicon").joinpath("en.weights.json")
    rows = json.loads(source.read_text("utf-8"))["weights"]
    first_person = lexicons.load("en").first_person
    for line in (CORPUS / "mails" / "bank.jsonl").read_text("utf-8").splitlines()[:60]:
        found = read(json.loads(line)["text"] + "\nSee www.example.com. Can you go to www.example.com now?")
        seen = list(second_opinion.features(found, opinion.vocabulary, first_person))
        for one, names in zip(opinion.of(found, first_person), seen, strict=True):
            asked, promised = (sum(rows[name][column] for name in names if name in rows) for column in (0, 1))
            for likely, bias, said in (
                (one.request, opinion.bias[0], asked),
                (one.promise, opinion.bias[1], promised),
            ):
                wanted = 1 / (1 + math.exp(-max(-30.0, min(30.0, (bias + said) / 100)))) if names else 0.0
                assert math.isclose(likely, wanted)


@pytest.mark.parametrize(("count", "share"), [(1, 0.7), (2, 0.4), (3, 0.3), (50, 0.3)])
def test_an_opinion_counts_most_in_a_text_of_one_sentence(count: int, share: float) -> None:
    assert Shares((0.7, 0.4, 0.3), 0.2).of_requests(count) == share


@given(bias=ROW, rows=st.lists(ROW, min_size=4, max_size=4), alone=st.booleans())
def test_weights_are_added_up_column_by_column_whatever_their_signs(
    bias: tuple[int, int, int], rows: list[tuple[int, int, int]], alone: bool
) -> None:
    names = ("can", "can you", "can you send", "~first")
    text = "Can you send it?" if alone else "Can you send it? It rains."
    opinion = SecondOpinion.of_rows(bias, dict(zip(names, rows, strict=True)), WORDS, NO_SHARES).of(read(text))[0]
    request, promise, wide = (sum(column) / 100 for column in zip(bias, *rows, strict=True))
    for found, wanted in ((opinion.request, wide if alone else request), (opinion.promise, promise)):
        assert math.isclose(found, 1 / (1 + math.exp(-max(-30.0, min(30.0, wanted)))))
