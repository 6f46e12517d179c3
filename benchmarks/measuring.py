"""What a measured process tells of itself: seconds, bytes received, memory; printed as one line of JSON."""

from __future__ import annotations

import json
import resource
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Received:
    """Counts the bytes that sockets of this process receive."""

    def __init__(self) -> None:
        self.bytes = 0
        recv, recv_into = socket.socket.recv, socket.socket.recv_into

        def counted_recv(sock: socket.socket, *args: Any) -> bytes:
            data = recv(sock, *args)
            self.bytes += len(data)
            return data

        def counted_recv_into(sock: socket.socket, *args: Any, **named: Any) -> int:
            count = recv_into(sock, *args, **named)
            self.bytes += count
            return count

        socket.socket.recv = counted_recv  # type: ignore[assignment, method-assign]
        socket.socket.recv_into = counted_recv_into  # type: ignore[assignment, method-assign]


@contextmanager
def measured(**known: Any) -> Iterator[dict[str, Any]]:
    """Runs a block and prints what it took; the block may add figures of its own."""
    received = Received()
    found: dict[str, Any] = dict(known)
    wall, cpu = time.perf_counter(), time.process_time()
    yield found
    found |= {
        "seconds": time.perf_counter() - wall,
        "cpu": time.process_time() - cpu,
        "received": received.bytes,
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    sys.stdout.write(json.dumps(found) + "\n")
