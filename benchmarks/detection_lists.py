"""Scores requests and promises on real mail: 400 messages of mailing lists, each labelled by two readers.

    python -m benchmarks.detection_lists

The messages are drawn from the ham and never committed; `tests/corpus/lists.csv` has their names and how many of the
two saw a request or a promise. Errors of the first 200 were looked at, those of the others never. mailwatch counts no
list's mail as a request to its reader, so this is no mail of its own field: people argue there, and ask questions to
which nobody expects an answer.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from detection import show

from benchmarks import ham
from benchmarks.quotes import parted
from mailwatch.detection import detector
from mailwatch.detection.detector import Context
from mailwatch.domain.message import Role
from mailwatch.domain.mime import read_headers

LABELS = Path(__file__).parents[1] / "tests" / "corpus" / "lists.csv"
LOOKED_AT = 200
READERS = 2


def main() -> None:
    """Prints how far the readers agree, and precision, recall and F1 where they do."""
    labels = list(csv.DictReader(LABELS.read_text("utf-8").splitlines()))
    wanted = {row["name"] for row in labels}
    readings = {mail.name: read(mail) for mail in ham.messages() if mail.name in wanted}
    print(f"{'':28} {'items':>5} {'true':>5}   {'prec':5} {'rec':5} {'F1':5}  95 %")
    for act in ("request", "promise"):
        parts = {"looked at": labels[:LOOKED_AT], "never looked at": labels[LOOKED_AT:]}
        agreed = {name: [row for row in rows if int(row[act]) in (0, READERS)] for name, rows in parts.items()}
        print(f"{act}: the readers agree on {sum(map(len, agreed.values()))} of {len(labels)}")
        for name, rows in agreed.items():
            show(f"{name}: {act}", [(row[act] != "0", bool(getattr(readings[row["name"]], act))) for row in rows])


def read(mail: ham.Ham) -> detector.Reading:
    """What the new words of a message say to a reader of the list."""
    headers = read_headers(mail.raw, provider_id=mail.name, role=Role.INBOX, received_at=mail.received_at)
    is_reply = bool(headers.in_reply_to or headers.references)
    context = Context(mail.received_at, mail.received_at.tzinfo, subject=headers.subject, is_reply=is_reply)
    return detector.read(parted(mail)[1].new, context)


if __name__ == "__main__":
    main()
