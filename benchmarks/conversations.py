"""Scores whole conversations: what became of each request and promise, against what the writer of them says.

    python benchmarks/conversations.py [FILE] [--errors]

FILE is tests/corpus/conversations/read.jsonl unless given. Every conversation goes through a mailbox of its own and
all that the daemon does with it: headers, text, quotes, detection, linking, turns, clocks. It is right if all its
requests and promises are found, no others, and all have the state, and promises the due day, that was written.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from email.utils import formataddr, parseaddr
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from mailwatch import testing
from mailwatch.domain.message import Role
from mailwatch.domain.people import Address, Directory, User
from mailwatch.domain.policy import Policy
from mailwatch.domain.workcalendar import WorkCalendar
from mailwatch.services.backtest import backtest

CORPUS = Path(__file__).parent.parent / "tests" / "corpus" / "conversations" / "read.jsonl"
BERLIN = ZoneInfo("Europe/Berlin")
ANN = User(Address("ann@example.com", "Ann Reed"), frozenset({"a.reed@example.com"}))
POLICY = Policy(ANN, WorkCalendar(BERLIN))
DIRECTORY = Directory(domains=frozenset({"example.com"}))
Story = Mapping[str, Any]
Found = dict[str, tuple[str, ...]]
"""By message, what became of the request or promise in it: its state, and of a promise the due day."""


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, nargs="?", default=CORPUS)
    parser.add_argument("--errors", action="store_true")
    options = parser.parse_args()
    stories = [json.loads(line) for line in options.file.read_text("utf-8").splitlines()]
    right: Counter[str] = Counter()
    tables: dict[str, Counter[tuple[str, str]]] = {"requests": Counter(), "promises": Counter()}
    for story in stories:
        found = dict(zip(tables, read(story), strict=True))
        wanted = dict(zip(tables, labels(story), strict=True))
        right[story["language"]] += found == wanted
        for what, table in tables.items():
            for message in sorted(found[what].keys() | wanted[what].keys()):
                said, got = (rows[what].get(message, ("none",)) for rows in (wanted, found))
                table[" ".join(said[:1]), " ".join(got[:1]) if said[0] != got[0] or said == got else "other day"] += 1
        if options.errors and found != wanted:
            print(f"{story['id']}\n  written {wanted}\n  found   {found}\n  {story.get('note', '')}")
    total = Counter(story["language"] for story in stories)
    for language, count in total.items():
        print(f"{language}: {right[language]} of {count} conversations right")
    print(f"all: {right.total()} of {total.total()}")
    for what, table in tables.items():
        same = sum(count for (said, got), count in table.items() if said == got)
        print(f"{what}: {same} right of {sum(count for (said, _), count in table.items() if said != 'none')}")
        for (said, got), count in sorted(table.items()):
            if said != got:
                print(f"  {said} read as {got}: {count}")


def labels(story: Story) -> tuple[Found, Found]:
    """The requests and promises of a conversation as its writer sees them."""
    expected = story["expect"]
    return (
        {one["message"]: (one["state"],) for one in expected["requests"]},
        {one["message"]: (one["state"], one["due"] or "") for one in expected["promises"]},
    )


def read(story: Story) -> tuple[Found, Found]:
    """The requests and promises of a conversation as the program sees them."""
    account = testing.FakeAccount()
    for message in story["messages"]:
        if seen(message):
            deliver(account, story, message)
    told = backtest(account.provider(), POLICY, DIRECTORY, datetime.fromisoformat(story["as_of"]))
    return (
        {name(line.request.message_id): (line.figures.state.value,) for line in told.requests},
        {
            name(line.promise.message_id): (
                line.state.value,
                line.promise.deadline.day.isoformat() if line.promise.deadline else "",
            )
            for line in told.promises
        },
    )


def seen(message: Story) -> bool:
    """Whether a message is one that Ann wrote or got."""
    return any(ANN.is_me(parseaddr(one)[1]) for one in (message["from"], *message["to"], *message["cc"]))


def deliver(account: testing.FakeAccount, story: Story, message: Story) -> None:
    """Puts a message into the mailbox where it belongs."""
    role = Role.SENT if ANN.is_me(message["from"]) else Role.INBOX
    sent_at = datetime.fromisoformat(message["sent_at"])
    fields = {"Cc": ", ".join(message["cc"])} if message["cc"] else {}
    mail = testing.mail(
        sender=formataddr((message["from_name"], message["from"])),
        to=", ".join(message["to"]),
        subject=message["subject"],
        text=message["text"],
        sent_at=sent_at,
        message_id=f"{message['id']}@{story['id']}",
        in_reply_to=f"{message['in_reply_to']}@{story['id']}" if message["in_reply_to"] else None,
        fields=fields,
    )
    account.deliver(role, mail, sent_at)


def name(message_id: str | None) -> str:
    """The name that a message has in its conversation."""
    return (message_id or "").partition("@")[0]


if __name__ == "__main__":
    main()
