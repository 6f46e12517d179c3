"""A headless Chromium that is spoken to through two pipes (--remote-debugging-pipe): no driver, no web socket."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
_FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage"),
    *(
        "--hide-scrollbars",
        "--disable-lcd-text",
        "--disable-default-apps",
        "--disable-extensions",
        "--remote-debugging-pipe",
    ),
]


class Browser:
    """One Chromium with one page. `requests` are the addresses that the page asked for, its own file left out."""

    def __init__(self) -> None:
        assert CHROMIUM, "Chromium is not installed."
        self._home = tempfile.TemporaryDirectory(prefix="mailwatch-chromium-", ignore_cleanup_errors=True)
        to_browser, self._out = os.pipe()
        self._in, from_browser = os.pipe()

        def plug() -> None:
            """Puts the pipes where Chromium reads (3) and writes (4); copies first, as they may lie there."""
            ours = (os.dup(to_browser), os.dup(from_browser))
            os.dup2(ours[0], 3)
            os.dup2(ours[1], 4)

        command = [CHROMIUM, *_FLAGS, f"--user-data-dir={self._home.name}", "about:blank"]
        self._process = subprocess.Popen(
            command,
            preexec_fn=plug,
            close_fds=False,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_browser)
        os.close(from_browser)
        self._buffer = b""
        self._count = 0
        self._session: str | None = None
        self.requests: list[str] = []
        self._events: list[str] = []
        targets = self._call("Target.getTargets")["targetInfos"]
        page = next(target["targetId"] for target in targets if target["type"] == "page")
        self._session = self._call("Target.attachToTarget", {"targetId": page, "flatten": True})["sessionId"]
        for domain in ("Page", "Network", "Runtime"):
            self._call(f"{domain}.enable")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._out)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._in)
        self._home.cleanup()

    def open(self, page: Path, width: int, *, dark: bool = False, forced: bool = False) -> None:
        """Shows a file at a width in CSS pixels; `dark` is what the reader prefers, `forced` what a client does."""
        self.look(width, dark=dark, forced=forced)
        self.requests.clear()
        self._events.clear()
        self._call("Page.navigate", {"url": page.as_uri()})
        while "Page.loadEventFired" not in self._events:
            self._read()
        self.requests = [url for url in self.requests if url != page.as_uri()]

    def look(self, width: int, *, dark: bool = False, forced: bool = False) -> None:
        """Looks at the page that is open at another width or in other colours."""
        self._call(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 480},
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._call("Emulation.setEmulatedMedia", {"features": [scheme]})
        self._call("Emulation.setAutoDarkModeOverride", {"enabled": True} if forced else {})

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression on the page."""
        result = self._call("Runtime.evaluate", {"expression": expression, "returnByValue": True})
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    def screenshot(self, file: Path, height: int | None = None, **how: object) -> None:
        """The whole page as a PNG, or its upper part."""
        file.write_bytes(base64.b64decode(self.picture(1, height, **how)))

    def picture(self, scale: int, height: int | None = None, **how: object) -> str:
        """The same in base64, with so many pixels to a CSS pixel."""
        size = self._call("Page.getLayoutMetrics")["cssContentSize"]
        high = min(size["height"], height or 10**6)
        clip = {"x": 0, "y": 0, "width": size["width"], "height": high, "scale": scale}
        taken = self._call("Page.captureScreenshot", {"clip": clip, "captureBeyondViewport": True, **how})
        return str(taken["data"])

    def _call(self, method: str, params: Mapping[str, object] | None = None) -> Any:
        self._count += 1
        message: dict[str, object] = {"id": self._count, "method": method, "params": params or {}}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._read()
            if answer.get("id") == self._count:
                assert "error" not in answer, answer["error"]
                return answer["result"]

    def _read(self) -> Any:
        while b"\0" not in self._buffer:
            more = os.read(self._in, 1 << 16)
            assert more, "Chromium ended."
            self._buffer += more
        line, _, self._buffer = self._buffer.partition(b"\0")
        answer = json.loads(line)
        self._events.append(answer.get("method", ""))
        if answer.get("method") == "Network.requestWillBeSent":
            self.requests.append(answer["params"]["request"]["url"])
        return answer
