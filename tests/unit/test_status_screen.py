"""What `status` draws on a terminal: readable at every width, the state as a word, and nothing that does harm."""

from __future__ import annotations

import io
import os
import pty
import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from program import sent_to
from rich.console import Console
from rich.text import Text

from mailwatch.cli.fullscreen import Screen, User, page_for
from mailwatch.cli.screen import overview_for
from mailwatch.cli.table import UNWATCHED, print_overview
from mailwatch.domain.command import Silence
from mailwatch.domain.people import Address
from mailwatch.domain.promise import PromiseState
from mailwatch.domain.request import Span
from mailwatch.domain.textlayout import width
from mailwatch.ports import MailboxReport
from mailwatch.runtime.sample_letters import sample_overview
from mailwatch.services.overview import Overview

THURSDAY = datetime(2026, 11, 5, 8, 0, tzinfo=UTC)
REPORT = MailboxReport("ann@example.com", THURSDAY, True, 1234, 0, None, None)


def drawn(view: Overview, columns: int, report: MailboxReport | None = REPORT, *, colour: bool = False) -> str:
    out = io.StringIO()
    console = Console(
        file=out, width=columns, highlight=False, force_terminal=colour, color_system="standard" if colour else None,
        no_color=not colour,
    )  # fmt: skip
    console.print(overview_for(view, report, UNWATCHED, columns))
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines())


@pytest.mark.parametrize("columns", [40, 60, 75, 76, 80, 100, 120, 200])
def test_every_fact_is_there_at_every_width_and_no_line_is_too_long(columns: int) -> None:
    text = drawn(sample_overview(THURSDAY), columns)
    assert all(width(line) <= columns for line in text.splitlines())
    for word in ("Dana", "Marta", "Bilal", "Alex", "overdue", "due soon", "open", "da1f3c", "al4b7e", "13:40"):
        assert word in text, word
    assert "Could you send me" in re.sub(r"\s+", " ", text)
    assert text.index("Dana") < text.index("Marta") < text.index("Alex")


def test_eighty_columns_hold_a_table_and_sixty_hold_cards() -> None:
    table, cards = drawn(sample_overview(THURSDAY), 80), drawn(sample_overview(THURSDAY), 60)
    assert re.search(r"^STATE +WHO +DUE +ASKED$", table, re.MULTILINE)
    assert "STATE" not in cards
    assert "\n  due today 13:40\n" in cards


def test_requests_and_promises_have_their_headings_and_age_is_said_in_words() -> None:
    text = drawn(sample_overview(THURSDAY), 160)
    assert "WAITING FOR YOU" in text
    assert "WHAT YOU PROMISED" in text
    assert "waits 12 working hours, asked once more" in text
    assert "since yesterday 12:00" in text
    assert "promised Monday 15:20" in text


def test_what_is_worst_is_red_and_the_word_says_the_same() -> None:
    text = drawn(sample_overview(THURSDAY), 120, colour=True)
    assert re.search(r"\x1b\[1;31moverdue", text)
    assert re.search(r"\x1b\[1;33mdue soon", text)
    assert "\x1b" not in drawn(sample_overview(THURSDAY), 120)


def test_what_falls_due_today_says_so_and_the_tables_share_their_columns() -> None:
    lines = drawn(sample_overview(THURSDAY), 120).splitlines()
    heads = [line for line in lines if line.startswith("STATE")]
    assert len(heads) == 2
    assert heads[0].index("WHO") == heads[1].index("WHO")
    assert heads[0].index("ASKED") == heads[1].index("PROMISED")
    assert any(re.match(r"due today +Marta Kowalska +today 13:40", line) for line in lines)


def test_a_promise_past_its_day_is_overdue() -> None:
    view = sample_overview(THURSDAY)
    late = replace(view.promises[0], state=PromiseState.MISSED, due_at=THURSDAY - timedelta(days=1))
    assert "since yesterday" in drawn(replace(view, requests=(), promises=(late,)), 100)


