"""Says in words what was read in one message, by what, and why it may be no request all the same."""

from __future__ import annotations

from dataclasses import dataclass, replace

import click

from mailwatch.detection import detector, reader
from mailwatch.domain.addressing import Addressed, by_user, how_addressed
from mailwatch.domain.cleaning import clean
from mailwatch.domain.message import Headers, Text
from mailwatch.domain.people import Directory
from mailwatch.domain.policy import Policy
from mailwatch.domain.quotation import Parts
from mailwatch.domain.reading import Finding, Reading
from mailwatch.domain.wording import counted

NOBODY = "@invalid"
"""A reader without a name, so that no greeting is taken for one to somebody else."""


@dataclass(frozen=True, slots=True)
class Explained:
    """A message, its parts, and what they say to a user; `directory` is None where no settings name coworkers."""

    headers: Headers
    text: Text
    parts: Parts
    reading: Reading
    policy: Policy
    directory: Directory | None


def why_none(told: Explained) -> str:
    """Why a message is no request of the user whatever its words ask, in a sentence; empty if nothing speaks so."""
    headers, user = told.headers, told.policy.user
    name = user.address.addr_spec
    if headers.automatic:
        return "a program wrote it, so it is no request of anybody"
    if name == NOBODY:
        return ""
    if by_user(headers, user):
        return f"{name} wrote it, so it asks others and would be no request of theirs"
    if headers.author is None:
        return "it names no sender who could wait for an answer"
    if told.directory and not told.directory.is_coworker(headers.author.addr_spec):
        return f"{clean(headers.author.addr_spec)} is no coworker by the settings"
    how, _ = how_addressed(headers, user, told.directory or Directory())
    if how is Addressed.NOT_AT_ALL:
        return f"not addressed to {name}, so it would be no request of theirs"
    if how is Addressed.CC and not told.reading.names_reader:
        return f"{name} is in Cc alone and not called by name, so it would be no request of theirs"
    if not told.reading.request and _asks_another(told):
        return f"it asks somebody else by name, and not {name}"
    return ""


def _asks_another(told: Explained) -> bool:
    """Whether the words would be a request if no other recipient could be called by name in them."""
    alone = replace(told.headers, to=(told.policy.user.address,), cc=())
    return bool(reader.read_message(alone, told.text, told.policy).request)


def print_explained(told: Explained) -> None:
    """What was read in a message, each finding with what showed it."""
    headers, parts, reading = told.headers, told.parts, told.reading
    author = clean(headers.author.name) if headers.author else "nobody"
    click.echo(f"From     {author}\nSubject  {clean(headers.subject)}")
    click.echo(f"Written  by {'a program: ' + headers.automatic if headers.automatic else 'a person'}")
    click.echo(f"Request  {_request_in_words(reading.request, why_none(told))}")
    click.echo(f"Promise  {_in_words(reading.promise)}")
    click.echo(f"Holding  {_in_words(reading.holding)}")
    click.echo(f"Deadline {_deadlines(reading)}")
    click.echo(f"Reply    would count as {reading.reply}; language {reading.language}")
    click.echo("\nNew words:\n" + (_indented(parts.new) or f"  ({_why_no_words(told.text)})"))
    if parts.quoted.strip():
        click.echo(f"\nQuoted, not read: {counted(len(parts.quoted.splitlines()), 'line')}")
    if parts.signature.strip():
        click.echo(f"Signature, not read: {counted(len(parts.signature.splitlines()), 'line')}")


def _request_in_words(found: Finding, why_not: str) -> str:
    if not why_not:
        return _in_words(found)
    if not found:
        return f"{_in_words(found)}  {why_not}"
    return f"no: {why_not}\n{'':<8} by its words alone: {_in_words(found)}"


def _in_words(found: Finding) -> str:
    said = f"{'yes' if found else 'no'} ({found.score:.2f})"
    if not (found and found.evidence):
        return said
    why = f"{detector.why(found.evidence.rule)} [{found.evidence.rule}]".strip()
    return f"{said}  {clean(found.evidence.words)}\n{'':<8} {why}"


def _deadlines(reading: Reading) -> str:
    """The due times of what is asked and of what is promised, each with its words, or none."""
    both = ((reading.request_deadline, "request"), (reading.promise_deadline, "promise"))
    said = [f"{due}  ({clean(due.words)}), of the {what}" for due, what in both if due]
    return f"\n{'':<8} ".join(said) or "none"


def _indented(words: str) -> str:
    return "\n".join("  " + clean(line, 500) for line in words.splitlines())


def _why_no_words(text: Text) -> str:
    return f"none that can be read: they stand in {text.sealed}" if text.sealed else "none"
