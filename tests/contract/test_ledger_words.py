"""Evidence that is turned off: what was kept before is not handed out any more, and pruning ends it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from ledger_cases import ANN, BEN, NOW, command, message, promise, request

from mailwatch.adapters.ledger import SqlLedger
from mailwatch.adapters.ledger_database import Database
from mailwatch.domain.command import Verb, Why
from mailwatch.domain.reading import Deadline, Evidence, Finding, Reading
from mailwatch.ports import Ledger

LONG_AGO = NOW - timedelta(days=900)
SECRET = "secret"
DUE = Deadline(date(2026, 3, 6), None, f"by Friday, {SECRET}")
SAYS = Reading(
    request=Finding(0.9, Evidence("question", f"Could you send the {SECRET}?")),
    withdrawal=Finding(0.6, Evidence("never_mind", SECRET)),
    request_deadline=DUE,
    urgency="urgent",
)


def fill(ledger: Ledger, user: str) -> None:
    seen = replace(message(1), reading=SAYS)
    ledger.record(user, "INBOX", "1", [seen, message(2)], [], NOW, since=None, counted=2)
    ledger.save_triage(
        user,
        [("c", [seen.headers.key])],
        [request(1, user=user, evidence=f"Could you send the {SECRET}?", deadline=DUE), request(2, user=user)],
        [promise(1, user=user, evidence=f"I will send the {SECRET}", deadline=DUE)],
    )
    ledger.save_command(command("", Verb.UNCLEAR, user=user, words=SECRET, why=Why.NO_SUCH))


def handed_out(ledger: Ledger) -> str:
    return repr(
        [
            *ledger.open_requests(ANN),
            *ledger.open_promises(ANN),
            *ledger.requests(ANN, LONG_AGO),
            *ledger.promises(ANN, LONG_AGO),
            *ledger.unanswered(ANN, LONG_AGO),
        ]
    )


def stored(ledger: Ledger) -> str:
    return repr([row for user in (ANN, BEN) for row in ledger.export(user)])


@pytest.fixture
def silent(ledger: SqlLedger) -> SqlLedger:
    """The same ledger after evidence was turned off."""
    fill(ledger, ANN)
    fill(ledger, BEN)
    assert SECRET in handed_out(ledger)
    return SqlLedger(ledger._database, keep_evidence=False)


def test_sentences_that_were_kept_before_are_not_handed_out(silent: SqlLedger) -> None:
    assert SECRET not in handed_out(silent)
    assert [one.deadline.day for one in silent.open_promises(ANN) if one.deadline] == [DUE.day]


def test_pruning_takes_them_out_of_the_ledger_and_leaves_the_facts(silent: SqlLedger) -> None:
    before = len(list(silent.export(ANN)))
    silent.prune(LONG_AGO)
    assert SECRET not in stored(silent)
    assert len(list(silent.export(ANN))) == before
    (read,) = [one.reading for one in silent.neighbours(ANN, ["1@example.com"], []) if one.reading.request]
    assert read.request == Finding(0.9, Evidence("question", ""))
    assert (read.urgency, read.deadline) == ("urgent", replace(DUE, words=""))
    assert [one.deadline for one in silent.open_requests(ANN)] == [replace(DUE, words=""), None]


def test_a_ledger_that_keeps_sentences_keeps_them_when_it_is_pruned(ledger: SqlLedger) -> None:
    fill(ledger, ANN)
    before = stored(ledger)
    ledger.prune(LONG_AGO)
    assert stored(ledger) == before


def test_they_are_gone_from_the_bytes_of_the_file_too(tmp_path: Path) -> None:
    kept = SqlLedger(Database.open(f"sqlite:///{tmp_path}/l.db"))
    fill(kept, ANN)
    kept.close()
    silent = SqlLedger.open(f"sqlite:///{tmp_path}/l.db", keep_evidence=False)
    silent.prune(LONG_AGO)
    assert not any(SECRET.encode() in path.read_bytes() for path in tmp_path.iterdir())
    silent.close()
