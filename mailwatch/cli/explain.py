"""`mailwatch explain`: what was read in a message, and why."""

from __future__ import annotations

import itertools
import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from io import BufferedReader
from pathlib import Path
from typing import Any

import click

from mailwatch.bootstrap.zone import machine_zone
from mailwatch.cli import shapes
from mailwatch.cli.context import Context, json_option, option_value, pass_context
from mailwatch.cli.explanation import NOBODY, Explained, print_explained, why_none
from mailwatch.detection import reader
from mailwatch.detection.sidebyside import Steps, together
from mailwatch.domain import mime, quotation
from mailwatch.domain.candidate import as_group_mail
from mailwatch.domain.cleaning import clean
from mailwatch.domain.message import Headers, Role, Text
from mailwatch.domain.people import Address, Directory, User
from mailwatch.domain.policy import Policy
from mailwatch.domain.secondlook import second_look
from mailwatch.domain.workcalendar import WorkCalendar
from mailwatch.errors import MailwatchError, UnreadableMessage, UsageError

LARGEST = 32 * 1024 * 1024
AT_ONCE = 64 * 1024
"""As much as a pipe holds, in bytes: a hundred messages of a hundred words."""
_JSON = json.JSONDecoder(parse_constant=lambda word: None)


@click.command("explain")
@click.argument("file", metavar="FILE.eml", required=False)
@click.option("--owner", metavar="ADDRESS", help="Read it as this person; else as its first recipient.")
@click.option("--jsonl", "as_lines", is_flag=True, help="JSON objects in, a line each; JSON objects out.")
@json_option
@pass_context
def explain_command(context: Context, file: str | None, owner: str | None, as_lines: bool) -> None:
    """Shows the new words, the quotes removed, the evidence, the deadline, and whether a program wrote it.

    With --jsonl, FILE (or standard input) holds {"id", "text", "subject"?, "sent_at"?} or {"id", "eml"} a line. Each
    has one line of the answer, in the same order; where there is no id, the number of the line stands for it.
    """
    owner = None if owner is None else _owner(owner)
    if as_lines:
        _explain_lines(file, owner)
        return
    if file is None:
        raise UsageError("name a message, such as `mailwatch explain message.eml`, or give --jsonl")
    _explain_one(context, _bytes_of(file), owner)


def _explain_one(context: Context, raw: bytes, owner: str | None) -> None:
    headers, text = _parsed(raw, "message")
    policy, coworkers = _policy(context, owner or (headers.to[0].addr_spec if headers.to else NOBODY))
    headers, text = second_look(as_group_mail(headers, policy, coworkers) if coworkers else headers, text)
    reading = reader.read_message(headers, text, policy)
    told = Explained(headers, text, quotation.parts_of(headers, text), reading, policy, coworkers)
    if not context.json:
        print_explained(told)
        return
    shown = shapes.reading("message", headers.automatic, reading)
    of_each = {
        "request_deadline": str(reading.request_deadline) if reading.request_deadline else None,
        "promise_deadline": str(reading.promise_deadline) if reading.promise_deadline else None,
    }
    words = {"rule": headers.automatic, "new_words": told.parts.new, "quoted": told.parts.quoted}
    shapes.print_json({**shown, **of_each, "no_request": why_none(told) or None, **words})


def _explain_lines(file: str | None, owner: str | None) -> None:
    policy = _plain_policy(owner or NOBODY)
    numbers = itertools.count(1)
    with _opened(file) as source:
        for lines in _as_they_come(source):
            numbered = [(line, next(numbers)) for line in lines]
            shapes.print_lines(together(_explain_line(*line, policy) for line in numbered if line[0].strip()))


def _as_they_come(source: BufferedReader) -> Iterator[list[bytes]]:
    """The lines that are there, some at a time: a program that waits for the answer to one gets it at once."""
    begun: list[bytes] = []
    while some := source.read1(AT_ONCE):
        first, *others = some.split(b"\n")
        begun.append(first)
        if others:
            yield [b"".join(begun), *others[:-1]]
            begun = others[-1:]
    yield [b"".join(begun)]


