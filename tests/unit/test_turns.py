"""Whose turn it is, as small stories: who wrote what to whom, and what became of the request or the promise."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailwatch.domain.command import Word
from mailwatch.domain.conversation import Conversation, link
from mailwatch.domain.message import Headers, Message, Role
from mailwatch.domain.people import Address, Directory, User
from mailwatch.domain.policy import Policy
from mailwatch.domain.promise import Promise, PromiseEnd
from mailwatch.domain.reading import Deadline, Evidence, Finding, Reading, ReplyKind
from mailwatch.domain.request import Event, EventKind, Request, RequestState, figures_of
from mailwatch.domain.turns import follow, promise_id, request_id
from mailwatch.domain.workcalendar import WorkCalendar

BOB = User(Address("bob@example.com", "Bob Brown"), frozenset({"bob.brown@example.com", "robert@example.org"}))
POLICY = Policy(BOB, WorkCalendar(ZoneInfo("UTC")))
SALES = "sales@example.com"
DIRECTORY = Directory(
    domains=frozenset({"example.com"}),
    exceptions=frozenset({"guest@example.com"}),
    groups={
        SALES: frozenset({"bob@example.com", "carl@example.com"}),
        "board@example.com": frozenset({"ann@example.com", "dora@example.com"}),
    },
)
MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
FRIDAY = Deadline(date(2026, 3, 6), None, "by Friday")
LATER = Deadline(date(2026, 3, 10), None, "by Tuesday")

SURE = Finding(0.9, Evidence("rule", "Can you send it?"))
ASK = Reading(request=SURE, reply=ReplyKind.QUESTION)
FYI = Reading()
ANSWER = Reading()
HOLD = Reading(holding=Finding(0.9, Evidence("rule", "I'm on it.")), reply=ReplyKind.ACKNOWLEDGEMENT)
QUESTION = Reading(request=SURE, reply=ReplyKind.QUESTION)
THANKS = Reading(reply=ReplyKind.THANKS)
DECLINE = Reading(reply=ReplyKind.DECLINE)
REDIRECT = Reading(reply=ReplyKind.REDIRECT)
WITHDRAWAL = Reading(withdrawal=Finding(0.9), reply=ReplyKind.WITHDRAWAL)
PROMISE = Reading(
    promise=Finding(0.9, Evidence("rule", "I'll send it by Friday.")),
    promise_deadline=FRIDAY,
    reply=ReplyKind.ACKNOWLEDGEMENT,
)

_numbers = itertools.count()


def people(names: str) -> tuple[Address, ...]:
    return tuple(Address(n if "@" in n else f"{n}@example.com", n.partition("@")[0].title()) for n in names.split())


def mail(
    who: str,
    to: str,
    reading: Reading = ANSWER,
    *,
    hours: float = 0,
    cc: str = "",
    bcc: str = "",
    after: Message | None = None,
    subject: str | None = None,
    **more: object,
) -> Message:
    """A mail `hours` after Monday morning; `after` is the mail that it answers. Bob's own lie in Sent."""
    at = MONDAY + timedelta(hours=hours)
    parent = after.headers if after else None
    own = BOB.is_me(people(who)[0].addr_spec)
    headers = Headers(
        provider_id=str(next(_numbers)),
        received_at=at,
        sent_at=at,
        role=Role.SENT if own else Role.INBOX,
        message_id=f"{who}-{hours}@mail",
        in_reply_to=(parent.message_id,) if parent and parent.message_id else (),
        references=(*parent.references, parent.message_id) if parent and parent.message_id else (),
        author=people(who)[0],
        to=people(to),
        cc=people(cc),
        bcc=people(bcc),
        subject=subject or ("Re: Figures" if after else "Figures"),
    )
    return Message(replace(headers, **more), reading)  # type: ignore[arg-type]


def told(*messages: Message, policy: Policy = POLICY) -> tuple[tuple[Request, ...], tuple[Promise, ...]]:
    """What follows from messages that are all of one conversation."""
    conversations = link(messages)
    assert len(conversations) == 1, [one.id for one in conversations]
    return follow(conversations[0], policy, DIRECTORY)


def requests(*messages: Message) -> tuple[Request, ...]:
    return told(*messages)[0]


def promises(*messages: Message) -> tuple[Promise, ...]:
    return told(*messages)[1]


def kinds(request: Request) -> list[str]:
    return [event.kind.value for event in request.events]


def the(found: Sequence[Request]) -> Request:
    assert len(found) == 1, found
    return found[0]


ANN = mail("ann", "bob", ASK)
JOINT = mail("ann", "bob carl", ASK)


# ---------------------------------------------------------------- what is a request


def test_a_coworker_who_asks_the_user_makes_a_request() -> None:
    asked = the(requests(ANN))
    assert (asked.requester.addr_spec, asked.received_at, asked.events) == ("ann@example.com", MONDAY, ())
    assert asked.evidence == "Can you send it?"
    assert not asked.joint
    assert asked.target_group is None
    assert asked.id == request_id("bob@example.com", ANN.headers.key)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("it asks nothing", mail("ann", "bob", FYI)),
        ("an outsider", mail("zoe@elsewhere.net", "bob", ASK)),
        ("an exception of the directory", mail("guest", "bob", ASK)),
        ("the user to themselves", mail("bob", "bob", ASK)),
        ("an alias of the user", mail("robert@example.org", "bob", ASK, role=Role.INBOX)),
        ("Cc without a name", mail("ann", "carl", ASK, cc="bob")),
        ("only Bcc", mail("ann", "carl", ASK, bcc="bob")),
        ("nobody is named", mail("ann", "", ASK)),
        ("a group that is not configured", mail("ann", "everyone", ASK)),
        ("a configured group of others", mail("carl", "board", ASK)),
        ("a program", mail("ann", "bob", ASK, automatic="list-id")),
        ("a draft", mail("ann", "bob", ASK, role=Role.DRAFTS)),
        ("junk", mail("ann", "bob", ASK, role=Role.JUNK)),
        ("trash", mail("ann", "bob", ASK, role=Role.TRASH)),
        ("no author", mail("ann", "bob", ASK, author=None)),
    ],
)
def test_it_is_no_request(name: str, message: Message) -> None:
    assert requests(message) == (), name


