"""Made-up reminders and weeks, for previews, screenshots and tests: an office with five coworkers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from mailwatch.domain.command import Command, Verb, Why
from mailwatch.domain.people import Address, User
from mailwatch.domain.policy import Policy
from mailwatch.domain.promise import Promise
from mailwatch.domain.reading import Deadline
from mailwatch.domain.receipt import Receipt
from mailwatch.domain.reminder import PromiseItem, Reminder, RequestItem
from mailwatch.domain.request import Event, EventKind, Figures, Request, RequestState, Span
from mailwatch.domain.summary import Bar, CoworkerWait, Suggestion, WeekFigures, WeeklySummary
from mailwatch.domain.workcalendar import WorkCalendar

WEEKS = ("usual", "empty", "perfect", "terrible", "first", "leave")

ZONE = ZoneInfo("Europe/Berlin")
ANN = User(Address("ann@example.com", "Ann Smith"))
DANA = Address("dana.whitfield@example.com", "Dana Whitfield")
_ALEX = Address("alex@example.com", "Alex Romero")
MARTA = Address("marta.kowalska@example.com", "Marta Kowalska")
_KIM = Address("kim@example.com", "Kim Nguyen")
_BILAL = Address("bilal@example.com", "Bilal Aydin")
_HOUR = timedelta(hours=1)


def sample_policy(language: str = "en", leave: tuple[tuple[date, date], ...] = ()) -> Policy:
    """Ann, in Berlin, from Monday to Friday, nine to five."""
    return Policy(ANN, WorkCalendar(ZONE, leave=leave), language=language)


def sample_reminder(now: datetime, language: str = "en") -> Reminder:
    """A digest of three requests and a promise, with what became of Ann's last words, at an aware moment."""
    today = now.astimezone(ZONE).date()
    return Reminder(
        policy=sample_policy(language),
        at=now.astimezone(UTC),
        requests=(
            _request(
                1, DANA, "Budget figures for the third quarter", on(today, -2, 10, 15), on(today, -1, 12), now,
                11.5, "Could you send me the figures by Wednesday noon, so that I can finish the report?",
                deadline=Deadline(today - timedelta(days=1), time(12), "by Wednesday noon"), chased=1,
            ),
            _request(
                2, MARTA, "Which supplier for the new screens?", on(today, -1, 13, 40), on(today, 0, 13, 40), now,
                3.4, "Which of the two offers should I order from?",
            ),
            _request(
                3, _BILAL, "Access to the archive", on(today, -2, 16, 5), on(today, 1, 16, 5), now, 9.0,
                "Can you ask the landlord for a second key to the archive?", acknowledged=True,
            ),
        ),
        promises=(
            _promise(4, _ALEX, "Offer for the trade fair", on(today, -3, 15, 20), on(today, 1, 17), now,
                     "I'll send you the revised offer by Friday."),
        ),
        receipts=(
            Receipt(_said(Verb.DONE, now, item="r4kq2m7a"), _KIM, "Rota for December"),
            Receipt(_said(Verb.UNCLEAR, now, words="the other one as well", why=Why.UNKNOWN)),
        ),
    )  # fmt: skip


def sample_due_tomorrow(now: datetime, language: str = "en") -> Reminder:
    """A digest of nothing but a promise that is due on the next day."""
    whole = sample_reminder(now, language)
    return replace(whole, requests=(), promises=(replace(whole.promises[0], number=1),), receipts=())


def sample_before_deadline(now: datetime, language: str = "en") -> Reminder:
    """A digest of one request whose sender named a time, which is not over yet."""
    today = now.astimezone(ZONE).date()
    asked = _request(
        1, DANA, "Budget figures for the third quarter", on(today, -1, 10, 15), on(today, 1, 12), now,
        6.2, "Could you send me the figures by Friday noon, so that I can finish the report?",
        deadline=Deadline(today + timedelta(days=1), time(12), "by Friday noon"),
    )  # fmt: skip
    return replace(sample_reminder(now, language), requests=(asked,), promises=(), receipts=())


def _said(verb: Verb, now: datetime, words: str = "", why: Why | None = None, item: str = "") -> Command:
    return Command(ANN.address.addr_spec, item, verb, now.astimezone(UTC), f"{verb}", None, None, words, why)


