"""Collects the words to be translated; `python tests/catalogues.py` brings the catalogues up to date with them."""

from __future__ import annotations

import io
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "mailwatch" / "locale"
LANGUAGES = ("de", "es", "fr")
OPTIONS = {"trim_blocks": "true", "lstrip_blocks": "true", "newstyle_gettext": "true", "silent": "false"}


def place(language: str) -> Path:
    """The catalogue of a language."""
    return LOCALE / language / "LC_MESSAGES" / "mailwatch.po"


def words_to_translate() -> Catalog:
    """Every word of code and templates that a mail may show."""
    found = Catalog(project="mailwatch", fuzzy=False)
    for folder, pattern, method in (
        (ROOT / "mailwatch" / "domain", "*.py", "python"),
        (ROOT / "templates", "*.*", "jinja2"),
    ):
        for file in sorted(folder.glob(pattern)):
            if file.suffix not in (".py", ".txt", ".html") or file.name == "__init__.py":
                continue
            with file.open("rb") as source:
                for _line, words, comments, context in extract(
                    method, source, comment_tags=["Translators:"], options=OPTIONS if method == "jinja2" else {}
                ):
                    # Lines are left out, so that a catalogue changes only where words do.
                    found.add(words, None, [(file.relative_to(ROOT).as_posix(), None)], auto_comments=comments,
                              context=context)  # fmt: skip
    return found


def read(language: str) -> Catalog:
    """The catalogue of a language."""
    with place(language).open("rb") as file:
        return read_po(file, locale=language)


def update(language: str) -> None:
    """Adds what is new to a catalogue and takes out what is gone; what was translated stays."""
    file = place(language)
    file.parent.mkdir(parents=True, exist_ok=True)
    catalogue = read(language) if file.exists() else Catalog(locale=language, project="mailwatch", fuzzy=False)
    template = words_to_translate()
    template.creation_date = catalogue.creation_date
    catalogue.update(template, no_fuzzy_matching=True, update_header_comment=False)
    catalogue.obsolete.clear()
    catalogue.header_comment = "# The words of mailwatch's mails. `make catalogues` brings this file up to date."
    written = io.BytesIO()
    write_po(written, catalogue, width=100, omit_header=False, sort_output=False, include_lineno=False)
    lines = written.getvalue().decode().split("\n")
    stamps = ('"POT-Creation-Date', '"PO-Revision-Date', '"Generated-By', '"Report-Msgid', '"Last-Translator')
    file.write_text("\n".join(line for line in lines if not line.startswith((*stamps, '"Language-Team'))))


if __name__ == "__main__":
    for one in LANGUAGES:
        update(one)
        missing = [
            message.id
            for message in read(one)
            if message.id and not all([message.string] if isinstance(message.string, str) else message.string)
        ]
        print(f"{one}: {len(missing)} to translate")  # noqa: T201 (a tool for people)