def test_in_cc_the_user_is_asked_if_called_by_name() -> None:
    asked = the(requests(mail("ann", "carl", replace(ASK, names_reader=True), cc="bob")))
    assert not asked.joint


def test_those_in_to_do_not_settle_what_the_user_in_cc_is_asked_by_name() -> None:
    asked = mail("ann", "carl", replace(ASK, names_reader=True), cc="bob")
    assert kinds(the(requests(asked, mail("carl", "ann", cc="bob", hours=1, after=asked)))) == []


def test_those_who_are_asked_something_of_their_own_do_not_settle_what_the_user_is_asked() -> None:
    asked = mail("ann", "bob carl", replace(ASK, names_reader=True, asked_apart=True))
    request = the(requests(asked, mail("carl", "ann", hours=1, cc="bob", after=asked)))
    assert (kinds(request), request.joint) == ([], False)


TO_CARL = Reading(names_others=("carl@example.com",), calls_others=True)
NAMES_CARL = Reading(names_others=("carl@example.com",))


@pytest.mark.parametrize(
    ("to", "cc", "reading", "answered"),
    [
        ("ann carl", "", TO_CARL, "carl"),
        ("ann carl", "", NAMES_CARL, "ann carl"),
        ("ann carl", "", Reading(), "ann carl"),
        ("ann", "carl", Reading(), "ann carl"),
        ("ann", "carl", NAMES_CARL, "ann carl"),
        ("ann", "dora", Reading(), "ann"),
        ("ann", "carl", TO_CARL, "carl"),
        ("sales", "ann", Reading(), "carl"),
        ("dora", "ann carl", Reading(), "ann carl"),
    ],
)
def test_of_two_requesters_an_answer_is_to_those_whom_it_calls_or_else_to_those_in_to(
    to: str, cc: str, reading: Reading, answered: str
) -> None:
    first = mail("ann", "bob", ASK, cc="carl dora")
    second = mail("carl", "bob ann dora", ASK, hours=1, after=first)
    found = requests(first, second, mail("bob", to, reading, hours=2, cc=cc, after=second))
    assert " ".join(one.requester.addr_spec.partition("@")[0] for one in found if one.events) == answered


def test_a_reply_to_another_mail_leaves_a_requester_in_cc_waiting() -> None:
    first = mail("ann", "bob", ASK, cc="carl")
    second = mail("carl", "bob", ASK, cc="ann", hours=1, after=first)
    found = requests(first, second, mail("bob", "ann", hours=2, cc="carl", after=first))
    assert [kinds(one) for one in found] == [["answered"], []]


def test_a_reply_to_a_chaser_of_another_answers_them_both() -> None:
    first = mail("ann", "bob", ASK)
    second = mail("carl", "bob", ASK, cc="ann", hours=1, after=first)
    chaser = mail("carl", "bob", ASK, cc="ann", hours=3, after=second)
    found = requests(first, second, chaser, mail("bob", "ann", HOLD, hours=4, cc="carl", after=chaser))
    assert [kinds(one) for one in found] == [["acknowledged"], ["chased", "acknowledged"]]


def test_an_answer_that_calls_nobody_who_asked_is_one_to_all_of_them() -> None:
    asked = mail("ann", "bob", ASK, cc="carl")
    assert kinds(the(requests(asked, mail("bob", "ann carl", TO_CARL, hours=2, after=asked)))) == [EventKind.ANSWERED]


def test_a_request_through_a_configured_group_names_the_group() -> None:
    asked = the(requests(mail("ann", "sales", ASK)))
    assert asked.target_group == SALES
    assert asked.joint


def test_a_request_to_the_user_and_the_group_is_the_users_own() -> None:
    asked = the(requests(mail("ann", "sales bob", ASK)))
    assert asked.target_group is None
    assert asked.joint


def test_an_alias_or_a_subaddress_of_the_user_is_the_user() -> None:
    assert requests(mail("ann", "robert@example.org", ASK))
    assert requests(mail("ann", "bob+lists@example.com", ASK))


def test_evidence_can_be_turned_off() -> None:
    (asked,), (promised,) = told(
        ANN, mail("bob", "ann", PROMISE, hours=1, after=ANN), policy=replace(POLICY, keep_evidence=False)
    )
    assert asked.evidence == promised.evidence == ""


def test_a_request_keeps_the_chain_for_a_reply() -> None:
    asked = mail("ann", "bob", ASK, references=tuple(f"{n}@mail" for n in range(40)))
    chain = the(requests(asked)).references
    assert len(chain) == 20
    assert chain[-1] == asked.headers.message_id
    assert chain[0] == "21@mail"


def test_the_deadline_and_the_urgent_word_are_the_requesters() -> None:
    asked = the(requests(mail("ann", "bob", replace(ASK, request_deadline=FRIDAY, urgency="urgent"))))
    assert (asked.deadline, asked.urgency) == (FRIDAY, "urgent")


# ---------------------------------------------------------------- what the user's reply does


@pytest.mark.parametrize(
    ("reading", "event"),
    [
        (ANSWER, "answered"),
        (Reading(empty=True), "answered"),
        (DECLINE, "answered"),
        (Reading(withdrawal=Finding(0.9), reply=ReplyKind.WITHDRAWAL), "answered"),
        (HOLD, "acknowledged"),
        (Reading(holding=Finding(0.9)), "acknowledged"),
        (PROMISE, "acknowledged"),
        (THANKS, "acknowledged"),
        (Reading(reply=ReplyKind.RENEGOTIATION), "acknowledged"),
        (replace(PROMISE, reply=ReplyKind.DECLINE), "acknowledged"),
        (QUESTION, "asked_back"),
        (replace(THANKS, request=SURE), "asked_back"),
        (REDIRECT, "delegated"),
    ],
)
def test_what_a_reply_of_the_user_is(reading: Reading, event: str) -> None:
    reply = mail("bob", "ann", reading, hours=2, after=ANN)
    asked = the(requests(ANN, reply))
    assert asked.events == (
        Event(EventKind(event), MONDAY + timedelta(hours=2), reply.headers.message_id, Address("bob@example.com")),
    )


