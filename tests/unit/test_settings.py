"""Settings: what is wrong is named with file, key and what would be valid; the manual is the code."""

from __future__ import annotations

import json
import re
import tomllib
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from mailwatch import settings
from mailwatch.bootstrap import policies
from mailwatch.errors import SettingsError
from mailwatch.settings import TABLES
from mailwatch.settings.tables import Settings

MANUAL = Path(__file__).parents[2] / "config" / "mailwatch.toml"
SMALL: dict[str, Any] = {
    "users": [{"address": "ann@example.com", "mailbox": {"host": "imap.example.com", "password": "xyzzy"}}]
}


def refusal(raw: dict[str, Any]) -> str:
    with pytest.raises(SettingsError) as caught:
        settings.check(raw, "here.toml", {})
    return str(caught.value)


def test_the_manual_is_a_valid_settings_file() -> None:
    assert settings.load(MANUAL, {}).users[0].address == "ann@example.com"


def test_the_manual_names_every_key() -> None:
    words = MANUAL.read_text()
    for table in TABLES:
        for name, field in table.model_fields.items():
            key = field.alias or name
            shown = re.search(rf"(^#?{key} =|^\[+(\w+\.)*{key}\b|\b{key}\b.*password)", words, re.MULTILINE)
            assert shown or key.startswith("password"), f"{table.__name__}.{key} is not in the manual"


def test_the_defaults_in_the_manual_are_those_of_the_code() -> None:
    """Each commented key under a top table, read as TOML, gives the same value as leaving it out."""
    table = ""
    lines: dict[str, list[str]] = {}
    for line in MANUAL.read_text().splitlines():
        if line.startswith("["):
            table = line
        elif re.match(r"#\w+ =", line):
            lines.setdefault(table, []).append(line[1:])
    usual = Settings()
    compared = 0
    # "Default: none" and "Default: this machine's" keys show an example instead of a default.
    examples = {"templates", "holidays", "leave", "file", "ca_file", "port", "zone", "path", "sat", "sun"}
    examples |= {"endpoint", "token_command"}
    for name in ("mailwatch", "submit"):
        for line in lines[f"[{name}]"]:
            key, value = next(iter(tomllib.loads(line).items()))
            if key in examples:
                continue
            checked = settings.check({name: {key: value}}, "manual", {})
            assert getattr(getattr(checked, name), key) == getattr(getattr(usual, name), key), (name, key)
            compared += 1
    assert compared >= 10


def test_a_service_and_commands_by_hand_learn_of_the_ledger_from_the_same_file() -> None:
    howto = (MANUAL.parents[1] / "docs" / "howto" / "run-as-a-service.md").read_text()
    unit = (MANUAL.parent / "mailwatch.service").read_text()
    told = tomllib.loads("\n".join(re.findall(r"```toml\n(.*?)```", howto, re.DOTALL)).replace("[users.", "[x."))
    (folder,) = re.findall(r"^StateDirectory=(.+)$", unit, re.MULTILINE)
    assert told["mailwatch"]["ledger"] == f"sqlite:////var/lib/{folder}/ledger.db"
    assert "Environment=" not in unit
    assert f"-p StateDirectory={folder}" in howto


@pytest.mark.parametrize(
    "address", ["jörg@example.com", "a..b@example.com", 'o"brien@example.com', '"ann"@example.com']
)
def test_our_mails_go_to_no_address_that_few_servers_take_but_those_are_read_from(address: str) -> None:
    mailbox = SMALL["users"][0]["mailbox"]
    told = refusal({"users": [{"address": address, "mailbox": mailbox}], "submit": {"from": address}})
    assert f"users[1].address = {json.dumps(address, ensure_ascii=False)}: our mails need an address such as" in told
    assert "submit.from: our mails need an address such as" in told
    assert "can stand under aliases" in told
    user = {"address": "ann@example.com", "aliases": [address], "mailbox": mailbox}
    assert settings.check({"users": [user], "coworkers": {"addresses": [address]}}, "here.toml", {})


