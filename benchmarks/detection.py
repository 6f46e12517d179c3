"""Measures detection on the development sets: precision, recall and F1 with 95 % intervals, rules, and speed.

    python benchmarks/detection.py DATA [--part tuned|aside] [--errors SET] [--rules] [--calibration]

DATA holds gold-dev.jsonl, mailex-train.jsonl, bc3-train.jsonl and parakweet-train.jsonl; a file that is missing is
left out. Intervals are bootstrap percentiles of 1,000 draws of items. A quarter of each set (by hash of the id) is
kept aside: its errors were never looked at.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).parent))

import detection_sets as sets
from detection_sets import Item

from mailwatch.detection import detector
from mailwatch.detection.detector import Context
from mailwatch.detection.sidebyside import together
from mailwatch.domain.reading import Reading

ZONE = ZoneInfo("America/Chicago")
SENT_AT = datetime(2001, 5, 16, 10, tzinfo=ZONE)
DRAWS = 1000
NO_DAY = "unresolved"
"""How gold labels a due time that cannot be placed on a day."""
Pair = tuple[bool, bool]  # what people said, what was found


def read(item: Item) -> Reading:
    """Reads an item as a message to somebody whose name is not known."""
    return detector.read(item.text, Context(SENT_AT, ZONE, subject=item.subject))


def scores(pairs: Sequence[Pair]) -> tuple[float, float, float]:
    """Precision, recall and F1."""
    true = sum(said and found for said, found in pairs)
    precision = true / max(1, sum(found for _, found in pairs))
    recall = true / max(1, sum(said for said, _ in pairs))
    return precision, recall, 2 * precision * recall / max(1e-9, precision + recall)


def interval(pairs: Sequence[Pair], figure: Callable[[Sequence[Pair]], float]) -> tuple[float, float]:
    """The middle 95 % of a figure over bootstrap draws."""
    rng = random.Random(7)
    drawn = sorted(figure(rng.choices(pairs, k=len(pairs))) for _ in range(DRAWS))
    return drawn[DRAWS // 40], drawn[-DRAWS // 40]


def show(name: str, pairs: Sequence[Pair]) -> None:
    """Prints one row of the table."""
    if not pairs:
        return
    precision, recall, f1 = scores(pairs)
    low, high = interval(pairs, lambda drawn: scores(drawn)[2])
    asked = sum(said for said, _ in pairs)
    print(f"{name:28} {len(pairs):5} {asked:5}   {precision:.3f} {recall:.3f} {f1:.3f}  [{low:.3f}, {high:.3f}]")


def show_deadlines(read_items: Sequence[tuple[Item, Reading]]) -> None:
    """Prints how many deadlines are right, and how often one fires where there is none.

    One that names no day ("before the meeting") has nothing to be right about, and is left out.
    """
    labelled = [
        (item, reading) for item, reading in read_items if item.has_deadline_label and item.deadline != NO_DAY
    ]
    if not labelled:
        return
    due = [(i, r) for i, r in labelled if i.deadline]
    right = [(True, str(r.deadline) == i.deadline) for i, r in due]
    right_day = [str(r.deadline)[:10] == i.deadline[:10] for i, r in due if i.deadline]
    none = [(True, r.deadline is not None) for i, r in labelled if not i.deadline]
    low, high = interval(right, lambda drawn: sum(f for _, f in drawn) / max(1, len(drawn)))
    false_low, false_high = interval(none, lambda drawn: sum(f for _, f in drawn) / max(1, len(drawn)))
    print(f"deadlines right    {sum(f for _, f in right)}/{len(right)} [{low:.3f}, {high:.3f}], day {sum(right_day)}")
    print(f"deadlines false    {sum(f for _, f in none)}/{len(none)} [{false_low:.3f}, {false_high:.3f}]")


def show_errors(read_items: Sequence[tuple[Item, Reading]], act: str) -> None:
    """Prints the items on which people and program differ."""
    for item, reading in read_items:
        if act == "deadline":
            due = reading.deadline
            if item.deadline != (str(due) if due else None):
                print(f"--- {item.id} said {item.deadline} found {due}: {due and due.words}\n{item.text}")
            continue
        said, found = getattr(item, act), getattr(reading, act)
        if said is not None and said != bool(found):
            print(f"--- {item.id} said {said} found {found.score:.2f} {found.evidence}")
            print(f"SUBJECT {item.subject}\n{item.text}")


def show_rules(read_items: Sequence[tuple[Item, Reading]], act: str) -> None:
    """Prints for each rule how often its evidence was right."""
    by_rule: dict[str, list[bool]] = defaultdict(list)
    for item, reading in read_items:
        said, found = getattr(item, act), getattr(reading, act)
        if said is not None and found:
            by_rule[found.evidence.rule].append(said)
    for rule, right in sorted(by_rule.items(), key=lambda row: -len(row[1])):
        print(f"    {rule:44} {len(right):5} fired, {sum(right) / len(right):.2f} right")


def show_calibration(read_items: Sequence[tuple[Item, Reading]], act: str) -> None:
    """Prints how often a score of a given size was right."""
    bins: dict[int, list[bool]] = defaultdict(list)
    for item, reading in read_items:
        said, found = getattr(item, act), getattr(reading, act)
        if said is not None:
            bins[min(9, int(found.score * 10))].append(said)
    for tenth, right in sorted(bins.items()):
        share = sum(right) / len(right)
        print(f"    score {tenth / 10:.1f}-{tenth / 10 + 0.1:.1f}: {len(right):5} items, {share:.2f} right")


def speed(items: Sequence[Item]) -> None:
    """Prints how many messages of about 100 words are read in a second on one core."""
    words = [re.findall(r"\S+\s*", item.text) for item in items]
    texts = ["".join(row[:100]) for row in words if len(row) >= 100]
    context = Context(SENT_AT, ZONE)
    for text in texts:  # Once before, so that both ways find the same caches of lines and patterns.
        detector.read(text, context)
    started = time.perf_counter()
    for text in texts:
        detector.read(text, context)
    one_by_one = time.perf_counter() - started
    started = time.perf_counter()
    together(detector.steps(text, context) for text in texts)
    took = time.perf_counter() - started
    print(f"speed              {len(texts) / took:.0f} messages of 100 words a second side by side,", end=" ")
    print(f"{one_by_one / took:.2f} times as many as one after another")


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--part", choices=("tuned", "aside"))
    parser.add_argument("--errors", help="set:act, as gold:request")
    parser.add_argument("--rules", action="store_true")
    parser.add_argument("--calibration", action="store_true")
    options = parser.parse_args()
    loaders = {"gold": sets.gold, "mailex": sets.mailex, "bc3": sets.bc3, "parakweet": sets.parakweet}
    wanted, _, act = (options.errors or "").partition(":")
    print(f"{'':28} {'items':>5} {'true':>5}   {'prec':5} {'rec':5} {'F1':5}  95 %")
    for name, load in loaders.items():
        try:
            items = load(options.data)
        except FileNotFoundError:
            continue
        everything = items
        if options.part:
            items = [item for item in items if item.kept_aside == (options.part == "aside")]
        read_items = [(item, read(item)) for item in items]
        for speech_act in ("request", "promise", "holding"):
            pairs = [
                (bool(getattr(item, speech_act)), bool(getattr(reading, speech_act)))
                for item, reading in read_items
                if getattr(item, speech_act) is not None
            ]
            if any(said for said, _ in pairs):
                show(f"{name} {speech_act}", pairs)
                if options.rules:
                    show_rules(read_items, speech_act)
                if options.calibration:
                    show_calibration(read_items, speech_act)
        show_deadlines(read_items)
        if wanted == name:
            show_errors(read_items, act)
        if name == "gold":
            speed(everything)


if __name__ == "__main__":
    main()
