"""The ways to read a mailbox that are compared, each run in a process of its own: WAY HOST-PORT-USER FOLDER.

ours: the real sync and triage with a ledger on disk. raw: a bare socket that fetches the same headers and drops them.
naive: one whole message after the other, parsed with email.policy.default, into SQLite. unchanged: polls with nothing
new on a kept connection. backtest: the same mail as a Maildir.
"""

from __future__ import annotations

import email
import email.policy
import imaplib
import socket
import sqlite3
import sys
import time
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from imapclient import IMAPClient

from benchmarks.many_mails import NOW, OWNER
from benchmarks.measuring import measured
from mailwatch.adapters.imap import ImapAccount, ImapProvider
from mailwatch.adapters.ledger import SqlLedger
from mailwatch.adapters.maildir import archive_provider
from mailwatch.domain.mime import HEADER_FIELDS
from mailwatch.domain.people import Address, Directory, User
from mailwatch.domain.policy import Policy
from mailwatch.domain.workcalendar import WorkCalendar
from mailwatch.services.backtest import backtest
from mailwatch.services.sync import sync
from mailwatch.services.triage import triage

PASSWORD = "correct-horse-battery"
POLLS = 1000
NAIVE = 2000
POLICY = Policy(User(Address(OWNER, "Ann Smith")), WorkCalendar(ZoneInfo("UTC")))
DIRECTORY = Directory(domains=frozenset({"example.com"}))
LOOK_BACK = timedelta(days=365)


def _provider(port: int, commands: list[str] | None = None) -> ImapProvider:
    account = ImapAccount(host="127.0.0.1", port=port, user=OWNER, secret=lambda: PASSWORD, security="plain")
    return ImapProvider(account, on_command=commands.append if commands is not None else None)


def _first_sync(provider: ImapProvider, ledger: SqlLedger) -> int:
    seen = sync(provider, ledger, POLICY, DIRECTORY, NOW, look_back=LOOK_BACK).seen
    triage(ledger, POLICY, DIRECTORY, NOW)
    return seen


def ours(port: int, folder: Path) -> None:
    """First sync end to end: fetch, read, detect, store, follow."""
    ledger = SqlLedger.open(f"sqlite:///{folder}/ledger.db")
    provider = _provider(port)
    with measured() as found:
        found["messages"] = _first_sync(provider, ledger)
    provider.close()
    ledger.close()


def unchanged(port: int, folder: Path) -> None:
    """Polls of an unchanged mailbox on the kept connection."""
    ledger = SqlLedger.open(f"sqlite:///{folder}/ledger.db")
    commands: list[str] = []
    provider = _provider(port, commands)
    _first_sync(provider, ledger)
    commands.clear()
    with measured(messages=POLLS) as found:
        for _ in range(POLLS):
            sync(provider, ledger, POLICY, DIRECTORY, NOW, look_back=LOOK_BACK)
        found["commands"] = len(commands)
    provider.close()
    ledger.close()


def raw(port: int, folder: Path) -> None:
    """The same headers by a bare socket, read and dropped: the floor that no program can go under."""
    fields = " ".join(HEADER_FIELDS)
    with socket.create_connection(("127.0.0.1", port)) as sock, sock.makefile("rb") as answers:

        def ask(command: str) -> int:
            sock.sendall(f"a {command}\r\n".encode())
            count = 0
            for line in answers:
                if line.startswith(b"a "):
                    return count
                while line.rstrip().endswith(b"}"):
                    count += 1
                    answers.read(int(line.rstrip()[line.rindex(b"{") + 1 : -1]))
                    line = answers.readline()
            return count

        with measured() as found:
            answers.readline()
            ask(f'LOGIN {OWNER} "{PASSWORD}"')
            found["messages"] = 0
            for mailbox in ("INBOX", "Sent"):
                ask(f"EXAMINE {mailbox}")
                found["messages"] += ask(f"UID FETCH 1:* (INTERNALDATE BODY.PEEK[HEADER.FIELDS ({fields})])")


def naive(port: int, folder: Path) -> None:
    """What a first attempt looks like; it reads a part of the inbox only, since it takes so long."""
    store = sqlite3.connect(folder / "naive.db")
    store.execute("create table mail (uid integer, subject text, sender text, body text)")
    with IMAPClient("127.0.0.1", port, ssl=False) as client:
        client.login(OWNER, PASSWORD)
        client.select_folder("INBOX", readonly=True)
        with measured(messages=NAIVE):
            for uid in client.search(["ALL"])[-NAIVE:]:
                body = client.fetch([uid], ["BODY.PEEK[]"])[uid][b"BODY[]"]
                message = email.message_from_bytes(body, policy=email.policy.default)
                part = message.get_body(("plain", "html"))
                words = str(part.get_content()) if part else ""
                store.execute(
                    "insert into mail values (?, ?, ?, ?)", (uid, message["subject"], message["from"], words)
                )
                store.commit()


def archive(port: int, folder: Path) -> None:
    """`backtest` of the Maildir in `folder`."""
    with measured() as found:
        result = backtest(archive_provider(folder), POLICY, DIRECTORY, NOW)
        found["messages"] = result.messages


if __name__ == "__main__":
    way, port_number, place = sys.argv[1:]
    imaplib.Debug = 0
    time.tzset()
    {"ours": ours, "unchanged": unchanged, "raw": raw, "naive": naive, "backtest": archive}[way](
        int(port_number), Path(place)
    )
