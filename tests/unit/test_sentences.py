"""Where the sentences of a mail begin and end."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from mailwatch.detection import detector, folding, lexicons, sentences
from mailwatch.detection.detector import Context

LONG = "The only thing that I do not have is the notary's address"


def test_words_that_others_look_like_without_their_dots_keep_them() -> None:
    german = lexicons.load("de").accents
    assert sentences.tokens("Könnten wir? Konnten Sie? Schön, KOENNTE gehen.", german) == (
        ["könnten", "wir", "?", "konnten", "sie", "?", "schon", ",", "koennte", "gehen", "."]
    )
    french = lexicons.load("fr").accents
    assert sentences.tokens("Déjà signé : signe-le.", french) == ["deja", "signé", ":", "signe-le", "."]
    assert folding.forms("könnte für schön", german) == ["könnte", "koennte", "fur", "fuer", "schon", "schoen"]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Wir hätten die Zahlen gern bis Freitag.", True),
        ("Wir hatten die Zahlen gern früher gehabt.", False),
        ("Könnten Sie mir das schicken", True),
        ("Koennten Sie mir das schicken", True),
        ("Konnten wir gestern alles erledigen.", False),
    ],
)
def test_a_wish_in_german_is_no_past(text: str, wanted: bool) -> None:
    zone = ZoneInfo("Europe/Berlin")
    context = Context(datetime(2026, 11, 18, 10, tzinfo=zone), zone, languages=("de",))
    assert bool(detector.read(text, context).request) is wanted


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        (f"{LONG},\ncan you find it?", [f"{LONG}, can you find it?"]),
        (f"{LONG}, can you find it pls\nhave a good day", [f"{LONG}, can you find it pls", "have a good day"]),
        (f"a) {LONG}\nb) the hall is closed", [f"a) {LONG}", "b) the hall is closed"]),
        (f"{LONG}\n(in the hall) as well", [f"{LONG} (in the hall) as well"]),
        (f"{LONG}, which is\nfine - tell me", [f"{LONG}, which is fine - tell me"]),
        (
            "Thanks. If you cannot come to the hall on Monday, please\nwrite to Ann",
            ["Thanks.", "If you cannot come to the hall on Monday, please write to Ann"],
        ),
        (f"{LONG}\nAnn - the doors", [LONG, "Ann - the doors"]),
        (f"1) {LONG}\n2) the hall is closed", [f"1) {LONG}", "2) the hall is closed"]),
        ("Send it by 3. Then call me.", ["Send it by 3.", "Then call me."]),
        ("It stands at pumps 1 and 2. Please clean it.", ["It stands at pumps 1 and 2.", "Please clean it."]),
        ("It stands at pump 3. Thanks, Ann", ["It stands at pump 3.", "Thanks, Ann"]),
        ("Do this: 1. The pumps. 2. The doors.", ["Do this: 1. The pumps.", "2. The doors."]),
        ("Nos vemos a las 11. Luego te llamo.", ["Nos vemos a las 11.", "Luego te llamo."]),
        ("Bitte bis Mi. 25. mittags in die Lindenstr. 14 bringen.", None),
        ("Das mag so. Mir nicht.", ["Das mag so.", "Mir nicht."]),
        (
            "For these reasons:  ?\nFive years here ?\nA driving licence",
            ["For these reasons: .", "Five years here .", "A driving licence"],
        ),
        ("Tu viens ?\nOn mange quoi ?", ["Tu viens ?", "On mange quoi ?"]),
    ],
)
def test_a_sentence_goes_on_until_it_is_over(text: str, pieces: list[str] | None) -> None:
    assert sentences.split(text) == (pieces or [text])