def test_got_it_is_an_acknowledgement_and_the_answer_comes_later() -> None:
    hold = mail("bob", "ann", HOLD, hours=1, after=ANN)
    assert kinds(the(requests(ANN, hold, mail("bob", "ann", hours=5, after=ANN)))) == ["acknowledged", "answered"]


def test_a_question_back_waits_for_the_requester_and_then_for_the_user_again() -> None:
    back = mail("bob", "ann", QUESTION, hours=1, after=ANN)
    reply = mail("ann", "bob", FYI, hours=2, after=back)
    answer = mail("bob", "ann", hours=3, after=reply)
    assert kinds(the(requests(ANN, back, reply))) == ["asked_back", "told"]
    assert kinds(the(requests(ANN, back, reply, answer))) == ["asked_back", "told", "answered"]


def test_who_asked_back_and_then_says_that_they_are_at_it_still_hears_the_requester() -> None:
    back = mail("bob", "ann", QUESTION, hours=1, after=ANN)
    held = mail("bob", "ann", HOLD, hours=2, after=back)
    reply = mail("ann", "bob", FYI, hours=3, after=held)
    asked = the(requests(ANN, back, held, reply))
    assert kinds(asked) == ["asked_back", "acknowledged", "told"]
    assert figures_of(asked, POLICY, MONDAY + timedelta(hours=5)).state is RequestState.WAITING


def test_a_reply_to_a_question_back_that_asks_again_is_no_chaser() -> None:
    back = mail("bob", "ann", QUESTION, hours=1, after=ANN)
    assert kinds(the(requests(ANN, back, mail("ann", "bob", ASK, hours=2, after=back)))) == ["asked_back", "told"]


def test_after_the_requester_told_a_further_ask_is_a_chaser() -> None:
    back = mail("bob", "ann", QUESTION, hours=1, after=ANN)
    reply = mail("ann", "bob", FYI, hours=2, after=back)
    chaser = mail("ann", "bob", ASK, hours=9, after=reply)
    assert kinds(the(requests(ANN, back, reply, chaser))) == ["asked_back", "told", "chased"]


def test_a_reply_that_does_not_reach_the_requester_answers_nothing() -> None:
    assert kinds(the(requests(ANN, mail("bob", "carl", hours=1, after=ANN)))) == []


def test_a_reply_in_cc_or_bcc_reaches_the_requester() -> None:
    assert kinds(the(requests(JOINT, mail("bob", "carl", cc="ann", hours=1, after=JOINT)))) == ["answered"]
    assert kinds(the(requests(JOINT, mail("bob", "carl", bcc="ann", hours=1, after=JOINT)))) == ["answered"]


def test_a_reply_to_the_reply_to_address_reaches_the_requester() -> None:
    asked = mail("ann", "bob", ASK, reply_to=people("ann@home.example"))
    assert kinds(the(requests(asked, mail("bob", "ann@home.example", hours=1, after=asked)))) == ["answered"]


LISBON = mail("ann", "bob", ASK, reply_to=people("lisbon@example.com"))


@pytest.mark.parametrize(
    ("reading", "event"), [(ANSWER, "answered"), (HOLD, "acknowledged"), (QUESTION, "asked_back")]
)
def test_a_reply_to_a_colleague_whom_the_reply_to_names_hands_nothing_over(reading: Reading, event: str) -> None:
    assert kinds(the(requests(LISBON, mail("bob", "lisbon", reading, hours=1, after=LISBON)))) == [event]


def test_bringing_in_a_colleague_beside_the_reply_to_address_is_still_handing_over() -> None:
    handed = mail("bob", "carl", cc="lisbon", hours=1, after=LISBON)
    assert kinds(the(requests(LISBON, handed))) == ["delegated"]


def test_a_reply_to_a_configured_group_reaches_its_members() -> None:
    assert kinds(the(requests(ANN, mail("bob", "board", hours=1, after=ANN)))) == ["answered"]
    assert kinds(the(requests(ANN, mail("bob", "sales", hours=1, after=ANN)))) == []


def called(name: str, *specs: str) -> tuple[Address, ...]:
    return tuple(Address(f"{spec}@example.com", name) for spec in specs)


ANN_GREY, ANN_ABROAD = called("Ann Grey", "ann", "ann.grey")
BY_ANN_GREY = mail("ann", "bob", ASK, author=ANN_GREY)


def addressed(message: Message, to: tuple[Address, ...]) -> Message:
    return replace(message, headers=replace(message.headers, to=to))


def test_a_reply_to_another_address_of_the_requester_answers() -> None:
    reply = addressed(mail("bob", "", hours=1, after=BY_ANN_GREY), (ANN_ABROAD,))
    assert kinds(the(requests(BY_ANN_GREY, reply))) == ["answered"]


@pytest.mark.parametrize(("reading", "event"), [(WITHDRAWAL, "withdrawn"), (ASK, "chased")])
def test_what_the_requester_writes_from_another_address_is_theirs(reading: Reading, event: str) -> None:
    again = mail("ann.grey", "bob", reading, hours=1, after=BY_ANN_GREY, author=ANN_ABROAD)
    asked = the(requests(BY_ANN_GREY, again))
    assert (kinds(asked), asked.requester) == ([event], ANN_GREY)


@pytest.mark.parametrize(
    ("why", "author", "to", "cc"),
    [
        ("one name only", called("Ann", "ann"), called("Ann", "ann.grey"), ()),
        ("another name", called("Ann Grey", "ann"), called("Ann Green", "ann.grey"), ()),
        ("no coworker", called("Ann Grey", "ann"), (Address("ann@elsewhere.net", "Ann Grey"),), ()),
        ("both in one mail", called("Ann Grey", "ann"), (ANN_ABROAD,), (ANN_ABROAD,)),
    ],
)
def test_two_addresses_that_may_be_two_peoples_are_two(
    why: str, author: tuple[Address, ...], to: tuple[Address, ...], cc: tuple[Address, ...]
) -> None:
    asked = mail("ann", "bob", ASK, author=author[0])
    asked = replace(asked, headers=replace(asked.headers, cc=cc))
    assert kinds(the(requests(asked, addressed(mail("bob", "", hours=1, after=asked), to)))) == [], why


