"""A mail system that asked to wait is left alone for so long, and no longer."""

from __future__ import annotations

import pytest

from mailwatch.adapters.submit_patience import LONGEST_WAIT, SubmitPatience
from mailwatch.errors import SubmissionDeferred


@pytest.mark.parametrize(("asked", "waits"), [(90.0, 90.0), (1e9, LONGEST_WAIT)])
def test_after_the_wait_the_next_mail_may_go(asked: float, waits: float) -> None:
    now = [1000.0]
    patience = SubmitPatience("mail.example.com", lambda: now[0])
    with pytest.raises(SubmissionDeferred), patience.heeded():
        raise SubmissionDeferred("throttled", asked)
    now[0] += waits - 1
    with (
        pytest.raises(SubmissionDeferred, match=r"mail\.example\.com asked to wait, .* for 1 minute\.") as caught,
        patience.heeded(),
    ):
        pytest.fail("it was asked")
    assert caught.value.seconds == 1
    now[0] += 1
    with patience.heeded():
        pass


def test_a_failure_without_a_time_keeps_nobody_back() -> None:
    patience = SubmitPatience("mail.example.com", lambda: 1000.0)
    with pytest.raises(SubmissionDeferred), patience.heeded():
        raise SubmissionDeferred("no connection")
    with patience.heeded():
        pass
