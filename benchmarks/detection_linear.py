"""Shows that the time of detection grows no faster than the text: 50 crafted patterns at 1, 4, 16 and 64 KB.

    python benchmarks/detection_linear.py

Text beyond 64 KB is cut off, so one megabyte takes as long as 64 KB. A ratio is the time for sixteen times the text
over the time for 4 KB against 64 KB; about 16 is linear. Lines above 24 are marked, and the exit code says so.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime

from mailwatch.detection import detector
from mailwatch.detection.detector import Context

CONTEXT = Context(datetime(2026, 11, 18, 9, tzinfo=UTC), UTC, reader_names=("ann",), other_names=("bob",))
SIZES = (1, 4, 16, 64, 1024)
SUSPICIOUS = 24.0


def patterns() -> Iterator[tuple[str, str]]:
    """A name and the piece that is repeated."""
    pieces = {
        "blank lines": "\n",
        "spaces": " ",
        "tabs": "\t",
        "On On On": "On ",
        "dots": ".",
        "question marks": "?",
        "spaced questions": "? ",
        "digits": "1",
        "spaced digits": "1 ",
        "dates": "1/2/3 ",
        "clocks": "1:2:3:",
        "at signs": "@",
        "a@": "a@",
        "links": "http://",
        "www": "www.",
        "brackets": "((((",
        "quotes": '"',
        "hyphens": "-",
        "a-a-": "a-",
        "apostrophes": "a'",
        "accents": "é",
        "From": "From: ",
        "please": "please ",
        "please,": "please, ",
        "can you": "can you ",
        "if you": "if you ",
        "i will": "I will ",
        "by by": "by ",
        "by the end of": "by the end of the ",
        "monday": "Monday ",
        "by monday": "by Monday, ",
        "Bob,": "Bob, ",
        "let me know": "let me know if you have any ",
        "any questions": "any questions please ",
        "1. ": "1. ",
        "am 3. ": "am 3. ",
        "kannst du": "kannst du mir bitte ",
        "by then": "Can you send it by then? ",
        "the day before": "Please send it the day before. ",
        "bis dahin": "Schick mir das bitte bis dahin. ",
        "bis Freitag": "bis Freitag, halb ",
        "ich schicke": "ich schicke dir das ",
        "peux-tu": "est-ce que tu peux ",
        "d'ici lundi": "d'ici lundi le 25 ",
        "je te l'envoie": "je te l'envoie ",
        "puedes": "me puedes por favor ",
        "antes del": "antes del 26, a las 11 ",
        "te mando": "te lo mando ",
        "not": "not ",
        "long word": "a",
    }
    yield from pieces.items()


def seconds(text: str) -> float:
    """The shortest of three readings."""
    best = 1e9
    for _ in range(3):
        started = time.perf_counter()
        detector.read(text, CONTEXT)
        best = min(best, time.perf_counter() - started)
    return best


def main() -> int:
    """Prints a row for each pattern."""
    worst = 0.0
    print(f"{'pattern':18} " + " ".join(f"{size:>7} KB" for size in SIZES) + "   64/4 KB")
    for name, piece in patterns():
        times = [seconds((piece * (size * 1024 // len(piece) + 1))[: size * 1024]) for size in SIZES]
        ratio = times[3] / max(times[1], 1e-4)
        worst = max(worst, ratio)
        cells = " ".join(f"{1000 * taken:8.1f}ms" for taken in times)
        print(f"{name:18} {cells}   {ratio:7.1f}{'  <--' if ratio > SUSPICIOUS else ''}")
    print(f"worst ratio {worst:.1f}")
    return int(worst > SUSPICIOUS)


if __name__ == "__main__":
    sys.exit(main())