def test_a_reply_to_a_subaddress_of_the_requester_reaches_them() -> None:
    assert kinds(the(requests(ANN, mail("bob", "ann+work@example.com", hours=1, after=ANN)))) == ["answered"]


def test_a_reply_answers_all_who_stand_in_to() -> None:
    second = mail("dora", "bob", ASK, cc="ann", hours=1, after=ANN)
    third = mail("emil", "bob", ASK, cc="ann", hours=2, after=second)
    reply = mail("bob", "dora ann", hours=3, after=second)
    ann, dora, emil = requests(ANN, second, third, reply)
    assert [kinds(one) for one in (ann, dora, emil)] == [["answered"], ["answered"], []]


def test_a_reply_answers_only_what_was_asked_before_it() -> None:
    reply = mail("bob", "ann", hours=1, after=ANN)
    later = mail("ann", "bob", ASK, hours=2, after=reply)
    first, second = requests(ANN, reply, later)
    assert (kinds(first), kinds(second)) == (["answered"], [])
    assert first.id != second.id


def test_a_slow_clock_does_not_put_the_answer_before_its_question() -> None:
    reply = mail("bob", "ann", hours=-0.1, after=ANN)
    asked = the(requests(ANN, reply))
    assert kinds(asked) == ["answered"]
    assert asked.events[0].at == asked.received_at


def test_the_receive_time_counts_and_not_what_the_sender_claims() -> None:
    late = mail("ann", "bob", ASK, sent_at=MONDAY - timedelta(days=5))
    assert the(requests(late)).received_at == MONDAY


def test_a_sent_copy_that_was_restored_years_later_keeps_its_time() -> None:
    reply = mail("bob", "ann", hours=1, after=ANN, received_at=MONDAY + timedelta(days=900))
    assert the(requests(ANN, reply)).events[0].at == MONDAY + timedelta(hours=1)


# ---------------------------------------------------------------- chasers, withdrawals


def test_a_chaser_is_counted_and_makes_no_new_request() -> None:
    chaser = mail("ann", "bob", ASK, hours=5, after=ANN)
    asked = the(requests(ANN, chaser))
    assert kinds(asked) == ["chased"]
    assert asked.received_at == MONDAY


def test_a_chaser_after_an_acknowledgement_is_a_chaser_still() -> None:
    hold = mail("bob", "ann", HOLD, hours=1, after=ANN)
    assert kinds(the(requests(ANN, hold, mail("ann", "bob", ASK, hours=9, after=hold)))) == ["acknowledged", "chased"]


@pytest.mark.parametrize("reading", [THANKS, FYI])
def test_thanks_or_news_of_the_requester_is_no_chaser(reading: Reading) -> None:
    assert kinds(the(requests(ANN, mail("ann", "bob", reading, hours=1, after=ANN)))) == []


def test_what_the_requester_asks_somebody_else_is_no_chaser() -> None:
    assert kinds(the(requests(ANN, mail("ann", "carl", ASK, cc="bob", hours=1, after=ANN)))) == []


def test_a_chaser_may_name_an_earlier_deadline_but_not_hide_a_missed_one() -> None:
    asked = mail("ann", "bob", replace(ASK, request_deadline=LATER))
    sooner = mail("ann", "bob", replace(ASK, request_deadline=FRIDAY, urgency="asap"), hours=5, after=asked)
    again = mail("ann", "bob", replace(ASK, request_deadline=LATER), hours=6, after=asked)
    found = the(requests(asked, sooner, again))
    assert (found.deadline, found.urgency) == (FRIDAY, "asap")


def test_the_requester_can_withdraw() -> None:
    assert kinds(the(requests(ANN, mail("ann", "bob", WITHDRAWAL, hours=1, after=ANN)))) == ["withdrawn"]


def test_nobody_else_can_withdraw_it() -> None:
    assert kinds(the(requests(ANN, mail("dora", "bob", WITHDRAWAL, cc="ann", hours=1, after=ANN)))) == []


def test_please_ignore_my_last_mail_is_no_new_request() -> None:
    ignore = Reading(request=Finding(0.7), withdrawal=Finding(0.9), reply=ReplyKind.WITHDRAWAL)
    assert kinds(the(requests(ANN, mail("ann", "bob", ignore, hours=1, after=ANN)))) == ["withdrawn"]


def test_never_mind_but_could_you_do_this_instead_is_a_new_request() -> None:
    instead = Reading(request=Finding(0.9), withdrawal=Finding(0.6), reply=ReplyKind.WITHDRAWAL)
    first, second = requests(ANN, mail("ann", "bob", instead, hours=1, after=ANN))
    assert (kinds(first), kinds(second)) == (["withdrawn"], [])


ANSWERED_AT_FOUR = mail("bob", "ann", hours=4, after=ANN)


def crossing(sent: float, received: float, reading: Reading = ASK, after: Message = ANN, **more: object) -> Message:
    """What Ann sends and Bob receives so many hours after Monday morning."""
    return mail("ann", "bob", reading, hours=received, after=after, sent_at=MONDAY + timedelta(hours=sent), **more)


def test_a_chaser_that_crossed_the_answer_asks_nothing() -> None:
    assert kinds(the(requests(ANN, ANSWERED_AT_FOUR, crossing(3.9, 4.1)))) == ["answered"]
    again = crossing(3.95, 4.2)
    assert kinds(the(requests(ANN, ANSWERED_AT_FOUR, crossing(3.9, 4.1), again))) == ["answered"]


def test_a_chaser_that_crossed_a_colleagues_answer_asks_nothing() -> None:
    answer = mail("carl", "ann", cc="bob", hours=4, after=JOINT)
    asked = the(requests(JOINT, answer, crossing(3.9, 4.1, after=JOINT)))
    assert kinds(asked) == ["answered_by_colleague"]


@pytest.mark.parametrize(
    ("why", "message"),
    [
        ("it was written after the answer", crossing(4.05, 4.1)),
        ("it replies to the answer, so the clock is slow", crossing(3.9, 4.1, after=ANSWERED_AT_FOUR)),
        ("it was long on its way, or the clock is wrong", crossing(2.9, 4.1)),
        (
            "it is no reply to what was asked",
            crossing(3.9, 4.1, in_reply_to=(), references=(), subject="Re: Figures"),
        ),
        ("it has no Date", replace(crossing(3.9, 4.1), headers=replace(crossing(3.9, 4.1).headers, sent_at=None))),
    ],
)
def test_what_is_asked_after_the_answer_is_a_new_request(why: str, message: Message) -> None:
    first, second = requests(ANN, ANSWERED_AT_FOUR, message)
    assert (kinds(first), kinds(second)) == (["answered"], []), why