def sample_summary(kind: str, now: datetime, language: str = "en") -> WeeklySummary:
    """A week that is one of WEEKS, the last one before an aware moment. Raises ValueError for another kind."""
    today = now.astimezone(ZONE).date()
    week = today - timedelta(days=today.weekday() + 7)
    if kind not in WEEKS:
        raise ValueError(f"There is no sample week {kind!r}: it is one of {', '.join(WEEKS)}.")
    before = () if kind == "first" else _weeks_before(week)
    leave = ((week, week + timedelta(days=6)),) if kind == "leave" else ()
    policy = sample_policy(language, leave)
    at = now.astimezone(UTC)
    dana = _request(
        1, DANA, "Budget figures for the third quarter", on(week, 2, 10, 15), on(week, 3, 12), now, 19.5,
        "Could you send me the figures by Thursday noon?", chased=2,
        deadline=Deadline(week + timedelta(days=3), time(12), "by Thursday noon"),
    )  # fmt: skip
    marta = _request(
        2, MARTA, "Which supplier for the new screens?", on(week, 4, 15, 40), on(today, 0, 15, 40), now, 1.8,
        "Which of the two offers should I order from?",
    )  # fmt: skip
    meanwhile = _request(
        1, MARTA, "Which supplier for the new screens?", on(week, 4, 15, 40), on(today, 0, 13), now, 0.0,
        "Which of the two offers should I order from?",
    )  # fmt: skip
    offer = _promise(
        3, _ALEX, "Offer for the trade fair", on(week, 3, 15, 20), on(today, 1, 17), now,
        "I'll send you the revised offer by Tuesday.",
    )  # fmt: skip
    kept = _promise(9, _KIM, "Rota for December", on(week, 0, 9, 30), on(week, 4, 17), now, "").promise
    match kind:
        case "empty":
            return WeeklySummary(policy, at, week, _figures(week), before, (), (), (), (), None, (), (), None)
        case "leave":
            return WeeklySummary(
                policy, at, week, _figures(week, 2, 1), before, (meanwhile,), (), (), (), None, (), (), None
            )
        case "perfect":
            figures = _figures(week, 8, 8, 0.9, 2.5, 1.0, made=2, kept=1, early=1)
            return WeeklySummary(
                policy, at, week, figures, before, (), (), _speed(6, 2, 0, 0, 0, 0), _days(3, 1, 2, 1, 1), None,
                ((DANA, 3), (MARTA, 2), (_ALEX, 2), (_KIM, 1)), (kept,), None, _hours(3, 2, 0, 2, 1),
            )  # fmt: skip
        case "terrible":
            figures = _figures(week, 13, 9, 9.0, 26.0, 0.31, made=2, late=1, missed=1)
            late = tuple(
                _request(
                    n, who, subject, on(week, n - 2, 11, 20), on(week, n, 11, 20), now, 30.0 - 5 * n, asks,
                    chased=n % 2,
                )
                for n, (who, subject, asks) in enumerate(
                    (
                        (_KIM, "Rota for December", "Can you check the rota before I publish it?"),
                        (_BILAL, "Access to the archive", "Could you please ask for a second key?"),
                        (_ALEX, "Photos for the brochure", "Which of the photos may we print?"),
                    ),
                    start=2,
                )
            )  # fmt: skip
            owed = _promise(5, _ALEX, "Offer for the trade fair", on(week, 1, 15, 20), on(week, 4, 17), now,
                            "I'll send you the revised offer by Friday.")  # fmt: skip
            return WeeklySummary(
                policy, at, week, figures, before, _worst_first((dana, *late)), (owed,), _speed(1, 1, 2, 3, 2, 4),
                _days(5, 3, 2, 2, 1), CoworkerWait(DANA, 5, 14 * _HOUR, 6 * _HOUR), ((MARTA, 3), (_KIM, 2)), (),
                Suggestion.OLDEST_FIRST, _hours(2, 4, 1, 3, 3),
            )  # fmt: skip
    figures = _figures(week, 11, 9, 1.6, 6.2, 0.82, made=4, kept=1, early=1, late=0, renegotiated=1)
    hint = Suggestion.SAME_FOR_EVERYONE if kind == "usual" else Suggestion.SAY_WHEN
    uneven = CoworkerWait(DANA, 5, 6 * _HOUR + 40 * _HOUR / 60, 90 * _HOUR / 60) if kind == "usual" else None
    return WeeklySummary(
        policy, at, week, figures, before, (dana, marta), (offer,), _speed(4, 3, 1, 1, 0, 2), _days(4, 2, 1, 3, 1),
        uneven, ((MARTA, 3), (_KIM, 3), (_BILAL, 2), (_ALEX, 1)), (kept,), hint, _hours(1, 5, 1, 3, 1),
    )  # fmt: skip


