"""Scores mails and replies from which no model has learnt: tests/corpus/unseen, everyday, various and ordinary.

    python benchmarks/detection_unseen.py

Prints precision, recall and F1 of requests and promises with 95 % intervals, due times, how replies are told, and
holding replies by their words alone, in English and in the other languages; due times also in the English mails of
tests/corpus/mails, which the models have learnt from.
Whoever reads errors of the unseen or the unread ones to widen a rule, or trains with them, must write new ones.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).parent))

from detection import show

from mailwatch.detection import detector
from mailwatch.detection.detector import Context
from mailwatch.domain.reading import Reading

CORPUS = Path(__file__).parent.parent / "tests" / "corpus"
FOLDER = CORPUS / "unseen"
LANGUAGES = ("de", "fr", "es")
WEDNESDAY = datetime(2001, 5, 16, 10, tzinfo=UTC)
LATER_WEDNESDAY = datetime(2026, 11, 18, 10, tzinfo=ZoneInfo("Europe/Berlin"))
"""When the mails of the other languages count as sent."""


def main() -> None:
    """Prints the table."""
    batches = {
        f"{kind}, {half}": [row for file in sorted((CORPUS / kind / half).glob("*.jsonl")) for row in rows(file)]
        for kind in ("everyday", "various")
        for half in ("read", "unread")
    }
    print(f"{'':28} {'items':>5} {'true':>5}   {'prec':5} {'rec':5} {'F1':5}  95 %")
    for name, mails in {"unseen": rows(FOLDER / "mails.jsonl"), **batches}.items():
        acts(name, mails, read(mails, WEDNESDAY))
    for language in LANGUAGES:
        for kind in ("plain", "plain_second", "hinting"):
            mails = rows(FOLDER / language / f"{kind}.jsonl")
            acts(f"{language}, {kind}", mails, read(mails, LATER_WEDNESDAY))
    files = [FOLDER / "mails.jsonl", *(CORPUS / "everyday/unread").glob("*"), *(CORPUS / "various/unread").glob("*")]
    held_by_words("en, mails", [one for file in sorted(files) for one in labelled(file)], WEDNESDAY)
    for language in ("", *LANGUAGES):
        replies = rows(FOLDER / language / "replies.jsonl")
        held = [(row, row["kind"] == "acknowledgement") for row in replies]
        held_by_words(f"{language or 'en'}, replies", held, LATER_WEDNESDAY)
        if language:
            files = [FOLDER / language / f"{kind}.jsonl" for kind in ("plain", "plain_second", "hinting")]
            held_by_words(f"{language}, mails", [one for file in files for one in labelled(file)], LATER_WEDNESDAY)
    for language in ("en", *LANGUAGES):
        mails = rows(CORPUS / "ordinary" / f"{language}.jsonl")
        acts(f"{language}, ordinary, read", mails, read(mails, LATER_WEDNESDAY))
    trades = [row for file in sorted((CORPUS / "mails").glob("*.jsonl")) for row in rows(file)]
    due_times("sixteen trades", trades, read(trades, WEDNESDAY))
    for kind in ("replies", "answers"):
        for language in ("", *LANGUAGES):
            answers(f"{language or 'en'}, {kind}", rows(FOLDER / language / f"{kind}.jsonl"))


def acts(name: str, mails: Sequence[dict], readings: Sequence[Reading]) -> None:
    """Prints a row for requests, one for promises and one for due times."""
    for act, marked in (("request", "asks"), ("promise", "promises")):
        show(
            f"{name}: {act}",
            [(bool(mail[marked]), bool(getattr(one, act))) for mail, one in zip(mails, readings, strict=True)],
        )
    due_times(name, mails, readings)


def answers(language: str, replies: Sequence[dict]) -> None:
    """Prints how replies are told, kind by kind."""
    context = Context(WEDNESDAY, UTC, own=True, is_reply=True)
    told = Counter((reply["kind"], detector.read(reply["text"], context).reply.value) for reply in replies)
    kinds = Counter(reply["kind"] for reply in replies)
    right = sum(n for (said, found), n in told.items() if said == found)
    print(f"replies told right, {language}  {right} of {len(replies)}")
    for kind, n in kinds.most_common():
        as_others = {found: count for (said, found), count in told.items() if said == kind and found != kind}
        print(f"  {kind:16} {told[kind, kind]:3} of {n:3}   read as {as_others or 'nothing else'}")


def held_by_words(name: str, texts: Sequence[tuple[dict, bool]], sent_at: datetime) -> None:
    """Prints how holding replies are told by their words alone, where no header says that a text is a reply."""
    readings = read([text for text, _ in texts], sent_at)
    show(f"{name}: holding", [(holds, bool(one.holding)) for (_, holds), one in zip(texts, readings, strict=True)])


def labelled(file: Path) -> list[tuple[dict, bool]]:
    """The mails of a file, each with whether it reads as a holding reply."""
    marked = json.loads((CORPUS / "holding.json").read_text("utf-8")).get(file.relative_to(CORPUS).as_posix(), ())
    return [(row, number in marked) for number, row in enumerate(rows(file))]


def rows(file: Path) -> list[dict]:
    """The lines of a file of JSON."""
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def read(mails: Sequence[dict], sent_at: datetime) -> list[Reading]:
    """What is read in each mail."""
    return [
        detector.read(mail["text"], Context(sent_at, sent_at.tzinfo or UTC, subject=mail.get("subject", "")))
        for mail in mails
    ]


def due_times(name: str, mails: Sequence[dict], readings: Sequence[Reading]) -> None:
    """Prints how many days by which something is due are found, and how many are found where there is none."""
    days = [
        (mail["deadline"], read.deadline and read.deadline.day) for mail, read in zip(mails, readings, strict=True)
    ]
    told = [(due, found) for due, found in days if due]
    right = sum(found is not None and due.startswith(found.isoformat()) for due, found in told)
    wrong = sum(found is not None for _, found in told) - right
    false = sum(found is not None for due, found in days if not due)
    print(f"due times, {name}: {right} of {len(told)} right, {wrong} wrong; {false} false in {len(days) - len(told)}")


if __name__ == "__main__":
    main()
