"""The cues that an index leaves over are all that a sentence can match."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailwatch.detection import cues, lexicons, sentences, speechacts
from mailwatch.detection.filing import CueIndex, Entry
from mailwatch.detection.lexicons import Lexicon

CORPUS = Path(__file__).parent.parent / "corpus"
LEXICONS = [lexicons.load(code) for code in lexicons.languages()]
WORDS = sorted({word for lexicon in LEXICONS for rule in lexicon.rules for word in rule.cues[0].hit.split()})


def every(lexicon: Lexicon, index: CueIndex) -> list[Entry]:
    known = lexicons.REPLY_ONLY
    acts = {rule.act for rule in lexicon.rules if (rule.act in known) == (index is lexicon.replying)}
    return index.entries(sum({index.of_acts(act) & ~index.of_acts(f"{act}-") for act in acts}))


def matching(words: str, lexicon: Lexicon, index: CueIndex) -> set[tuple[str, str]]:
    """What matches if every cue is tried."""
    tokens = sentences.tokens(words)
    text = sentences.normal(tokens)
    openings = {text: cues.openings_of(tokens, lexicon.opening)}
    tried = (entry for entry in every(lexicon, index) if entry.cue.matches(text, openings))
    return {(entry.name, entry.cue.text) for entry in tried}


def left_over(words: str, lexicon: Lexicon, index: CueIndex) -> set[tuple[str, str]]:
    tokens = sentences.tokens(words)
    cues_left = index.possible(tokens)
    leading = [tokens[place] for place in cues.beginnings(tokens, lexicon.opening)]
    found = index.entries(cues_left & (~index.led | index.led_by(leading)))
    return {(entry.name, entry.cue.text) for entry in found}


@given(st.sampled_from(LEXICONS), st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join))
def test_no_cue_is_left_out_that_would_match(lexicon: Lexicon, words: str) -> None:
    for index in (lexicon.asking, lexicon.replying):
        assert matching(words, lexicon, index) <= left_over(words, lexicon, index)


def test_no_cue_is_left_out_that_would_match_a_mail_and_few_are_left_over() -> None:
    lexicon = lexicons.load("en")
    tried = pieces = 0
    for line in (CORPUS / "mails" / "agency.jsonl").read_text("utf-8").splitlines()[:40]:
        for words in sentences.split(json.loads(line)["text"]):
            left = left_over(words, lexicon, lexicon.asking)
            assert matching(words, lexicon, lexicon.asking) <= left
            tried += len(left)
            pieces += 1
    assert tried < 3 * pieces


@pytest.mark.parametrize(
    ("pattern", "leading"),
    [
        ("<< send it", {"send"}),
        ("<< [please|just_so] !not send|get_me it", {"please", "just", "send", "get"}),
        ("<< {word} it", None),
        ("<< [oh] send* it", None),
        ("<< !not .. it", None),
        ("send it", None),
    ],
)
def test_a_cue_knows_the_words_that_can_lead(pattern: str, leading: set[str] | None) -> None:
    assert cues.compile_cue((pattern, "", ""), {}).leading == (leading if leading is None else frozenset(leading))


def test_a_phrase_needs_its_second_word_too() -> None:
    assert cues.compile_cue(("must|have_to go", "", ""), {}).anchors == (
        frozenset(["must", "have"]),
        frozenset(["must", "to"]),
        frozenset(["go"]),
    )


def test_what_begins_a_sentence_once_words_are_taken_away_leads_too() -> None:
    words = "Let me know if you have any questions and please send me the draft."
    read = speechacts.read(words, sentences.tokens(words), lexicons.load("en"))
    assert read.left_out
    assert read.best("request") is not None
