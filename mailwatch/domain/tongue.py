"""A language in which our mails are worded: its catalogue of words, and how it writes dates and numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from gettext import NullTranslations

_SHORT_NUMBER = 10_000


@dataclass(frozen=True, slots=True)
class Tongue:
    """A language; without arguments it is English.

    `code` is two letters (ISO 639-1), `catalogue` translates our English words. Weekdays begin with Monday. The
    patterns have places for {day}, {month}, {year} and {n}; `first_day` is how the first of a month is written,
    `group` stands between thousands.
    """

    code: str = "en"
    catalogue: NullTranslations = field(default_factory=NullTranslations)
    weekdays: tuple[str, ...] = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    months: tuple[str, ...] = (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    )
    short_months: tuple[str, ...] = (
        *("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    )
    day_pattern: str = "{day} {month}"
    year_pattern: str = "{day} {month} {year}"
    short_pattern: str = "{day} {month}"
    first_day: str = "1"
    percent_pattern: str = "{n} %"
    group: str = ","

    def day_number(self, day: int) -> str:
        """The day of a month: 3, or 1er."""
        return self.first_day if day == 1 else str(day)

    def count(self, n: int) -> str:
        """A number in figures; four of them need no sign between."""
        return str(n) if n < _SHORT_NUMBER else f"{n:,}".replace(",", self.group)


ENGLISH = Tongue()
