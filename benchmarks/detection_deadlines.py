"""Scores due times on mails that were written before the rules were run on them.

    python benchmarks/detection_deadlines.py [FILE ...] [--part tuned] [--errors]

FILE is each of tests/corpus/deadlines/*.toml unless given. A due time is right if day and clock time are; a false one
is any due time where none was written.
"""

from __future__ import annotations

import argparse
import tomllib
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from mailwatch.detection import detector
from mailwatch.detection.detector import Context

FOLDER = Path(__file__).parent.parent / "tests" / "corpus" / "deadlines"
ZONE = ZoneInfo("Europe/Berlin")
CONTEXT = Context(datetime(2026, 11, 18, 10, tzinfo=ZONE), ZONE)


def main() -> None:
    """Prints a row for each part of each file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="*", default=sorted(FOLDER.glob("*.toml")))
    parser.add_argument("--part", help="only this one")
    parser.add_argument("--errors", action="store_true")
    options = parser.parse_args()
    for file in options.files:
        parts = {
            name: rows for name, rows in tomllib.loads(file.read_text("utf-8")).items() if isinstance(rows, list)
        }
        for name, rows in parts.items():
            if options.part in (None, name):
                print(f"{file.stem} {name:8} {_score(rows, options.errors)}")


def _score(rows: list[list[str]], show_errors: bool) -> str:
    right = due = false = 0
    for text, wanted in rows:
        reading = detector.read(text, CONTEXT)
        found = str(reading.deadline or "")
        due += bool(wanted)
        right += bool(wanted) and found == wanted
        false += not wanted and bool(found)
        if show_errors and found != wanted:
            acts = f"{reading.request.score:.2f}/{reading.promise.score:.2f} {reading.language}"
            words = reading.deadline and reading.deadline.words
            print(f"    {wanted or 'none'}: {text!r} found {found or 'none'} {words!r} {acts}")
    return f"right {right}/{due} ({right / max(1, due):.3f}), false {false}/{len(rows) - due}"


if __name__ == "__main__":
    main()
