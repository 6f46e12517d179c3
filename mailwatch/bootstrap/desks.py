"""Makes the desk at which our mails are worded; imports nothing that reads or sends mail."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from mailwatch.adapters.templates import TemplateRenderer
from mailwatch.domain.people import Address
from mailwatch.ports import Renderer
from mailwatch.services.compose import Desk
from mailwatch.settings import Settings


def desk(settings: Settings, user: str) -> Desk:
    """Who words the mails of a user, and whom they are from: [submit] from, else the user. Raises TemplateError."""
    folder = settings.mailwatch.templates
    sender = settings.submit.sender
    return Desk(_renderer(folder.expanduser() if folder else None, sender), Address(sender or user, "mailwatch"))


def sample_renderer() -> Renderer:
    """Our own templates, for sample weeks."""
    return _renderer(None, "mailwatch@example.com")


@lru_cache(maxsize=4)
def _renderer(folder: Path | None, answers_to: str | None) -> TemplateRenderer:
    # Compiled templates are shared by all users, because a thousand copies of them would only cost memory.
    return TemplateRenderer(folder, answers_to=answers_to)
