"""The contract of ports.Ledger for what is seen, sent and kept, over SQLite and PostgreSQL."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Barrier, Thread

import pytest
from ledger_cases import ANN, BEN, NOW, command, mail, message, open_ledger, promise, request, sync_state

from mailwatch.adapters import ledger_kept
from mailwatch.adapters.ledger import SqlLedger
from mailwatch.adapters.rows import StoredHeaders
from mailwatch.domain.command import Verb
from mailwatch.domain.marking import Mark, MarkState
from mailwatch.domain.message import Headers, Message, Role, SetAside
from mailwatch.domain.people import Address
from mailwatch.domain.reading import NOTHING_READ, Evidence, Finding, Reading
from mailwatch.domain.request import Event, EventKind
from mailwatch.ports import Ledger, OutboxState

READ = Reading(
    request=Finding(0.9, Evidence("question", "Could you send it?")),
    names_others=("carl@example.com",),
    calls_others=True,
    asks_to_do=True,
    only_a_time=True,
    points_at_reader=True,
    language="en",
)


def is_a_ledger(ledger: SqlLedger) -> Ledger:
    """The type checker's word that the whole port is there."""
    return ledger


def record(ledger: Ledger, *messages: Message, mailbox: str = "INBOX", state: str = "1", user: str = ANN) -> None:
    since = sync_state(ledger, user, mailbox)
    assert ledger.record(user, mailbox, state, messages, [], NOW, since=since, counted=len(messages))


