"""Whose certificates each door believes: the system's authorities, and those of `ca_file` beside them."""

from __future__ import annotations

import queue
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from servers.certificate import certificate

from mailwatch.adapters.ews import EwsAccount, EwsProvider
from mailwatch.adapters.graph import GraphAccount, GraphProvider
from mailwatch.adapters.graph_submit import GraphSubmitter
from mailwatch.adapters.imap import ImapAccount, ImapProvider
from mailwatch.adapters.smtp import SmtpAccount, SmtpSubmitter
from mailwatch.adapters.trust import trusting
from mailwatch.errors import MailwatchError, SettingsError, SubmissionDeferred

ANN = "ann@example.com"


class Handshakes:
    """A server, and a proxy to itself, that says for each connection whether TLS came about, and then hangs up."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        self._done: queue.Queue[bool] = queue.Queue()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def believed(self) -> bool:
        """Whether the first client believed the certificate."""
        return self._done.get(timeout=30)

    def close(self) -> None:
        """Ends the server."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                client.settimeout(30)
                with client:
                    self._done.put(self._greeted(client))

    def _greeted(self, client: socket.socket) -> bool:
        try:
            if client.recv(1, socket.MSG_PEEK) == b"C":
                assert client.recv(4096).startswith(b"CONNECT ")
                client.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
            self._context.wrap_socket(client, server_side=True).close()
        except OSError:
            return False
        return True


def imap(port: int, ca_file: Path) -> None:
    account = ImapAccount("127.0.0.1", port, ANN, lambda: "pw", ca_file=str(ca_file), timeout=30)
    ImapProvider(account, sleep=lambda seconds: None).mailboxes()


def smtp(port: int, ca_file: Path) -> None:
    SmtpSubmitter(SmtpAccount("127.0.0.1", port, "tls", ca_file=ca_file)).probe()


def ews(port: int, ca_file: Path) -> None:
    account = EwsAccount(f"https://127.0.0.1:{port}/EWS/Exchange.asmx", ANN, lambda: "pw", ca_file=str(ca_file))
    EwsProvider(account).mailboxes()


def graph(port: int, ca_file: Path) -> None:
    account = GraphAccount(ANN, lambda: "token", base_url=f"https://127.0.0.1:{port}/v1.0", ca_file=str(ca_file))
    GraphProvider(account, sleep=lambda seconds: None).mailboxes()


DOORS = [imap, smtp, ews, graph]


@pytest.fixture
def files(tmp_path: Path) -> Iterator[tuple[Handshakes, Path, Path]]:
    """A server, the file that vouches for it, and one that vouches for another."""
    (tmp_path / "one").mkdir()
    (tmp_path / "other").mkdir()
    context, one = certificate(tmp_path / "one", "one")
    _, other = certificate(tmp_path / "other", "other")
    server = Handshakes(context)
    yield server, one, other
    server.close()


@pytest.mark.parametrize("door", DOORS)
def test_a_ca_file_is_believed_beside_the_systems_authorities(
    door: Callable[[int, Path], None],
    files: tuple[Handshakes, Path, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server, one, other = files
    monkeypatch.setenv("SSL_CERT_FILE", str(one))
    with suppress(MailwatchError):
        door(server.port, other)
    assert server.believed()


@pytest.mark.parametrize("door", DOORS)
def test_a_ca_file_is_believed_where_the_system_knows_nothing_of_it(
    door: Callable[[int, Path], None],
    files: tuple[Handshakes, Path, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server, one, other = files
    monkeypatch.setenv("SSL_CERT_FILE", str(other))
    with suppress(MailwatchError):
        door(server.port, one)
    assert server.believed()


@pytest.mark.parametrize("door", DOORS)
def test_nobody_else_is_believed(
    door: Callable[[int, Path], None],
    files: tuple[Handshakes, Path, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server, one, other = files
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(one))
    with suppress(MailwatchError):
        door(server.port, other)
    assert not server.believed()


@pytest.mark.parametrize("door", [ews, graph])
def test_a_ca_file_is_believed_through_a_proxy(
    door: Callable[[int, Path], None],
    files: tuple[Handshakes, Path, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server, one, _ = files
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{server.port}")
    with suppress(MailwatchError):
        door(server.port, one)
    assert server.believed()


def test_a_context_is_shared_until_its_file_changes(tmp_path: Path) -> None:
    _, file = certificate(tmp_path)
    before = trusting(file, "imap")
    assert trusting(str(file), "imap") is before
    file.touch()
    assert trusting(file, "imap") is not before


def test_protocols_share_no_context_since_http_names_itself_in_its_own(tmp_path: Path) -> None:
    _, file = certificate(tmp_path)
    assert trusting(file, "http") is not trusting(file, "imap")


def test_a_ca_file_that_cannot_be_read_is_named_before_graph_is_asked(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="ca_file = /nowhere"):
        graph(1, Path("/nowhere"))
    account = GraphAccount(ANN, lambda: "token", base_url="https://127.0.0.1:1/v1.0", ca_file="/nowhere")
    with pytest.raises(SubmissionDeferred, match="ca_file = /nowhere"):
        GraphSubmitter(account).probe()