def test_a_chaser_that_crossed_a_holding_reply_is_a_chaser() -> None:
    hold = mail("bob", "ann", HOLD, hours=4, after=ANN)
    assert kinds(the(requests(ANN, hold, crossing(3.9, 4.1)))) == ["acknowledged", "chased"]


# ---------------------------------------------------------------- colleagues


@pytest.mark.parametrize(
    ("reading", "events"),
    [
        (ANSWER, ["answered_by_colleague"]),
        (HOLD, ["answered_by_colleague"]),
        (QUESTION, ["answered_by_colleague"]),
        (REDIRECT, ["answered_by_colleague"]),
        (replace(REDIRECT, names_reader=True), []),
        (replace(REDIRECT, points_at_reader=True), []),
        (replace(QUESTION, names_reader=True), []),
        (Reading(points_at_reader=True), []),
        (replace(HOLD, points_at_reader=True), []),
        (replace(HOLD, names_reader=True), ["answered_by_colleague"]),
        (DECLINE, []),
        (THANKS, []),
    ],
)
def test_a_colleagues_reply_settles_a_joint_request(reading: Reading, events: list[str]) -> None:
    reply = mail("carl", "ann", reading, cc="bob", hours=1, after=JOINT)
    asked = requests(JOINT, reply)[0]
    assert asked.joint
    assert kinds(asked) == events
    assert all(event.by == Address("carl@example.com") for event in asked.events)


def test_a_colleagues_reply_to_someone_else_does_not() -> None:
    assert kinds(the(requests(JOINT, mail("carl", "bob", hours=1, after=JOINT)))) == []


def test_a_colleague_who_was_not_asked_does_not_settle_it() -> None:
    asked = mail("ann", "bob carl", ASK, cc="dora")
    assert kinds(the(requests(asked, mail("dora", "ann", cc="bob", hours=1, after=asked)))) == []


def test_a_member_of_the_group_settles_what_the_group_was_asked() -> None:
    asked = mail("ann", "sales", ASK)
    reply = mail("carl", "ann", cc="sales", hours=1, after=asked)
    assert kinds(the(requests(asked, reply))) == ["answered_by_colleague"]


def test_a_chaser_that_asks_a_colleague_too_makes_it_joint() -> None:
    chaser = mail("ann", "bob carl", ASK, hours=1, after=ANN)
    reply = mail("carl", "ann", cc="bob", hours=2, after=chaser)
    asked = the(requests(ANN, chaser, reply))
    assert asked.joint
    assert kinds(asked) == ["chased", "answered_by_colleague"]


def test_a_joint_request_stays_joint_when_the_user_alone_is_chased() -> None:
    chaser = mail("ann", "bob", ASK, hours=1, after=JOINT)
    assert the(requests(JOINT, chaser)).joint
    reply = mail("carl", "ann", hours=2, after=JOINT)
    assert kinds(the(requests(JOINT, chaser, reply))) == ["chased", "answered_by_colleague"]


def test_a_forward_to_a_colleague_with_the_requester_in_copy_delegates() -> None:
    forward = mail("bob", "carl", cc="ann", hours=1, after=ANN, subject="Fwd: Figures")
    assert kinds(the(requests(ANN, forward))) == ["delegated"]


def test_a_forward_that_the_requester_does_not_see_leaves_it_waiting() -> None:
    forward = mail("bob", "carl", QUESTION, hours=1, after=ANN, subject="WG: Figures")
    assert kinds(the(requests(ANN, forward))) == []


def test_a_colleague_to_whom_it_was_forwarded_settles_it_by_an_answer_to_the_requester() -> None:
    asked = mail("ann", "bob", ASK)
    forward = mail("bob", "eve", hours=1, after=asked, subject="Fwd: Figures")
    assert kinds(the(requests(asked, forward, mail("eve", "bob", hours=2, after=forward)))) == []
    answer = mail("eve", "ann", hours=2, after=forward, cc="bob", subject="Re: Figures")
    assert kinds(the(requests(asked, forward, answer))) == ["answered_by_colleague"]
    assert kinds(the(requests(asked, answer))) == []


def test_bringing_a_colleague_in_with_the_requester_in_copy_delegates() -> None:
    handed = mail("bob", "carl", QUESTION, cc="ann", hours=1, after=ANN)
    assert kinds(the(requests(ANN, handed))) == ["delegated"]


def test_asking_a_colleague_who_is_there_already_only_acknowledges() -> None:
    asked = mail("ann", "bob", ASK, cc="carl")
    assert kinds(the(requests(asked, mail("bob", "carl", QUESTION, cc="ann", hours=1, after=asked)))) == [
        "acknowledged"
    ]


def test_a_colleague_whom_the_user_asked_in_private_can_be_handed_the_request_later() -> None:
    private = mail("bob", "carl", QUESTION, hours=1, after=ANN, subject="Fwd: Figures")
    handed = mail("bob", "carl", QUESTION, hours=2, cc="ann", after=ANN)
    assert kinds(the(requests(ANN, private, handed))) == ["delegated"]


def test_a_reply_under_a_subject_that_was_forwarded_once_is_a_reply() -> None:
    asked = mail("ann", "bob carl", ASK, subject="Fwd: Invoice")
    reply = mail("bob", "ann carl", hours=1, after=asked, subject="Re: Fwd: Invoice")
    assert kinds(the(requests(asked, reply))) == ["answered"]


# ---------------------------------------------------------------- what users of other products complained about


def test_out_of_office_replies_stop_no_clock() -> None:
    robot = mail("bob", "ann", hours=1, after=ANN, automatic="auto-submitted")
    assert kinds(the(follow(Conversation("c", (ANN, robot)), POLICY, DIRECTORY)[0])) == []


