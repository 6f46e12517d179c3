"""Sending through an Exchange server: the bytes arrive as they are, and each failure says what became of the mail."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes

import pytest
from servers.fake_ews import PASSWORD, FakeEws
from servers.fake_ews_office import ANN, ews_account, office

from mailwatch.adapters.ews_submit import EwsSubmitter
from mailwatch.domain.outgoing import compose_message
from mailwatch.domain.people import Address
from mailwatch.errors import SubmissionDeferred, SubmissionError, SubmissionRefused, SubmissionUncertain

OURS = compose_message(
    sender=Address("mailwatch@example.com", "mailwatch"),
    recipient=Address(ANN),
    subject="Bob is waiting für you",
    text="Bob asked you.\n",
    html="<p>Bob asked you.</p>",
    message_id="reminder-1@example.com",
    date=datetime(2026, 11, 10, 9, tzinfo=UTC),
    kind="reminder",
)
FAULTS: dict[str, tuple[type[SubmissionError], str]] = {
    "busy": (SubmissionDeferred, "ErrorServerBusy"),
    "too many connections": (SubmissionDeferred, "ErrorExceededConnectionCount"),
    "store is away": (SubmissionDeferred, "ErrorMailboxStoreUnavailable"),
    "quota": (SubmissionDeferred, "ErrorQuotaExceeded"),
    "401": (SubmissionDeferred, "refused the login"),
    "403": (SubmissionDeferred, "HTTP 403"),
    "404": (SubmissionDeferred, "no EWS at this address"),
    "429": (SubmissionDeferred, "asks to wait 77 seconds"),
    "503": (SubmissionDeferred, "too busy"),
    "login page": (SubmissionUncertain, "web page"),
    "redirect": (SubmissionDeferred, "web page"),
    "access denied": (SubmissionDeferred, "may not open the mailbox"),
    "may not impersonate": (SubmissionDeferred, "may not open the mailbox"),
    "send as denied": (SubmissionRefused, "Grant it Send As"),
    "no such recipient": (SubmissionRefused, "ErrorInvalidRecipients"),
    "too large": (SubmissionRefused, "ErrorMessageSizeExceeded"),
    "inner error": (SubmissionUncertain, "ErrorInternalServerError"),
    "timed out inside": (SubmissionUncertain, "ErrorTimeoutExpired"),
    "502": (SubmissionUncertain, "HTTP 502"),
    "drop": (SubmissionUncertain, "no clear reply"),
    "lost reply": (SubmissionUncertain, "no clear reply"),
    "cut": (SubmissionUncertain, "no clear reply"),
    "cut without a length": (SubmissionUncertain, "no clear reply"),
    "hang": (SubmissionUncertain, "no clear reply"),
    "drip": (SubmissionUncertain, "no clear reply"),
}


def test_the_message_arrives_byte_for_byte_and_is_found_again() -> None:
    with office() as one:
        EwsSubmitter(one.account).submit("mailwatch@example.com", ANN, OURS)
        assert one.server.sent == [OURS]
        fields = message_from_bytes(one.server.sent[0])
        assert (fields["From"], fields["Message-ID"], fields["Auto-Submitted"]) == (
            "mailwatch <mailwatch@example.com>",
            "<reminder-1@example.com>",
            "auto-generated",
        )
        assert one.provider.holds("reminder-1@example.com")
        assert one.server.violations == []


@pytest.mark.parametrize(("fault", "seconds"), [("busy", 95), ("429", 77), ("503", None), ("quota", None)])
def test_the_time_that_the_server_asks_for_is_told(fault: str, seconds: float | None) -> None:
    with office() as one:
        one.server.fail(fault)
        with pytest.raises(SubmissionDeferred) as caught:
            EwsSubmitter(one.account).submit("mailwatch@example.com", ANN, OURS)
        assert caught.value.seconds == seconds


def test_a_server_that_asked_to_wait_is_left_alone_with_the_other_mails_too() -> None:
    with office() as one:
        submitter = EwsSubmitter(one.account)
        one.server.fail("429")
        for words in ("asks to wait 77 seconds", "given no mail for 2 minutes"):
            with pytest.raises(SubmissionDeferred, match=words):
                submitter.submit("mailwatch@example.com", ANN, OURS)
        assert one.server.asked == ["CreateItem"]


def test_our_own_mail_is_no_request() -> None:
    with office() as one:
        EwsSubmitter(one.account).submit("mailwatch@example.com", ANN, OURS)
        one.poll()
        assert one.known() == []


@pytest.mark.parametrize(("name", "error", "words"), [(name, *row) for name, row in FAULTS.items()], ids=FAULTS)
def test_a_failure_says_whether_the_mail_may_be_on_its_way(
    name: str, error: type[SubmissionError], words: str
) -> None:
    with office(timeout=2.0 if name in ("hang", "drip") else 30) as one:
        one.server.fail(name)
        with pytest.raises(error, match=words) as caught:
            EwsSubmitter(one.account).submit("mailwatch@example.com", ANN, OURS)
        assert PASSWORD not in repr(caught.value)
        # Never asked twice: the first time may have been enough.
        assert one.server.asked == ["CreateItem"]
        if error is not SubmissionUncertain:
            assert one.server.sent == []


def test_a_lost_reply_is_found_by_the_look_into_the_mailbox() -> None:
    with office() as one:
        one.server.fail("lost reply")
        with pytest.raises(SubmissionUncertain):
            EwsSubmitter(one.account).submit("mailwatch@example.com", ANN, OURS)
        assert one.provider.holds("reminder-1@example.com")


def test_a_server_that_is_not_there_took_nothing() -> None:
    server = FakeEws(ANN)
    server.close()
    with pytest.raises(SubmissionDeferred, match="connection refused"):
        EwsSubmitter(ews_account(server)).submit("mailwatch@example.com", ANN, OURS)


def test_a_message_to_anybody_else_is_not_sent() -> None:
    with office() as one:
        with pytest.raises(SubmissionRefused, match=r"not to carl@example\.com alone"):
            EwsSubmitter(one.account).submit("mailwatch@example.com", "carl@example.com", OURS)
        copied = b"Cc: carl@example.com\r\n" + OURS
        with pytest.raises(SubmissionRefused, match="alone"):
            EwsSubmitter(one.account).submit("mailwatch@example.com", ANN, copied)
        assert one.server.sent == []


def test_with_impersonation_the_mail_leaves_from_the_senders_own_mailbox() -> None:
    server = FakeEws("service@example.com", ANN)
    try:
        account = ews_account(server, "service@example.com", access="impersonation")
        EwsSubmitter(account).submit(ANN, ANN, OURS)
        own = server.mailboxes[ANN]
        assert len(own.folder("sentitems").there()) == 1
        assert server.mailboxes["service@example.com"].folder("sentitems").there() == []
        assert server.violations == []
    finally:
        server.close()


def test_a_probe_sends_nothing_and_says_what_to_repair() -> None:
    with office() as one:
        EwsSubmitter(one.account).probe()
        assert one.server.asked == ["GetFolder"]
        one.server.fail("401")
        with pytest.raises(SubmissionDeferred, match="Check user and password"):
            EwsSubmitter(one.account).probe()
