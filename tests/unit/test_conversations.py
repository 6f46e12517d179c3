"""Conversations that people wrote, with what should become of them: tests/corpus/conversations/read.jsonl."""

from __future__ import annotations

import json

import pytest

from benchmarks import conversations

STORIES = [json.loads(line) for line in conversations.CORPUS.read_text("utf-8").splitlines()]
NOT_YET = {
    "en029": "A yes with a request of one's own behind it is taken for a question back.",
    "en082": "'On Thursday, will scan it then' names no due time.",
    "de010": "'Mach ich, es liegt bis zum 25. März in deinem Fach' is taken for an answer.",
    "es007": "'¡Me apunto! Qué ganas.' is taken for thanks.",
}


@pytest.mark.parametrize("story", STORIES, ids=[story["id"] for story in STORIES])
def test_a_conversation_comes_to_what_its_writer_said(story: conversations.Story) -> None:
    right = conversations.read(story) == conversations.labels(story)
    assert right is (story["id"] not in NOT_YET), "Take it from NOT_YET." if right else story.get("note")
