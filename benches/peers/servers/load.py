"""The client: wrk, which keeps a number of connections busy for a while."""

from __future__ import annotations

import json
import resource
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from servers.connection import PATIENCE_SECONDS
from servers.contenders import PATH
from servers.cores import Cores

SCRIPT = Path(__file__).with_name("post.lua")

WAITS = 4
"""How many times a connection is answered in a run at the least: else the run is made longer."""

LONGEST_SECONDS = 10.0
"""Of a run while searching: more connections than fit into it only wait."""

FEW = 1.02
"""How much faster more connections must be, to be preferred to fewer: below it is noise, and they only wait."""


@dataclass(frozen=True)
class Load:
    """One run of the client."""

    connections: int
    rate: float
    """Answers a second."""

    p50: float
    """Milliseconds."""

    p99: float
    seconds: float
    """How long it took."""

    client: float
    """The share of its cores that the client needed: near 1 it is the client that is measured."""

    @property
    def answers(self) -> float:
        return self.rate * self.seconds


def load(port: int, files: list[Path], connections: int, seconds: float, cores: Cores) -> Load:
    """Keeps so many connections busy; every answer must be a 200."""
    threads = min(connections, max(1, len(cores.client) // 2))
    # Each thread of wrk has as many connections as the others.
    threads = max(count for count in range(1, threads + 1) if connections % count == 0)
    command = ["wrk", f"-t{threads}", f"-c{connections}", f"-d{whole(seconds)}s"]
    command += ["--timeout", f"{PATIENCE_SECONDS:.0f}s", "-s", str(SCRIPT), f"http://127.0.0.1:{port}{PATH}"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    process = subprocess.Popen(
        cores.pinned_client(command + ["--", *(str(path) for path in files)]),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        text, _ = process.communicate(timeout=seconds + PATIENCE_SECONDS)
    except BaseException:
        process.kill()
        process.wait()
        raise
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode != 0:
        raise RuntimeError(f"wrk failed: {text.strip()}")
    busy = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return read(text, connections, busy / threads)


def whole(seconds: float) -> int:
    """wrk takes whole seconds."""
    return max(1, round(seconds))


def read(text: str, connections: int, busy: float) -> Load:
    """The line that the script writes at the end; `busy` is what each thread worked, in seconds."""
    found = json.loads(text.strip().splitlines()[-1])
    if found["failed"]:
        raise RuntimeError(f"{found['failed']} requests failed at {connections} connections")
    if not found["requests"]:
        raise RuntimeError(f"no answer at {connections} connections: the run is too short")
    seconds = found["microseconds"] / 1e6
    rate = found["requests"] / seconds
    return Load(connections, rate, found["p50"] / 1e3, found["p99"] / 1e3, seconds, busy / seconds)


def lasting(connections: int, rate: float, seconds: float) -> float:
    """How long a run with so many connections takes, when there are so many answers a second."""
    return max(seconds, WAITS * connections / rate)


def peak(run: Callable[[int, float], Load], numbers: list[int], seconds: float) -> Load:
    """The run with the most answers a second."""
    best = run(numbers[0], seconds)
    for connections in numbers[1:]:
        needed = lasting(connections, best.rate, seconds)
        if needed > LONGEST_SECONDS:
            break
        found = run(connections, needed)
        if found.rate > FEW * best.rate:
            best = found
    return best
