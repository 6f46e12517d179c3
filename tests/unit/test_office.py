"""The demo's office: its mail is what real mail programs write, and its story holds on every Monday."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mailwatch.detection.reader import read_message
from mailwatch.domain import conversation, promise, turns
from mailwatch.domain.message import Message, Role
from mailwatch.domain.mime import read_headers, read_text
from mailwatch.domain.people import Directory
from mailwatch.domain.policy import Policy
from mailwatch.domain.promise import PromiseState
from mailwatch.domain.request import RequestState, figures_of
from mailwatch.domain.secondlook import second_look
from mailwatch.domain.workcalendar import WorkCalendar
from mailwatch.runtime.office import GROUP, OWNER, ZONE, OfficeMail, office, told_at

DIRECTORY = Directory(domains=frozenset({OWNER.address.domain}), groups={GROUP: frozenset({OWNER.address.addr_spec})})
MOMENTS = [
    datetime(2026, 11, 22, 2, 0, tzinfo=UTC),
    datetime(2026, 11, 16, 8, 0, tzinfo=UTC),
    datetime(2026, 4, 6, 12, 0, tzinfo=UTC),
    datetime(2026, 1, 2, 7, 0, tzinfo=UTC),
    datetime(2028, 3, 1, 23, 0, tzinfo=UTC),
]


def _read(mail: OfficeMail, policy: Policy) -> Message:
    role = {"Sent": Role.SENT, "Junk": Role.JUNK}.get(mail.mailbox, Role.INBOX)
    headers = read_headers(mail.message, provider_id=mail.message_id, role=role, received_at=mail.received_at)
    assert headers.message_id == mail.message_id
    headers, text = second_look(headers, read_text(mail.message, provider_id=mail.message_id))
    return Message(headers, read_message(headers, text, policy))


@pytest.mark.parametrize("now", MOMENTS, ids=str)
def test_every_request_and_promise_is_in_the_state_that_the_story_tells(now: datetime) -> None:
    at, mails = told_at(now), office(now)
    policy = Policy(OWNER, WorkCalendar(ZONE))
    read = [_read(mail, policy) for mail in mails if mail.mailbox != "Junk"]
    requests, promises = {}, {}
    for one in conversation.link(read):
        asked, promised = turns.follow(one, policy, DIRECTORY)
        requests.update({each.message_id: each for each in asked})
        promises.update({each.message_id: each for each in promised})
    found = {}
    for mail in mails:
        request, made = requests.get(mail.message_id), promises.get(mail.message_id)
        figures = figures_of(request, policy, at) if request else None
        found[mail.message_id] = (
            figures.state if figures else None,
            bool(figures and figures.overdue),
            promise.state_of(made, policy, at) if made else None,
        )
    assert found == {mail.message_id: (mail.expect, mail.overdue, mail.promise) for mail in mails}


def test_the_story_shows_every_idea_of_the_product() -> None:
    mails = office(MOMENTS[0])
    shown = {mail.expect for mail in mails if mail.expect}
    by_command = {RequestState.SNOOZED, RequestState.DONE, RequestState.DISMISSED, RequestState.MUTED}
    assert shown == set(RequestState) - by_command
    kept = {mail.promise for mail in mails if mail.promise}
    assert kept >= set(PromiseState) - {PromiseState.MISSED, PromiseState.WITHDRAWN}
    policy = Policy(OWNER, WorkCalendar(ZONE))
    automatic = {_read(mail, policy).headers.automatic for mail in mails} - {None}
    assert len(automatic) >= 4


@pytest.mark.parametrize("now", MOMENTS, ids=str)
def test_people_write_when_people_work_and_before_the_story_is_told(now: datetime) -> None:
    at, mails = told_at(now), office(now)
    assert at <= now < at + timedelta(days=7)
    assert (at.astimezone(ZONE).weekday(), at.astimezone(ZONE).hour) == (0, 9)
    assert [mail.received_at for mail in mails] == sorted(mail.received_at for mail in mails)
    assert at - timedelta(days=21) < mails[0].received_at < mails[-1].received_at < at
    for mail in mails:
        local = mail.received_at.astimezone(ZONE)
        if mail.expect or mail.mailbox == "Sent":
            assert local.weekday() < 5
            assert 7 <= local.hour < 18


def test_the_bytes_are_mail_as_it_travels() -> None:
    mails = office(MOMENTS[0])
    assert len({mail.message_id for mail in mails}) == len(mails)
    assert office(MOMENTS[0]) == mails
    for mail in mails:
        assert b"\n" not in mail.message.replace(b"\r\n", b"")
        assert max(map(len, mail.message.split(b"\r\n"))) <= 998 or mail.message_id.startswith("hostile")
        assert mail.message.startswith(b"Received: ") == (mail.mailbox != "Sent")
        assert {mail.mailbox} <= {"INBOX", "Sent", "Junk"}
