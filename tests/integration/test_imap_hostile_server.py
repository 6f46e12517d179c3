"""What a server may do wrong, and what becomes of it: the right error, and no message lost for another's sake."""

from __future__ import annotations

import itertools
import re
import selectors
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from servers.dovecot import free_port
from servers.scripted_imap import (
    CAPABILITIES,
    Answer,
    Conversation,
    ScriptedImap,
    header_answer,
    scripted,
    uids_asked,
)

from mailwatch.adapters.imap import ImapAccount, ImapProvider
from mailwatch.adapters.imap_wire import Wire
from mailwatch.domain.message import Headers, Mailbox, Role, SetAside
from mailwatch.errors import (
    BackOff,
    CannotCalculateChanges,
    LoginRefused,
    MailwatchError,
    ProtocolBroken,
    ProviderError,
    RoleMissing,
    SettingsError,
    Unreachable,
)
from mailwatch.ports import Changes, Notice

INBOX = Mailbox("INBOX", Role.INBOX, "INBOX")
NOW = datetime(2026, 11, 10, 12, tzinfo=UTC)
SECRET = "canary-secret"
FIELDS = "From: bob@example.com\nSubject: m\n\n"
IDLE_STATE = '{"validity": 7, "next": 4, "floor": 1}'


def provider(port: int, **settings: Any) -> ImapProvider:
    account = {"host": "127.0.0.1", "security": "plain", "timeout": 30.0} | settings
    return ImapProvider(
        ImapAccount(port=port, user="ann", secret=lambda: SECRET, **account), sleep=lambda seconds: None
    )


@contextmanager
def talking(script: dict[str, Answer | list[Answer]], **options: str) -> Iterator[tuple[ScriptedImap, ImapProvider]]:
    with scripted(script, **options) as server:
        reader = provider(server.port)
        try:
            yield server, reader
        finally:
            reader.close()


def ids(*uids: int) -> list[str]:
    return [f"INBOX/7/{uid}" for uid in uids]


def bye(talk: Conversation, command: str) -> None:
    talk.send("* BYE shutting down\n")
    talk.drop()


def drop(talk: Conversation, command: str) -> None:
    talk.drop()


def answer_all(talk: Conversation, command: str) -> None:
    for uid in uids_asked(command):
        talk.send(header_answer(uid, FIELDS))
    talk.send(f"{talk.tag} OK done\n")


# ---------------------------------------------------------------- connections that break


@pytest.mark.parametrize("fault", [bye, drop], ids=["BYE", "EOF"])
def test_a_connection_that_is_lost_is_made_anew_within_the_call(fault: Answer) -> None:
    status = '* STATUS "INBOX" (UIDNEXT 4 UIDVALIDITY 7)\n{tag} OK done'
    with talking({"STATUS": [fault, fault, status]}) as (server, reader):
        assert reader.changes(INBOX, IDLE_STATE, NOW).created == ()
        assert server.connections == 3


@pytest.mark.parametrize("fault", [bye, drop], ids=["BYE", "EOF"])
def test_a_server_that_hangs_up_every_time_is_unreachable_after_three_tries(fault: Answer) -> None:
    with talking({"STATUS": fault}) as (server, reader):
        with pytest.raises(Unreachable, match=rf"127\.0\.0\.1:{server.port} was lost"):
            reader.changes(INBOX, IDLE_STATE, NOW)
        assert server.connections == 3


def test_a_server_that_answers_drop_by_drop_is_not_waited_for_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    def drip(talk: Conversation, command: str) -> None:
        while True:
            talk.send("* OK still working")

    seconds = itertools.count(0, 60)
    monkeypatch.setattr("mailwatch.adapters.imap_wire.time", SimpleNamespace(monotonic=lambda: next(seconds)))
    with talking({"STATUS": drip}) as (_, reader), pytest.raises(Unreachable, match="did not answer in time"):
        reader.changes(INBOX, IDLE_STATE, NOW)


def test_a_connection_that_died_between_two_polls_costs_nothing_but_a_login() -> None:
    with talking({}) as (server, reader):
        reader.changes(INBOX, IDLE_STATE, NOW)
        server._open[0].shutdown(2)
        assert reader.changes(INBOX, IDLE_STATE, NOW).created == ()
        assert server.connections == 2


def test_a_server_that_says_nothing_is_not_waited_for_without_end() -> None:
    with scripted({"STATUS": lambda talk, command: None}) as server:
        reader = provider(server.port, timeout=0.2)
        with pytest.raises(Unreachable, match="did not answer in time"):
            reader.changes(INBOX, IDLE_STATE, NOW)
        # The time limit holds for the tries together, too.
        assert server.connections == 1
        reader.close()


