"""Proofs of the mails: renders every mail with every sample in every language, and says what is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from mailwatch.bootstrap.desks import sample_renderer
from mailwatch.domain.textlayout import width
from mailwatch.errors import TemplateError
from mailwatch.ports import RenderedMail, Renderer
from mailwatch.runtime.sample_mails import LANGUAGES, MAILS, morning_of, render_sample

LONGEST_LINE = 78  # RFC 5322 2.1.1


def template_faults(folder: Path | None, now: datetime) -> list[str]:
    """What is wrong with our templates and those of a folder before them, each fault once.

    Raises TemplateError if the folder is not there.
    """
    renderer = sample_renderer(folder)
    return list(dict.fromkeys((*_strangers(folder), *_faults(renderer, now))))


def _strangers(folder: Path | None) -> Iterator[str]:
    """Files with the ending of a template whose name none of ours has: a misspelt name would change nothing."""
    if folder is None:
        return
    ours = sample_renderer().template_names()
    theirs = sorted(file for file in folder.iterdir() if file.is_file() and file.suffix in (".txt", ".html", ".css"))
    own = [file for file in theirs if file.name not in ours]
    used = "\n".join(file.read_text(encoding="utf-8", errors="replace") for file in theirs)
    for file in own:
        if f'"{file.name}"' not in used and f"'{file.name}'" not in used:
            yield f"{file}: no mail uses a template of this name; they are {', '.join(sorted(ours))}."


def _faults(renderer: Renderer, now: datetime) -> Iterator[str]:
    for language in LANGUAGES:
        for name in MAILS:
            try:
                mail = render_sample(renderer, name, morning_of(name, now), language)
            except TemplateError as error:
                yield from str(error).splitlines()
                continue
            yield from _looks(name, language, mail)


def _looks(name: str, language: str, mail: RenderedMail) -> Iterator[str]:
    """What is wrong with a mail that could be rendered."""
    which = f"{name} in {language}"
    if not mail.subject:
        yield f"{which}: the subject is empty."
    for number, line in enumerate(mail.text.splitlines(), start=1):
        if (columns := width(line)) > LONGEST_LINE:
            yield f"{which}: line {number} of the text has {columns} columns, more than {LONGEST_LINE}: {line[:50]}…"
    if "http:" in mail.html or "https:" in mail.html:
        yield f"{which}: the HTML names an address on the web; our mails fetch nothing and link to nobody's site."