def test_a_colleagues_out_of_office_reply_settles_nothing() -> None:
    robot = mail("carl", "ann", cc="bob", hours=1, after=JOINT, automatic="auto-submitted")
    assert kinds(the(follow(Conversation("c", (JOINT, robot)), POLICY, DIRECTORY)[0])) == []


def test_the_right_person_is_credited() -> None:
    theirs = mail("carl", "ann", cc="bob", hours=1, after=JOINT)
    mine = mail("bob", "ann", hours=2, after=JOINT)
    assert kinds(the(requests(JOINT, theirs, mine))) == ["answered_by_colleague"]
    mine = mail("bob", "ann", hours=0.5, after=JOINT)
    assert kinds(the(requests(JOINT, theirs, mine))) == ["answered"]


def test_a_chaser_does_not_restart_the_clock() -> None:
    chasers = [mail("ann", "bob", ASK, hours=24 * day, after=ANN) for day in range(1, 6)]
    asked = the(requests(ANN, *chasers))
    assert asked.received_at == MONDAY
    assert kinds(asked) == ["chased"] * 5


def test_a_conversation_opened_again_is_a_request_of_its_own() -> None:
    answer = mail("bob", "ann", hours=1, after=ANN)
    again = mail("ann", "bob", ASK, hours=24 * 60, after=answer)
    first, second = requests(ANN, answer, again)
    assert kinds(first) == ["answered"]
    assert second.received_at == MONDAY + timedelta(days=60)


def test_an_answer_from_an_alias_is_the_users() -> None:
    reply = mail("robert@example.org", "ann", hours=1, after=ANN, role=Role.ALL)
    assert kinds(the(requests(ANN, reply))) == ["answered"]


def test_what_lies_in_the_sent_mailbox_is_the_users_whatever_the_author_says() -> None:
    reply = mail("office@example.com", "ann", hours=1, after=ANN, role=Role.SENT)
    assert kinds(the(requests(ANN, reply))) == ["answered"]


def test_a_sent_copy_and_an_inbox_copy_answer_once() -> None:
    sent = mail("bob", "ann", HOLD, hours=1, after=ANN)
    copy = replace(sent, headers=replace(sent.headers, role=Role.INBOX, provider_id="copy"))
    assert kinds(the(requests(ANN, copy, sent))) == ["acknowledged"]


def test_a_list_copy_with_a_tag_in_the_subject_is_no_chaser() -> None:
    copy = mail("ann", "bob", ASK, subject="[team] Figures")
    assert kinds(the(requests(ANN, copy))) == []


def test_a_changed_subject_does_not_split_a_conversation() -> None:
    reply = mail("bob", "ann", hours=1, after=ANN, subject="Something else")
    assert kinds(the(requests(ANN, reply))) == ["answered"]


def test_what_the_user_settled_by_a_command_is_not_chased_but_asked_anew() -> None:
    later = mail("ann", "bob", ASK, hours=5, after=ANN)
    (conversation,) = link((ANN, later))
    word = {request_id("bob@example.com", ANN.headers.key): Word(settled=MONDAY + timedelta(hours=3))}
    first, second = follow(conversation, POLICY, DIRECTORY, told=word)[0]
    assert (kinds(first), second.received_at) == ([], MONDAY + timedelta(hours=5))


def reopened(*messages: Message, at: float) -> tuple[tuple[Request, ...], tuple[Promise, ...]]:
    """What a conversation holds in which Bob says at an hour that every item of it is open."""
    keys = [message.headers.key for message in messages]
    ids = [name("bob@example.com", key) for name in (request_id, promise_id) for key in keys]
    (conversation,) = link(messages)
    return follow(
        conversation, POLICY, DIRECTORY, told=dict.fromkeys(ids, Word(reopened=MONDAY + timedelta(hours=at)))
    )


def test_an_answer_before_the_user_opened_the_request_again_only_held() -> None:
    reply = mail("bob", "ann", hours=1, after=ANN)
    later = mail("bob", "ann", hours=5, after=reply)
    assert kinds(the(reopened(ANN, reply, at=3)[0])) == ["acknowledged"]
    assert kinds(the(reopened(ANN, reply, later, at=3)[0])) == ["acknowledged", "answered"]


def test_neither_a_colleague_nor_a_withdrawal_settles_what_the_user_opened_after_it() -> None:
    colleague = mail("carl", "ann", hours=1, after=JOINT)
    assert kinds(the(reopened(JOINT, colleague, at=3)[0])) == []
    assert kinds(the(reopened(JOINT, colleague, at=0)[0])) == ["answered_by_colleague"]
    withdrawal = mail("ann", "bob", WITHDRAWAL, hours=1, after=ANN)
    assert kinds(the(reopened(ANN, withdrawal, at=3)[0])) == []
    assert kinds(the(reopened(ANN, withdrawal, at=0)[0])) == ["withdrawn"]


def test_a_promise_that_the_user_opened_again_is_kept_by_a_later_mail() -> None:
    vow = mail("bob", "ann", PROMISE, hours=1, after=ANN)
    first, second = mail("bob", "ann", hours=3, after=vow), mail("bob", "ann", hours=9, after=vow)
    assert the(reopened(ANN, vow, first, at=5)[1]).end is None
    assert the(reopened(ANN, vow, first, second, at=5)[1]).ended_by == second.headers.message_id


ONLY_A_TIME = Reading(promise_deadline=FRIDAY, reply=ReplyKind.ACKNOWLEDGEMENT, only_a_time=True)


def test_a_time_alone_promises_what_is_to_be_done_and_answers_a_question() -> None:
    todo = mail("ann", "bob", replace(ASK, asks_to_do=True))
    (asked,), (promised,) = told(todo, mail("bob", "ann", ONLY_A_TIME, hours=1, after=todo))
    assert (kinds(asked), promised.deadline) == (["acknowledged"], FRIDAY)
    (asked,), promises = told(ANN, mail("bob", "ann", ONLY_A_TIME, hours=1, after=ANN))
    assert (kinds(asked), promises) == (["answered"], ())


# ---------------------------------------------------------------- promises