def test_nobody_listens() -> None:
    port = free_port()
    with pytest.raises(Unreachable, match=rf"127\.0\.0\.1:{port} cannot be reached: .*Check host and port"):
        provider(port).mailboxes()


def test_a_host_that_does_not_exist() -> None:
    with pytest.raises(Unreachable, match=r"nowhere\.invalid:143 cannot be found"):
        provider(143, host="nowhere.invalid", allow_plaintext=True).mailboxes()


@pytest.mark.parametrize(
    ("greeting", "error"),
    [
        ("220 mail.example.com ESMTP\n", ProtocolBroken),
        ("HTTP/1.1 400 Bad Request\n\n", ProtocolBroken),
        ("* BYE too busy\n", ProtocolBroken),
        ("* BYE Too many simultaneous connections\n", BackOff),
        ("* OK {99999999999}\n", ProtocolBroken),
        ("\n", ProtocolBroken),
    ],
)
def test_a_greeting_that_is_none(greeting: str, error: type[MailwatchError]) -> None:
    with talking({}, greeting=greeting) as (server, reader), pytest.raises(error, match=str(server.port)):
        reader.mailboxes()


# ---------------------------------------------------------------- logging in


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        ("{tag} NO [AUTHENTICATIONFAILED] no", LoginRefused, "refused the login of ann.*Check user and password"),
        (f"{{tag}} NO wrong: {SECRET}", LoginRefused, "wrong: …"),
        (f"{{tag}} BAD what is {SECRET}?", LoginRefused, "refused the login"),
        ("{tag} NO [UNAVAILABLE] busy", BackOff, "asks to wait"),
        ("{tag} NO [ALERT] Too many simultaneous connections. (Failure)", BackOff, "Too many"),
        ("* BYE go away\n{tag} NO no", Unreachable, "was lost"),
    ],
)
def test_a_login_that_is_refused(answer: str, error: type[MailwatchError], words: str) -> None:
    with talking({"LOGIN": answer}) as (_, reader):
        with pytest.raises(error, match=words) as caught:
            reader.mailboxes()
        assert SECRET not in str(caught.value)
        assert SECRET not in repr(caught.value.__cause__)


def test_a_refused_login_is_tried_once_only() -> None:
    with talking({"LOGIN": "{tag} NO no"}) as (server, reader):
        with pytest.raises(LoginRefused):
            reader.mailboxes()
        assert server.connections == 1


def test_a_password_is_not_sent_where_the_server_wants_tls_first() -> None:
    with talking({}, capabilities="IMAP4rev1 LOGINDISABLED") as (server, reader):
        with pytest.raises(LoginRefused, match='security = "starttls"'):
            reader.mailboxes()
        assert not any("LOGIN" in command for command in server.commands)


def test_names_and_passwords_may_hold_any_sign() -> None:
    with scripted() as server:
        account = ImapAccount("127.0.0.1", server.port, 'a "b" \\', lambda: 'p"\\w', "plain")
        reader = ImapProvider(account)
        reader.mailboxes()
        assert 'LOGIN "a \\"b\\" \\\\" "p\\"\\\\w"' in server.commands
        reader.close()


def test_a_secret_with_a_line_end_never_reaches_the_server() -> None:
    with scripted() as server:
        reader = ImapProvider(ImapAccount("127.0.0.1", server.port, "ann", lambda: "x\r\nA9 NOOP", "plain"))
        with pytest.raises(LoginRefused, match="line end"):
            reader.mailboxes()
        assert server.commands == ["CAPABILITY"]


@pytest.mark.parametrize("greeting", ["* OK ready\n", "* PREAUTH welcome\n"])
def test_a_server_without_starttls_gets_no_password(greeting: str) -> None:
    with scripted(greeting=greeting) as server:
        reader = provider(server.port, security="starttls")
        with pytest.raises(ProtocolBroken, match="offers no STARTTLS"):
            reader.mailboxes()
        assert not any("LOGIN" in command for command in server.commands)


def test_tls_to_a_port_that_speaks_plain_says_what_to_check() -> None:
    with scripted() as server:
        reader = provider(server.port, security="tls")
        with pytest.raises(Unreachable, match=r"does not speak TLS as expected.*Check port and security"):
            reader.mailboxes()


def test_a_password_crosses_no_network_in_the_clear_without_an_explicit_word() -> None:
    with pytest.raises(SettingsError, match="unencrypted"):
        ImapAccount("mail.example.com", 143, "ann", lambda: SECRET, "plain")
    ImapAccount("mail.example.com", 143, "ann", lambda: SECRET, "plain", allow_plaintext=True)
    for loopback in ("localhost", "127.0.0.1", "::1"):
        assert SECRET not in repr(ImapAccount(loopback, 143, "ann", lambda: SECRET, "plain"))


