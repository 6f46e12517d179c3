"""Replies to our mails as people write them: each leads to what it means, and what is hostile leads to nothing."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from mailwatch.adapters.ledger import SqlLedger
from mailwatch.domain.command import Command, Verb, Why
from mailwatch.domain.message import Mailbox, Role, SetAside, Text
from mailwatch.domain.people import Address, Directory, User
from mailwatch.domain.policy import Policy
from mailwatch.domain.request import Request
from mailwatch.domain.workcalendar import WorkCalendar
from mailwatch.errors import Unreachable
from mailwatch.ports import OutboxMail
from mailwatch.services.act import Hearing
from mailwatch.services.sync import sync
from mailwatch.testing import FakeAccount, FakeProvider

CASES = tomllib.loads((Path(__file__).parents[1] / "corpus" / "answers.toml").read_text("utf-8"))
REPLIES, HOSTILE = CASES["reply"], CASES["hostile"]

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 10, 10, 0, tzinfo=BERLIN)  # A Tuesday.
ANN, BOB = Address("ann@example.com", "Ann Smith"), Address("bob@example.com", "Bob Lee")
DANA = Address("dana@example.com", "Dana Whitfield")
OURS = "mailwatch@example.com"
REMINDER, BOBS = "reminder-of-ann@example.com", "reminder-of-bob@example.com"
DIRECTORY = Directory(domains=frozenset({"example.com"}))
IDS = {1: "raaaaaa1", 2: "raaaaaa2", 3: "raaaaaa3", 4: "raaaaaa4"}
BOBS_ID = "rbbbbbb1"


def request(user: Address, id: str) -> Request:
    return Request(id, user.addr_spec, f"key of {id}", f"{id}@mail.example.com", DANA, "Figures", NOW)


def reminder(user: Address, message_id: str, items: Mapping[int, str]) -> OutboxMail:
    return OutboxMail(user.addr_spec, "reminder", "9", message_id, b"", NOW, items=items)


@pytest.fixture
def ledger() -> Iterator[SqlLedger]:
    opened = SqlLedger.open("sqlite://")
    for user, message_id, items in ((ANN, REMINDER, IDS), (BOB, BOBS, {1: BOBS_ID})):
        asked = [request(user, id) for id in items.values()]
        opened.save_triage(user.addr_spec, [(one.key, [one.key]) for one in asked], asked, [])
        opened.enqueue(reminder(user, message_id, items))
    yield opened
    opened.close()


def policy(language: str = "en", *, evidence: bool = True) -> Policy:
    user = User(ANN, frozenset({"a.smith@example.com"}))
    return Policy(user, WorkCalendar(BERLIN), language=language, keep_evidence=evidence)


def letter(case: Mapping[str, Any], number: int = 1) -> bytes:
    """The mail of a case; what it leaves out is as in a good answer."""
    message = EmailMessage()
    message["From"] = case.get("from", "Ann Smith <ann@example.com>")
    message["To"] = case.get("to", f"mailwatch <{OURS}>")
    for field in ("cc", "bcc"):
        if field in case:
            message[field.title()] = case[field]
    message["Subject"] = case.get("subject", "Re: Dana has waited since yesterday")
    message["Date"] = format_datetime(case.get("at", NOW))
    message["Message-ID"] = f"<answer-{number}@mail.example.com>"
    answers = {"bob": BOBS, "made up": "reminder-of-anne@example.com", "nobody": ""}.get(
        case.get("answers", ""), REMINDER
    )
    if answers:
        message["In-Reply-To"] = message["References"] = f"<{answers}>"
    for name, value in case.get("fields", {}).items():
        message[name] = value
    words = case.get("words", "") * case.get("repeat", 1)
    for number_of_item, id in IDS.items():
        words = words.replace(f"[@{number_of_item}]", f"[{id}]")
    words = words.replace("[@bob]", f"[{BOBS_ID}]").replace("[@beginning]", f"[{IDS[1][:6]}]")
    if "html" in case:
        message.set_content(case["html"], subtype="html")
    else:
        message.set_content(words)
    if "attached" in case:
        inner = EmailMessage()
        inner["Subject"] = "stop"
        inner.set_content(case["attached"])
        message.add_attachment(inner)
    return message.as_bytes()


def poll(ledger: SqlLedger, account: FakeAccount, of: Policy, *, address: str = OURS, now: datetime = NOW) -> None:
    """One sync that listens at an address."""
    hearing = Hearing(ledger, of, frozenset({address}), now)
    sync(
        account.provider(),
        ledger,
        of,
        DIRECTORY,
        now,
        look_back=timedelta(days=30),
        hear=hearing.hear,
        command_addresses=hearing.addresses,
    )


def heard(ledger: SqlLedger, case: Mapping[str, Any], **other: Any) -> list[Command]:
    """What is recorded when a mail is read."""
    account = FakeAccount((Role.INBOX, Role.SENT, Role.ARCHIVE, Role.DRAFTS))
    account.deliver(case.get("role", "sent"), letter(case), case.get("at", NOW))
    of = policy(case.get("language", "en"), evidence=other.pop("evidence", True))
    poll(ledger, account, of, **other)
    return all_commands(ledger)


def all_commands(ledger: SqlLedger) -> list[Command]:
    beginning = datetime(1970, 1, 1, tzinfo=UTC)
    return [*ledger.unanswered(ANN.addr_spec, beginning), *ledger.unanswered(BOB.addr_spec, beginning)]


def told(command: Command) -> str:
    """A command as the corpus writes it."""
    if command.verb is Verb.UNCLEAR:
        return f"? {command.why}"
    number = next((f" {n}" for n, id in IDS.items() if id == command.item), "")
    until = f" until {command.until.astimezone(BERLIN):%a %d.%m. %H:%M}" if command.until else ""
    return f"{command.verb}{number}{until}" + (f" to {command.to}" if command.to else "")


@pytest.mark.parametrize("case", REPLIES, ids=[f"{n} {case['words'][:40]!r}" for n, case in enumerate(REPLIES, 1)])
def test_a_reply_leads_to_what_it_means(ledger: SqlLedger, case: dict[str, Any]) -> None:
    if case.get("items") == 1:
        one = reminder(ANN, "reminder-of-one-item@example.com", {1: IDS[1]})
        assert ledger.enqueue(OutboxMail(one.user, one.kind, "14", one.message_id, b"", NOW, items=one.items))
        case = {**case, "fields": {"In-Reply-To": f"<{one.message_id}>"}, "answers": "nobody"}
    assert [told(command) for command in heard(ledger, case)] == case["means"]


@pytest.mark.parametrize("case", HOSTILE, ids=[case["name"] for case in HOSTILE])
def test_nothing_hostile_is_obeyed(ledger: SqlLedger, case: dict[str, Any]) -> None:
    obeyed = [told(command) for command in heard(ledger, case) if command.verb is not Verb.UNCLEAR]
    assert obeyed == []
    assert len(ledger.open_requests(ANN.addr_spec)) == 4
    assert len(ledger.open_requests(BOB.addr_spec)) == 1


def test_the_corpus_is_as_large_as_it_should_be() -> None:
    assert len(REPLIES) >= 80
    assert len(HOSTILE) >= 25
    assert {case.get("language", "en") for case in REPLIES} == {"en", "de", "fr", "es"}


# ---------------------------------------------------------------- once, and whose


def test_a_mail_that_is_read_again_is_obeyed_once(ledger: SqlLedger) -> None:
    account = FakeAccount((Role.INBOX, Role.SENT, Role.ARCHIVE))
    for mailbox in ("sent", "archive", "sent"):
        account.deliver(mailbox, letter({"words": "done 1\nmute 2\nwhat else"}), NOW)
    poll(ledger, account, policy())
    before = all_commands(ledger)
    assert [told(one) for one in before] == ["done 1", "mute 2", "? unknown"]
    account.invalidate()
    poll(ledger, account, policy(), now=NOW + timedelta(hours=1))
    assert all_commands(ledger) == before


def test_a_sync_that_ends_before_its_batch_is_committed_repeats_without_harm(ledger: SqlLedger) -> None:
    account = FakeAccount()
    account.deliver("sent", letter({"words": "done 1"}), NOW)

    class Cut(Exception):
        pass

    record = ledger.record

    def cut(*batch: Any, since: str | None, counted: int) -> bool:
        if counted:
            raise Cut
        return record(*batch, since=since, counted=counted)

    ledger.record = cut  # type: ignore[method-assign]
    with pytest.raises(Cut):
        poll(ledger, account, policy())
    ledger.record = record  # type: ignore[method-assign]
    assert [told(one) for one in all_commands(ledger)] == ["done 1"]
    poll(ledger, account, policy())
    assert [told(one) for one in all_commands(ledger)] == ["done 1"]


def test_an_order_is_not_kept_as_a_message(ledger: SqlLedger) -> None:
    heard(ledger, {"words": "done 1, I will send Dana the rest by Friday"})
    assert list(ledger.untriaged(ANN.addr_spec)) == []


def test_without_evidence_not_even_strange_words_are_kept(ledger: SqlLedger) -> None:
    (strange,) = heard(ledger, {"words": "she had a baby"}, evidence=False)
    assert (strange.words, strange.why) == ("", Why.UNKNOWN)


def test_strange_words_of_long_ago_are_not_answered(ledger: SqlLedger) -> None:
    said = heard(ledger, {"words": "what a day\ndone 1", "at": NOW - timedelta(days=9)})
    assert [told(one) for one in said] == ["done 1"]


def test_a_mailbox_that_cannot_be_read_says_so(ledger: SqlLedger) -> None:
    account = FakeAccount()
    account.failure = Unreachable("gone")
    with pytest.raises(Unreachable):
        poll(ledger, account, policy())


def test_no_text_is_fetched_that_could_hold_no_order(ledger: SqlLedger) -> None:
    account, asked = FakeAccount(), []
    account.deliver("inbox", letter({"from": "news@shop.example", "to": "ann@example.com", "words": "stop"}), NOW)

    class Watched(FakeProvider):
        def texts(self, mailbox: Mailbox, ids: Sequence[str]) -> Iterator[Text | SetAside]:
            asked.extend(ids)
            return super().texts(mailbox, ids)

    account.provider = lambda batch=10: Watched(account, batch)  # type: ignore[method-assign]
    poll(ledger, account, policy(), address="ann@example.com")
    assert asked == []


# ---------------------------------------------------------------- links, where mail programs drop In-Reply-To

NEW = {"answers": "nobody", "subject": "Dana has waited since yesterday"}


def test_a_link_is_obeyed_by_the_id_that_it_brings(ledger: SqlLedger) -> None:
    said = heard(ledger, {**NEW, "words": "snooze 2 until tomorrow [@2]"})
    assert [told(one) for one in said] == ["snooze 2 until Wed 11.03. 09:00"]


def test_a_number_without_an_answer_is_asked_about(ledger: SqlLedger) -> None:
    assert [told(one) for one in heard(ledger, {**NEW, "words": "done 2"})] == ["? no_reply"]


@pytest.mark.parametrize(
    ("subject", "words"),
    [("stop", "stop"), ("stop", ""), ("Unsubscribe", ""), ("stop", "Sent from my iPhone"), ("stop", "-- \nAnn")],
)
@pytest.mark.parametrize("address", [OURS, "ann@example.com"])
def test_the_link_that_stops_and_the_unsubscribe_button_are_obeyed(
    ledger: SqlLedger, subject: str, words: str, address: str
) -> None:
    case = {"answers": "nobody", "subject": subject, "words": words, "to": address}
    assert [told(one) for one in heard(ledger, case, address=address)] == ["stop"]


@pytest.mark.parametrize("words", ["done 1", "stop smoking", "Stop", "buy milk", "done", ""])
def test_where_mailwatch_has_no_address_of_its_own_a_note_to_oneself_is_left_alone(
    ledger: SqlLedger, words: str
) -> None:
    case = {"answers": "nobody", "subject": "Notes", "words": words, "to": "ann@example.com"}
    assert heard(ledger, case, address="ann@example.com") == []
    assert list(ledger.untriaged(ANN.addr_spec)) == []


def test_where_mailwatch_has_no_address_of_its_own_replies_and_links_are_obeyed(ledger: SqlLedger) -> None:
    own = {"to": "ann@example.com"}
    account = FakeAccount()
    account.deliver("sent", letter({**own, "words": "done 1"}), NOW)
    account.deliver("sent", letter({**NEW, **own, "words": "done 2 [@2]"}, number=2), NOW)
    poll(ledger, account, policy(), address="ann@example.com")
    assert sorted(told(one) for one in all_commands(ledger)) == ["done 1", "done 2"]


def test_an_alias_of_the_user_may_answer(ledger: SqlLedger) -> None:
    assert [told(one) for one in heard(ledger, {"words": "done 3", "from": "a.smith@example.com"})] == ["done 3"]
