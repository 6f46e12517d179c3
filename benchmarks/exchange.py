"""First sync from Exchange Server and from Microsoft 365 beside bare loops over the same mail: `make bench` runs it.

The servers are the tests' own fakes on loopback, each in a process of its own, and each way to read too. Every way
runs three times in turn, and the medians are compared.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
MOST = 1.5  # times a bare loop's time
MOST_MEMORY = 250  # MB
TIMES = 3
PAIRS = (("ews", "exchangelib"), ("graph", "requests"))
NAMES = {
    "ews": "mailwatch, first sync (EWS)",
    "exchangelib": "exchangelib, bare loop",
    "graph": "mailwatch, first sync (Graph)",
    "requests": "requests, bare loop",
}


def compare(count: int) -> None:
    """Prints time, CPU and memory of each way, and the ratios that count."""
    print(f"Exchange: {count} messages, medians of {TIMES} runs")
    print(f"{'':30}{'seconds':>9}{'CPU':>9}{'received':>12}{'memory':>10}")
    for ours, bare in PAIRS:
        found: dict[str, list[dict[str, Any]]] = {ours: [], bare: []}
        with _server(ours, count) as address:
            for _ in range(TIMES):
                for way in (ours, bare):
                    found[way].append(_run(way, address))
        for way in (ours, bare):
            assert {each["messages"] for each in found[way]} == {count}, f"{way} has not read all of the messages"
            print(
                f"{NAMES[way]:30}{_median(found[way], 'seconds'):9.2f}{_median(found[way], 'cpu'):9.2f}"
                f"{_median(found[way], 'received') / 1e6:9.1f} MB{_most(found[way], 'memory_mb'):7.0f} MB"
            )
        ratio = _median(found[ours], "seconds") / _median(found[bare], "seconds")
        memory = _most(found[ours], "memory_mb")
        print(
            f"  {ratio:.2f} times the bare loop's time ({_kept(ratio <= MOST)} {MOST}), "
            f"peak memory {memory:.0f} MB ({_kept(memory < MOST_MEMORY)} {MOST_MEMORY} MB)"
        )


def _kept(holds: bool) -> str:
    return "within" if holds else "MORE THAN"


def _median(found: list[dict[str, Any]], name: str) -> float:
    return statistics.median(each[name] for each in found)


def _most(found: list[dict[str, Any]], name: str) -> float:
    return float(max(each[name] for each in found))


@contextmanager
def _server(kind: str, count: int) -> Iterator[str]:
    command = [sys.executable, "-m", "benchmarks.exchange_servers", kind, str(count)]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.communicate()


def _run(way: str, address: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="mailwatch-bench-") as folder:
        command = [sys.executable, "-m", "benchmarks.ways_to_read_exchange", way, address, folder]
        done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
        found: dict[str, Any] = json.loads(done.stdout)
        return found


if __name__ == "__main__":
    options = argparse.ArgumentParser(prog="benchmarks.exchange")
    options.add_argument("--messages", type=int, default=5000)
    compare(options.parse_args().messages)
