"""Who learns and who is judged: folds to choose by, folds to report, a test on a later time, a part held out.

A choice, such as which row stands for a side, is made on splits of `CHOICE` alone. Reported splits choose nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy
from sklearn.model_selection import RepeatedStratifiedKFold, StratifiedKFold, train_test_split

from cohort import Study

FOLDS = 5
CHOICE_FOLDS = 3
"""A choice needs no interval, so it is cheaper."""
CHOICE_SEED = 2025
REPORT_SEED = 2026

CHOICE, REPORT = "choice", "report"
CHOICE_IN_TIME, OUT_OF_TIME = "choice in time", "out of time"
"""The out-of-time test's own choice is made within the customers of the earlier time."""

CHOICE_AT_HOME, HELD_OUT = "choice at home", "held out"
"""Where customers are many, one part is held out, and the choice is made within the others."""

CHOSEN_BY = {REPORT: CHOICE, OUT_OF_TIME: CHOICE_IN_TIME, HELD_OUT: CHOICE_AT_HOME}
"""By which splits the rows are chosen that a purpose reports."""

PURPOSES = (*CHOSEN_BY.values(), *CHOSEN_BY)
ONE_SPLIT = (OUT_OF_TIME, HELD_OUT)
"""Purposes with one split: its interval comes from resampled customers."""


@dataclass(frozen=True)
class Split:
    """One division of a study's customers: row numbers, in order."""

    purpose: str
    repeat: int
    number: int
    train: numpy.ndarray
    test: numpy.ndarray

    @property
    def key(self) -> tuple[str, int, int]:
        return self.purpose, self.repeat, self.number

    @property
    def word(self) -> str:
        """For the name of a folder."""
        return f"{self.purpose.replace(' ', '-')}-{self.repeat}-{self.number}"

    @property
    def seed(self) -> int:
        """What its networks are drawn by."""
        return 10_000 * PURPOSES.index(self.purpose) + 100 * self.repeat + self.number


def splits(study: Study, repeats: int) -> list[Split]:
    """All splits of a study: the same for every row and every task."""
    if study.held_out:
        return held_out(study)
    every = cross_validation(study, CHOICE, CHOICE_FOLDS, 1, CHOICE_SEED)
    every += cross_validation(study, REPORT, FOLDS, repeats, REPORT_SEED)
    return every + out_of_time(study) if study.out_of_time else every


def cross_validation(study: Study, purpose: str, folds: int, repeats: int, seed: int) -> list[Split]:
    """Repeated stratified folds."""
    splitter = RepeatedStratifiedKFold(n_splits=folds, n_repeats=repeats, random_state=seed)
    parts = splitter.split(numpy.zeros(len(study.strata)), study.strata)
    return [Split(purpose, index // folds, index % folds, train, test) for index, (train, test) in enumerate(parts)]


def out_of_time(study: Study) -> list[Split]:
    """One division by time, and folds within the earlier customers to choose by."""
    late = numpy.array([customer.late for customer in study.customers])
    return inner_and_outer(study, CHOICE_IN_TIME, OUT_OF_TIME, numpy.flatnonzero(~late), numpy.flatnonzero(late))


def held_out(study: Study) -> list[Split]:
    """A part held out, drawn by stratum, and folds within the others to choose by."""
    rows = numpy.arange(len(study.customers))
    train, test = train_test_split(rows, test_size=study.held_out, stratify=study.strata, random_state=REPORT_SEED)
    return inner_and_outer(study, CHOICE_AT_HOME, HELD_OUT, numpy.sort(train), numpy.sort(test))


def inner_and_outer(study: Study, choice: str, purpose: str, train: numpy.ndarray, test: numpy.ndarray) -> list[Split]:
    strata = numpy.array(study.strata)[train]
    splitter = StratifiedKFold(CHOICE_FOLDS, shuffle=True, random_state=CHOICE_SEED)
    inner = [
        Split(choice, 0, number, train[inside], train[outside])
        for number, (inside, outside) in enumerate(splitter.split(train, strata))
    ]
    return [*inner, Split(purpose, 0, 0, train, test)]