@pytest.mark.parametrize("columns", [60, 100])
def test_a_promise_whose_moment_is_past_and_can_still_be_kept_was_due(columns: int) -> None:
    view = sample_overview(THURSDAY)
    told_early = replace(view.promises[0], state=PromiseState.OPEN, due_at=THURSDAY - timedelta(days=2))
    text = drawn(replace(view, requests=(), promises=(told_early,)), columns)
    assert "was due Tuesday 09:00" in text
    assert "due was due" not in text


def test_a_pipe_tells_the_past_from_what_comes_and_long_waits_in_days(capsys: pytest.CaptureFixture[str]) -> None:
    view = sample_overview(THURSDAY)
    promise = replace(view.promises[0], state=PromiseState.OPEN, due_at=THURSDAY - timedelta(days=2))
    old = replace(view.requests[0].figures, waited=Span(timedelta(hours=6488), timedelta(days=1600)))
    requests = (replace(view.requests[0], figures=old), *view.requests[1:])
    print_overview(replace(view, requests=requests, promises=(promise,)), REPORT)
    shown = capsys.readouterr().out
    assert "was due Tuesday 09:00" in shown
    assert "811 working days" in shown
    assert "3 h" in shown
    assert "since yesterday 12:00" in shown


def test_a_user_without_a_name_is_not_said_twice() -> None:
    view = sample_overview(THURSDAY)
    user = replace(view.policy.user, address=Address("ann@example.com"))
    assert drawn(replace(view, policy=replace(view.policy, user=user)), 80).count("ann@example.com") == 1


def test_nothing_open_is_said_in_a_line() -> None:
    text = drawn(replace(sample_overview(THURSDAY), requests=(), promises=()), 80)
    assert "Nobody is waiting for you." in text
    assert "Settled otherwise" not in text


def test_a_first_round_that_is_not_finished_is_told_with_what_was_read_so_far() -> None:
    nothing_open = replace(sample_overview(THURSDAY), requests=(), promises=())
    text = drawn(nothing_open, 80, MailboxReport("ann@example.com", None, False, 1, 0, None, None))
    assert "The mailbox has not been read to its end yet; until then nobody is named." in text
    assert "The first round is not finished; 1 message so far." in text


def test_items_of_an_archive_are_not_offered_to_be_settled() -> None:
    archive = MailboxReport("ann@example.com", None, True, 0, 0, None, None)
    assert "Settled otherwise?" in drawn(sample_overview(THURSDAY), 80)
    assert "Settled otherwise?" not in drawn(sample_overview(THURSDAY), 80, archive)


def test_what_goes_wrong_is_told_below() -> None:
    failing = replace(
        REPORT, error="imap.example.com refused the login.", failing_since=THURSDAY - timedelta(hours=2)
    )
    text = drawn(sample_overview(THURSDAY), 100, failing, colour=True)
    assert re.search(r"\x1b\[31mNot read \(since today 07:00\): imap", text)
    quiet = replace(sample_overview(THURSDAY), silence=Silence(THURSDAY))
    assert "This user wants no mails" in drawn(quiet, 100)


def test_only_what_is_wrong_is_red() -> None:
    aside = drawn(sample_overview(THURSDAY), 100, replace(REPORT, set_aside=1), colour=True)
    assert re.search(r"\x1b\[2mLast read today 09:00", aside)
    assert re.search(r"\x1b\[33m1 message could not be read", aside)
    unmarked = drawn(sample_overview(THURSDAY), 100, replace(REPORT, not_marked=("no right",)), colour=True)
    assert re.search(r"\x1b\[2mLast read today 09:00", unmarked)
    assert re.search(r"\x1b\[31mNot marked: no right", unmarked)


@pytest.mark.parametrize(
    "words", ["\x1b[2J\x1b]0;owned\x07", "[bold red]x[/]", "a\r\nb", "\u202edrow", "x" * 500, "日本語" * 60]
)
def test_words_of_strangers_do_nothing_to_the_terminal(words: str) -> None:
    view = sample_overview(THURSDAY)
    first = view.requests[0]
    request = replace(first.request, requester=Address("eve@example.com", words), subject=words, evidence=words)
    for columns in (60, 100):
        text = drawn(replace(view, requests=(replace(first, request=request),)), columns)
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", text)
        assert all(width(line) <= columns for line in text.splitlines())
        if words.startswith("[bold"):
            assert "[bold red]" in text


