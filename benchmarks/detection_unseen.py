"""Scores the mails and replies of tests/corpus/unseen, from which nothing has learnt: neither a model nor a person.

    python benchmarks/detection_unseen.py

Prints precision, recall and F1 of requests and promises with 95 % intervals, and how replies are told. Whoever reads
their errors to widen a rule, or trains with them, must write new ones.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from detection import show

from mailwatch.detection import detector
from mailwatch.detection.detector import Context

FOLDER = Path(__file__).parent.parent / "tests" / "corpus" / "unseen"
SENT_AT = datetime(2001, 5, 16, 10, tzinfo=UTC)


def main() -> None:
    """Prints the table."""
    mails = [json.loads(line) for line in (FOLDER / "mails.jsonl").read_text("utf-8").splitlines()]
    readings = [detector.read(mail["text"], Context(SENT_AT, UTC)) for mail in mails]
    print(f"{'':28} {'items':>5} {'true':>5}   {'prec':5} {'rec':5} {'F1':5}  95 %")
    for act, marked in (("request", "asks"), ("promise", "promises")):
        pairs = [(bool(mail[marked]), bool(getattr(read, act))) for mail, read in zip(mails, readings, strict=True)]
        show(act, pairs)
    replies = [json.loads(line) for line in (FOLDER / "replies.jsonl").read_text("utf-8").splitlines()]
    context = Context(SENT_AT, UTC, own=True, is_reply=True)
    told = Counter((reply["kind"], detector.read(reply["text"], context).reply.value) for reply in replies)
    kinds = Counter(reply["kind"] for reply in replies)
    print(f"replies told right  {sum(n for (said, found), n in told.items() if said == found)} of {len(replies)}")
    for kind, n in kinds.most_common():
        as_others = {found: count for (said, found), count in told.items() if said == kind and found != kind}
        print(f"  {kind:16} {told[kind, kind]:3} of {n:3}   read as {as_others or 'nothing else'}")


if __name__ == "__main__":
    main()
