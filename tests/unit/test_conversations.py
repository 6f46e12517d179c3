"""Conversations that people wrote, with what should become of them: tests/corpus/conversations/read.jsonl."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from benchmarks import conversations
from mailwatch.adapters.ledger import SqlLedger
from mailwatch.services.backtest import backtest
from mailwatch.services.sync import sync
from mailwatch.services.triage import triage
from mailwatch.testing import FakeAccount

YEAR = timedelta(days=365)
LATER = datetime(2026, 4, 3, tzinfo=UTC)

STORIES = [json.loads(line) for line in conversations.CORPUS.read_text("utf-8").splitlines()]
NOT_YET = {
    "Nouns alone, or a verb that nobody put into the lexicon, are taken for no request.": (
        "e-en02", "e-en49", "e-de02", "e-de18",
    ),
    "A question that its writer answers, or that nobody is to answer, is taken for a request.": (
        "b-en32", "b-de14", "e-en08", "e-en11", "e-en43", "e-en48", "e-en56", "e-de05", "e-fr05", "e-es05", "e-es16",
        "e-es20", "f-en19", "f-en70", "f-fr18",
    ),
    "That something is broken is taken for no request.": ("f-en24",),
    "A question or a call to everybody in a newsletter is taken for a request.": (
        "g-en04", "h-en08", "h-en33", "h-fr16", "i-en26", "i-de04", "i-de20",
    ),
    "What a new mail brings is not seen where its subject does not tell, or a sentence seems to ask.": (
        "h-en41", "h-en61", "h-es19", "i-en04", "i-en29",
    ),
    "An answer to one requester and a promise to another, in one mail, are taken for one of both.": ("h-fr18",),
    "Who takes a promise back and names somebody else is taken to move it to another day.": ("g-en51",),
    "Who is put into Cc and called by name is not seen to take it over.": ("f-en58",),
    "What the sender needs and has already got is taken for a request.": ("e-fr13",),
    "What is promised in few words, or by 'Sie bekommen', is no promise.": ("i-de02", "i-fr20"),
    "'I can get four places in April', or a day off, is taken for a promise.": ("e-en30", "f-fr01"),
    "An answer in words of its own is taken to hold, or a holding reply for an answer.": (
        "c-fr09", "e-de14", "f-fr07", "h-de12", "h-es14", "i-en41", "i-en48", "i-en58",
    ),
    "When it is due is not read, or of two days the wrong one.": (
        "b-en55", "c-de02", "e-de15", "i-es12",
    ),
}  # fmt: skip
WRONG = {story for stories in NOT_YET.values() for story in stories}


@pytest.mark.parametrize("story", STORIES, ids=[story["id"] for story in STORIES])
def test_a_conversation_comes_to_what_its_writer_said(story: conversations.Story) -> None:
    right = conversations.read(story) == conversations.labels(story)
    assert right is (story["id"] not in WRONG), "Take it from NOT_YET." if right else story.get("note")


def test_message_by_message_the_daemon_comes_to_what_an_archive_shows_at_once() -> None:
    mails = sorted(
        ((story, message) for story in STORIES for message in story["messages"] if conversations.seen(message)),
        key=lambda pair: datetime.fromisoformat(pair[1]["sent_at"]),
    )
    account = FakeAccount()
    user = conversations.ANN.address.addr_spec
    with closing(SqlLedger.open("sqlite://")) as ledger:
        for story, message in mails:
            conversations.deliver(account, story, message)
            sync(account.provider(), ledger, conversations.POLICY, conversations.DIRECTORY, LATER, look_back=YEAR)
            triage(ledger, conversations.POLICY, conversations.DIRECTORY, LATER)
        told = backtest(account.provider(), conversations.POLICY, conversations.DIRECTORY, LATER)
        assert by_id(ledger.requests(user, LATER - YEAR)) == by_id(line.request for line in told.requests)
        assert by_id(ledger.promises(user, LATER - YEAR)) == by_id(line.promise for line in told.promises)
    assert len(told.requests) > 80


def by_id(items: Iterable[Any]) -> dict[str, Any]:
    return {item.id: item for item in items}