def test_a_ca_file_that_is_not_there_is_a_fault_in_the_settings() -> None:
    with pytest.raises(SettingsError, match="ca_file = /nowhere"):
        provider(993, security="tls", ca_file="/nowhere/ca.pem").mailboxes()


def test_words_that_were_slipped_in_before_tls_are_never_read() -> None:
    # CVE-2011-0411 and its kin: someone between sends more than the plain OK of STARTTLS.
    with scripted({"NOOP": "{tag} OK done\n* CAPABILITY SLIPPED"}) as server:
        wire = Wire("127.0.0.1", server.port, 5, None, None)
        wire.noop()
        while not wire.line_is_there():
            pass
        plain, (wire.sock, other) = wire.sock, socket.socketpair()
        assert not wire.line_is_there()
        other.sendall(b"* OK within TLS\r\n")
        assert wire.readline() == b"* OK within TLS\r\n"
        for sock in (plain, other):
            sock.close()
        wire.shutdown()


# ---------------------------------------------------------------- asking to wait, refusing


def test_a_suggested_back_off_time_is_obeyed_to_the_second() -> None:
    refusal = "{tag} BAD Request is throttled. Suggested Backoff Time: 92415 milliseconds"
    with talking({"STATUS": refusal}) as (_, reader):
        with pytest.raises(BackOff, match="asks to wait 92 seconds") as caught:
            reader.changes(INBOX, IDLE_STATE, NOW)
        assert caught.value.seconds == 92.415


def test_a_mailbox_that_was_removed_is_missing_and_the_mailboxes_are_listed_again() -> None:
    with talking({"STATUS": "{tag} NO [NONEXISTENT] no such mailbox"}) as (server, reader):
        reader.mailboxes()
        with pytest.raises(RoleMissing, match="INBOX cannot be read now"):
            reader.changes(INBOX, IDLE_STATE, NOW)
        reader.mailboxes()
        assert sum(command.startswith("LIST") for command in server.commands) == 2
        assert server.connections == 1


def test_mailboxes_that_may_not_be_opened_or_are_others_are_passed_over_when_a_mail_is_looked_for() -> None:
    listed = "".join(f'* LIST () "/" {name}\n' for name in ("INBOX", "Sent", "Locked", "user/bob", "Drafts", "Rules"))
    script: dict[str, Answer | list[Answer]] = {
        "LIST": listed + "{tag} OK done",
        "NAMESPACE": '* NAMESPACE (("" "/")) (("user/" "/")) NIL\n{tag} OK done',
        'EXAMINE "Locked"': "{tag} NO [NOPERM] not yours",
        "UID SEARCH": ["* SEARCH\n{tag} OK done", "* SEARCH\n{tag} OK done", "* SEARCH 3\n{tag} OK done"],
    }
    with talking(script) as (server, reader):
        assert reader.holds("m1@x")
    opened = [command for command in server.commands if command.startswith("EXAMINE")]
    assert opened == [f'EXAMINE "{name}"' for name in ("INBOX", "Sent", "Locked", "Rules")]


@pytest.mark.parametrize("exists", [5_000_001, 4_294_967_295])
def test_a_server_that_claims_more_messages_than_a_mailbox_has_is_not_searched_for_ever(exists: int) -> None:
    script: dict[str, Answer | list[Answer]] = {
        "EXAMINE": f"* {exists} EXISTS\n* OK [UIDVALIDITY 7] ok\n* OK [UIDNEXT {exists}] ok\n{{tag}} OK done",
        "UID SEARCH": "* SEARCH\n{tag} OK done",
    }
    with talking(script) as (server, reader):
        with pytest.raises(ProtocolBroken, match="5,000,000 messages"):
            reader.changes(INBOX, None, NOW)
        assert not any("SEARCH" in command for command in server.commands)


def test_authenticated_but_not_connected_is_a_matter_of_the_login() -> None:
    with (
        talking({"STATUS": "{tag} BAD User is authenticated but not connected."}) as (_, reader),
        pytest.raises(LoginRefused, match="IMAP is allowed"),
    ):
        reader.changes(INBOX, IDLE_STATE, NOW)


def test_control_signs_of_the_server_do_not_reach_the_terminal() -> None:
    with talking({"STATUS": "{tag} NO \x1b[31mred\x07 \u202eevil"}) as (_, reader):
        with pytest.raises(RoleMissing) as caught:
            reader.changes(INBOX, IDLE_STATE, NOW)
        assert str(caught.value).isprintable()


# ---------------------------------------------------------------- sync states


