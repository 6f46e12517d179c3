"""What becomes of a submission, over real sockets, when the way to the server or the server itself fails."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from servers.scripted_smtp import FALL_SILENT, FINAL, GREETING, HANG_UP, Do, ScriptedSmtp

from mailwatch.adapters.smtp import SmtpAccount, SmtpSubmitter
from mailwatch.errors import SubmissionDeferred, SubmissionError, SubmissionRefused, SubmissionUncertain

ANN = "ann@harbour.example"
MESSAGE = b"Subject: Who is waiting\r\n\r\nTwo people.\r\n"
DEFERRED, REFUSED, UNCERTAIN = SubmissionDeferred, SubmissionRefused, SubmissionUncertain
EVERYTHING_AT_ONCE = "220 Hello\r\n" + "250 Ok\r\n" * 3 + "354 Go\r\n250 Queued\r\n"
Outcome = type[SubmissionError] | None


def account(port: int, **changes: object) -> SmtpAccount:
    usual = SmtpAccount("127.0.0.1", port, "plain", timeout=30.0, final_timeout=30.0)
    return replace(usual, **changes)  # type: ignore[arg-type]


def send(to: SmtpAccount, message: bytes = MESSAGE, sender: str = "mailwatch@harbour.example") -> None:
    SmtpSubmitter(to).submit(sender, ANN, message)


# name of the failure, what the server does, what becomes of the submission, a word of its sentence
FAULTS: list[tuple[str, dict[str, Do], Outcome, str]] = [
    ("connection lost prematurely", {GREETING: HANG_UP}, DEFERRED, "closed the connection"),
    ("connection timed out", {GREETING: FALL_SILENT}, DEFERRED, "no answer in time|timed out"),
    ("connection lost after EHLO", {"EHLO": HANG_UP}, DEFERRED, "closed the connection"),
    ("connection lost after MAIL", {"MAIL": HANG_UP}, DEFERRED, "closed the connection"),
    ("connection lost after RCPT", {"RCPT": HANG_UP}, DEFERRED, "closed the connection"),
    ("connection lost at DATA", {"DATA": HANG_UP}, DEFERRED, "closed the connection"),
    ("connection lost in the message", {"DATA": Do("354 Go\r\n", "hang up")}, DEFERRED, "before the message"),
    ("connection lost after the final dot", {FINAL: HANG_UP}, UNCERTAIN, "may have been taken"),
    ("unexpected reply", {"MAIL": Do("250 Ok\r\n421 4.3.2 Going down\r\n")}, DEFERRED, "421 4.3.2 Going down"),
    ("unexpected reply and the end", {"RCPT": Do("421 Going down\r\n", "hang up")}, DEFERRED, "421"),
    ("partial reply at EHLO", {"EHLO": Do("250-scripted\r\n", "hang up")}, DEFERRED, "closed the connection"),
    ("partial reply at RCPT", {"RCPT": Do("250-2.1.5 O", "hang up")}, DEFERRED, "closed the connection"),
    ("partial final reply", {FINAL: Do("250", "hang up")}, UNCERTAIN, "may have been taken"),
    ("partial final reply, and silence", {FINAL: Do("250-2.0.0\r\n", "fall silent")}, UNCERTAIN, "no answer in time"),
    ("premature reply", {GREETING: Do(EVERYTHING_AT_ONCE)}, DEFERRED, "250"),
    ("early data reply, refusing", {"DATA": Do("354 Go\r\n554 5.6.0 No\r\n")}, REFUSED, "554 5.6.0 No"),
    ("early data reply, for now", {"DATA": Do("354 Go\r\n451 4.3.0 Busy\r\n")}, DEFERRED, "451 4.3.0 Busy"),
    ("early data reply, taking", {"DATA": Do("354 Go\r\n250 2.0.0 Queued\r\n")}, UNCERTAIN, "out of order"),
    ("bad reply at EHLO", {"EHLO": Do("666 Really bad\r\n"), "HELO": Do("666\r\n")}, DEFERRED, "no SMTP reply"),
    ("bad reply at MAIL", {"MAIL": Do("666 Really bad\r\n")}, DEFERRED, "no SMTP reply"),
    ("bad reply at RCPT", {"RCPT": Do("hello?\r\n")}, DEFERRED, "no SMTP reply"),
    ("bad reply of two codes", {"RCPT": Do("250-Ok\r\n550 No\r\n")}, DEFERRED, "no SMTP reply"),
    ("bad reply to DATA", {"DATA": Do("250 Fine\r\n")}, DEFERRED, "250 Fine"),
    ("bad final reply", {FINAL: Do("Thanks!\r\n")}, UNCERTAIN, "no SMTP reply"),
    ("bad final reply that asks for more", {FINAL: Do("354 Go on\r\n")}, UNCERTAIN, "354"),
    ("endless reply", {"EHLO": Do("250-more\r\n" * 20000)}, DEFERRED, "no end|no SMTP reply"),
    ("endless line", {"MAIL": Do("250 " + "x" * 200000)}, DEFERRED, "no end"),
    ("bad greeting", {GREETING: Do("666 Ha ha ha!\r\n")}, DEFERRED, "no SMTP reply"),
    ("greeting that refuses", {GREETING: Do("554 No service here\r\n")}, DEFERRED, "554 No service here"),
    ("greeting that asks to wait", {GREETING: Do("421 Too many\r\n", "hang up")}, DEFERRED, "421 Too many"),
    ("command timeout at EHLO", {"EHLO": FALL_SILENT}, DEFERRED, "timed out|no answer in time"),
    ("command timeout at RCPT", {"RCPT": FALL_SILENT}, DEFERRED, "no answer in time"),
    ("command timeout at DATA", {"DATA": FALL_SILENT}, DEFERRED, "no answer in time"),
    ("command timeout after the final dot", {FINAL: FALL_SILENT}, UNCERTAIN, "no answer in time"),
    ("deinit early: hangs up at QUIT", {"QUIT": HANG_UP}, None, ""),
    ("deinit early: no reply to QUIT", {"QUIT": FALL_SILENT}, None, ""),
    ("sender put off", {"MAIL": Do("451 4.3.0 Busy\r\n")}, DEFERRED, "451 4.3.0 Busy"),
    ("sender refused", {"MAIL": Do("553 5.7.1 Not yours\r\n")}, REFUSED, "553 5.7.1 Not yours"),
    ("login missing", {"MAIL": Do("530 5.7.0 Log in first\r\n")}, DEFERRED, "check user and password"),
    ("recipient greylisted", {"RCPT": Do("451 4.7.1 Greylisted\r\n")}, DEFERRED, "4.7.1 Greylisted"),
    ("recipient unknown", {"RCPT": Do("550-5.1.1 No such\r\n550 5.1.1 user\r\n")}, REFUSED, "5.1.1 No such"),
    ("data refused", {"DATA": Do("554 5.5.1 No valid recipients\r\n")}, REFUSED, "554 5.5.1"),
    ("data put off", {"DATA": Do("421 4.3.2 Shutting down\r\n", "hang up")}, DEFERRED, "421 4.3.2"),
    ("message put off", {FINAL: Do("452 4.2.2 Full\r\n")}, DEFERRED, "452 4.2.2 Full"),
    ("message refused", {FINAL: Do("550 5.7.1 Spam\r\n")}, REFUSED, "550 5.7.1 Spam"),
    ("only HELO is known", {"EHLO": Do("502 What?\r\n")}, None, ""),
    ("lines end in LF alone", {"RCPT": Do("250 Ok\n"), FINAL: Do("250 Ok\n")}, None, ""),
    ("final reply of two lines", {FINAL: Do("250-2.0.0 Thank\r\n250 2.0.0 you\r\n")}, None, ""),
]


@pytest.mark.parametrize(("script", "outcome", "word"), [row[1:] for row in FAULTS], ids=[row[0] for row in FAULTS])
def test_a_failure_is_told_for_what_it_is(script: dict[str, Do], outcome: Outcome, word: str) -> None:
    # Only the step at which the server falls silent is hurried; the others may take as long as a busy machine needs.
    silent = {step for step, do in script.items() if do.then == "fall silent"}
    hurry = {"final_timeout": 0.4} if FINAL in silent else {"timeout": 1.0} if silent else {}
    with ScriptedSmtp(script) as server:
        if outcome is None:
            send(account(server.port, **hurry))
        else:
            with pytest.raises(outcome, match=word) as told:
                send(account(server.port, **hurry))
            assert type(told.value) is outcome
            assert f"127.0.0.1:{server.port}" in str(told.value)
    if outcome in (None, SubmissionUncertain) and "out of order" not in word:
        assert server.messages == [MESSAGE]
    if outcome is SubmissionDeferred and FINAL not in script:
        assert server.messages == []


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("host look-up failed", socket.gaierror(socket.EAI_NONAME, "Name or service not known")),
        ("DNS failure", socket.gaierror(socket.EAI_FAIL, "Non-recoverable failure in name resolution")),
        ("DNS timeout", socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")),
        ("a name that is none", UnicodeError("label empty or too long")),
    ],
)
def test_a_host_that_cannot_be_found_is_tried_later(
    name: str, fault: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_answer(*_: object, **__: object) -> list[object]:
        raise fault

    monkeypatch.setattr(socket, "getaddrinfo", no_answer)
    with pytest.raises(SubmissionDeferred, match=r"smtp\.harbour\.example:587 cannot be found .*; check the host"):
        send(SmtpAccount("smtp.harbour.example", 587))


def test_connection_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(SubmissionDeferred, match=rf"127\.0\.0\.1:{port} cannot be reached \(Connection refused\);"):
        send(account(port))


@pytest.mark.parametrize(
    ("name", "message", "taken"),
    [
        ("broken payload: bare CR and LF", b"Subject: a\n\nb\rc\r\n", b"Subject: a\r\n\r\nb\r\nc\r\n"),
        (
            "broken payload: an end inside",
            b"A: b\r\n\r\n.\r\nMAIL FROM:<x@y>\r\n",
            b"A: b\r\n\r\n.\r\nMAIL FROM:<x@y>\r\n",
        ),
        (
            "broken payload: a smuggled end",
            b"A: b\r\n\r\nx\n.\r\nMAIL FROM:<x@y>",
            b"A: b\r\n\r\nx\r\n.\r\nMAIL FROM:<x@y>\r\n",
        ),
        ("broken payload: no last line end", b"A: b\r\n\r\nc", b"A: b\r\n\r\nc\r\n"),
        ("dots are kept", b"A: b\r\n\r\n..\r\n...x\r\n.y\r\n", b"A: b\r\n\r\n..\r\n...x\r\n.y\r\n"),
        ("as it is", MESSAGE, MESSAGE),
        ("larger than a block", MESSAGE + b"0123456789abcde\r\n" * 9000, MESSAGE + b"0123456789abcde\r\n" * 9000),
    ],
)
def test_the_bytes_arrive_unchanged_but_for_line_ends(name: str, message: bytes, taken: bytes) -> None:
    with ScriptedSmtp() as server:
        send(account(server.port), message)
    assert server.messages == [taken]
    assert server.verbs == ["EHLO", "MAIL", "RCPT", "DATA", "QUIT"]


def test_command_aborted_early_leaves_nothing_behind() -> None:
    def interrupted() -> str:
        raise KeyboardInterrupt

    with ScriptedSmtp() as server:
        aborted = account(server.port, user="ann", secret=interrupted)
        with pytest.raises(KeyboardInterrupt):
            send(aborted)
        send(account(server.port))
    assert server.messages == [MESSAGE]


def test_every_submission_has_a_connection_of_its_own() -> None:
    with ScriptedSmtp() as server:
        submitter = SmtpSubmitter(account(server.port))
        for _ in range(3):
            submitter.submit("", ANN, MESSAGE)
    assert server.messages == [MESSAGE] * 3
    assert server.commands.count("MAIL FROM:<> SIZE=40") == 3


def test_a_refused_login_of_the_account_that_all_share_is_tried_seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    now, word = [0.0], ["wrong"]
    monkeypatch.setattr("mailwatch.adapters.smtp_patience.time", SimpleNamespace(monotonic=lambda: now[0]))
    with ScriptedSmtp({"AUTH": Do("535 5.7.8 Bad credentials\r\n")}) as server:
        submitter = SmtpSubmitter(account(server.port, user="mailwatch", secret=lambda: word[0]))

        def submit(_: int) -> str:
            with pytest.raises(SubmissionDeferred) as told:
                submitter.submit("", ANN, MESSAGE)
            return str(told.value)

        with ThreadPoolExecutor(12) as pool:
            told = list(pool.map(submit, range(12)))
        assert server.verbs.count("AUTH") == 1
        assert sum("535 5.7.8 Bad credentials" in words for words in told) == 1
        assert sum("which is tried again in 15 minutes" in words for words in told) == 11
        tries = []
        for minutes in (14, 16, 70, 80, 430, 450, 800, 820):
            now[0] = minutes * 60.0
            submit(0)
            tries.append(server.verbs.count("AUTH"))
        assert tries == [1, 2, 2, 3, 3, 4, 4, 5]
        word[0] = "wrong too"
        assert "535" in submit(0)
        assert "tried again in 15 minutes" in submit(0)
        assert server.verbs.count("AUTH") == 6


def test_a_login_that_works_again_is_not_waited_for() -> None:
    word = ["wrong"]
    with ScriptedSmtp({"AUTH": Do("535 5.7.8 Bad credentials\r\n")}) as server:
        submitter = SmtpSubmitter(account(server.port, user="mailwatch", secret=lambda: word[0]))
        with pytest.raises(SubmissionDeferred):
            submitter.submit("", ANN, MESSAGE)
        server._script["AUTH"] = Do("235 2.7.0 Welcome\r\n")
        word[0] = "right"
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda _: submitter.submit("", ANN, MESSAGE), range(8)))
        assert server.messages == [MESSAGE] * 8


def test_a_login_that_is_put_off_is_no_refusal() -> None:
    with ScriptedSmtp({"AUTH": Do("454 4.7.0 Temporary authentication failure\r\n")}) as server:
        submitter = SmtpSubmitter(account(server.port, user="mailwatch", secret=lambda: "right"))
        for _ in range(3):
            with pytest.raises(SubmissionDeferred, match="454"):
                submitter.submit("", ANN, MESSAGE)


def test_a_probe_logs_in_and_sends_nothing() -> None:
    with ScriptedSmtp() as server:
        SmtpSubmitter(account(server.port, user="ann", secret=lambda: "pw")).probe()
    assert server.verbs == ["EHLO", "AUTH", "QUIT"]


# ---------------------------------------------------------------- TLS


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is needed to make a certificate")
    file = tmp_path_factory.mktemp("tls") / "localhost.pem"
    subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=localhost",
            "-addext",
            "subjectAltName=DNS:localhost",
            "-keyout",
            str(file.with_suffix(".key")),
            "-out",
            str(file),
        ],
        check=True,
        capture_output=True,
    )
    return file


@pytest.fixture(scope="module")
def context(certificate: Path) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(certificate, certificate.with_suffix(".key"))
    return made


OFFERS = Do("250-scripted\r\n250-AUTH PLAIN\r\n250 STARTTLS\r\n")


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_verified_server_gets_the_mail(context: ssl.SSLContext, certificate: Path, security: str) -> None:
    with ScriptedSmtp({"EHLO": OFFERS}, context=context, starttls=security == "starttls") as server:
        send(account(server.port, host="localhost", security=security, ca_file=certificate))
    assert server.messages == [MESSAGE]


@pytest.mark.parametrize("security", ["tls", "starttls"])
@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda file: {"host": "localhost"}, "cannot be verified .*set ca_file"),
        (lambda file: {"host": "127.0.0.1", "ca_file": file}, "cannot be verified"),
        (lambda file: {"host": "localhost", "ca_file": file / "gone"}, "no readable file of certificates"),
    ],
)
def test_an_unverified_server_gets_neither_password_nor_mail(
    context: ssl.SSLContext,
    certificate: Path,
    security: str,
    change: Callable[[Path], dict[str, object]],
    word: str,
) -> None:
    with ScriptedSmtp({"EHLO": OFFERS}, context=context, starttls=security == "starttls") as server:
        to = account(server.port, security=security, user="ann", secret=lambda: "pw")
        with pytest.raises(SubmissionDeferred, match=word):
            send(replace(to, **change(certificate)))  # type: ignore[arg-type]
    assert not [line for line in server.commands if line.startswith(("AUTH", "MAIL"))]
    assert server.messages == []


def test_without_starttls_nothing_goes_out_in_the_clear() -> None:
    with ScriptedSmtp() as server, pytest.raises(SubmissionDeferred, match="does not offer STARTTLS"):
        send(account(server.port, security="starttls", user="ann", secret=lambda: "pw"))
    assert server.verbs == ["EHLO"]


def test_tls_at_a_plain_port_says_to_check_port_and_security() -> None:
    with ScriptedSmtp() as server, pytest.raises(SubmissionDeferred, match="check port, and security"):
        send(account(server.port, security="tls"))
