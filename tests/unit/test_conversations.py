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
    "en029": "A yes with a request of one's own behind it is taken for a question back.",
    "en082": "'On Thursday, will scan it then' names no due time.",
    "b-en32": "'How are you? Did the sun find you?' above a piece of news is taken for a question.",
    "b-en55": "'Table comes on Thursday' names no due time.",
    "b-de05": "A list of who does what, of nouns alone, is taken for no request.",
    "b-de14": "A request that is only told of, in a tone of its own, is taken for one.",
    "c-en06": "An answer with a request of one's own behind it is taken for another person's name.",
    "c-de02": "Of 'morgen oder übermorgen' and 'bis Freitag' the earlier is taken for when it is due.",
    "c-fr09": "Of an answer and a promise of the rest nothing but the promise is seen, and not when it is due.",
    "es007": "'¡Me apunto! Qué ganas.' is taken for thanks.",
}


@pytest.mark.parametrize("story", STORIES, ids=[story["id"] for story in STORIES])
def test_a_conversation_comes_to_what_its_writer_said(story: conversations.Story) -> None:
    right = conversations.read(story) == conversations.labels(story)
    assert right is (story["id"] not in NOT_YET), "Take it from NOT_YET." if right else story.get("note")


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
            triage(ledger, conversations.POLICY, conversations.DIRECTORY)
        told = backtest(account.provider(), conversations.POLICY, conversations.DIRECTORY, LATER)
        assert by_id(ledger.requests(user, LATER - YEAR)) == by_id(line.request for line in told.requests)
        assert by_id(ledger.promises(user, LATER - YEAR)) == by_id(line.promise for line in told.promises)
    assert len(told.requests) > 80


def by_id(items: Iterable[Any]) -> dict[str, Any]:
    return {item.id: item for item in items}