def test_the_whole_screen_is_given_back_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    monkeypatch.setattr(
        "mailwatch.cli.fullscreen.Console", lambda **how: Console(file=out, force_terminal=True, **how)
    )

    def interrupted() -> None:
        with Screen() as screen:
            screen.draw([(sample_overview(THURSDAY), REPORT, UNWATCHED)], "Ctrl-C ends.", None)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert out.getvalue().startswith("\x1b[?1049h")
    assert "\x1b[?1049l" in out.getvalue()
    assert "Dana Whitfield" in out.getvalue()


def page(users: list[User], lines: int, most: int | None = 50, columns: int = 100) -> list[str]:
    console = Console(file=io.StringIO(), width=columns, height=lines, highlight=False)
    drawing = page_for(users, [Text("Anew every 5 seconds; Ctrl-C ends."), Text()], most, console)
    return ["".join(one.text for one in line).rstrip() for line in console.render_lines(drawing, pad=False)]


@pytest.mark.parametrize("columns", [60, 100])
@pytest.mark.parametrize("lines", [16, 24, 40, 60, 200])
def test_the_whole_screen_holds_as_much_as_there_is_room_for_and_counts_the_rest(lines: int, columns: int) -> None:
    view = sample_overview(THURSDAY)
    many = replace(view, requests=view.requests * 4, promises=view.promises * 4)
    seen = page([(many, replace(REPORT, set_aside=1), UNWATCHED)], lines, columns=columns)
    text = "\n".join(seen)
    assert len(seen) <= lines
    assert "1 message could not be read" in text
    assert "Settled otherwise?" in text
    assert "Dana Whitfield" in text or lines < 24
    assert ("not shown; a higher window has room for them." in text.replace("\n", " ")) == (lines < 100)


def test_what_is_left_out_by_number_is_not_blamed_on_the_window() -> None:
    view = sample_overview(THURSDAY)
    (line,) = (one for one in page([(view, REPORT, UNWATCHED)], 100, most=1) if "not shown" in one)
    assert line == "2 more requests not shown; --all shows everything."


def test_a_second_user_is_seen_too_and_of_many_those_with_whom_something_is_wrong() -> None:
    view = sample_overview(THURSDAY)
    seen = "\n".join(page([(view, REPORT, UNWATCHED)] * 2, 30))
    assert seen.count("Ann Smith") == seen.count("Last read today") == 2
    failing = replace(REPORT, error="no route")
    users = [*[(view, REPORT, UNWATCHED)] * 8, (view, failing, UNWATCHED)]
    lines = page(users, 24)
    assert len(lines) <= 24
    assert any(line.startswith("Not read: no route") for line in lines)
    assert any(re.search(r"^\d more users not shown; --user ADDRESS shows one\.$", line) for line in lines)


def test_a_terminal_gets_the_drawing_and_a_pipe_plain_columns(tmp_path: Path) -> None:
    code = (
        "from datetime import datetime, UTC; from mailwatch.cli.table import print_overview; "
        "from mailwatch.runtime.sample_letters import sample_overview; "
        "print_overview(sample_overview(datetime(2026, 11, 5, 8, tzinfo=UTC)), None)"
    )
    plain = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "\x1b" not in plain
    assert plain.splitlines()[2].split() == ["ID", "WHO", "STATE", "WAITED", "DUE", "ASKED"]
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "90"} | {"NO_COLOR": ""}
    with subprocess.Popen([sys.executable, "-c", code], stdout=theirs, env=environment) as running:
        os.close(theirs)
        shown = b""
        while more := sent_to(ours):
            shown += more
    os.close(ours)
    assert running.returncode == 0
    assert b"\x1b[1;31moverdue" in shown