@pytest.mark.parametrize(
    ("change", "key", "hint"),
    [
        ({"mailwatch": {"zone": "Europe/Berln"}}, "mailwatch.zone", "Europe/Berlin"),
        ({"mailwatch": {"lok_back": "3d"}}, "mailwatch.lok_back", "did you mean 'look_back'"),
        ({"submit": {"zone": "UTC"}}, "submit.zone", "belongs in another table"),
        ({"mailwatch": {"poll": "soon"}}, "mailwatch.poll", "90m"),
        ({"mailwatch": {"language": "english"}}, "mailwatch.language", 'two small letters such as "de" are needed'),
        ({"users": {"address": "a@b.c"}}, "users", "headed [[users]] with two brackets"),
        (
            {"targets": {"senders": {"boss": {"answer": "1h"}}}},
            "targets.senders.boss",
            '"@example.com" for all of a domain',
        ),
        ({"targets": {"urgent": {"!!": {"answer": "1h"}}}}, "targets.urgent.!!", 'a word such as "urgent" is needed'),
        ({"targets": {"groups": {"sales": {"answer": "1h"}}}}, "targets.groups.sales = ", "ann@example.com"),
        ({"coworkers": {"groups": {"sales": ["a@b.c"]}}}, "coworkers.groups.sales = ", "ann@example.com"),
        ({"mailwatch": {"threads": 0}}, "mailwatch.threads", "a whole number from 1 to 256 is needed"),
        ({"submit": {"kind": "post"}}, "submit.kind", "it must be 'smtp', 'ews' or 'graph'"),
        ({"write_back": {"mark": "a,b"}}, "write_back.mark", "without comma and semicolon"),
        ({"mailwatch": {"poll": "0s"}}, 'mailwatch.poll = "0s"', "from 1s to 7d"),
        ({"mailwatch": {"poll": "30d"}}, "mailwatch.poll", "from 1s to 7d"),
        ({"mailwatch": {"look_back": "999999d"}}, "mailwatch.look_back", "at most 36500d (100 years)"),
        ({"mailwatch": {"retention": "0d"}}, "mailwatch.retention", "more than 0s"),
        ({"submit": {"settle": "999999d"}}, "submit.settle", "at most 36500d (100 years)"),
        ({"targets": {"answer": "0h"}}, "targets.answer", "more than 0s"),
        ({"targets": {"senders": {"a@b.c": {"acknowledge": "0m"}}}}, "acknowledge", "more than 0s"),
        (
            {"users": [{"address": "a@b.c", "mailbox": {"kind": "maildir", "path": "/x", "timeout": "25d"}}]},
            "users[1].mailbox.timeout",
            "from 1s to 1d",
        ),
        ({"targets": {"answer": "8 hours"}}, "targets.answer", "8h"),
        ({"calendar": {"hours": {"mon": ["9 to 5"]}}}, "calendar.hours.mon[1]", "09:00-12:30"),
        ({"calendar": {"hours": {"mon": ["9-17"]}}}, 'mon[1] = "9-17"', 'a span such as "09:00-12:30"'),
        (
            {"calendar": {"hours": {"mon": ["09:00-09:00"]}}},
            "calendar.hours.mon[1]",
            'the whole day is "00:00-24:00"',
        ),
        (
            {"calendar": {"hours": {"mon": ["00:00-00:00"]}}},
            "calendar.hours.mon[1]",
            'the whole day is "00:00-24:00"',
        ),
        (
            {"calendar": {"leave": [datetime(2026, 8, 3, 10, tzinfo=UTC)]}},
            "leave[1] = 2026-08-03T10:00:00",
            "a range of days",
        ),
        ({"mailwatch": {"threads": 8.5}}, "mailwatch.threads = 8.5", "a whole number is needed"),
        ({"reminders": {"max_per_day": 30}}, "reminders.max_per_day = 30", "a whole number from 1 to 10 is needed"),
        ({"reminders": {"slots": [time(9)]}}, "reminders.slots[1] = 09:00:00", 'a time of day such as "09:00"'),
        ({"summary": {"weekday": "monkey"}}, 'summary.weekday = "monkey"', "one of mon, tue"),
        (
            {"targets": {"senders": {"a@b.c": {"answer": "1h", "acknowledge": "90m"}}}},
            "targets.senders.a@b.c",
            'answer = "1h" is less than acknowledge = "1.5h"; it must be as long or longer',
        ),
        ({"submit": {"host": "smtp://mail.example.com"}}, "submit.host", "without smtp://"),
        ({"submit": {"host": "mail.example.com:25"}}, "submit.host", "behind the colon goes to port"),
        ({"submit": {"host": "mail.example.com/x"}}, "submit.host", 'a host alone is needed, such as "imap.example'),
        ({"calendar": {"leave": ["2026-08-14/2026-08-03"]}}, "calendar.leave[1]", "2026-08-03/2026-08-14"),
        ({"coworkers": {"domains": ["@bad domain"]}}, "coworkers.domains[1]", "example.com"),
        ({"reminders": {"slots": ["25:00"]}}, "reminders.slots[1]", "09:00"),
        ({"summary": {"weekday": "someday"}}, "summary.weekday", "mon"),
        ({"users": [{"address": "ann"}]}, "users[1].address", "ann@example.com"),
        ({"users": [{"address": "ann@example.com"}]}, "users[1].mailbox", "missing"),
        ({"users": [{"address": "a@b.c", "mailbox": {"password": "x"}}]}, "users[1].mailbox", "host"),
        ({"users": [{"address": "a@b.c", "mailbox": {"host": "x"}}]}, "users[1].mailbox", "password_file"),
        ({"users": [{"address": "a@b.c", "mailbox": {"kind": "ews"}}]}, "users[1].mailbox", "Exchange.asmx"),
        (
            {"users": [{"address": "a@b.c", "mailbox": {"kind": "graph", "roles": {"sent": "My Sent"}}}]},
            "users[1].mailbox",
            'roles does nothing with kind = "graph"',
        ),
        *(
            ({"users": [{"address": "a@b.c", "mailbox": mailbox}]}, "users[1].mailbox", f"{idle} nothing with kind")
            for mailbox, idle in (
                ({"host": "x", "password": "x", "endpoint": "https://x"}, "endpoint does"),
                (
                    {"host": "x", "password": "x", "auth": "basic", "tenant": "t", "path": "/x"},
                    "auth and tenant and path do",
                ),
                (
                    {"kind": "ews", "endpoint": "https://x/", "login": "command", "token_command": "t"},
                    "login and token_command do",
                ),
                ({"kind": "maildir", "path": "/x", "host": "x", "login": "google"}, "host and login do"),
            )
        ),
        (
            {"submit": {"host": "x", "password_env": "PW"}},
            "submit",
            "password_env does nothing without the login name",
        ),
        ({"submit": {"host": "x", "access": "impersonation"}}, "submit", 'kind = "smtp", which takes host, login'),
        ({"users": [{"address": "a@b.c", "mailbox": {"kind": "graph"}}]}, "users[1].mailbox", "[microsoft]"),
        ({"users": [{"address": "a@b.c", "mailbox": {"host": "x", "login": "google"}}]}, "users[1]", "[google]"),
        (
            {"users": [{"address": "a@b.c", "mailbox": {"host": "x", "login": "command"}}]},
            "users[1]",
            "token_command",
        ),
        ({"microsoft": {"authority": "http://login.example.com"}}, "microsoft.authority", "https://login"),
        ({"submit": {"kind": "graph"}}, "submit", "from"),
        ({"submit": {"kind": "ews"}}, "submit", "endpoint"),
        ({"users": SMALL["users"] * 2}, "users", "stands twice"),
    ],
)
def test_a_wrong_setting_is_named_with_what_would_be_valid(change: dict[str, Any], key: str, hint: str) -> None:
    said = refusal(change)
    assert said.startswith("here.toml: ")
    assert key in said
    assert hint in said


