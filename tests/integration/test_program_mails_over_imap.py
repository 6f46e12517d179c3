"""What programs write is known over IMAP too, where of most mails only the first part is fetched."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from contract.accounts import Account, build

from mailwatch.domain.message import Headers, Role, Text
from mailwatch.domain.secondlook import second_look

CORPUS = sorted((Path(__file__).parent.parent / "corpus" / "programs").glob("*/*.eml"))
NOW = datetime(2026, 11, 17, 12, tzinfo=UTC)


@pytest.fixture(params=["dovecot", "embedded"])
def account(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Account]:
    built = build(request.param, tmp_path, (Role.INBOX, Role.SENT))
    yield built
    built.close()


def test_a_programs_mail_is_told_from_a_persons(account: Account) -> None:
    for path in CORPUS:
        account.deliver(Role.INBOX, path.read_bytes().replace(b"\n", b"\r\n"), NOW)
    commands: list[str] = []
    with contextlib.closing(account.provider(on_command=commands.append)) as provider:
        inbox = next(box for box in provider.mailboxes() if box.role is Role.INBOX)
        ids = provider.changes(inbox, None, NOW - timedelta(days=30)).created
        headers = {each.provider_id: each for each in provider.headers(inbox, ids) if isinstance(each, Headers)}
        found = [
            second_look(headers[text.provider_id], text)[0]
            for text in provider.texts(inbox, ids)
            if isinstance(text, Text)
        ]
    told = {str(each.message_id).partition("@")[0]: each.automatic or "person" for each in found}
    wanted = {path.stem: path.parent.name for path in CORPUS}
    assert told == wanted
    # All structures that are wanted are asked for in one command.
    assert sum("BODYSTRUCTURE" in command for command in commands) == 1
