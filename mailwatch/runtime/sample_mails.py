"""Every mail of ours from a sample, by name: what `preview`, `templates check`, screenshots and tests go through."""

from __future__ import annotations

from datetime import datetime, timedelta

from mailwatch.ports import RenderedMail, Renderer
from mailwatch.runtime.sample_letters import sample_receipt, sample_unreadable, sample_welcome
from mailwatch.runtime.samples import WEEKS, sample_reminder, sample_summary

LANGUAGES = ("en", "de", "es", "fr")
MAILS = ("reminder", *(f"weekly-summary-{week}" for week in WEEKS), "welcome", "unreadable", "receipt")


def render_sample(renderer: Renderer, name: str, now: datetime, language: str = "en") -> RenderedMail:
    """One of MAILS at an aware moment. Raises TemplateError, and ValueError for another name."""
    match name:
        case "reminder":
            return renderer.reminder(sample_reminder(now, language))
        case "welcome":
            return renderer.welcome(sample_welcome(now, language))
        case "unreadable":
            return renderer.unreadable(sample_unreadable(now, language))
        case "receipt":
            return renderer.receipt(sample_receipt(now, language))
    return renderer.weekly_summary(sample_summary(name.removeprefix("weekly-summary-"), now, language))


def monday_morning(now: datetime) -> datetime:
    """The Monday of an aware moment's week at eight: the samples' stories are told on that day."""
    monday = now - timedelta(days=now.weekday())
    return monday.replace(hour=8, minute=0, second=0, microsecond=0)
