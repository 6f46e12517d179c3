"""The contract of ports.Ledger for what is decided and told: requests, promises and the user's commands."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from ledger_cases import ANN, BEN, BOB, NOW, command, mail, message, open_ledger, promise, request

from mailwatch.domain.command import Verb, Why, Word
from mailwatch.domain.people import Address
from mailwatch.domain.promise import PromiseEnd
from mailwatch.domain.reading import Deadline
from mailwatch.domain.request import Event, EventKind
from mailwatch.ports import OutboxState

LATER = NOW + timedelta(hours=1)
LONG_AGO = NOW - timedelta(days=999)


def ids(items):
    return [item.id for item in items]


def triaged(ledger, requests=(), promises=(), conversation="c"):
    """What a triage of one conversation with the messages of these items commits."""
    keys = [item.key for item in (*requests, *promises)]
    ledger.save_triage(ANN, [(conversation, keys)], list(requests), list(promises))


def test_a_request_comes_back_as_it_was_decided(ledger):
    whole = request(
        1,
        requester=Address("bob@example.com", "Bob"),
        subject="Zahlen für März",
        evidence="Can you send them by Friday 5 pm?",
        deadline=Deadline(date(2026, 3, 6), time(17, 30), "by Friday 5 pm", ZoneInfo("Europe/Berlin")),
        urgency="urgent",
        target_group="sales@example.com",
        joint=True,
        references=("a@example.com", "b@example.com"),
        events=(
            Event(EventKind.CHASED, LATER, "c@example.com", BOB),
            Event(EventKind.SNOOZED, LATER, None, None, NOW + timedelta(days=1)),
        ),
    )
    triaged(ledger, [whole])
    [found] = ledger.open_requests(ANN)
    assert found == whole
    assert found.requester.display_name == "Bob"


def test_a_promise_comes_back_as_it_was_decided(ledger):
    whole = promise(
        1,
        to=Address("bob@example.com", "Bob"),
        evidence="I will send it by noon.",
        deadline=Deadline(date(2026, 3, 6), None, "by Friday", timezone(timedelta(hours=5, minutes=30))),
        references=("a@example.com",),
        end=PromiseEnd.KEPT,
        ended_at=LATER,
        ended_by="b@example.com",
    )
    triaged(ledger, promises=[whole])
    assert list(ledger.open_promises(ANN)) == []
    assert list(ledger.promises(ANN, LONG_AGO)) == [whole]


def test_triage_sees_each_message_once(ledger):
    ledger.record(ANN, "INBOX", "1", [message(1), message(2)], [], NOW, since=None, counted=2)
    ledger.save_triage(ANN, [("c", [message(1).headers.key])], [], [])
    assert [m.headers.provider_id for m in ledger.untriaged(ANN)] == ["2"]
    ledger.save_triage(ANN, [], [], [])
    assert len(ledger.untriaged(ANN)) == 1


def test_settled_items_are_not_open(ledger):
    answered = request(1, events=(Event(EventKind.ANSWERED, LATER, "a@example.com", Address(ANN)),))
    chased = request(2, events=(Event(EventKind.CHASED, LATER),))
    triaged(ledger, [answered, chased, request(3)], [promise(4), promise(5, end=PromiseEnd.KEPT, ended_at=LATER)])
    assert ids(ledger.open_requests(ANN)) == ["r2", "r3"]
    assert ids(ledger.open_promises(ANN)) == ["p4"]
    assert ids(ledger.requests(ANN, LONG_AGO)) == ["r1", "r2", "r3"]


def test_a_moment_leaves_out_what_was_over_before(ledger):
    soon, since = NOW + timedelta(minutes=2), NOW + timedelta(minutes=3)
    triaged(
        ledger,
        [request(1, events=(Event(EventKind.ANSWERED, soon),)), request(2), request(3)],
        [promise(1, end=PromiseEnd.KEPT, ended_at=soon), promise(2), promise(3, end=PromiseEnd.KEPT)],
    )
    assert ids(ledger.requests(ANN, since)) == ["r2", "r3"]
    assert ids(ledger.promises(ANN, since)) == ["p2", "p3"]
    assert list(ledger.requests(BEN, since)) == []


def test_what_is_old_and_ended_since_a_moment_is_not_left_out(ledger):
    triaged(
        ledger,
        [request(1, events=(Event(EventKind.ANSWERED, LATER),)), request(2)],
        [promise(1, end=PromiseEnd.KEPT, ended_at=LATER), promise(2)],
    )
    ledger.save_command(command("r2", Verb.DONE, at=LATER))
    ledger.save_command(command("p2", Verb.DONE, at=LATER))
    assert ids(ledger.requests(ANN, LATER)) == ["r1", "r2"]
    assert ids(ledger.promises(ANN, LATER)) == ["p1", "p2"]
    past = LATER + timedelta(seconds=1)
    assert list(ledger.requests(ANN, past)) == list(ledger.promises(ANN, past)) == []


def test_triage_replaces_what_a_conversation_held(ledger):
    triaged(ledger, [request(1), request(2)], [promise(3)])
    triaged(ledger, [request(9)], conversation="other")
    ledger.save_triage(ANN, [("c", ["k1", "k2", "k3"])], [request(1, evidence="new words")], [])
    assert [(one.id, one.evidence) for one in ledger.open_requests(ANN)] == [("r1", "new words"), ("r9", "")]
    assert list(ledger.open_promises(ANN)) == []
    assert ledger.find_item("r2") == []


def test_conversations_that_grow_together_keep_no_item_twice(ledger):
    triaged(ledger, [request(1)], conversation="first")
    triaged(ledger, [request(2)], conversation="second")
    ledger.save_triage(ANN, [("first", ["k1", "k2"])], [request(1)], [])
    assert ids(ledger.requests(ANN, LONG_AGO)) == ["r1"]


def test_what_the_user_had_in_a_mail_stays_known_and_is_not_open(ledger):
    triaged(ledger, [request(1)], [promise(2)])
    ledger.enqueue(mail("mon", items={1: "r1", 2: "p2"}, steps={"r1": 1}))
    ledger.save_triage(ANN, [("c", ["k1", "k2"])], [], [])
    assert list(ledger.open_requests(ANN)) == list(ledger.requests(ANN, LONG_AGO)) == []
    assert list(ledger.open_promises(ANN)) == []
    assert dict(ledger.steps_sent(ANN)) == {}
    assert ledger.find_item("r1") == [(ANN, "r1")]
    triaged(ledger, [request(1)])
    assert ids(ledger.open_requests(ANN)) == ["r1"]
    assert dict(ledger.steps_sent(ANN)) == {"r1": 1}


def test_what_only_a_superseded_mail_named_is_dropped(ledger):
    triaged(ledger, [request(1)])
    queued = mail("mon", items={1: "r1"}, steps={"r1": 1})
    ledger.enqueue(queued)
    ledger.update_outbox(replace(queued, state=OutboxState.SUPERSEDED), queued)
    ledger.save_triage(ANN, [("c", ["k1"])], [], [])
    assert ledger.find_item("r1") == []


def test_what_the_user_spoke_of_stays_known(ledger):
    triaged(ledger, [request(1), request(2)])
    ledger.save_command(command("r1", Verb.SNOOZE, until=LATER))
    ledger.save_triage(ANN, [("c", ["k1", "k2"])], [], [])
    assert list(ledger.open_requests(ANN)) == []
    assert ledger.find_item("r") == [(ANN, "r1")]


@pytest.mark.parametrize(
    ("verb", "kind"),
    [
        (Verb.DONE, EventKind.DONE),
        (Verb.DISMISS, EventKind.DISMISSED),
        (Verb.DELEGATE, EventKind.DELEGATED),
        (Verb.MUTE, EventKind.MUTED),
    ],
)
def test_the_users_word_settles_a_request(ledger, verb, kind):
    triaged(ledger, [request(1)])
    triaged(ledger, [request(2)], conversation="other")
    assert ledger.save_command(command("r1", verb))
    assert ids(ledger.open_requests(ANN)) == ["r2"]
    assert ledger.requests(ANN, LONG_AGO)[0].events == (Event(kind, LATER),)


def test_a_snoozed_request_stays_open_with_its_end(ledger):
    triaged(ledger, [request(1, events=(Event(EventKind.CHASED, NOW + timedelta(hours=2)),))])
    until = NOW + timedelta(days=2)
    ledger.save_command(command("r1", Verb.SNOOZE, until=until))
    [found] = ledger.open_requests(ANN)
    assert [event.kind for event in found.events] == [EventKind.SNOOZED, EventKind.CHASED]
    assert found.events[0].until == until


def test_the_users_word_holds_when_triage_comes_again(ledger):
    triaged(ledger, [request(1)])
    ledger.save_command(command("r1", Verb.DONE))
    triaged(ledger, [request(1, events=(Event(EventKind.CHASED, NOW + timedelta(hours=2)),))])
    assert list(ledger.open_requests(ANN)) == []


def test_a_command_counts_once_by_its_source(ledger):
    triaged(ledger, [request(1), request(2)])
    assert ledger.save_command(command("r1", Verb.DONE, source="mail line 1"))
    assert not ledger.save_command(command("r2", Verb.DONE, source="mail line 1"))
    assert ids(ledger.open_requests(ANN)) == ["r2"]
    assert ledger.save_command(command("r1", Verb.DONE, source="mail line 1", user=BEN))


def test_a_command_reaches_only_the_users_own_items(ledger):
    triaged(ledger, [request(1)])
    ledger.save_command(command("r1", Verb.DONE, user=BEN))
    assert ids(ledger.open_requests(ANN)) == ["r1"]


def test_a_command_may_come_before_its_item(ledger):
    assert ledger.save_command(command("r1", Verb.DONE))
    triaged(ledger, [request(1)])
    assert list(ledger.open_requests(ANN)) == []


def test_a_command_is_never_before_the_request_it_is_about(ledger):
    ledger.save_command(command("r1", Verb.DONE, at=NOW - timedelta(days=1)))
    triaged(ledger, [request(1)])
    assert ledger.requests(ANN, LONG_AGO)[0].events == (Event(EventKind.DONE, request(1).received_at),)


def test_mute_holds_for_the_whole_conversation_and_for_what_comes_later(ledger):
    triaged(ledger, [request(1), request(2)], [promise(3)])
    triaged(ledger, [request(4)], conversation="other")
    ledger.save_command(command("r1", Verb.MUTE))
    assert ids(ledger.open_requests(ANN)) == ["r4"]
    assert list(ledger.open_promises(ANN)) == []
    later = request(5, received_at=NOW + timedelta(days=1))
    triaged(ledger, [request(1), request(2), later], [promise(3)])
    assert ids(ledger.open_requests(ANN)) == ["r4"]
    found = {one.id: one.events for one in ledger.requests(ANN, LONG_AGO)}
    assert found["r2"] == (Event(EventKind.MUTED, LATER),)
    assert found["r5"] == (Event(EventKind.MUTED, later.received_at),)


def test_mute_of_a_promise_mutes_its_conversation(ledger):
    triaged(ledger, [request(1)], [promise(2)])
    ledger.save_command(command("p2", Verb.MUTE))
    assert list(ledger.open_requests(ANN)) == []


def test_mute_follows_a_conversation_that_another_grew_into(ledger):
    triaged(ledger, [request(1)], conversation="first")
    triaged(ledger, [request(2)], conversation="second")
    ledger.save_command(command("r1", Verb.MUTE))
    assert ids(ledger.open_requests(ANN)) == ["r2"]
    triaged(ledger, [request(1), request(2)], conversation="second")
    assert list(ledger.open_requests(ANN)) == []


@pytest.mark.parametrize(
    ("verb", "end"),
    [
        (Verb.DONE, PromiseEnd.KEPT),
        (Verb.DISMISS, PromiseEnd.WITHDRAWN),
        (Verb.DELEGATE, PromiseEnd.WITHDRAWN),
        (Verb.MUTE, PromiseEnd.WITHDRAWN),
    ],
)
def test_the_users_word_ends_a_promise(ledger, verb, end):
    triaged(ledger, promises=[promise(1)])
    ledger.save_command(command("p1", verb))
    assert list(ledger.open_promises(ANN)) == []
    [found] = ledger.promises(ANN, LONG_AGO)
    assert (found.end, found.ended_at, found.ended_by) == (end, LATER, None)


def test_a_snoozed_promise_is_still_open(ledger):
    triaged(ledger, promises=[promise(1)])
    ledger.save_command(command("p1", Verb.SNOOZE, until=LATER))
    assert list(ledger.open_promises(ANN)) == [replace(promise(1), snoozed_until=LATER)]


def test_a_promise_ends_with_whatever_came_first(ledger):
    kept = promise(1, end=PromiseEnd.KEPT, ended_at=NOW + timedelta(hours=2), ended_by="a@example.com")
    triaged(ledger, promises=[kept, promise(2, end=PromiseEnd.KEPT, ended_at=NOW + timedelta(minutes=9))])
    ledger.save_command(command("p1", Verb.DISMISS))
    ledger.save_command(command("p2", Verb.DISMISS))
    first, second = ledger.promises(ANN, LONG_AGO)
    assert (first.end, first.ended_at) == (PromiseEnd.WITHDRAWN, LATER)
    assert (second.end, second.ended_at) == (PromiseEnd.KEPT, NOW + timedelta(minutes=9))


def test_items_are_found_by_the_beginning_of_their_id(ledger):
    triaged(ledger, [request(1, id="ab12"), request(2, id="ab34"), request(3, id="aB99")], [promise(4, id="ab_5")])
    ledger.save_triage(BEN, [("c", ["k1"])], [request(1, id="ab12", user=BEN)], [])
    assert sorted(ledger.find_item("ab1")) == [(ANN, "ab12"), (BEN, "ab12")]
    assert sorted(found for _, found in ledger.find_item("ab")) == ["ab12", "ab12", "ab34", "ab_5"]
    assert ledger.find_item("ab_") == [(ANN, "ab_5")]
    assert ledger.find_item("") == ledger.find_item("%") == ledger.find_item("zz") == []


def test_what_one_program_tells_another_one_sees(ledger, ledger_url):
    if "memory" in ledger_url:
        pytest.skip("a database in memory is one program's own")
    triaged(ledger, [request(1)])
    shell = open_ledger(ledger_url)
    shell.save_command(command("r1", Verb.DONE))
    shell.close()
    assert list(ledger.open_requests(ANN)) == []


def test_many_conversations_are_saved_in_one_go(ledger):
    requests = [request(number, id=f"{number:06x}") for number in range(1500)]
    conversations = [(f"c{number}", [f"k{number}", f"x{number}"]) for number in range(1500)]
    ledger.save_triage(ANN, conversations, requests, [])
    ledger.save_triage(ANN, conversations, requests[:700], [])
    assert len(ledger.open_requests(ANN)) == 700


def test_the_ledger_knows_when_the_users_word_first_settled_an_item(ledger):
    ledger.save_command(command("r1", Verb.DONE, source="second", at=LATER + timedelta(hours=1)))
    ledger.save_command(command("r1", Verb.DISMISS, source="first"))
    ledger.save_command(command("r2", Verb.SNOOZE, until=LATER))
    ledger.save_command(command("r3", Verb.DELEGATE, user=BEN))
    assert dict(ledger.words_of_user(ANN)) == {"r1": Word(settled=LATER)}


HOUR = timedelta(hours=1)


@pytest.mark.parametrize("verb", [Verb.DONE, Verb.DISMISS, Verb.DELEGATE, Verb.MUTE, Verb.SNOOZE])
def test_what_the_user_said_of_an_item_is_taken_back_when_they_open_it_again(ledger, verb):
    triaged(ledger, [request(1)], [promise(2)])
    for item in ("r1", "p2"):
        ledger.save_command(command(item, verb, source=f"{item} said", until=LATER + 9 * HOUR))
        ledger.save_command(command(item, Verb.REOPEN, source=f"{item} back", at=LATER + HOUR))
    assert list(ledger.open_requests(ANN)) == [request(1)]
    assert list(ledger.open_promises(ANN)) == [promise(2)]
    ledger.save_command(command("r1", verb, source="again", at=LATER + 2 * HOUR, until=LATER + 9 * HOUR))
    [told] = ledger.requests(ANN, LONG_AGO)
    assert [event.at for event in told.events] == [LATER + 2 * HOUR]


def test_a_conversation_is_no_longer_muted_when_any_of_it_is_opened_again(ledger):
    triaged(ledger, [request(1), request(2)])
    ledger.save_command(command("r1", Verb.MUTE, source="mute"))
    assert ids(ledger.open_requests(ANN)) == []
    ledger.save_command(command("r2", Verb.REOPEN, source="back", at=LATER + HOUR))
    assert ids(ledger.open_requests(ANN)) == ["r2"]
    ledger.save_command(command("r1", Verb.REOPEN, source="back too", at=LATER + 2 * HOUR))
    assert ids(ledger.open_requests(ANN)) == ["r1", "r2"]


def test_the_conversation_of_what_is_opened_again_is_followed_anew(ledger):
    first, second = message(1), message(2)
    ledger.record(ANN, "INBOX", "1", [first, second], [], NOW, since=None, counted=2)
    triaged(ledger, [request(1, key=first.headers.key)])
    triaged(ledger, [request(2, key=second.headers.key)], conversation="another")
    assert list(ledger.untriaged(ANN)) == []
    ledger.save_command(command("r1", Verb.DONE, source="done"))
    assert list(ledger.untriaged(ANN)) == []
    ledger.save_command(command("r1", Verb.REOPEN, source="back", at=LATER + HOUR))
    assert [one.headers.key for one in ledger.untriaged(ANN)] == [first.headers.key]
    assert ledger.words_of_user(ANN) == {"r1": Word(reopened=LATER + HOUR)}


# ---------------------------------------------------------------- what was said of our mails, and its receipts


def test_what_was_said_of_our_mails_is_kept_though_it_is_old(ledger):
    said = [
        command("", Verb.STOP, at=NOW - timedelta(days=900), source="m1:1.0"),
        command("", Verb.START, at=NOW, source="m2:1.0"),
    ]
    for one in reversed(said):
        assert ledger.save_command(one)
    ledger.save_command(command("", Verb.STOP, source="m3:1.0", user=BEN))
    ledger.save_command(command("", Verb.HELP, at=NOW - timedelta(days=900), source="m4:1.0"))
    ledger.prune(NOW - timedelta(days=400))
    assert list(ledger.standing(ANN)) == said
    assert [one.source for one in ledger.unanswered(ANN, NOW - timedelta(days=999))] == ["m1:1.0", "m2:1.0"]


def test_a_command_is_unanswered_until_a_mail_confirms_it(ledger):
    unclear = command("", Verb.UNCLEAR, source="m1:2.0", words="fix it, would you", why=Why.UNKNOWN)
    done = command("r1", Verb.DONE, source="m1:1.0")
    for one in (unclear, done):
        ledger.save_command(one)
    assert list(ledger.unanswered(ANN, NOW)) == [done, unclear]
    assert list(ledger.unanswered(ANN, done.at + timedelta(seconds=1))) == []
    first = mail("9", answers=(done.source, unclear.source))
    assert ledger.enqueue(first)
    assert list(ledger.unanswered(ANN, NOW)) == []
    assert list(ledger.unanswered(BEN, NOW)) == []
    assert ledger.update_outbox(replace(first, state=OutboxState.SUPERSEDED), first)
    assert list(ledger.unanswered(ANN, NOW)) == [done, unclear], "a mail that never left has answered nothing"


def test_more_time_puts_an_item_off(ledger):
    triaged(ledger, [request(1)], [promise(2)])
    for item in ("r1", "p2"):
        ledger.save_command(command(item, Verb.MORE_TIME, until=LATER))
    [asked] = ledger.open_requests(ANN)
    [made] = ledger.open_promises(ANN)
    assert [(event.kind, event.until) for event in asked.events] == [(EventKind.SNOOZED, LATER)]
    assert made.snoozed_until == LATER
