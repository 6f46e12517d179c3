"""Makes the desk at which our mails are worded; imports nothing that reads or sends mail."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from mailwatch.adapters.templates import TemplateRenderer
from mailwatch.domain.people import Address
from mailwatch.domain.tongue import ENGLISH, Tongue
from mailwatch.services.compose import Desk
from mailwatch.settings import Settings


def desk(settings: Settings, user: str) -> Desk:
    """Who words the mails of a user, and whom they are from: [submit] from, else the user. Raises TemplateError."""
    sender = settings.submit.sender
    return Desk(_renderer(own_folder(settings), sender), Address(sender or user, "mailwatch"))


def own_folder(settings: Settings) -> Path | None:
    """The folder of the user's own templates, if the settings name one."""
    folder = settings.mailwatch.templates
    return folder.expanduser() if folder else None


def sample_renderer(folder: Path | None = None) -> TemplateRenderer:
    """Our own templates, and those of a folder before them, for sample weeks. Raises TemplateError."""
    return _renderer(folder, "mailwatch@example.com")


@lru_cache(maxsize=4)
def _renderer(folder: Path | None, answers_to: str | None) -> TemplateRenderer:
    # Compiled templates are shared by all users, because a thousand copies of them would only cost memory.
    return TemplateRenderer(folder, answers_to=answers_to, tongues=_tongue)


def _tongue(code: str) -> Tongue:
    if code == ENGLISH.code:
        return ENGLISH
    # Imported here because babel takes 0.1 s, which a mail in English need not wait for.
    from mailwatch.adapters.tongues import tongue

    return tongue(code)
