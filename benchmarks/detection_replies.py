"""Scores the kinds of replies on examples that were written before the rules were run on them.

    python benchmarks/detection_replies.py [FILE] [--errors]

FILE is tests/corpus/replies.toml unless given. Prints the confusion table, rows as they were written.
"""

from __future__ import annotations

import argparse
import tomllib
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from mailwatch.detection import detector
from mailwatch.detection.detector import Context

CORPUS = Path(__file__).parent.parent / "tests" / "corpus" / "replies.toml"
CONTEXT = Context(datetime(2026, 11, 18, 9, tzinfo=UTC), UTC, own=True, is_reply=True)


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, nargs="?", default=CORPUS)
    parser.add_argument("--errors", action="store_true")
    options = parser.parse_args()
    rows = tomllib.loads(options.file.read_text("utf-8"))
    table: Counter[tuple[str, str]] = Counter()
    for written, texts in rows.items():
        for text in texts:
            found = detector.read(text, CONTEXT).reply.value
            table[written, found] += 1
            if options.errors and found != written:
                print(f"{written:16} read as {found:16} {text!r}")
    kinds = list(rows)
    print(" " * 17 + " ".join(f"{kind[:8]:>8}" for kind in kinds) + "   recall")
    for written in kinds:
        total = sum(table[written, found] for found in kinds)
        cells = " ".join(f"{table[written, found] or '.':>8}" for found in kinds)
        print(f"{written:17}{cells}     {table[written, written] / total:.2f}")
    right = sum(table[kind, kind] for kind in kinds)
    print(f"right: {right}/{table.total()} = {right / table.total():.3f}")


if __name__ == "__main__":
    main()
