"""The office's three weeks, read through every kind of door: the same requests and promises in the same states."""

from __future__ import annotations

import email
import email.policy
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from contract.accounts import BUILDERS, build

from mailwatch.adapters.ledger import SqlLedger
from mailwatch.adapters.maildir import archive_provider
from mailwatch.bootstrap.demo import fetch_mails, story, write_mails
from mailwatch.domain.message import Role
from mailwatch.domain.people import Directory
from mailwatch.domain.policy import Policy
from mailwatch.domain.promise import state_of as promise_state
from mailwatch.domain.request import figures_of
from mailwatch.domain.workcalendar import WorkCalendar
from mailwatch.runtime.office import GROUP, OWNER, ZONE, OfficeMail, office, told_at
from mailwatch.services.backtest import backtest
from mailwatch.services.sync import sync
from mailwatch.services.triage import triage

NOW = told_at(datetime(2026, 3, 9, 12, 0, tzinfo=UTC))
POLICY = Policy(OWNER, WorkCalendar(ZONE))
DIRECTORY = Directory(domains=frozenset({OWNER.address.domain}), groups={GROUP: frozenset({OWNER.address.addr_spec})})
GOLDEN = Path(__file__).parents[1] / "golden"
ROLES = {"INBOX": Role.INBOX, "Sent": Role.SENT, "Archive": Role.ARCHIVE, "Drafts": Role.DRAFTS}

Ends = dict[str, tuple[str, bool] | str]


def expected(mails: list[OfficeMail]) -> tuple[Ends, Ends]:
    requests: Ends = {mail.message_id: (str(mail.expect), mail.overdue) for mail in mails if mail.expect}
    promises: Ends = {mail.message_id: str(mail.promise) for mail in mails if mail.promise}
    return requests, promises


def read_through(kind: str, folder: Path) -> tuple[Ends, Ends]:
    account = build(kind, folder, [Role.INBOX, Role.SENT, Role.ARCHIVE, Role.DRAFTS])
    ledger = SqlLedger.open("sqlite://")
    try:
        for mail in office(NOW):
            if mail.mailbox in ROLES:
                account.deliver(str(ROLES[mail.mailbox]), mail.message, mail.received_at, ())
        before = account.state()
        provider = account.provider()
        sync(provider, ledger, POLICY, DIRECTORY, NOW, look_back=timedelta(days=60))
        triage(ledger, POLICY, DIRECTORY, NOW)
        provider.close()
        assert account.state() == before
        user = OWNER.address.addr_spec
        requests: Ends = {}
        for request in ledger.requests(user, NOW - timedelta(days=90)):
            figures = figures_of(request, POLICY, NOW)
            requests[request.message_id or ""] = (str(figures.state), figures.overdue)
        promises: Ends = {
            promise.message_id or "": str(promise_state(promise, POLICY, NOW))
            for promise in ledger.promises(user, NOW - timedelta(days=90))
        }
        return requests, promises
    finally:
        ledger.close()
        account.close()


@pytest.mark.parametrize("kind", BUILDERS)
def test_every_request_and_promise_of_the_office_ends_as_the_story_says(kind: str, tmp_path: Path) -> None:
    requests, promises = read_through(kind, tmp_path)
    wanted_requests, wanted_promises = expected(office(NOW))
    assert requests == wanted_requests
    assert promises == wanted_promises


def test_a_backtest_of_the_same_mail_gives_the_same_answer_as_the_daemon(tmp_path: Path) -> None:
    account = build("maildir", tmp_path, [Role.INBOX, Role.SENT, Role.ARCHIVE, Role.DRAFTS])
    for mail in office(NOW):
        if mail.mailbox in ROLES:
            account.deliver(str(ROLES[mail.mailbox]), mail.message, mail.received_at, ())
    found = backtest(archive_provider(tmp_path / "Maildir"), POLICY, DIRECTORY, NOW)
    account.close()
    wanted_requests, wanted_promises = expected(office(NOW))
    ends = {line.request.message_id: (str(line.figures.state), line.figures.overdue) for line in found.requests}
    assert ends == wanted_requests
    assert {line.promise.message_id: str(line.state) for line in found.promises} == wanted_promises


def test_both_mails_of_the_story_arrive_and_read_as_they_did(tmp_path: Path) -> None:
    with story(tmp_path, NOW) as told:
        mails = fetch_mails(told)
    write_mails(mails, tmp_path, lambda _: None)
    for kind, raw in mails.items():
        message = email.message_from_bytes(raw, policy=email.policy.default)
        assert str(message["To"].addresses[0].addr_spec) == OWNER.address.addr_spec
        assert message["Auto-Submitted"] == "auto-generated"
        golden = GOLDEN / f"office-{kind}.txt"
        words = f"Subject: {message['Subject']}\n\n{(tmp_path / f'{kind}.txt').read_text('utf-8')}"
        if os.environ.get("UPDATE_GOLDEN"):
            golden.write_text(words, "utf-8")
        assert words == golden.read_text("utf-8"), f"{golden.name}: UPDATE_GOLDEN=1 writes it anew"