@pytest.mark.parametrize(
    "answer",
    [
        '* STATUS "INBOX" (UIDNEXT 4 UIDVALIDITY 8)\n{tag} OK done',
        '* STATUS "INBOX" (UIDNEXT 2 UIDVALIDITY 7)\n{tag} OK done',
        "{tag} OK done",
    ],
    ids=["numbered anew", "restored from a backup", "nothing told"],
)
def test_a_new_numbering_asks_for_a_full_round(answer: str) -> None:
    with talking({"STATUS": answer}) as (_, reader), pytest.raises(CannotCalculateChanges):
        reader.changes(INBOX, IDLE_STATE, NOW)


def test_a_server_that_keeps_uidnext_to_itself_is_asked_for_its_last_message() -> None:
    script: dict[str, Answer | list[Answer]] = {
        "EXAMINE": "* 3 EXISTS\n* OK [UIDVALIDITY 7] ok\n{tag} OK done",
        "STATUS": "* STATUS INBOX (UIDVALIDITY 7)\n{tag} OK done",
        "UID SEARCH *": "* SEARCH 9\n{tag} OK done",
        "UID SEARCH SINCE": "* SEARCH 2 5 9\n{tag} OK done",
        "UID SEARCH UID 5:": "* SEARCH 5 9\n{tag} OK done",
        "UID SEARCH UID 10:": "* SEARCH 9\n{tag} OK done",
    }
    with talking(script) as (_server, reader):
        first = reader.changes(INBOX, None, NOW)
        assert list(first.created) == ids(9, 5, 2)
        assert reader.changes(INBOX, first.state, NOW).created == ()
        assert list(reader.changes(INBOX, '{"validity": 7, "next": 5}', NOW).created) == ids(9, 5)


def test_the_mailboxes_of_a_poll_are_asked_of_at_once_and_answers_go_by_their_names() -> None:
    def told_late(talk: Conversation, command: str) -> None:
        tags.append(talk.tag)
        if len(tags) == 2:
            talk.send('* STATUS Sent (UIDNEXT 4 UIDVALIDITY 7)\n* STATUS "inbox" (UIDNEXT 4 UIDVALIDITY 7)\n')
            talk.send("".join(f"{tag} OK done\n" for tag in reversed(tags)))

    tags: list[str] = []
    with talking({"STATUS": told_late}) as (server, reader):
        for mailbox in reader.mailboxes():
            assert reader.changes(mailbox, IDLE_STATE, NOW) == Changes((), IDLE_STATE)
        assert len(tags) == 2
        assert server.connections == 1


def test_a_mailbox_that_is_gone_is_missing_and_the_one_before_it_is_not() -> None:
    gone = "{tag} NO [NONEXISTENT] no such mailbox"
    with talking({'STATUS "Sent"': gone}) as (_, reader):
        inbox, sent = reader.mailboxes()
        assert reader.changes(inbox, IDLE_STATE, NOW).created == ()
        with pytest.raises(RoleMissing, match="Sent cannot be read now"):
            reader.changes(sent, IDLE_STATE, NOW)


@pytest.mark.parametrize(
    "answer", ["* STATUS", "* STATUS ((INBOX) (UIDNEXT 4", "* STATUS (INBOX) (UIDNEXT 4)", "* STATUS 4"]
)
def test_an_answer_to_status_that_cannot_be_read_asks_for_a_full_round(answer: str) -> None:
    with talking({"STATUS": answer + "\n{tag} OK done"}) as (_, reader):
        inbox, _sent = reader.mailboxes()
        with pytest.raises((CannotCalculateChanges, ProtocolBroken, Unreachable)):
            reader.changes(inbox, IDLE_STATE, NOW)


def test_what_was_told_of_a_mailbox_before_another_was_read_is_asked_again() -> None:
    news: dict[str, Answer | list[Answer]] = {
        "STATUS": '* STATUS "INBOX" (UIDNEXT 4 UIDVALIDITY 7)\n{tag} OK done',
        'STATUS "Sent"': [
            "* STATUS Sent (UIDNEXT 4 UIDVALIDITY 7)\n{tag} OK done",
            "* STATUS Sent (UIDNEXT 5 UIDVALIDITY 7)\n{tag} OK done",
        ],
    }
    with talking(news) as (server, reader):
        inbox, sent = reader.mailboxes()
        assert reader.changes(inbox, '{"validity": 7, "next": 3}', NOW).created
        reader.changes(sent, IDLE_STATE, NOW)
        assert [command for command in server.commands if command.startswith(("STATUS", "EXAMINE"))] == [
            'STATUS "INBOX" (UIDNEXT UIDVALIDITY)',
            'STATUS "Sent" (UIDNEXT UIDVALIDITY)',
            'EXAMINE "INBOX"',
            'STATUS "Sent" (UIDNEXT UIDVALIDITY)',
            'EXAMINE "Sent"',
        ]


