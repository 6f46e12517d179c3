"""The command line: its options, the keys of its JSON, and its exit codes."""

from __future__ import annotations

import json
import os
import pty
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.exceptions import Abort
from click.testing import CliRunner
from program import COMMAND, environment, sent_to, settings_file

from mailwatch.adapters import ledger_file
from mailwatch.cli.main import COMMANDS, cli, main
from mailwatch.runtime.samples import WEEKS
from mailwatch.testing import mail

ANN, DANA, BOB = "ann@example.com", "dana@example.com", "bob@example.com"
MONDAY = datetime(2026, 3, 9, 9, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)

REQUEST_KEYS = {
    *("message_id", "from", "subject", "received_at", "state", "due_at", "deadline", "evidence", "chasers"),
    *("acknowledged_by", "answered_by", "first_response_minutes", "answer_minutes"),
}
PROMISE_KEYS = {"message_id", "to", "made_at", "due_at", "state", "evidence"}
BACKTEST_KEYS = {"schema", "as_of", "owner", "messages", "set_aside", "requests", "promises", "summary"}
LINE_KEYS = {"id", "automatic", "request", "promise", "holding", "deadline"}


@dataclass
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed, which must be one JSON document of schema 1."""
        assert self.code == 0, self.err
        found = json.loads(self.out)
        assert found["schema"] == 1
        return found

    @property
    def lines(self) -> list[Any]:
        """What it printed, a JSON object a line."""
        assert self.code == 0, self.err
        return [json.loads(line) for line in self.out.splitlines()]


Mailwatch = Callable[..., Ended]


@pytest.fixture
def mailwatch(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Mailwatch:
    """Runs a command line in this process, through the very function that the program begins with."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("TZ", "UTC")
    for name in ("MAILWATCH_CONFIG", "MAILWATCH_LEDGER"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: str | Path) -> Ended:
        monkeypatch.setattr(sys, "argv", ["mailwatch", *map(str, arguments)])
        capsys.readouterr()
        try:
            main()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        out, err = capsys.readouterr()
        return Ended(code, out, err)

    return run


class Maildir:
    """A Maildir with a sent mailbox, filled by hand."""

    def __init__(self, path: Path) -> None:
        self.path = path
        for box in (path, path / ".Sent"):
            for name in ("cur", "new", "tmp"):
                (box / name).mkdir(parents=True, exist_ok=True)
        self._count = 0

    def put(self, raw: bytes, at: datetime, *, sent: bool = False) -> None:
        """Puts a message there that was received at a moment."""
        self._count += 1
        received = f"Received: from x by y; {at:%a, %d %b %Y %H:%M:%S +0000}\n".encode()
        box = self.path / ".Sent" if sent else self.path
        (box / "cur" / f"{int(at.timestamp())}.M{self._count}.host:2,S").write_bytes(received + raw)


def ask(message_id: str, at: datetime, text: str = "Could you please send me the figures?", **other: Any) -> bytes:
    usual = {"sender": f"Dana Fox <{DANA}>", "to": f"Ann Smith <{ANN}>", "subject": f"About {message_id}"}
    return mail(**{**usual, **other}, text=text, sent_at=at, message_id=message_id)


def reply(message_id: str, to: str, at: datetime, text: str) -> bytes:
    return mail(
        sender=ANN,
        to=DANA,
        subject=f"Re: About {to}",
        text=text,
        sent_at=at,
        message_id=message_id,
        in_reply_to=to,
    )


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """A Monday of Ann's: one request acknowledged and answered, one open, a newsletter, and one mail of Tuesday."""
    box = Maildir(tmp_path / "Maildir")
    box.put(ask("first@x", MONDAY), MONDAY)
    box.put(reply("hold@x", "first@x", MONDAY + HOUR, "Got it, I'll look into it."), MONDAY + HOUR, sent=True)
    given = "Here are the figures: 41 in January, 57 in February."
    box.put(reply("answer@x", "first@x", MONDAY + 5 * HOUR, given), MONDAY + 5 * HOUR, sent=True)
    asked = "Could you send me the contract by Thursday?"
    box.put(ask("second@x", MONDAY + 2 * HOUR, asked), MONDAY + 2 * HOUR)
    chaser = ask("chaser@x", MONDAY + 4 * HOUR, "Could you please send it?", subject="Re: About second@x")
    chaser = chaser.replace(b"Message-ID:", b"In-Reply-To: <second@x>\nReferences: <second@x>\nMessage-ID:")
    box.put(chaser, MONDAY + 4 * HOUR)
    promised = "I'll send you the plan by Wednesday."
    box.put(reply("promise@x", "other@x", MONDAY + 3 * HOUR, promised), MONDAY + 3 * HOUR, sent=True)
    news = mail(sender="news@example.com", to=ANN, message_id="news@x", fields={"List-Id": "<news.example.com>"})
    box.put(news, MONDAY)
    box.put(b"\0\xff" * 50_000, MONDAY)
    box.put(ask("tomorrow@x", MONDAY + 24 * HOUR), MONDAY + 24 * HOUR)
    return box.path


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    """Settings of Ann and Bob, who have a Maildir each; Ann's has two open requests and a promise in it."""
    now = datetime.now(UTC).replace(microsecond=0)
    ann = Maildir(tmp_path / "ann")
    for number in (1, 2):
        at = now - timedelta(days=number)
        ann.put(ask(f"open{number}@x", at), at)
    promised = reply("promise@x", "other@x", now - HOUR, "I'll send you the plan by tomorrow.")
    ann.put(promised, now - HOUR, sent=True)
    Maildir(tmp_path / "bob")
    mailboxes = {user: {"kind": "maildir", "path": str(tmp_path / user.partition("@")[0])} for user in (ANN, BOB)}
    return settings_file(tmp_path, mailboxes, more="[reminders]\nenabled = false\n[summary]\nenabled = false\n")


@pytest.fixture
def watched(settings: Path, mailwatch: Mailwatch) -> Mailwatch:
    """mailwatch with those settings, after a first cycle."""

    def run(*arguments: str | Path) -> Ended:
        return mailwatch("--config", settings, *arguments)

    ended = run("run", "--once")
    assert ended.code == 0, ended.err
    return run


