"""Public holidays by the code of a country or a part of it, and single days, as the days that nobody works."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache

from mailwatch.errors import SettingsError

_YEARS_BEFORE, _YEARS_AFTER = 2, 2
_ALSO_WRITTEN = {"UK": "GB", "EL": "GR"}
_CODE = re.compile(r"([A-Za-z]{2})(?:-([A-Za-z0-9]{1,8}))?")


def free_days(names: Iterable[str], now: datetime) -> frozenset[date]:
    """The free days that `names` stand for, from two years before `now` (aware) to two years after it.

    A name is a country (ISO 3166-1, "DE"), a part of one (ISO 3166-2, "DE-BY"), or a day ("2026-12-24"). Raises
    SettingsError that names what would be valid.
    """
    if now.tzinfo is None:
        raise ValueError(f"the moment has no zone: {now.isoformat()}")
    days: set[date] = set()
    for name in names:
        plain = name.strip()
        if plain[:1].isdigit():
            days.add(_day(plain))
        else:
            days |= _holidays_of(plain.upper(), now.year)
    return frozenset(days)


def _day(name: str) -> date:
    try:
        return date.fromisoformat(name)
    except ValueError:
        raise SettingsError(f'calendar.holidays: {name!r} is no day; one looks like "2026-12-24".') from None


@lru_cache(maxsize=256)
def _holidays_of(code: str, year: int) -> frozenset[date]:
    # It takes half a second to import, and most settings name no country.
    import holidays

    parts = _CODE.fullmatch(code)
    countries = holidays.list_supported_countries(include_aliases=False)
    country = _ALSO_WRITTEN.get(parts[1], parts[1]) if parts else ""
    if parts is None or country not in countries:
        near = difflib.get_close_matches(code[:2], countries, n=5, cutoff=0.3)
        raise SettingsError(
            f"calendar.holidays: {code!r} is no country whose holidays are known; a country is two letters such as "
            f'"DE", a part of it "DE-BY"' + (f"; near it are {', '.join(near)}." if near else ".")
        )
    part = parts[2]
    known = countries[country]
    if part and part not in known:
        near = difflib.get_close_matches(part, known, n=5, cutoff=0.3) or sorted(known)[:8]
        hint = f"near it are {', '.join(f'{country}-{one}' for one in near)}" if known else f'use "{country}"'
        raise SettingsError(f"calendar.holidays: {code!r} is no part of {country} whose holidays are known; {hint}.")
    years = range(year - _YEARS_BEFORE, year + _YEARS_AFTER + 1)
    return frozenset(holidays.country_holidays(country, subdiv=part, years=years))
