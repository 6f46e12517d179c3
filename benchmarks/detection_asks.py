"""Scores requests and promises on mails that were written before the rules were run on them.

    python benchmarks/detection_asks.py [FILE] [--errors]

FILE is tests/corpus/asks_first.toml unless given. Prints precision, recall and F1 with 95 % intervals.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from detection import show

from mailwatch.detection import detector
from mailwatch.detection.detector import Context

CORPUS = Path(__file__).parent.parent / "tests" / "corpus" / "asks_first.toml"
CONTEXT = Context(datetime(2026, 11, 18, 9, tzinfo=UTC), UTC)
DOES = {
    "request": frozenset({"request"}),
    "promise": frozenset({"promise"}),
    "both": frozenset({"request", "promise"}),
    "neither": frozenset(),
}


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, nargs="?", default=CORPUS)
    parser.add_argument("--errors", action="store_true")
    options = parser.parse_args()
    rows = tomllib.loads(options.file.read_text("utf-8"))
    items = [(text, DOES[does], detector.read(text, CONTEXT)) for does, texts in rows.items() for text in texts]
    print(f"{'':28} {'items':>5} {'true':>5}   {'prec':5} {'rec':5} {'F1':5}  95 %")
    for act in ("request", "promise"):
        show(act, [(act in does, bool(getattr(reading, act))) for _, does, reading in items])
        for text, does, reading in items if options.errors else ():
            found = getattr(reading, act)
            if bool(found) != (act in does):
                print(f"--- {act}: {act in does}, found {found.score:.2f} {found.evidence}\n{text}")


if __name__ == "__main__":
    main()