def first_item(watched: Mailwatch) -> str:
    return str(watched("status", "--user", ANN, "--json").json["users"][0]["requests"][0]["id"])


def states(watched: Mailwatch) -> dict[str, str]:
    """The open requests of Ann with their states."""
    (ann,) = watched("status", "--user", ANN, "--json").json["users"]
    return {one["message_id"]: one["state"] for one in ann["requests"]}


# ---------------------------------------------------------------- the program


def test_every_command_of_the_design_is_there_and_helps() -> None:
    items = "done snooze dismiss delegate mute reopen"
    wanted = f"demo init doctor run status {items} explain backtest preview report export erase"
    assert set(wanted.split()) <= set(COMMANDS)
    listed = CliRunner().invoke(cli, ["--help"]).output
    for name, (_, sentence) in COMMANDS.items():
        helped = CliRunner().invoke(cli, [name, "--help"])
        assert helped.exit_code == 0
        assert "Usage: " in helped.output
        assert name in listed
        assert sentence.split()[0] in listed


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("demo", "--out --keep"),
        ("init", "--non-interactive"),
        ("run", "--once"),
        ("status", "--user --as-of --watch --json"),
        ("explain", "--owner --jsonl --json"),
        ("backtest", "--owner --coworkers --as-of --config --zone --json"),
        ("preview", "--user --html --json"),
        ("report", "--weeks --json"),
        ("doctor", "--json"),
    ],
)
def test_every_option_of_the_design_is_there(command: str, options: str) -> None:
    helped = CliRunner().invoke(cli, [command, "--help"]).output
    for option in options.split():
        assert option in helped


def test_the_version_is_told(mailwatch: Mailwatch) -> None:
    ended = mailwatch("--version")
    assert ended.code == 0
    assert ended.out.startswith("mailwatch, version ")


