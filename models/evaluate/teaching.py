"""The networks of one split at work: taught, built into a bundle, and asked about all customers.

What is said of the customers is kept in files, so that another part need not train again.
"""

from __future__ import annotations

import math
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy

from features import Features, read_features, trajectory
from measures import Value
from path import Microseg, build, score
from prepared import Prepared
from rows import MAIN
from splits import REPORT, Split

MOST_SEGMENTED = 1000
"""Training customers that segments are made of at most, evenly drawn: with more the build takes much longer."""


@dataclass(frozen=True)
class Bench:
    """What a part works with."""

    microseg: Microseg
    prepared: Prepared
    work: Path
    """The folder of the study: scorings that are kept, and a folder for each split at work."""
    identity: str
    """What a kept scoring follows from."""
    ready: Path | None = None
    """A folder of models with a bundle of the study's name, to score by instead of teaching a network in each split."""


class NetworkWork:
    """What the networks of one split say of the customers: taught when they are asked first, then read from files."""

    def __init__(self, bench: Bench, split: Split) -> None:
        self.bench, self.split = bench, split
        self.prepared, self.study = bench.prepared, bench.prepared.study

    def kept(self, network: str, ending: str = "") -> Path:
        return self.bench.work / "kept" / self.bench.identity / f"{self.split.word}-{network}{ending}.npz"

    def features(self, network: str) -> Features:
        """The network's scorings of all customers of the study: from a file, or else it is taught now."""
        path = self.kept(network)
        if not path.exists():
            self.teach(network)
        return Features.load(path)

    def teach(self, network: str) -> list[Value]:
        """Teaches a network, and keeps the scorings; gives what the training says of itself."""
        if self.bench.ready is not None:
            self.score_all(network, self.bench.ready)
            return []
        import torch

        from networks import export, states, steps_of_channels, steps_of_profiles, teach

        study, rows = self.study, self.split.train.tolist()
        by_channels = network == "N" or study.taxonomy is None
        if by_channels:
            everybody = steps_of_channels(self.prepared.everybody, study.window)
        else:
            everybody = steps_of_profiles([*self.prepared.profiles, *self.prepared.company_profiles])
        learners = [*rows, *range(len(study.customers), len(everybody))]
        trained = teach(network, study, everybody.at(torch.tensor(learners)), self.split.seed)
        if network == MAIN:
            self.score_by_service(network, export(trained, study, self.folder(network)))
        else:
            visited = states(trained, everybody.at(torch.arange(len(study.customers))))
            nowhere = [("",)] * len(visited)
            found = Features(
                numpy.stack([path[-1] for path in visited]),
                numpy.stack([trajectory(path) for path in visited]),
                nowhere,
                [""] * len(visited),
            )
            found.save(self.kept(network))
        numbers = {"epochs": float(trained.epochs), "seconds": trained.seconds, "parameters": float(trained.parameters)}
        return [("training", "", f"{network}: {name}", "", value) for name, value in numbers.items()]

    def folder(self, network: str) -> Path:
        folder = self.bench.work / f"{self.split.word}-{network}"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def score_by_service(self, network: str, arguments: list[str | Path]) -> None:
        """A bundle with segments of the training customers; all customers are scored by it."""
        folder = self.folder(network)
        sampled = self.split.train[:: math.ceil(len(self.split.train) / MOST_SEGMENTED)]
        lines = [self.prepared.lines[row] for row in sampled]
        self.score_all(network, build(self.bench.microseg, self.study, lines, arguments, folder))

    def score_all(self, network: str, models: Path) -> None:
        """All customers, as now and as half a year before."""
        folder, name = self.folder(network), self.study.name
        read_features(score(self.bench.microseg, models, name, self.prepared.lines, folder)).save(self.kept(network))
        _, earlier = self.prepared.earlier_lines()
        if earlier and self.first_report:
            before = score(self.bench.microseg, models, name, earlier, folder)
            read_features(before).save(self.kept(network, "-earlier"))
        shutil.rmtree(folder)

    @property
    def first_report(self) -> bool:
        """Costly measures are taken on the first repeat's folds alone."""
        return self.split.purpose == REPORT and self.split.repeat == 0
