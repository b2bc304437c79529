"""The raw results: one measurement a line, kept as soon as its part of a split is done, and read by the report.

A line of `.work/<study>.ndjson` is one finished part of a split, with the identity of what it follows from. A part is
done again only when its program, data, code or settings have changed.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Measurement:
    """One number."""

    purpose: str
    """What the split is for: `splits.py`."""
    repeat: int
    fold: int
    part: str
    measure: str
    """`auc`, `explained`, `missed`, `false alarms`, ...: `measures.md` tells all of them."""
    task: str
    row: str
    group: str
    """The labels that were given, the group of customers, the resample: what the measure needs beside; or nothing."""
    value: float


COLUMNS = tuple(field.name for field in fields(Measurement))


class Results:
    """The parts that are done; lines of another identity are left alone."""

    def __init__(self, path: Path, identities: dict[str, str]) -> None:
        """`identities`: of each part."""
        self.path, self.identities = path, identities
        self.done: dict[tuple[str, int, int, str], dict[str, Any]] = {}
        if path.exists():
            for line in path.read_text(encoding="utf-8").splitlines():
                self.remember(line)

    def remember(self, line: str) -> None:
        try:
            result = json.loads(line)
        except json.JSONDecodeError:
            return  # cut off in the middle of writing
        if result["identity"] == self.identities.get(result["part"]):
            self.done[result["purpose"], result["repeat"], result["fold"], result["part"]] = result

    def add(self, key: tuple[str, int, int, str], measured: Iterable[Measurement], seconds: float) -> None:
        """Keeps a finished part."""
        purpose, repeat, fold, part = key
        values = [(one.measure, one.task, one.row, one.group, one.value) for one in measured]
        result = {
            "identity": self.identities[part], "purpose": purpose, "repeat": repeat, "fold": fold, "part": part,
            "seconds": round(seconds, 2), "values": values,
        }  # fmt: skip
        line = json.dumps(result)
        with self.path.open("ab") as file:
            # What an interruption cut off must not swallow the line that follows.
            file.write(("" if self.ends_with_a_line() else "\n").encode() + line.encode() + b"\n")
        self.remember(line)

    def ends_with_a_line(self) -> bool:
        whole = self.path.read_bytes()[-1:] if self.path.exists() else b""
        return whole in (b"", b"\n")

    def measurements(self) -> list[Measurement]:
        """All of them, in the order of splits and parts."""
        return [
            Measurement(*key, measure, task, row, group, value)
            for key in sorted(self.done)
            for measure, task, row, group, value in self.done[key]["values"]
        ]

    def seconds(self, part: str) -> list[float]:
        """How long the part took, for each split in which it is done."""
        return [result["seconds"] for key, result in self.done.items() if key[3] == part]


def write_csv(path: Path, measured: Iterable[Measurement]) -> None:
    """For the repository: no customer is in it, only what was measured on many."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for one in measured:
            writer.writerow([*astuple(one)[:-1], f"{one.value:.6g}"])


def read_csv(path: Path) -> list[Measurement]:
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Measurement(**{**row, "repeat": int(row["repeat"]), "fold": int(row["fold"]), "value": float(row["value"])})
            for row in csv.DictReader(file)
        ]
