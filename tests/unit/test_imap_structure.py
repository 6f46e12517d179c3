"""Where the text of a message stands, read from BODYSTRUCTURE as servers write it."""

from __future__ import annotations

import pytest

from mailwatch.adapters.imap_answers import tokens
from mailwatch.adapters.imap_structure import invitation, text_parts
from mailwatch.domain.message import Invitation

PLAIN = '("TEXT" "PLAIN" ("CHARSET" "utf-8") NIL NIL "7BIT" 12 1 NIL NIL NIL NIL)'
HTML = '("text" "html" NIL NIL NIL "7BIT" 12 1 NIL NIL NIL NIL)'
ATTACHED = '("TEXT" "PLAIN" ("NAME" "x.txt") NIL NIL "7BIT" 12 1 NIL ("ATTACHMENT" ("FILENAME" "x.txt")) NIL NIL)'
PICTURE = '("IMAGE" "PNG" NIL NIL NIL "BASE64" 99 NIL ("INLINE" NIL) NIL NIL)'
FORWARDED = f'("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 99 (NIL NIL NIL) {PLAIN} 9)'


@pytest.mark.parametrize(
    ("structure", "parts"),
    [
        (PLAIN, ["1"]),
        (HTML, ["1"]),
        (PICTURE, []),
        (ATTACHED, []),
        (f'({PLAIN}{HTML} "ALTERNATIVE" ("BOUNDARY" "x") NIL NIL)', ["1", "2"]),
        (f'({HTML}{PLAIN} "ALTERNATIVE")', ["2", "1"]),
        (f'({PICTURE}{PLAIN} "MIXED")', ["2"]),
        (f'({PICTURE}({HTML}{PLAIN} "ALTERNATIVE") "MIXED")', ["2.2", "2.1"]),
        (f'({PICTURE}(({PICTURE}{HTML} "RELATED") "ALTERNATIVE") "MIXED")', ["2.1.2"]),
        (f'({ATTACHED}{PICTURE}{PLAIN} "MIXED")', ["3"]),
        (f'({FORWARDED}{PLAIN} "MIXED")', ["2"]),
        (f'({FORWARDED} "MIXED")', []),
        ("()", []),
        ('("TEXT")', []),
        ("(NIL NIL)", []),
        ("NIL", []),
        ("(" * 90 + ")" * 90, []),
    ],
)
def test_the_first_plain_text_and_the_first_html_that_are_no_attachments_are_found(structure, parts):
    assert text_parts(tokens([structure.encode()])[0]) == parts


def calendar(*parameters: str) -> str:
    named = " ".join(f'"{each}"' for each in parameters)
    return f'("TEXT" "CALENDAR" {f"({named})" if named else "NIL"} NIL NIL "7BIT" 99 9 NIL NIL NIL NIL)'


@pytest.mark.parametrize(
    ("structure", "place"),
    [
        (f'({PLAIN}{HTML}{calendar("CHARSET", "utf-8", "METHOD", "REQUEST")} "ALTERNATIVE")', Invitation.INSTEAD),
        (f'({PLAIN}({HTML}{calendar("method", "reply")} "RELATED") "ALTERNATIVE")', Invitation.INSTEAD),
        (f'({PLAIN}{calendar("METHOD", "CANCEL")} "MIXED")', Invitation.BESIDE),
        (calendar("METHOD", "COUNTER"), Invitation.BESIDE),
        (
            f'(({PLAIN}{calendar("METHOD", "REQUEST")} "ALTERNATIVE"){calendar("METHOD", "REQUEST")} "MIXED")',
            Invitation.INSTEAD,
        ),
        (f'({PLAIN}{calendar("METHOD", "PUBLISH")} "ALTERNATIVE")', None),
        (f'({PLAIN}{calendar("NAME", "plan.ics")} "MIXED")', None),
        (f'({PLAIN}{calendar()} "MIXED")', None),
        (f'({PLAIN}{calendar("METHOD")} "MIXED")', None),
        (PLAIN, None),
        ("()", None),
    ],
)
def test_a_calendar_with_a_method_is_found_instead_of_the_words_or_beside_them(structure, place):
    assert invitation(tokens([structure.encode()])[0]) is place


def test_a_structure_of_very_many_parts_is_given_up():
    assert text_parts([[b"IMAGE", b"PNG"]] * 100_000) == []