@pytest.mark.parametrize(
    ("hours", "worked"),
    [(["22:00-06:00"], 8), (["00:00-24:00"], 24), (["09:00-12:00", "11:00-24:00"], 15)],
    ids=["into the next day", "the whole day", "up to midnight"],
)
def test_spans_may_reach_midnight_and_go_past_it(hours: list[str], worked: int) -> None:
    checked = settings.check({**SMALL, "calendar": {"hours": {"mon": hours}}}, "here.toml", {})
    calendar = policies.policy(checked, checked.users[0], datetime(2026, 3, 9, tzinfo=UTC)).calendar
    monday = datetime(2026, 3, 8, 12, tzinfo=UTC)
    assert calendar.worked(monday, monday + timedelta(days=3)) == timedelta(hours=worked)


def test_the_manual_names_the_limits_of_every_number_and_duration_that_has_some() -> None:
    manual, found = MANUAL.read_text(), set()
    for table in TABLES:
        for key in table.model_fields:
            for wrong in (0, "36501d"):
                with pytest.raises(ValidationError) as caught:
                    table.model_validate({key: wrong, "no such key": 0})
                said = " ".join(fault["msg"] for fault in caught.value.errors() if fault["loc"][0] == key)
                limits = re.search(r"from \S+ to \S+(?= is needed)", said)
                if limits and key != "port":  # Whose limits are those of all ports.
                    found.add(key)
                    above = manual[: manual.index(f"\n#{key} =")].rpartition("\n")[2]
                    assert limits[0] in above, f"{key}: the manual does not say {limits[0]}"
    assert found == {"poll", "timeout", "threads", "max_steps", "max_per_day"}


def test_an_answer_is_due_no_earlier_than_the_acknowledgement_where_only_one_is_set() -> None:
    asked = {**SMALL, "targets": {"answer": "1h", "senders": {"boss@example.com": {"acknowledge": "3h"}}}}
    checked = settings.check(asked, "here.toml", {})
    targets = policies.policy(checked, checked.users[0], datetime(2026, 3, 9, tzinfo=UTC)).targets
    assert targets.default.acknowledge == targets.default.answer == timedelta(hours=1)
    assert targets.senders["boss@example.com"].acknowledge == timedelta(hours=1)


