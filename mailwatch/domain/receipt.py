"""The receipt of what the user said: which commands a mail confirms, and which words it could not make sense of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from mailwatch.domain.command import ABOUT_MAILS, Command, Verb
from mailwatch.domain.people import Address
from mailwatch.domain.policy import Policy
from mailwatch.domain.promise import Promise
from mailwatch.domain.request import Request


@dataclass(frozen=True, slots=True)
class Receipt:
    """One command, with the coworker and the subject of the item that it is about, if that is known."""

    command: Command
    coworker: Address | None = None
    subject: str = ""
    of_promise: bool = False


@dataclass(frozen=True, slots=True)
class ReceiptLetter:
    """A mail that has nothing else to say than what became of the user's words; `at` in UTC."""

    policy: Policy
    at: datetime
    receipts: tuple[Receipt, ...]


def receipts_of(
    commands: Iterable[Command], requests: Iterable[Request], promises: Iterable[Promise]
) -> tuple[Receipt, ...]:
    """The receipts of commands, in their order, each with its item if that is among those given."""
    known = {asked.id: (asked.requester, asked.subject, False) for asked in requests}
    known |= {made.id: (made.to, made.subject, True) for made in promises}
    return tuple(Receipt(command, *known.get(command.item, (None, "", False))) for command in commands)


def asks_for_an_answer_at_once(commands: Sequence[Command]) -> bool:
    """Whether something was said about our mails as a whole: no digest may follow that could confirm it."""
    return any(command.verb in ABOUT_MAILS for command in commands)


def asks_for_an_answer(commands: Sequence[Command]) -> bool:
    """Whether something was said that nothing came of, so that silence would be taken for consent."""
    return any(command.verb is Verb.UNCLEAR for command in commands)
