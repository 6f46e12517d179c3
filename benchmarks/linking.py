"""Measures how replies are linked without headers: on real mail with In-Reply-To and References taken away.

    python -m benchmarks.linking [--errors]

The truth is what these two fields said. Counted is every message of which they tell where it belongs: a reply
whose parent is here, and a message that begins a conversation (no such field, no mark of a reply). A reply is
linked right if its parent is in the same conversation; a beginning is linked wrongly if nothing of its own
conversation stands before it in the one that it was put into. Replies to mail that is not here are read too, but
not counted, for nobody can tell what they belong to.

Fields that make a mail a list's are taken away as well, or it would count as a program's and not be linked at all.
"""

from __future__ import annotations

import argparse
import random
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from hashlib import md5

from benchmarks import ham
from mailwatch.domain.conversation import link
from mailwatch.domain.fields import read_fields
from mailwatch.domain.message import Headers, Message, Role
from mailwatch.domain.mime import HEADER_FIELDS, headers_of, read_text
from mailwatch.domain.people import User
from mailwatch.domain.quotation import split
from mailwatch.domain.subject import read_subject

LIST_FIELDS = {
    "list-id",
    "list-post",
    "list-unsubscribe",
    "precedence",
    "x-loop",
    "return-path",
    "feedback-id",
    "sender",
}
BEGINNING, UNKNOWN = "", None
_LIST = re.compile(r"\[([\w -]{3,20})\]|(fork|rpm-zzzlist|exmh)")


@dataclass
class Counts:
    """What came out for some messages; `unclear` counts those of which the headers do not tell."""

    right: int = 0  # linked, and rightly
    linked: int = 0
    found: int = 0  # replies that are where their parent is
    replies: int = 0
    unclear: int = 0
    errors: list[str] = field(default_factory=list)

    def add(self, other: Counts) -> None:
        """Adds what came out for other messages."""
        self.right += other.right
        self.linked += other.linked
        self.found += other.found
        self.replies += other.replies
        self.unclear += other.unclear
        self.errors += other.errors

    @property
    def precision(self) -> float:
        return self.right / max(1, self.linked)

    @property
    def recall(self) -> float:
        return self.found / max(1, self.replies)


class Sets:
    """Disjoint sets of names."""

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}

    def root(self, name: str) -> str:
        self._parent.setdefault(name, name)
        while self._parent[name] != name:
            self._parent[name] = self._parent[self._parent[name]]
            name = self._parent[name]
        return name

    def join(self, one: str, other: str) -> None:
        self._parent[self.root(one)] = self.root(other)


def read(mails: Sequence[ham.Ham]) -> list[Headers]:
    """The headers, with mail of lists as mail of the people who wrote it."""
    wanted = [name.lower() for name in HEADER_FIELDS]
    return [
        headers_of(
            {name: values for name, values in read_fields(mail.raw, wanted).items() if name not in LIST_FIELDS},
            provider_id=mail.name,
            role=Role.INBOX,
            received_at=mail.received_at,
        )
        for mail in mails
    ]


def truth(headers: Sequence[Headers]) -> tuple[dict[str, str], dict[str, str | None]]:
    """By key: the conversation that the fields tell of, and the nearest parent here, BEGINNING or UNKNOWN."""
    sets, bearers = Sets(), {}
    for mail in headers:
        sets.join(mail.key, f"<{mail.message_id}>")
        bearers.setdefault(mail.message_id, mail.key)
        for name in mail.ancestors:
            if "@" in name:
                sets.join(mail.key, f"<{name}>")
    parents: dict[str, str | None] = {}
    for mail in headers:
        marks = read_subject(mail.subject)
        held = [bearers[name] for name in mail.ancestors if bearers.get(name, mail.key) != mail.key]
        begins = not (mail.ancestors or marks.reply or marks.forward or marks.was)
        parents[mail.key] = held[0] if held else BEGINNING if begins else UNKNOWN
    return {mail.key: sets.root(mail.key) for mail in headers}, parents


def linked(headers: Sequence[Headers], user: User | None = None) -> dict[str, int]:
    """By key: the conversation that mailwatch puts a message into, without the two fields."""
    bare = []
    for mail in headers:
        own = user is not None and mail.author is not None and user.is_me(mail.author.addr_spec)
        role = Role.SENT if own else Role.INBOX
        bare.append(Message(replace(mail, in_reply_to=(), references=(), role=role)))
    return {one.headers.key: at for at, found in enumerate(link(bare, user)) for one in found.messages}


