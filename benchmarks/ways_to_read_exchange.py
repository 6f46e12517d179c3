"""The ways to read a mailbox of Exchange that are compared, each run in a process of its own: WAY ADDRESS FOLDER.

ews, graph: the real first sync and triage with a ledger on disk. exchangelib: its own `sync_items`, then `fetch` of
the fields that headers need, for every message, into nothing. requests: a bare loop over the pages of Graph's delta
query, and one after the other the texts that ours reads too, into nothing; `requests` counts what Graph was asked.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks.many_mails import NOW, OWNER
from benchmarks.measuring import measured

LOOK_BACK = timedelta(days=365)
BATCH = 200
FIELDS = """
    item_class subject datetime_received datetime_sent datetime_created in_reply_to headers author sender
    to_recipients cc_recipients bcc_recipients reply_to message_id references
"""


def _first_sync(provider: Any, folder: Path, asked: list[str]) -> None:
    # Imported here, so that the bare loops are not charged for what they do not use.
    from zoneinfo import ZoneInfo

    from mailwatch.adapters.ledger import SqlLedger
    from mailwatch.domain.people import Address, Directory, User
    from mailwatch.domain.policy import Policy
    from mailwatch.domain.workcalendar import WorkCalendar
    from mailwatch.services.sync import sync
    from mailwatch.services.triage import triage

    policy = Policy(User(Address(OWNER, "Ann Smith")), WorkCalendar(ZoneInfo("UTC")))
    directory = Directory(domains=frozenset({"example.com"}))
    ledger = SqlLedger.open(f"sqlite:///{folder}/ledger.db")
    with measured() as found:
        found["messages"] = sync(provider, ledger, policy, directory, NOW, look_back=LOOK_BACK).seen
        triage(ledger, policy, directory, NOW)
        found["requests"] = len(asked)
    provider.close()
    ledger.close()


def ews(address: str, folder: Path) -> None:
    """First sync end to end over EWS: fetch, read, detect, store, follow."""
    import exchangelib  # noqa: F401  (both ways are measured from the first question on)

    from mailwatch.adapters.ews import EwsAccount, EwsProvider

    account = EwsAccount(address, OWNER, lambda: "canary-password", user="svc", auth="basic", timeout=120)
    _first_sync(EwsProvider(account), folder, [])


def graph(address: str, folder: Path) -> None:
    """First sync end to end over Graph."""
    import requests  # noqa: F401  (both ways are measured from the first question on)

    from mailwatch.adapters.graph import GraphAccount, GraphProvider

    asked: list[str] = []
    account = GraphAccount(OWNER, lambda: "good-token", base_url=address)
    _first_sync(GraphProvider(account, on_request=asked.append), folder, asked)


def bare_exchangelib(address: str, folder: Path) -> None:
    """What its manual shows: sync_items for the ids, fetch for the rest; texts are left out."""
    from exchangelib import DELEGATE, Account, Build, Configuration, Credentials, Version
    from exchangelib.items import Message

    config = Configuration(
        service_endpoint=address,
        credentials=Credentials("svc", "canary-password"),
        auth_type="basic",
        version=Version(Build(15, 1)),
        max_connections=1,
    )
    with measured(messages=0) as found:
        account = Account(OWNER, config=config, autodiscover=False, access_type=DELEGATE)
        for mailbox in (account.inbox, account.sent):
            ids = [
                (item.id, item.changekey)
                for change, item in mailbox.sync_items(only_fields=["item_class", "datetime_received"])
                if change == "create" and isinstance(item, Message)
            ]
            found["messages"] += sum(
                isinstance(each, Message) for each in account.fetch(ids, only_fields=FIELDS.split())
            )


def bare_requests(address: str, folder: Path) -> None:
    """The same pages of headers and the same texts as ours, by a loop without a check."""
    import requests

    session = requests.Session()
    session.headers["Authorization"] = "Bearer good-token"
    session.headers["Prefer"] = f'IdType="ImmutableId", outlook.body-content-type="text", odata.maxpagesize={BATCH}'
    select = (
        "receivedDateTime,sentDateTime,subject,from,sender,replyTo,toRecipients,ccRecipients,bccRecipients,"
        "internetMessageId,internetMessageHeaders,isDraft,parentFolderId"
    )
    home = f"{address}/users/{OWNER}"
    with measured(messages=0, requests=0) as found:

        def get(address: str) -> Any:
            found["requests"] += 1
            return session.get(address).json()

        for name in ("inbox", "sentitems"):
            mailbox = get(f"{home}/mailFolders/{name}?$select=displayName")["id"]
            link = f"{home}/mailFolders/{mailbox}/messages/delta?$select={select}"
            while link:
                page = get(link)
                found["messages"] += len(page["value"])
                for each in page["value"]:
                    if each["from"]["emailAddress"]["address"].endswith("@example.com") and not _by_program(each):
                        get(f"{home}/messages/{each['id']}?$select=body")
                link = page.get("@odata.nextLink")


def _by_program(message: dict[str, Any]) -> bool:
    names = {each["name"] for each in message.get("internetMessageHeaders", ())}
    return bool(names & {"Auto-Submitted", "List-Id", "Precedence", "X-Auto-Response-Suppress"})


WAYS: dict[str, Callable[[str, Path], None]] = {
    "ews": ews,
    "graph": graph,
    "exchangelib": bare_exchangelib,
    "requests": bare_requests,
}

if __name__ == "__main__":
    way, place, folder_name = sys.argv[1:]
    WAYS[way](place, Path(folder_name))
