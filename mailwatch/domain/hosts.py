"""Which hosts are this machine itself."""

from __future__ import annotations

from contextlib import suppress
from ipaddress import ip_address


def is_loopback(host: str) -> bool:
    """Whether a host is reached without leaving this machine, so that plaintext is harmless there."""
    with suppress(ValueError):
        return ip_address(host.strip("[]")).is_loopback
    return host.lower() in ("localhost", "ip6-localhost")
