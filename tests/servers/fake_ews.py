"""An Exchange server in this process: EWS over HTTP on loopback, mailboxes in memory, and faults on demand."""

from __future__ import annotations

import base64
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs

from lxml import etree
from servers.fake_ews_answers import NS, Desk
from servers.fake_ews_faults import FAULTS, Asked, Fault, soap_fault
from servers.fake_ews_items import TYPES, m, t
from servers.fake_ews_ntlm import Ntlm
from servers.fake_ews_schema import violations
from servers.fake_ews_store import Refused, Store

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
USER, PASSWORD, TOKEN = "svc", "canary-password", "canary-token"
READS = frozenset(["GetFolder", "FindFolder", "SyncFolderItems", "GetItem", "FindItem", "ResolveNames", "ConvertId"])


class FakeEws:
    """The server. `asked` names the operations that came, `violations` what the schemas say against any envelope."""

    def __init__(self, *addresses: str, tls: ssl.SSLContext | None = None) -> None:
        self.mailboxes: Mapping[str, Store] = {address: Store(address) for address in addresses}
        self.sent: list[bytes] = []
        self.asked: list[str] = []
        self.logins: list[str] = []
        self.token_requests: list[Mapping[str, list[str]]] = []
        self.violations: list[str] = []
        self.version = "Exchange2016"
        self.oldest_version: str | None = None
        self.auth: Callable[[str], bool] = _basic
        self.ntlm_users = ""  # a file of DOMAIN:user:password; if it is set, only NTLM will do
        self.refusal: Mapping[str, str] = {}  # further header fields of a 401
        self.token_seconds = self.token_seconds_after = 3599  # how long the first token is good, and those after it
        self.delay = 0.0
        self.fields_asked: dict[str, set[str]] = {}
        self.updated: set[str] = set()  # the fields that were changed or removed
        self.legacy_addresses = False  # people are named by what Exchange calls them inside
        self.unreadable = ""  # the id of a message that breaks whatever answer it is in
        self._faults: list[Fault] = []
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._open: set[socket.socket] = set()
        self._http = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"fake": self}))
        if tls is not None:
            self._http.socket = tls.wrap_socket(self._http.socket, server_side=True)
        self.port = int(self._http.server_address[1])
        scheme = "http" if tls is None else "https"
        self.url = f"{scheme}://127.0.0.1:{self.port}/EWS/Exchange.asmx"
        self.token_url = f"{scheme}://127.0.0.1:{self.port}/token"
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def fail(self, name: str, operation: str | None = None, *, times: int = 1, after: int = 0) -> None:
        """Makes a fault happen."""
        assert name in FAULTS
        self._faults.append(Fault(name, operation, times, after))

    def heal(self) -> None:
        """Ends all faults."""
        self._faults.clear()

    def fault_for(self, operation: str) -> str | None:
        """The fault that is due at this request, if there is one."""
        with self._lock:
            for fault in self._faults:
                if fault.operation in (None, operation):
                    if fault.after:
                        fault.after -= 1
                        continue
                    fault.times -= 1
                    if not fault.times:
                        self._faults.remove(fault)
                    return fault.name
        return None

    def close(self) -> None:
        """Ends the server and its connections."""
        self._ended.set()
        self._http.shutdown()
        self._http.server_close()
        for sock in list(self._open):
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue

    def answer(self, envelope: Any) -> bytes:
        """Does what a request asks for."""
        with self._lock:
            request = envelope.find(f"{{{SOAP}}}Body")[0]
            desk = Desk(self.mailbox_of(envelope), self.mailboxes, self.sent)
            answer = desk.answer(request)
        if self.legacy_addresses:
            for mailbox in answer.iter(f"{{{TYPES}}}Mailbox"):
                mailbox.find("t:EmailAddress", NS).text = "/O=EXAMPLE/OU=OFFICE/CN=RECIPIENTS/CN=GONE"
                mailbox.find("t:RoutingType", NS).text = "EX"
        return self.envelope(answer)

    def mailbox_of(self, envelope: Any) -> Store:
        """Whose mailbox is meant: who is impersonated, else who is named, else the first."""
        named = envelope.find(".//t:ConnectingSID/t:PrimarySmtpAddress", NS)
        if named is None:
            named = envelope.find(".//t:DistinguishedFolderId/t:Mailbox/t:EmailAddress", NS)
        if named is None:
            for sought in envelope.iterfind(".//t:ItemId", NS):
                for store in self.mailboxes.values():
                    if any(item.id == sought.get("Id") for each in store.folders.values() for item in each.items):
                        return store
            for sought in envelope.iterfind(".//t:FolderId", NS):
                for store in self.mailboxes.values():
                    if sought.get("Id") in store.folders:
                        return store
            return next(iter(self.mailboxes.values()))
        if named.text.lower() not in self.mailboxes:
            raise Refused("ErrorNonExistentMailbox", "The SMTP address has no mailbox associated with it.")
        return self.mailboxes[named.text.lower()]

    def envelope(self, body: Any) -> bytes:
        """An answer with its header, checked."""
        build = {"MajorVersion": "15", "MinorVersion": "1", "MajorBuildNumber": "2507", "MinorBuildNumber": "6"}
        info = t("ServerVersionInfo", **build, Version=self.version)
        whole = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"s": SOAP})
        etree.SubElement(whole, f"{{{SOAP}}}Header").append(info)
        etree.SubElement(whole, f"{{{SOAP}}}Body").append(body)
        self.violations += [f"answer: {each}" for each in violations(whole)]
        return bytes(etree.tostring(whole, xml_declaration=True, encoding="utf-8"))

    def refuse(self, envelope: Any, code: str) -> bytes:
        """An answer that is a response code, for each of the items that were asked for."""
        operation = etree.QName(envelope.find(f"{{{SOAP}}}Body")[0]).localname
        items = ("Items",) if operation in ("GetItem", "CreateItem", "UpdateItem") else ()
        messages = [
            m(
                f"{operation}ResponseMessage",
                *(m("MessageText", text="It failed."), m("ResponseCode", text=code), *map(m, items)),
                ResponseClass="Error",
            )
            for _ in range(len(envelope.findall(".//m:ItemIds/t:ItemId", NS)) or 1)
        ]
        return self.envelope(m(f"{operation}Response", m("ResponseMessages", *messages)))


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, *_: object) -> None:
        """Connections end in every way here."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    fake: ClassVar[FakeEws]
    ntlm: Ntlm | None = None

    def setup(self) -> None:
        super().setup()
        self.fake._open.add(self.connection)

    def finish(self) -> None:
        self.fake._open.discard(self.connection)
        super().finish()

    def log_message(self, *_: object) -> None:
        """Says nothing."""

    def do_POST(self) -> None:
        fake, body = self.fake, self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path == "/token":
            self._token(body)
            return
        login = self.headers.get("Authorization") or ""
        if self.ntlm is None and fake.ntlm_users:
            self.ntlm = Ntlm(fake.ntlm_users)
        if self.ntlm is not None:
            challenge = self.ntlm.challenge(login)
            if challenge is not None:
                self._send(401, b"", {"WWW-Authenticate": challenge})
                return
        fake.logins.append(login)
        if self.ntlm is None and not fake.auth(login):
            self._send(401, b"", {"WWW-Authenticate": 'Basic realm="exchange"', **fake.refusal})
            return
        envelope = etree.fromstring(body)
        operation = etree.QName(envelope.find(f"{{{SOAP}}}Body")[0]).localname
        fake.asked.append(operation)
        fake.fields_asked.setdefault(operation, set()).update(
            str(each.get("FieldURI")) for each in envelope.iterfind(".//t:AdditionalProperties/t:FieldURI", NS)
        )
        fake.updated.update(str(each.get("FieldURI")) for each in envelope.iterfind(".//t:Updates//t:FieldURI", NS))
        wrong = violations(envelope)
        fake.violations += [f"request: {each}" for each in wrong]
        if fake.delay:
            fake._ended.wait(fake.delay)
        version = envelope.find(".//t:RequestServerVersion", NS).get("Version")
        if fake.oldest_version and version != fake.oldest_version:
            self._send(500, soap_fault("ErrorInvalidServerVersion", "The specified server version is invalid."))
            return
        asked = Asked(
            self._send,
            self._write,
            self._drop,
            lambda: fake.answer(envelope),
            lambda code: fake.refuse(envelope, code),
            fake._ended,
        )
        fault = fake.fault_for(operation)
        try:
            if wrong:
                self._send(500, soap_fault("ErrorSchemaValidation", "The request failed schema validation."))
            elif fault:
                FAULTS[fault](asked)
            else:
                good = asked.answer()
                broken = operation == "GetItem" and fake.unreadable and fake.unreadable.encode() in good
                self._send(200, good.replace(b"</m:Items>", b"</m:Item>") if broken else good)
        except Refused as refused:
            self._send(500, soap_fault(refused.code, refused.text))

    def _token(self, body: bytes) -> None:
        asked = parse_qs(body.decode())
        self.fake.token_requests.append(asked)
        if asked.get("client_secret") != [PASSWORD]:
            self._send(401, json.dumps({"error": "invalid_client", "error_description": "no"}).encode())
            return
        told = {"token_type": "Bearer", "expires_in": self.fake.token_seconds, "access_token": TOKEN}
        self.fake.token_seconds = self.fake.token_seconds_after
        self._send(200, json.dumps(told).encode(), {"Content-Type": "application/json"})

    def _send(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        told = {"Content-Type": "text/xml; charset=utf-8", "Content-Length": str(len(body)), **(headers or {})}
        for name, value in told.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _write(self, data: bytes) -> None:
        self.wfile.write(data)
        self.close_connection = True

    def _drop(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)


def _basic(login: str) -> bool:
    return login == "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()


def bearer(login: str) -> bool:
    """Takes the token that the token endpoint gives."""
    return login == f"Bearer {TOKEN}"


@contextmanager
def fake_ews(*addresses: str) -> Iterator[FakeEws]:
    """A server that runs while the block does."""
    server = FakeEws(*(addresses or ("ann@example.com",)))
    try:
        yield server
    finally:
        server.close()
