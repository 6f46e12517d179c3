"""The schemas that the fake servers hold everything against: there, at work, and never left out in silence."""

from __future__ import annotations

import pytest
from jsonschema import ValidationError
from servers import fake_ews_schema, fake_graph_answers
from servers.fake_ews_answers import NS
from servers.fake_ews_items import m, t
from servers.fake_graph import FakeGraph


def needed(what: str, present: bool, place: object, variable: str) -> None:
    """A skip that says what was not checked in the whole run: the schemas are their makers' and not in this repo."""
    if not present:
        pytest.skip(
            f"no schema at {place}: in this run nothing of {what} was validated; {variable} names another place"
        )


def test_the_fake_exchange_server_holds_every_envelope_against_its_schema() -> None:
    needed("EWS", fake_ews_schema.present(), fake_ews_schema.FOLDER, "MAILWATCH_EWS_SCHEMAS")
    good = m("GetItem", m("ItemShape", t("BaseShape", text="IdOnly")), m("ItemIds", t("ItemId", Id="a")))
    wrong = m("GetItem", m("ItemShape", t("BaseShape", text="Everything")), m("ItemIds", t("ItemId", Id="a")))
    for body, violations in ((good, 0), (wrong, 1)):
        envelope = m("Envelope", m("Body", body))
        assert bool(fake_ews_schema.violations(envelope)) is bool(violations)
    assert set(NS) == {"m", "t"}


def test_the_fake_graph_holds_every_answer_against_its_schema() -> None:
    place = fake_graph_answers.SCHEMA
    needed("Graph", place.exists(), place, "MAILWATCH_GRAPH_SCHEMA")
    graph = FakeGraph()
    try:
        assert graph._valid("mailFolder", {"id": "a", "displayName": "Inbox"})
        with pytest.raises(ValidationError):
            graph._valid("mailFolder", {"id": "a", "displayNome": "Inbox"})
    finally:
        graph.close()
