"""What no server of this kind gets below, as benches/floor.rs measures it on the core that the servers have."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

from servers.contenders import ROOT
from servers.cores import Cores

CARGO = [os.environ.get("CARGO", "cargo"), "bench", "--locked", "--quiet", "--bench", "floor"]


@dataclass(frozen=True)
class Floor:
    """Microseconds of one core for one history."""

    read: float
    """Its bytes read into nothing: the mean of the files, each the median of many runs."""

    network: float
    """In the network's best batch."""

    batch: int
    """The size of that batch."""

    @property
    def rate(self) -> float:
        """Histories a second and core."""
        return 1e6 / (self.read + self.network)


def build() -> None:
    """Before anything is measured: compiling takes all cores for minutes."""
    subprocess.run([*CARGO, "--no-run"], cwd=ROOT, check=True)


def floor(files: list[Path], cores: Cores) -> Floor:
    done = subprocess.run(
        cores.pinned_server([*CARGO, "--", "--json", *(str(path) for path in files)]),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return read(done.stdout)


def read(text: str) -> Floor:
    found = json.loads(text)
    return Floor(
        read=mean(one["microseconds"] for one in found["read"]),
        network=found["network_microseconds_each"],
        batch=found["best_batch"],
    )