@pytest.mark.parametrize(("encoding", "shown"), [("ascii", b"Felice"), ("latin-1", b"F\xe9lice")])
def test_a_terminal_that_is_not_utf_8_gets_what_it_can_show(tmp_path: Path, encoding: str, shown: bytes) -> None:
    file = tmp_path / "message.eml"
    file.write_bytes(ask("one@x", MONDAY, sender=f"F\u00e9l\u012bce <{DANA}>", subject="F\u00e9l\u012bce"))
    line = tmp_path / "line.jsonl"
    line.write_text(json.dumps({"id": "F\u00e9l\u012bce", "text": "x"}))

    def told(*arguments: str | Path) -> bytes:
        done = subprocess.run(
            [*COMMAND, *map(str, arguments)],
            env=environment(tmp_path, {"PYTHONIOENCODING": encoding}),
            cwd=tmp_path,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert b"Subject  " + shown in told("explain", file)
    assert json.loads(told("explain", "--jsonl", line).decode(encoding))["id"] == "F\u00e9l\u012bce"
    assert "subject" in json.loads(told("preview", "weekly-summary", "--week", "usual", "--json").decode(encoding))
    plain = told("preview", "weekly-summary", "--week", "usual").decode(encoding)
    assert plain.startswith("Subject: ")
    assert 'answer "stop"' in plain


def test_a_report_in_ascii_has_dashes_and_rules_that_ascii_has(
    watched: Mailwatch, settings: Path, tmp_path: Path
) -> None:
    ours, theirs = pty.openpty()
    words = environment(tmp_path, {"PYTHONIOENCODING": "ascii", "TERM": "xterm", "COLUMNS": "80", "NO_COLOR": "1"})
    with subprocess.Popen([*COMMAND, "--config", str(settings), "report"], stdout=theirs, env=words) as running:
        os.close(theirs)
        printed = b""
        while more := sent_to(ours):
            printed += more
    os.close(ours)
    assert running.returncode == 0
    assert b"?" not in printed
    assert b"----" in printed


def test_where_nobody_takes_what_is_printed_a_command_still_ends_well(settings: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", '"$@" >&-', "sh", *COMMAND, "--config", str(settings), "status"],
        env=environment(tmp_path),
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("command", [("status",), ("status", "--json"), ("report",)])
def test_settings_that_watch_nobody_are_told_and_do_not_print_nothing(
    settings: Path, mailwatch: Mailwatch, command: tuple[str, ...]
) -> None:
    words = settings.read_text()
    settings.write_text(words[: words.index("[[users]]")])
    ended = mailwatch("--config", settings, *command)
    assert ended.code == 2
    assert f"{settings}: the settings watch nobody; add a [[users]] table or run `mailwatch init`" in ended.err


def test_the_kind_of_a_preview_is_named_shortly(mailwatch: Mailwatch) -> None:
    ended = mailwatch("preview", "digest")
    assert ended.code == 2
    assert "Invalid value for 'KIND': 'digest' is not one of 'reminder', 'weekly-summary'" in ended.err


def test_a_demo_into_a_file_says_what_to_do(mailwatch: Mailwatch, tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("x")
    ended = mailwatch("demo", "--out", tmp_path / "notes")
    assert ended.code == 2
    assert f"{tmp_path / 'notes'} is no folder; name another one with --out" in ended.err


@pytest.mark.parametrize("options", [(), ("--keep",)])
def test_a_demo_without_its_extra_says_how_to_install_it_and_leaves_nothing(
    mailwatch: Mailwatch, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, options: tuple[str, ...]
) -> None:
    monkeypatch.setitem(sys.modules, "aiosmtpd.smtp", None)
    ended = mailwatch("demo", "--out", tmp_path / "mails", *options)
    assert ended.code == 2
    assert "pip install 'mailwatch[demo]'" in ended.err
    assert "in a checkout: pip install '.[demo]'" in ended.err
    assert not (tmp_path / "mails").exists()


# ---------------------------------------------------------------- status


def test_status_shows_who_is_waiting_for_whom(watched: Mailwatch) -> None:
    found = watched("status", "--json").json
    assert [user["user"] for user in found["users"]] == [ANN, BOB]
    ann, bob = found["users"]
    assert {one["message_id"] for one in ann["requests"]} == {"open1@x", "open2@x"}
    assert {one["message_id"] for one in ann["promises"]} == {"promise@x"}
    assert all(set(one) >= REQUEST_KEYS for one in ann["requests"])
    assert all(set(one) >= PROMISE_KEYS for one in ann["promises"])
    assert ann["messages"] == 3
    assert ann["error"] is None
    assert ann["last_sync_at"]
    assert bob["requests"] == bob["promises"] == bob["set_aside"] == bob["not_sent"] == []
    plain = watched("status").out
    assert "Dana Fox" in plain
    assert "Could you please send me the figures?" in plain
    assert "Nobody is waiting for you." in plain


def test_json_may_be_asked_for_before_and_after_the_command(watched: Mailwatch) -> None:
    assert watched("status", "--json").json.keys() == watched("--json", "status").json.keys()


def test_the_settings_file_may_be_named_before_and_after_the_command(
    watched: Mailwatch, mailwatch: Mailwatch, settings: Path, tmp_path: Path
) -> None:
    for command in (("status",), ("report",), ("done", first_item(watched)), ("export", ANN), ("templates", "check")):
        assert mailwatch(*command, "--config", settings).code == 0, command
    gone = tmp_path / "gone.toml"
    for command in (("status",), ("templates", "check"), ("login", ANN), ("run", "--once"), ("doctor",)):
        ended = mailwatch("--config", settings, *command, "--config", gone)
        assert (ended.code, str(gone) in ended.err) == (2, True), command
    made = mailwatch("init", "--config", settings, "--non-interactive", "--address", ANN)
    assert f"{settings} is there already" in made.err


def test_status_as_of_a_moment_leaves_out_what_came_later(watched: Mailwatch) -> None:
    moment = (datetime.now(UTC) - timedelta(hours=36)).isoformat()
    found = watched("status", "--user", ANN, "--as-of", moment, "--json").json
    (ann,) = found["users"]
    assert {one["message_id"] for one in ann["requests"]} == {"open2@x"}
    assert ann["promises"] == []


# ---------------------------------------------------------------- commands on items


@pytest.mark.parametrize(
    ("command", "state"),
    [
        (("done",), None),
        (("dismiss",), None),
        (("delegate", "--to", BOB), None),
        (("mute",), None),
        (("snooze",), "snoozed"),
        (("snooze", "--until", "2099-01-02T10:00"), "snoozed"),
    ],
)
def test_a_command_settles_an_item_or_lets_it_sleep(
    watched: Mailwatch, command: tuple[str, ...], state: str | None
) -> None:
    item = first_item(watched)
    said = watched(command[0], item, *command[1:])
    assert said.code == 0, said.err
    assert said.out.startswith(item)
    after = states(watched)
    assert len(after) == (1 if state is None else 2)
    if state:
        assert state in after.values()


@pytest.mark.parametrize("command", ["done", "dismiss", "delegate", "mute", "snooze"])
def test_a_command_can_be_taken_back(watched: Mailwatch, command: str) -> None:
    item, before = first_item(watched), states(watched)
    said = watched(command, item)
    assert (f"Not so? mailwatch reopen {item}\n" in said.out) is (command != "snooze")
    assert watched("reopen", item).out == f"{item} is open again: About open2@x (Dana Fox).\n"
    assert states(watched) == before


def test_what_mail_has_settled_is_opened_again_by_the_next_cycle(settings: Path, watched: Mailwatch) -> None:
    (item,) = (
        one["id"]
        for one in watched("status", "--user", ANN, "--json").json["users"][0]["requests"]
        if one["message_id"] == "open2@x"
    )
    before, now = states(watched), datetime.now(UTC)
    given = reply("answer@x", "open2@x", now, "Here are the figures: 41 in January, 57 in February.")
    Maildir(settings.parent / "ann").put(given, now, sent=True)
    assert watched("run", "--once").code == 0
    assert set(states(watched)) == {"open1@x"}
    assert watched("reopen", item).out == (
        f"{item} is open again, as soon as the daemon has looked at its conversation anew: "
        "About open2@x (Dana Fox).\n"
    )
    assert watched("run", "--once").code == 0
    assert states(watched) == {**before, "open2@x": "acknowledged"}


def test_a_command_tells_what_it_did_as_json(watched: Mailwatch) -> None:
    item = first_item(watched)
    told = watched("snooze", item, "--until", "2099-01-02T10:00", "--json").json
    assert (told["id"], told["verb"], told["until"]) == (item, "snooze", "2099-01-02T10:00:00Z")
    assert watched("snooze", item, "--until", "2099-01-02T10:00").out == (
        f"{item} sleeps until Friday 2 January 2099, 10:00: About open2@x (Dana Fox).\n"
    )
    told = watched("delegate", item, "--to", BOB, "--json").json
    assert (told["verb"], told["to"]) == ("delegate", BOB)


@pytest.mark.parametrize(
    "whom", ["", "Bob", "bob@", "@example.com", "bob@ex ample.com", "bob@example..com", "b\x1b@x.example"]
)
def test_an_item_is_delegated_to_an_address_alone(watched: Mailwatch, whom: str) -> None:
    item = first_item(watched)
    ended = watched("delegate", item, "--to", whom)
    assert ended.code == 2
    assert f'--to {whom!r}: an address such as "ann@example.com" is needed' in ended.err
    assert len(states(watched)) == 2
    assert watched("delegate", item, "--to", "Bob@Example.com", "--json").json["to"] == BOB


def test_backtest_says_which_messages_it_set_aside_and_why(mailwatch: Mailwatch, tmp_path: Path) -> None:
    box = Maildir(tmp_path / "Maildir")
    for number in range(12):
        (box.path / "cur" / f"{number}.M1.host:2,S").write_bytes(b"\0\xff" * 50_000)
    ended = mailwatch("backtest", box.path, "--owner", ANN)
    assert ended.code == 0, ended.err
    assert "12 messages read, 12 set aside:\n" in ended.out
    assert re.search(r"(?m)^  \./11\.M1\.host: \S.+\.$", ended.out)
    assert ended.out.count(".M1.host: ") == 10
    assert "  and 2 more; --json shows them all.\n" in ended.out


@pytest.mark.parametrize("whom", [ANN, "a.ann@example.com", "Ann+lists@Example.com"])
def test_nobody_delegates_to_themselves(watched: Mailwatch, whom: str) -> None:
    ended = watched("delegate", first_item(watched), "--to", whom)
    assert ended.code == 2
    assert f"--to {whom.lower()}: that is you" in ended.err
    assert len(states(watched)) == 2


@pytest.mark.parametrize(
    ("until", "shown"),
    [
        ("2098-11-29T10:30", "2098, 10:30"),
        ("tomorrow 23:30", ", 23:30"),
        ("in two weeks", ", 09:00"),
        ("3 Mar", ", 09:00"),
    ],
)
def test_an_item_sleeps_until_what_a_reply_by_mail_could_say(watched: Mailwatch, until: str, shown: str) -> None:
    assert watched("snooze", first_item(watched), "--until", until).out.endswith(
        f"{shown}: About open2@x (Dana Fox).\n"
    )


def test_an_item_that_sleeps_until_a_free_day_wakes_with_the_next_work(watched: Mailwatch) -> None:
    saturday = datetime.now(UTC).date() + timedelta(days=7 + 5 - datetime.now(UTC).weekday())
    monday = saturday + timedelta(days=2)
    woken = watched("snooze", first_item(watched), "--until", saturday.isoformat(), "--json").json["until"]
    assert woken == f"{monday}T09:00:00Z"


def test_what_sleeps_is_called_so_and_stands_last(watched: Mailwatch) -> None:
    item = first_item(watched)
    watched("snooze", item)
    shown = watched("status", "--user", ANN).out.splitlines()
    assert re.match(r"1 request open, .+, 1 snoozed;", shown[1])
    assert [line.split()[0] for line in shown if "figures?" in line][-1] == item
    assert re.search(rf"^  {item} .* snoozed  .* until .* 09:00  ", "\n".join(shown), re.MULTILINE)


def test_what_is_settled_is_not_said_to_sleep(watched: Mailwatch) -> None:
    item = first_item(watched)
    watched("done", item)
    again = watched("snooze", item)
    assert again.code == 2
    assert f"{item} is settled already" in again.err


def test_a_promise_that_is_dismissed_is_not_called_a_request(watched: Mailwatch) -> None:
    promise = watched("status", "--user", ANN, "--json").json["users"][0]["promises"][0]["id"]
    assert watched("dismiss", promise).out.startswith(
        f"{promise} is not listed or counted any more: Re: About other@x ({DANA}).\n"
    )


def test_a_command_says_whose_item_it_was(watched: Mailwatch) -> None:
    item = first_item(watched)
    assert watched("done", item[:4].upper()).out.startswith(f"{item} is done: About open2@x (Dana Fox).\n")
    told = watched("done", item, "--json").json  # It is settled by now.
    assert (told["name"], told["subject"]) == ("Dana Fox", "About open2@x")


def test_the_beginning_of_an_id_is_enough_when_it_is_clear(watched: Mailwatch) -> None:
    assert watched("done", first_item(watched)[:-1]).code == 0
    assert watched("done", "").code == 2
    assert watched("done", "no-such-item").code == 2
    assert watched("snooze", first_item(watched), "--until", "2001-01-01").code == 2


@pytest.mark.parametrize(
    "moment", ["0001-01-01", "9999-12-31", "9999-12-31T23:59:59-12:00", "1969-12-31", "2201-01-01T00:00Z"]
)
def test_a_moment_too_far_away_is_refused(watched: Mailwatch, tmp_path: Path, moment: str) -> None:
    for command in (
        ("status", "--as-of", moment),
        ("snooze", first_item(watched), "--until", moment),
        ("backtest", tmp_path / "ann", "--as-of", moment),
    ):
        ended = watched(*command)
        assert ended.code == 2
        assert f"{moment!r} lies too far away; name a moment of the years 1970 to 2200" in ended.err


@pytest.mark.parametrize("moment", ["1970-01-01", "2200-12-31T23:59:59-12:00"])
def test_the_first_and_the_last_moment_are_taken(watched: Mailwatch, tmp_path: Path, moment: str) -> None:
    assert watched("status", "--as-of", moment).code == 0
    assert watched("backtest", tmp_path / "ann", "--as-of", moment).code == 0


# ---------------------------------------------------------------- explain


def test_explain_tells_what_was_read_in_a_message(mailwatch: Mailwatch, tmp_path: Path) -> None:
    file = tmp_path / "message.eml"
    text = "Hi Ann,\n\ncould you please send me the plan by 2026-03-12?\n\nOn Monday, Ann wrote:\n> I like plans.\n"
    file.write_bytes(ask("one@x", MONDAY, text))
    plain = mailwatch("explain", file)
    assert plain.code == 0, plain.err
    assert "by a person" in plain.out
    assert "Request  yes" in plain.out
    assert "could you please send me the plan" in plain.out
    assert "asks the reader to act. [en.request." in plain.out
    found = mailwatch("explain", file, "--owner", ANN, "--json").json
    assert set(found) >= LINE_KEYS
    assert found["automatic"] is False
    assert found["request"]["is"] is True
    assert "plan" in found["request"]["evidence"]
    assert found["deadline"] == "2026-03-12"
    assert "I like plans" not in found["new_words"]
    assert "I like plans" in found["quoted"]


def test_explain_shows_the_due_time_of_what_is_asked_and_of_what_is_promised(
    mailwatch: Mailwatch, tmp_path: Path
) -> None:
    file = tmp_path / "message.eml"
    file.write_bytes(
        ask("one@x", MONDAY, "Could you send me the budget by Thursday noon?\n\nI'll bring the cake tomorrow.")
    )
    plain = mailwatch("explain", file).out
    assert "Deadline 2026-03-12T12:00  (by Thursday noon), of the request\n" in plain
    assert "\n         2026-03-10  (tomorrow), of the promise\n" in plain
    found = mailwatch("explain", file, "--json").json
    assert found["deadline"] == found["promise_deadline"] == "2026-03-10"  # The earliest of the message.
    assert found["request_deadline"] == "2026-03-12T12:00"


@pytest.mark.parametrize(
    ("fields", "owner", "why"),
    [
        ({}, "eva@example.com", "not addressed to eva@example.com, so it would be no request of theirs"),
        (
            {"fields": {"Cc": "eva@example.com"}},
            "eva@example.com",
            "eva@example.com is in Cc alone and not called by name",
        ),
        ({}, DANA, f"{DANA} wrote it, so it asks others"),
        ({"sender": f"Ann <{ANN}>"}, ANN, f"{ANN} wrote it, so it asks others"),
        ({"fields": {"Auto-Submitted": "auto-generated"}}, ANN, "a program wrote it"),
        ({"sender": "stranger@example.org"}, ANN, "stranger@example.org is no coworker by the settings"),
    ],
)
def test_explain_says_why_a_mail_is_no_request_of_its_reader(
    mailwatch: Mailwatch, tmp_path: Path, settings: Path, fields: dict[str, Any], owner: str, why: str
) -> None:
    file = tmp_path / "message.eml"
    file.write_bytes(ask("one@x", MONDAY, **fields))
    named = ("--config", settings) if "stranger" in why else ()
    plain = mailwatch(*named, "explain", file, "--owner", owner).out
    assert f"Request  no: {why}" in plain
    assert "by its words alone: yes" in plain
    assert why in mailwatch(*named, "explain", file, "--owner", owner, "--json").json["no_request"]


def test_explain_says_that_somebody_else_is_asked_by_name(mailwatch: Mailwatch, tmp_path: Path) -> None:
    file = tmp_path / "message.eml"
    both = f"Ann Smith <{ANN}>, Eva Kern <eva@example.com>"
    file.write_bytes(ask("one@x", MONDAY, "Hi Ann,\n\ncould you please send me the plan?", to=both))
    assert "it asks somebody else by name, and not eva@example.com" in (
        mailwatch("explain", file, "--owner", "eva@example.com").out
    )
    assert mailwatch("explain", file, "--owner", ANN, "--json").json["no_request"] is None
    for words in ("Thanks, Ann, for the plan.", "Hi Ann,\n\nhere is the plan."):
        file.write_bytes(ask("one@x", MONDAY, words, to=both))
        assert mailwatch("explain", file, "--owner", "eva@example.com", "--json").json["no_request"] is None


def test_explain_takes_a_mail_to_a_group_of_the_settings_for_the_person_s_that_it_is(
    mailwatch: Mailwatch, tmp_path: Path, settings: Path
) -> None:
    settings.write_text(settings.read_text() + f'\n[coworkers.groups]\n"team@example.com" = ["{ANN}"]\n')
    file = tmp_path / "message.eml"
    file.write_bytes(ask("one@x", MONDAY, to="team@example.com", fields={"List-Id": "<team.example.com>"}))
    plain = mailwatch("--config", settings, "explain", file, "--owner", ANN).out
    assert "by a person" in plain
    assert "Request  yes" in plain


@pytest.mark.parametrize("options", [(), ("--jsonl",)])
def test_explain_refuses_an_owner_that_is_no_address(
    mailwatch: Mailwatch, tmp_path: Path, options: tuple[str, ...]
) -> None:
    file = tmp_path / "message.eml"
    file.write_bytes(ask("one@x", MONDAY))
    ended = mailwatch("explain", file, "--owner", "nonsense", *options)
    assert ended.code == 2
    assert "--owner" in ended.err
    assert "nonsense" in ended.err


def test_explain_says_in_what_words_stand_that_nobody_can_read(mailwatch: Mailwatch, tmp_path: Path) -> None:
    file = tmp_path / "sealed.eml"
    file.write_bytes(b"From: bob@example.com\nContent-Type: application/ms-tnef; name=winmail.dat\n\nx")
    assert "(none that can be read: they stand in winmail.dat" in mailwatch("explain", file).out


def test_explain_names_the_rule_by_which_a_program_wrote(mailwatch: Mailwatch, tmp_path: Path) -> None:
    file = tmp_path / "message.eml"
    file.write_bytes(mail(sender=DANA, to=ANN, fields={"Auto-Submitted": "auto-replied"}))
    found = mailwatch("explain", file, "--json").json
    assert found["automatic"] is True
    assert found["rule"]
    assert "a program" in mailwatch("explain", file).out


def test_explain_jsonl_answers_every_line_and_goes_on_after_bad_ones(mailwatch: Mailwatch, tmp_path: Path) -> None:
    good = {"id": "a", "text": "Could you send me the plan by Thursday?", "sent_at": "2026-03-09T10:00:00+00:00"}
    whole = ask("one@x", MONDAY, "I'll send it tomorrow.").decode()
    lines = [
        json.dumps(good),
        "{this is no JSON",
        json.dumps({"id": "no text"}),
        json.dumps({"id": "number", "text": 5}),
        json.dumps({"id": "null", "eml": None}),
        json.dumps({"id": "when", "text": "x", "sent_at": "some day"}),
        json.dumps({"id": "edge", "text": "x", "sent_at": "0001-01-01T00:00:00+23:00"}),
        json.dumps({"id": "odd", "text": "x", "sent_at": 5}),
        "[1, 2]",
        "[" * 100_000,
        '{"id": NaN, "text": 1}',
        '{"id": "\\ud800", "text": "Could you \\ud800 send it?"}',
        "",
        json.dumps({"id": "whole", "eml": whole}),
        json.dumps({"text": "Thanks!", "subject": "Hello"}),
    ]
    file = tmp_path / "lines.jsonl"
    file.write_text("\n".join(lines) + "\n")
    found = mailwatch("explain", "--jsonl", file).lines
    assert len(found) == len(lines) - 1  # One line is empty.
    by_id = {str(one["id"]): one for one in found}
    assert set(by_id["a"]) == LINE_KEYS
    assert by_id["a"]["request"]["is"] is True
    assert by_id["a"]["deadline"] == "2026-03-12"
    assert by_id["a"]["request"].keys() == by_id["a"]["promise"].keys() == {"is", "score", "evidence"}
    assert 0 <= by_id["a"]["request"]["score"] <= 1
    assert by_id["whole"]["automatic"] is False
    assert by_id["15"]["request"]["is"] is False  # A line without an id is called by its number.
    assert by_id["\ud800"]["request"]["is"] is True
    for name in ("2", "no text", "number", "null", "when", "edge", "9", "10", "None"):
        assert set(by_id[name]) == {"id", "error"}, name
        assert by_id[name]["error"].startswith("line ")


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("{this is no JSON", "it is no JSON; what stands at character 2 does not fit"),
        ("[" * 100_000, "it is nested too deeply to be read"),
        ('{"text": ' + "1" * 5000 + "}", "it holds a number that is too long to be read"),
        ("[1, 2]", "it is no JSON object"),
        ('{"id": 5}', 'neither "text" nor "eml" is there as a string'),
        *(
            (
                json.dumps({"text": "x", "sent_at": at}),
                f'"sent_at" is no moment such as 2026-03-09T14:30+01:00: {at!r}',
            )
            for at in ("some day", "2026-03-09T10:00:00+99:00", "0001-01-01T00:00:00+23:00", "2026-13-01")
        ),
    ],
    ids=range(9),
)
def test_explain_jsonl_says_in_words_of_its_own_what_is_wrong_with_a_line(
    mailwatch: Mailwatch, tmp_path: Path, line: str, wrong: str
) -> None:
    file = tmp_path / "lines.jsonl"
    file.write_text(line)
    (found,) = mailwatch("explain", "--jsonl", file).lines
    assert found["error"] == f"line 1: {wrong}"


@pytest.mark.parametrize("words", [None, "nonsense"], ids=["missing", "broken"])
@pytest.mark.parametrize("by", ["option", "environment"])
@pytest.mark.parametrize("command", ["explain", "templates"])
def test_settings_that_were_named_are_not_passed_over(
    mailwatch: Mailwatch, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, words: str | None, by: str, command: str
) -> None:
    message = tmp_path / "message.eml"
    message.write_bytes(ask("one@x", MONDAY))
    file = tmp_path / "named.toml"
    if words is not None:
        file.write_text(words)
    if by == "environment":
        monkeypatch.setenv("MAILWATCH_CONFIG", str(file))
    option = ("--config", file) if by == "option" else ()
    ended = mailwatch(*option, *((command, message) if command == "explain" else (command, "check")))
    assert ended.code == 2
    assert str(file) in ended.err


def test_explain_reads_a_message_with_nothing_in_it(mailwatch: Mailwatch, tmp_path: Path) -> None:
    file = tmp_path / "empty.eml"
    file.write_bytes(b"")
    assert mailwatch("explain", file).code in (0, 1)


# ---------------------------------------------------------------- backtest


def test_backtest_prints_exactly_what_the_design_lists(mailwatch: Mailwatch, archive: Path) -> None:
    found = mailwatch("backtest", archive, "--owner", ANN, "--as-of", "2026-03-09T17:00", "--json").json
    assert set(found) == BACKTEST_KEYS
    assert found["as_of"] == "2026-03-09T17:00:00Z"
    assert found["owner"] == ANN
    assert found["messages"] == 8  # The one that came later is ignored.
    assert len(found["set_aside"]) <= 1
    asked = {one["message_id"]: one for one in found["requests"]}
    assert set(asked) == {"first@x", "second@x"}
    assert all(set(one) >= REQUEST_KEYS for one in asked.values())
    first, second = asked["first@x"], asked["second@x"]
    assert (first["from"], first["subject"], first["state"]) == (DANA, "About first@x", "answered")
    assert first["received_at"] == "2026-03-09T09:30:00Z"
    assert (first["acknowledged_by"], first["answered_by"]) == ("hold@x", "answer@x")
    assert first["first_response_minutes"] == {"working": 60, "elapsed": 60}
    assert first["answer_minutes"] == {"working": 300, "elapsed": 300}
    assert (second["state"], second["chasers"], second["deadline"]) == ("waiting", 1, "2026-03-12")
    assert second["answered_by"] is second["answer_minutes"] is second["first_response_minutes"] is None
    assert "contract" in second["evidence"]
    assert all(set(one) >= PROMISE_KEYS for one in found["promises"])
    promise = next(one for one in found["promises"] if one["message_id"] == "promise@x")
    assert (promise["to"], promise["state"]) == (DANA, "open")
    assert promise["due_at"] == "2026-03-11T17:00:00Z"
    assert found["summary"]["asked"] == 2
    assert found["summary"]["answered"] == 1


def test_backtest_in_words_shows_what_is_open(mailwatch: Mailwatch, archive: Path) -> None:
    ended = mailwatch("backtest", archive, "--owner", ANN, "--as-of", "2026-03-09T17:00")
    assert ended.code == 0, ended.err
    assert "1 request open" in ended.out
    assert "8 messages read" in ended.out
    assert "2 requests, 1 answered" in ended.out
    assert "has not been read yet" not in ended.out


@pytest.mark.parametrize(
    ("option", "value", "wanted"),
    [
        ("--owner", "Ann <ann@example.com>", 'an address such as "ann@example.com"'),
        ("--owner", "@", 'an address such as "ann@example.com"'),
        ("--coworkers", "foo bar", 'a domain such as "example.com"'),
        ("--coworkers", "", 'a domain such as "example.com"'),
    ],
)
def test_backtest_refuses_what_settings_would_refuse(
    mailwatch: Mailwatch, archive: Path, option: str, value: str, wanted: str
) -> None:
    ended = mailwatch("backtest", archive, "--owner", ANN, option, value)
    assert ended.code == 2
    assert f"{option} {value!r}: " in ended.err
    assert wanted in ended.err


def test_backtest_with_settings_takes_one_owner(mailwatch: Mailwatch, archive: Path, settings: Path) -> None:
    ended = mailwatch("backtest", archive, "--config", settings, "--owner", ANN, "--owner", BOB)
    assert ended.code == 2
    assert "give --owner once" in ended.err


def test_backtest_takes_aliases_coworkers_and_a_zone(mailwatch: Mailwatch, archive: Path) -> None:
    alias = ("--owner", "a.smith@example.com", "--owner", ANN)
    found = mailwatch("backtest", archive, *alias, "--as-of", "2026-03-09T17:00", "--json").json
    assert found["owner"] == "a.smith@example.com"
    assert len(found["requests"]) == 2
    others = mailwatch("backtest", archive, "--owner", ANN, "--coworkers", "elsewhere.example", "--json").json
    assert others["requests"] == []
    # At nine in New York the request of 9:30 in London had been waiting for no working time at all.
    west = mailwatch("backtest", archive, "--owner", ANN, "--zone", "America/New_York", "--json").json
    first = next(one for one in west["requests"] if one["message_id"] == "first@x")
    assert first["first_response_minutes"] == {"working": 0, "elapsed": 60}


def test_backtest_with_settings_takes_user_and_coworkers_from_them(
    mailwatch: Mailwatch, archive: Path, settings: Path
) -> None:
    found = mailwatch("backtest", archive, "--config", settings, "--as-of", "2026-03-09T17:00", "--json").json
    assert found["owner"] == ANN
    assert len(found["requests"]) == 2


# ---------------------------------------------------------------- the mails and the history


@pytest.mark.parametrize("week", WEEKS)
@pytest.mark.parametrize("kind", ["reminder", "weekly-summary"])
def test_preview_shows_sample_weeks_without_any_settings(
    mailwatch: Mailwatch, tmp_path: Path, kind: str, week: str
) -> None:
    file = tmp_path / "mail.html"
    assert mailwatch("preview", kind, "--week", week, "--html", file).code == 0
    assert file.read_text().lstrip().lower().startswith("<!doctype html")
    plain = mailwatch("preview", kind, "--week", week)
    assert plain.out.startswith("Subject: ")
    assert set(mailwatch("preview", kind, "--week", week, "--json").json) == {"schema", "subject", "text", "html"}


def test_preview_shows_the_mail_that_would_go_out(watched: Mailwatch, settings: Path) -> None:
    quiet = watched("preview", "reminder", "--user", BOB)
    assert quiet.code == 0
    assert "nothing would be sent" in quiet.out
    assert watched("preview", "reminder", "--user", BOB, "--json").json == {
        "schema": 1,
        "subject": None,
        "text": None,
        "html": None,
        "why": quiet.out.strip(),
    }
    assert watched("preview", "reminder").code == 2  # There are two users.


def test_report_shows_a_line_a_week(watched: Mailwatch) -> None:
    found = watched("report", "--weeks", "3", "--json").json
    assert [user["user"] for user in found["users"]] == [ANN, BOB]
    assert all(len(user["weeks"]) == 3 for user in found["users"])
    assert {"week", "asked", "answered", "on_time", "promises"} <= set(found["users"][0]["weeks"][0])
    as_of = datetime.fromisoformat(found["as_of"])
    assert abs(as_of - datetime.now(UTC)) < timedelta(minutes=5)
    plain = watched("report", "--user", ANN)
    assert plain.code == 0
    assert re.search(rf"^.* <{ANN}>, [A-Z][a-z]+day \d+ [A-Z][a-z]+ 20\d\d, \d\d:\d\d$", plain.out, re.MULTILINE)
    assert len([line for line in plain.out.splitlines() if line.startswith("  20")]) == 8


def test_report_of_a_mailbox_that_was_never_read_says_so_and_shows_no_zeros(
    settings: Path, mailwatch: Mailwatch
) -> None:
    unread = mailwatch("--config", settings, "report")
    assert unread.out.count("Nothing has been read yet.") == 2
    assert "ASKED" not in unread.out
    found = mailwatch("--config", settings, "report", "--json").json
    assert [user["first_round_done"] for user in found["users"]] == [False, False]
    assert mailwatch("--config", settings, "run", "--once").code == 0
    read = mailwatch("--config", settings, "report")
    assert "Nothing has been read yet" not in read.out
    assert read.out.count("ASKED") == 2
    assert mailwatch("--config", settings, "report", "--json").json["users"][0]["first_round_done"] is True


def test_status_as_of_a_moment_shows_the_date_it_speaks_for(watched: Mailwatch) -> None:
    then = (datetime.now(UTC) - HOUR).replace(second=0, microsecond=0)
    shown = watched("status", "--user", ANN, "--as-of", then.isoformat())
    assert shown.out.splitlines()[0].endswith(f"<{ANN}>, {then:%A} {then.day} {then:%B %Y, %H:%M}")


def test_a_mailbox_that_was_never_read_is_not_called_one_in_which_nobody_waits(
    settings: Path, mailwatch: Mailwatch
) -> None:
    unread = mailwatch("--config", settings, "status", "--user", BOB)
    assert "Nobody is waiting" not in unread.out
    assert "Nothing has been read yet" in unread.out
    assert "`mailwatch run --once`" in unread.out
    settings.write_text(settings.read_text().replace(str(settings.parent / "bob"), str(settings.parent / "gone")))
    assert mailwatch("--config", settings, "run", "--once").code == 1
    failing = mailwatch("--config", settings, "status", "--user", BOB)
    assert "Nobody is waiting" not in failing.out
    assert "Nothing has been read yet" in failing.out
    assert re.search(r"Not read \(since .*gone", failing.out)
    read = mailwatch("--config", settings, "status", "--user", ANN)
    assert "Nothing has been read yet" not in read.out


def test_one_of_something_is_not_said_in_the_plural(
    watched: Mailwatch, mailwatch: Mailwatch, settings: Path, tmp_path: Path
) -> None:
    box = Maildir(tmp_path / "one")
    box.put(ask("only@x", MONDAY), MONDAY)
    backtest = mailwatch("backtest", box.path, "--owner", ANN, "--as-of", "2026-03-10T09:00")
    assert backtest.out.startswith(f"{ANN}, Tuesday 10 March 2026, 09:00\n")
    assert "1 message read, 0 set aside." in backtest.out
    assert "1 request, 0 answered" in backtest.out
    letter = tmp_path / "letter.eml"
    letter.write_bytes(ask("only@x", MONDAY, "Could you send it?\n\n> Here it is."))
    assert "Quoted, not read: 1 line\n" in mailwatch("explain", letter).out
    watched("erase", BOB, "--yes")
    settings.write_text(settings.read_text().replace(f"{tmp_path}/bob", f"{tmp_path}/gone"))
    assert watched("run", "--once").code == 1
    assert watched("erase", BOB, "--yes").out == f"1 row on {BOB} is deleted.\n"


# ---------------------------------------------------------------- what is stored


def test_export_prints_all_and_erase_leaves_nothing(watched: Mailwatch) -> None:
    rows = watched("export", ANN).lines
    tables = {row["table"] for row in rows}
    assert {"messages", "requests", "promises"} <= tables
    assert all("figures" not in json.dumps(row) or row["table"] in ("requests", "messages") for row in rows)
    erased = watched("erase", ANN, "--yes", "--json")
    assert f"The settings still watch {ANN}" in erased.err
    gone = erased.json
    assert gone["user"] == ANN
    assert gone["rows"] >= len(rows)
    assert watched("export", ANN).out == ""
    assert watched("status", "--user", ANN, "--json").json["users"][0]["requests"] == []


def test_export_names_its_schema_in_each_line_and_as_a_document(watched: Mailwatch) -> None:
    rows = watched("export", ANN).lines
    assert all(row["schema"] == 1 for row in rows)
    received = [row["received_at"] for row in rows if row["table"] == "messages"]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", at) for at in received), received
    document = watched("export", ANN, "--json").json
    assert document["user"] == ANN
    assert [{"schema": 1, **row} for row in document["rows"]] == rows
    assert watched("--json", "export", ANN).json == document


def test_export_and_erase_take_an_alias_for_the_user(watched: Mailwatch) -> None:
    assert watched("export", "A.Ann@example.com").out == watched("export", ANN).out != ""
    assert watched("erase", "a.ann@example.com", "--yes", "--json").json["user"] == ANN
    assert watched("export", ANN).out == ""


@pytest.mark.parametrize("command", [("export",), ("erase", "--yes")])
def test_an_address_on_which_nothing_is_stored_is_told_with_those_that_are_known(
    watched: Mailwatch, command: tuple[str, ...]
) -> None:
    ended = watched(*command, "eve@example.com")
    assert ended.code == 2
    assert ended.out == ""
    assert f"eve@example.com: nothing is stored on this address; the ledger knows {ANN}, {BOB}" in ended.err


def test_an_erase_that_could_not_clear_the_file_is_finished_by_the_same_command(
    watched: Mailwatch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_file, "BUSY_SECONDS", 0.2)
    with sqlite3.connect(tmp_path / "ledger.db") as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM messages").fetchall()
        kept_from_it = watched("erase", ANN, "--yes")
        assert kept_from_it.code == 1
        assert "are deleted, but what stood there may still lie in the file" in kept_from_it.err
        reader.rollback()
    again = watched("erase", ANN, "--yes")
    assert (again.code, again.out) == (0, "What an earlier erase left in the file is gone now.\n")
    assert watched("erase", ANN, "--yes").code == 2


def test_sentences_that_were_kept_before_are_not_shown_once_evidence_is_turned_off(
    watched: Mailwatch, settings: Path
) -> None:
    assert "Could you please send me the figures?" in watched("status").out
    settings.write_text(settings.read_text().replace("[mailwatch]\n", "[mailwatch]\nevidence = false\n"))
    shown = watched("status").out
    assert "About open1@x" in shown
    assert "Could you please send me the figures?" not in shown


def test_who_is_no_longer_in_the_settings_can_still_be_erased(watched: Mailwatch, settings: Path) -> None:
    words = settings.read_text()
    settings.write_text(words[: words.index("[[users]]")])
    assert watched("export", ANN).lines
    erased = watched("erase", ANN, "--yes", "--json")
    assert erased.json["rows"] > 0
    assert "still watch" not in erased.err
    assert watched("erase", ANN, "--yes").code == 2


def test_erase_asks_first(watched: Mailwatch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("click.confirm", lambda *_, **options: (_ for _ in ()).throw(Abort()))
    ended = watched("erase", ANN, "--json")
    assert ended.code == 1
    assert ended.out == ""
    assert "stopped" in ended.err
    assert watched("export", ANN).out != ""


# ---------------------------------------------------------------- doctor


@pytest.mark.parametrize(
    ("variables", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)]
)
def test_doctor_colours_only_where_colours_are_wanted(
    settings: Path, tmp_path: Path, variables: dict[str, str], coloured: bool
) -> None:
    ours, theirs = pty.openpty()
    usual = {"TERM": "xterm-256color", "NO_COLOR": ""}
    shown = environment(tmp_path, {**usual, **variables})
    with subprocess.Popen([*COMMAND, "--config", str(settings), "doctor"], stdout=theirs, env=shown) as running:
        os.close(theirs)
        printed = b""
        while more := sent_to(ours):
            printed += more
    os.close(ours)
    assert running.returncode == 1  # Nothing listens where these settings submit.
    assert (b"\x1b[" in printed) is coloured
    assert b"FAILED" in printed


@pytest.mark.parametrize("command", [("doctor",), ("status",), ("run", "--once")])
def test_settings_with_a_password_that_others_can_read_are_refused(
    watched: Mailwatch, settings: Path, command: tuple[str, ...]
) -> None:
    settings.write_text(settings.read_text().replace("[submit]", '[submit]\nuser = "x"\npassword = "xyzzy"'))
    settings.chmod(0o640)
    ended = watched(*command)
    assert ended.code == 2
    assert f"{settings}: submit.password stands in a file that others can read (mode 640)" in ended.err
    assert f"chmod 600 {settings}" in ended.err
    assert "xyzzy" not in ended.err
    settings.chmod(0o600)
    assert watched("status").code == 0


def test_settings_without_a_password_may_be_read_by_others(watched: Mailwatch, settings: Path) -> None:
    settings.chmod(0o644)
    assert watched("status").code == 0
