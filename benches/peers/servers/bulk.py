"""`microseg score FILE`: how many histories a second it scores, on one core and on all."""

from __future__ import annotations

import resource
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from servers.contenders import ROOT, clean_environment
from servers.cores import all_cores, pinned
from servers.progress import say

RUNS = 3


@dataclass(frozen=True)
class Bulk:
    cores: int
    rate: float
    """Histories a second."""

    processor: float
    """Milliseconds of processor for each history."""

    def of_floor_by_processor(self, floor_rate: float) -> float:
        """The share of the floor for each core that it really had."""
        return 1e3 / self.processor / floor_rate

    def of_floor(self, floor_rate: float) -> float:
        """The share of the floor, for each core that it may use."""
        return self.rate / self.cores / floor_rate


def bulk(microseg: Path, bodies: list[bytes], histories: int, server: list[int], folder: Path) -> list[Bulk]:
    """On the server's core, and on all.

    Loading libtorch takes half a second whatever there is to do, so two files are timed, of which one is four
    times as long, and the difference counts: that of the fastest runs, since what disturbs a run only adds to it.
    """
    short = write(folder / "short.ndjson", bodies, histories // 4)
    long = write(folder / "long.ndjson", bodies, histories)
    found = []
    for cores in (server, all_cores()):
        say(f"microseg score: {histories:,} histories on {len(cores)} {'core' if len(cores) == 1 else 'cores'}")
        taken = {path: [seconds(microseg, path, cores) for _ in range(RUNS)] for path in (short, long)}
        wall, busy = (
            min(run[clock] for run in taken[long]) - min(run[clock] for run in taken[short])
            for clock in (0, 1)
        )
        more = histories - histories // 4
        found.append(Bulk(len(cores), rate=more / wall, processor=1e3 * busy / more))
    long.unlink()
    short.unlink()
    return found


def write(path: Path, bodies: list[bytes], histories: int) -> Path:
    with path.open("wb") as file:
        for number in range(histories):
            file.write(bodies[number % len(bodies)] + b"\n")
    return path


def seconds(microseg: Path, path: Path, cores: list[int]) -> tuple[float, float]:
    """By wall clock and of processor."""
    command = pinned([str(microseg), "score", str(path), "--models", str(ROOT / "models"), "--log", "warn"], cores)
    before, begun = children(), time.monotonic()
    subprocess.run(command, env=clean_environment(), stdout=subprocess.DEVNULL, check=True)
    return time.monotonic() - begun, children() - before


def children() -> float:
    """The processor time of all child processes that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
