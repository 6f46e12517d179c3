"""Makes the pictures of the README: `python tests/screens/make_screenshots.py [FOLDER]` (default docs/images)."""

from __future__ import annotations

import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from browser import Browser  # noqa: E402 (the path must be set first)
from palette import with_palette  # noqa: E402

from mailwatch.adapters.templates import TemplateRenderer  # noqa: E402
from mailwatch.runtime.samples import sample_reminder, sample_summary  # noqa: E402

LONGEST = 150 * 1024
HEIGHT = 1990  # in CSS pixels; the end of a mail is small print


def main() -> None:
    """Writes reminder.png and weekly-summary.png."""
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
            picture = folder / f"{name}.png"
            browser.screenshot(picture, HEIGHT)
            picture.write_bytes(with_palette(picture.read_bytes()))
            if picture.stat().st_size > LONGEST:
                raise SystemExit(f"{picture} is larger than {LONGEST} bytes.")


if __name__ == "__main__":
    main()
