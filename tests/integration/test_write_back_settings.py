"""Write-back as it is set up: for whom, by which name, through which door, and with which rights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from servers.fake_ews import PASSWORD, READS, FakeEws
from servers.fake_ews_office import ANN, NOON

from mailwatch import settings as settings_file
from mailwatch.adapters.ews_marks import EwsMarker
from mailwatch.adapters.graph_marks import GraphMarker
from mailwatch.adapters.imap_marks import ImapMarker
from mailwatch.adapters.microsoft_login import GRAPH_APP, GRAPH_PERSON, MicrosoftLogin
from mailwatch.adapters.oauth import Token
from mailwatch.bootstrap import doors
from mailwatch.bootstrap.checkup import check_all
from mailwatch.bootstrap.desks import sample_renderer
from mailwatch.bootstrap.ledgers import open_ledger
from mailwatch.bootstrap.policies import mark_of
from mailwatch.bootstrap.watches import watches
from mailwatch.errors import SettingsError
from mailwatch.runtime.once import run_once
from mailwatch.runtime.sample_letters import sample_welcome
from mailwatch.settings import Settings
from mailwatch.testing import FrozenClock, mail

NAME = "Awaiting my reply"
IMAP = {"host": "imap.example.com", "password": "x"}
WRITER = "https://graph.microsoft.com/Mail.ReadWrite"


def checked(*users: dict[str, Any], **top: Any) -> Settings:
    return settings_file.check({**top, "users": list(users)}, "here.toml", {})


def person(address: str = ANN, mailbox: dict[str, Any] | None = None, **own: Any) -> dict[str, Any]:
    return {"address": address, "mailbox": mailbox or IMAP, **own}


@pytest.mark.parametrize(
    ("top", "own", "name"),
    [
        ({}, {}, ""),
        ({"mark": "Open"}, {}, ""),
        ({"enabled": True}, {}, NAME),
        ({"enabled": True, "mark": "Open"}, {}, "Open"),
        ({"enabled": True}, {"enabled": False}, ""),
        ({}, {"enabled": True}, NAME),
        ({"enabled": True, "mark": "Open"}, {"mark": "Offen"}, "Offen"),
    ],
)
def test_it_is_off_until_somebody_says_otherwise(top: dict[str, Any], own: dict[str, Any], name: str) -> None:
    settings = checked(person(write_back=own), write_back=top, submit={"host": "smtp.example.com"})
    assert mark_of(settings, settings.users[0]) == name
    assert watches(settings, NOON)[0].mark == name


@pytest.mark.parametrize("name", ["", "a,b", "a;b", "a\nb", "x" * 61])
def test_a_name_that_no_category_can_have_is_refused(name: str) -> None:
    with pytest.raises(SettingsError, match=r"write_back\.mark"):
        checked(person(), write_back={"mark": name})


def test_each_kind_of_mailbox_has_its_door_and_a_maildir_says_that_it_has_none(tmp_path: Path) -> None:
    ews = {"kind": "ews", "endpoint": "https://mail.example.com/EWS/Exchange.asmx", "password": "x"}
    settings = checked(
        person("imap@example.com"),
        person("ews@example.com", ews),
        person("graph@example.com", {"kind": "graph"}),
        person("maildir@example.com", {"kind": "maildir", "path": str(tmp_path)}),
        microsoft={"tenant": "contoso", "client": "app", "password": "x"},
    )
    made = doors.Doors(settings)
    kinds = [type(made.marker(user)) for user in settings.users[:3]]
    assert kinds == [ImapMarker, EwsMarker, GraphMarker]
    with pytest.raises(SettingsError, match=r"maildir@example\.com: a Maildir has no marks .* turn it off there"):
        made.marker(settings.users[3])


@pytest.mark.parametrize(
    ("secret", "enabled", "signs_in", "reads", "writes"),
    [
        ({}, False, GRAPH_PERSON, GRAPH_PERSON, None),
        ({}, True, (*GRAPH_PERSON, WRITER), GRAPH_PERSON, (*GRAPH_PERSON, WRITER)),
        ({"password": "x"}, True, None, GRAPH_APP, GRAPH_APP),
    ],
    ids=["a person, off", "a person, on", "an app, on"],
)
def test_the_right_to_write_is_asked_for_only_where_it_is_used(
    secret: dict[str, str],
    enabled: bool,
    signs_in: Sequence[str] | None,
    reads: Sequence[str],
    writes: Sequence[str] | None,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    logins: list[tuple[str, Sequence[str]]] = []

    class Recorded:
        def __init__(self, login: MicrosoftLogin) -> None:
            self._login = login

        def __call__(self, anew: bool) -> Token:
            logins.append(("token", self._login.scopes))
            return Token("t", 1e12)

        def sign_in(self, tell: Any) -> None:
            logins.append(("sign in", self._login.scopes))

    monkeypatch.setattr(doors, "MicrosoftTokens", Recorded)
    app = {"tenant": "contoso", "client": "app", "token_cache": str(tmp_path / "tokens"), **secret}
    settings = checked(person(mailbox={"kind": "graph"}), microsoft=app, write_back={"enabled": enabled})
    made, user = doors.Doors(settings), settings.users[0]
    if signs_in is not None:
        made.sign_in(user, print)
        assert logins.pop() == ("sign in", signs_in)
    made._graph_account(user.mailbox, user.address).token()
    assert logins.pop() == ("token", reads)
    if writes is not None:
        marker = made.marker(user)
        assert isinstance(marker, GraphMarker)
        marker._account.token()
        # An app has one kind of token, which is kept, so there may be nothing to ask for.
        assert [scopes for _, scopes in logins] in ([writes], [] if writes == reads else [writes])


@pytest.mark.parametrize("language", ["en", "de", "es", "fr"])
def test_the_welcome_says_what_is_written_into_the_mailbox(language: str) -> None:
    welcome, renderer = sample_welcome(NOON, language), sample_renderer()
    silent, marked = renderer.welcome(welcome), renderer.welcome(replace(welcome, mark="Offen <b>"))
    assert "Offen" not in silent.text
    assert "Offen <b>" in " ".join(marked.text.split())
    assert "Offen &lt;b&gt;" in " ".join(marked.html.split())


TOML = """\
[mailwatch]
zone = "UTC"
ledger = "sqlite:///{folder}/ledger.db"
welcome = false
[coworkers]
domains = ["example.com"]
[reminders]
enabled = false
[summary]
enabled = false
[write_back]
enabled = {enabled}
[submit]
host = "127.0.0.1"
port = 9
security = "plain"
from = "mailwatch@example.com"
[[users]]
address = "ann@example.com"
[users.mailbox]
kind = "ews"
endpoint = "{url}"
user = "svc"
auth = "basic"
password = "{password}"
"""


def test_a_whole_cycle_on_exchange_marks_what_waits_and_off_writes_nothing(tmp_path: Path) -> None:
    server = FakeEws(ANN)
    store, clock, file = server.mailboxes[ANN], FrozenClock(NOON), tmp_path / "mailwatch.toml"
    text = "Could you please send me the figures for the board?"
    asked = mail(sender="bob@example.com", to=ANN, subject="Figures", message_id="ask@x", text=text, sent_at=NOON)
    item = store.add(store.folder("inbox"), asked, NOON, categories=("Budget",))

    def cycle(enabled: str) -> tuple[str, ...]:
        words = TOML.format(folder=tmp_path, url=server.url, password=PASSWORD, enabled=enabled)
        file.write_text(words)
        settings = settings_file.load(file, {})
        clock.set(clock.now() + timedelta(minutes=5))
        ledger = open_ledger(settings)
        errors: list[Exception] = []
        run_once(watches(settings, clock.now()), ledger, clock, lambda _, error: errors.append(error) if error else 0)
        assert errors == []
        ledger.close()
        return store.find(item.id)[1].categories

    def doctor() -> str:
        checks = check_all(settings_file.load(file, {}), file, clock.now())
        return "\n".join(f"{each.ok} {each.name}: {each.found}" for each in checks)

    try:
        assert cycle("false") == ("Budget",)
        assert set(server.asked) <= READS
        assert "True write-back ann@example.com: off" in doctor()
        assert cycle("true") == ("Budget", NAME)
        server.asked.clear()
        assert cycle("true") == ("Budget", NAME)
        assert set(server.asked) <= READS
        assert f'True write-back ann@example.com: on: category "{NAME}", which 127.0.0.1' in doctor()
        store.folder("inbox").writable = False
        assert "False write-back ann@example.com: on, but svc may not change the categories" in doctor()
        store.folder("inbox").writable = True
        reply = mail(sender=ANN, to="bob@example.com", subject="Re: Figures", in_reply_to="ask@x", text="12 and 14.")
        store.add(store.folder("sentitems"), reply, NOON + timedelta(minutes=1), read=True)
        assert cycle("true") == ("Budget",)
    finally:
        server.close()
    assert server.violations == []
    assert server.updated == {"item:Categories"}
