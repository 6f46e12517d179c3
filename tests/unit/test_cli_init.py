"""`mailwatch init`: what it asks, what it tries before it writes a file, and what it says where it cannot."""

from __future__ import annotations

import getpass
import io
import stat
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from servers.certificate import certificate
from servers.dovecot import free_port
from servers.scripted_imap import scripted
from servers.scripted_smtp import Do, ScriptedSmtp
from unit.test_cli import ANN, Mailwatch, mailwatch

from mailwatch.adapters.embedded import EmbeddedServer
from mailwatch.adapters.wellknown import Servers
from mailwatch.cli.first_settings import Answers, settings_text
from mailwatch.cli.setup_questions import place_of
from mailwatch.errors import UsageError

__all__ = ["mailwatch"]  # A fixture.

Types = Callable[..., None]
LOCAL = ("--host", "127.0.0.1", "--security", "plain")
LOCAL_SMTP = ("--smtp-host", "127.0.0.1", "--smtp-security", "plain")


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A password file of Ann's, as she made it herself."""
    file = tmp_path / "secret"
    file.touch(0o600)
    file.write_text("correct horse\n")
    return file


@pytest.fixture
def types(monkeypatch: pytest.MonkeyPatch) -> Types:
    """What a person types, a line for each question; passwords are typed unseen, the last one again and again."""

    def given(*lines: str, passwords: tuple[str, ...] = ()) -> None:
        unseen = list(passwords)
        monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in lines)))
        monkeypatch.setattr(getpass, "getpass", lambda *_: unseen.pop(0) if len(unseen) > 1 else unseen[0])

    return given


def begin(tmp_path: Path) -> tuple[str | Path, ...]:
    """The beginning of a command that writes the usual file."""
    return "--config", tmp_path / "mailwatch.toml", "init"


def made(tmp_path: Path) -> dict[str, dict[str, object]]:
    """The tables [submit] and [users.mailbox] of the file that was written."""
    told = tomllib.loads((tmp_path / "mailwatch.toml").read_text())
    return {"submit": told["submit"], "user": told["users"][0], "mailbox": told["users"][0]["mailbox"]}


def test_init_logs_in_writes_settings_for_its_owner_alone_and_doctor_is_content(
    mailwatch: Mailwatch, tmp_path: Path, secret: Path
) -> None:
    file = tmp_path / "made" / "mailwatch.toml"
    with EmbeddedServer({ANN: "correct horse"}) as server:
        begin = ("--config", file, "init", "--non-interactive", "--address", ANN, "--name", 'Ann "A" Smith')
        imap = ("--host", "127.0.0.1", "--port", str(server.imap_port), "--security", "plain")
        smtp = ("--smtp-host", "127.0.0.1", "--smtp-port", str(server.smtp_port), "--smtp-security", "plain")
        made = mailwatch(*begin, *imap, *smtp, "--password-file", secret, "--zone", "Europe/Berlin")
        assert made.code == 0, made.err
        assert f"`mailwatch --config {file} doctor`" in made.out
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        told = tomllib.loads(file.read_text())
        assert told["users"][0]["name"] == 'Ann "A" Smith'
        assert told["coworkers"]["domains"] == ["example.com"]
        assert "correct horse" not in file.read_text()
        again = mailwatch(*begin, *imap, *smtp, "--password-file", secret)
        assert again.code == 2
        assert "is there already" in again.err
        checked = mailwatch("--config", file, "doctor", "--json").json
        assert checked["failed"] == 0, checked
        assert {"settings", "permissions", "ledger", "directory", "submission"} <= {
            check["name"] for check in checked["checks"]
        }
        assert mailwatch("--config", file, "run", "--once").code == 0
    broken = mailwatch("--config", file, "doctor")
    assert broken.code == 1
    assert "2 of " in broken.out


