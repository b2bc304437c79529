"""From histories to features by the commands that a user has: encode, build, score."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy

from cohort import Customer, Study

BUNDLE_SEED = 1
"""What `model build` draws its samples by."""


@dataclass(frozen=True)
class Microseg:
    """The program."""

    program: Path

    def run(self, *arguments: str | Path, output: Path | None = None) -> None:
        """Runs a command to its end; its standard output goes to `output`, beside it first."""
        command = [str(self.program), *map(str, arguments), "--log", "error"]
        if output is None:
            result = subprocess.run(command, capture_output=True, text=True)
        else:
            beside = output.with_suffix(".new")
            with beside.open("w", encoding="utf-8") as file:
                result = subprocess.run(command, stdout=file, stderr=subprocess.PIPE, text=True)
            if result.returncode == 0:
                beside.replace(output)
        if result.returncode != 0:
            raise RuntimeError(f"{' '.join(command)}: exit code {result.returncode}\n{result.stderr}")


def line(history: dict[str, Any]) -> str:
    return json.dumps(history, separators=(",", ":")) + "\n"


def history_lines(customers: Iterable[Customer]) -> list[str]:
    """One history a line, as `encode`, `model build` and `score` take them."""
    return [line(customer.history) for customer in customers]


def encode(microseg: Microseg, study: Study, lines: Sequence[str], folder: Path) -> list[numpy.ndarray]:
    """The profiles of histories, [T, K] each, in order, by the service's own encoder. It learns nothing."""
    if study.taxonomy is None or not lines:
        return []
    histories, encoded = folder / "histories.ndjson", folder / "encoded.ndjson"
    histories.write_text("".join(lines), encoding="utf-8")
    arguments = ("--taxonomy", study.taxonomy, "--period", study.period, "--window", str(study.window))
    microseg.run("encode", histories, *arguments, output=encoded)
    with encoded.open(encoding="utf-8") as file:
        profiles = [numpy.array(json.loads(one)["profile"], dtype=numpy.float64) for one in file]
    if len(profiles) != len(lines):
        raise RuntimeError(f"{encoded}: {len(profiles)} of {len(lines)} customers")
    return profiles


def build(microseg: Microseg, study: Study, lines: Sequence[str], network: Sequence[str | Path], folder: Path) -> Path:
    """A bundle with segments from these histories alone; `network` are the arguments that describe it.

    Gives the folder of models.
    """
    models, population = folder / "models", folder / "population.ndjson"
    population.write_text("".join(lines), encoding="utf-8")
    microseg.run(
        *("model", "build", population, *network, "--name", study.name, "--version", "1", "--into", models),
        *("--seed", str(BUNDLE_SEED), "--replace"),
    )
    return models


def score(microseg: Microseg, models: Path, name: str, lines: Sequence[str], folder: Path) -> list[dict[str, Any]]:
    """What the service says of histories, in order."""
    histories, scored = folder / "judged.ndjson", folder / "scored.ndjson"
    histories.write_text("".join(lines), encoding="utf-8")
    microseg.run("score", histories, "--models", models, "--model", name, output=scored)
    with scored.open(encoding="utf-8") as file:
        scorings = [json.loads(one) for one in file]
    if len(scorings) != len(lines) or not all("features" in scoring for scoring in scorings):
        raise RuntimeError(f"{scored}: not every one of {len(lines)} customers was scored")
    return scorings
