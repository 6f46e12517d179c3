"""The JSON that the commands print, schema 1: times in UTC (ISO 8601), durations in whole minutes."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from mailwatch.domain.command import Silence
from mailwatch.domain.message import SetAside
from mailwatch.domain.reading import Finding, Reading
from mailwatch.domain.request import Event, EventKind, Span, is_open

if TYPE_CHECKING:
    from mailwatch.domain.summary import WeekFigures
    from mailwatch.services.overview import PromiseLine, RequestLine

SCHEMA = 1


def _plain(value: object) -> str | None:
    """What JSON has no form for."""
    return moment(value) if isinstance(value, datetime) else str(value)


_PAGE = json.JSONEncoder(ensure_ascii=False, indent=2, default=_plain)
_LINE = json.JSONEncoder(ensure_ascii=False, default=_plain)
_ANSWERS = frozenset({EventKind.ANSWERED, EventKind.ANSWERED_BY_COLLEAGUE, EventKind.DELEGATED})


def print_json(value: Mapping[str, Any]) -> None:
    """Prints one JSON document with its schema number first."""
    click.echo(_encoded({"schema": SCHEMA, **value}, _PAGE))


def print_lines(values: Iterable[Mapping[str, Any]]) -> None:
    """Prints JSON objects, each in a line, and holds none back, since a program may wait for them."""
    for value in values:
        sys.stdout.write(_encoded(value, _LINE) + "\n")
    sys.stdout.flush()


def _encoded(value: Mapping[str, Any], encoder: json.JSONEncoder) -> str:
    words = encoder.encode(value)
    try:
        words.encode(getattr(sys.stdout, "encoding", None) or "ascii")
    except UnicodeEncodeError:  # For halves of characters, and for what the terminal has no sign for.
        return json.dumps(value, indent=encoder.indent, default=_plain)
    return words


def moment(at: datetime | None) -> str | None:
    """A moment as ISO 8601 in UTC."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None


def silence(wanted: Silence | None) -> dict[str, str | None] | None:
    """That a user wants no mails, since when, and until when if they said so."""
    return {"since": moment(wanted.since), "until": moment(wanted.until)} if wanted else None


def minutes(length: timedelta | None) -> int | None:
    """A duration in whole minutes."""
    return int(length.total_seconds() // 60) if length is not None else None


def span(took: Span | None) -> dict[str, int | None] | None:
    """A time taken, in working and in elapsed minutes."""
    return {"working": minutes(took.working), "elapsed": minutes(took.elapsed)} if took else None


def request(line: RequestLine) -> dict[str, Any]:
    """A request as `status` and `backtest` show it."""
    asked, figures = line.request, line.figures
    acknowledged = _first(asked.events, {EventKind.ACKNOWLEDGED})
    answered = _first(asked.events, _ANSWERS) if not is_open(figures.state) else None
    return {
        "id": asked.id,
        "message_id": asked.message_id,
        "from": asked.requester.addr_spec,
        "name": asked.requester.name,
        "subject": asked.subject,
        "received_at": moment(asked.received_at),
        "state": str(figures.state),
        "due_at": moment(figures.due_at),
        "overdue": figures.overdue,
        "deadline": str(asked.deadline) if asked.deadline else None,
        "evidence": asked.evidence,
        "chasers": sum(event.kind is EventKind.CHASED for event in asked.events),
        "acknowledged_by": acknowledged.message_id if acknowledged else None,
        "answered_by": answered.message_id if answered else None,
        "answered_by_whom": answered.by.addr_spec if answered and answered.by else None,
        "first_response_minutes": span(figures.first_response),
        "answer_minutes": span(figures.answer),
        "waited_minutes": span(figures.waited),
    }


def _first(events: Iterable[Event], kinds: Iterable[EventKind]) -> Event | None:
    return next((event for event in events if event.kind in kinds), None)


def promise(line: PromiseLine) -> dict[str, Any]:
    """A promise as `status` and `backtest` show it."""
    made = line.promise
    return {
        "id": made.id,
        "message_id": made.message_id,
        "to": made.to.addr_spec,
        "name": made.to.name,
        "subject": made.subject,
        "made_at": moment(made.made_at),
        "due_at": moment(line.due_at),
        "state": str(line.state),
        "evidence": made.evidence,
    }


def figures(week: WeekFigures) -> dict[str, Any]:
    """The numbers of a week, or of a whole archive."""
    return {
        "asked": week.asked,
        "answered": week.answered,
        "median_first_response_minutes": minutes(week.median_first_response),
        "p90_first_response_minutes": minutes(week.p90_first_response),
        "on_time": week.on_time,
        "promises": {
            "made": week.promises_made,
            "kept": week.kept,
            "kept_early": week.kept_early,
            "kept_late": week.kept_late,
            "renegotiated": week.renegotiated,
            "missed": week.missed,
        },
    }


def set_aside(messages: Iterable[SetAside]) -> list[dict[str, str]]:
    """The messages that could not be read, each with its reason."""
    return [{"id": one.provider_id, "reason": one.reason} for one in messages]


def finding(found: Finding) -> dict[str, Any]:
    """Whether, how surely, and by which words."""
    return {
        "is": bool(found),
        "score": round(found.score, 3),
        "evidence": found.evidence.words if found.evidence else None,
    }


def reading(id: str, automatic: str | None, read: Reading) -> dict[str, Any]:
    """One line of `explain --jsonl`."""
    return {
        "id": id,
        "automatic": automatic is not None,
        "request": finding(read.request),
        "promise": finding(read.promise),
        "holding": finding(read.holding),
        "deadline": str(read.deadline) if read.deadline else None,
    }
