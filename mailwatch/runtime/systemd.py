"""Tells systemd how the daemon is (sd_notify(3)); without systemd it does nothing."""

from __future__ import annotations

import contextlib
import os
import socket


def notify(*lines: str) -> None:
    """Sends lines such as READY=1 or WATCHDOG=1 to the service manager that started this program."""
    place = os.environ.get("NOTIFY_SOCKET")
    if not place:
        return
    # A manager that does not listen, or reads nothing, and a machine without another descriptor must neither end nor
    # hold up the daemon.
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
        out.setblocking(False)
        out.connect("\0" + place[1:] if place.startswith("@") else place)
        out.sendall("\n".join(lines).encode())