def _explain_line(line: bytes, number: int, policy: Policy) -> Steps[dict[str, Any]]:
    id: Any = number
    try:
        given = _object_in(line)
        id = given.get("id", number)
        if isinstance(given.get("eml"), str):
            headers, text = second_look(*_parsed(given["eml"].encode("utf-8", "replace"), str(id)))
            if policy.user.address.addr_spec == NOBODY and headers.to:
                policy = replace(policy, user=User(Address(headers.to[0].addr_spec)))
        elif isinstance(given.get("text"), str):
            headers, text = _as_message(given, policy.calendar.zone)
        else:
            raise UnreadableMessage('neither "text" nor "eml" is there as a string')
        found = yield from reader.steps(headers, text, policy)
        yield
        return shapes.reading(id, headers.automatic, found)
    except MailwatchError as error:
        return {"id": id, "error": f"line {number}: {error}"}
    except Exception as error:  # Whatever is in one line, the next ones are read.
        kind = type(error).__name__
        return {"id": id, "error": f"line {number}: a fault of mailwatch itself ({kind}: {error})"}


def _object_in(line: bytes) -> dict[str, Any]:
    """The JSON object of a line. Raises UnreadableMessage."""
    try:
        given = _JSON.decode(line.decode("utf-8", "replace"))
    except json.JSONDecodeError as error:
        raise UnreadableMessage(f"it is no JSON; what stands at character {error.pos + 1} does not fit") from None
    except RecursionError:
        raise UnreadableMessage("it is nested too deeply to be read") from None
    except ValueError:  # A number of thousands of digits.
        raise UnreadableMessage("it holds a number that is too long to be read") from None
    if not isinstance(given, dict):
        raise UnreadableMessage("it is no JSON object")
    return given


def _as_message(given: dict[str, Any], zone: tzinfo) -> tuple[Headers, Text]:
    sent_at = _moment(given["sent_at"], zone) if given.get("sent_at") else datetime.now(UTC)
    subject = clean(str(given.get("subject") or ""), 300)
    headers = Headers("line", sent_at.astimezone(UTC), subject=subject, sent_at=sent_at)
    return headers, Text("line", given["text"])


def _moment(given: object, zone: tzinfo) -> datetime:
    """A moment as ISO 8601, in the zone where it names none. Raises UnreadableMessage."""
    try:
        at = datetime.fromisoformat(str(given))
        at = at if at.tzinfo else at.replace(tzinfo=zone)
        at.astimezone(UTC)
    except (ValueError, OverflowError):
        words = clean(str(given), 60)
        raise UnreadableMessage(f'"sent_at" is no moment such as 2026-03-09T14:30+01:00: {words!r}') from None
    return at


def _parsed(raw: bytes, id: str) -> tuple[Headers, Text]:
    head, _ = mime.split_message(raw)
    received, now = mime.received_at(head), datetime.now(UTC)
    headers = mime.read_headers(head, provider_id=id, role=Role.INBOX, received_at=received or now)
    if headers.sent_at and received is None:
        headers = replace(headers, received_at=headers.sent_at)  # A file does not say when its message came.
    return headers, mime.read_text(raw, provider_id=id)


def _policy(context: Context, owner: str) -> tuple[Policy, Directory | None]:
    # Lines are read without any settings, and should not wait for what checks them.
    from mailwatch.bootstrap.policies import directory, policy, user_of

    settings = context.settings_if_any()
    user = user_of(settings, owner) if settings else None
    if settings is None or user is None:
        return _plain_policy(owner), None  # A message can be explained without any settings.
    return policy(settings, user, datetime.now(UTC)), directory(settings)


def _owner(given: str) -> str:
    # What checks an address takes as long to import as all else, and most lines are read without an owner.
    from mailwatch.settings.kinds import address_of

    return option_value("--owner", address_of, given)


def _plain_policy(owner: str) -> Policy:
    return Policy(User(Address(owner)), WorkCalendar(machine_zone()))


def _bytes_of(file: str) -> bytes:
    try:
        if file == "-":
            return sys.stdin.buffer.read(LARGEST)
        with Path(file).open("rb") as source:
            return source.read(LARGEST)
    except OSError as error:
        raise UsageError(f"{file}: cannot be read: {error.strerror}") from None


def _opened(file: str | None) -> BufferedReader:
    if file is None or file == "-":
        return sys.stdin.buffer  # type: ignore[return-value]  # Its type promises less than it can.
    try:
        return Path(file).open("rb")
    except OSError as error:
        raise UsageError(f"{file}: cannot be read: {error.strerror}") from None
