"""What can go wrong between mailwatch and Graph, each fault by its name."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

Fault = Callable[[Any], bool]
"""Does something wrong, with the connection's handler, in the place of an answer; false to answer after all."""

PAGE = b"<!DOCTYPE html><html><body><h1>Welcome to the guest network. Please sign in.</h1></body></html>"


def status(code: int, error: str = "", message: str = "No.", **headers: str) -> Fault:
    """Answers with an error as Graph words it."""

    def fault(handler: Any) -> bool:
        handler.say(code, json.dumps({"error": {"code": error, "message": message}}).encode(), **headers)
        return True

    return fault


def raw(code: int, body: bytes, kind: str = "application/json") -> Fault:
    """Answers with bytes as they stand."""

    def fault(handler: Any) -> bool:
        handler.say(code, body, kind)
        return True

    return fault


def hang(handler: Any) -> bool:
    """Says nothing until the server ends."""
    handler.graph.over.wait(30)
    handler.hang_up()
    return True


def hang_in_the_middle(handler: Any) -> bool:
    """Begins an answer and does not go on."""
    handler.wfile.write(b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{"value"')
    handler.wfile.flush()
    return hang(handler)


def drip(handler: Any) -> bool:
    """Sends an answer byte by byte, without end."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 900000\r\n\r\n")
    try:
        while not handler.graph.over.wait(0.02):
            handler.wfile.write(b" ")
    except OSError:
        pass
    handler.close_connection = True
    return True


def drop(handler: Any) -> bool:
    """Hangs up instead of an answer."""
    handler.hang_up()
    return True


def take_and_drop(handler: Any) -> bool:
    """Does what it was asked to, and hangs up without saying so."""
    handler.post()
    return drop(handler)
