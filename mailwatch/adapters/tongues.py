"""Reads the languages of our mails: words from our catalogues, dates and numbers from the CLDR."""

from __future__ import annotations

import io
import re
from functools import lru_cache
from gettext import GNUTranslations
from importlib.resources import files

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

from mailwatch.domain.tongue import ENGLISH, Tongue
from mailwatch.errors import TemplateError

DOMAIN = "mailwatch"
TRANSLATED = ("de", "es", "fr")

# The CLDR writes the first of a month like the others; people who write French do not.
_FIRST_DAYS = {"fr": "1er"}


@lru_cache
def tongue(code: str) -> Tongue:
    """The language of a code; English for a language without a catalogue. Raises TemplateError if one is broken."""
    if code not in TRANSLATED:
        return ENGLISH
    place = files("mailwatch") / "locale" / code / "LC_MESSAGES" / f"{DOMAIN}.po"
    try:
        with place.open("rb") as file:
            catalogue = read_po(file, locale=code, abort_invalid=True)
    except (OSError, PoFileError, UnicodeDecodeError) as error:
        raise TemplateError(f"The catalogue {place} cannot be read: {error}.") from None
    # Compiled here in a few milliseconds: a compiled file beside the catalogue could only fall behind it.
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    locale = Locale.parse(code)
    days, months = locale.days["format"]["wide"], locale.months["format"]
    return Tongue(
        code=code,
        catalogue=GNUTranslations(compiled),
        weekdays=tuple(days[n] for n in range(7)),
        months=tuple(months["wide"][n] for n in range(1, 13)),
        short_months=tuple(months["abbreviated"][n] for n in range(1, 13)),
        day_pattern=_pattern(locale, "MMMMd"),
        year_pattern=_pattern(locale, "yMMMMd"),
        short_pattern=_pattern(locale, "MMMd"),
        first_day=_FIRST_DAYS.get(code, "1"),
        percent_pattern=locale.percent_formats[None].pattern.replace("#,##0", "{n}"),
        group=locale.number_symbols["latn"]["group"],
    )


def _pattern(locale: Locale, skeleton: str) -> str:
    """A date pattern of the CLDR with the places that a Tongue's pattern has (UTS 35, Dates 2.6.2)."""
    skeletons = locale.datetime_skeletons
    # Some languages write the year as their longest dates do, and so have no pattern of its own for it.
    pattern = skeletons[skeleton] if skeleton in skeletons else locale.date_formats["long"]
    places = {"d": "{day}", "dd": "{day}", "MMMM": "{month}", "MMM": "{month}", "y": "{year}"}
    return re.sub(r"%\((\w+)\)s", lambda place: places[place[1]], str(pattern.format))
