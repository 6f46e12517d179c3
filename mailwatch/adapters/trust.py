"""Whose TLS certificates are believed: those of the system's authorities, and of a `ca_file` beside them."""

from __future__ import annotations

import os
import ssl
from functools import lru_cache
from pathlib import Path
from typing import Literal


def trusting(ca_file: str | Path | None, protocol: Literal["imap", "smtp", "http"]) -> ssl.SSLContext:
    """The context for all connections of one protocol that believe the same; it is made anew when the file changes.

    Raises OSError if the file is no readable file of certificates.
    """
    return _made(protocol, ca_file and str(ca_file), os.stat(ca_file).st_mtime_ns if ca_file else 0)


# Shared, because thousands of connections would each keep all authorities in memory, a megabyte. By protocol, because
# urllib3 writes the name of its own into the context that it is given (ALPN, RFC 7301).
@lru_cache(maxsize=32)
def _made(protocol: str, ca_file: str | None, changed_at: int) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if ca_file:
        context.load_verify_locations(ca_file)
    return context