def test_init_leaves_nothing_behind_when_the_login_is_refused(mailwatch: Mailwatch, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.touch(0o600)
    secret.write_text("wrong\n")
    file = tmp_path / "mailwatch.toml"
    with EmbeddedServer({ANN: "correct horse"}) as server:
        imap = ("--host", "127.0.0.1", "--port", str(server.imap_port), "--security", "plain")
        smtp = ("--smtp-host", "127.0.0.1", "--smtp-security", "plain")
        begin = ("--config", file, "init", "--non-interactive", "--address", ANN)
        ended = mailwatch(*begin, *imap, *smtp, "--password-file", secret)
    assert ended.code == 1
    assert "refused the login" in ended.err
    assert not file.exists()


def test_init_trusts_the_certificates_that_it_is_given_and_writes_them_down(tmp_path: Path) -> None:
    servers = Servers("imap.example.com", "smtp.example.com")
    told = Answers(ANN, "", ANN, tmp_path / "secret", "UTC", "example.com", servers, ca_file=tmp_path / "ca.pem")
    written = tomllib.loads(settings_text(told))
    assert written["users"][0]["mailbox"]["ca_file"] == str(tmp_path / "ca.pem")
    assert written["submit"]["ca_file"] == str(tmp_path / "ca.pem")


def test_init_says_what_is_wrong_with_the_server_that_it_was_given(mailwatch: Mailwatch, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.touch(0o600)
    port = str(free_port())
    begin = ("--config", tmp_path / "mailwatch.toml", "init", "--non-interactive", "--address", ANN)
    ended = mailwatch(*begin, "--host", "127.0.0.1", "--port", port, "--password-file", secret)
    assert ended.code == 1
    assert ended.err.startswith(f"mailwatch: 127.0.0.1:{port} cannot be reached")
    assert "--host" not in ended.err


def test_init_heeds_its_options_for_servers_that_it_finds_itself(
    mailwatch: Mailwatch, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.touch(0o600)
    tried = Servers("127.0.0.1", "127.0.0.1")
    monkeypatch.setattr("mailwatch.cli.setup_servers.candidates", lambda domain: (tried,))
    begin = ("--config", tmp_path / "mailwatch.toml", "init", "--non-interactive", "--address", ANN)
    port = str(free_port())
    assert f"127.0.0.1:{port} " in mailwatch(*begin, "--port", port, "--password-file", secret).err
    starttls = mailwatch(*begin, "--security", "starttls", "--password-file", secret)
    assert "127.0.0.1:143 " in starttls.err
    assert "give --host" in starttls.err


def test_init_asks_for_server_port_and_security_until_one_lets_the_person_in(
    mailwatch: Mailwatch, monkeypatch: pytest.MonkeyPatch, types: Types, tmp_path: Path, secret: Path
) -> None:
    monkeypatch.setattr("mailwatch.cli.setup_servers.candidates", lambda domain: ())
    nobody = f"127.0.0.2:{free_port()}"
    with EmbeddedServer({ANN: "correct horse"}) as server, ScriptedSmtp() as smtp:
        here = ("127.0.0.1", "plain", str(server.imap_port))
        types("Ann", "52551", f"127.0.0.1:{server.imap_port}:1", nobody, *here, "127.0.0.1", "plain", str(smtp.port))
        ended = mailwatch(*begin(tmp_path), "--address", ANN, "--password-file", secret, "--smtp-host", nobody[:9])
    assert ended.code == 0, ended.err
    assert "None of the usual servers of example.com answers." in ended.out
    assert "'52551' is a port and no server; write both as host:52551" in ended.out
    assert f"{nobody} cannot be reached" in ended.out
    mailbox, submit = made(tmp_path)["mailbox"], made(tmp_path)["submit"]
    assert (mailbox["host"], mailbox["port"], mailbox["security"]) == ("127.0.0.1", server.imap_port, "plain")
    assert submit == {"host": "127.0.0.1", "port": smtp.port, "security": "plain"}


def test_init_asks_on_where_the_server_that_it_was_given_does_not_answer(
    mailwatch: Mailwatch, types: Types, tmp_path: Path, secret: Path
) -> None:
    with EmbeddedServer({ANN: "correct horse"}) as server:
        types("Ann", f"127.0.0.1:{server.imap_port}", "plain")
        smtp = (*LOCAL_SMTP, "--smtp-port", str(server.smtp_port))
        given = ("--host", "127.0.0.2", "--port", str(free_port()), *smtp)
        ended = mailwatch(*begin(tmp_path), "--address", ANN, "--password-file", secret, *given)
    assert ended.code == 0, ended.err
    assert made(tmp_path)["mailbox"]["port"] == server.imap_port


def test_init_tries_the_submission_server_that_it_guessed_and_asks_where_that_is_none(
    mailwatch: Mailwatch, types: Types, tmp_path: Path, secret: Path
) -> None:
    with EmbeddedServer({ANN: "correct horse"}) as server:
        types("Ann", f"127.0.0.1:{server.smtp_port}", "plain")
        imap = (*LOCAL, "--port", str(server.imap_port))
        ended = mailwatch(
            *begin(tmp_path), "--address", ANN, "--password-file", secret, *imap, "--smtp-port", str(free_port())
        )
    assert ended.code == 0, ended.err
    assert "cannot be reached" in ended.out
    assert "The submission server (host or host:port) [127.0.0.1]" in ended.out
    assert made(tmp_path)["submit"] == {"host": "127.0.0.1", "port": server.smtp_port, "security": "plain"}


def test_init_logs_in_at_the_submission_server_and_sends_nothing(
    mailwatch: Mailwatch, tmp_path: Path, secret: Path
) -> None:
    context, file = certificate(tmp_path)
    with (
        EmbeddedServer({ANN: "correct horse"}) as server,
        ScriptedSmtp(context=context) as smtp,
        ScriptedSmtp({"AUTH": Do("535 5.7.8 No\r\n")}, context=context) as closed,
    ):
        given = ("--non-interactive", "--address", ANN, "--password-file", secret, *LOCAL)
        given = (*given, "--port", str(server.imap_port), "--smtp-security", "tls", "--ca-file", file, "--smtp-port")
        refused = mailwatch(*begin(tmp_path), *given, str(closed.port))
        ended = mailwatch(*begin(tmp_path), *given, str(smtp.port))
    assert refused.code == 1
    assert f"refused the login of {ANN}: 535 5.7.8 No" in refused.err
    assert ended.code == 0, ended.err
    assert "nothing was sent" in ended.out
    assert smtp.verbs == ["EHLO", "AUTH", "QUIT"]


def test_init_without_questions_says_which_options_name_the_submission_server(
    mailwatch: Mailwatch, tmp_path: Path, secret: Path
) -> None:
    port = str(free_port())
    with EmbeddedServer({ANN: "correct horse"}) as server:
        imap = (*LOCAL, "--port", str(server.imap_port), "--smtp-port", port)
        ended = mailwatch(*begin(tmp_path), "--non-interactive", "--address", ANN, "--password-file", secret, *imap)
    assert ended.code == 1
    assert f"127.0.0.1:{port} cannot be reached" in ended.err
    assert "--smtp-host, --smtp-port and --smtp-security" in ended.err
    assert not (tmp_path / "mailwatch.toml").exists()


def test_init_writes_no_login_for_a_submission_server_that_wants_none(tmp_path: Path) -> None:
    told = Answers(ANN, "", "", tmp_path / "secret", "UTC", "", Servers("a", "b", "tls"), smtp_login=False)
    written = tomllib.loads(settings_text(told))
    assert written["submit"] == {"host": "b", "security": "tls"}
    assert written["users"][0]["mailbox"]["user"] == ANN
    assert written["coworkers"]["domains"] == ["example.com"]


def local(server: EmbeddedServer) -> tuple[str, ...]:
    """The options for a server of the tests' own."""
    return (*LOCAL, "--port", str(server.imap_port), *LOCAL_SMTP, "--smtp-port", str(server.smtp_port))


def test_init_asks_again_for_a_mistyped_address_and_a_mistyped_password(
    mailwatch: Mailwatch, types: Types, tmp_path: Path
) -> None:
    with EmbeddedServer({ANN: "correct horse"}) as server:
        types(
            "annexample.com", "amn@example.com", "Ann", ANN, ANN, "", "", passwords=("horse", "hors", "correct horse")
        )
        ended = mailwatch(*begin(tmp_path), *local(server))
    assert ended.code == 0, ended.err
    assert "'annexample.com': our mails need an address such as" in ended.out
    assert ended.out.count("refused the login") == 2
    assert made(tmp_path)["user"]["address"] == ANN
    assert made(tmp_path)["mailbox"]["user"] == ANN
    kept = tmp_path / "password"
    assert kept.read_text() == "correct horse\n"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_init_ends_after_a_few_refused_logins_and_leaves_nothing_behind(
    mailwatch: Mailwatch, types: Types, tmp_path: Path
) -> None:
    file = tmp_path / "made" / "mailwatch.toml"
    with EmbeddedServer({ANN: "correct horse"}) as server:
        types("Ann", *[""] * 20, passwords=("corect horse",))
        ended = mailwatch("--config", file, "init", "--address", ANN, *local(server))
    assert ended.code == 1
    assert ended.out.count("refused the login") == 2
    assert "refused the login" in ended.err
    assert list(file.parent.iterdir()) == []


def test_init_leaves_a_password_file_alone_that_it_did_not_write(
    mailwatch: Mailwatch, types: Types, tmp_path: Path
) -> None:
    (tmp_path / "password").write_text("of somebody else\n")
    types("Ann")
    ended = mailwatch(*begin(tmp_path), "--address", ANN, "--host", "127.0.0.1")
    assert ended.code == 2
    assert f"{tmp_path / 'password'} is there already" in ended.err
    assert "--password-file" in ended.err
    assert (tmp_path / "password").read_text() == "of somebody else\n"


BARE = {"LIST": '* LIST () "/" INBOX\n* LIST () "/" "Mail out"\n{tag} OK done'}


def test_init_asks_which_mailbox_holds_sent_mail_where_none_looks_like_it(
    mailwatch: Mailwatch, types: Types, tmp_path: Path, secret: Path
) -> None:
    with scripted(BARE) as server, ScriptedSmtp() as smtp:
        types("Ann", "Nowhere", "Mail out")
        ports = ("--port", str(server.port), *LOCAL_SMTP, "--smtp-port", str(smtp.port))
        ended = mailwatch(*begin(tmp_path), "--address", ANN, "--password-file", secret, *LOCAL, *ports)
    assert ended.code == 0, ended.err
    assert "does not tell which mailbox holds sent mail. The mailboxes there: INBOX, Mail out." in ended.out
    assert 'has no mailbox "Nowhere"' in ended.out
    assert made(tmp_path)["mailbox"]["roles"] == {"sent": "Mail out"}


def test_init_without_questions_takes_the_mailbox_of_sent_mail_from_an_option(
    mailwatch: Mailwatch, tmp_path: Path, secret: Path
) -> None:
    with scripted(BARE) as server, ScriptedSmtp() as smtp:
        ports = ("--port", str(server.port), *LOCAL_SMTP, "--smtp-port", str(smtp.port))
        given = ("--non-interactive", "--address", ANN, "--password-file", secret, *LOCAL, *ports)
        without = mailwatch(*begin(tmp_path), *given)
        ended = mailwatch(*begin(tmp_path), *given, "--sent", "Mail out")
    assert without.code == 1
    assert "name it with --sent. The mailboxes there: INBOX, Mail out." in without.err
    assert ended.code == 0, ended.err
    assert made(tmp_path)["mailbox"]["roles"] == {"sent": "Mail out"}


@pytest.mark.parametrize(
    ("words", "place"),
    [
        ("imap.example.com", ("imap.example.com", None)),
        (" imap.example.com:143 ", ("imap.example.com", 143)),
        ("[::1]:993", ("::1", 993)),
        ("::1", ("::1", None)),
    ],
)
def test_init_reads_a_server_with_and_without_its_port(words: str, place: tuple[str, int | None]) -> None:
    assert place_of(words) == place


@pytest.mark.parametrize("words", ["imaps://imap.example.com", "imap.example.com/inbox", "a:99999", "a b", "52551"])
def test_init_says_what_is_no_server(words: str) -> None:
    with pytest.raises(UsageError, match=words.split(":")[0]):
        place_of(words)


@pytest.mark.parametrize("missing", ["--address", "--password-file"])
def test_init_without_questions_names_the_option_that_is_missing(
    mailwatch: Mailwatch, tmp_path: Path, missing: str
) -> None:
    options = {"--address": ANN, "--password-file": str(tmp_path / "secret"), "--host": "127.0.0.1"}
    given = [word for option, value in options.items() if option != missing for word in (option, value)]
    ended = mailwatch("init", "--non-interactive", *given)
    assert ended.code == 2
    assert missing in ended.err
