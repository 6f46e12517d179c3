"""The kinds of value that a setting can be, each with the sentence that says what would be valid."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from ipaddress import ip_address
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator

from mailwatch.domain.outgoing import mailable
from mailwatch.domain.people import normal_address, normal_domain
from mailwatch.errors import UsageError

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEKDAY = "(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?"
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def _duration(value: object) -> object:
    if isinstance(value, timedelta):
        return value
    if not isinstance(value, str):
        raise ValueError('a duration such as "90m", "8h" or "30d" is needed')
    parts = re.findall(r"(\d{1,6})\s*([smhd])", value)
    if not parts or re.sub(r"\d{1,6}\s*[smhd]", "", value).strip():
        raise ValueError('a duration such as "90m", "8h" or "30d" is needed')
    return timedelta(seconds=sum(int(number) * _UNITS[unit] for number, unit in parts))


def _lasting(least: timedelta, most: timedelta, said: str) -> AfterValidator:
    """Refuses durations that are shorter or longer; `said` names both in the error."""

    def checked(value: timedelta) -> timedelta:
        if not least <= value <= most:
            raise ValueError(f"a duration {said} is needed")
        return value

    return AfterValidator(checked)


def _matching(pattern: str, said: str) -> AfterValidator:
    """Refuses words of another form; `said` names what is needed."""

    def checked(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise ValueError(f"{said} needed")
        return value

    return AfterValidator(checked)


def _whole(least: int, most: int) -> AfterValidator:
    """Refuses whole numbers outside a range, both ends included."""

    def checked(value: int) -> int:
        if not least <= value <= most:
            raise ValueError(f"a whole number from {least} to {most} is needed")
        return value

    return AfterValidator(checked)


def _clock(value: object) -> object:
    if isinstance(value, str) and (found := re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", value)):
        return time(int(found[1]), int(found[2]))
    raise ValueError('a time of day such as "09:00" is needed')


def _span(value: object) -> object:
    try:
        start, end = (part.strip() for part in str(value).split("-"))
        span = (_clock(start), time(0) if end == "24:00" else _clock(end))
    except ValueError:
        raise ValueError('a span such as "09:00-12:30" is needed') from None
    if span[0] == span[1] and end != "24:00":
        raise ValueError('a span that ends later than it begins is needed; the whole day is "00:00-24:00"')
    return span


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise ValueError('a zone of the IANA database such as "Europe/Berlin" is needed') from None
    return value


def _ledger(value: str) -> str:
    if not re.match(r"(sqlite:///|postgresql://)\S", value):
        raise ValueError(
            'a URL such as "sqlite:////var/lib/mailwatch/ledger.db" or "postgresql:///mailwatch" is needed'
        )
    return value


def _address(value: str) -> str:
    plain = normal_address(value)
    if not plain.isprintable() or not re.fullmatch(r"[^\s@<>,;]+@[^\s@<>,;.]+(\.[^\s@<>,;.]+)*", plain):
        raise ValueError('an address such as "ann@example.com" is needed')
    return plain


def _own_address(value: str) -> str:
    try:
        return mailable(_address(value))
    except ValueError:
        raise ValueError(
            'our mails need an address such as "ann@example.com", with ASCII letters, digits and signs such as - or '
            "a single dot before the @; other addresses of the same mailbox can stand under aliases"
        ) from None


def _domain(value: str) -> str:
    plain = normal_domain(value.strip().lstrip("@"))
    if not re.fullmatch(r"[\w-]+(\.[\w-]+)*", plain):
        raise ValueError('a domain such as "example.com" is needed')
    return plain


def _host(value: str) -> str:
    """A server's name or IP address, with nothing around it: what else a person may mean has a key of its own."""
    if found := re.match(r"\s*([a-z]+)://", value, re.IGNORECASE):
        raise ValueError(f'a host alone is needed, such as "imap.example.com", without {found[1]}://')
    if re.fullmatch(r"([^:]*|\[.*\]):\d+", value.strip()):
        raise ValueError(
            'a host alone is needed, such as "imap.example.com"; what stands behind the colon goes to port'
        )
    plain = value.strip().removeprefix("[").removesuffix("]")
    if ":" in plain:
        try:
            return str(ip_address(plain))
        except ValueError:
            plain = ""
    if not re.fullmatch(r"[^\s/@\\\[\]]+", plain):
        raise ValueError('a host alone is needed, such as "imap.example.com"')
    return plain


