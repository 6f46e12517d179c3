"""`preview` in other languages and of the rare mails, and `templates check`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mailwatch.cli.main import cli


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> CliRunner:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("MAILWATCH_CONFIG", raising=False)
    return CliRunner()


def call(runner: CliRunner, *words: str | Path) -> Result:
    return runner.invoke(cli, [str(word) for word in words])


@pytest.mark.parametrize(
    ("words", "subject"),
    [
        (("reminder", "--week", "usual", "--lang", "de"), "Dana wartet"),
        (("weekly-summary", "--week", "perfect", "--lang", "fr"), "Votre semaine"),
        (("weekly-summary", "--week", "leave", "--lang", "es"), "De vuelta"),
        (("welcome",), "mailwatch now looks out for those who wait for you"),
        (("welcome", "--lang", "de"), "mailwatch achtet nun"),
        (("unreadable",), "mailwatch has not been able to read your mail since yesterday"),
        (("due-tomorrow",), "Your promise to Alex is due tomorrow"),
        (("before-deadline", "--lang", "fr"), "Dana attend votre réponse d’ici demain"),
        (("receipt", "--lang", "en"), "No mails from mailwatch until"),
    ],
)
def test_preview_shows_every_mail_in_every_language(run: CliRunner, words: tuple[str, ...], subject: str) -> None:
    shown = call(run, "preview", *words)
    assert shown.exit_code == 0
    assert shown.output.startswith(f"Subject: {subject}")


def test_a_language_that_nobody_translated_is_refused_with_those_there_are(run: CliRunner) -> None:
    refused = call(run, "preview", "welcome", "--lang", "nl")
    assert refused.exit_code == 2
    assert "'de'" in refused.output


def test_our_own_templates_are_fine(run: CliRunner) -> None:
    checked = call(run, "templates", "check")
    assert checked.exit_code == 0, checked.output
    assert checked.output == "12 mails in 4 languages, our own templates: fine.\n"


def test_what_is_wrong_in_a_template_is_named_with_file_and_line_and_once(run: CliRunner, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "reminder.txt").write_text("fine\n{{ mail.nonsense }}\n")
    (own / "reminder.html").write_text("<p>\n\n{% if %}")
    (own / "remainder.txt").write_text("a misspelt name")
    (own / "welcome.txt").write_text('{% include "mine.txt" %}')
    (own / "mine.txt").write_text("x" * 79)
    (own / "weekly-summary.html").write_text('<img src="https://example.com/pixel">')
    (own / "weekly-summary.subject.txt").write_text("{# nothing #}")
    checked = call(run, "templates", "check", "--folder", own, "--json")
    assert checked.exit_code == 1
    faults = json.loads(checked.output)["faults"]
    assert len(faults) == len(set(faults))
    told = "\n".join(faults)
    assert f"{own}/reminder.txt, line 2: " in told
    assert "'nonsense'" in told
    assert f"{own}/reminder.html, line 3: Expected an expression" in told
    assert f"{own}/remainder.txt: no mail uses a template of this name" in told
    assert "welcome in fr: line 1 of the text has 79 columns" in told
    assert "weekly-summary-leave in de: the HTML names an address on the web" in told
    assert "weekly-summary-first in en: the subject is empty." in told
    assert "mine.txt: no mail uses" not in told
    plain = call(run, "templates", "check", "--folder", own)
    assert plain.exit_code == 1
    assert "docs/howto/templates.md" in plain.output


def test_the_folder_of_the_settings_is_checked(run: CliRunner, tmp_path: Path) -> None:
    (tmp_path / "reminder.txt").write_text("{{ nonsense }}")
    settings = tmp_path / "mailwatch.toml"
    settings.write_text(f'[mailwatch]\ntemplates = "{tmp_path}"\n')
    checked = call(run, "--config", settings, "templates", "check")
    assert checked.exit_code == 1
    assert "reminder.txt, line 1" in checked.output


def test_a_folder_that_is_not_there_is_named(run: CliRunner, tmp_path: Path) -> None:
    checked = call(run, "templates", "check", "--folder", tmp_path / "gone")
    assert checked.exit_code == 1
    assert "gone" in str(checked.exception)


def settings_with_templates(folder: Path) -> Path:
    """Settings that name a folder of templates and watch nobody."""
    settings = folder / "mailwatch.toml"
    settings.write_text(f'[mailwatch]\nledger = "sqlite:///{folder}/l.db"\ntemplates = "{folder / "own"}"\n')
    return settings


@pytest.mark.parametrize("words", [("weekly-summary", "--week", "terrible"), ("welcome",), ("receipt",)])
def test_a_sample_is_shown_in_the_users_own_words(run: CliRunner, tmp_path: Path, words: tuple[str, ...]) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / f"{words[0]}.subject.txt").write_text("Our own words")
    shown = call(run, "--config", settings_with_templates(tmp_path), "preview", *words)
    assert shown.output.startswith("Subject: Our own words\n")


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (None, "The folder of templates "),
        ("fine\n{{ mail.nonsense }}", "reminder.txt, line 2: "),
        ("fine", ""),
    ],
    ids=["no folder", "broken", "fine"],
)
def test_doctor_looks_at_the_templates(run: CliRunner, tmp_path: Path, words: str | None, fault: str) -> None:
    if words is not None:
        (tmp_path / "own").mkdir()
        (tmp_path / "own" / "reminder.txt").write_text(words)
    checked = call(run, "--config", settings_with_templates(tmp_path), "doctor", "--json")
    (found,) = [check for check in json.loads(checked.output)["checks"] if check["name"] == "templates"]
    assert found["ok"] == (not fault)
    assert fault in found["found"]
