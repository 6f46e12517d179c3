"""A real Dovecot 2.3 for tests: an ordinary user's process on free loopback ports, gone without a trace."""

from __future__ import annotations

import atexit
import contextlib
import functools
import grp
import imaplib
import os
import pwd
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal

import psutil

PASSWORD = "correct-horse-battery"
_BINARY = shutil.which("dovecot", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
_DOVEADM = shutil.which("doveadm", path=os.environ.get("PATH", "") + ":/usr/bin:/usr/sbin")
_OWN_ACCOUNT = "nobody"  # Dovecot refuses to read mail as root, so root's tests run it as this account.

_CONF = """
base_dir = {folder}/base
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
login_greeting = Ready.
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
mail_location = {location}
mail_fsync = never
mail_max_userip_connections = 200
mailbox_idle_check_interval = 1 secs
disable_plaintext_auth = no
passdb {{
  driver = static
  args = password={password}
  {by_password}
}}
{oauth}
{capability}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = {ssl}
  }}
}}
auth_failure_delay = 0
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
namespace inbox {{
  inbox = yes
  {special_use}
}}
ssl = {ssl}
{certificate}
"""


def reason_to_skip() -> str | None:
    """Why no Dovecot can be started here, or None if it can."""
    if _BINARY is None or _DOVEADM is None:
        return "Dovecot is not installed (Debian: apt-get install dovecot-imapd)"
    return None


def free_port() -> int:
    """A port on loopback that nobody listens on."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


class Dovecot:
    """One running server; any user name may log in with PASSWORD and has mailboxes of its own.

    With `tls` it also speaks STARTTLS on `port` and TLS on `tls_port`, with a certificate for localhost that
    `ca_file` vouches for. `special_use` maps mailbox names to their RFC 6154 attributes. With `introspection`, an
    address that tells whom a token is for, users may also log in by token, with the `mechanisms` for that.
    `capability` is announced beside what the server can do.
    """

    def __init__(
        self,
        *,
        tls: bool = False,
        storage: Literal["maildir", "sdbox"] = "maildir",
        special_use: Sequence[tuple[str, str]] = (
            ("Sent", "\\Sent"),
            ("Archive", "\\Archive"),
            ("Drafts", "\\Drafts"),
        ),
        introspection: str = "",
        mechanisms: str = "xoauth2 oauthbearer",
        capability: str = "",
    ) -> None:
        missing = reason_to_skip()
        if missing:
            raise RuntimeError(missing)
        self.folder = Path(tempfile.mkdtemp(prefix="mailwatch-dovecot-"))
        self.port = free_port()
        self.tls_port = free_port() if tls else 0
        self.ca_file: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._account = pwd.getpwnam(_OWN_ACCOUNT) if os.getuid() == 0 else pwd.getpwuid(os.getuid())
        for name in ("base", "state", "mail"):
            (self.folder / name).mkdir()
        self._configuration = self.folder / "dovecot.conf"
        self._configuration.write_text(
            _CONF.format(
                folder=self.folder,
                user=self._account.pw_name,
                group=grp.getgrgid(self._account.pw_gid).gr_name,
                uid=self._account.pw_uid,
                gid=self._account.pw_gid,
                location=f"{storage}:{self.folder}/mail/%u/{storage}",
                password=PASSWORD,
                port=self.port,
                tls_port=self.tls_port,
                ssl="yes" if tls else "no",
                special_use="\n".join(f'mailbox "{n}" {{\n special_use = {f}\n}}' for n, f in special_use),
                certificate=self._certificate() if tls else "",
                # Where every passdb is for some mechanisms only, doveadm finds no user.
                by_password="mechanisms = plain login" if introspection else "",
                capability=f"imap_capability = +{capability}" if capability else "",
                oauth=self._oauth(introspection, mechanisms) if introspection else "",
            )
        )
        if os.getuid() == 0:
            for path in (self.folder, *self.folder.rglob("*")):
                os.chown(path, self._account.pw_uid, self._account.pw_gid)
        self.folder.chmod(0o755)
        atexit.register(self.close)
        self.start()

    def _certificate(self) -> str:
        ca, ca_key, key, request, cert = (self.folder / n for n in ("ca.pem", "ca.key", "key.pem", "csr", "cert.pem"))
        extensions = self.folder / "extensions"
        extensions.write_text("subjectAltName=DNS:localhost\n")
        new = "req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -batch -days 2"
        for command in (
            f"{new} -subj /CN=TestCA -x509 -keyout {ca_key} -out {ca}",
            f"{new} -subj /CN=localhost -keyout {key} -out {request}",
            f"x509 -req -days 2 -in {request} -CA {ca} -CAkey {ca_key} -CAcreateserial"
            f" -extfile {extensions} -out {cert}",
        ):
            subprocess.run(["openssl", *command.split()], check=True, capture_output=True)
        self.ca_file = ca
        return f"ssl_cert = <{cert}\nssl_key = <{key}\n"

    def _oauth(self, introspection: str, mechanisms: str) -> str:
        file = self.folder / "oauth2.conf"
        file.write_text(
            f"introspection_mode = get\nintrospection_url = {introspection}\nusername_attribute = username\n"
            "active_attribute = active\nactive_value = true\n"
        )
        passdb = f"passdb {{\n driver = oauth2\n mechanisms = {mechanisms}\n args = {file}\n}}\n"
        return f"{passdb}auth_mechanisms = plain login {mechanisms}\n"

    def start(self) -> None:
        """Starts the server (again) and returns when it answers."""
        as_account = {"user": self._account.pw_uid, "group": self._account.pw_gid, "extra_groups": []}
        self._process = subprocess.Popen(
            [str(_BINARY), "-F", "-c", str(self._configuration)],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **(as_account if os.getuid() == 0 else {}),  # type: ignore[call-overload]
        )
        give_up = time.monotonic() + 20
        while True:
            try:
                imaplib.IMAP4("127.0.0.1", self.port, timeout=5).shutdown()
                return
            except (OSError, imaplib.IMAP4.error) as error:
                if time.monotonic() > give_up or self._process.poll() is not None:
                    raise RuntimeError(f"Dovecot does not start: {self.log()}") from error
                time.sleep(0.02)

    def kill(self) -> None:
        """Ends the server and every session at once."""
        process, self._process = self._process, None
        if process is not None and process.poll() is None:
            # A gentle end would let sessions live on for seconds.
            sessions = psutil.Process(process.pid).children(recursive=True)
            process.kill()
            process.wait(timeout=20)
            for session in sessions:
                with contextlib.suppress(psutil.NoSuchProcess):
                    session.kill()
            psutil.wait_procs(sessions, timeout=20)

    def close(self) -> None:
        """Ends the server and removes all it has left."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def log(self) -> str:
        """What the server wrote into its log."""
        path = self.folder / "log"
        return path.read_text(errors="replace") if path.exists() else ""

    def client(self, user: str) -> imaplib.IMAP4:
        """Another mail program of the user, which may write."""
        client = imaplib.IMAP4("127.0.0.1", self.port, timeout=30)
        client.login(user, PASSWORD)
        return client

    def doveadm(self, *arguments: str) -> str:
        """Runs the administrator's tool and returns what it prints."""
        as_account = {"user": self._account.pw_uid, "group": self._account.pw_gid, "extra_groups": []}
        done = subprocess.run(
            [str(_DOVEADM), "-c", str(self._configuration), *arguments],
            check=True,
            capture_output=True,
            text=True,
            cwd=self.folder,
            **(as_account if os.getuid() == 0 else {}),  # type: ignore[call-overload]
        )
        return done.stdout


def append(
    client: imaplib.IMAP4, name: str, message: bytes, received_at: datetime, flags: Iterable[str] = ()
) -> None:
    """Puts a message into a mailbox as another client would; line ends become CRLF, NUL is not allowed."""
    whole = re.sub(rb"\r?\n", b"\r\n", message)
    typ, answer = client.append(f'"{name}"', " ".join(flags), imaplib.Time2Internaldate(received_at), whole)
    if typ != "OK":
        raise RuntimeError(f"{name}: {answer!r}")


@functools.cache
def shared_server() -> Dovecot:
    """One server for all tests that need nothing special; each test takes a user name of its own."""
    return Dovecot()
