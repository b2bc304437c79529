"""Which processors the server and the client have."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Cores:
    """Where the processes of a run may be scheduled."""

    server: list[int]
    client: list[int]

    def pinned_server(self, command: list[str]) -> list[str]:
        return pinned(command, self.server)

    def pinned_client(self, command: list[str]) -> list[str]:
        return pinned(command, self.client)


def pinned(command: list[str], cores: list[int]) -> list[str]:
    return ["taskset", "--cpu-list", ",".join(str(core) for core in cores), *command]


def all_cores() -> list[int]:
    return sorted(os.sched_getaffinity(0))


def one_each() -> Cores:
    """One core for the server, one for the client: the same one where there are not two."""
    cores = all_cores()
    server = cores[0]
    siblings = threads_of_one_core(server)
    # Two threads of one core would share what it can do.
    others = [core for core in cores if core not in siblings] or cores[1:] or cores
    return Cores([server], [others[0]])


def shared() -> Cores:
    """All cores for both."""
    return Cores(all_cores(), all_cores())


def threads_of_one_core(processor: int) -> set[int]:
    """What Linux calls processors may be two threads of one core."""
    path = Path(f"/sys/devices/system/cpu/cpu{processor}/topology/thread_siblings_list")
    if not path.exists():
        return {processor}
    found: set[int] = set()
    for part in path.read_text(encoding="utf-8").strip().split(","):
        first, _, last = part.partition("-")
        found |= set(range(int(first), int(last or first) + 1))
    return found
