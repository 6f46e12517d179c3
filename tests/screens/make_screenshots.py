"""Makes the pictures of the README: `python tests/screens/make_screenshots.py [FOLDER]` (default docs/images)."""

from __future__ import annotations

import io
import re
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from browser import Browser  # noqa: E402 (the path must be set first)
from palette import with_palette  # noqa: E402
from rich.console import Console  # noqa: E402

from mailwatch.adapters.templates import TemplateRenderer  # noqa: E402
from mailwatch.cli.screen import overview_for  # noqa: E402
from mailwatch.cli.table import UNWATCHED  # noqa: E402
from mailwatch.ports import MailboxReport  # noqa: E402
from mailwatch.runtime.sample_letters import sample_overview  # noqa: E402
from mailwatch.runtime.samples import sample_reminder, sample_summary  # noqa: E402

LONGEST = 150 * 1024
COLUMNS = 100
TERMINAL = 900  # in CSS pixels
HEIGHT = 2600  # in CSS pixels; no mail of these is longer


def main() -> None:
    """Writes reminder.png, weekly-summary.png and status.png."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "images"
    folder.mkdir(parents=True, exist_ok=True)
    renderer = TemplateRenderer(answers_to="mailwatch@example.com")
    mails = {
        "reminder": renderer.reminder(sample_reminder(datetime(2026, 11, 5, 8, 0, tzinfo=UTC))),
        "weekly-summary": renderer.weekly_summary(sample_summary("usual", datetime(2026, 11, 9, 7, 30, tzinfo=UTC))),
    }
    with Browser() as browser, tempfile.TemporaryDirectory() as scratch:
        for name, mail in mails.items():
            page = Path(scratch) / f"{name}.html"
            page.write_text(mail.html, encoding="utf-8")
            browser.open(page, 600)
            take(browser, folder / f"{name}.png", HEIGHT)
        page = Path(scratch) / "status.html"
        page.write_text(status(), encoding="utf-8")
        browser.open(page, TERMINAL)
        height = browser.evaluate("document.querySelector('svg').getBoundingClientRect().height")
        take(browser, folder / "status.png", height)


def take(browser: Browser, picture: Path, height: int) -> None:
    """Takes a picture of the page that is open, small enough for a repository."""
    browser.screenshot(picture, height)
    picture.write_bytes(with_palette(picture.read_bytes()))
    if picture.stat().st_size > LONGEST:
        raise SystemExit(f"{picture} is larger than {LONGEST} bytes.")


def status() -> str:
    """What `mailwatch status` draws on a terminal of a hundred columns, as a page that fetches no font."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, highlight=False)
    view = sample_overview(datetime(2026, 11, 5, 8, 0, tzinfo=UTC))
    report = MailboxReport(view.policy.user.address.addr_spec, view.at, True, 1234, 0, None, None)
    console.print(overview_for(view, report, UNWATCHED, COLUMNS))
    drawing = re.sub(r"@font-face \{.*?\}", "", console.export_svg(title="mailwatch status"), flags=re.DOTALL)
    style = "body { margin: 0; background: #ffffff; } svg { width: 100%; display: block; }"
    return f"<!DOCTYPE html><style>{style}</style>{drawing.replace('Fira Code', 'DejaVu Sans Mono')}"


if __name__ == "__main__":
    main()
