"""What is measured on one split: how well rows tell tasks, labels that are few, errors by group, segments, stability.

Each function gives values as `(measure, task, row, group, value)`.

| measure | value | group |
|---|---|---|
| `auc` | area under the ROC curve on the split's test customers | the resample of an out-of-time test |
| `gives away` | the AUC of an attribute (sex, age, household) | |
| `few labels` | AUC of a classifier that saw so many labels | labels, draw |
| `missed`, `false alarms` | of the bad the part not flagged; of the good the part flagged | attribute and value |
| `explained` | part of the outcome's variance that the segments explain, on test customers | |
| `segments` | how many | |
| `same leaf`, `same top`, ... | stability: `stability.py` | |
| `R² ...`, `epochs` | what the training says of itself | |
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy
from sklearn.metrics import roc_auc_score

from classifiers import chances
from cohort import UNKNOWN, Study, Task
from prepared import Columns
from rows import Row
from splits import ONE_SPLIT, Split

Value = tuple[str, str, str, str, float]

RESAMPLES = 200
"""Bootstrap samples of the test customers where there is one split; the same for every row."""

DRAWS = 4
LABELS = (50, 100, 200, 500, 1000, 2000, 5000)
"""How many labels a classifier is given, as far as a split has them."""

FEWEST = 5
"""Positives, and negatives, that a draw of few labels has at least."""

SHRINK = 10.0
"""A segment's rate counts as if so many customers more had the average rate: small segments say little."""


def known(labels: numpy.ndarray, rows: numpy.ndarray) -> numpy.ndarray:
    return rows[labels[rows] != UNKNOWN]


def auc_of_rows(study: Study, rows: Iterable[Row], columns: Columns, split: Split) -> list[Value]:
    """Each row on each task."""
    values: list[Value] = []
    rows = list(rows)
    for task in study.tasks:
        labels = study.labels(task)
        train, test = known(labels, split.train), known(labels, split.test)
        for row in rows:
            given = chances(row.classifier, columns[row.columns], labels, train, test)
            values += auc_values(task.name, row.name, labels[test], given, split)
    return values


def auc_values(task: str, row: str, labels: numpy.ndarray, given: numpy.ndarray, split: Split) -> list[Value]:
    """The AUC; where there is one split alone also those of resampled customers, for the interval."""
    values: list[Value] = [("auc", task, row, "", float(roc_auc_score(labels, given)))]
    if split.purpose in ONE_SPLIT:
        random = numpy.random.default_rng(REPRODUCIBLE)
        good, bad = numpy.flatnonzero(labels == 0), numpy.flatnonzero(labels == 1)
        for number in range(RESAMPLES):
            drawn = numpy.concatenate([random.choice(good, len(good)), random.choice(bad, len(bad))])
            values.append(("auc", task, row, str(number), float(roc_auc_score(labels[drawn], given[drawn]))))
    return values


REPRODUCIBLE = 7


def attributes_given_away(study: Study, names: Iterable[str], columns: Columns, split: Split) -> list[Value]:
    """How well a logistic regression on these columns tells sex, age, household."""
    values: list[Value] = []
    for task in study.attributes:
        labels = study.labels(task)
        train, test = known(labels, split.train), known(labels, split.test)
        for name in names:
            if columns[name].shape[1] and min(labels[test].sum(), (1 - labels[test]).sum()) > 0:
                given = chances("LR", columns[name], labels, train, test)
                values.append(("gives away", task.name, name, "", float(roc_auc_score(labels[test], given))))
    return values


def few_labels(study: Study, rows: Iterable[Row], columns: Columns, split: Split) -> list[Value]:
    """Each row with few labels; the draws are the same for every row.

    A draw keeps the proportion of positives, but has `FEWEST` of each at least.
    """
    values: list[Value] = []
    rows = list(rows)
    for task in study.tasks:
        labels = study.labels(task)
        train, test = known(labels, split.train), known(labels, split.test)
        for count in (count for count in LABELS if count < 0.9 * len(train)):
            for draw in range(DRAWS if count < 1000 else 2):
                drawn = draw_labels(labels, train, count, 1000 * split.number + draw)
                for row in rows:
                    given = chances(row.classifier, columns[row.columns], labels, drawn, test)
                    auc = float(roc_auc_score(labels[test], given))
                    values.append(("few labels", task.name, row.name, f"{count} {draw}", auc))
    return values


def draw_labels(labels: numpy.ndarray, train: numpy.ndarray, count: int, seed: int) -> numpy.ndarray:
    """`count` training customers in the proportion of their labels."""
    random = numpy.random.default_rng([count, seed])
    bad, good = train[labels[train] == 1], train[labels[train] == 0]
    wanted = min(max(FEWEST, round(count * len(bad) / len(train))), len(bad))
    return numpy.concatenate([random.choice(bad, wanted, False), random.choice(good, count - wanted, False)])


def error_rates(study: Study, rows: Iterable[Row], columns: Columns, split: Split) -> list[Value]:
    """Of a classifier that flags as many customers as there are bad ones: its errors in each group of an attribute."""
    values: list[Value] = []
    task = study.tasks[0]
    labels = study.labels(task)
    train, test = known(labels, split.train), known(labels, split.test)
    for row in rows:
        given = chances(row.classifier, columns[row.columns], labels, train, test)
        flagged = given >= numpy.quantile(given, 1 - labels[train].mean())
        for attribute in study.attributes:
            group = study.labels(attribute)[test]
            for value in (0, 1):
                name = f"{attribute.name} {value}"
                bad, good = (labels[test] == 1) & (group == value), (labels[test] == 0) & (group == value)
                if bad.any() and good.any():
                    values.append(("missed", task.name, row.name, name, float(1 - flagged[bad].mean())))
                    values.append(("false alarms", task.name, row.name, name, float(flagged[good].mean())))
    return values


def explained_by(study: Study, title: str, clusters: Sequence[str], split: Split, tasks: Iterable[Task]) -> list[Value]:
    """How unequally outcomes are spread over clusters: learnt on training customers, measured on test customers."""
    found = numpy.array(clusters)
    values: list[Value] = [("segments", "", title, "", float(len(set(found[split.train]))))]
    for task in tasks:
        labels = study.labels(task)
        train, test = known(labels, split.train), known(labels, split.test)
        average = labels[train].mean()
        rates = numpy.full(len(test), average)
        for name in set(found[train]):
            inside = labels[train][found[train] == name]
            rate = (inside.sum() + SHRINK * average) / (len(inside) + SHRINK)
            rates[found[test] == name] = rate
        left, whole = ((labels[test] - rates) ** 2).sum(), ((labels[test] - average) ** 2).sum()
        values.append(("explained", task.name, title, "", float(1 - left / whole)))
    return values