def test_a_large_mailbox_is_searched_by_ranges_of_messages() -> None:
    script: dict[str, Answer | list[Answer]] = {
        "EXAMINE": "* 200000 EXISTS\n* OK [UIDVALIDITY 7] ok\n* OK [UIDNEXT 900000] ok\n{tag} OK done",
        "UID SEARCH 120001:200000": "* SEARCH 700000 800000\n{tag} OK done",
        "UID SEARCH 40001:120000": "* SEARCH 600000\n{tag} OK done",
        "UID SEARCH 1:40000": "* SEARCH\n{tag} OK done",
    }
    with talking(script) as (server, reader):
        assert list(reader.changes(INBOX, None, NOW).created) == ids(800000, 700000, 600000)
        assert sum(command.startswith("UID SEARCH") for command in server.commands) == 3


def test_what_the_server_slips_into_an_answer_is_not_taken_for_new() -> None:
    # `UID 4:9` names the last message even where its UID is smaller (RFC 3501 6.4.8), and some add words.
    script: dict[str, Answer | list[Answer]] = {
        "STATUS": "* STATUS INBOX (UIDNEXT 10 UIDVALIDITY 7)\n{tag} OK done",
        "EXAMINE": "* 3 EXISTS\n* OK [UIDVALIDITY 7] ok\n* OK [UIDNEXT 10] ok\n{tag} OK done",
        "UID SEARCH": "* SEARCH 3 9 99 x 123456789012345\n* 4 EXISTS\n* SEARCH 8\n{tag} OK done",
    }
    with talking(script) as (_, reader):
        assert list(reader.changes(INBOX, IDLE_STATE, NOW).created) == ids(9, 8)


# ---------------------------------------------------------------- fetching


def read(reader: ImapProvider, *uids: int) -> dict[str, Headers | SetAside]:
    return {each.provider_id.rpartition("/")[2]: each for each in reader.headers(INBOX, ids(*uids))}


def test_header_names_may_come_back_quoted_and_items_in_any_order() -> None:
    size = len(FIELDS.replace("\n", "\r\n"))
    answer = (
        f'* 1 FETCH (BODY[HEADER.FIELDS ("FROM" "SUBJECT")]<0> {{{size}}}\n{FIELDS}'
        ' INTERNALDATE " 1-Nov-2026 12:00:00 +0100" UID 1)\n{tag} OK done'
    )
    with talking({"UID FETCH": answer}) as (_, reader):
        found = read(reader, 1)["1"]
        assert isinstance(found, Headers)
        assert found.received_at == datetime(2026, 11, 1, 11, tzinfo=UTC)


def test_answers_about_other_messages_and_other_matters_are_left_alone() -> None:
    def answer(talk: Conversation, command: str) -> None:
        talk.send("* 2 FETCH (FLAGS (\\Seen))\n* 7 FETCH (UID 70 FLAGS ())\n* 5 EXISTS\n* 3 EXPUNGE\n")
        talk.send(header_answer(1, FIELDS) + header_answer(99, FIELDS) + "* 1 FETCH (UID 1 FLAGS (\\Seen))\n")
        talk.send(f"{talk.tag} OK done\n")

    with talking({"UID FETCH": answer}) as (_, reader):
        assert list(read(reader, 1)) == ["1"]


def test_a_uid_that_is_missing_from_an_answer_is_asked_for_once_more() -> None:
    def forgetful(talk: Conversation, command: str) -> None:
        for uid in uids_asked(command):
            if uid != 2 or len(uids_asked(command)) == 1:
                talk.send(header_answer(uid, FIELDS))
        talk.send(f"{talk.tag} OK done\n")

    with talking({"UID FETCH": forgetful}) as (_, reader):
        assert sorted(read(reader, 1, 2, 3)) == ["1", "2", "3"]


def test_a_message_that_stays_missing_is_gone_and_no_news() -> None:
    answer = header_answer(1, FIELDS) + "{tag} OK done"
    with talking({"UID FETCH": answer}) as (_, reader):
        assert list(read(reader, 1, 2)) == ["1"]