def test_a_promise_with_a_date_is_opened_and_the_request_stays_open() -> None:
    reply = mail("bob", "ann", PROMISE, hours=1, after=ANN)
    (asked,), (promised,) = told(ANN, reply)
    assert kinds(asked) == ["acknowledged"]
    assert (promised.to, promised.deadline, promised.end) == (Address("ann@example.com"), FRIDAY, None)
    assert promised.made_at == MONDAY + timedelta(hours=1)
    assert promised.evidence == "I'll send it by Friday."
    assert promised.id == promise_id("bob@example.com", reply.headers.key)


def test_an_acknowledgement_with_a_date_opens_a_promise() -> None:
    hold = replace(HOLD, request_deadline=FRIDAY)
    (promised,) = promises(ANN, mail("bob", "ann", hold, hours=1, after=ANN))
    assert (promised.deadline, promised.evidence) == (FRIDAY, "I'm on it.")


@pytest.mark.parametrize("kind", [ReplyKind.RENEGOTIATION, ReplyKind.DECLINE])
def test_a_date_offered_in_the_place_of_another_opens_a_promise_and_ends_the_old_one(kind: ReplyKind) -> None:
    offer = Reading(promise_deadline=LATER, request=SURE, reply=kind)
    asked = mail("ann", "bob", ASK)
    promised = mail("bob", "ann", PROMISE, hours=1, after=asked)
    request, (old, new) = told(asked, promised, mail("bob", "ann", offer, hours=2, after=asked))
    assert kinds(the(request)) == ["acknowledged", "acknowledged"]
    assert (old.end, new.end, new.deadline) == (PromiseEnd.RENEGOTIATED, None, LATER)


def test_the_date_of_what_the_user_asks_of_others_is_no_promise() -> None:
    guessed = Reading(request=SURE, reply=ReplyKind.RENEGOTIATION, request_deadline=FRIDAY)
    assert promises(mail("bob", "ann", guessed)) == ()
    assert promises(ANN, mail("bob", "ann", guessed, hours=1, after=ANN)) == ()


def test_a_date_that_puts_off_nobody_who_waits_is_no_promise() -> None:
    assert promises(mail("bob", "ann", replace(HOLD, request_deadline=FRIDAY))) == ()


def test_another_day_that_is_offered_to_somebody_who_does_not_wait_is_no_promise() -> None:
    offer = Reading(promise_deadline=LATER, request=SURE, reply=ReplyKind.RENEGOTIATION)
    assert promises(mail("bob", "ann", offer)) == ()


def test_a_mere_acknowledgement_opens_none() -> None:
    assert promises(ANN, mail("bob", "ann", HOLD, hours=1, after=ANN)) == ()


@pytest.mark.parametrize("kind", [ReplyKind.ACKNOWLEDGEMENT, ReplyKind.RENEGOTIATION])
def test_an_acknowledgement_that_promises_without_a_date_leaves_only_the_request_open(kind: ReplyKind) -> None:
    """A "Got it, I'll look into it" says no more than that the request is not forgotten."""
    hold = replace(PROMISE, promise_deadline=None, reply=kind)
    reply = mail("bob", "ann", hold, hours=1, after=ANN)
    (asked,), promised = told(ANN, reply)
    assert (kinds(asked), promised) == (["acknowledged"], ())
    (promised_to_ann,) = promises(ANN, reply, mail("bob", "ann", PROMISE, hours=2, after=reply))
    assert promised_to_ann.deadline == FRIDAY


def test_who_asked_for_nothing_and_is_put_off_is_promised_something() -> None:
    (promised,) = promises(mail("bob", "ann", replace(PROMISE, promise_deadline=None)))
    assert (promised.to, promised.deadline) == (Address("ann@example.com"), None)


def test_a_promise_needs_no_request_and_no_date() -> None:
    (promised,) = promises(mail("bob", "ann", replace(PROMISE, promise_deadline=None, reply=ReplyKind.ANSWER)))
    assert promised.deadline is None


@pytest.mark.parametrize("to", ["zoe@elsewhere.net", "bob", "guest", "everyone@elsewhere.net"])
def test_a_promise_to_somebody_who_is_no_coworker_is_none(to: str) -> None:
    assert promises(mail("bob", to, PROMISE)) == ()


def test_a_promise_of_a_coworker_is_not_the_users() -> None:
    assert promises(mail("ann", "bob", PROMISE)) == ()


def test_a_promise_goes_to_the_requester_before_others_in_to() -> None:
    (promised,) = promises(ANN, mail("bob", "zoe@elsewhere.net carl ann", PROMISE, hours=1, after=ANN))
    assert promised.to == Address("ann@example.com")
    (promised,) = promises(mail("bob", "zoe@elsewhere.net carl ann", PROMISE))
    assert promised.to == Address("carl@example.com")


@pytest.mark.parametrize(
    ("reading", "end"),
    [
        (ANSWER, PromiseEnd.KEPT),
        (Reading(empty=True), PromiseEnd.KEPT),
        (HOLD, None),
        (QUESTION, None),
        (THANKS, None),
        (PROMISE, None),
        (Reading(reply=ReplyKind.RENEGOTIATION), None),
        (replace(PROMISE, promise_deadline=LATER), PromiseEnd.RENEGOTIATED),
        (Reading(reply=ReplyKind.RENEGOTIATION, request_deadline=LATER), PromiseEnd.RENEGOTIATED),
        (DECLINE, PromiseEnd.RENEGOTIATED),
        (replace(PROMISE, promise_deadline=LATER, reply=ReplyKind.DECLINE), PromiseEnd.RENEGOTIATED),
        (REDIRECT, PromiseEnd.RENEGOTIATED),
    ],
)
def test_what_the_users_next_mail_does_to_a_promise(reading: Reading, end: PromiseEnd | None) -> None:
    made = mail("bob", "ann", PROMISE, hours=1, after=ANN)
    after = mail("bob", "ann", reading, hours=20, after=made)
    first = promises(ANN, made, after)[0]
    assert first.end is end
    assert first.ended_by == (after.headers.message_id if end else None)
    assert first.ended_at == (MONDAY + timedelta(hours=20) if end else None)


