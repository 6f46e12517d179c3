"""The key of a message: the same for all its copies, and for no other message."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mailwatch.domain.message import Headers, Role
from mailwatch.domain.people import Address

ANN, BOB, CARL = (Address(f"{name}@example.com") for name in ("ann", "bob", "carl"))
NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
NAMED = Headers("1", NINE, message_id="1@x", author=BOB, to=(ANN,), subject="Scan", sent_at=NINE)
UNNAMED = replace(NAMED, message_id=None)


@pytest.mark.parametrize("headers", [NAMED, UNNAMED])
def test_copies_in_other_mailboxes_and_under_other_numbers_have_the_same_key(headers: Headers) -> None:
    copies = {"provider_id": "7:2", "role": Role.ARCHIVE, "bcc": (CARL,)}
    assert replace(headers, **copies).key == headers.key  # type: ignore[arg-type]


def test_a_copy_that_came_at_another_time_is_known_by_its_message_id() -> None:
    later = NINE + timedelta(seconds=9)
    assert replace(NAMED, received_at=later).key == NAMED.key
    assert replace(UNNAMED, received_at=later).key != UNNAMED.key


@pytest.mark.parametrize(
    "other", [{"author": CARL}, {"subject": "Other"}, {"sent_at": NINE - timedelta(seconds=1)}, {"message_id": "2@x"}]
)
def test_another_author_date_or_subject_makes_another_message(other: dict[str, object]) -> None:
    assert replace(NAMED, **other).key != NAMED.key  # type: ignore[arg-type]


def test_mails_without_a_message_id_to_several_people_in_one_second_are_several() -> None:
    keys = {replace(UNNAMED, to=to, cc=cc).key for to, cc in [((ANN,), ()), ((CARL,), ()), ((ANN,), (CARL,))]}
    assert len(keys) == 3
