"""Every mail of ours from a sample, by name: what `preview`, `templates check`, screenshots and tests go through."""

from __future__ import annotations

from datetime import datetime, timedelta

from mailwatch.ports import RenderedMail, Renderer
from mailwatch.runtime.sample_letters import sample_receipt, sample_unreadable, sample_welcome
from mailwatch.runtime.samples import (
    WEEKS,
    sample_before_deadline,
    sample_due_tomorrow,
    sample_reminder,
    sample_summary,
)

LANGUAGES = ("en", "de", "es", "fr")
REMINDERS = ("reminder", "due-tomorrow", "before-deadline")
LETTERS = ("welcome", "unreadable", "receipt")
MAILS = (*REMINDERS, *(f"weekly-summary-{week}" for week in WEEKS), *LETTERS)


def render_sample(renderer: Renderer, name: str, now: datetime, language: str = "en") -> RenderedMail:
    """One of MAILS at an aware moment. Raises TemplateError, and ValueError for another name."""
    match name:
        case "reminder":
            return renderer.reminder(sample_reminder(now, language))
        case "due-tomorrow":
            return renderer.reminder(sample_due_tomorrow(now, language))
        case "before-deadline":
            return renderer.reminder(sample_before_deadline(now, language))
        case "welcome":
            return renderer.welcome(sample_welcome(now, language))
        case "unreadable":
            return renderer.unreadable(sample_unreadable(now, language))
        case "receipt":
            return renderer.receipt(sample_receipt(now, language))
    return renderer.weekly_summary(sample_summary(name.removeprefix("weekly-summary-"), now, language))


def morning_of(name: str, now: datetime) -> datetime:
    """The morning of an aware moment's week on which the story of a sample is told: of reminders the Thursday's."""
    day = now + timedelta(days=(3 if name in REMINDERS else 0) - now.weekday())
    return day.replace(hour=8, minute=0, second=0, microsecond=0)
