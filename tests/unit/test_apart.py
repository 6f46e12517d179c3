"""What the reader is told by name apart from others, and what is only shown to them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mailwatch.detection import addressing, apart, detector
from mailwatch.detection.detector import Context
from mailwatch.domain.reading import Reading

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)


def read(words: str) -> Reading:
    return detector.read(words, Context(NOON, UTC, reader_names=("ann",), other_names=("bob", "joel")))


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        ("Here is the split.\n\nAnn: the two pages on the site.\nBob: photographs.", True),
        ("Was noch fehlt:\n\nBob: die Perücke.\nAnn: die Übertitel vom dritten Akt.", True),
        ("Voici le partage :\n\n- Bob : le menu.\n- Ann : les fleurs pour la salle.", True),
        ("Falta esto:\n\nAnn: el texto del cartel.\nBob: las fotos.", True),
        ("Sold last week:\n\nAnn: 14 boxes.\nBob: 12 boxes.", False),
        ("Done so far:\n\nAnn: finished the move.\nBob: working on tests.", False),
        ("Here is the split.\n\nJoel: the two pages.\nBob: the photographs.", False),
    ],
)
def test_a_thing_behind_the_readers_name_in_a_list_of_tasks_is_asked_of_them(words: str, asked: bool) -> None:
    request = read(words).request
    assert bool(request) is asked
    if asked:
        assert request.evidence is not None
        assert request.evidence.rule == apart.TASK_RULE
        assert detector.why(apart.TASK_RULE)


def test_who_is_told_by_name_that_nothing_is_to_be_done_is_asked_nothing() -> None:
    words = "Please fix the rail by Thursday and call me. Do you have the parts?"
    assert read(words).request
    assert not read(f"{words}\n\nAnn, nothing for you to do here.").request
    assert read(f"Hi Ann,\n\n{words} There is no need to come in.").request


def test_what_is_shown_in_quotation_marks_is_not_asked() -> None:
    assert not read(
        'Here is my text for the poster.\n\n"Come and see us. Please bring a friend!"\n\n35 words.'
    ).request
    assert read('Please change it to "Come and see us."').request
    assert read('"Please bring a friend."').request


@pytest.mark.parametrize(
    ("sentences", "shown"),
    [
        (['"One.', "Two.", 'Three."', "Four."], [True, True, True, False]),
        (['"One" is what he said.', "Two."], [False, False]),
        (['A 5" pipe.', "Please send it."], [False, False]),
        (['"One.', "Two."], [False, False]),
        (['"One."', "Two."], [True, False]),
        (['"One."'], [False]),
    ],
)
def test_only_whole_sentences_between_two_marks_are_shown(sentences: list[str], shown: list[bool]) -> None:
    assert addressing.in_quotes(sentences) == shown