def test_a_file_that_begins_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    file = tmp_path / "mailwatch.toml"
    file.write_text('[mailwatch]\nzone = "UTC"\n', encoding="utf-8-sig")
    assert settings.load(file, {}).mailwatch.zone == "UTC"


def test_a_folder_is_told_from_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"is a folder; name the settings file itself, such as .*mailwatch\.toml"):
        settings.find(str(tmp_path), {})


def test_several_wrong_settings_are_told_at_once() -> None:
    assert len(refusal({"mailwatch": {"poll": "x", "look_back": "y"}, "targets": {"answer": "z"}}).splitlines()) == 3


def test_no_error_shows_a_password() -> None:
    mailbox = {"host": "x", "password": "xyzzy-canary", "password_file": "/x", "port": "xyzzy-canary"}
    assert "xyzzy" not in refusal({"users": [{"address": "a@b.c", "mailbox": mailbox}]})


def test_a_password_does_not_show_in_the_settings_values() -> None:
    assert "xyzzy" not in repr(settings.check(SMALL, "here.toml", {}))


def test_a_wrong_ledger_in_the_environment_is_not_blamed_on_the_file() -> None:
    with pytest.raises(SettingsError, match=r"^MAILWATCH_LEDGER: mailwatch\.ledger: a URL such as"):
        settings.check(SMALL, "here.toml", {"MAILWATCH_LEDGER": "here.db"})
    with pytest.raises(SettingsError, match=r"^here\.toml: mailwatch\.ledger: a URL such as"):
        settings.check({**SMALL, "mailwatch": {"ledger": "here.db"}}, "here.toml", {})


def test_the_environment_goes_before_the_file_for_the_ledger() -> None:
    checked = settings.check(SMALL, "here.toml", {"MAILWATCH_LEDGER": "sqlite:////tmp/x.db"})
    assert checked.mailwatch.ledger == "sqlite:////tmp/x.db"


def test_the_shortest_and_the_longest_durations_are_taken() -> None:
    told = {"poll": "1s", "look_back": "1s", "retention": "36500d"}
    program = settings.check({"mailwatch": told}, "x", {}).mailwatch
    assert (program.poll, program.look_back) == (timedelta(seconds=1), timedelta(seconds=1))
    assert program.retention == timedelta(days=36500)


def test_durations_add_up() -> None:
    assert settings.check({"targets": {"answer": "1h30m"}}, "x", {}).targets.answer == timedelta(minutes=90)


@pytest.mark.parametrize(
    ("url", "secret"),
    [
        ("postgresql://mw:hunter2@db.example.com/mw", True),
        ("postgresql://mw:hun/te?r2@db.example.com/mw", True),
        ("postgresql:///mw?host=/run/postgresql&password=hunter2", True),
        ("postgresql:///mw?sslpassword=hunter2", True),
        ("postgresql://mw@[::1]:5432/mw", False),
        ("postgresql:///mw", False),
        ("sqlite:////var/a:b@c/ledger.db", False),
    ],
)
def test_a_ledger_with_a_password_in_a_file_that_others_can_read_is_refused(
    tmp_path: Path, url: str, secret: bool
) -> None:
    file = tmp_path / "mailwatch.toml"
    file.write_text(f'[mailwatch]\nledger = "{url}"\n')
    file.chmod(0o600)
    assert settings.load(file, {}).mailwatch.ledger == url
    file.chmod(0o644)
    if not secret:
        assert settings.load(file, {}).mailwatch.ledger == url
        return
    for environment in ({}, {"MAILWATCH_LEDGER": "sqlite:////elsewhere.db"}):
        with pytest.raises(SettingsError, match=r"password in mailwatch\.ledger stands in .*chmod 600") as caught:
            settings.load(file, environment)
        assert "hunte" not in str(caught.value)


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="mailwatch init"):
        settings.find(str(tmp_path / "none.toml"), {})


@pytest.mark.parametrize(
    ("program", "user", "order"),
    [
        ({}, {}, None),
        ({"language": "de"}, {}, "dmy"),
        ({"date_order": "mdy"}, {"language": "fr"}, "mdy"),
        ({"date_order": "mdy"}, {"date_order": "dmy"}, "dmy"),
        ({"date_order": "mdy"}, {"date_order": "auto"}, None),
    ],
)
def test_dates_in_figures_are_read_in_the_users_order(
    program: dict[str, str], user: dict[str, str], order: str | None
) -> None:
    raw = {"mailwatch": program, "users": [SMALL["users"][0] | user]}
    loaded = settings.check(raw, "here.toml", {})
    assert policies.policy(loaded, loaded.users[0], datetime(2026, 11, 18, tzinfo=UTC)).date_order == order
