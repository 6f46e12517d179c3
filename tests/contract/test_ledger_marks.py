"""What the ledger promises of marks, on every database: stored, found with their messages, exported, erased."""

from __future__ import annotations

from datetime import timedelta

from contract.ledger_cases import ANN, BEN, NOW, message
from contract.test_ledger import record

from mailwatch.adapters.ledger import SqlLedger
from mailwatch.domain.marking import Mark, MarkState, Place


def test_a_mark_is_noted_and_its_next_state_takes_its_place(ledger: SqlLedger) -> None:
    ledger.note_mark(ANN, Mark("k1", "Open", MarkState.SETTING, "It failed.\0\ud800"))
    assert ledger.marks(ANN) == [Mark("k1", "Open", MarkState.SETTING, "It failed.")]
    ledger.note_mark(ANN, Mark("k1", "Open", MarkState.SET))
    ledger.note_mark(ANN, Mark("k1", "Other", MarkState.GONE))
    ledger.note_mark(BEN, Mark("k1", "Open"))
    assert ledger.marks(ANN) == [Mark("k1", "Open", MarkState.SET), Mark("k1", "Other", MarkState.GONE)]
    ledger.forget_mark(ANN, Mark("k1", "Open"))
    assert ledger.marks(ANN) == [Mark("k1", "Other", MarkState.GONE)]
    assert ledger.marks(BEN) == [Mark("k1", "Open")]


def test_places_are_those_of_the_messages_as_they_were_last_read(ledger: SqlLedger) -> None:
    record(ledger, message(1), message(2))
    key, other = (message(number).headers.key for number in (1, 2))
    assert ledger.places(ANN, [key, other, "unknown"]) == {
        key: Place(key, "INBOX", "1", "1@example.com"),
        other: Place(other, "INBOX", "2", "2@example.com"),
    }
    assert ledger.places(BEN, [key]) == {}


def test_a_message_that_bears_a_mark_of_ours_is_not_pruned(ledger: SqlLedger) -> None:
    record(ledger, message(1))
    key = message(1).headers.key
    ledger.save_triage(ANN, [("c", [key])], [], [])
    ledger.note_mark(ANN, Mark(key, "Open", MarkState.SET))
    ledger.prune(NOW + timedelta(days=500))
    assert ledger.places(ANN, [key])
    ledger.forget_mark(ANN, Mark(key, "Open"))
    ledger.prune(NOW + timedelta(days=500))
    assert not ledger.places(ANN, [key])


def test_marks_are_exported_and_erased(ledger: SqlLedger) -> None:
    ledger.note_mark(ANN, Mark("k1", "Open", MarkState.SET))
    row = {"user_address": ANN, "key": "k1", "name": "Open", "state": "set", "error": None}
    assert ("marks", row) in list(ledger.export(ANN))
    ledger.erase(ANN)
    assert ledger.marks(ANN) == []
