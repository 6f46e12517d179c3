"""The words of a login with a token, checked against the examples of RFC 7628 and the form that XOAUTH2 has."""

from __future__ import annotations

import base64

import pytest

from mailwatch.domain.sasl import AFTER_A_REFUSAL, first_message, mechanism, oauthbearer, refusal, xoauth2

TOKEN = "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg=="


def test_oauthbearer_is_as_the_rfc_shows_it() -> None:
    said = oauthbearer("user@example.com", TOKEN, "server.example.com", 143)
    assert said == (
        b"n,a=user@example.com,\x01host=server.example.com\x01port=143\x01auth=Bearer " + TOKEN.encode() + b"\x01\x01"
    )


def test_xoauth2_has_user_and_token_between_control_signs() -> None:
    assert xoauth2("ann@example.com", TOKEN) == b"user=ann@example.com\x01auth=Bearer " + TOKEN.encode() + b"\x01\x01"


def test_commas_and_equals_in_a_name_are_escaped_where_the_rfc_says_so() -> None:
    assert oauthbearer("a=b,c", TOKEN, "h", 1).startswith(b"n,a=a=3Db=2Cc,\x01")


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        (["PLAIN", "XOAUTH2"], "XOAUTH2"),
        (["AUTH=XOAUTH2", "AUTH=OAUTHBEARER", "IDLE"], "OAUTHBEARER"),
        (["auth=xoauth2"], "XOAUTH2"),
        (["PLAIN", "LOGIN"], None),
        ([], None),
    ],
)
def test_the_standard_mechanism_goes_first(offered: list[str], chosen: str | None) -> None:
    assert mechanism(offered) == chosen


@pytest.mark.parametrize(
    ("user", "token"),
    [
        ("ann", ""),
        ("ann", "two words"),
        ("ann", "a\x01auth=Bearer b"),
        ("ann", "a\r\nb"),
        ("", TOKEN),
        ("a\x01b", TOKEN),
    ],
)
def test_what_could_end_a_field_early_is_refused_and_not_repeated(user: str, token: str) -> None:
    for chosen in ("OAUTHBEARER", "XOAUTH2"):
        with pytest.raises(ValueError) as caught:
            first_message(chosen, user, token, "h", 1)
        assert not token or token not in str(caught.value)


@pytest.mark.parametrize(
    ("challenge", "words"),
    [
        (base64.b64encode(b'{"status":"invalid_token","scope":"mail","schemes":"bearer"}'), "invalid_token, bearer"),
        (b'{"status":"401"}', "401"),
        (base64.b64encode(b'{"status":"40\\r\\n1"}').decode(), "40 1"),
        (b"", ""),
        (b"!!!", ""),
        (b"[1]", ""),
        (b"{" * 9000, ""),
        (base64.b64encode(b"[" * 5000), ""),
    ],
)
def test_a_refusal_is_told_in_the_servers_words(challenge: bytes | str, words: str) -> None:
    assert refusal(challenge) == words


def test_the_exchange_ends_as_each_mechanism_wants_it() -> None:
    assert AFTER_A_REFUSAL == {"OAUTHBEARER": b"\x01", "XOAUTH2": b""}
