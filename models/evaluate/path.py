"""The way from histories to features, by the commands that a user has: encode, train, build, score."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cohort import Customer, Study
from lstm import Network, export
from reference import TRAITS, Population, read_population, read_taxonomy

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


def history_lines(customers: Iterable[Customer]) -> list[str]:
    """One history a line, as `encode`, `model build` and `score` take them."""
    return [json.dumps(customer.history, separators=(",", ":")) + "\n" for customer in customers]


def encode(microseg: Microseg, study: Study, lines: list[str], folder: Path) -> Population:
    """The profiles of histories, in order, by the service's own encoder. It learns nothing: each is encoded alone."""
    histories, encoded = folder / "histories.ndjson", folder / "encoded.ndjson"
    histories.write_text("".join(lines), encoding="utf-8")
    arguments = ("--taxonomy", study.taxonomy, "--period", study.period, "--window", str(study.window))
    microseg.run("encode", histories, *arguments, output=encoded)
    population = read_population(encoded, len(read_taxonomy(study.taxonomy).classes))
    if len(population) != len(lines):
        raise RuntimeError(f"{encoded}: {len(population)} of {len(lines)} customers")
    return population


def build(microseg: Microseg, study: Study, network: Network, lines: list[str], folder: Path) -> Path:
    """A bundle around the network, with segments and attractors from these histories alone; the folder of models."""
    models, module, population = folder / "models", folder / "model.pt", folder / "population.ndjson"
    export(network, module)
    population.write_text("".join(lines), encoding="utf-8")
    microseg.run(
        *("model", "build", population, "--network", module, "--taxonomy", study.taxonomy, "--name", study.name),
        *("--version", "1", "--into", models, "--period", study.period, "--window", str(study.window)),
        *("--outputs", ",".join(TRAITS), "--seed", str(BUNDLE_SEED), "--replace"),
    )
    return models


def score(microseg: Microseg, study: Study, models: Path, lines: list[str], folder: Path) -> Iterator[dict[str, Any]]:
    """What the service says of histories, in order."""
    histories, scored = folder / "judged.ndjson", folder / "scored.ndjson"
    histories.write_text("".join(lines), encoding="utf-8")
    microseg.run("score", histories, "--models", models, "--model", study.name, output=scored)
    with scored.open(encoding="utf-8") as file:
        scorings = [json.loads(line) for line in file]
    if len(scorings) != len(lines) or not all("features" in scoring for scoring in scorings):
        raise RuntimeError(f"{scored}: not every one of {len(lines)} customers was scored")
    yield from scorings
