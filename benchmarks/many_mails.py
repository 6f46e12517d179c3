"""Generates a large mailbox as a Maildir: coworkers, robots, newsletters, outsiders, sent mail, attachments."""

from __future__ import annotations

import base64
import os
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

OWNER = "ann@example.com"
NOW = datetime(2026, 3, 9, 9, 0, tzinfo=UTC)
DAYS = 90
WITH_ATTACHMENT = 0.15
READ = 0.2
"""The share of mail whose text is read: coworkers' and the user's own. Programs and outsiders write the rest. In
consumer mail programs write nine of ten messages (Grbovic et al., CIKM 2014); an office has fewer of them."""
COWORKERS = [f"{name}@example.com" for name in ("dana", "bob", "carol", "eve", "frank", "grace", "heidi", "ivan")]
OUTSIDERS = [f"{name}@customer.example" for name in ("olga", "peter", "quinn", "rita", "sam")]
ASKS = (
    "Could you send me the numbers for the north region by Thursday?",
    "Can you look over the attached draft and tell me what you think?",
    "What is the status of the delivery to the Lyon office?",
    "Please approve the travel request before the end of the week.",
    "Would Tuesday at ten work for the review?",
)
TELLS = (
    "The meeting went well and the notes are on the shared drive.",
    "Thanks a lot for your help yesterday, that made the difference.",
    "The printer on the second floor works again.",
    "We agreed with the supplier on the new terms, so nothing is left to do here.",
    "I have updated the plan with the figures of last month.",
)
PROMISES = (
    "I'll send you the revised contract by Friday.",
    "Got it, I'll look into it and get back to you tomorrow.",
    "The answer is yes, the budget covers it.",
    "Sure, I will check with Bob and let you know.",
)


@dataclass(frozen=True, slots=True)
class Generated:
    """One message, the mailbox it lies in, and when it was received."""

    mailbox: str
    raw: bytes
    received_at: datetime


def generate(count: int, seed: int = 7, *, read: float = READ) -> Iterator[Generated]:
    """`count` messages over ninety days, the share `read` of them to be read; the same seed gives the same mail."""
    dice = random.Random(seed)
    blobs = [base64.encodebytes(dice.randbytes(180_000)) for _ in range(4)]
    last: dict[str, str] = {}
    for number in range(count):
        received = NOW - timedelta(days=DAYS) * (1 - number / count)
        kind = dice.random()
        if kind < 0.375 * read:
            yield _sent(number, received, dice, last)
        elif kind < read:
            yield _coworker(number, received, dice, blobs, last)
        elif kind < read + 0.15:
            sender, words = dice.choice(OUTSIDERS), _paragraphs(dice, dice.choice(ASKS))
            yield _message(number, received, sender, OWNER, f"Order {number}", words, dice, blobs)
        else:
            yield _robot(number, received, dice, blobs)


def write_maildir(folder: Path, count: int, owner: tuple[int, int] | None = None, *, read: float = READ) -> int:
    """Writes a Maildir++ with an inbox and a .Sent, as `owner` (uid, gid) if given; how many bytes it holds."""
    total = 0
    places = {"INBOX": folder, "Sent": folder / ".Sent"}
    for place in places.values():
        for part in ("cur", "new", "tmp"):
            (place / part).mkdir(parents=True, exist_ok=True)
    for number, one in enumerate(generate(count, read=read)):
        stamp = one.received_at.timestamp()
        file = places[one.mailbox] / "cur" / f"{int(stamp)}.M{number}P1.bench,S={len(one.raw)}:2,S"
        file.write_bytes(one.raw)
        os.utime(file, (stamp, stamp))
        total += len(one.raw)
    if owner:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, *owner)
    return total


