"""Gmail shows one message in several mailboxes: each counts once, with its real role, and drafts not at all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from servers.scripted_imap import Answer, Conversation, scripted, uids_asked

from mailwatch.adapters.imap import ImapAccount, ImapProvider
from mailwatch.domain.message import Headers, Role

NOW = datetime(2026, 11, 10, 12, tzinfo=UTC)
LISTING = """* LIST (\\HasNoChildren) "/" "INBOX"
* LIST (\\HasNoChildren) "/" "Archive"
* LIST (\\HasChildren \\Noselect) "/" "[Gmail]"
* LIST (\\All \\HasNoChildren) "/" "[Gmail]/Alle Nachrichten"
* LIST (\\Drafts \\HasNoChildren) "/" "[Gmail]/Entw&APw-rfe"
* LIST (\\HasNoChildren \\Sent) "/" "[Gmail]/Gesendet"
* LIST (\\HasNoChildren \\Junk) "/" "[Gmail]/Spam"
* LIST (\\HasNoChildren \\Trash) "/" "[Gmail]/Papierkorb"
* LIST (\\Flagged \\HasNoChildren) "/" "[Gmail]/Markiert"
* LIST (\\HasNoChildren \\Important) "/" "[Gmail]/Wichtig"
* LIST (\\HasNoChildren) "/" "Projekte"
{tag} OK Success"""
# Message, its labels, and its UID in each mailbox that shows it.
MAIL = (
    ("question@x", r'"\\Inbox" "\\Important"', {"INBOX": 1, "[Gmail]/Alle Nachrichten": 11}),
    ("answer@x", r'"\\Sent"', {"[Gmail]/Gesendet": 1, "[Gmail]/Alle Nachrichten": 12}),
    ("filed@x", '"Projekte"', {"[Gmail]/Alle Nachrichten": 13}),
    ("draft@x", r'"\\Draft"', {"[Gmail]/Alle Nachrichten": 14}),
)


class Gmail:
    """As much of Gmail as the test needs; it knows which mailbox is open."""

    def __init__(self) -> None:
        self.open = ""

    def examine(self, talk: Conversation, command: str) -> None:
        self.open = command.split('"')[1]
        talk.send("* 9 EXISTS\n* OK [UIDVALIDITY 5] ok\n* OK [UIDNEXT 20] ok\n" + f"{talk.tag} OK [READ-ONLY] done\n")

    def search(self, talk: Conversation, command: str) -> None:
        found = [
            uids[self.open]
            for _, labels, uids in MAIL
            if self.open in uids and not ("UNDRAFT" in command and "Draft" in labels)
        ]
        talk.send(f"* SEARCH {' '.join(map(str, found))}\n{talk.tag} OK done\n")

    def fetch(self, talk: Conversation, command: str) -> None:
        for name, labels, uids in MAIL:
            uid = uids.get(self.open)
            if uid in uids_asked(command):
                fields = f"From: ann@example.com\r\nMessage-ID: <{name}>\r\n\r\n"
                gmail = f" X-GM-LABELS ({labels})" if "X-GM-LABELS" in command else ""
                talk.send(
                    f"* {uid} FETCH (X-GM-MSGID 1278{uid}{gmail} UID {uid} "
                    f'INTERNALDATE "10-Nov-2026 12:00:00 +0000" BODY[HEADER.FIELDS (FROM)]<0> {{{len(fields)}}}\n'
                )
                talk.send(fields.encode() + b")\r\n")
        talk.send(f"{talk.tag} OK Success\n")


@pytest.fixture
def reader() -> Iterator[ImapProvider]:
    gmail = Gmail()
    script: dict[str, Answer | list[Answer]] = {
        "LIST": LISTING,
        "EXAMINE": gmail.examine,
        "UID SEARCH": gmail.search,
        "UID FETCH": gmail.fetch,
    }
    with scripted(script, capabilities="IMAP4rev1 UNSELECT IDLE NAMESPACE X-GM-EXT-1 SPECIAL-USE") as server:
        provider = ImapProvider(ImapAccount("127.0.0.1", server.port, "ann", lambda: "secret", "plain"))
        yield provider
        provider.close()


def test_inbox_sent_and_all_mail_are_read_and_nothing_else(reader: ImapProvider) -> None:
    assert [(mailbox.role, mailbox.name) for mailbox in reader.mailboxes()] == [
        (Role.INBOX, "INBOX"),
        (Role.SENT, "[Gmail]/Gesendet"),
        (Role.ALL, "[Gmail]/Alle Nachrichten"),
    ]


def test_each_message_counts_once_and_has_its_real_role(reader: ImapProvider) -> None:
    copies: dict[str, set[tuple[str | None, Role]]] = {}
    for mailbox in reader.mailboxes():
        changes = reader.changes(mailbox, None, NOW)
        for headers in reader.headers(mailbox, changes.created):
            assert isinstance(headers, Headers)
            copies.setdefault(headers.key, set()).add((headers.message_id, headers.role))
    # One key a message, and its copies agree on what it is; the draft is not there.
    assert sorted(copies.values(), key=str) == [
        {("answer@x", Role.SENT)},
        {("filed@x", Role.ALL)},
        {("question@x", Role.INBOX)},
    ]
