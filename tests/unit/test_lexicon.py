"""Every rule and every word of the lexicons shows what it hits and what it misses."""

from __future__ import annotations

import json
import re
from importlib import resources

import pytest

from mailwatch.detection import cues, folding, lexicons, second_opinion, sentences, speechacts, timetables
from mailwatch.detection.cues import Cue
from mailwatch.detection.filing import Rule
from mailwatch.detection.lexicons import Lexicon

LEXICONS = [lexicons.load(code) for code in lexicons.languages()]
CUES = [(lexicon, rule, cue) for lexicon in LEXICONS for rule in lexicon.rules for cue in rule.cues]
WORDS = [
    (lexicon, name, word)
    for lexicon in LEXICONS
    for name, members in lexicon.classes.items()
    for word in members.words
]
KNOWN_ACTS = {
    "void",
    "void-promise",
    "damp",
    "damp-promise",
    "mass",
    "away",
    "reroute",
    "tail",
    "request",
    "promise",
    "everyone",
    "when",
    "conduct",
}
KNOWN_ACTS |= lexicons.REPLY_ONLY | speechacts.WHOLE | {speechacts.ANSWERED}


def matches(cue: Cue, sentence: str, lexicon: Lexicon) -> bool:
    tokens = sentences.tokens(sentence, lexicon.accents)
    if cue.first is not None and tokens[0] not in cue.first:
        return False
    held = {*tokens, "^"}
    if any(group.isdisjoint(held) for group in cue.anchors):
        return False
    text = sentences.normal(tokens)
    return cue.matches(text, {text: cues.openings_of(tokens, lexicon.opening)})


@pytest.mark.parametrize(("lexicon", "rule", "cue"), CUES, ids=[f"{r.full_name} {c.text[:50]}" for _, r, c in CUES])
def test_a_cue_hits_its_hit_and_misses_its_miss(lexicon: Lexicon, rule: Rule, cue: Cue) -> None:
    assert matches(cue, cue.hit, lexicon), f"{cue.text} should match {cue.hit}"
    assert not matches(cue, cue.miss, lexicon), f"{cue.text} should not match {cue.miss}"
    read = speechacts.as_reply(speechacts.read(cue.hit, sentences.tokens(cue.hit, lexicon.accents), lexicon), lexicon)
    fired = {hit.rule for hit in read.hits} | set(read.left_out) | set(read.weakened)
    assert rule.full_name in fired, f"{rule.full_name} does not fire on {cue.hit}, but {fired}"


@pytest.mark.parametrize(("lexicon", "name", "word"), WORDS, ids=[f"{x.language} {n} {w}" for x, n, w in WORDS])
def test_a_word_belongs_to_its_class(lexicon: Lexicon, name: str, word: str) -> None:
    text, hit, miss = lexicon.classes[name].example
    plain = word.replace("_", " ")
    cue = cues.compile_cue((text, hit, miss), lexicon.classes, accents=lexicon.accents)
    assert matches(cue, hit.format(plain), lexicon)
    assert not matches(cue, miss.format(plain), lexicon)


@pytest.mark.parametrize("lexicon", LEXICONS, ids=lambda lexicon: lexicon.language)
def test_a_lexicon_is_whole(lexicon: Lexicon) -> None:
    names = [rule.name for rule in lexicon.rules]
    assert len(names) == len(set(names))
    for rule in lexicon.rules:
        assert rule.act in KNOWN_ACTS
        assert len(rule.description.split()) > 2
        assert rule.description.endswith(".")
        assert 0 <= rule.score <= 1
        assert rule.score > 0 or rule.act.startswith("void")
    assert len(lexicon.function_words) > 60
    assert lexicon.opening
    assert lexicon.urgent
    assert lexicon.first_person
    assert set(lexicon.time) <= timetables.KINDS
    assert {"weekday", "month", "relative", "by", "unit", "shift", "edge"} <= set(lexicon.time)
    assert len(lexicon.time["weekday"]) == 7
    assert len(lexicon.time["month"]) == 12


def test_the_weights_name_only_rules_that_there_are() -> None:
    opinion = second_opinion.load("en")
    assert opinion is not None
    rules = {rule.full_name for rule in lexicons.load("en").rules}
    named = {name for name in opinion.weights if isinstance(name, str) and name.startswith("en.")}
    assert named <= rules
    assert len(named) > 30
    source = resources.files("mailwatch.detection.lexicon").joinpath("en.weights.json")
    assert len(source.read_bytes()) < 1024 * 1024
    assert tuple(json.loads(source.read_text("utf-8"))["bias"]) == opinion.bias


def test_a_cue_has_no_gap_without_bound() -> None:
    for _, _, cue in CUES:
        pattern = cue.pattern.replace(r"[\w'\-]*", "").replace(r"~\w+", "")
        assert not re.search(r"[^\\\]][*+](?!\?)", pattern), cue.pattern


def test_a_word_with_an_umlaut_is_known_as_it_is_typed_without_one() -> None:
    assert folding.forms("für Grüße das") == ["fur", "fuer", "grusse", "gruesse", "das"]
    cue = cues.compile_cue(("[prüf|lies] !über|um das für|mit", "", ""), {})
    for sentence in ("Prüf das für mich", "pruef das fuer mich", "Lies das mit mir"):
        assert cue.matches(sentences.normal(sentences.tokens(sentence)), {})
    assert not cue.matches(sentences.normal(sentences.tokens("pruef ueber das")), {})


def test_an_opening_stands_first() -> None:
    with pytest.raises(ValueError, match="does not stand first"):
        cues.compile_cue(("please << send", "", ""), {})


def test_a_rule_that_takes_words_away_cannot_be_bound_to_the_beginning_of_a_sentence() -> None:
    cue = ["<< any questions", "Any questions?", "No."]
    rule = {"name": "void.offer", "description": "An offer.", "cues": [cue]}
    with pytest.raises(ValueError, match="takes words away anywhere"):
        lexicons.lexicon_of({"language": "xx", "rules": [rule]})


def test_a_time_table_may_name_any_kind_in_one_string() -> None:
    words = timetables.from_table({"by": "bis", "on": ["am"], "weekday": ["montag"]})
    assert not words.latest
    assert not words.leads


def test_an_unknown_kind_of_time_word_is_refused() -> None:
    with pytest.raises(ValueError, match="fortnight"):
        timetables.from_table({"fortnight": "fortnight"})


def test_a_half_of_the_day_without_the_other_is_refused() -> None:
    with pytest.raises(ValueError, match="half has not 2 rows"):
        timetables.from_table({"half": "früh morgens"})
