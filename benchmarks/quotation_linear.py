"""Shows that reading mail takes time in proportion to its size: doubles crafted patterns and prints the ratios.

Run `python benchmarks/quotation_linear.py`. A linear reader shows ratios near 2 (a quadratic one near 4); the
worst pattern comes last, and the exit code is 1 if its time more than trebled at both of the last doublings.
"""

from __future__ import annotations

import itertools
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from mailwatch.domain.addresslist import read_addresses
from mailwatch.domain.encodedword import decode_words
from mailwatch.domain.fields import read_parameters
from mailwatch.domain.html import to_text
from mailwatch.domain.message import Headers, Text
from mailwatch.domain.plainform import is_placeholder, unflow, without_armour
from mailwatch.domain.quotation import split
from mailwatch.domain.secondlook import second_look

SIGNED = "-----BEGIN PGP SIGNED MESSAGE-----\n"
HEADERS = Headers("1", datetime(2026, 11, 17, tzinfo=UTC))
SIZES = (8 << 10, 16 << 10, 32 << 10, 64 << 10)

TEXTS = [
    ">",
    "> ",
    "> \n",
    ">\n\n",
    "> a\nb\n",
    "a:\n> b\n",
    "On ",
    "On Mon, 16 Nov 2026 ",
    "On Mon,\n",
    "wrote:\n",
    "Ann wrote:\n\n",
    "On Mon, 16 Nov 2026 Ann <a@b.example>\n",
    "a@b.example ",
    "From: ",
    "From: a\n",
    "To: a\n",
    "To: a\nSubject: b\n",
    "11/16/2026 04:02 PM\nTo: a\nSubject: b\n",
    "From: a\n\n\nTo: b\n",
    "-----Original Message-----",
    "-----Original Message-----\n> a\n",
    "---------- Forwarded by a\n",
    "-",
    "--\n",
    "-- \nBob\n",
    "_",
    "______\n",
    "Regards,\n",
    "Regards,\n\n",
    "Regards,\nBob\n",
    "Thanks\nBob Brown\n+49 30 1234567\n",
    "Sent from my iPhone\n",
    "This message is confidential\n\n",
    "AB> a\n",
    "| a\n",
    "wrote:\n| a\n",
    "[...]\n",
    "Ann <a@b.example> wrote:\nTo: a\n",
    "Ann <a@b.example> wrote:\n\nFrom: a\n",
    "-----Original Message-----\nAnn <a@b.example> wrote:\n",
    "-----Original Message-----\nFrom a@b\nTo b\nDate c\n",
    "-----a wrote: -----\n",
    "  | From: a\n  | b\n",
    ">>> a 16:02 >>>\n",
    "a ---11/16/2026 04:02 PM---b\n",
    "see below\n",
    "[Bob] a\n",
    "-- Bob\n",
    "________\nunsubscribe\n",
    "________\nMicrosoft Teams\n",
    "________\nMicrosoft Teams\n" + 30 * "a\n",
    ":-)\n> a\n",
    "2026 by a@",
    "2026 by a@b.example:\n",
    "[EXT] ",
    "Caution: ",
    "CAUTION: e-mail from outside the ",
    "CAUTION: e-mail from outside the firm. ",
    "this email is in no way external, ",
    "CAUTION: e-mail from outside the firm.\n",
    "Caution: a\n",
    "## reply above this line ##\n",
    "## reply above this ",
    "\u2014-",
    "2026 a\n<a@b.example> wrote:\n",
    "\n",
    " ",
    " \n",
    "a",
    "a ",
    "Aa ",
    "1234567890",
    "(555) 555 ",
]

OTHERS: list[tuple[str, Callable[[str], object], str]] = [
    *(
        ("addresses", read_addresses, pattern)
        for pattern in ("(", '"', "\\", "<", "a@", "a ", " ,", "a:", "a@b.example,")
    ),
    *(
        ("encoded words", decode_words, pattern)
        for pattern in ("=?", "=?a?b?", "=?utf-8?q?a?= ", "=?utf-8?b?a", "?=")
    ),
    *(("parameters", read_parameters, pattern) for pattern in ("; a=b", ";a", '; a="\\', "; ", "=")),
    *(
        ("html", to_text, pattern)
        for pattern in ("<div>", "<blockquote>", "<p>", "<a href='", "<", "&", "<b><p>", "<td>")
    ),
    *(("placeholder", is_placeholder, pattern) for pattern in ("[cid:", "in your browser ", "<https://")),
    ("armour", lambda text: without_armour(f"{SIGNED}\n{text}"), f"{SIGNED}a\n-----BEGIN PGP SIGNATURE-----\n"),
    ("armour", lambda text: without_armour(f"{SIGNED}\n{text}>"), "-----BEGIN PGP SIGNATURE-----\n"),
    ("second look", lambda text: second_look(HEADERS, Text("1", text)), "a reacted to your message "),
    ("second look", lambda text: second_look(replace(HEADERS, subject="OOO"), Text("1", text)), "on annual leave"),
    ("second look", lambda text: second_look(replace(HEADERS, subject="Undelivered"), Text("1", text)), "not a@"),
    *(
        ("second look", lambda text, of=subject: second_look(replace(HEADERS, subject=of), Text("1", text)), pattern)
        for subject, pattern in (
            ("Read: a", "Your message\n"),
            ("Recall: a", "a möchte die nachricht 'a"),
            ("Invitation: a", "\n* "),
            ("a", "## reply above "),
        )
    ),
    ("flowed", lambda text: unflow(text, delete_space=False), "> a \n"),
    ("flowed", lambda text: unflow(text, delete_space=False), "a "),
]


def seconds(read: Callable[[str], object], text: str) -> float:
    """The best of three runs in processor time."""
    best = float("inf")
    for _ in range(3):
        begin = time.process_time()
        read(text)
        best = min(best, time.process_time() - begin)
    return best


def main() -> int:
    """Prints a line for each pattern, the worst last."""
    rows = []
    for reader, read, pattern in [("split", split, text) for text in TEXTS] + OTHERS:
        times = [seconds(read, (pattern * (size // len(pattern) + 1))[: size - 1]) for size in SIZES]
        ratios = [after / max(before, 1e-5) for before, after in itertools.pairwise(times)]
        rows.append((min(ratios[-2:]), reader, pattern, ratios, times[-1]))
    rows.sort()
    for _, reader, pattern, ratios, last in rows:
        shown = " ".join(f"{ratio:5.1f}" for ratio in ratios)
        print(f"{reader:14} {pattern[:40]!r:44} {shown}   {last * 1000:8.2f} ms at {SIZES[-1] >> 10} KB")
    print(f"worst ratio of a doubling: {rows[-1][0]:.1f}")
    return int(rows[-1][0] > 3)


if __name__ == "__main__":
    sys.exit(main())