def _sender(value: str) -> str:
    if value.strip().startswith("@"):
        return f"@{_domain(value)}"
    try:
        return _address(value)
    except ValueError:
        raise ValueError(
            'an address such as "ann@example.com", or "@example.com" for all of a domain, is needed'
        ) from None


def _https(value: str) -> str:
    if not re.fullmatch(r"https://[^/\s]+/?", value.strip()):
        raise ValueError('an address such as "https://login.microsoftonline.us" is needed')
    return value.strip().rstrip("/")


def _leave(value: object) -> object:
    if isinstance(value, date) and not isinstance(value, datetime):
        return (value, value)
    try:
        first, _, last = str(value).partition("/")
        span = (date.fromisoformat(first.strip()), date.fromisoformat((last or first).strip()))
    except ValueError:
        span = (date.max, date.min)
    if span[1] < span[0]:
        raise ValueError('a range of days such as "2026-08-03/2026-08-14" is needed')
    return span


def _weekday(value: object) -> object:
    if isinstance(value, str) and re.fullmatch(_WEEKDAY, value.lower()):
        return WEEKDAYS.index(value[:3].lower())
    raise ValueError(f"a weekday is needed, one of {', '.join(WEEKDAYS)}")


Duration = Annotated[
    timedelta,
    BeforeValidator(_duration),
    _lasting(timedelta(seconds=1), timedelta(days=36500), "of more than 0s and at most 36500d (100 years)"),
]
Poll = Annotated[
    timedelta, BeforeValidator(_duration), _lasting(timedelta(seconds=1), timedelta(days=7), "from 1s to 7d")
]
Timeout = Annotated[
    timedelta, BeforeValidator(_duration), _lasting(timedelta(seconds=1), timedelta(days=1), "from 1s to 1d")
]
Threads = Annotated[int, _whole(1, 256)]
Steps = Annotated[int, _whole(1, 20)]
PerDay = Annotated[int, _whole(1, 10)]
Port = Annotated[int, _whole(1, 65535)]
Clock = Annotated[time, BeforeValidator(_clock)]
HoursSpan = Annotated[tuple[time, time], BeforeValidator(_span)]
LedgerUrl = Annotated[str, AfterValidator(_ledger)]
Zone = Annotated[str, AfterValidator(_zone)]
MailAddress = Annotated[str, AfterValidator(_address)]
OwnAddress = Annotated[str, AfterValidator(_own_address)]
Host = Annotated[str, AfterValidator(_host)]
Domain = Annotated[str, AfterValidator(_domain)]
Sender = Annotated[str, AfterValidator(_sender)]
HttpsHost = Annotated[str, AfterValidator(_https)]
NotCoworker = Annotated[str, AfterValidator(lambda v: _address(v) if "@" in v.strip()[1:] else _domain(v))]
Leave = Annotated[tuple[date, date], BeforeValidator(_leave)]
Weekday = Annotated[int, BeforeValidator(_weekday)]
Language = Annotated[str, _matching(r"[a-z]{2}", 'two small letters such as "de" are')]
Mark = Annotated[str, _matching(r"[^\x00-\x1f\x7f,;]{1,60}", "1 to 60 characters without comma and semicolon are")]
UrgentWord = Annotated[str, _matching(r".*[^\W_].*", 'a word such as "urgent" is')]
Security = Literal["tls", "starttls", "plain"]


def zone_of(name: str) -> ZoneInfo:
    """The zone of a name. Raises UsageError."""
    return ZoneInfo(_named(_zone, name))


def address_of(words: str) -> str:
    """An address as the settings would take it. Raises UsageError."""
    return _named(_address, words)


def own_address_of(words: str) -> str:
    """An address that our mails can go to, as the settings would take it. Raises UsageError."""
    return _named(_own_address, words)


def domain_of(words: str) -> str:
    """A domain as the settings would take it. Raises UsageError."""
    return _named(_domain, words)


def host_of(words: str) -> str:
    """A host as the settings would take it. Raises UsageError."""
    return _named(_host, words)


def _named(kind: Callable[[str], str], words: str) -> str:
    try:
        return kind(words)
    except ValueError as error:
        raise UsageError(f"{words!r}: {error}") from None
