"""One fold from end to end: everything that is learnt in it, is learnt from its training customers."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy
import torch
from sklearn.model_selection import RepeatedStratifiedKFold

from bespoke import mean_shares, shares_in_time
from classifiers import CLASSIFIERS, judge
from cohort import UNKNOWN, Study
from features import read_features
from lstm import Network, Settings, train, untrained
from path import Microseg, build, encode, history_lines, score
from reference import Population, read_taxonomy

FOLDS = 5
REPEATS = 5
SPLIT_SEED = 2026


@dataclass(frozen=True)
class Row:
    """A line of the results: a classifier on some columns."""

    title: str
    columns: str
    classifier: str
    side: str
    """`bespoke`, `features`, or `control`, which belongs to neither."""
    knows_money: bool

    @property
    def name(self) -> str:
        return f"{self.classifier}, {self.title}"


def pair(title: str, columns: str, side: str, knows_money: bool) -> list[Row]:
    """A row for each classifier."""
    return [Row(title, columns, classifier, side, knows_money) for classifier in CLASSIFIERS]


ROWS = (
    *pair("shares: mean", "mean shares", "bespoke", False),
    *pair("shares: mean, last, trend", "shares in time", "bespoke", False),
    *pair("money", "money", "bespoke", True),
    *pair("shares: mean; money", "mean shares + money", "bespoke", True),
    *pair("state", "state", "features", False),
    *pair("trajectory", "trajectory", "features", False),
    Row("micro-segment", "segment", "LR", "features", False),
    *pair("state; money", "state + money", "features", True),
    *pair("trajectory; money", "trajectory + money", "features", True),
    Row("state of an untrained network", "untrained state", "LR", "control", False),
)


@dataclass(frozen=True)
class Prepared:
    """A study with what every fold reads: the same for all, and learnt from nobody."""

    study: Study
    lines: list[str]
    company_lines: list[str]
    population: Population
    """Of `study.customers`."""
    company: Population


@dataclass(frozen=True)
class Fold:
    repeat: int
    number: int
    train: numpy.ndarray
    test: numpy.ndarray

    @property
    def seed(self) -> int:
        return 100 * self.repeat + self.number


def prepare(microseg: Microseg, study: Study, folder: Path) -> Prepared:
    """Encodes the customers of a study."""
    lines, company_lines = history_lines(study.customers), history_lines(study.company)
    folder.mkdir(parents=True, exist_ok=True)
    population = encode(microseg, study, lines, folder)
    company = encode(microseg, study, company_lines, folder)
    return Prepared(study, lines, company_lines, population, company)


def folds(study: Study) -> list[Fold]:
    """The same folds for every row and every task."""
    splitter = RepeatedStratifiedKFold(n_splits=FOLDS, n_repeats=REPEATS, random_state=SPLIT_SEED)
    splits = splitter.split(numpy.zeros(len(study.strata)), study.strata)
    return [Fold(index // FOLDS, index % FOLDS, train, test) for index, (train, test) in enumerate(splits)]


def together(first: Population, second: Population) -> Population:
    """Two populations as one; the shorter window is padded at its end."""
    periods = max(first.profiles.shape[1], second.profiles.shape[1])

    def padded(population: Population) -> torch.Tensor:
        return torch.nn.functional.pad(population.profiles, (0, 0, 0, periods - population.profiles.shape[1]))

    return Population(torch.cat([padded(first), padded(second)]), torch.cat([first.lengths, second.lengths]))


class FoldRun:
    """The work on one fold, and what it takes."""

    def __init__(self, microseg: Microseg, prepared: Prepared, fold: Fold, folder: Path) -> None:
        self.microseg, self.prepared, self.fold, self.folder = microseg, prepared, fold, folder
        self.seconds: dict[str, float] = {}

    def timed(self, what: str, started: float) -> None:
        self.seconds[what] = round(self.seconds.get(what, 0.0) + time.monotonic() - started, 2)

    def scorings(self, network: Network) -> list[dict[str, Any]]:
        """All judged customers by a bundle that is built from the fold's training customers and the company."""
        prepared, study = self.prepared, self.prepared.study
        training_lines = [prepared.lines[row] for row in self.fold.train] + prepared.company_lines
        started = time.monotonic()
        models = build(self.microseg, study, network, training_lines, self.folder)
        self.timed("build", started)
        started = time.monotonic()
        scorings = list(score(self.microseg, study, models, prepared.lines, self.folder))
        self.timed("score", started)
        return scorings

    def columns(self) -> tuple[dict[str, numpy.ndarray], list[float]]:
        """The columns of every row, and how well the network foresees each trait."""
        study, fold = self.prepared.study, self.fold
        coefficients = read_taxonomy(study.taxonomy).coefficients
        training = together(self.prepared.population.at(torch.from_numpy(fold.train)), self.prepared.company)
        started = time.monotonic()
        trained = train(training, coefficients, Settings(), fold.seed)
        self.timed("train", started)
        features = read_features(self.scorings(trained.network), fold.train)
        control = read_features(self.scorings(untrained(training, coefficients, Settings(), fold.seed)), fold.train)
        money = numpy.array([customer.money for customer in study.customers])
        shares = mean_shares(self.prepared.population)
        columns = {
            "mean shares": shares,
            "shares in time": shares_in_time(self.prepared.population),
            "money": money,
            "mean shares + money": numpy.hstack([shares, money]),
            "state": features.state,
            "trajectory": features.trajectory,
            "segment": features.segment,
            "state + money": numpy.hstack([features.state, money]),
            "trajectory + money": numpy.hstack([features.trajectory, money]),
            "untrained state": control.state,
        }
        return columns, trained.r_squared

    def run(self) -> dict[str, Any]:
        """The AUC of every row and task on the fold's test customers."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        columns, r_squared = self.columns()
        auc: dict[str, dict[str, float]] = {}
        for task in self.prepared.study.tasks:
            labels = self.prepared.study.labels(task)
            train = self.fold.train[labels[self.fold.train] != UNKNOWN]
            test = self.fold.test[labels[self.fold.test] != UNKNOWN]
            started = time.monotonic()
            auc[task.name] = {
                row.name: judge(row.classifier, columns[row.columns], labels, train, test) for row in ROWS
            }
            self.timed("classify", started)
        shutil.rmtree(self.folder)
        return {
            "repeat": self.fold.repeat,
            "fold": self.fold.number,
            "train": len(self.fold.train),
            "test": len(self.fold.test),
            "r_squared": r_squared,
            "segment_columns": columns["segment"].shape[1],
            "auc": auc,
            "seconds": self.seconds,
        }
