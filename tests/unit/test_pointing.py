"""A reply that only says that the reader has or knows what is asked for."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mailwatch.detection import detector
from mailwatch.detection.detector import Context

CONTEXT = Context(
    datetime(2026, 11, 18, 9, tzinfo=UTC),
    UTC,
    reader_names=("ann", "smith"),
    other_names=("bob",),
    subject="Re: The lease",
    is_reply=True,
)


@pytest.mark.parametrize(
    "words",
    [
        "I think Ann has it.",
        "Not me, I never had the lease. Ann should know.\n\nCarol",
        "Not my field, but Ann can tell you.",
        "I'm away this week, Ann can certainly help.",
        "Ask Ann, she signed it.",
        "Try Ann please.",
        "Ann has the keys.",
        "Ann looks after the leases.",
        "Ann is the right person for this.",
        "Das hat Ann.",
        "Das weiß Ann sicher.",
        "Ann hat die Schlüssel.",
        "Frag mal Ann.",
        "Das sollte Ann wissen.",
        "Ann kann dir da bestimmt helfen.",
        "C'est Ann qui l'a.",
        "Demande à Ann.",
        "Ann pourra te le dire.",
        "Creo que lo tiene Ann.",
        "Pregunta a Ann.",
        "Ann puede decírtelo.",
    ],
)
def test_a_reply_points_at_its_reader(words: str) -> None:
    assert detector.read(words, CONTEXT).points_at_reader


@pytest.mark.parametrize(
    "words",
    [
        "I think Tom has it.",
        "Ask Tom.",
        "Here it is. Ann has the rest.",
        "The lease is attached, Ann can tell you more.",
        "It runs until 2031, Ann should know the rest.",
        "Ann has signed it.",
        "Ann can come too.",
        "Ann sent it to me yesterday, it is in the folder.",
        "Hi Bob and Ann,\n\nthe lease is in the green folder.",
        "I asked Ann, and she says no.",
        "Das hat Ann gestern unterschrieben.",
        "Ann and I have agreed on the green one.",
        "The lease is in the safe. The safe is open. The key is in the desk. The desk is not. Ann has the other one.",
    ],
)
def test_a_reply_does_not_point_at_its_reader(words: str) -> None:
    assert not detector.read(words, CONTEXT).points_at_reader


def test_own_mail_points_at_nobody() -> None:
    own = Context(CONTEXT.sent_at, UTC, reader_names=("ann",), own=True, is_reply=True)
    assert not detector.read("Ann has it.", own).points_at_reader
