"""A real PostgreSQL for tests: reached by a socket in a folder of its own, gone without a trace."""

from __future__ import annotations

import glob
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

_OWN_ACCOUNT = "postgres"  # PostgreSQL refuses to run as root, so root's tests run it as this account.


def _programs() -> Path | None:
    """The folder of initdb and pg_ctl: Debian keeps them off the path."""
    on_path = shutil.which("initdb")
    folders = [Path(on_path).resolve().parent] if on_path else []
    folders += [Path(found).parent for found in sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"), reverse=True)]
    return next((folder for folder in folders if (folder / "pg_ctl").exists()), None)


def reason_to_skip() -> str | None:
    """Why no PostgreSQL can be started here, or None if it can."""
    if _programs() is None:
        return "PostgreSQL is not installed (Debian: apt-get install postgresql)"
    if importlib.util.find_spec("psycopg") is None:
        return "its driver is not installed (pip install 'mailwatch[postgres]')"
    if os.getuid() == 0:
        try:
            pwd.getpwnam(_OWN_ACCOUNT)
        except KeyError:
            return "tests run as root and there is no account 'postgres' to run the server"
    return None


class PostgreSQL:
    """One running server with an empty database; it sorts as people do, not by code points."""

    def __init__(self) -> None:
        programs = _programs()
        assert programs is not None
        self._programs = programs
        self._folder = Path(tempfile.mkdtemp(prefix="mailwatch-postgresql-"))
        if os.getuid() == 0:
            account = pwd.getpwnam(_OWN_ACCOUNT)
            os.chown(self._folder, account.pw_uid, account.pw_gid)
        self._data = self._folder / "data"
        self._run("initdb", "-N", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale-provider=icu",
                  "--icu-locale=en", "--locale=C.UTF-8", "-D", str(self._data))  # fmt: skip
        options = f"-c listen_addresses= -c unix_socket_directories={self._folder} -c fsync=off"
        self._run("pg_ctl", "start", "-w", "-D", str(self._data), "-l", str(self._folder / "log"), "-o", options)
        self.url = f"postgresql://postgres@/postgres?host={self._folder}"

    def clear(self) -> None:
        """Empties the database."""
        import psycopg  # An optional library, which reason_to_skip looks for.

        with psycopg.connect(f"host={self._folder} user=postgres dbname=postgres", autocommit=True) as connection:
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")

    def stop(self) -> None:
        """Ends the server and removes its files."""
        self._run("pg_ctl", "stop", "-m", "immediate", "-D", str(self._data))
        shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._programs / program), *arguments]
        if os.getuid() == 0:
            command = ["runuser", "-u", _OWN_ACCOUNT, "--", *command]
        done = subprocess.run(
            command, cwd=self._folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, timeout=60
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stderr}")
