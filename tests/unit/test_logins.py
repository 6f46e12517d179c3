"""What the program remembers of a password: which one was refused, and whether the next may be tried at once."""

from __future__ import annotations

import pytest

from mailwatch.runtime.logins import Password


class Source:
    """A password that can be changed, and how often it was asked for."""

    def __init__(self, word: str) -> None:
        self.word = word
        self.asked = 0

    def __call__(self) -> str:
        self.asked += 1
        return self.word


@pytest.fixture
def source() -> Source:
    return Source("old")


@pytest.fixture
def password(source: Source) -> Password:
    return Password(source)


@pytest.mark.parametrize("refused_before", [0, 1])
def test_a_password_that_is_corrected_while_the_server_answers_may_be_tried(
    source: Source, password: Password, refused_before: int
) -> None:
    for n in range(refused_before):
        source.word = f"wrong {n}"
        assert password.may_be_tried()
        password.refused()
        assert not password.may_be_tried()
    source.word = "wrong"
    assert password.may_be_tried()
    source.word = "right"
    password.refused()
    assert password.may_be_tried()


def test_a_refused_password_may_not_be_tried_until_there_is_another_one(source: Source, password: Password) -> None:
    assert password.may_be_tried()
    password.accepted()
    assert password.may_be_tried()
    password.refused()
    assert not password.may_be_tried()
    source.word = "new"
    assert password.may_be_tried()
    password.accepted()
    assert password.may_be_tried()


def test_a_password_that_was_accepted_is_not_asked_for_again(source: Source, password: Password) -> None:
    password.may_be_tried()
    password.accepted()
    asked = source.asked
    assert password.may_be_tried()
    assert source.asked == asked


def test_where_there_is_no_password_a_refused_login_waits() -> None:
    nothing = Password(None)
    assert nothing.may_be_tried()
    nothing.refused()
    assert not nothing.may_be_tried()
