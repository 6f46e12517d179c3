"""A mailbox full of hostile messages: the good ones among them are read, in little memory, and nothing falls over."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hostile import hostile_messages
from program import imap_mailbox, json_of, mailwatch, measured, needs_dovecot, settings_file
from servers.dovecot import Dovecot, append

from mailwatch.testing import mail

BOB = "bob@example.com"  # Most of the hostile messages are to him, by a coworker, so that their texts are read too.
MOST_MEMORY = 300 * 1024 * 1024
GOOD = [f"good-{number}@mail.example.com" for number in range(8)]


def messages() -> Iterator[tuple[str, bytes]]:
    """Hostile messages with a good one between every few."""
    good = iter(GOOD)
    for number, (name, raw) in enumerate(hostile_messages()):
        if number % 5 == 0 and (message_id := next(good, None)):
            yield message_id, request(message_id)
        yield name, raw
    for message_id in good:
        yield message_id, request(message_id)


def request(message_id: str) -> bytes:
    """A plain request to Bob that nothing is wrong with."""
    return mail(
        sender="Dana Fox <dana@example.com>",
        to=f"Bob Smith <{BOB}>",
        subject=f"Question {message_id[5]}",
        text=f"Hi Bob,\n\ncould you please send me the figures of branch {message_id[5]}?\n\nDana\n",
        sent_at=datetime.now(UTC) - timedelta(hours=2),
        message_id=message_id,
    )


def is_calm(done: subprocess.CompletedProcess[str], peak: int) -> None:
    """Checks that a program has ended well, without a traceback, in little memory."""
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert peak < MOST_MEMORY, f"{peak / 1024 / 1024:.0f} MB"


def is_well_read(found: Mapping[str, Any], delivered: int) -> None:
    """Checks that all good requests were found, and that every message was either counted or set aside by name."""
    asked = {one["message_id"]: one for one in found["requests"]}
    assert set(GOOD) <= set(asked)
    assert all("figures of branch" in asked[message_id]["evidence"] for message_id in GOOD)
    assert found["messages"] == delivered
    for one in found["set_aside"]:
        assert one["id"]
        assert one["reason"]
    assert 1 <= len(found["set_aside"]) <= 10


def test_there_are_enough_hostile_messages() -> None:
    assert len(hostile_messages()) >= 20


@pytest.fixture(params=[pytest.param("dovecot", marks=needs_dovecot)])
def server() -> Iterator[Dovecot]:
    dovecot = Dovecot()
    yield dovecot
    dovecot.close()


def test_the_good_messages_of_a_hostile_mailbox_are_read_over_imap(tmp_path: Path, server: Dovecot) -> None:
    client = server.client("bob")
    client.create("Sent")
    delivered = 0
    received_at = datetime.now(UTC) - timedelta(hours=2)
    for number, (_, raw) in enumerate(messages()):
        # IMAP knows neither NUL bytes nor empty messages.
        if whole := raw.replace(b"\0", b""):
            append(client, "INBOX", whole, received_at + timedelta(seconds=number))
            delivered += 1
    file = settings_file(tmp_path, {BOB: imap_mailbox(server.port, "bob")})
    is_calm(*measured("--config", file, "run", "--once", home=tmp_path))
    done, peak = measured("--config", file, "status", "--json", home=tmp_path)
    is_calm(done, peak)
    (found,) = json_of(done)["users"]
    assert found["error"] is None
    is_well_read(found, delivered)
    plain = mailwatch("--config", file, "status", home=tmp_path)
    assert plain.returncode == 0
    assert f"{len(found['set_aside'])} messages could not be read" in plain.stdout
    # The bad ones are behind us: a further cycle reads nothing again.
    is_calm(*measured("--config", file, "run", "--once", home=tmp_path))
    (again,) = json_of(mailwatch("--config", file, "status", "--json", home=tmp_path))["users"]
    assert again["messages"] == delivered
    assert again["set_aside"] == found["set_aside"]


def test_the_good_messages_of_a_hostile_maildir_are_read_by_backtest(tmp_path: Path) -> None:
    box = tmp_path / "Maildir"
    for name in ("cur", "new", "tmp"):
        (box / name).mkdir(parents=True)
    delivered = 0
    for number, (_, raw) in enumerate(messages()):
        (box / "cur" / f"17000000{number:02}.M1P1.host:2,S").write_bytes(raw)
        delivered += 1
    before = sorted((path.name, path.stat().st_mtime_ns) for path in box.rglob("*"))
    done, peak = measured("backtest", box, "--owner", BOB, "--json", home=tmp_path)
    is_calm(done, peak)
    is_well_read(json_of(done), delivered)
    plain, _ = measured("backtest", box, "--owner", BOB, home=tmp_path)
    assert plain.returncode == 0
    assert f"{delivered} messages read" in plain.stdout
    assert sorted((path.name, path.stat().st_mtime_ns) for path in box.rglob("*")) == before
