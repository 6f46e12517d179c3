"""What the submitter says to the server, what it never says, and what it refuses to send at all."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace

import pytest
from servers.scripted_smtp import Do, ScriptedSmtp

from mailwatch.adapters.smtp import SmtpAccount, SmtpSubmitter
from mailwatch.errors import SettingsError, SubmissionDeferred, SubmissionRefused

ANN = "ann@harbour.example"
SENDER = "mailwatch@harbour.example"
MESSAGE = b"Subject: Who is waiting\r\n\r\nTwo people.\r\n"
PASSWORD = "Kahlebergstraße 17"


def account(port: int, **changes: object) -> SmtpAccount:
    usual = SmtpAccount("127.0.0.1", port, "plain", timeout=30.0, final_timeout=30.0)
    return replace(usual, **changes)  # type: ignore[arg-type]


def base64(words: str) -> str:
    return b64encode(words.encode("utf-8")).decode("ascii")


@pytest.mark.parametrize(
    "host", ["mail.harbour.example", "192.0.2.7", "localhost.harbour.example", "127.0.0.1.example"]
)
def test_plaintext_across_a_network_needs_an_explicit_word(host: str) -> None:
    with pytest.raises(SettingsError, match=r"submit\.security: mail would go to .* unencrypted"):
        SmtpSubmitter(SmtpAccount(host, 25, "plain"))
    SmtpSubmitter(SmtpAccount(host, 25, "plain", allow_plaintext=True))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "[::1]", "localhost", "LOCALHOST"])
def test_plaintext_to_loopback_is_allowed(host: str) -> None:
    SmtpSubmitter(SmtpAccount(host, 25, "plain"))


def test_mail_from_names_the_size_and_nothing_that_was_not_offered() -> None:
    with ScriptedSmtp() as server:
        SmtpSubmitter(account(server.port)).submit(SENDER, ANN, MESSAGE)
    assert server.commands[1:3] == [f"MAIL FROM:<{SENDER}> SIZE={len(MESSAGE)}", f"RCPT TO:<{ANN}>"]
    with ScriptedSmtp({"EHLO": Do("250 scripted\r\n")}) as server:
        SmtpSubmitter(account(server.port)).submit(SENDER, ANN, MESSAGE)
    assert server.commands[1] == f"MAIL FROM:<{SENDER}>"


@pytest.mark.parametrize(
    ("size", "taken"), [("10", False), ("0", True), ("", True), ("40", True), ("9" * 5000, True), ("much", True)]
)
def test_a_message_larger_than_the_server_takes_is_not_begun(size: str, taken: bool) -> None:
    with ScriptedSmtp({"EHLO": Do(f"250-scripted\r\n250 SIZE {size}\r\n")}) as server:
        if taken:
            SmtpSubmitter(account(server.port)).submit(SENDER, ANN, MESSAGE)
        else:
            with pytest.raises(SubmissionRefused, match="takes at most 10 bytes, and the message has 40"):
                SmtpSubmitter(account(server.port)).submit(SENDER, ANN, MESSAGE)
    assert server.messages == ([MESSAGE] if taken else [])


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ann",
        "ann@x.example, bob@x.example",
        "ann@x.example\r\nRCPT TO:<b@x.example>",
        "<ann@x.example>",
        "a b@x.example",
        "ann@x.example\x00",
        "ann@@x.example",
        "ann@x.example>",
        '"ann"@x.example',
        "jörg@x.example",
    ],
)
def test_only_one_plain_address_is_a_recipient(address: str) -> None:
    with ScriptedSmtp() as server, pytest.raises(SubmissionRefused, match=r"sent to\. Check the settings"):
        SmtpSubmitter(account(server.port)).submit(SENDER, address, MESSAGE)
    assert server.commands == []


@pytest.mark.parametrize(
    ("offer", "expected"),
    [
        ("AUTH LOGIN PLAIN", [f"AUTH PLAIN {base64(chr(0) + 'ann' + chr(0) + PASSWORD)}"]),
        ("AUTH=PLAIN", [f"AUTH PLAIN {base64(chr(0) + 'ann' + chr(0) + PASSWORD)}"]),
        ("AUTH XOAUTH2 LOGIN", ["AUTH LOGIN", base64("ann"), base64(PASSWORD)]),
    ],
)
def test_the_login_uses_what_is_offered(offer: str, expected: list[str]) -> None:
    script = {"EHLO": Do(f"250-scripted\r\n250 {offer}\r\n")}
    if len(expected) > 1:
        script["AUTH"] = Do("334 VXNlcm5hbWU6\r\n")
        script[base64("ann").upper()] = Do("334 UGFzc3dvcmQ6\r\n")
        script[base64(PASSWORD).upper()] = Do("235 Welcome\r\n")
    with ScriptedSmtp(script) as server:
        SmtpSubmitter(account(server.port, user="ann", secret=lambda: PASSWORD)).submit(SENDER, ANN, MESSAGE)
    assert server.commands[1 : 1 + len(expected)] == expected
    assert server.messages == [MESSAGE]


@pytest.mark.parametrize(
    ("reply", "word"),
    [
        ("535 5.7.8 Wrong\r\n", "535 5.7.8 Wrong .check user and password"),
        ("534 5.7.9 Use an app password\r\n", "app password"),
        ("454 4.7.0 Later\r\n", "454 4.7.0 Later .it will be tried again"),
        ("334 more\r\n", "334 more"),
    ],
)
def test_a_refused_login_is_tried_once_and_loses_no_mail(reply: str, word: str) -> None:
    with ScriptedSmtp({"AUTH": Do(reply)}) as server, pytest.raises(SubmissionDeferred, match=word) as told:
        SmtpSubmitter(account(server.port, user="ann", secret=lambda: PASSWORD)).submit(SENDER, ANN, MESSAGE)
    assert len([line for line in server.commands if line.startswith("AUTH")]) == 1
    assert f"127.0.0.1:{server.port}" in str(told.value)


@pytest.mark.parametrize("echo", [PASSWORD, base64(PASSWORD), base64(f"\0ann\0{PASSWORD}")])
def test_a_server_that_repeats_the_password_does_not_get_it_into_the_error(echo: str) -> None:
    with (
        ScriptedSmtp({"AUTH": Do(f"535 I do not like {echo}\r\n")}) as server,
        pytest.raises(SubmissionDeferred) as told,
    ):
        SmtpSubmitter(account(server.port, user="ann", secret=lambda: PASSWORD)).submit(SENDER, ANN, MESSAGE)
    assert echo not in str(told.value)
    assert "535" in str(told.value)


def test_a_secret_that_cannot_be_had_puts_the_mail_off() -> None:
    def gone() -> str:
        raise SettingsError("submit.password_file: /etc/mailwatch/submit.secret is not there")

    with ScriptedSmtp() as server, pytest.raises(SubmissionDeferred, match=r"submit\.secret is not there"):
        SmtpSubmitter(account(server.port, user="ann", secret=gone)).submit(SENDER, ANN, MESSAGE)
    assert server.commands == []


def test_without_a_login_by_password_it_says_so() -> None:
    with (
        ScriptedSmtp({"EHLO": Do("250-scripted\r\n250 AUTH GSSAPI\r\n")}) as server,
        pytest.raises(SubmissionDeferred, match="offers no login by password"),
    ):
        SmtpSubmitter(account(server.port, user="ann", secret=lambda: PASSWORD)).submit(SENDER, ANN, MESSAGE)


def test_what_a_server_says_is_cleaned_and_cut() -> None:
    with (
        ScriptedSmtp({"RCPT": Do("550 \x1b[31mred\u202e" + "x" * 900 + "\r\n")}) as server,
        pytest.raises(SubmissionRefused) as told,
    ):
        SmtpSubmitter(account(server.port)).submit(SENDER, ANN, MESSAGE)
    assert str(told.value).isprintable()
    assert len(str(told.value)) < 400


def test_an_account_does_not_show_its_secret() -> None:
    assert "secret" not in repr(SmtpAccount("127.0.0.1", 25, secret=lambda: PASSWORD))
