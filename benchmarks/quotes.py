"""Measures how quotes are taken away on real mail, and shows random messages to a reader who judges by eye.

    python -m benchmarks.quotes [--left] [--sample SEED]

Prints how many of the lines that are marked with > were left among the sender's own words, on 2,000 messages drawn
from the ham. `--left` shows those lines. `--sample` prints fifty of those messages that quote anything or end in
something that was taken away, every line with the place that it was given: read it and note each line of the
sender's own words that is not marked as new. Another seed draws another fifty.
"""

from __future__ import annotations

import argparse
import random

from benchmarks import ham
from mailwatch.domain.message import Role
from mailwatch.domain.mime import read_headers, read_text
from mailwatch.domain.quotation import Parts, parts_of

MESSAGES = 2000
SAMPLE = 50


def parted(mail: ham.Ham) -> tuple[str, Parts]:
    """The text of a message and its parts."""
    headers = read_headers(mail.raw, provider_id=mail.name, role=Role.INBOX, received_at=mail.received_at)
    text = read_text(mail.raw, provider_id=mail.name)
    return text.words, parts_of(headers, text)


def marked(text: str) -> list[str]:
    """The lines that begin with >."""
    return [line for line in text.split("\n") if line.lstrip().startswith(">")]


def show(name: str, text: str, parts: Parts) -> None:
    """Prints a message line by line, each with its place: blank for new words, else q, f or s."""
    waiting = {
        place: [line for line in words.split("\n") if line.strip()]
        for place, words in ((" ", parts.new), ("q", parts.quoted), ("f", parts.forwarded), ("s", parts.signature))
    }
    lines = [line.rstrip("\r") for line in text.split("\n") if line.strip()]
    print(f"{'=' * 30} {name}")
    for at, line in enumerate(lines):
        # Lines keep their order within each place; where a line is next in two, the lines after it tell.
        place = max(waiting, key=lambda place: _agreeing(waiting[place], lines[at : at + 4]))
        if waiting[place][:1] == [line]:
            waiting[place].pop(0)
        else:
            place = "?"
        print(f"{place} | {line[:110]}")


def _agreeing(one: list[str], other: list[str]) -> int:
    """How many lines both have in common at the beginning."""
    return next(
        (at for at, (line, same) in enumerate(zip(one, other, strict=False)) if line != same),
        min(len(one), len(other)),
    )


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--left", action="store_true")
    parser.add_argument("--sample", type=int, metavar="SEED")
    options = parser.parse_args()
    drawn = random.Random(0).sample(list(ham.messages()), MESSAGES)
    read = [(mail.name, *parted(mail)) for mail in drawn]
    if options.sample is not None:
        cut = [one for one in read if one[2].quoted or one[2].signature or one[2].forwarded]
        for name, text, parts in random.Random(options.sample).sample(cut, SAMPLE):
            show(name, text, parts)
        return
    lines = sum(len(marked(text)) for _, text, _ in read)
    left = [(name, line) for name, _, parts in read for line in marked(parts.new)]
    print(f"{len(read)} messages, {lines} lines marked with >, {len(left)} left ({len(left) / lines:.2%})")
    if options.left:
        print("\n".join(f"{name}: {line[:100]}" for name, line in left))


if __name__ == "__main__":
    main()
