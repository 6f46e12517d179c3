"""Reads the development sets (they are not part of this repository) into plain items with their labels."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import md5
from pathlib import Path


@dataclass(frozen=True)
class Item:
    """One text with what people said of it; None where they did not agree or were not asked."""

    id: str
    text: str
    subject: str = ""
    request: bool | None = None
    promise: bool | None = None
    holding: bool | None = None
    deadline: str | None = None
    has_deadline_label: bool = False

    @property
    def kept_aside(self) -> bool:
        """Whether it is in the quarter (by hash of the id) whose errors nobody looked at while rules were tuned."""
        return int(md5(self.id.encode(), usedforsecurity=False).hexdigest(), 16) % 4 == 3


def _rows(path: Path) -> Iterator[dict]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def gold(folder: Path) -> list[Item]:
    """Workplace messages with requests, promises, holding replies and deadlines."""
    return [
        Item(
            row["id"],
            row["text"],
            row["subject"],
            None if row["request"] is None else bool(row["request"]),
            None if row["promise"] is None else bool(row["promise"]),
            None if row["holding"] is None else bool(row["holding"]),
            row["deadline"],
            True,
        )
        for row in _rows(folder / "gold-dev.jsonl")
    ]


def mailex(folder: Path) -> list[Item]:
    """Enron messages with requests."""
    return [
        Item(row["id"], row["text"], request=bool(row["request"])) for row in _rows(folder / "mailex-train.jsonl")
    ]


def parakweet(folder: Path) -> list[Item]:
    """Single sentences with requests and proposals."""
    rows = _rows(folder / "parakweet-train.jsonl")
    return [Item(row["id"], row["text"], request=bool(row["request"])) for row in rows]


def bc3(folder: Path, agreeing: int = 2) -> list[Item]:
    """Mailing-list messages, quoted lines left out; true where at least `agreeing` of three people marked one."""
    messages: dict[str, list[dict]] = defaultdict(list)
    for row in _rows(folder / "bc3-train.jsonl"):
        messages[row["message"]].append(row)
    items = []
    for key, rows in messages.items():
        own = [row for row in rows if not row["text"].lstrip().startswith(">")]
        items.append(
            Item(
                f"bc3-{key}",
                "\n".join(row["text"] for row in own),
                request=any(row["request_annotators"] >= agreeing for row in rows),
                promise=any(row["promise_annotators"] >= agreeing for row in rows),
            )
        )
    return items