def all_at_once(work: list) -> list:
    """Runs functions in threads that start together; what each returned or raised."""
    barrier, results = Barrier(len(work)), [None] * len(work)

    def run(index: int) -> None:
        barrier.wait()
        try:
            results[index] = work[index]()
        except Exception as error:
            results[index] = error

    threads = [Thread(target=run, args=(index,)) for index in range(len(work))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


# ---------------------------------------------------------------- seen


def test_a_new_ledger_knows_nothing(ledger):
    assert sync_state(ledger, ANN, "INBOX") is None
    assert list(ledger.reports()) == []
    assert list(ledger.untriaged(ANN)) == []
    assert list(ledger.outbox()) == []
    assert list(ledger.open_requests(ANN)) == []
    assert dict(ledger.steps_sent(ANN)) == {}


def test_a_message_comes_back_as_it_was_recorded(ledger):
    whole = Message(
        Headers(
            provider_id="7:12",
            received_at=NOW,
            role=Role.ARCHIVE,
            message_id="a@example.com",
            in_reply_to=("b@example.com",),
            references=("c@example.com", "b@example.com"),
            author=Address("bob@example.com", "Bob Šťastný"),
            reply_to=(Address("desk@example.com"),),
            to=(Address(ANN, "Ann"), Address("carl@example.com")),
            cc=(Address("dora@example.com"),),
            bcc=(Address("eve@example.com"),),
            subject="Re: Zahlen für März",
            sent_at=NOW - timedelta(microseconds=7),
            sent_offset=timedelta(hours=-3, minutes=-30),
            automatic="list",
        ),
        READ,
    )
    record(ledger, whole)
    [found] = ledger.untriaged(ANN)
    assert found == whole
    assert found.headers.author.display_name == "Bob Šťastný"
    assert found.headers.key == whole.headers.key
    assert found.headers.received_at.utcoffset() == timedelta(0)


def test_a_batch_is_committed_with_its_sync_state(ledger):
    record(ledger, message(1), message(2), state="first")
    record(ledger, message(3), state="second")
    record(ledger, state="other", mailbox="Sent")
    assert sync_state(ledger, ANN, "INBOX") == "second"
    assert sync_state(ledger, ANN, "Sent") == "other"
    assert [m.headers.provider_id for m in ledger.untriaged(ANN)] == ["1", "2", "3"]


def test_a_batch_that_fails_leaves_nothing_behind(ledger):
    record(ledger, message(1), state="first")
    naive = replace(message(3), headers=replace(message(3).headers, received_at=datetime(2026, 3, 2)))  # noqa: DTZ001
    with pytest.raises(ValueError, match="no zone"):
        record(ledger, message(2), naive, state="second")
    assert sync_state(ledger, ANN, "INBOX") == "first"
    assert len(ledger.untriaged(ANN)) == 1


def test_a_known_message_is_not_doubled(ledger):
    record(ledger, message(1), message(1))
    record(ledger, message(1), mailbox="Archive")
    assert len(ledger.untriaged(ANN)) == 1


@pytest.mark.parametrize("order", [(Role.SENT, Role.INBOX), (Role.INBOX, Role.SENT)])
def test_of_two_copies_the_one_in_sent_counts(ledger, order):
    for role in order:
        record(ledger, message(1, role=role, provider_id=f"in {role}"), mailbox=role.value)
    [found] = ledger.untriaged(ANN)
    assert (found.headers.role, found.headers.provider_id) == (Role.SENT, "in sent")


def test_a_sent_copy_that_comes_after_triage_is_triaged_again(ledger):
    record(ledger, message(1, role=Role.INBOX))
    ledger.save_triage(ANN, [("c", [message(1).headers.key])], [], [])
    record(ledger, message(1, role=Role.INBOX))
    assert list(ledger.untriaged(ANN)) == []
    record(ledger, message(1, role=Role.SENT), mailbox="Sent")
    assert [m.headers.role for m in ledger.untriaged(ANN)] == [Role.SENT]


def test_a_reading_that_was_missing_is_taken_later_and_triaged(ledger):
    record(ledger, message(1))
    ledger.save_triage(ANN, [("c", [message(1).headers.key])], [], [])
    record(ledger, replace(message(1), reading=READ))
    record(ledger, message(1))
    assert [m.reading for m in ledger.untriaged(ANN)] == [READ]


def test_a_new_uidvalidity_keeps_what_was_seen(ledger):
    record(ledger, message(1, provider_id="1:1"))
    ledger.save_triage(ANN, [("c", [message(1).headers.key])], [], [])
    ledger.forget_sync_state(ANN, "INBOX")
    assert sync_state(ledger, ANN, "INBOX") is None
    record(ledger, message(1, provider_id="2:1"))
    assert list(ledger.untriaged(ANN)) == []
    [found] = ledger.neighbours(ANN, [message(1).headers.message_id], [])
    assert found.headers.provider_id == "2:1"


def test_a_long_subject_is_cut_and_its_key_stays(ledger):
    long = message(1, subject="x" * 500)
    record(ledger, long)
    [found] = ledger.untriaged(ANN)
    assert found.headers.subject == "x" * 200
    assert isinstance(found.headers, StoredHeaders)
    assert found.headers.key == long.headers.key
    ledger.save_triage(ANN, [("c", [found.headers.key])], [], [])
    assert list(ledger.untriaged(ANN)) == []


def test_a_recorded_message_can_be_set_aside_and_is_forgotten(ledger):
    whole, other = message(1), message(2)
    record(ledger, whole, other)
    ledger.put_aside(ANN, whole.headers.key, "too much", NOW)
    ledger.put_aside(ANN, "no such key", "too much", NOW)
    assert list(ledger.set_aside(ANN)) == [SetAside(whole.headers.provider_id, "too much")]
    assert [one.headers.key for one in ledger.untriaged(ANN)] == [other.headers.key]
    record(ledger, whole, state="2")
    assert list(ledger.set_aside(ANN)) == []


def test_what_a_database_cannot_hold_is_taken_out(ledger):
    bad = Message(
        replace(message(1).headers, subject="a\ud83db\0c", author=Address("bob@example.com", "B\udcffb"), to=()),
        Reading(request=Finding(0.9, Evidence("question", "now\udfff?"))),
    )
    ledger.record(ANN, "IN\ud800", "1", [bad], [SetAside("9\udc80", "why\0not \ud800")], NOW, since=None, counted=1)
    [found] = ledger.untriaged(ANN)
    assert found.headers.subject == "abc"
    assert found.headers.author.display_name == "Bb"
    assert found.reading.request.evidence.words == "now?"
    assert found.headers.key == bad.headers.key
    assert list(ledger.set_aside(ANN)) == [SetAside("9", "whynot ")]
    assert sync_state(ledger, ANN, "IN\ud800") == "1"
    assert ledger.find_item("\ud800") == ledger.find_item("\0") == []


def test_endless_message_ids_and_references_are_bearable(ledger):
    endless = "x" * 5000 + "@example.com"
    chain = tuple(f"{number}@example.com" for number in range(3000))
    one = Message(replace(message(1).headers, message_id=endless, references=chain))
    record(ledger, one)
    ledger.save_triage(ANN, [("c", [one.headers.key])], [], [])
    assert len(ledger.neighbours(ANN, [endless], [])) == 1
    assert len(ledger.neighbours(ANN, [chain[-1]], [])) == 1


def test_evidence_is_at_most_200_characters(ledger):
    record(ledger, replace(message(1), reading=Reading(request=Finding(1.0, Evidence("r", "y" * 900)))))
    [found] = ledger.untriaged(ANN)
    assert len(found.reading.request.evidence.words) == 200


def test_what_was_set_aside_is_listed_until_it_can_be_read(ledger):
    ledger.record(
        ANN, "INBOX", "1", [], [SetAside("5", "broken"), SetAside("6", "broken")], NOW, since=None, counted=2
    )
    ledger.record(ANN, "INBOX", "2", [], [SetAside("5", "still broken")], NOW, since="1", counted=1)
    assert list(ledger.set_aside(ANN)) == [SetAside("5", "still broken"), SetAside("6", "broken")]
    record(ledger, message(1, provider_id="6"))
    assert [one.provider_id for one in ledger.set_aside(ANN)] == ["5"]
    ledger.forget_sync_state(ANN, "INBOX")
    assert list(ledger.set_aside(ANN)) == []


@pytest.mark.parametrize("meanwhile", ["erase", "forget", "another batch"])
def test_a_batch_of_a_round_whose_beginning_is_no_longer_stored_is_not_committed(ledger, meanwhile):
    record(ledger, message(1), state="1")
    if meanwhile == "erase":
        ledger.erase(ANN)
    elif meanwhile == "forget":
        ledger.forget_sync_state(ANN, "INBOX")
    else:
        record(ledger, message(2), state="2")
    before = [list(ledger.reports()), list(ledger.untriaged(ANN)), sync_state(ledger, ANN, "INBOX")]
    found, broken = [message(3)], [SetAside("5", "broken")]
    assert not ledger.record(ANN, "INBOX", "3", found, broken, NOW, since="1", counted=7)
    assert [list(ledger.reports()), list(ledger.untriaged(ANN)), sync_state(ledger, ANN, "INBOX")] == before
    assert list(ledger.set_aside(ANN)) == []


def test_a_first_batch_is_not_committed_twice(ledger):
    assert ledger.record(ANN, "INBOX", "\ud8001", [message(1)], [], NOW, since=None, counted=1)
    assert not ledger.record(ANN, "INBOX", "1", [message(2)], [], NOW, since=None, counted=1)
    assert ledger.record(ANN, "INBOX", "2", [message(2)], [], NOW, since="\ud8001", counted=1)


def test_a_report_says_how_reading_goes(ledger):
    ledger.record(ANN, "INBOX", "1", [message(1)], [SetAside("5", "broken")], NOW, since=None, counted=40)
    ledger.record(ANN, "Sent", "1", [], [], NOW, since=None, counted=2)
    [report] = ledger.reports()
    assert (report.user, report.messages, report.set_aside) == (ANN, 42, 1)
    assert (report.first_round_done, report.last_sync_at, report.error) == (False, None, None)
    ledger.report_sync(ANN, NOW, None)
    [report] = ledger.reports()
    assert (report.first_round_done, report.last_sync_at) == (True, NOW)


def test_the_report_on_one_user_is_found_without_those_on_all(ledger):
    for user in (ANN, BEN):
        ledger.record(user, "INBOX", "1", [message(1)], [SetAside("5", "broken")], NOW, since=None, counted=1)
        ledger.note_mark(user, Mark("k1", "Open", MarkState.SETTING, f"It failed for {user}."))
    [report] = ledger.reports(BEN)
    assert (report.user, report.set_aside, report.not_marked) == (BEN, 1, (f"It failed for {BEN}.",))
    assert [report] == [each for each in ledger.reports() if each.user == BEN]
    assert list(ledger.reports("nobody@example.com")) == []


def test_an_error_without_end_began_once(ledger):
    ledger.report_sync(BEN, NOW, "no route")
    ledger.report_sync(BEN, NOW + timedelta(hours=1), "wrong password", refused=True)
    ledger.report_sync(BEN, NOW + timedelta(hours=2), "wrong password", refused=True)
    [report] = ledger.reports()
    assert (report.error, report.failing_since, report.login_refusals) == ("wrong password", NOW, 2)
    assert not report.first_round_done
    ledger.report_sync(BEN, NOW + timedelta(hours=3), None)
    [report] = ledger.reports()
    assert (report.error, report.failing_since, report.login_refusals) == (None, None, 0)
    ledger.report_sync(BEN, NOW + timedelta(hours=4), "no route")
    [report] = ledger.reports()
    assert (report.failing_since, report.last_sync_at) == (NOW + timedelta(hours=4), NOW + timedelta(hours=3))
    assert report.first_round_done


def test_users_do_not_see_each_other(ledger):
    record(ledger, message(1))
    record(ledger, message(1), user=BEN, state="ben")
    ledger.save_triage(BEN, [("c", [message(1).headers.key])], [request(1, user=BEN)], [])
    assert len(ledger.untriaged(ANN)) == 1
    assert list(ledger.open_requests(ANN)) == []
    assert sync_state(ledger, ANN, "INBOX") == "1"
    assert ledger.neighbours("carl@example.com", ["1@example.com"], ["numbers"]) == []


def test_what_is_open_since_a_moment_comes_with_the_whole_of_its_conversation(ledger):
    asked, told, promised, answered = message(1), message(2), message(3), message(4)
    record(ledger, asked, told, promised, answered)
    keys = [one.headers.key for one in (asked, told, promised, answered)]
    ledger.save_triage(
        ANN,
        [("a", keys[:2]), ("b", keys[2:3]), ("c", keys[3:])],
        [
            request(1, key=keys[0]),
            request(4, key=keys[3], events=(Event(EventKind.ANSWERED, NOW, None, Address(ANN)),)),
        ],
        [promise(3, key=keys[2])],
    )

    def found(since):
        return [m.headers.provider_id for m in ledger.neighbours(ANN, [], [], since)]

    assert found(NOW) == ["1", "2", "3"]
    assert found(NOW + timedelta(minutes=3)) == ["3"]
    assert found(NOW + timedelta(minutes=4)) == []
    assert found(None) == []


def test_neighbours_are_found_by_id_by_reference_and_by_subject(ledger):
    first, reply = message(1), message(2, references=("1@example.com", "gone@example.com"))
    alone = message(3, subject="AW: Numbers")
    other = message(4, subject="")
    record(ledger, first, reply, alone, other)
    assert ledger.neighbours(ANN, ["1@example.com"], []) == []  # What no triage has seen is not looked for.
    ledger.save_triage(ANN, [(one.headers.key, [one.headers.key]) for one in (first, reply, alone, other)], [], [])

    def found(ids=(), subjects=()):
        return [m.headers.provider_id for m in ledger.neighbours(ANN, ids, subjects)]

    assert found(["1@example.com"]) == ["1", "2"]
    assert found(["gone@example.com"]) == ["2"]
    assert found([], ["numbers"]) == ["3"]
    assert found(["nobody@example.com"], ["nothing", ""]) == []
    assert found() == []
    ledger.save_triage(ANN, [("c", [first.headers.key, alone.headers.key]), ("d", [other.headers.key])], [], [])
    assert found(["3@example.com"]) == ["1", "3"]
    assert found(["3@example.com"] + [f"{n}@nowhere" for n in range(2000)]) == ["1", "3"]


# ---------------------------------------------------------------- sent


def test_a_mail_is_queued_once_a_period_and_comes_back_whole(ledger):
    first = mail("mon", items={1: "r1", 2: "p1"}, steps={"r1": 1, "p1": 0})
    assert ledger.enqueue(first)
    assert not ledger.enqueue(mail("mon", message=b"other"))
    assert ledger.enqueue(mail("tue", created_at=NOW + timedelta(days=1)))
    assert ledger.enqueue(mail("mon", user=BEN, created_at=NOW - timedelta(days=1)))
    assert ledger.enqueue(mail("mon", kind="weekly-summary", created_at=NOW + timedelta(days=2)))
    assert next(iter(ledger.outbox(ANN))) == first
    assert [(one.user, one.period) for one in ledger.outbox()] == [
        (BEN, "mon"),
        (ANN, "mon"),
        (ANN, "tue"),
        (ANN, "mon"),
    ]


def test_a_mail_moves_on_only_from_where_it_was(ledger):
    queued = mail("mon")
    ledger.enqueue(queued)
    sending = replace(queued, state=OutboxState.SENDING, attempts=1, sending_since=NOW)
    assert ledger.update_outbox(sending, queued)
    assert not ledger.update_outbox(sending, queued)
    again = replace(sending, attempts=2, sending_since=NOW + timedelta(minutes=15))
    assert ledger.update_outbox(again, sending)
    assert not ledger.update_outbox(replace(sending, state=OutboxState.SENT), sending)
    [found] = ledger.outbox(ANN)
    assert found == again
    deferred = replace(again, state=OutboxState.QUEUED, next_try_at=NOW, error="451 later")
    assert ledger.update_outbox(deferred, again)
    assert list(ledger.outbox(ANN)) == [deferred]
    assert not ledger.update_outbox(mail("never"), mail("never"))


def test_a_sent_mail_leaves_the_outbox_and_its_words_are_not_kept(ledger):
    queued = mail("mon", message=b"the words of a coworker", items={1: "r1"})
    ledger.enqueue(queued)
    aside = replace(queued, state=OutboxState.SET_ASIDE, error="550 no")
    assert ledger.update_outbox(aside, queued)
    assert [one.state for one in ledger.outbox(ANN)] == [OutboxState.SET_ASIDE]
    assert ledger.update_outbox(replace(aside, state=OutboxState.SENT), aside)
    assert list(ledger.outbox()) == []
    assert not ledger.enqueue(queued)
    assert "coworker" not in json.dumps([row for _, row in ledger.export(ANN)], default=str)
    assert ledger.sent_mail(ANN, [queued.message_id]).items == {1: "r1"}
    assert ledger.sent_mail(BEN, [queued.message_id]) is None


def test_the_last_mail_that_was_sent_is_known_by_its_time(ledger):
    assert ledger.last_sent_at(ANN) is None
    for number, state in enumerate((OutboxState.SENT, OutboxState.SENT, OutboxState.SET_ASIDE)):
        queued = mail(f"slot {number}", user=ANN)
        ledger.enqueue(queued)
        at = NOW + timedelta(hours=number)
        assert ledger.update_outbox(replace(queued, state=state, sending_since=at, attempts=1), queued)
    assert ledger.last_sent_at(ANN) == NOW + timedelta(hours=1)
    assert ledger.last_sent_at(BEN) is None


def test_a_mail_that_is_sent_again_keeps_its_bytes(ledger):
    queued = mail("mon")
    ledger.enqueue(queued)
    again = replace(queued, state=OutboxState.SENDING_AGAIN, attempts=2, sending_since=NOW)
    assert ledger.update_outbox(again, queued)
    assert list(ledger.outbox(ANN)) == [again]


def test_a_superseded_mail_counts_for_nothing_and_gives_its_place(ledger):
    ledger.save_triage(ANN, [("c", ["k1"])], [request(1)], [])
    queued = mail("mon", items={1: "r1"}, steps={"r1": 1})
    ledger.enqueue(queued)
    assert (dict(ledger.steps_sent(ANN)), ledger.mails_since(ANN, NOW)) == ({"r1": 1}, 1)
    assert ledger.update_outbox(replace(queued, state=OutboxState.SUPERSEDED), queued)
    assert list(ledger.outbox()) == []
    assert (dict(ledger.steps_sent(ANN)), ledger.mails_since(ANN, NOW)) == ({}, 0)
    newer = mail("mon", message=b"newer", items={1: "r1"}, steps={"r1": 2})
    assert ledger.enqueue(newer)
    assert not ledger.enqueue(newer)
    assert list(ledger.outbox()) == [newer]
    assert dict(ledger.steps_sent(ANN)) == {"r1": 2}


def test_a_mail_that_was_set_aside_told_nobody_but_an_item_is_not_named_in_such_for_ever(ledger):
    ledger.save_triage(ANN, [("c", ["k1"])], [request(1)], [])
    ledger.enqueue(mail("first", steps={"r1": 1}, created_at=NOW))
    told = [dict(ledger.steps_sent(ANN))]
    for number in range(6):
        refused = mail(f"{number}", steps={"r1": 2}, created_at=NOW + timedelta(hours=number + 1))
        ledger.enqueue(refused)
        assert ledger.steps_sent(ANN) == {"r1": 2}  # It is on its way.
        ledger.update_outbox(replace(refused, state=OutboxState.SET_ASIDE, error="550 no"), refused)
        told.append(dict(ledger.steps_sent(ANN)))
    assert [steps["r1"] for steps in told] == [1, 1, 1, 1, 1, 2, 2]


def test_a_digest_that_was_set_aside_confirmed_nothing_and_keeps_no_words(ledger):
    ledger.save_command(command("r1", Verb.DONE))
    refused = mail("mon", message=b"the words of a coworker", answers=("r1 done",))
    ledger.enqueue(refused)
    assert list(ledger.unanswered(ANN, NOW)) == []
    ledger.update_outbox(replace(refused, state=OutboxState.SET_ASIDE, error="550 no"), refused)
    assert [one.source for one in ledger.unanswered(ANN, NOW)] == ["r1 done"]
    assert [(one.message, one.error) for one in ledger.outbox(ANN)] == [(b"", "550 no")]


def test_the_last_step_of_each_open_item_is_known(ledger):
    ledger.save_triage(ANN, [("c", ["k1", "k2"])], [request(1), request(2)], [])
    ledger.enqueue(mail("mon", steps={"r1": 1, "r2": 1, "gone": 3}))
    ledger.enqueue(mail("tue", steps={"r1": 2}, created_at=NOW + timedelta(days=1)))
    assert dict(ledger.steps_sent(ANN)) == {"r1": 2, "r2": 1}
    ledger.save_command(command("r1", Verb.DONE))
    assert dict(ledger.steps_sent(ANN)) == {"r2": 1}


def test_only_reminders_count_towards_the_day(ledger):
    ledger.enqueue(mail("mon"))
    ledger.enqueue(mail("old", created_at=NOW - timedelta(days=1)))
    ledger.enqueue(mail("week", kind="weekly-summary"))
    ledger.enqueue(mail("mon", user=BEN))
    assert ledger.mails_since(ANN, NOW) == 1


def test_of_eight_threads_one_puts_a_mail_into_the_outbox(ledger_url):
    ledgers = [open_ledger(ledger_url) for _ in range(2)] if "memory" not in ledger_url else [open_ledger(ledger_url)]
    mails = [mail("mon", message=bytes([65 + n]), items={1: "r1"}, steps={"r1": n}) for n in range(8)]
    results = all_at_once([lambda n=n: ledgers[n % len(ledgers)].enqueue(mails[n]) for n in range(8)])
    assert sorted(results, key=bool) == [False] * 7 + [True]
    assert list(ledgers[0].outbox()) == [mails[results.index(True)]]
    for ledger in ledgers:
        ledger.close()


# ---------------------------------------------------------------- scheduled


def test_work_is_planned_and_falls_due(ledger):
    assert ledger.due_at("sync", ANN) is None
    assert ledger.claim("sync", ANN, None, NOW)
    assert not ledger.claim("sync", ANN, None, NOW + timedelta(days=1))
    assert ledger.claim("sync", BEN, None, NOW - timedelta(hours=1))
    assert ledger.claim("remind", ANN, None, NOW)
    assert ledger.due_at("sync", ANN) == NOW
    assert ledger.claim("sync", ANN, NOW, NOW + timedelta(minutes=5))
    assert not ledger.claim("sync", ANN, NOW, NOW + timedelta(minutes=5))
    assert ledger.due_at("sync", ANN) == NOW + timedelta(minutes=5)
    assert ledger.due_at("sync", BEN) == NOW - timedelta(hours=1)
    with pytest.raises(ValueError, match="no zone"):
        ledger.claim("sync", ANN, NOW, datetime(2026, 3, 2))  # noqa: DTZ001


@pytest.mark.parametrize("planned", [None, NOW])
def test_of_eight_threads_one_claims_what_is_due(ledger_url, planned):
    ledgers = [open_ledger(ledger_url) for _ in range(2)] if "memory" not in ledger_url else [open_ledger(ledger_url)]
    if planned:
        ledgers[0].claim("remind", ANN, None, planned)
    next_due = [NOW + timedelta(hours=n + 1) for n in range(8)]
    claims = [lambda n=n: ledgers[n % len(ledgers)].claim("remind", ANN, planned, next_due[n]) for n in range(8)]
    results = all_at_once(claims)
    assert sorted(results, key=bool) == [False] * 7 + [True]
    assert ledgers[0].due_at("remind", ANN) == next_due[results.index(True)]
    for ledger in ledgers:
        ledger.close()


def test_a_pool_of_threads_and_another_program_write_at_once(ledger_url):
    ledgers = [open_ledger(ledger_url) for _ in range(2)] if "memory" not in ledger_url else [open_ledger(ledger_url)]

    def work(n: int) -> None:
        ledger, user = ledgers[n % len(ledgers)], f"user{n % 3}@example.com"
        for batch in range(5):
            found = [message(n * 100 + batch * 10 + one) for one in range(10)]
            since = str(batch - 1) if batch else None
            assert ledger.record(user, f"INBOX {n}", str(batch), found, [], NOW, since=since, counted=10)
            ledger.save_command(command(f"r{n}", Verb.DONE, user=user, source=f"{n} {batch}"))
            ledger.untriaged(user)

    assert all_at_once([lambda n=n: work(n) for n in range(8)]) == [None] * 8
    assert sum(report.messages for report in ledgers[0].reports()) == 8 * 5 * 10
    assert sum(len(ledgers[0].untriaged(f"user{n}@example.com")) for n in range(3)) == 8 * 5 * 10
    for ledger in ledgers:
        ledger.close()


# ---------------------------------------------------------------- kept


def fill(ledger: Ledger, user: str) -> None:
    old = NOW - timedelta(days=400)
    found, broken = [message(n) for n in range(1, 6)], [SetAside("9", "broken")]
    ledger.record(user, "INBOX", "s", found, broken, NOW, since=None, counted=6)
    keys = [message(n).headers.key for n in range(1, 6)]
    ledger.save_triage(
        user,
        [("c1", keys[:1]), ("c2", keys[1:3]), ("c3", keys[3:])],
        [
            request(1, user=user, key=keys[0], received_at=old),
            request(2, user=user, key=keys[1], received_at=old),
            request(3, user=user, key=keys[2]),
        ],
        [],
    )
    ledger.enqueue(mail("old", user=user, items={1: "r2"}, steps={"r2": 1}, created_at=old))
    ledger.save_command(command("r2", Verb.DONE, user=user, at=old))
    ledger.claim("sync", user, None, NOW)
    ledger.report_sync(user, NOW, None)


def test_everything_on_a_user_is_exported_and_nothing_of_others(ledger):
    fill(ledger, ANN)
    record(ledger, message(77), user=BEN)
    rows = list(ledger.export(ANN))
    assert {name for name, _ in rows} == {
        "messages",
        "mentions",
        "set_aside",
        "sync_states",
        "reports",
        "requests",
        "commands",
        "outbox",
        "named",
        "schedule",
    }
    assert all(row["user_address"] == ANN for _, row in rows)
    facts = [row["facts"] for name, row in rows if name == "requests"]
    assert facts[0]["requester"] == "bob@example.com"
    assert next(row["received_at"] for name, row in rows if name == "messages").utcoffset() == timedelta(0)
    assert json.dumps(rows, default=str)
    assert list(ledger.export("nobody@example.com")) == []


def test_an_erased_user_is_gone_and_the_others_stay(ledger):
    fill(ledger, ANN)
    fill(ledger, BEN)
    before = len(list(ledger.export(BEN)))
    assert ledger.erase(ANN) == before
    assert list(ledger.export(ANN)) == []
    assert sync_state(ledger, ANN, "INBOX") is None
    assert ledger.due_at("sync", ANN) is None
    assert len(list(ledger.export(BEN))) == before
    assert ledger.erase(ANN) == 0


def test_pruning_takes_what_is_settled_and_old_and_leaves_what_is_open(ledger):
    fill(ledger, ANN)
    outcome = replace(mail("old", user=ANN), created_at=NOW - timedelta(days=400))
    ledger.update_outbox(replace(outcome, state=OutboxState.SENT), outcome)
    before = len(list(ledger.export(ANN)))
    count = ledger.prune(NOW - timedelta(days=365))
    rows = list(ledger.export(ANN))
    assert count == before - len(rows)
    left = {name: [row for found, row in rows if found == name] for name in {name for name, _ in rows}}
    assert [row["id"] for row in left["requests"]] == ["r1", "r3"]
    assert "commands" not in left
    assert "outbox" not in left
    assert "named" not in left
    assert len(left["messages"]) == 5
    ledger.prune(NOW + timedelta(days=1))
    rows = list(ledger.export(ANN))
    assert sorted(row["key"] for name, row in rows if name == "messages") == sorted(
        message(n).headers.key for n in (1, 2, 3)
    )
    assert {row["key"] for name, row in rows if name == "mentions"} == {
        row["key"] for name, row in rows if name == "messages"
    }
    assert [one.id for one in ledger.open_requests(ANN)] == ["r1", "r3"]
    assert sync_state(ledger, ANN, "INBOX") == "s"


def test_each_user_is_pruned_in_a_transaction_of_their_own_so_that_others_can_write_between(ledger, monkeypatch):
    fill(ledger, ANN)
    fill(ledger, BEN)
    prune, pruned = ledger_kept.prune, []

    def once(connection, user, before):
        if pruned:
            raise ZeroDivisionError
        pruned.append(user)
        return prune(connection, user, before)

    monkeypatch.setattr(ledger_kept, "prune", once)
    with pytest.raises(ZeroDivisionError):
        ledger.prune(NOW + timedelta(days=1))
    tables = {user: {name for name, _ in ledger.export(user)} for user in (ANN, BEN)}
    assert [user for user in (ANN, BEN) if "set_aside" not in tables[user]] == pruned


def test_a_mail_that_names_what_is_still_open_is_not_pruned(ledger):
    ledger.save_triage(ANN, [("c", ["k1"])], [request(1)], [])
    queued = mail("mon", items={1: "r1"}, steps={"r1": 3})
    ledger.enqueue(queued)
    ledger.update_outbox(replace(queued, state=OutboxState.SENT), queued)
    assert ledger.prune(NOW + timedelta(days=900)) == 0
    assert dict(ledger.steps_sent(ANN)) == {"r1": 3}


def test_a_message_that_was_never_read_is_as_before(ledger):
    record(ledger, message(1))
    assert [m.reading for m in ledger.untriaged(ANN)] == [NOTHING_READ]