@pytest.mark.parametrize("refusal", ["NO cannot open it", "BAD internal fault"])
def test_a_message_that_the_server_cannot_give_is_found_by_halving_and_read_another_way(refusal: str) -> None:
    def broken(talk: Conversation, command: str) -> None:
        if 13 in uids_asked(command) and "BODY.PEEK[]" not in command:
            talk.send(f"{talk.tag} {refusal}\n")
            return
        for uid in uids_asked(command):
            key = "BODY[]<0>" if "BODY.PEEK[]" in command else "BODY[HEADER.FIELDS (FROM)]<0>"
            talk.send(header_answer(uid, FIELDS, key=key))
        talk.send(f"{talk.tag} OK done\n")

    with talking({"UID FETCH": broken}) as (server, reader):
        found = read(reader, *range(1, 65))
        assert len(found) == 64
        assert all(isinstance(each, Headers) for each in found.values())
        assert sum(command.startswith("UID FETCH") for command in server.commands) < 20


def test_a_mailbox_of_which_nothing_can_be_read_is_given_up_soon() -> None:
    with talking({"UID FETCH": "{tag} NO not today"}) as (server, reader):
        with pytest.raises(ProtocolBroken, match="refused UID FETCH: not today"):
            read(reader, *range(1, 900))
        assert len(server.commands) < 150


@pytest.mark.parametrize("fault", [bye, drop], ids=["BYE", "EOF"])
def test_a_message_over_which_the_server_breaks_down_is_set_aside_and_the_rest_is_read(fault: Any) -> None:
    def fragile(talk: Conversation, command: str) -> None:
        (fault if 13 in uids_asked(command) else answer_all)(talk, command)

    with talking({"UID FETCH": fragile}) as (server, reader):
        found = read(reader, *range(1, 65))
        assert [uid for uid, each in found.items() if isinstance(each, SetAside)] == ["13"]
        assert len(found) == 64
        assert server.connections < 20


def test_a_server_that_breaks_down_over_every_message_is_at_fault_itself() -> None:
    with talking({"UID FETCH": drop}) as (server, reader):
        with pytest.raises(Unreachable):
            read(reader, *range(1, 500))
        assert server.connections < 60


@pytest.mark.parametrize(
    "broken",
    [
        '* 2 FETCH (UID 2 INTERNALDATE "10-Nov-2026 12:00:00 +0000" BODY[HEADER.FIELDS (FROM NIL\n',
        '* 2 FETCH (UID 2 ENVELOPE ("x" "an "unescaped" quote" NIL)\n',
        "* 2 FETCH " + "(" * 300 + "\n",
        "* 2 FETCH UID 2\n",
        "* 2 FETCH (UID 2))))\n",
    ],
)
def test_an_answer_that_cannot_be_read_spoils_no_other(broken: str) -> None:
    def answer(talk: Conversation, command: str) -> None:
        for uid in uids_asked(command):
            talk.send(broken if uid == 2 else header_answer(uid, FIELDS))
        talk.send(f"{talk.tag} OK done\n")

    with talking({"UID FETCH": answer}) as (_, reader):
        found = read(reader, 1, 2, 3)
        assert isinstance(found["1"], Headers)
        assert isinstance(found["3"], Headers)
        assert isinstance(found["2"], SetAside)


def test_a_literal_that_is_longer_than_it_says_loses_the_connection_and_not_the_mail() -> None:
    def lying(talk: Conversation, command: str) -> None:
        for uid in uids_asked(command):
            answer = header_answer(uid, FIELDS)
            talk.send(re.sub(r"\{\d+\}", "{5}", answer) if uid == 2 else answer)
        talk.send(f"{talk.tag} OK done\n")

    with talking({"UID FETCH": lying}) as (_, reader):
        found = read(reader, 1, 2, 3)
        assert isinstance(found["1"], Headers)
        assert isinstance(found["2"], SetAside)
        assert isinstance(found["3"], Headers)


def test_a_literal_without_end_is_not_waited_for() -> None:
    def endless(talk: Conversation, command: str) -> None:
        talk.send("* 1 FETCH (UID 1 BODY[] {4000000000}\n")

    with talking({"UID FETCH": endless}) as (_, reader):
        found = read(reader, 1)
        assert isinstance(found["1"], SetAside)
        assert "announces 4000000000 bytes" in found["1"].reason


def test_a_server_that_ignores_the_partial_range_costs_no_memory() -> None:
    fields = FIELDS.replace("\n\n", "\nTo: " + "x" * 3_000_000 + "\n\n")

    def whole(talk: Conversation, command: str) -> None:
        talk.send(header_answer(1, fields) + header_answer(2, FIELDS) + f"{talk.tag} OK done\n")

    with talking({"UID FETCH": whole}) as (_, reader):
        found = read(reader, 1, 2)
        assert isinstance(found["1"], Headers)
        assert isinstance(found["2"], Headers)


