"""Write-back as it is set up: for whom, by which name, through which door, and with which rights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from program import settings_file, table
from servers.fake_ews import PASSWORD, READS, FakeEws
from servers.fake_ews_office import ANN, NOON
from servers.fake_graph import FakeGraph

from mailwatch import settings as settings_of
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
    return settings_of.check({**top, "users": list(users)}, "here.toml", {})


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


class OnExchange:
    """Ann's mailbox on the fake Exchange server, with a message in its inbox."""

    may_not_write = "svc may not change the categories"

    def __init__(self, message: bytes) -> None:
        self.server = FakeEws(ANN)
        self._store = self.server.mailboxes[ANN]
        self._item = self._store.add(self._store.folder("inbox"), message, NOON, categories=("Budget",))
        self.table = {
            "kind": "ews",
            "endpoint": self.server.url,
            "user": "svc",
            "auth": "basic",
            "password": PASSWORD,
        }

    def categories(self) -> tuple[str, ...]:
        return self._store.find(self._item.id)[1].categories

    def answer(self, message: bytes) -> None:
        self._store.add(self._store.folder("sentitems"), message, NOON + timedelta(minutes=1), read=True)

    def lock(self, locked: bool) -> None:
        self._store.folder("inbox").writable = not locked

    def written(self) -> bool:
        """Whether anything but reading was asked for since the last time."""
        asked, self.server.asked = self.server.asked, []
        return not set(asked) <= READS

    def close(self) -> None:
        self.server.close()
        assert self.server.violations == []
        assert self.server.updated == {"item:Categories"}


class OnGraph:
    """The same on the fake Graph, which refuses every change but that of categories."""

    may_not_write = "does not let this app change messages"

    def __init__(self, message: bytes) -> None:
        self.server = FakeGraph(write_back=True)
        self._id = self.server.store.deliver("inbox", message, NOON)
        self.server.store.categorize(self._id, ["Budget"])
        self.table = {"kind": "graph", "endpoint": self.server.base_url}

    def categories(self) -> tuple[str, ...]:
        return self.server.store.messages[self._id].categories

    def answer(self, message: bytes) -> None:
        self.server.store.deliver("sentitems", message, NOON + timedelta(minutes=1))

    def lock(self, locked: bool) -> None:
        self.server.may_write = not locked

    def written(self) -> bool:
        """Whether anything but reading was asked for since the last time."""
        asked, self.server.requests = self.server.requests, []
        return any(not each.startswith("GET ") for each in asked)

    def close(self) -> None:
        self.server.close()
        assert self.server.violations == []


APP = {"tenant": "contoso", "client": "app", "password": "x"}


@pytest.mark.parametrize("kind", [OnExchange, OnGraph])
def test_a_whole_cycle_marks_what_waits_and_off_writes_nothing(
    kind: type[OnExchange | OnGraph], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doors, "MicrosoftTokens", lambda login: lambda anew: Token("good-token", 1e12))
    text = "Could you please send me the figures for the board?"
    place = kind(mail(sender="bob@example.com", to=ANN, message_id="ask@x", text=text, sent_at=NOON))
    clock = FrozenClock(NOON)

    def turned(enabled: bool) -> Settings:
        more = table("write_back", {"enabled": enabled}) + table("microsoft", APP)
        more += "[reminders]\nenabled = false\n[summary]\nenabled = false\n"
        return settings_of.load(settings_file(tmp_path, {ANN: place.table}, more=more), {})

    def cycle(enabled: bool) -> tuple[str, ...]:
        settings = turned(enabled)
        clock.set(clock.now() + timedelta(minutes=5))
        ledger = open_ledger(settings)
        errors: list[Exception] = []
        run_once(watches(settings, clock.now()), ledger, clock, lambda _, error: errors.append(error) if error else 0)
        assert errors == []
        ledger.close()
        return place.categories()

    def doctor(enabled: bool) -> str:
        checks = check_all(turned(enabled), tmp_path / "mailwatch.toml", clock.now())
        return "\n".join(f"{each.ok} {each.name}: {each.found}" for each in checks)

    try:
        assert cycle(False) == ("Budget",)
        assert not place.written()
        assert "True write-back ann@example.com: off" in doctor(False)
        assert cycle(True) == ("Budget", NAME)
        assert place.written()
        assert cycle(True) == ("Budget", NAME)
        assert not place.written()
        assert f'True write-back ann@example.com: on: category "{NAME}", which 127.0.0.1' in doctor(True)
        place.lock(True)
        told = doctor(True)
        assert "False write-back ann@example.com: on, but" in told
        assert place.may_not_write in told
        place.lock(False)
        place.answer(
            mail(sender=ANN, to="bob@example.com", subject="Re: Figures", in_reply_to="ask@x", text="12, 14.")
        )
        assert cycle(True) == ("Budget",)
    finally:
        place.close()
