"""Tells which addresses in a conversation are one person's: of the same full name, and never in one message."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

from mailwatch.domain.addressing import person
from mailwatch.domain.message import Headers

PEOPLE_LIMIT = 100
"""Of so many people of a message the names are compared."""


def same_people(mails: Iterable[Headers], is_one: Callable[[str], bool]) -> Mapping[str, frozenset[str]]:
    """By person, all persons that are the same, themselves included; who has one address only is left out.

    `is_one` tells which addresses may be a person's at all. A name needs two words: there are many Anns.
    """
    bearers: defaultdict[str, set[str]] = defaultdict(set)
    namesakes: set[str] = set()
    for headers in mails:
        here: defaultdict[str, set[str]] = defaultdict(set)
        people = (headers.author, *headers.reply_to, *headers.recipients)[:PEOPLE_LIMIT]
        for address in people:
            name = " ".join(address.display_name.casefold().split()) if address else ""
            if address and " " in name and is_one(address.addr_spec):
                here[name].add(person(address))
        for name, some in here.items():
            bearers[name] |= some
            if len(some) > 1:
                namesakes.add(name)
    found: dict[str, frozenset[str]] = {}
    for name, addresses in sorted(bearers.items()):
        # Who bears two names is not told from who shares an address with others.
        if len(addresses) > 1 and name not in namesakes and found.keys().isdisjoint(addresses):
            found.update(dict.fromkeys(addresses, frozenset(addresses)))
    return found
