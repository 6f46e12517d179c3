"""Answers of IMAP servers, right ones and wrong ones, become lists or a ValueError, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailwatch.adapters.imap_answers import (
    fetched,
    internal_date,
    number,
    numbers,
    quoted,
    responses,
    tokens,
    uid_set,
)


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        ([b'(\\Noselect \\Sent) "/" "Sent Items"'], [[rb"\Noselect", rb"\Sent"], b"/", b"Sent Items"]),
        ([b'() NIL ""'], [[], None, b""]),
        ([b'"a \\"b\\" \\\\c"'], [b'a "b" \\c']),
        ([(b'() "/" {3}', b'a"b'), b""], [[], b"/", b'a"b']),
        ([(b"1 (BODY[] {2}", b")("), (b" X {0}", b""), b")"], [b"1", [b"BODY[]", b")(", b"X", b""]]),
        ([b'BODY[HEADER.FIELDS ("A" B)]<0> nil'], [b'BODY[HEADER.FIELDS ("A" B)]<0>', None]),
        ([b'() "/" [Gmail]/Spam'], [[], b"/", b"[Gmail]/Spam"]),
        ([b"((((a))))"], [[[[[b"a"]]]]]),
        ([b""], []),
    ],
)
def test_an_answer_is_read_into_lists(pieces, expected):
    assert tokens(pieces) == expected


@pytest.mark.parametrize(
    "line", [b"(", b")", b'"', b'"abc', b"(a))", b"{5}", b"[", b"a {5} b", b"(" * 200 + b")" * 200, b'(a "b\\")']
)
def test_a_broken_answer_is_a_value_error(line):
    with pytest.raises(ValueError):
        tokens([line])


@given(st.lists(st.one_of(st.binary(max_size=60), st.tuples(st.binary(max_size=60), st.binary(max_size=20)))))
def test_whatever_a_server_sends_is_read_or_refused(data):
    found, broken = fetched(data)
    assert broken >= 0
    assert all(isinstance(uid, int) for uid in found)
    numbers(data)
    for pieces in responses(data):
        try:
            tokens(pieces)
        except ValueError:
            continue


@given(st.lists(st.sampled_from([b"(", b")", b'"', b"\\", b"[", b"]", b"{", b"}", b"a", b" ", b"NIL", b"{3}"])))
def test_signs_of_the_grammar_in_any_order_are_read_or_refused(signs):
    try:
        tokens([b"".join(signs)])
    except ValueError:
        return


@pytest.mark.parametrize(
    "line", [b'"' + b'\\"' * 300_000, b"[" * 500_000, b'("' * 300_000, b"(" * 500_000, b"a[" * 300_000]
)
def test_a_crafted_line_takes_no_time(line):
    with pytest.raises(ValueError):
        tokens([line])


def test_fetch_answers_are_gathered_by_uid_and_others_left_out():
    data = [
        (b'5 (UID 50 BODY[HEADER.FIELDS ("FROM")]<0> {4}', b"From"),
        b" FLAGS (\\Seen))",
        b"6 (FLAGS (\\Seen))",
        b"5 (UID 50 FLAGS ())",
        b"7 (BODY[1] NIL uid 51)",
        b"8 (UID x)",
        b"9 (UID 99999999999999)",
    ]
    found, broken = fetched(data)
    assert found == {
        50: {b"UID": b"50", b"BODY[HEADER.FIELDS": b"From", b"FLAGS": []},
        51: {b"BODY[1]": None, b"UID": b"51"},
    }
    assert broken == 0


def test_an_answer_that_cannot_be_read_is_counted():
    assert fetched([b"1 (UID 1 (", b"2 (UID 2)", b"x", b"3 4"])[1] == 3


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        (b"10-Nov-2026 12:00:00 +0100", datetime(2026, 11, 10, 11, tzinfo=UTC)),
        (b" 1-Nov-2026 12:00:00 -0530", datetime(2026, 11, 1, 17, 30, tzinfo=UTC)),
        (b"10-nov-2026 12:00:00", datetime(2026, 11, 10, 12, tzinfo=UTC)),
        (b"10-Nov-2026 12:00:00 +9999", datetime(2026, 11, 10, 12, tzinfo=UTC)),
        (b"31-Dec-2016 23:59:60 +0000", datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)),
        (b"31-Jun-2026 12:00:00 +0000", None),
        (b"10-Foo-2026 12:00:00 +0000", None),
        (b"01-Jan-0001 00:00:00 +1200", None),
        (b"10-Nov-2026 25:00:00 +0000", None),
        (b"", None),
        (None, None),
        ([], None),
    ],
)
def test_a_receive_time_is_aware_and_in_utc_or_none(value, moment):
    assert internal_date(value) == moment


@given(st.sets(st.integers(1, 10_000), min_size=1))
def test_a_set_of_uids_names_each_and_no_other(uids):
    named = set()
    for run in uid_set(uids).split(","):
        first, _, last = run.partition(":")
        named |= set(range(int(first), int(last or first) + 1))
    assert named == uids


@given(st.binary(max_size=50))
def test_what_is_quoted_reads_back(words):
    if set(words) & set(b"\r\n\0"):
        with pytest.raises(ValueError):
            quoted(words)
    else:
        assert tokens([quoted(words)]) == [words]


@pytest.mark.parametrize(
    ("value", "expected"), [(b"12", 12), (b"1" * 12, None), (b"-1", None), (None, None), ([], None)]
)
def test_a_number_is_short_and_whole(value, expected):
    assert number(value) == expected


def test_search_answers_may_come_in_several_lines():
    assert numbers([b"1 2", None, b"", b"3 x 4"]) == [1, 2, 3, 4]