def _coworker(
    number: int, received: datetime, dice: random.Random, blobs: list[bytes], last: dict[str, str]
) -> Generated:
    sender = dice.choice(COWORKERS)
    asks = dice.random() < 0.4
    to = OWNER if dice.random() < 0.7 else f"{dice.choice(COWORKERS)}, {OWNER}"
    words = "Hi Ann,\n\n" + _paragraphs(dice, dice.choice(ASKS) if asks else dice.choice(TELLS))
    last[sender] = f"m{number}@mail.example.com"
    return _message(number, received, sender, to, f"Project {number % 400}", words, dice, blobs)


def _sent(number: int, received: datetime, dice: random.Random, last: dict[str, str]) -> Generated:
    to = dice.choice(COWORKERS)
    words = (
        dice.choice(PROMISES) + "\n\nAnn\n\nOn Monday Dana wrote:\n" + _quoted(_paragraphs(dice, dice.choice(ASKS)))
    )
    made = _message(number, received, OWNER, to, "Re: Project", words, dice, [], answers=last.get(to))
    return Generated("Sent", made.raw, received)


def _robot(number: int, received: datetime, dice: random.Random, blobs: list[bytes]) -> Generated:
    extra = dice.choice(
        (
            "List-Id: <news.vendor.example>\nList-Unsubscribe: <mailto:leave@vendor.example>\nPrecedence: bulk\n",
            "Auto-Submitted: auto-generated\n",
            "X-Auto-Response-Suppress: All\n",
        )
    )
    sender = dice.choice(("noreply@vendor.example", "builds@example.com", "news@vendor.example"))
    words = _paragraphs(dice, "Build 4711 has finished. Click below to see the report.") * 3
    return _message(number, received, sender, OWNER, f"Report {number}", words, dice, blobs, extra=extra)


def _message(
    number: int,
    received: datetime,
    sender: str,
    to: str,
    subject: str,
    words: str,
    dice: random.Random,
    blobs: list[bytes],
    *,
    answers: str | None = None,
    extra: str = "",
) -> Generated:
    date = format_datetime(received)
    head = (
        "".join(
            f"Received: from relay{n}.example.net (relay{n}.example.net [192.0.2.{n}]) by mx.example.com\n"
            f"\twith ESMTPS id {number:08x}{n} for <{OWNER}>; {date}\n"
            for n in range(4)
        )
        + f"DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=k1;\n\tb={'Qk3x' * 60}\n"
        + f"From: {sender.partition('@')[0].title()} <{sender}>\nTo: {to}\nSubject: {subject}\nDate: {date}\n"
        + f"Message-ID: <m{number}@mail.example.com>\nMIME-Version: 1.0\n{extra}"
        + (f"In-Reply-To: <{answers}>\nReferences: <{answers}>\n" if answers else "")
    )
    html = "<html><body>" + "".join(f"<p>{line}</p>" for line in words.splitlines()) + "</body></html>"
    text = f"Content-Type: text/plain; charset=utf-8\n\n{words}\n"
    if blobs and dice.random() < WITH_ATTACHMENT / 0.85:
        body = (
            f"Content-Type: multipart/mixed; boundary=b0\n\n--b0\n{text}\n--b0\n"
            'Content-Type: application/pdf; name="report.pdf"\nContent-Transfer-Encoding: base64\n'
            'Content-Disposition: attachment; filename="report.pdf"\n\n'
            f"{dice.choice(blobs).decode()}\n--b0--\n"
        )
    elif dice.random() < 0.5:
        body = (
            f"Content-Type: multipart/alternative; boundary=b1\n\n--b1\n{text}\n--b1\n"
            f"Content-Type: text/html; charset=utf-8\n\n{html * 4}\n--b1--\n"
        )
    else:
        body = text
    return Generated("INBOX", (head + body).replace("\n", "\r\n").encode(), received)


def _paragraphs(dice: random.Random, point: str) -> str:
    lines = [dice.choice(TELLS) for _ in range(dice.randint(1, 6))]
    lines.insert(dice.randint(0, len(lines)), point)
    return "\n\n".join(lines) + "\n"


def _quoted(words: str) -> str:
    return "".join(f"> {line}\n" for line in words.splitlines())