def count(
    headers: Sequence[Headers], true: dict[str, str], parents: dict[str, str | None], found: dict[str, int]
) -> dict[str, Counts]:
    """What came out, by conversation of the truth."""
    before: defaultdict[int, set[str]] = defaultdict(set)
    counts: defaultdict[str, Counts] = defaultdict(Counts)
    for mail in sorted(headers, key=lambda mail: (mail.received_at, mail.key)):
        here, parent, seen = counts[true[mail.key]], parents[mail.key], before[found[mail.key]]
        if parent is UNKNOWN:
            here.unclear += 1
        elif parent == BEGINNING:
            here.linked += bool(seen)
            here.right += true[mail.key] in seen
            if seen and true[mail.key] not in seen:
                here.errors.append(f"joined, though it begins: {mail.provider_id} {mail.subject!r}")
        else:
            right = found[parent] == found[mail.key]
            here.replies += 1
            here.found += right
            here.right += right
            here.linked += bool(seen) or right
            if not right:
                here.errors.append(
                    f"{'joined another' if seen else 'left alone'}: {mail.provider_id} {mail.subject!r}"
                )
        seen.add(true[mail.key])
    return counts


def total(counts: Sequence[Counts]) -> Counts:
    """All of them together."""
    whole = Counts()
    for one in counts:
        whole.add(one)
    return whole


def show(name: str, counts: Sequence[Counts]) -> None:
    """Prints a line with 95 % intervals: conversations are drawn again a thousand times (bootstrap)."""
    draw = random.Random(1)
    samples = [total(draw.choices(counts, k=len(counts))) for _ in range(1000)] if len(counts) > 1 else []
    words = []
    for measure in ("precision", "recall"):
        values = sorted(getattr(sample, measure) for sample in samples)
        low, high = (values[25], values[974]) if values else (0, 1)
        words.append(f"{measure} {getattr(total(counts), measure):.3f} [{low:.3f}, {high:.3f}]")
    whole = total(counts)
    print(f"{name:26}{whole.replies:6} replies   {'   '.join(words)}   ({whole.unclear} unclear)")


def pairs(true: dict[str, str], parents: dict[str, str | None], found: dict[str, int]) -> tuple[int, int, int]:
    """Pairs of messages that were put together: rightly, wrongly, and those of which nobody can tell.

    It can be told that two are apart only if the beginnings of both their conversations are here.
    """
    headless = {true[key] for key, parent in parents.items() if parent is UNKNOWN}
    together: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for key, where in found.items():
        together[where][true[key]] += 1
    right = wrong = unclear = 0
    for counts in together.values():
        for one, count_of_one in counts.items():
            right += count_of_one * (count_of_one - 1)
            others = sum(size for name, size in counts.items() if name != one)
            known = sum(size for name, size in counts.items() if name != one and name not in headless)
            wrong += count_of_one * (known if one not in headless else 0)
            unclear += count_of_one * (others - (known if one not in headless else 0))
    return right // 2, wrong // 2, unclear // 2


def said(mail: ham.Ham, subject: str) -> tuple[set[str], set[str]]:
    """The lines of 20 letters and more that a message says itself, and those that it quotes, without signs."""
    parts = split(read_text(mail.raw, provider_id=mail.name).words, subject=subject)
    new, old = (
        {plain for line in text.split("\n") if len(plain := re.sub(r"\W+", "", line.lower())) >= 20}
        for text in (parts.new, f"{parts.quoted}\n{parts.forwarded}")
    )
    return new, old


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--errors", action="store_true", help="show those of the half that rules were tuned on")
    options = parser.parse_args()
    mails = list(ham.messages())
    headers = read(mails)
    true, parents = truth(headers)
    found = linked(headers)
    counts = count(headers, true, parents, found)
    halves: tuple[list[Counts], list[Counts]] = ([], [])
    for name, one in counts.items():
        halves[md5(name.encode(), usedforsecurity=False).digest()[0] % 2].append(one)
    show("all", list(counts.values()))
    show("  half tuned on", halves[0])
    show("  half kept aside", halves[1])
    lists = Counter(_list_of(mail) for mail in headers if parents[mail.key])
    for name, size in lists.most_common():
        if size >= 40:
            chosen = {true[mail.key] for mail in headers if _list_of(mail) == name}
            show(f"  {name}", [counts[one] for one in sorted(chosen)])
    right, wrong, unclear = pairs(true, parents, found)
    print(f"Pairs of messages put together: {right} rightly, {wrong} wrongly, {unclear} nobody can tell of.")
    print("As the mailbox of those who wrote most (their own replies and all others):")
    for author, _ in Counter(mail.author for mail in headers if mail.author and parents[mail.key]).most_common(5):
        mine = count(headers, true, parents, linked(headers, User(author)))
        show("  one of them", list(mine.values()))
    by_key = {mail.key: raw for mail, raw in zip(headers, mails, strict=True)}
    lost = [mail for mail in headers if parents[mail.key] and found[parents[mail.key] or ""] != found[mail.key]]
    quotes = [len(said(by_key[m.key], m.subject)[1] & said(by_key[parents[m.key] or ""], "")[0]) >= 2 for m in lost]
    print(f"Of {len(lost)} replies not found, {sum(quotes)} quote two lines or more of their parent's own words.")
    if options.errors:
        print("\n".join(total(halves[0]).errors))


def _list_of(mail: Headers) -> str:
    told = _LIST.search(" ".join((mail.subject.lower(), *(one.addr_spec for one in mail.recipients))))
    return (told[1] or told[2]) if told else "other"


if __name__ == "__main__":
    main()
