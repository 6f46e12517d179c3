"""No password shows anywhere: not in output, logs, errors, the ledger's bytes, or the command line of the process."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from leaks import USER, Place, forms
from program import Value, imap_mailbox, needs_dovecot, settings_file
from servers.dovecot import PASSWORD, Dovecot
from servers.scripted_imap import Conversation, scripted
from servers.scripted_smtp import Do, ScriptedSmtp

IMAP_WORD = PASSWORD
SMTP_WORD = "canary-of-submission-7f3a"
WRONG_WORD = 'canary "with\\ marks'
SOURCES = ("password", "password_file", "password_command", "password_env", "password_credential")
ONCE = ("-vv", "run", "--once")

pytestmark = needs_dovecot


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    dovecot = Dovecot()
    dovecot.client("ann").create("Sent")
    yield dovecot
    dovecot.close()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.mark.parametrize("source", SOURCES)
def test_a_password_shows_nowhere_wherever_it_comes_from(server: Dovecot, place: Place, source: str) -> None:
    mailbox = imap_mailbox(server.port, "ann", **place.hide(source, "imap", IMAP_WORD, "ann"))
    submit = {"user": "mailer", **place.hide(source, "smtp", SMTP_WORD, "mailer")}
    with ScriptedSmtp() as smtp:
        file = settings_file(place.folder, {USER: mailbox}, smtp_port=smtp.port, submit=submit)
        place.queue_a_mail()
        assert place.run("--config", file, *ONCE)[0] == 0
        assert any(line.startswith("AUTH ") for line in smtp.commands)
        assert len(smtp.messages) == 1


def test_no_command_shows_a_password(server: Dovecot, place: Place) -> None:
    mailbox = imap_mailbox(server.port, "ann", **place.hide("password", "imap", IMAP_WORD, "ann"))
    submit = {"user": "mailer", **place.hide("password", "smtp", SMTP_WORD, "mailer")}
    with ScriptedSmtp() as smtp:
        file = settings_file(place.folder, {USER: mailbox}, smtp_port=smtp.port, submit=submit)
        for command in (
            ONCE,
            ("-vv", "status"),
            ("-vv", "status", "--json"),
            ("-vv", "doctor"),
            ("-vv", "doctor", "--json"),
            ("-vv", "export", USER),
        ):
            assert place.run("--config", file, *command)[0] == 0


def test_a_wrong_password_shows_in_no_error(server: Dovecot, place: Place) -> None:
    mailbox = imap_mailbox(server.port, "ann", **place.hide("password", "imap", WRONG_WORD, "ann"))
    submit = {"user": "mailer", **place.hide("password", "smtp", SMTP_WORD, "mailer")}
    with ScriptedSmtp({"AUTH": Do("535 5.7.8 Wrong\r\n")}) as smtp:
        file = settings_file(place.folder, {USER: mailbox}, smtp_port=smtp.port, submit=submit)
        for command, code in ((ONCE, 1), (("-vv", "doctor"), 1), (("status", "--json"), 0)):
            ended, told = place.run("--config", file, *command)
            assert ended == code
            assert "refused the login of ann" in told


def test_servers_that_repeat_the_password_do_not_make_it_show(place: Place) -> None:
    def parrot(talk: Conversation, command: str) -> None:
        talk.send(f"{talk.tag} NO I do not know {command}\n")

    mailbox = place.hide("password_file", "imap", WRONG_WORD, "ann")
    submit = {"user": "mailer", **place.hide("password_file", "smtp", SMTP_WORD, "mailer")}
    repeated = b64encode(f"\0mailer\0{SMTP_WORD}".encode()).decode()
    with (
        scripted({"LOGIN": parrot}) as imap,
        ScriptedSmtp({"AUTH": Do(f"535 5.7.8 What is {SMTP_WORD} or {repeated}?\r\n")}) as smtp,
    ):
        file = settings_file(
            place.folder, {USER: imap_mailbox(imap.port, "ann", **mailbox)}, smtp_port=smtp.port, submit=submit
        )
        for command, code in ((ONCE, 1), (("-vv", "doctor"), 1), (("status", "--json"), 0)):
            ended, told = place.run("--config", file, *command)
            assert ended == code
            assert "refused the login of ann" in told


@pytest.mark.parametrize(
    "words",
    [
        "[[users]]\naddress = 'ann@example.com'\n[users.mailbox]\nhost = 'x'\npasword = '{}'\n",
        "[[users]]\naddress = 'ann@example.com'\n[users.mailbox]\nhost = 'x'\npassword = ['{}']\n",
        "[[users]]\naddress = 'ann@example.com'\nmailbox = '{}'\n",
        "[submit]\nport = '{}'\n",
        "[submit]\npassword = '{}'\npassword_env = '{}'\n",
        "[mailwatch]\nledger = 'postgres:secret={}@localhost'\n",
        "[submit]\npassword = '{}\n",
    ],
)
def test_a_password_in_the_wrong_place_of_the_settings_shows_in_no_error(place: Place, words: str) -> None:
    place.known = forms(SMTP_WORD, "ann")
    file = place.folder / "mailwatch.toml"
    file.write_text(words.replace("{}", SMTP_WORD))
    code, told = place.run("--config", file, "-vv", "status")
    assert code == 2
    assert "mailwatch.toml" in told


def test_the_ledgers_own_password_shows_in_no_error(place: Place, server: Dovecot) -> None:
    place.known = forms(SMTP_WORD, "ann")
    program: Mapping[str, Value | None] = {"ledger": f"postgresql://ann:{SMTP_WORD}@127.0.0.1:1/mailwatch"}
    file = settings_file(place.folder, {USER: imap_mailbox(server.port, "ann")}, program=program)
    for command, code in (("status", 1), ("doctor", 1)):
        ended, told = place.run("--config", file, "-vv", command)
        assert ended == code
        assert "ledger" in told