@pytest.mark.parametrize("date", ['"31-Jun-2026 12:00:00 +0000"', "NIL", '"yesterday"', "12"])
def test_a_message_without_a_receive_time_is_set_aside(date: str) -> None:
    answer = header_answer(1, FIELDS).replace('"10-Nov-2026 12:00:00 +0000"', date) + "{tag} OK done"
    with talking({"UID FETCH": answer}) as (_, reader):
        found = read(reader, 1)["1"]
        assert isinstance(found, SetAside)
        assert "receive time" in found.reason


def test_a_mailbox_that_is_numbered_anew_while_it_is_read_gives_no_wrong_message() -> None:
    examine = "* 3 EXISTS\n* OK [UIDVALIDITY {n}] ok\n* OK [UIDNEXT 4] ok\n{tag} OK done"
    script: dict[str, Answer | list[Answer]] = {
        "EXAMINE": [examine.replace("{n}", "7"), examine.replace("{n}", "8")],
        "UID FETCH": drop,
    }
    with talking(script) as (_, reader), pytest.raises(CannotCalculateChanges):
        read(reader, 1)


def test_long_sets_of_uids_are_sent_in_lines_that_servers_take() -> None:
    with scripted({"UID FETCH": answer_all}) as server:
        reader = provider(server.port, batch=5000)
        found = list(reader.headers(INBOX, ids(*range(1_000_000, 1_006_000, 2))))
        assert len(found) == 3000
        assert max(len(command) for command in server.commands) < 8000
        reader.close()


# ---------------------------------------------------------------- finding the roles


def test_special_uses_are_asked_for_where_list_does_not_tell_them() -> None:
    script: dict[str, Answer | list[Answer]] = {
        'LIST "" "*" RETURN': '* LIST (\\sent) "." "Ausgang"\n* LIST () "." INBOX\n{tag} OK done',
        'LIST "" "*"': '* LIST () "." INBOX\n* LIST () "." "Ausgang"\n{tag} OK done',
    }
    with talking(script, capabilities=CAPABILITIES + " LIST-EXTENDED") as (_, reader):
        assert [(each.name, each.role) for each in reader.mailboxes()] == [("INBOX", "inbox"), ("Ausgang", "sent")]


def test_a_mailbox_name_goes_back_to_the_server_as_it_came() -> None:
    listing = '* LIST () "/" INBOX\n* LIST (\\Sent) "/" {8}\nGes"ende\n* LIST () "/" "R&D"\n{tag} OK done'
    with talking({"LIST": listing}) as (server, reader):
        sent = next(each for each in reader.mailboxes() if each.role is Role.SENT)
        reader.changes(sent, None, NOW)
        assert 'EXAMINE "Ges\\"ende"' in server.commands


# ---------------------------------------------------------------- waiting


def watch(notice: Notice) -> None:
    """Waits until a notice has something to say."""
    with selectors.DefaultSelector() as selector:
        selector.register(notice.fileno(), selectors.EVENT_READ)
        assert selector.select(10)


def test_a_server_without_idle_has_no_notice() -> None:
    with talking({}, capabilities="IMAP4rev1") as (_, reader):
        assert reader.notice(NOW) is None


def test_a_refusal_repeats_no_name_that_a_terminal_would_obey() -> None:
    listing = '* LIST () "/" INBOX\n* LIST (\\Sent) "/" "x\x1b[2J"\n{tag} OK done'
    with talking({"LIST": listing, "EXAMINE": "{tag} NO not for you"}) as (_, reader):
        sent = reader.mailboxes()[-1]
        with pytest.raises(RoleMissing, match="not for you") as told:
            reader.changes(sent, None, NOW)
    assert str(told.value).isprintable()


@pytest.mark.parametrize("last_words", [b"", b"* BYE autologout\r\n"])
def test_a_dead_connection_is_noticed_while_waiting(last_words: bytes) -> None:
    with talking({"IDLE": "+ idling"}) as (server, reader):
        notice = reader.notice(NOW)
        assert notice is not None
        server._open[0].sendall(last_words)
        server._open[0].shutdown(socket.SHUT_RDWR)
        watch(notice)
        with pytest.raises(Unreachable):
            notice.changed()


def test_a_server_that_ends_the_wait_at_once_gives_no_notice_and_keeps_the_connection() -> None:
    with talking({"IDLE": "+ idling\n{tag} OK idle ended"}) as (server, reader):
        with pytest.raises(ProviderError, match="ended the wait"):
            reader.notice(NOW)
        assert server.commands.count("IDLE") == 1
        assert reader.changes(INBOX, IDLE_STATE, NOW).created == ()
        assert sum(line.startswith("LOGIN") for line in server.commands) == 1


