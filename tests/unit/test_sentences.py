"""Where the sentences of a mail begin and end."""

from __future__ import annotations

import pytest

from mailwatch.detection import sentences

LONG = "The only thing that I do not have is the notary's address"


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        (f"{LONG},\ncan you find it?", [f"{LONG}, can you find it?"]),
        (f"{LONG}, can you find it pls\nhave a good day", [f"{LONG}, can you find it pls", "have a good day"]),
        (f"a) {LONG}\nb) the hall is closed", [f"a) {LONG}", "b) the hall is closed"]),
        (f"1) {LONG}\n2) the hall is closed", [f"1) {LONG}", "2) the hall is closed"]),
        ("Send it by 3. Then call me.", ["Send it by 3.", "Then call me."]),
    ],
)
def test_a_line_goes_on_in_the_next_one_unless_it_is_over(text: str, pieces: list[str]) -> None:
    assert sentences.split(text) == pieces
