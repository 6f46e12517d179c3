"""`preview` shows what would go out, and where nothing would, says why and when something may."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from program import settings_file

from mailwatch.adapters.ledger import SqlLedger
from mailwatch.cli import preview
from mailwatch.cli.main import cli
from mailwatch.domain.command import Command, Verb
from mailwatch.domain.people import Address
from mailwatch.domain.request import Request
from mailwatch.ports import OutboxMail
from mailwatch.testing import FrozenClock

ANN = "ann@example.com"
MONDAY = datetime(2026, 3, 9, 10, 0, tzinfo=UTC)
DAY = timedelta(days=1)
ASKED = Request("r1", ANN, "k1", "1@x", Address("dana@example.com", "Dana"), "Figures", MONDAY - 4 * DAY)
NEXT = "The next may come Monday 9 March 2026, 14:00."


class Previewed:
    """`mailwatch preview` on a Monday at ten."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.ledger = SqlLedger.open(f"sqlite:///{folder}/ledger.db")

    def __call__(self, *words: str, more: str = "") -> str:
        file = settings_file(self._folder, {ANN: {"kind": "maildir", "path": str(self._folder)}}, more=more)
        ended = CliRunner().invoke(cli, ["--config", str(file), "preview", "reminder", *words])
        assert ended.exit_code == 0, ended.output
        return ended.output

    def named_at(self, step: int, at: datetime) -> None:
        """A reminder went out that named the request at a step."""
        self.ledger.enqueue(OutboxMail(ANN, "reminder", at.isoformat(), "1@y", b"", at, {1: "r1"}, {"r1": step}))


@pytest.fixture
def previewed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Previewed:
    monkeypatch.setattr(preview, "SystemClock", lambda: FrozenClock(MONDAY))
    made = Previewed(tmp_path)
    made.ledger.save_triage(ANN, [("c", ["k1"])], [ASKED], [])
    return made


def test_what_has_reached_a_step_is_shown_as_it_would_go_out(previewed: Previewed) -> None:
    previewed.named_at(1, MONDAY - 3 * DAY)
    assert previewed().startswith("Subject: ")


@pytest.mark.parametrize("kind", ["reminder", "weekly-summary"])
def test_of_a_mailbox_that_was_never_read_nothing_is_said_but_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(preview, "SystemClock", lambda: FrozenClock(MONDAY))
    file = settings_file(tmp_path, {ANN: {"kind": "maildir", "path": str(tmp_path)}})
    page = tmp_path / "page.html"
    ended = CliRunner().invoke(cli, ["--config", str(file), "preview", kind, "--html", str(page)])
    assert ended.exit_code == 0
    assert ended.stdout.startswith("Nothing has been read yet. `mailwatch run --once` reads the mailbox now.")
    assert ended.stderr == f"mailwatch: {page} was not written, for there is no mail to show\n"
    assert not page.exists()


@pytest.mark.parametrize("step", [3, 5])
def test_what_was_told_is_not_told_again_and_the_next_slot_is_named(previewed: Previewed, step: int) -> None:
    previewed.named_at(step, MONDAY - DAY)
    said = previewed()
    assert said.startswith(
        f"Nothing has reached a further step since the last reminder, so nothing would be sent. {NEXT}"
    )
    found = json.loads(previewed("--json"))
    assert (found["subject"], found["why"]) == (None, said.strip())


def test_all_shows_what_is_open_though_nothing_would_go_out(previewed: Previewed) -> None:
    previewed.named_at(3, MONDAY - DAY)
    assert previewed("--all").startswith("Subject: ")


def test_the_last_reminder_of_the_day_is_told_with_the_next_day(previewed: Previewed) -> None:
    previewed.named_at(1, MONDAY - timedelta(hours=1))
    said = previewed(more="[reminders]\nmax_per_day = 1\nslots = ['09:00']")
    assert "has had all reminders of the day" in said
    assert "Tuesday 10 March 2026, 09:00" in said


def test_who_wants_no_mails_is_shown_none(previewed: Previewed) -> None:
    previewed.ledger.save_command(Command(ANN, "", Verb.STOP, MONDAY - DAY, "mail 1"))
    assert previewed().startswith("This user wants no mails, so nothing would be sent.")
    assert previewed("--all").startswith("Subject: ")


def test_reminders_that_are_turned_off_are_told(previewed: Previewed) -> None:
    assert previewed(more="[reminders]\nenabled = false").startswith("The settings turn reminders off")
