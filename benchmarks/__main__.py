"""`make bench`: reads one generated mailbox in every way, side by side, and prints rates and ratios."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.exchange import compare
from benchmarks.fill_ledger import fill
from benchmarks.many_mails import OWNER, READ, write_maildir
from benchmarks.weekly_mails import report
from mailwatch.adapters.ledger import SqlLedger
from tests.servers.dovecot import PASSWORD, Dovecot

ROOT = Path(__file__).parents[1]
MORE_READ = 0.4
"""The share of mail that is read in a second mailbox, to show what the first sync depends on."""


def main() -> None:
    """Runs all of it; about a quarter of an hour at full size on two cores."""
    options = argparse.ArgumentParser(prog="benchmarks")
    options.add_argument("--messages", type=int, default=20_000)
    options.add_argument("--requests", type=int, default=100_000)
    options.add_argument("--exchange", type=int, default=5000, help="messages on the fake Exchange and Graph")
    options.add_argument("--without-peers", action="store_true", help="leave mbsync and notmuch out")
    chosen = options.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="mailwatch-bench-"))
    _reading(folder, chosen.messages, peers=not chosen.without_peers)
    _status(folder, chosen.requests)
    _tell(report())
    compare(chosen.exchange)
    shutil.rmtree(folder)


@contextmanager
def _mailbox(count: int, read: float) -> Iterator[tuple[Dovecot, Path]]:
    """A server with the mailbox, warmed by a first reader, so that nobody profits from the order."""
    server = Dovecot(storage="maildir")
    try:
        maildir = server.folder / "mail" / OWNER / "maildir"
        maildir.parent.mkdir(parents=True)
        size = write_maildir(maildir, count, _account(server), read=read)
        _tell(f"{count} messages, {size / 1e6:.0f} MB, {read:.0%} of them to be read")
        _run("raw", server, maildir)
        yield server, maildir
    finally:
        server.close()


def _reading(folder: Path, count: int, *, peers: bool) -> None:
    with _mailbox(count, MORE_READ) as (server, _):
        more = _run("ours", server, folder / "more")
    with _mailbox(count, READ) as (server, maildir):
        _compared(server, maildir, folder, more, peers=peers)


def _compared(server: Dovecot, maildir: Path, folder: Path, more: dict[str, Any], *, peers: bool) -> None:
    raw = _run("raw", server, folder)
    ours = _run("ours", server, folder)
    naive = _run("naive", server, folder)
    rows = [
        ("raw socket, headers only", raw),
        ("mailwatch, first sync", ours),
        (f"  if {MORE_READ:.0%} are to be read", more),
        ("naive, whole messages", naive),
    ]
    if peers:
        rows.append(("mbsync + notmuch new", _peers(server, folder, raw["messages"])))
    rows.append(("mailwatch backtest", _run_on("backtest", server.port, maildir)))
    size = sum(file.stat().st_size for file in maildir.rglob("cur/*"))
    _tell(f"{'':28}{'messages/s':>12}{'of raw':>9}{'received':>12}{'memory':>10}")
    for name, found in rows:
        rate = found["messages"] / found["seconds"]
        of_raw = rate / (raw["messages"] / raw["seconds"])
        _tell(
            f"{name:28}{rate:12.0f}{of_raw:9.2f}{found.get('received', 0) / 1e6:9.1f} MB"
            f"{found.get('memory_mb', 0):7.0f} MB"
        )
    ratio = (ours["messages"] / ours["seconds"]) / (naive["messages"] / naive["seconds"])
    _tell(
        f"first sync is {ratio:.1f} times the naive loop, and received {ours['received'] / size:.2%} of the mailbox"
    )
    polls = _run("unchanged", server, folder / "polls")
    _tell(
        f"a poll of the unchanged inbox and sent mailbox: {polls['cpu'] / polls['messages'] * 1e3:.2f} ms of client "
        f"CPU and {polls['commands'] / polls['messages']:.0f} commands for both"
    )


def _status(folder: Path, count: int) -> None:
    ledger = folder / "status.db"
    opened = SqlLedger.open(f"sqlite:///{ledger}")
    fill(opened, count, datetime.now(UTC), user=OWNER)
    opened.close()
    settings = folder / "status.toml"
    settings.write_text(
        f'[mailwatch]\nzone = "UTC"\nledger = "sqlite:///{ledger}"\n[[users]]\naddress = "{OWNER}"\n'
        '[users.mailbox]\nhost = "imap.example.com"\npassword = "x"\n'
    )
    settings.chmod(0o600)
    command = [Path(sys.executable).with_name("mailwatch"), "--config", settings, "status"]
    bare = [sys.executable, "-c", "import sqlalchemy, click, pydantic"]
    _tell(f"status with {count} requests in the ledger: {_median(command):.2f} s from the shell, ")
    _tell(f"  beside {_median(bare):.2f} s for importing sqlalchemy, click and pydantic alone")


def _median(command: list[Any], times: int = 7) -> float:
    took = []
    for _ in range(times):
        begun = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        took.append(time.perf_counter() - begun)
    return statistics.median(took)


def _run(way: str, server: Dovecot, folder: Path) -> dict[str, Any]:
    folder.mkdir(exist_ok=True)
    return _run_on(way, server.port, folder)


def _run_on(way: str, port: int, folder: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.ways_to_read", way, str(port), str(folder)]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _peers(server: Dovecot, folder: Path, count: int) -> dict[str, Any]:
    mirror = folder / "mirror"
    mirror.mkdir()
    (folder / "mbsyncrc").write_text(
        f"IMAPAccount a\nHost 127.0.0.1\nPort {server.port}\nUser {OWNER}\nPass {PASSWORD}\nSSLType None\n"
        "AuthMechs LOGIN\n\nIMAPStore far\nAccount a\n\nMaildirStore near\n"
        f"Path {mirror}/\nInbox {mirror}/INBOX\n\nChannel c\nFar :far:\nNear :near:\nPatterns INBOX Sent\n"
        "Create Near\nSync Pull\nSyncState *\n"
    )
    (folder / "notmuch").write_text(f"[database]\npath={mirror}\n[user]\nname=Ann\nprimary_email={OWNER}\n[new]\n")
    begun = time.perf_counter()
    subprocess.run(["mbsync", "-q", "-c", str(folder / "mbsyncrc"), "-a"], check=True)
    subprocess.run(["notmuch", "--config", str(folder / "notmuch"), "new", "--quiet"], check=True)
    return {"messages": count, "seconds": time.perf_counter() - begun}


def _account(server: Dovecot) -> tuple[int, int] | None:
    if os.getuid() != 0:
        return None
    owner = server.folder.stat()
    return owner.st_uid, owner.st_gid


def _tell(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