def test_news_that_come_in_one_piece_with_the_consent_to_wait_are_told() -> None:
    with talking({"IDLE": "+ idling\n* 4 EXISTS"}) as (_, reader):
        notice = reader.notice(NOW)
        assert notice is not None
        watch(notice)
        assert notice.changed()
        notice.close()
        assert reader.changes(INBOX, IDLE_STATE, NOW).created == ()


@pytest.mark.parametrize(
    "words",
    [
        "* 3 EXISTS",
        "* 0 RECENT",
        "* 3 EXISTS\n* 1 RECENT",
        "* 2 EXPUNGE\n* 2 EXISTS",
        "* 1 EXPUNGE\n* 1 EXPUNGE\n* 1 EXISTS\n* 1 EXPUNGE\n* 0 EXISTS\n* 2 FETCH (FLAGS ())\n* EXISTS",
    ],
)
@pytest.mark.parametrize("when", ["+ idling\n{words}", "{words}\n+ idling"])
def test_a_server_that_repeats_how_many_messages_there_are_tells_no_news(words: str, when: str) -> None:
    with talking({"IDLE": when.format(words=words)}) as (server, reader):
        notice = reader.notice(NOW)
        assert notice is not None
        server._open[0].sendall(b"* OK still here\r\n")
        watch(notice)
        assert not notice.changed()


@pytest.mark.parametrize("words", ["* 4 EXISTS", "* 1 EXPUNGE\n* 3 EXISTS", "* 4 EXISTS\n* 4 EXPUNGE\n* 3 EXISTS"])
def test_more_messages_than_before_are_news_also_where_others_went(words: str) -> None:
    with talking({"IDLE": "+ idling"}) as (server, reader):
        notice = reader.notice(NOW)
        assert notice is not None
        server._open[0].sendall(words.replace("\n", "\r\n").encode() + b"\r\n")
        assert until_told(notice)


def test_half_a_line_is_no_news_yet() -> None:
    def half(talk: Conversation, command: str) -> None:
        talk.send("+ idling\n")
        talk.send("* 4 EXI")

    with talking({"IDLE": half}) as (server, reader):
        notice = reader.notice(NOW)
        assert notice is not None
        watch(notice)
        assert not notice.changed()
        server._open[0].sendall(b"STS\r\n")
        watch(notice)
        assert notice.changed()


@pytest.mark.parametrize(
    "words", [b"* 1 FETCH (BODY[] {100000}\r\nx", b"* 4 EXISTS\r\n* 1 FETCH (BODY[] {0}\r\n", b"x" * 1_500_000]
)
def test_what_would_have_to_be_waited_for_while_waiting_for_changes_ends_the_wait(words: bytes) -> None:
    with talking({"IDLE": "+ idling"}) as (server, reader):
        notice = reader.notice(NOW)
        assert notice is not None
        threading.Thread(target=server._open[0].sendall, args=(words,), daemon=True).start()
        began = time.monotonic()
        with pytest.raises(ProtocolBroken):
            until_told(notice)
        assert time.monotonic() - began < 1


def test_a_server_that_does_not_cease_to_talk_is_left_to_the_next_poll() -> None:
    with talking({"IDLE": "+ idling"}) as (server, reader):
        notice = reader.notice(NOW)
        assert notice is not None
        server._open[0].sendall(b"* 1 FETCH (FLAGS (\\Seen))\r\n" * 5000)
        assert until_told(notice)
        server._open[0].sendall(b"* OK still here\r\n" * 5000)
        assert reader.changes(INBOX, IDLE_STATE, NOW).created == ()
        assert server.connections == 1


def until_told(notice: Notice) -> bool:
    """Heeds a notice, as often as it has something to read, until it tells of something."""
    for _ in range(100):
        watch(notice)
        if notice.changed():
            return True
    return False


def test_a_wait_of_an_hour_costs_no_new_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("mailwatch.adapters.imap_wire.time", SimpleNamespace(monotonic=lambda: now[0]))
    with talking({"IDLE": "+ idling"}) as (server, reader):
        for _ in range(2):
            notice = reader.notice(NOW)
            assert notice is not None
            now[0] += 3600
            assert not notice.changed()
            now[0] += 3600
            assert reader.changes(INBOX, IDLE_STATE, NOW).created == ()
        assert server.connections == 1


def test_what_came_between_poll_and_wait_is_news_already() -> None:
    script: dict[str, Answer | list[Answer]] = {
        "EXAMINE": "* 4 EXISTS\n* OK [UIDVALIDITY 7] ok\n* OK [UIDNEXT 5] ok\n{tag} OK done",
    }
    with talking(script) as (server, reader):
        reader.changes(INBOX, IDLE_STATE, NOW)
        notice = reader.notice(NOW)
        assert notice is not None
        assert notice.changed()
        assert "IDLE" not in server.commands
        notice.close()
