"""Where the text of a message stands, read from BODYSTRUCTURE as servers write it."""

from __future__ import annotations

import pytest

from mailwatch.adapters.imap_answers import tokens
from mailwatch.adapters.imap_structure import text_parts

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


def test_a_structure_of_very_many_parts_is_given_up():
    assert text_parts([[b"IMAGE", b"PNG"]] * 100_000) == []
