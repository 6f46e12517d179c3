"""Scores German, French and Spanish on mails that were written before the rules were run on them.

    python benchmarks/detection_languages.py [FILE ...] [--errors]

FILE is each of tests/corpus/languages/*.toml unless given.
"""

from __future__ import annotations

import argparse
import tomllib
from collections import Counter
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from mailwatch.detection import detector
from mailwatch.detection.detector import Context

FOLDER = Path(__file__).parent.parent / "tests" / "corpus" / "languages"
ZONE = ZoneInfo("Europe/Berlin")
CONTEXT = Context(datetime(2026, 11, 18, 10, tzinfo=ZONE), ZONE)


def main() -> None:
    """Prints a row for each language."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="*", default=sorted(FOLDER.glob("*.toml")))
    parser.add_argument("--errors", action="store_true")
    options = parser.parse_args()
    for file in options.files:
        document = tomllib.loads(file.read_text("utf-8"))
        asked = [(text, True) for text in document["requests"]] + [(text, False) for text in document["others"]]
        counts: Counter[tuple[bool, bool]] = Counter()
        told: Counter[str] = Counter()
        for text, said in asked:
            reading = detector.read(text, CONTEXT)
            counts[said, bool(reading.request)] += 1
            told[reading.language] += 1
            if options.errors and said != bool(reading.request):
                print(f"    said {said}: {text!r} {reading.request}, {reading.language}")
        due: Counter[tuple[bool, bool]] = Counter()
        for text, wanted in document["deadlines"]:
            found = detector.read(text, CONTEXT).deadline
            due[bool(wanted), (str(found) if found else "") == wanted] += 1
            if options.errors and (str(found) if found else "") != wanted:
                print(f"    due {wanted or None}: {text!r} {found}, {found and found.words}")
        precision = counts[True, True] / max(1, counts[True, True] + counts[False, True])
        recall = counts[True, True] / max(1, counts[True, True] + counts[True, False])
        f1 = 2 * precision * recall / max(1e-9, precision + recall)
        right_due = f"{due[True, True]}/{due[True, True] + due[True, False]}"
        print(
            f"{document['language']}: {len(asked)} mails, precision {precision:.3f} recall {recall:.3f} F1 {f1:.3f}; "
            f"deadlines right {right_due}, false {due[False, False]}/{due[False, False] + due[False, True]}; "
            f"language told {told[document['language']]}/{len(asked)} {dict(told)}"
        )


if __name__ == "__main__":
    main()
