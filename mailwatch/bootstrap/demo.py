"""The demo: three weeks of a small office on servers of our own, and the real cycle over real sockets."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from imapclient import IMAPClient

from mailwatch.adapters.embedded import EmbeddedServer
from mailwatch.bootstrap.ledgers import open_ledger
from mailwatch.bootstrap.watches import watches
from mailwatch.errors import MailwatchError
from mailwatch.ports import Clock
from mailwatch.runtime.cycle import cycle
from mailwatch.runtime.office import OWNER, ZONE, office, told_at
from mailwatch.services.compose import REMINDER, WEEKLY_SUMMARY
from mailwatch.settings import Settings, load

PASSWORD = "correct horse"  # Of a server that lives in this process, on loopback, as long as the demo.


class StoryClock:
    """A clock that the story sets."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        """The moment that the story has reached, in UTC."""
        return self.moment


@dataclass(frozen=True, slots=True)
class Story:
    """A running demo: its settings file, its moment, and the server that lives as long as the story is open."""

    settings_file: Path
    settings: Settings
    clock: StoryClock
    server: EmbeddedServer


@contextmanager
def story(folder: Path, now: datetime) -> Iterator[Story]:
    """Starts the servers and plays the office's three weeks until a Monday at nine; everything lies in `folder`."""
    monday = told_at(now)
    clock = StoryClock(monday - timedelta(hours=2))
    mails = office(monday)
    with EmbeddedServer({OWNER.address.addr_spec: PASSWORD}, now=clock.now) as server:
        file = _write_settings(folder, server)
        settings = load(file, {})
        delivered: set[int] = set()
        for moment in (clock.moment, monday - timedelta(minutes=30), monday):
            clock.moment = moment
            for number, mail in enumerate(mails):
                if number not in delivered and mail.received_at <= moment:
                    server.append(OWNER.address.addr_spec, mail.mailbox, mail.message, mail.received_at)
                    delivered.add(number)
            run_cycles(settings, clock)
        yield Story(file, settings, clock, server)


def run_cycles(settings: Settings, clock: Clock) -> None:
    """One cycle for each user, as the daemon runs them. Raises the first MailwatchError."""
    ledger = open_ledger(settings)
    try:
        for watch in watches(settings, clock.now()):
            try:
                cycle(watch, ledger, clock)
            finally:
                watch.provider.close()
    finally:
        ledger.close()


def fetch_mails(told: Story) -> dict[str, bytes]:
    """Our mails in the user's inbox, by kind, fetched over IMAP as any client would. Raises MailwatchError."""
    found: dict[str, bytes] = {}
    with IMAPClient("127.0.0.1", told.server.imap_port, ssl=False, timeout=10) as client:
        client.login(OWNER.address.addr_spec, PASSWORD)
        client.select_folder("INBOX", readonly=True)
        for kind in (WEEKLY_SUMMARY, REMINDER):
            ids = client.search(["HEADER", "X-Mailwatch", kind])
            if not ids:
                raise MailwatchError(f"the demo's inbox holds no {kind}; please report this")
            answer: dict[int, dict[bytes, Any]] = client.fetch(ids[-1:], ["BODY.PEEK[]"])
            found[kind] = answer[ids[-1]][b"BODY[]"]
    return found


def write_mails(mails: dict[str, bytes], folder: Path, tell: Callable[[Path], None]) -> None:
    """Writes each mail as .eml, .html and .txt."""
    for kind, raw in mails.items():
        message = email.message_from_bytes(raw, policy=email.policy.default)
        parts: dict[str, bytes] = {"eml": raw}
        for name, content_type in (("html", "html"), ("txt", "plain")):
            part = message.get_body((content_type,))
            assert part is not None  # It is our own mail, and has both.
            parts[name] = str(part.get_content()).encode()
        for name, content in parts.items():
            place = folder / f"{kind}.{name}"
            place.write_bytes(content)
            tell(place)


def _write_settings(folder: Path, server: EmbeddedServer) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    secret = folder / "password"
    secret.touch(mode=0o600)
    secret.write_text(PASSWORD + "\n")
    ledger = folder / "ledger.db"
    for old in folder.glob("ledger.db*"):
        old.unlink()
    domain = OWNER.address.domain
    file = folder / "mailwatch.toml"
    file.write_text(
        f'[mailwatch]\nzone = "{ZONE.key}"\nledger = "sqlite:///{ledger.absolute()}"\n\n'
        f'[coworkers]\ndomains = ["{domain}"]\n'
        f'[coworkers.groups]\n"team@{domain}" = ["{OWNER.address.addr_spec}"]\n\n'
        f'[submit]\nhost = "127.0.0.1"\nport = {server.smtp_port}\nsecurity = "plain"\n'
        f'from = "mailwatch@{domain}"\n\n'
        f'[[users]]\naddress = "{OWNER.address.addr_spec}"\nname = "{OWNER.address.display_name}"\n'
        f"aliases = {sorted(OWNER.aliases)}\n\n"
        f'[users.mailbox]\nhost = "127.0.0.1"\nport = {server.imap_port}\nsecurity = "plain"\n'
        f'password_file = "{secret.absolute()}"\n'
    )
    return file
