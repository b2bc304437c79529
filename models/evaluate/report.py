"""Writes the results as a section of Markdown, from the folds' results alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

import numpy

from cohort import UNKNOWN, Study, Task
from folds import FOLDS, REPEATS, ROWS, Row
from judge import MARGIN, Interval, corrected_interval, verdict
from lstm import Settings
from reference import TRAITS, read_taxonomy

TEMPLATE = Path(__file__).parent / "results.template.md"
TRAINED, UNTRAINED = "LR, state", "LR, state of an untrained network"


@dataclass(frozen=True)
class Judged:
    """A task with the results of all its folds."""

    study: Study
    task: Task
    results: list[dict[str, Any]]

    @property
    def test_to_train(self) -> float:
        return float(numpy.mean([result["test"] / result["train"] for result in self.results]))

    def values(self, row: str) -> numpy.ndarray:
        return numpy.array([result["auc"][self.task.name][row] for result in self.results])

    def auc(self, row: str) -> Interval:
        return corrected_interval(self.values(row).tolist(), self.test_to_train)

    def difference(self, row: str, other: str) -> Interval:
        """Fold by fold, so that what a hard fold does to both cancels out."""
        return corrected_interval((self.values(row) - self.values(other)).tolist(), self.test_to_train)

    def best(self, side: str, allowed: Callable[[Row], bool]) -> str:
        """The row of a side with the highest mean."""
        names = [row.name for row in ROWS if row.side == side and allowed(row)]
        return max(names, key=lambda name: self.auc(name).mean)

    @property
    def known(self) -> int:
        return int((self.study.labels(self.task) != UNKNOWN).sum())

    @property
    def positives(self) -> int:
        return int((self.study.labels(self.task) == 1).sum())


def without_money(row: Row) -> bool:
    return not row.knows_money


def with_all(row: Row) -> bool:
    return True


COMPARISONS: tuple[tuple[str, Callable[[Row], bool]], ...] = (
    ("shares alone", without_money),
    ("all that is known", with_all),
)


def signed(value: float) -> str:
    """With a real minus sign, and without one for nought; differences need a digit more than the AUC itself."""
    text = f"{abs(value):.3f}"
    return text if float(text) == 0 else f"{'−' if value < 0 else '+'}{text}"


def change(interval: Interval) -> str:
    """A difference, with its interval."""
    return f"{signed(interval.mean)} [{signed(interval.low)}, {signed(interval.high)}]"


def level(interval: Interval) -> str:
    return f"{interval.mean:.2f} [{max(interval.low, 0):.2f}, {min(interval.high, 1):.2f}]"


def table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    header = list(header)
    lines = ["| " + " | ".join(line) + " |" for line in (header, *rows)]
    return "\n".join([lines[0], "|---" * len(header) + "|", *lines[1:]])


@dataclass(frozen=True)
class Comparison:
    """The best row of one side against the best of the other, where both may know the same."""

    judged: Judged
    information: str
    bespoke: str
    features: str

    @property
    def difference(self) -> Interval:
        return self.judged.difference(self.features, self.bespoke)

    @property
    def verdict(self) -> str:
        return verdict(self.difference, self.judged.auc(self.bespoke))


def comparisons(judged: list[Judged]) -> list[Comparison]:
    return [
        Comparison(one, information, one.best("bespoke", allowed), one.best("features", allowed))
        for one in judged
        for information, allowed in COMPARISONS
    ]


def verdict_table(judged: list[Judged]) -> str:
    """The best of one side against the best of the other, for each task."""
    rows = [
        [
            f"{one.judged.task.name}, {one.information}",
            f"{one.bespoke}: {level(one.judged.auc(one.bespoke))}",
            f"{one.features}: {level(one.judged.auc(one.features))}",
            change(one.difference),
            one.verdict,
        ]
        for one in comparisons(judged)
    ]
    return table(("task, information", "best bespoke", "best features", "difference", "the claim"), rows)


def tally(judged: list[Judged]) -> str:
    """The whole in plain words."""
    every = comparisons(judged)

    def named(word: str) -> str:
        found = [f"{one.judged.task.name} ({one.information})" for one in every if one.verdict.startswith(f"**{word}**")]
        return f"{len(found)} of {len(every)} comparisons" + (f": {', '.join(found)}" if found else "")

    return f"- It holds in {named('holds')}.\n- It fails in {named('fails')}.\n- It is not shown in {named('not shown')}."


def results_table(judged: list[Judged]) -> str:
    """Every row on every task of a data set; beneath a features' AUC its difference to the best bespoke row."""

    def cell(one: Judged, row: Row) -> str:
        if row.side != "features":
            return level(one.auc(row.name))
        best = one.best("bespoke", with_all if row.knows_money else without_money)
        return f"{level(one.auc(row.name))}<br>{change(one.difference(row.name, best))}"

    header = ["", *(f"{one.task.name}: {one.task.question}" for one in judged)]
    counts = ["customers (positives)", *(f"{one.known} ({one.positives})" for one in judged)]
    rows = [[f"{row.side}: {row.name}", *(cell(one, row) for one in judged)] for row in ROWS]
    return table(header, [counts, *rows])


def learnt_table(judged: list[Judged]) -> str:
    """How well the networks learnt what they were taught, and what that was worth."""
    rows = []
    for one in judged:
        by_fold = numpy.array([result["r_squared"] for result in one.results])
        typical = [signed_short(float(value)) for value in numpy.median(by_fold, axis=0)]
        rows.append([one.task.name, *typical, change(one.difference(TRAINED, UNTRAINED))])
    return table(("task", *(f"R² {trait}" for trait in TRAITS), "AUC of the state, trained less untrained"), rows)


def signed_short(value: float) -> str:
    return "below −1" if value < -1 else f"{'−' if value < 0 else ''}{abs(value):.2f}"


def knows_table(studies: list[Study]) -> str:
    """What each side is told, in numbers a customer."""
    hidden = Settings().hidden_size
    rows = []
    for study in studies:
        classes = len(read_taxonomy(study.taxonomy).classes)
        rows.append(
            [
                study.title,
                f"{len(study.customers)} + {len(study.company)}",
                f"{study.window} {study.period}s",
                f"{classes} or {3 * classes}",
                str(len(study.money)),
                f"{hidden} or {3 * hidden + len(TRAITS)}",
            ]
        )
    header = (
        "study", "customers judged + others", "window", "numbers: shares", "money", "state or trajectory",
    )  # fmt: skip
    return table(header, rows)


def write_report(path: Path, finished: list[tuple[Study, list[dict[str, Any]]]]) -> None:
    """All of it."""
    judged = [Judged(study, task, results) for study, results in finished for task in study.tasks]
    berka = [one for one in judged if one.study.name.startswith("berka")]
    ecommerce = [one for one in judged if one.study.name.startswith("ecommerce")]
    text = Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        tally=tally(judged),
        verdicts=verdict_table(judged),
        berka=results_table(berka),
        ecommerce=results_table(ecommerce),
        learnt=learnt_table(judged),
        knows=knows_table([study for study, _ in finished]),
        folds=FOLDS,
        repeats=REPEATS,
        margin=MARGIN,
        hidden_size=Settings().hidden_size,
    )
    beside = path.with_suffix(".new")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)