def _worst_first(items: tuple[RequestItem, ...]) -> tuple[RequestItem, ...]:
    """Items by due time, numbered anew."""
    return tuple(replace(item, number=n) for n, item in enumerate(sorted(items, key=lambda i: i.figures.due_at), 1))


def on(day: date, days: int, hour: int, minute: int = 0) -> datetime:
    """A moment of a local day, in UTC."""
    return datetime.combine(day + timedelta(days=days), time(hour, minute), ZONE).astimezone(UTC)


def _request(
    number: int, who: Address, subject: str, received: datetime, due: datetime, now: datetime, hours: float,
    evidence: str, *, deadline: Deadline | None = None, chased: int = 0, acknowledged: bool = False,
) -> RequestItem:  # fmt: skip
    kinds = [EventKind.ACKNOWLEDGED] * acknowledged + [EventKind.CHASED] * chased
    events = tuple(Event(kind, received + (n + 1) * _HOUR) for n, kind in enumerate(kinds))
    name = who.addr_spec.partition("@")[0]
    request = Request(
        id=f"{name[:2]}{number}f3c", user=ANN.address.addr_spec, key=f"key-{number}",
        message_id=f"{number}.{name}@mail.example.com", requester=who, subject=subject, received_at=received,
        evidence=evidence, deadline=deadline, events=events,
    )  # fmt: skip
    waited = Span(hours * _HOUR, now - received)
    figures = Figures(
        state=RequestState.ACKNOWLEDGED if acknowledged else RequestState.WAITING, due_at=due, overdue=due <= now,
        answered_late=False, first_response=Span(_HOUR, _HOUR) if acknowledged else None, answer=None, waited=waited,
        share=waited.working / (8 * _HOUR),
    )  # fmt: skip
    return RequestItem(number, request, figures, 1)


def _promise(
    number: int, to: Address, subject: str, made: datetime, due: datetime, now: datetime, evidence: str
) -> PromiseItem:
    name = to.addr_spec.partition("@")[0]
    promise = Promise(
        id=f"{name[:2]}{number}b7e", user=ANN.address.addr_spec, key=f"key-{number}",
        message_id=f"{number}.ann@mail.example.com", to=to, subject=subject, made_at=made, evidence=evidence,
    )  # fmt: skip
    return PromiseItem(number, promise, due, due <= now, 1)


def _figures(
    week: date, asked: int = 0, answered: int = 0, median: float | None = None, p90: float | None = None,
    on_time: float | None = None, made: int = 0, kept: int = 0, early: int = 0, late: int = 0, renegotiated: int = 0,
    missed: int = 0,
) -> WeekFigures:  # fmt: skip
    return WeekFigures(
        week, asked, answered, median * _HOUR if median is not None else None,
        p90 * _HOUR if p90 is not None else None, on_time, made, kept, early, late, renegotiated, missed,
    )  # fmt: skip


def _weeks_before(week: date) -> tuple[WeekFigures, ...]:
    told: tuple[tuple[int, int, float | None, float | None, float | None], ...] = (
        (9, 8, 2.1, 7.5, 0.78),
        (12, 10, 2.4, 9.0, 0.75),
        (10, 9, 1.9, 6.5, 0.80),
        (13, 10, 3.0, 11.0, 0.62),
        (0, 0, None, None, None),
        (8, 7, 2.2, 8.0, 0.75),
        (11, 8, 2.9, 10.5, 0.64),
        (10, 7, 3.4, 12.0, 0.60),
    )
    return tuple(_figures(week - timedelta(weeks=n), *row) for n, row in enumerate(told, start=1))


def _speed(*counts: int) -> tuple[Bar, ...]:
    labels = ("within 1 h", "within 4 h", "within 8 h", "within 16 h", "later", "none yet")
    return _bars(labels, counts)


def _days(*counts: int) -> tuple[Bar, ...]:
    return _bars(("Monday", "Tuesday", "Wednesday", "Thursday", "Friday"), counts)


def _hours(*counts: int) -> tuple[Bar, ...]:
    return _bars(("08–10", "10–12", "12–14", "14–16", "16–18"), counts)


def _bars(labels: tuple[str, ...], counts: tuple[int, ...]) -> tuple[Bar, ...]:
    longest = max(counts) or 1
    return tuple(Bar(label, count, count / longest) for label, count in zip(labels, counts, strict=True))