def test_a_renegotiated_promise_opens_a_new_one_with_the_new_date() -> None:
    made = mail("bob", "ann", PROMISE, hours=1, after=ANN)
    moved = mail("bob", "ann", replace(PROMISE, promise_deadline=LATER), hours=20, after=made)
    kept = mail("bob", "ann", hours=30, after=moved)
    first, second = promises(ANN, made, moved, kept)
    assert (first.end, first.deadline) == (PromiseEnd.RENEGOTIATED, FRIDAY)
    assert (second.end, second.deadline) == (PromiseEnd.KEPT, LATER)


def test_the_same_promise_again_is_one_promise() -> None:
    made = mail("bob", "ann", PROMISE, hours=1, after=ANN)
    assert len(promises(ANN, made, mail("bob", "ann", PROMISE, hours=9, after=made))) == 1


def test_a_promise_in_an_answer_is_a_promise_still() -> None:
    both = replace(PROMISE, reply=ReplyKind.ANSWER)
    (asked,), (promised,) = told(ANN, mail("bob", "ann", both, hours=1, after=ANN))
    assert kinds(asked) == ["answered"]
    assert promised.end is None


def test_mail_to_somebody_else_keeps_no_promise() -> None:
    made = mail("bob", "ann", PROMISE)
    assert promises(made, mail("bob", "carl", hours=1, after=made))[0].end is None


def test_a_promise_is_withdrawn_with_the_request() -> None:
    made = mail("bob", "ann", PROMISE, hours=1, after=ANN)
    (asked,), (promised,) = told(ANN, made, mail("ann", "bob", WITHDRAWAL, hours=2, after=made))
    assert (kinds(asked), promised.end) == (["acknowledged", "withdrawn"], PromiseEnd.WITHDRAWN)


def test_promises_to_two_people_are_kept_one_by_one() -> None:
    to_ann = mail("bob", "ann", PROMISE)
    to_carl = mail("bob", "carl", PROMISE, hours=1, after=to_ann)
    kept = mail("bob", "carl", hours=2, after=to_carl)
    ann, carl = promises(to_ann, to_carl, kept)
    assert (ann.end, carl.end) == (None, PromiseEnd.KEPT)


def test_a_promise_to_a_group_is_kept_by_mail_to_the_group() -> None:
    made = mail("bob", "board", PROMISE)
    assert promises(made, mail("bob", "board", hours=1, after=made))[0].end is PromiseEnd.KEPT


# ---------------------------------------------------------------- what always holds

READINGS = st.sampled_from([ASK, FYI, HOLD, QUESTION, THANKS, DECLINE, REDIRECT, WITHDRAWAL, PROMISE])
PERSON = st.sampled_from(["ann", "bob", "carl", "dora", "robert@example.org", "zoe@elsewhere.net"])


@st.composite
def stories(draw: st.DrawFn) -> list[Message]:
    told: list[Message] = []
    for place in range(draw(st.integers(1, 9))):
        who, to = draw(PERSON), " ".join(draw(st.lists(PERSON, min_size=1, max_size=3, unique=True)))
        after = draw(st.sampled_from(told)) if told else None
        at = draw(st.integers(0, 40)) + place / 1000
        told.append(
            mail(who, to, draw(READINGS), hours=at, after=after, cc=draw(st.sampled_from(["", "ann", "bob"])))
        )
    return told


@given(stories(), st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter(story: list[Message], random: Random) -> None:
    shuffled = list(story)
    random.shuffle(shuffled)
    assert link(shuffled) == link(story)
    for one in link(story):
        mixed = [message for message in shuffled if message in one.messages]
        assert follow(Conversation(one.id, tuple(mixed)), POLICY, DIRECTORY) == follow(one, POLICY, DIRECTORY)


@given(stories(), st.data())
def test_mail_from_programs_changes_nothing(story: list[Message], data: st.DataObject) -> None:
    after = data.draw(st.sampled_from(story))
    robot = mail(
        data.draw(PERSON), "ann bob", data.draw(READINGS), hours=7.5, after=after, automatic="auto-submitted"
    )
    before = [follow(one, POLICY, DIRECTORY) for one in link(story)]
    with_robot = [follow(one, POLICY, DIRECTORY) for one in link([*story, robot])]
    assert [one for one in with_robot if any(one)] == [one for one in before if any(one)]
    (one, *_) = link(story)
    mixed = Conversation(one.id, (*one.messages, robot))
    assert follow(mixed, POLICY, DIRECTORY) == follow(one, POLICY, DIRECTORY)


@given(stories(), st.floats(-30, 90))
def test_an_answer_never_leaves_its_request_waiting(story: list[Message], hours: float) -> None:
    for asked in [one for conversation in link(story) for one in follow(conversation, POLICY, DIRECTORY)[0]]:
        (asking,) = [message for message in story if message.headers.key == asked.key]
        answer = mail("bob", asked.requester.addr_spec, hours=hours, after=asking, message_id="answer@mail")
        found = [r for one in link([*story, answer]) for r in follow(one, POLICY, DIRECTORY)[0] if r.id == asked.id]
        assert any(event.kind in SETTLED for event in found[0].events)


SETTLED = {EventKind.ANSWERED, EventKind.DELEGATED, EventKind.ANSWERED_BY_COLLEAGUE, EventKind.WITHDRAWN}


@given(stories())
def test_events_are_in_order_and_none_is_before_the_request(story: list[Message]) -> None:
    for one in link(story):
        for asked in follow(one, POLICY, DIRECTORY)[0]:
            times = [asked.received_at, *(event.at for event in asked.events)]
            assert times == sorted(times)
            assert not any(event.kind in SETTLED for event in asked.events[:-1])


@given(st.text(min_size=1), st.text(min_size=1))
def test_ids_are_short_stable_and_of_their_kind(user: str, key: str) -> None:
    assert request_id(user, key) == request_id(user, key)
    assert request_id(user, key)[0] == "r"
    assert promise_id(user, key)[0] == "p"
    assert len(request_id(user, key)) == len(promise_id(user, key)) == 8
    assert request_id(user, key).isalnum()
    assert request_id(user, key).islower()


def test_times_of_day_of_two_deadlines_are_compared() -> None:
    noon = replace(FRIDAY, clock=time(12))
    asked = mail("ann", "bob", replace(ASK, request_deadline=FRIDAY))
    chaser = mail("ann", "bob", replace(ASK, request_deadline=noon), hours=1, after=asked)
    assert the(requests(asked, chaser)).deadline == noon
