"""What the raw results say of one study: means, intervals, differences, and the rows that were chosen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy

from judge import Interval, corrected_interval, resampled_interval
from raw import Measurement
from splits import CHOSEN_BY, FOLDS, ONE_SPLIT, OUT_OF_TIME, PURPOSES

TEST_TO_TRAIN = 1 / (FOLDS - 1)

Key = tuple[int, int, str]
"""Repeat, fold, resample."""


class Evidence:
    """The measurements of one study, by what they measure."""

    def __init__(self, study: str, measured: Iterable[Measurement]) -> None:
        self.study = study
        self.values: dict[tuple[str, str, str, str], dict[Key, float]] = defaultdict(dict)
        for one in measured:
            self.values[one.purpose, one.measure, one.task, one.row][one.repeat, one.fold, one.group] = one.value

    def fact(self, name: str, task: str = "", group: str = "") -> int:
        """A count of customers."""
        return round(next(iter(self.of("study", name, task, group).values()), 0.0))

    @property
    def classes(self) -> bool:
        """Whether the study has classes; without any its periods are numbers."""
        return bool(self.fact("classes"))

    def tasks(self) -> list[str]:
        """The tasks, in the order of the study."""
        found = [task for purpose, measure, task, _ in self.values if measure == "auc" and purpose in CHOSEN_BY]
        return list(dict.fromkeys(found))

    def purposes(self, task: str) -> list[str]:
        """What the task was reported by."""
        found = {purpose for purpose, measure, one, _ in self.values if measure == "auc" and one == task}
        return [purpose for purpose in PURPOSES if purpose in found and purpose in CHOSEN_BY]

    def of(self, purpose: str, measure: str, task: str, row: str) -> dict[Key, float]:
        return self.values.get((purpose, measure, task, row), {})

    def has(self, purpose: str, measure: str, task: str, row: str) -> bool:
        return bool(self.of(purpose, measure, task, row))

    def interval(self, purpose: str, measure: str, task: str, row: str, less: str | None = None) -> Interval | None:
        """The mean of a row, or of its difference to another by split or resample; None where it was not measured."""
        first = self.of(purpose, measure, task, row)
        second = {key: 0.0 for key in first} if less is None else self.of(purpose, measure, task, less)
        common = [key for key in first if key in second]
        if purpose in ONE_SPLIT:
            whole = [first[key] - second[key] for key in common if not key[2]]
            resampled = [first[key] - second[key] for key in common if key[2]]
            return resampled_interval(whole[0], resampled) if len(resampled) > 1 else None
        values = [first[key] - second[key] for key in common]
        return corrected_interval(values, TEST_TO_TRAIN) if len(values) > 1 else None

    def mean(self, purpose: str, measure: str, task: str, row: str) -> float | None:
        found = list(self.of(purpose, measure, task, row).values())
        return float(numpy.mean(found)) if found else None

    def chosen(self, purpose: str, task: str, rows: Sequence[str]) -> str | None:
        """The row with the highest mean AUC on the splits of choice; None if none was measured there."""
        measured = [row for row in rows if self.has(CHOSEN_BY[purpose], "auc", task, row)]
        means = {
            row: float(numpy.mean(list(self.of(CHOSEN_BY[purpose], "auc", task, row).values()))) for row in measured
        }
        return max(means, key=lambda row: means[row]) if means else None


@dataclass(frozen=True)
class Judged:
    """A task as it was judged: by folds, on a later time, or on a part held out."""

    evidence: Evidence
    task: str
    purpose: str

    @property
    def title(self) -> str:
        return f"{self.task}, out of time" if self.purpose == OUT_OF_TIME else self.task

    @property
    def known(self) -> int:
        return self.count("known")

    @property
    def positive(self) -> int:
        return self.count("positive")

    def count(self, name: str) -> int:
        """Of the customers that are judged: in folds all of them are."""
        return self.evidence.fact(f"{name}, {self.purpose}" if self.purpose in ONE_SPLIT else name, self.task)

    def auc(self, row: str) -> Interval | None:
        return self.evidence.interval(self.purpose, "auc", self.task, row)

    def difference(self, row: str, less: str) -> Interval | None:
        return self.evidence.interval(self.purpose, "auc", self.task, row, less)

    def chosen(self, rows: Sequence[str]) -> str | None:
        return self.evidence.chosen(self.purpose, self.task, rows)


def judged(studies: Iterable[Evidence]) -> list[Judged]:
    """All tasks of all studies, each as often as it was judged."""
    return [Judged(one, task, purpose) for one in studies for task in one.tasks() for purpose in one.purposes(task)]
