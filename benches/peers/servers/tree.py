"""A process with all that it started: what they cost, and that none is left."""

from __future__ import annotations

import contextlib
import os
import re
import signal
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


class Tree:
    """Processes by number and time of birth: a number alone may belong to another process later."""

    def __init__(self, root: int) -> None:
        self.members = {root: born(root)}

    def look(self) -> list[int]:
        """The living members; those that were started since are found by their parents."""
        parents = {pid: fields for pid, fields in every_process()}
        found = True
        while found:
            found = False
            for pid, (parent, birth) in parents.items():
                if pid not in self.members and parent in self.members and self._alive(parent, parents):
                    self.members[pid] = birth
                    found = True
        return [pid for pid in self.members if self._alive(pid, parents)]

    def _alive(self, pid: int, processes: dict[int, tuple[int, int]]) -> bool:
        return pid in processes and processes[pid][1] == self.members[pid]

    def send(self, which: signal.Signals) -> None:
        for pid in self.look():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, which)

    def peak_bytes(self) -> int:
        """The most memory that each held (VmHWM), added up; what they share counts for each."""
        return sum(peak_bytes(pid) for pid in self.look())

    def processor_seconds(self) -> float:
        """Of the members that live."""
        return sum(processor_seconds(pid) for pid in self.look())


def stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat after the name, which may hold blanks; empty once the process has ended."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return []
    return text.rpartition(")")[2].split()


def every_process() -> list[tuple[int, tuple[int, int]]]:
    """Number, parent and time of birth of all that have not ended."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := stat(int(entry.name))) and fields[0] != "Z":
            found.append((int(entry.name), (int(fields[1]), int(fields[19]))))
    return found


def born(pid: int) -> int:
    return int(stat(pid)[19])


def processor_seconds(pid: int) -> float:
    fields = stat(pid)
    return (int(fields[11]) + int(fields[12])) / TICKS if fields else 0.0


def peak_bytes(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return 0
    found = re.search(r"^VmHWM:\s+(\d+) kB", text, re.MULTILINE)
    return int(found.group(1)) * 1024 if found else 0
